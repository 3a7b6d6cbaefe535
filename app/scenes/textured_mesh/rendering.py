"""Rendering a flight, or shading a sequence of texture coordinates, without a window."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import torch

from fieldcore.checkpoint import load_checkpoint
from fieldcore.devices import choose_device
from fieldcore.errors import InputError
from fieldcore.fields.field import Field
from fieldcore.models import load_model
from fieldcore.progress_lines import note

from ...gl.offscreen import offscreen
from ...path.keyframes import KeyframePath
from ...record.output import check_field, output_of, passes_asked
from ...record.recording import Recording
from ...record.reels import ReelPlan
from ...record.render_request import size_asked
from .controls import BY_FIELD, FlightControls, Shading
from .field_shading import check_is_texture
from .recorder import FlightJob, record_flight, report_text
from .report import REPORT_NAME
from .uv_sequence import FRAMES_PER_SECOND, open_sequence, record_uv_sequence

_JUDGE_SAMPLES = 16
"""The judge of a report takes this many squared samples a pixel unless it is told otherwise."""


def render_flight(options: Any, path: KeyframePath[FlightControls]) -> tuple[Recording, str]:
    """See ``Scene.render``."""
    size = size_asked(options)
    passes: tuple[Shading, ...] = passes_asked(options.passes, get_args(Shading))
    if options.report and not passes:
        raise InputError("--report compares passes with the judge: add --passes single,mipmap,neural")
    samples = options.samples or (_JUDGE_SAMPLES if options.report else path.still.samples)
    field_file = options.field or (Path(path.still.field) if path.still.field else None)
    job = FlightJob(
        options.render_path, path, field_file, options.out, options.video, passes, options.report, samples,
        options.resume,
    )  # fmt: skip
    _check_names_field(job)
    reports = [options.out / REPORT_NAME] if options.report else []
    with output_of(options, job.reels, size, path.frames_per_second, reports):
        device = choose_device(options.device)
        field = None if field_file is None else _texture_field(field_file, device)
        still = path.still
        model = load_model(still.model, texture=still.texture or None, wrap=still.wrap, atlas=still.atlas)
        note(*model.notices)
        with offscreen(size, require_gpu=options.require_gpu) as surface:
            recording = record_flight(job, model, field, device, surface)
    return recording, report_text(recording.passes)


def render_sequence(options: Any) -> tuple[Recording, str]:
    """Do what ``--uv-sequence`` asks for."""
    if options.field is None:
        raise InputError(
            "--uv-sequence: add --field FILE, which is to be the texture; 'fieldcore fit texture MODEL "
            "--out texture.safetensors' makes one"
        )
    if options.out.resolve() == options.uv_sequence.resolve():
        raise InputError(f"--out '{options.out}': is the folder of the sequence itself; choose another one")
    sequence = open_sequence(options.uv_sequence, 1 if options.downsample is None else options.downsample)
    with output_of(options, [ReelPlan(options.out, options.video)], sequence.size, FRAMES_PER_SECOND):
        field = _texture_field(options.field, choose_device(options.device))
        recording = record_uv_sequence(sequence, options.field, field, options.out, options.video, options.resume)
    return recording, ""


def _check_names_field(job: FlightJob) -> None:
    needed = next((name for name in job.asked if name in BY_FIELD), None)
    if needed is not None and job.field_file is None:
        raise InputError(
            f"{job.asked[needed]}: '{needed}' needs a field, and the flight names none; add --field FILE, after making "
            f"one with 'fieldcore fit texture {job.path.still.model} --out texture.safetensors'"
        )


def _texture_field(file: Path, device: torch.device) -> Field:
    field = load_checkpoint(file, device).field
    check_field(file, field, check_is_texture)
    return field
