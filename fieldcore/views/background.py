"""Masks of pictures whose background is of one colour."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from ..errors import InputError

_EVEN_SHARE = 0.6
"""Of a picture's border must be background."""

_NOISE = 0.06
"""How far a background's colours may be from their median."""

_SOFT = 2.0
"""From this many times the background's spread on, a pixel is the object's alone."""


def mask_from_background(colours: Float[np.ndarray, "h w 3"], picture: str) -> Float[np.ndarray, "h w 1"]:
    """Alpha from how far colours are from the border's; holes that the object encloses are filled.

    Args:
        colours: display-encoded.
        picture: its name, for messages.

    Raises:
        InputError: the border is not of one colour.
    """
    border = np.concatenate([colours[0], colours[-1], colours[:, 0], colours[:, -1]])
    background = np.median(border, axis=0)
    away = np.abs(border - background).max(1)
    of_background = away < _NOISE
    if of_background.mean() < _EVEN_SHARE:
        raise InputError(
            f"picture '{picture}': only {of_background.mean():.0%} of its border is of one colour, so no mask can be "
            "made from the background; give --masks DIR"
        )
    spread = max(0.03, 2 * float(np.quantile(away[of_background], 0.99)))
    distance = np.abs(colours - background).max(2)
    alpha = ((distance - spread) / (spread * (_SOFT - 1))).clip(0, 1)
    return _without_holes(alpha.astype(np.float32))[..., None]


def _without_holes(alpha: Float[np.ndarray, "h w"]) -> Float[np.ndarray, "h w"]:
    """Background that does not reach the picture's border, and specks of object, are what is around them."""
    from scipy.ndimage import binary_fill_holes, binary_opening

    inside = binary_fill_holes(alpha > 0.5)
    kept = binary_opening(inside) | (alpha == 0)
    alpha = np.where(inside, np.maximum(alpha, (inside & (alpha < 0.5)) * 1.0), alpha)
    return np.where(kept, alpha, np.minimum(alpha, 0.5)).astype(np.float32)
