"""Histograms of what a plane shows, and of how far it is from the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float

from ..work.delivery import copied
from .controls import PlaneControls
from .layers import Layer, Layers

BINS = 64
_MOST_CELLS = 1 << 16
_TAIL = 0.999

Curve = tuple[Float[np.ndarray, "b"], Float[np.ndarray, "b"]]
"""The middles of its bins, and the share of the cells in each."""


@dataclass(frozen=True, eq=False)
class Histograms:
    """Of one frame.

    Attributes:
        values: by channel, from black (0) to white (1).
        error: signed means over the channels, as shares of that range; None where the truth is not there.
        figures: in words: mean and deviation of the values; mean, root mean square and the 99th percentile of the
            error's size.
    """

    values: Mapping[str, Curve]
    error: Curve | None
    figures: tuple[str, str]


def histograms_of(layers: Layers, controls: PlaneControls) -> Histograms | None:
    """Of the layers of a frame; None where what is judged is not there."""
    one, truth = layers.get(str(controls.subject)), layers.get(controls.reference)
    if one is None or one.refusal:
        return None
    values = _cells(one)
    names = "RGB" if values.shape[1] == 3 else ("grey",)
    curves = {name: _curve(values[:, number], 0.0, 1.0) for number, name in enumerate(names)}
    said = f"mean {values.mean():.3g}, deviation {values.std():.3g}"
    if truth is None or truth is one or truth.refusal or truth.grid != one.grid:
        return Histograms(curves, None, (said, ""))
    error = (values - _cells(truth)).mean(1)
    reach = max(float(np.quantile(np.abs(error), _TAIL)), 1e-9)
    sizes = np.abs(error)
    told = f"mean {error.mean():+.2g}, rms {np.sqrt((error**2).mean()):.2g}, 99 % below {np.quantile(sizes, 0.99):.2g}"
    return Histograms(curves, _curve(error, -reach, reach), (said, told))


def _cells(layer: Layer) -> Float[np.ndarray, "n c"]:
    """Some of its values, at even distances, 0 where they are black and 1 where they are white."""
    height, width = layer.values.shape[:2]
    step = max(1, int(np.sqrt(height * width / _MOST_CELLS)))
    some = layer.values[::step, ::step]
    values = copied(some) if isinstance(some, torch.Tensor) else some
    black, white = layer.facts.value_range
    found: Float[np.ndarray, "n c"] = (values.reshape(-1, values.shape[-1]).astype(np.float64) - black) / (
        white - black
    )
    return found


def _curve(values: Float[np.ndarray, "n"], low: float, high: float) -> Curve:
    """What lies beyond the ends counts in the bins there."""
    counts, edges = np.histogram(values.clip(low, high), BINS, (low, high))
    return (edges[1:] + edges[:-1]) / 2, counts / max(len(values), 1)
