"""Histograms of what a plane shows."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float

from ..histogram import Histograms, histograms, stride_over
from ..work.delivery import copied
from .layers import Layer, LayerName, Layers


def histograms_of(layers: Layers, judged: LayerName, reference: LayerName = "truth") -> Histograms | None:
    """Of the layer that is judged, beside the one that it is measured from; None where it is not there."""
    one, truth = layers.get(judged), layers.get(reference)
    if one is None or one.refusal:
        return None
    values = _cells(one)
    if truth is None or truth is one or truth.refusal or truth.grid != one.grid:
        return histograms(values)
    return histograms(values, (values - _cells(truth)).mean(1))


def _cells(layer: Layer) -> Float[np.ndarray, "n c"]:
    """Some of its values, at even distances, 0 where they are black and 1 where they are white."""
    height, width = layer.values.shape[:2]
    step = stride_over(height * width)
    some = layer.values[::step, ::step]
    values = copied(some) if isinstance(some, torch.Tensor) else some
    black, white = layer.facts.value_range
    found: Float[np.ndarray, "n c"] = (values.reshape(-1, values.shape[-1]).astype(np.float64) - black) / (
        white - black
    )
    return found
