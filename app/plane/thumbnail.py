"""The thumbnail of a field on a plane: its unfiltered whole, evaluated at few pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import UInt8

from ..document import Document
from ..frame_size import Size
from .layers import Sources, evaluate_layers


def thumbnail(document: Document, controls: Any, size: Size) -> UInt8[np.ndarray, "h w 3"] | None:
    """Display colours of the field as ``controls`` show it; None where nothing of it is in sight."""
    *_, stage = evaluate_layers(controls, Sources(document.field), size, names=("field",))
    layer = stage.layers.get("field")
    if layer is None:
        return None
    black, white = layer.shown_range or layer.facts.value_range
    shown = (np.asarray(layer.values) - black) / (white - black)
    if layer.facts.encoding == "linear":
        shown = shown.clip(0) ** (1 / 2.2)
    colours = np.repeat(shown, 3, axis=2) if shown.shape[2] == 1 else shown[..., :3]
    return np.asarray((255 * np.nan_to_num(colours).clip(0, 1)).round().astype(np.uint8))
