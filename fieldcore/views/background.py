"""Masks of pictures whose background is of one colour."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from ..errors import InputError

_EVEN_SHARE = 0.6
"""Of a picture's border must be background."""

_NOISE = 0.06
"""How far a background's colours may be from their median."""

_SPECK_SHARE = 3e-4
"""Of a picture's pixels, what is smaller is taken for noise, of whichever it is."""

_SOFT = 2.0
"""From this many times the background's spread on, a pixel is the object's alone."""


def mask_from_background(colours: Float[np.ndarray, "h w 3"], picture: str) -> Float[np.ndarray, "h w 1"]:
    """Alpha from how far colours are from the border's; specks are removed.

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
    return _without_specks(alpha.astype(np.float32))[..., None]


def _without_specks(alpha: Float[np.ndarray, "h w"]) -> Float[np.ndarray, "h w"]:
    """Small regions of background within the object, and of object within the background, are what is around them."""
    inside = alpha > 0.5
    filled = _small_regions(~inside)
    kept = np.where(filled, np.float32(1), alpha)
    return np.where(_small_regions(inside | filled), np.float32(0), kept)


def _small_regions(mask: Bool[np.ndarray, "h w"]) -> Bool[np.ndarray, "h w"]:
    """The connected parts of a mask that are of fewer pixels than a share of the picture."""
    import cv2

    _, labels, parts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    small = parts[:, cv2.CC_STAT_AREA] < _SPECK_SHARE * mask.size
    small[0] = False  # what is not in the mask
    return small[labels]
