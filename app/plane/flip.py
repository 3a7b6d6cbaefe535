"""FLIP as a map: how different two pictures look where one takes the other's place, pixel by pixel.

Source: P. Andersson et al., FLIP: A Difference Evaluator for Alternating Images, HPG 2020.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float

from fieldcore.measures import shown_values

from ..compare import ERROR_KINDS
from ..work.delivery import copied
from .controls import PlaneControls
from .layers import Layer, Layers

FLIP = "flip"
"""The layer, and the metric."""


def shows_flip(controls: PlaneControls) -> bool:
    """Whether some pane shows it."""
    return controls.metric == FLIP and bool(set(ERROR_KINDS) & set(controls.shown))


def with_flip(layers: Layers, controls: PlaneControls) -> Layers:
    """The layers, and FLIP of what is judged against the reference where a pane shows it and both are there."""
    if not shows_flip(controls):
        return layers
    one, truth = layers.get(str(controls.subject)), layers.get(controls.reference)
    if one is None or truth is None or one.refusal or truth.refusal:
        return layers
    return {**layers, FLIP: flip_of(one, truth)}


def flip_of(one: Layer, truth: Layer) -> Layer:
    """FLIP between two layers on the same grid, as they are displayed: from 0, where they look alike, to 1."""
    import flip_evaluator

    seen, true = (_displayed(layer) for layer in (one, truth))
    error = flip_evaluator.evaluate(true, seen, "LDR", applyMagma=False)[0]
    values = np.asarray(error, np.float32).reshape(*seen.shape[:2], -1)[..., :1]
    facts = replace(one.facts, channels=1, value_range=(0.0, 1.0), value_scale=1.0)
    return Layer(np.ascontiguousarray(values), one.grid, facts, "FLIP", shown_range=(0.0, 1.0))


def _displayed(layer: Layer) -> Float[np.ndarray, "h w 3"]:
    values = copied(layer.values) if isinstance(layer.values, torch.Tensor) else layer.values
    return shown_values(np.asarray(values, np.float32), layer.facts)
