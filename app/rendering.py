"""What the command line renders without a window: paths of pictures and shapes, flights, UV sequences."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, get_args

import torch

from fieldcore.checkpoint import load_checkpoint
from fieldcore.devices import choose_device
from fieldcore.errors import InputError
from fieldcore.fields.field import Field
from fieldcore.files import refuse_overwriting
from fieldcore.meshing import check_meshable
from fieldcore.models import load_model
from fieldcore.signals import SignalFacts
from fieldcore.truth import Truth

from .document import Document, open_document
from .flythrough.controls import BY_FIELD, Shading
from .flythrough.field_shading import check_is_texture
from .flythrough.flight import FlightPath
from .flythrough.flight_path import MOST_SAMPLES
from .flythrough.flight_recorder import FlightJob, record_flight, report_text
from .flythrough.flight_report import REPORT_NAME as FLIGHT_REPORT_NAME
from .flythrough.uv_sequence import FRAMES_PER_SECOND, open_sequence, record_uv_sequence
from .frame_folder import check_frame_folder
from .frame_size import Size, parsed_size
from .headless import offscreen
from .keyframes import KeyframePath
from .layers import Sources, check_is_picture
from .path_file import AnyPath, read_path
from .picture_checks import check_frames
from .recorder import Recording, record
from .reels import ReelPlan
from .shapes.shape_keyframes import ShapePath
from .shapes.shape_recorder import ShapeJob, means_text, record_shape
from .shapes.shape_renderer import SHAPE_PASSES, ShapePass, truth_asked_by
from .shapes.shape_report import REPORT_NAME as SHAPE_REPORT_NAME
from .shapes.shape_studio import ShapeSources
from .truth_file import open_truth
from .video import check_video

FLIGHT_PASSES: tuple[Shading, ...] = get_args(Shading)

_JUDGE_SAMPLES = 16
"""The judge of a report takes this many squared samples a pixel unless it is told otherwise."""

_OF_SEQUENCES = ("downsample",)
OF_RENDERS = ("out", "video", "passes", "report", "field", "downsample")
"""Options that mean nothing without something to render."""


def render(options: Any) -> None:
    """Do what ``--render-path`` or ``--uv-sequence`` asks for, and print what came of it.

    Args:
        options: of ``cli.Options``.

    Raises:
        InputError: an option is wrong or does not fit the others, or something cannot be read, drawn or written.
        KeyboardInterrupt: Ctrl-C or SIGTERM came; the frames so far were kept.
    """
    if options.out is None:
        raise InputError("--out: give the folder that the frames are to be written to")
    if options.uv_sequence is not None:
        _refuse(options, "--uv-sequence, which has no camera", "render_path", "passes", "report")
        _render_sequence(options)
        return
    _refuse(options, "--render-path", *_OF_SEQUENCES)
    path = read_path(options.render_path)
    rendering = _RENDERINGS[type(path)]
    _refuse(options, rendering.called, *rendering.refused)
    rendering.render(options, path)


def given(options: Any, name: str) -> bool:
    """Whether an option was given on the command line."""
    return getattr(options, name) not in (None, False)


def _refuse(options: Any, what: str, *names: str) -> None:
    for name in names:
        if given(options, name):
            raise InputError(f"--{name.replace('_', '-')} does not go with {what}")


def _render_pictures(options: Any, path: KeyframePath) -> None:
    size = parsed_size(options.size, "--size")
    _check_output(options, [ReelPlan(options.out, options.video)], size, path.frames_per_second)
    sources = _sources(path, choose_device(options.device))
    check_frames(path, sources)
    with offscreen(size, require_gpu=options.require_gpu) as surface:
        recording = record(options.render_path, path, sources, surface, options.out, options.video)
    _print(options, recording)


def _sources(path: KeyframePath, device: torch.device) -> Sources:
    """All that a path of pictures names, opened, whether a frame needs it or not."""
    document = _open_picture_field(path.field, device)
    if path.truth:
        document.attach(open_truth(document.field.facts, path.truth, path.field).to(device), path.truth)
    other = _open_picture_field(path.other, device).field if path.other else None
    return Sources(document.field, document.truth, other)


def _open_picture_field(file: Path, device: torch.device) -> Document:
    document = open_document(file, device, [])
    _check_field(file, document.field, check_is_picture)
    return document


def _check_field(file: Path, field: Field, check: Callable[[SignalFacts], None]) -> None:
    """See that a scene can show a field, else raise InputError, which names its file."""
    try:
        check(field.facts)
    except InputError as error:
        raise InputError(f"'{file}': {error}") from error


def _render_flight(options: Any, path: FlightPath) -> None:
    size = parsed_size(options.size, "--size")
    passes: tuple[Shading, ...] = _passes(options.passes, FLIGHT_PASSES)
    if options.report and not passes:
        raise InputError("--report compares passes with the judge: add --passes single,mipmap,neural")
    samples = options.samples or (_JUDGE_SAMPLES if options.report else path.samples)
    if not 1 <= samples <= MOST_SAMPLES:
        raise InputError(f"--samples: expected a whole number from 1 to {MOST_SAMPLES}, got {samples}")
    field_file = options.field or path.field
    job = FlightJob(options.render_path, path, field_file, options.out, options.video, passes, options.report, samples)
    _check_names_field(job)
    _check_output(options, job.reels, size, path.frames_per_second)
    if options.report:
        refuse_overwriting(options.out / FLIGHT_REPORT_NAME, options.overwrite)
    device = choose_device(options.device)
    field = None if field_file is None else _texture_field(field_file, device)
    model = load_model(path.model, texture=path.texture, wrap=path.wrap, atlas=path.atlas)
    for notice in model.notices:
        print(notice, file=sys.stderr)
    with offscreen(size, require_gpu=options.require_gpu) as surface:
        recording = record_flight(job, model, field, device, surface)
    _print(options, recording, report_text(recording.passes))


def _passes(listed: str | None, passes: tuple[str, ...]) -> tuple[Any, ...]:
    if listed is None:
        return ()
    names = tuple(name.strip() for name in listed.split(","))
    for name in names:
        if name not in passes:
            raise InputError(f"--passes: expected some of {', '.join(passes)}, with commas between, got '{name}'")
        if names.count(name) > 1:
            raise InputError(f"--passes: '{name}' is given twice; keep one")
    return names


def _check_names_field(job: FlightJob) -> None:
    needed = next((name for name in job.asked if name in BY_FIELD), None)
    if needed is not None and job.field_file is None:
        raise InputError(
            f"{job.asked[needed]}: '{needed}' needs a field, and the flight names none; add --field FILE, after making "
            f"one with 'fieldcore fit texture {job.path.model} --out texture.safetensors'"
        )


def _texture_field(file: Path, device: torch.device) -> Field:
    field = load_checkpoint(file, device).field
    _check_field(file, field, check_is_texture)
    return field


def _render_shape(options: Any, path: ShapePath) -> None:
    size = parsed_size(options.size, "--size")
    passes: tuple[ShapePass, ...] = _passes(options.passes, SHAPE_PASSES)
    path = replace(path, field=options.field or path.field)
    job = ShapeJob(options.render_path, path, options.out, options.video, passes, options.report)
    _check_shape_job(job)
    _check_output(options, job.reels, size, path.frames_per_second)
    if options.report:
        refuse_overwriting(options.out / SHAPE_REPORT_NAME, options.overwrite)
    field = load_checkpoint(path.field, choose_device(options.device)).field
    _check_field(path.field, field, check_meshable)
    truth = _shape_truth(field.facts, path)  # opened whether it is needed or not, so that a wrong one is told of
    truth = truth if options.report or truth_asked_by(path, passes) else None
    with offscreen(size, require_gpu=options.require_gpu) as surface:
        recording = record_shape(job, ShapeSources(field, truth), surface)
    _print(options, recording, means_text(recording.means))


def _check_shape_job(job: ShapeJob) -> None:
    if job.passes == ("mesh",) and job.video is not None:
        raise InputError("--video: the pass 'mesh' makes no pictures; add another one, such as --passes baked,mesh")
    asked_by = truth_asked_by(job.path, job.passes)
    if job.path.truth is None and asked_by:
        raise InputError(
            f"{asked_by} asks for the truth, but the path names none; add the entry 'truth', the file of the mesh that "
            "the field was trained on"
        )


def _shape_truth(facts: SignalFacts, path: ShapePath) -> Truth | None:
    return None if path.truth is None else open_truth(facts, path.truth, path.field).truth()


def _render_sequence(options: Any) -> None:
    if options.field is None:
        raise InputError(
            "--uv-sequence: add --field FILE, which is to be the texture; 'fieldcore fit texture MODEL "
            "--out texture.safetensors' makes one"
        )
    if options.out.resolve() == options.uv_sequence.resolve():
        raise InputError(f"--out '{options.out}': is the folder of the sequence itself; choose another one")
    sequence = open_sequence(options.uv_sequence, 1 if options.downsample is None else options.downsample)
    _check_output(options, [ReelPlan(options.out, options.video)], sequence.size, FRAMES_PER_SECOND)
    field = _texture_field(options.field, choose_device(options.device))
    recording = record_uv_sequence(sequence, options.field, field, options.out, options.video)
    _print(options, recording)


def _check_output(options: Any, reels: Sequence[ReelPlan], size: Size, frames_per_second: float) -> None:
    """See that all can be written that is to be."""
    for reel in reels:
        check_frame_folder(reel.folder, options.overwrite)
    for video in (reel.video for reel in reels if reel.video is not None):
        if video.absolute() in (options.out.absolute(), *options.out.absolute().parents):
            raise InputError(f"--video '{video}': is the folder that --out names, or above it; choose another name")
        check_video(video, options.overwrite, size, frames_per_second)


def _print(options: Any, recording: Recording, table: str = "") -> None:
    print(json.dumps(asdict(recording)) if options.json else table + _summary(recording))


def _summary(recording: Recording) -> str:
    pace = recording.frames / recording.seconds
    video = f" and '{recording.video}'" if recording.video else ""
    return (
        f"{recording.frames} frames in '{recording.folder}'{video}, "
        f"{recording.seconds:.1f} s ({pace:.1f} a second), drawn by {recording.renderer}"
    )


@dataclass(frozen=True)
class _Rendering:
    """How paths of one kind are rendered.

    Attributes:
        render: does it.
        called: such a path, in messages.
        refused: options that mean nothing to it.
    """

    render: Callable[[Any, Any], None]
    called: str
    refused: tuple[str, ...]


_RENDERINGS: dict[type[AnyPath], _Rendering] = {
    KeyframePath: _Rendering(_render_pictures, "a path of pictures", ("passes", "report", "field", "samples")),
    FlightPath: _Rendering(_render_flight, "a flight", ()),
    ShapePath: _Rendering(_render_shape, "a path of a shape", ("samples",)),
}
