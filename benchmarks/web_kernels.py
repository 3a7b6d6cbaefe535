"""How near a page of kind ``integral`` is to its field in torch, read back from a browser."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

import fieldcore as fc
from fieldcore.evaluation import evaluate
from fieldcore.fields.integral import Integral
from fieldcore.kernel_names import kernel_of
from fieldcore.measures import psnr

_NARROW = 1 / 9  # variance of the quadratic, and of kernels whose parts cancel
_FOVEATED = {"box": 1 / 3, "tent": 1 / 6, "quadratic": _NARROW, "edge:30": _NARROW, "difference": _NARROW}
"""Their variances for a half size of 1."""

_KERNELS = (*_FOVEATED, "drawn:0.1,0.4,0.8,1,0.8,0.4,0.1")
_HALF_SIZES = (0.01, 0.1, 0.5)
_PIXELS = 192
_GAZE, _RADIUS, _FALLOFF = (0.1, -0.4), 0.05, 0.25


def kernel_decibels(window: Any, field: Integral) -> dict[str, float]:
    """dB of values on the page that is open against torch: kernels of some half sizes, and a fovea, by kernel.

    Around the gaze, one pixel a sample: what is smaller is averaged over a pixel as well.
    """
    zoom = max(field.facts.resolution) / _PIXELS
    grid = fc.Grid((_PIXELS, _PIXELS), tuple(at - 1 / zoom for at in _GAZE), tuple(at + 1 / zoom for at in _GAZE))
    view = f"x={_GAZE[0]}&y={_GAZE[1]}&zoom={zoom}"
    found = {}
    for text in _KERNELS:
        name = text.partition(":")[0]
        for half_size in _HALF_SIZES:
            true = evaluate(field, grid, kernel_of(text, half_size)).numpy()
            found[f"{name}_{half_size}_dB"] = _decibels(window, f"kernel={text}&half={half_size}&{view}", true)
    # Where there is no size, the derivative of what is linear between samples is not told.
    fovea = f"half=0.01&fovea=1&gaze_x={_GAZE[0]}&gaze_y={_GAZE[1]}&radius={_RADIUS}&falloff={_FALLOFF}"
    for text in _FOVEATED:
        true = _foveated(field, grid, text, 0.01)
        found[f"{text.partition(':')[0]}_fovea_dB"] = _decibels(window, f"kernel={text}&{fovea}&{view}", true)
    return found


def _decibels(window: Any, fragment: str, true: np.ndarray) -> float:
    from open_page import values_shown  # type: ignore[import-not-found]

    return psnr(values_shown(window, fragment, _PIXELS, _PIXELS)[..., :3], true, (0.0, 1.0))


def _foveated(field: Integral, grid: fc.Grid, text: str, least: float) -> np.ndarray:
    x = grid.centres(torch.arange(_PIXELS**2)).float()
    away = ((x - torch.tensor(_GAZE)).norm(dim=1) - _RADIUS).clamp_min(0)
    sizes = (least**2 + (_FALLOFF * away) ** 2 / _FOVEATED[text]).sqrt()
    values: np.ndarray = field(x, kernel_of(text, sizes[:, None])).detach().view(_PIXELS, _PIXELS, 3).numpy()
    return values
