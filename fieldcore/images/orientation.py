"""Turning a picture as its camera held it: EXIF's orientation, 1 to 8."""

from __future__ import annotations

import numpy as np
from jaxtyping import Shaped

ORIENTATION_TAG = 0x0112

# Mirrored along the width, upside down, then rows and columns exchanged: EXIF 2.32, 4.6.4 A, tag 274.
_STEPS = {
    1: (False, False, False),
    2: (True, False, False),
    3: (True, True, False),
    4: (False, True, False),
    5: (False, False, True),
    6: (False, True, True),
    7: (True, True, True),
    8: (True, False, True),
}


def upright(samples: Shaped[np.ndarray, "h w c"], orientation: int) -> Shaped[np.ndarray, "H W c"]:
    """The samples turned and mirrored as EXIF's ``orientation`` asks; other numbers than 1 to 8 ask nothing."""
    mirrored, flipped, transposed = _STEPS.get(orientation, _STEPS[1])
    samples = samples[:, ::-1] if mirrored else samples
    samples = samples[::-1] if flipped else samples
    return np.ascontiguousarray(samples.transpose(1, 0, 2) if transposed else samples)


def orientation_of(exif: bytes) -> int:
    """The orientation in a block of EXIF data; 1 if it says none or cannot be read."""
    from PIL import Image

    block = Image.Exif()
    try:
        block.load(exif)
        return int(block.get(ORIENTATION_TAG, 1))
    except Exception:  # a camera's data may be broken in any way, the picture is sound all the same
        return 1


def as_stored(samples: Shaped[np.ndarray, "h w c"], orientation: int) -> Shaped[np.ndarray, "H W c"]:
    """What ``upright`` was given: the samples as the file stores them."""
    mirrored, flipped, transposed = _STEPS.get(orientation, _STEPS[1])
    samples = samples.transpose(1, 0, 2) if transposed else samples
    samples = samples[::-1] if flipped else samples
    return np.ascontiguousarray(samples[:, ::-1] if mirrored else samples)
