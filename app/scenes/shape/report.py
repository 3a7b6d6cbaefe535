"""What ``--report`` measures of a shape: how its bakes agree with the truth, and what each pass took."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ...record.frame import Frame
from ...work.slices import completed
from .agreement import agreement_of
from .baking import ShapeSubject
from .controls import ShapeControls
from .renderer import ShapeRenderer


class ShapeMeasure:
    """See ``record.path_rendering.Measure``.

    Args:
        renderer: has just drawn the passes of each frame that it is called for.
        subject: what it drew.
    """

    def __init__(self, renderer: ShapeRenderer, subject: ShapeSubject) -> None:
        self._renderer, self._subject = renderer, subject

    def __call__(self, controls: ShapeControls, frames: Mapping[str, Frame]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Filter, level, ``iou`` and ``mse`` of the bake; of each pass its times, and of meshes what was found."""
        agreement = self._agreement(controls)
        shown = {**controls.described, "level": controls.level, **agreement}
        milliseconds = {name: math.fsum(frame.milliseconds.values()) for name, frame in frames.items()}
        return {**shown, "passes": {name: _facts(frame) for name, frame in frames.items()}}, {
            **agreement, "milliseconds": milliseconds,
        }  # fmt: skip

    def _agreement(self, controls: ShapeControls) -> dict[str, float | None]:
        if self._subject.true_bake is None:
            return {"iou": None, "mse": None}
        field, truth = (completed(self._renderer.bake(of, self._subject, controls)) for of in ("field", "truth"))
        return asdict(agreement_of(field, truth, controls.smoothing, controls.level))


def _facts(frame: Frame) -> dict[str, Any]:
    said = frame.described
    return {name: said[name] for name in (*frame.milliseconds, "surface", "reason") if name in said}
