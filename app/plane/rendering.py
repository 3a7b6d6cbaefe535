"""Rendering a path on a plane without a window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from fieldcore.devices import choose_device
from fieldcore.errors import InputError

from ..gl.offscreen import offscreen
from ..path.keyframes import KeyframePath
from ..record.output import check_field, output_of, passes_asked
from ..record.recording import Recording
from ..record.render_request import size_asked
from ..truth_file import open_truth
from .checks import check_frames
from .controls import PLANE_PASSES, PlanePass
from .layers import Sources
from .recorder import PlaneJob, record
from .report import COMPARED_PASSES, REPORT_NAME, means_text

if TYPE_CHECKING:
    from ..document import Document
    from .scene import PlaneScene


def render_on_plane(scene: PlaneScene, options: Any, path: KeyframePath[Any]) -> tuple[Recording, str]:
    """See ``Scene.render``."""
    size = size_asked(options)
    passes: tuple[PlanePass, ...] = passes_asked(options.passes, tuple(PLANE_PASSES))
    if options.report and not passes:
        raise InputError("--report compares fields with the truth: add --passes field,truth")
    job = PlaneJob(options.render_path, path, options.out, options.video, passes, options.report, options.resume)
    reports = [options.out / REPORT_NAME] if options.report else []
    with output_of(options, list(job.destinations.values()), size, path.frames_per_second, reports):
        sources = _sources(scene, path, choose_device(options.device))
        check_frames(path, sources, (*passes, *COMPARED_PASSES) if options.report else passes)
        with offscreen(size, require_gpu=options.require_gpu) as surface:
            recording = record(job, sources, surface)
    return recording, means_text(recording.reported["mean_psnr"])


def _sources(scene: PlaneScene, path: KeyframePath[Any], device: torch.device) -> Sources:
    """All that a path names, opened, whether a frame needs it or not."""
    still = path.still
    document = _opened(scene, Path(still.field), device)
    if still.truth:
        truth = open_truth(document.field.facts, still.truth, Path(still.field))
        document.attach(truth.to(device), still.truth)
    other = _opened(scene, Path(still.other), device).field if still.other else None
    return Sources(document.field, document.truth, other)


def _opened(scene: PlaneScene, file: Path, device: torch.device) -> Document:
    document = scene.open(file, device)
    check_field(file, document.field, scene.check)
    return document
