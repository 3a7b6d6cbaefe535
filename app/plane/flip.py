"""FLIP as a layer of a plane."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float

from fieldcore.measures import shown_values

from ..compare import FLIP
from ..flip import flip_map
from ..work.delivery import copied
from .controls import PlaneControls
from .layers import Layer, LayerName, Layers


def with_flip(layers: Layers, controls: PlaneControls, judged: LayerName = "") -> Layers:
    """The layers, and FLIP of what is judged against the reference where a pane shows it and both are there.

    Args:
        layers: of a frame.
        controls: that ask for it.
        judged: the layer that is judged, where it is not called as its output is.
    """
    if not controls.shows_flip:
        return layers
    one, truth = layers.get(judged or str(controls.subject)), layers.get(controls.reference)
    if one is None or truth is None or one.refusal or truth.refusal:
        return layers
    return {**layers, FLIP: flip_of(one, truth)}


def flip_of(one: Layer, truth: Layer) -> Layer:
    """FLIP between two layers on the same grid, as they are displayed."""
    values = flip_map(_displayed(one), _displayed(truth))[..., None]
    facts = replace(one.facts, channels=1, value_range=(0.0, 1.0), value_scale=1.0)
    return Layer(values, one.grid, facts, "FLIP", shown_range=(0.0, 1.0))


def _displayed(layer: Layer) -> Float[np.ndarray, "h w 3"]:
    values = copied(layer.values) if isinstance(layer.values, torch.Tensor) else layer.values
    return shown_values(np.asarray(values, np.float32), layer.facts)
