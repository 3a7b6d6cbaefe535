"""What ``--report`` writes of a shape: how its bakes agree with the truth, frame by frame, and what each pass took."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...record.reels import Exposure
from ...record.running_report import RunningReport, State
from .agreement import ShapeAgreement

REPORT_NAME = "report.json"
AS_SHOWN = "shown"
"""The name of the only pass where none was asked for."""


class ShapeReport(RunningReport):
    """A ``report.json`` that is valid at any moment.

    Args:
        folder: it is written into.
        origin: what all frames have in common, as plain JSON values.
        passes: in order; none for the frames as shown.

    Raises:
        InputError: the file cannot be written or the disk is full (each method).
    """

    def __init__(self, folder: Path, origin: dict[str, Any], passes: Sequence[str]) -> None:
        self._passes = tuple(passes) or (AS_SHOWN,)
        self._agreements: list[ShapeAgreement] = []
        self._milliseconds: dict[str, list[float]] = {name: [] for name in self._passes}
        super().__init__(folder / REPORT_NAME, lambda state: self._whole(state, origin))

    @property
    def means(self) -> dict[str, Any]:
        """Of IoU and MSE over the frames that have them, None where none has; and of each pass's milliseconds."""
        return {
            "iou": _mean([found.iou for found in self._agreements if found.iou is not None]),
            "mse": _mean([found.mse for found in self._agreements]),
            "milliseconds": {name: _mean(of_pass) for name, of_pass in self._milliseconds.items()},
        }

    def describe(self, shown: dict[str, Any], agreement: ShapeAgreement | None, exposures: Sequence[Exposure]) -> None:
        """Add the next frame.

        Args:
            shown: its moment, filter and level.
            agreement: of its bake; None where there is no truth.
            exposures: one of each pass.
        """
        if agreement is not None:
            self._agreements.append(agreement)
        passes = {}
        for name, exposure in zip(self._passes, exposures, strict=True):
            took = {key: value for key, value in exposure.description.items() if key.endswith("_ms")}
            self._milliseconds[name].append(math.fsum(took.values()))
            found = {key: exposure.description[key] for key in ("surface", "reason") if key in exposure.description}
            passes[name] = took | found
        figures = {"iou": agreement and agreement.iou, "mse": agreement and agreement.mse}
        self.add({**shown, **figures, "passes": passes})

    def _whole(self, state: State, origin: dict[str, Any]) -> dict[str, Any]:
        return {"format": "fieldscope-shape-report", "version": 1, "state": state, **origin, "means": self.means}


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
