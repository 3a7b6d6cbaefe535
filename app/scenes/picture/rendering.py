"""Rendering a path of pictures without a window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from fieldcore.devices import choose_device

from ...document import Document, open_document
from ...gl.offscreen import offscreen
from ...path.keyframes import KeyframePath
from ...record.output import check_field, output_of
from ...record.recording import Recording
from ...record.reels import ReelPlan
from ...record.render_request import size_asked
from ...truth_file import open_truth
from .checks import check_frames
from .controls import Controls
from .layers import Sources, check_is_picture
from .recorder import record


def render_pictures(options: Any, path: KeyframePath[Controls]) -> tuple[Recording, str]:
    """See ``Scene.render``."""
    size = size_asked(options)
    with output_of(options, [ReelPlan(options.out, options.video)], size, path.frames_per_second):
        sources = _sources(path, choose_device(options.device))
        check_frames(path, sources)
        with offscreen(size, require_gpu=options.require_gpu) as surface:
            recording = record(options.render_path, path, sources, surface, options.out, options.video, options.resume)
    return recording, ""


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
    check_field(file, document.field, check_is_picture)
    return document
