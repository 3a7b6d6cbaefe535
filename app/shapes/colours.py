"""Colours for numbers that have a sign."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def diverging() -> Float[np.ndarray, "256 3"]:
    """Display-encoded colours in [0, 1] from blue over a light grey at zero to red."""
    from matplotlib import colormaps  # a tenth of a second, and only coloured surfaces need it

    return colormaps["RdBu_r"](np.arange(256))[:, :3]
