"""Rendering the path of a shape without a window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from fieldcore.checkpoint import load_checkpoint
from fieldcore.devices import choose_device
from fieldcore.errors import InputError
from fieldcore.meshing import check_meshable
from fieldcore.signals import SignalFacts
from fieldcore.truth import Truth

from ...gl.offscreen import offscreen
from ...path.keyframes import KeyframePath
from ...record.output import check_field, check_filters, output_of, passes_asked
from ...record.recording import Recording
from ...record.render_request import size_asked
from ...truth_file import open_truth
from .baking import gaussian_of
from .controls import SHAPE_PASSES, ShapeControls, ShapePass
from .recorder import ShapeJob, means_text, record_shape
from .renderer import truth_asked_by
from .report import REPORT_NAME
from .studio import ShapeSources


def render_shape(options: Any, path: KeyframePath[ShapeControls]) -> tuple[Recording, str]:
    """See ``Scene.render``."""
    size = size_asked(options)
    passes: tuple[ShapePass, ...] = passes_asked(options.passes, SHAPE_PASSES)
    path = replace(path, still=replace(path.still, field=str(options.field or path.still.field)))
    field_file = Path(path.still.field)
    job = ShapeJob(options.render_path, path, options.out, options.video, passes, options.report, options.resume)
    _check_shape_job(job)
    reports = [options.out / REPORT_NAME] if options.report else []
    with output_of(options, job.reels, size, path.frames_per_second, reports):
        field = load_checkpoint(field_file, choose_device(options.device)).field
        check_field(field_file, field, check_meshable)
        truth = _shape_truth(field.facts, path)  # opened whether it is needed or not, so that a wrong one is told of
        truth = truth if options.report or truth_asked_by(path, passes) else None
        for index, moment in path.first_frames():
            check_filters(index, gaussian_of(path.at(moment).covariance), field_file, field)
        with offscreen(size, require_gpu=options.require_gpu) as surface:
            recording = record_shape(job, ShapeSources(field, truth), surface)
    return recording, means_text(recording.means)


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
