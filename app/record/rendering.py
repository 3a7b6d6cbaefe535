"""What the command line renders without a window: paths of pictures and shapes, flights, UV sequences."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
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
from fieldcore.progress_lines import note
from fieldcore.signals import SignalFacts
from fieldcore.truth import Truth

from ..document import Document, open_document
from ..frame_size import Size
from ..gl.offscreen import offscreen
from ..path.keyframes import KeyframePath
from ..path.path_file import AnyPath
from ..scenes.picture.checks import check_filters, check_frames
from ..scenes.picture.controls import Controls
from ..scenes.picture.layers import Sources, check_is_picture
from ..scenes.picture.recorder import record
from ..scenes.shape.baking import gaussian_of
from ..scenes.shape.controls import ShapeControls
from ..scenes.shape.recorder import ShapeJob, means_text, record_shape
from ..scenes.shape.renderer import SHAPE_PASSES, ShapePass, truth_asked_by
from ..scenes.shape.report import REPORT_NAME as SHAPE_REPORT_NAME
from ..scenes.shape.studio import ShapeSources
from ..scenes.textured_mesh.controls import BY_FIELD, FlightControls, Shading
from ..scenes.textured_mesh.field_shading import check_is_texture
from ..scenes.textured_mesh.recorder import FlightJob, record_flight, report_text
from ..scenes.textured_mesh.report import REPORT_NAME as FLIGHT_REPORT_NAME
from ..scenes.textured_mesh.uv_sequence import FRAMES_PER_SECOND, open_sequence, record_uv_sequence
from ..truth_file import open_truth
from .claims import claimed
from .frame_folder import check_frame_folder
from .recording import Recording
from .reels import ReelPlan
from .render_request import size_asked
from .video import check_video, check_video_name

FLIGHT_PASSES: tuple[Shading, ...] = get_args(Shading)

_JUDGE_SAMPLES = 16
"""The judge of a report takes this many squared samples a pixel unless it is told otherwise."""


def render(options: Any, path: AnyPath | None) -> None:
    """Do what ``--render-path`` or ``--uv-sequence`` asks for, and print what came of it.

    Args:
        options: of ``program_options.Options``.
        path: that ``render_request.path_asked`` found in them.

    Raises:
        InputError: an option is wrong or does not fit the others, or something cannot be read, drawn or written.
        KeyboardInterrupt: Ctrl-C, SIGTERM or SIGHUP came; the frames so far were kept.
    """
    if path is None:
        _render_sequence(options)
    else:
        _RENDERINGS[type(path.still)](options, path)


def _render_pictures(options: Any, path: KeyframePath[Controls]) -> None:
    size = size_asked(options)
    with _output(options, [ReelPlan(options.out, options.video)], size, path.frames_per_second):
        sources = _sources(path, choose_device(options.device))
        check_frames(path, sources)
        with offscreen(size, require_gpu=options.require_gpu) as surface:
            recording = record(options.render_path, path, sources, surface, options.out, options.video, options.resume)
    _print(options, recording)


def _sources(path: KeyframePath[Controls], device: torch.device) -> Sources:
    """All that a path of pictures names, opened, whether a frame needs it or not."""
    still = path.still
    document = _open_picture_field(Path(still.field), device)
    if still.truth:
        truth = open_truth(document.field.facts, still.truth, Path(still.field))
        document.attach(truth.to(device), still.truth)
    other = _open_picture_field(Path(still.other), device).field if still.other else None
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


def _render_flight(options: Any, path: KeyframePath[FlightControls]) -> None:
    size = size_asked(options)
    passes: tuple[Shading, ...] = _passes(options.passes, FLIGHT_PASSES)
    if options.report and not passes:
        raise InputError("--report compares passes with the judge: add --passes single,mipmap,neural")
    samples = options.samples or (_JUDGE_SAMPLES if options.report else path.still.samples)
    field_file = options.field or (Path(path.still.field) if path.still.field else None)
    job = FlightJob(
        options.render_path, path, field_file, options.out, options.video, passes, options.report, samples,
        options.resume,
    )  # fmt: skip
    _check_names_field(job)
    reports = [options.out / FLIGHT_REPORT_NAME] if options.report else []
    with _output(options, job.reels, size, path.frames_per_second, reports):
        device = choose_device(options.device)
        field = None if field_file is None else _texture_field(field_file, device)
        still = path.still
        model = load_model(still.model, texture=still.texture or None, wrap=still.wrap, atlas=still.atlas)
        note(*model.notices)
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
            f"one with 'fieldcore fit texture {job.path.still.model} --out texture.safetensors'"
        )


def _texture_field(file: Path, device: torch.device) -> Field:
    field = load_checkpoint(file, device).field
    _check_field(file, field, check_is_texture)
    return field


def _render_shape(options: Any, path: KeyframePath[ShapeControls]) -> None:
    size = size_asked(options)
    passes: tuple[ShapePass, ...] = _passes(options.passes, SHAPE_PASSES)
    path = replace(path, still=replace(path.still, field=str(options.field or path.still.field)))
    field_file = Path(path.still.field)
    job = ShapeJob(options.render_path, path, options.out, options.video, passes, options.report, options.resume)
    _check_shape_job(job)
    reports = [options.out / SHAPE_REPORT_NAME] if options.report else []
    with _output(options, job.reels, size, path.frames_per_second, reports):
        field = load_checkpoint(field_file, choose_device(options.device)).field
        _check_field(field_file, field, check_meshable)
        truth = _shape_truth(field.facts, path)  # opened whether it is needed or not, so that a wrong one is told of
        truth = truth if options.report or truth_asked_by(path, passes) else None
        for index, moment in path.first_frames():
            check_filters(index, gaussian_of(path.at(moment).covariance), field_file, field)
        with offscreen(size, require_gpu=options.require_gpu) as surface:
            recording = record_shape(job, ShapeSources(field, truth), surface)
    _print(options, recording, means_text(recording.means))


def _check_shape_job(job: ShapeJob) -> None:
    if job.passes == ("mesh",) and job.video is not None:
        raise InputError("--video: the pass 'mesh' makes no pictures; add another one, such as --passes baked,mesh")
    asked_by = truth_asked_by(job.path, job.passes)
    if not job.path.still.truth and asked_by:
        raise InputError(
            f"{asked_by} asks for the truth, but the path names none; add the entry 'truth', the file of the mesh that "
            "the field was trained on"
        )


def _shape_truth(facts: SignalFacts, path: KeyframePath[ShapeControls]) -> Truth | None:
    still = path.still
    return open_truth(facts, still.truth, Path(still.field)).truth() if still.truth else None


def _render_sequence(options: Any) -> None:
    if options.field is None:
        raise InputError(
            "--uv-sequence: add --field FILE, which is to be the texture; 'fieldcore fit texture MODEL "
            "--out texture.safetensors' makes one"
        )
    if options.out.resolve() == options.uv_sequence.resolve():
        raise InputError(f"--out '{options.out}': is the folder of the sequence itself; choose another one")
    sequence = open_sequence(options.uv_sequence, 1 if options.downsample is None else options.downsample)
    with _output(options, [ReelPlan(options.out, options.video)], sequence.size, FRAMES_PER_SECOND):
        field = _texture_field(options.field, choose_device(options.device))
        recording = record_uv_sequence(sequence, options.field, field, options.out, options.video, options.resume)
    _print(options, recording)


@contextmanager
def _output(
    options: Any, reels: Sequence[ReelPlan], size: Size, frames_per_second: float, reports: Sequence[Path] = ()
) -> Iterator[None]:
    """See that all can be written that is to be, and keep it to oneself inside."""
    videos = [reel.video for reel in reels if reel.video is not None]
    _check_output(options, reels, videos, reports)
    for video in videos:
        check_video(video, size, frames_per_second)
    with claimed(options.out, [reel.folder for reel in reels], videos):
        _check_output(options, reels, videos, reports)  # again: another process may have come before the lock
        yield


def _check_output(options: Any, reels: Sequence[ReelPlan], videos: Sequence[Path], reports: Sequence[Path]) -> None:
    if options.resume and options.overwrite:
        raise InputError("give --resume to go on with the frames that are there, or --overwrite to replace them")
    if options.resume and options.report:
        raise InputError("--report: the figures of frames made before are not kept; leave --report or --resume out")
    may_replace = options.overwrite or options.resume
    for reel in reels:
        check_frame_folder(reel.folder, may_replace)
    for video in videos:
        if video.absolute() in (options.out.absolute(), *options.out.absolute().parents):
            raise InputError(f"--video '{video}': is the folder that --out names, or above it; choose another name")
        check_video_name(video)
        refuse_overwriting(video, may_replace)
    for report in reports:
        refuse_overwriting(report, may_replace)


def _print(options: Any, recording: Recording, table: str = "") -> None:
    print(json.dumps(asdict(recording)) if options.json else table + _summary(recording))


def _summary(recording: Recording) -> str:
    pace = recording.frames / recording.seconds
    video = f" and '{recording.video}'" if recording.video else ""
    return (
        f"{recording.frames} frame{'s' * (recording.frames != 1)} in '{recording.folder}'{video}, "
        f"{recording.seconds:.1f} s ({pace:.1f} a second), drawn by {recording.renderer}"
    )


_RENDERINGS: dict[type, Callable[[Any, Any], None]] = {
    Controls: _render_pictures,
    FlightControls: _render_flight,
    ShapeControls: _render_shape,
}
