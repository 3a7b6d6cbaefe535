"""What ``--report`` writes: figures of each pass and frame of a flight, and their means."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...record.running_report import RunningReport, State
from .controls import Shading

REPORT_NAME = "report.json"


@dataclass(frozen=True)
class PassFigures:
    """Of one pass in one frame.

    Attributes:
        milliseconds: that shading took, the frame's geometry not counted.
        psnr, flip: against the judge; None for the judge itself and for what shows no colours.
        flicker: mean absolute difference to the frame before, along the surface; None in the first frame.
    """

    milliseconds: float
    psnr: float | None = None
    flip: float | None = None
    flicker: float | None = None


FIGURES = ("psnr", "flip", "flicker", "milliseconds")


class FlightReport(RunningReport):
    """A ``report.json`` that is valid at any moment.

    Args:
        folder: it is written into.
        origin: what all frames have in common, as plain JSON values.
        passes: in order.

    Raises:
        InputError: the file cannot be written or the disk is full (each method).
    """

    def __init__(self, folder: Path, origin: dict[str, Any], passes: tuple[Shading, ...]) -> None:
        self._figures: dict[Shading, list[PassFigures]] = {name: [] for name in passes}
        super().__init__(folder / REPORT_NAME, lambda state: self._whole(state, origin))

    @property
    def means(self) -> dict[str, dict[str, float | None]]:
        """Of each pass, the mean of each figure over the frames that have it; None where none has."""
        return {name: {figure: _mean(of_pass, figure) for figure in FIGURES} for name, of_pass in self._figures.items()}

    def describe(self, time: float, geometry_ms: float, figures: dict[Shading, PassFigures]) -> None:
        """Add the next frame.

        Args:
            time: of the flight, in seconds.
            geometry_ms: milliseconds that what all passes share has taken.
            figures: of each pass.
        """
        for name, of_pass in figures.items():
            self._figures[name].append(of_pass)
        passes = {name: {key: _rounded(value) for key, value in asdict(f).items()} for name, f in figures.items()}
        self.add({"time": round(time, 9), "geometry_ms": round(geometry_ms, 3), "passes": passes})

    def _whole(self, state: State, origin: dict[str, Any]) -> dict[str, Any]:
        means = {name: {key: _rounded(value) for key, value in mean.items()} for name, mean in self.means.items()}
        return {"format": "fieldscope-flight-report", "version": 1, "state": state, **origin, "means": means}


def _mean(figures: list[PassFigures], name: str) -> float | None:
    values = [value for entry in figures if (value := getattr(entry, name)) is not None]
    return math.fsum(values) / len(values) if values else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
