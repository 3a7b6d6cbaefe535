"""Spectra of what the panes of a frame show, found where its layers are evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, UInt8

from fieldcore.spectrum import power_spectrum

from ..compare import ERROR, ERROR_KINDS
from ..frame_size import Size
from ..panes import Layout
from ..work.delivery import HostValues, Values, copied
from .controls import PlaneControls
from .insets import InsetControls
from .layers import Layer, Layers

_SHARE, _CUT_SHARE, _LEAST_PX, _MOST_PX = 0.25, 0.18, 48, 512
DECADES = -8.0, -1.0
"""log10 of the power per squared cycle a domain unit, of values from 0 to 1, that is black, and that is white: the same
in all frames and panes, so that they can be compared."""


@dataclass(frozen=True, eq=False)
class SpectrumInset:
    """What is drawn of one.

    Attributes:
        shades: from black to white, frequency zero in the middle.
    """

    shades: UInt8[np.ndarray, "n n"]


Spectra = Mapping[str, SpectrumInset]
"""By the output that a pane shows; all errors are one."""


def spectra_of(layers: Layers, controls: PlaneControls, framebuffer_px: Size, factor: int = 1) -> Spectra:
    """The spectra of a frame, or of a stage of it that is so many times coarser; empty where they are not shown."""
    if not isinstance(controls, InsetControls) or "spectrum" not in controls.insets.split(","):
        return {}
    size = spectrum_px(controls.pane_size(framebuffer_px), controls.layout)
    found = {}
    for output in dict.fromkeys(controls.shown):
        values = _shown_values(output, layers, controls)
        if values is not None:
            found[ERROR if output in ERROR_KINDS else output] = SpectrumInset(_shades(values, size, factor))
    return found


def spectrum_px(pane_px: Size, layout: Layout) -> int:
    """The side of the inset in a pane of that size; 0 where there is no room."""
    size = min(round((_CUT_SHARE if layout == "cut" else _SHARE) * min(pane_px)), _MOST_PX)
    return size if size >= _LEAST_PX else 0


def _shown_values(output: str, layers: Layers, controls: PlaneControls) -> Float[np.ndarray, "h w"] | None:
    """Grey, 0 to 1 from black to white; of an error the difference. None where it is out of sight."""
    names = (controls.subject, controls.reference) if output in ERROR_KINDS else (output,)
    found = [layers.get(name) for name in names]
    grey = [_grey(layer) for layer in found if layer is not None]
    if len(grey) < len(names) or any(one.shape != grey[0].shape for one in grey):
        return None
    return grey[0] if len(grey) == 1 else grey[0] - grey[1]


def _grey(layer: Layer) -> Float[np.ndarray, "h w"]:
    black, white = layer.facts.value_range
    return (_on_host(layer.values).mean(2, dtype=np.float64) - black) / (white - black)


def _on_host(values: Values) -> HostValues:
    return copied(values) if isinstance(values, torch.Tensor) else values


def _shades(values: Float[np.ndarray, "h w"], size: int, factor: int) -> UInt8[np.ndarray, "n n"]:
    """Of a coarser stage the middle alone is known."""
    inner = max(1, min(size, round(size / factor)))
    if size == 0:
        return np.zeros((1, 1), np.uint8)
    black, white = DECADES
    power = power_spectrum(values[..., None], inner).log_power
    shades = np.zeros((size, size), np.uint8)
    first = (size - inner) // 2
    within = ((power - black) / (white - black)).clip(0, 1)
    shades[first : first + inner, first : first + inner] = (255 * within + 0.5).astype(np.uint8)
    return shades
