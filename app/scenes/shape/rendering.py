"""Rendering the path of a shape without a window."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import torch

from fieldcore.checkpoint import load_checkpoint
from fieldcore.errors import InputError
from fieldcore.meshing import check_meshable
from fieldcore.signals import SignalFacts
from fieldcore.sphere_tracing import Stepping
from fieldcore.truth import Truth

from ...camera.rendering import CameraPaths
from ...filter.controls import Smoothing
from ...gl.offscreen import Offscreen
from ...path.keyframes import KeyframePath
from ...record.frame_sequences import named_field, named_with_digest
from ...record.output import check_field, check_filters
from ...record.path_rendering import PathJob
from ...record.report import ReportFormat
from ...truth_file import known_truth, open_truth
from ...work.asking import EvaluateHere
from .bake import Bake
from .baking import ShapeSubject, TrueBake, bake_truth, filter_of
from .colour_bake import FieldColours
from .controls import ShapeControls
from .renderer import ShapeRenderer
from .report import ShapeMeasure

_STEPPING = Stepping(tile_rays=1 << 21)
"""Frames of usual sizes at once: what is asked together is divided anew, into tiles that suit the device."""


class ShapePaths(CameraPaths[ShapeControls, ShapeSubject]):
    """Paths of shapes; a report compares the field's bake with the truth's."""

    constants = ("caption", "shadows", "grid", "cells", "error_range")
    report = ReportFormat("fieldscope-shape-report")

    def with_options(self, options: Any, path: KeyframePath[ShapeControls]) -> KeyframePath[ShapeControls]:
        """Another field."""
        return replace(path, still=replace(path.still, field=str(options.field or path.still.field)))

    def check(self, job: PathJob[ShapeControls]) -> None:
        """What shows the truth needs its mesh."""
        super().check(job)
        asked_by = _truth_asked_by(job)
        if not job.path.still.truth and asked_by:
            raise InputError(
                f"{asked_by} asks for the truth, but the path names none; add the entry 'truth', the file of the mesh "
                "that the field was trained on"
            )

    def open(self, job: PathJob[ShapeControls], device: torch.device) -> ShapeSubject:
        """The field, and the mesh whether it is needed or not, so that a wrong one is told of."""
        file = Path(job.path.still.field)
        field = load_checkpoint(file, device).field
        check_field(file, field, check_meshable)
        truth = _shape_truth(field.facts, job)
        for index, moment in job.path.first_frames():
            check_filters(index, filter_of(job.path.at(moment).smoothing), file, field)
        is_needed = truth is not None and (job.report or _truth_asked_by(job))
        coloured = [where for where, _, controls in job.asked if controls.colouring == "colours"]
        if coloured and not field.has_colours:
            raise InputError(
                f"{coloured[0]} asks for colours, but a {field.kind} field has none of its own; colour it otherwise"
            )
        colours = partial(FieldColours().of, field, 0) if coloured else None
        return ShapeSubject(field, true_bake=_baking(truth) if truth and is_needed else None, colours=colours)

    def origin(self, job: PathJob[ShapeControls], subject: ShapeSubject) -> dict[str, Any]:
        """Field and mesh."""
        still = job.path.still
        truth = _named_truth(Path(still.truth)) if still.truth and subject.true_bake else None
        return {"field": named_field(Path(still.field), subject.field), "truth": truth}

    def renderer(self, job: PathJob[ShapeControls], subject: ShapeSubject, surface: Offscreen) -> ShapeRenderer:
        """See the base."""
        return ShapeRenderer(surface.context, EvaluateHere(), _STEPPING)

    def measure_own(self, renderer: ShapeRenderer, subject: ShapeSubject) -> ShapeMeasure:
        """See the base."""
        return ShapeMeasure(renderer, subject)


def _truth_asked_by(job: PathJob[ShapeControls]) -> str:
    """What asks for frames that cannot be made without the truth, in words; empty where nothing does."""
    return next((where for where, _, controls in job.asked if "truth" in controls.needed), "")


def _named_truth(file: Path) -> dict[str, Any]:
    """Of a report: a mesh's file with its digest, or the folder of photographs."""
    return {"file": str(file.absolute())} if file.is_dir() else named_with_digest(file)


def _shape_truth(facts: SignalFacts, job: PathJob[ShapeControls]) -> Truth | None:
    """What the path names as the truth; of photographs None where they have none and none is asked for."""
    still = job.path.still
    if not still.truth:
        return None
    opened = open_truth if _truth_asked_by(job) else known_truth
    signal = opened(facts, still.truth, Path(still.field))
    return signal.truth() if signal else None


def _baking(truth: Truth) -> TrueBake:
    """Makes bakes here and now, of which the latest is kept."""

    @lru_cache(maxsize=1)
    def baked(smoothing: Smoothing, cells: int) -> Bake:
        return bake_truth(truth, smoothing, cells)

    def bake(smoothing: Smoothing, cells: int) -> Generator[None, None, Bake]:
        yield
        return baked(smoothing, cells)

    return bake


PATHS = ShapePaths
