"""What is under the cursor: values read from the pictures that are there, and the filter's size in their pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float

from fieldcore.signals import SignalFacts

from ..compare import ERROR_KINDS
from ..gl.overlays import signed_number
from .controls import PlaneControls, Point
from .layers import Layer

Rows = tuple[tuple[str, str], ...]
"""What is told, by its name."""

LEAST_GRID_PX = 8
"""Pixels of the frame in one of the picture, from which on lines are drawn between these."""


@dataclass(frozen=True)
class Spot:
    """What is looked at: a point of the domain, in which pane of the frame."""

    pane: int
    point: Point


def rows_at(
    point: Point, output: str, shown: str, controls: PlaneControls, facts: SignalFacts, layers: Mapping[str, Layer]
) -> Rows:
    """What is told of a point.

    Args:
        point: in domain units.
        output: what the pane shows.
        shown: the layer that is drawn from.
        controls: that ask for it.
        facts: of the signal.
        layers: that are there.
    """
    rows = [("position", f"{point[0]:+.4f}, {point[1]:+.4f}"), *_pixel_row(point, facts)]
    values = {name: value_at(layers[name], point) for name in {shown, controls.reference} & set(layers)}
    one, truth = values.get(shown), values.get(controls.reference)
    if one is not None and (output != controls.reference or output in ERROR_KINDS):
        rows.append((shown if not shown.isdigit() else layers[shown].label, _numbers(one, facts)))
    if truth is not None:
        rows.append(("truth", _numbers(truth, facts)))
    if one is not None and truth is not None and shown != controls.reference:
        rows.append(("error", signed_number(float((one - truth).mean()) / _span(facts))))
    flip = value_at(layers["flip"], point) if controls.metric == "flip" and "flip" in layers else None
    if flip is not None:
        rows.append(("FLIP", f"{float(flip[0]):.3f}"))
    return (*rows, *_filter_row(point, controls, facts))


def value_at(layer: Layer, point: Point) -> Float[np.ndarray, "c"] | None:
    """The value of the layer's cell there, as the signal stores it; None beyond the layer, or where it has none."""
    grid = layer.grid
    at = [int((point[k] - grid.lower[k]) // ((grid.upper[k] - grid.lower[k]) / grid.resolution[k])) for k in (0, 1)]
    if layer.refusal or not all(0 <= at[k] < grid.resolution[k] for k in (0, 1)):
        return None
    value = layer.values[at[1], at[0]]
    return np.asarray(value.detach().cpu() if isinstance(value, torch.Tensor) else value, np.float32)


def with_truth(controls: PlaneControls, truth_is_known: bool) -> tuple[str, ...]:
    """The layers that are evaluated while somebody inspects: the truth, too, where it is known."""
    names: tuple[str, ...] = controls.needed
    return (*names, controls.reference) if truth_is_known and controls.reference not in names else names


def _pixel_row(point: Point, facts: SignalFacts) -> Rows:
    if not facts.resolution:
        return ()
    at = [(point[k] / facts.half_extent[k] + 1) / 2 * facts.resolution[k] for k in (0, 1)]
    return (("pixel", f"{at[0]:.1f}, {at[1]:.1f}"),)


def covariance_at(point: Point, controls: PlaneControls, facts: SignalFacts) -> Float[np.ndarray, "2 2"]:
    """The filter's covariance there, in squared domain units."""
    known: Any = controls
    if controls.varies:
        filters = controls.filters_at(facts, torch.tensor([point]), 0.0)
        moment: Float[np.ndarray, "2 2"] = (
            filters.second_moment(known.dim).reshape(-1, known.dim, known.dim)[0, :2, :2].double().cpu().numpy()
        )
        return moment
    xx, xy, yy = controls.equivalent_covariance
    return np.array([[xx, xy], [xy, yy]])


def filter_words(point: Point, controls: PlaneControls, facts: SignalFacts) -> str:
    """The filter's standard deviations there, in pixels of the picture; of a formula in domain units."""
    per_unit = facts.resolution[0] / (2 * facts.half_extent[0]) if facts.resolution else 1.0
    deviations = np.sqrt(np.linalg.eigvalsh(covariance_at(point, controls, facts)).clip(0))
    words = [f"{size:.3g}" for size in sorted(deviations * per_unit, reverse=True)]
    return " by ".join(dict.fromkeys(words)) + (" px" if facts.resolution else "")


def _filter_row(point: Point, controls: PlaneControls, facts: SignalFacts) -> Rows:
    if not facts.resolution or not hasattr(controls, "is_gaussian"):
        return ()
    return (("filter, σ", filter_words(point, controls, facts)),)  # noqa: RUF001


def _span(facts: SignalFacts) -> float:
    return facts.value_range[1] - facts.value_range[0]


def _numbers(value: Float[np.ndarray, "c"], facts: SignalFacts) -> str:
    return "  ".join(f"{number * facts.value_scale:.4g}" for number in value)
