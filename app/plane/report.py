"""What ``--report`` writes of a path on a plane: how far its fields are from the truth, frame by frame."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from fieldcore.measures import psnr

from ..record.running_report import RunningReport, State
from ..work.delivery import HostValues, Values, copied
from .controls import PlaneControls, PlanePass
from .frame_renderer import Frame
from .layers import Layer, LayerName, Layers

REPORT_NAME = "report.json"

COMPARED: tuple[LayerName, ...] = ("field", "other")
"""Layers that are measured against the truth, where they are evaluated and in sight."""

COMPARED_PASSES: tuple[PlanePass, ...] = ("field", "truth")
"""What is evaluated for the report, whatever passes are asked for."""


class PlaneReport(RunningReport):
    """A ``report.json`` that is valid at any moment.

    Args:
        folder: it is written into.
        origin: what all frames have in common, as plain JSON values.

    Raises:
        InputError: the file cannot be written or the disk is full (each method).
    """

    def __init__(self, folder: Path, origin: dict[str, Any]) -> None:
        self._psnr: dict[LayerName, list[float]] = {name: [] for name in COMPARED}
        super().__init__(folder / REPORT_NAME, lambda state: self._whole(state, origin))

    @property
    def means(self) -> dict[str, float | None]:
        """Mean PSNR in dB of each layer, over the frames that have one; None where none has."""
        return {name: math.fsum(found) / len(found) if found else None for name, found in self._psnr.items()}

    def describe(self, moment: float, controls: PlaneControls, layers: Layers, frames: Sequence[Frame]) -> None:
        """Add the next frame: its moment and filter, what was evaluated for it, and what its passes took."""
        figures: dict[str, Any] = {}
        for name in COMPARED:
            value = _agreement(layers.get(name), layers.get("truth"))
            figures[name] = {"psnr": value}
            if value is not None:
                self._psnr[name].append(value)
        took = {"evaluated_ms": frames[0].evaluated_ms, "drawn_ms": math.fsum(frame.drawn_ms for frame in frames)}
        milliseconds = {name: round(value, 3) for name, value in took.items()}
        self.add({"time": round(moment, 9), **controls.described, **figures, **milliseconds})

    def _whole(self, state: State, origin: dict[str, Any]) -> dict[str, Any]:
        return {"format": "fieldscope-plane-report", "version": 1, "state": state, **origin, "mean_psnr": self.means}


def _agreement(layer: Layer | None, truth: Layer | None) -> float | None:
    """PSNR in dB of what is seen of a layer; None where there is nothing to compare."""
    if layer is None or truth is None or layer.grid != truth.grid:
        return None
    return round(psnr(_on_host(layer.values), _on_host(truth.values), layer.facts.value_range), 6)


def _on_host(values: Values) -> HostValues:
    return copied(values) if isinstance(values, torch.Tensor) else values


def means_text(means: dict[str, float | None]) -> str:
    """Means for people, with a line break at its end; empty where there are none."""
    return "".join(f"{name:8}{value:8.2f} dB\n" for name, value in means.items() if value is not None)
