"""Colours for numbers."""

from __future__ import annotations

import moderngl
import numpy as np
from jaxtyping import Float


def magma() -> Float[np.ndarray, "256 3"]:
    """Display-encoded colours in [0, 1] from black to pale yellow, evenly lighter to the eye."""
    from matplotlib import colormaps  # a tenth of a second, and only the error map needs it

    return colormaps["magma"](np.arange(256))[:, :3]


def diverging() -> Float[np.ndarray, "256 3"]:
    """Display-encoded colours in [0, 1] from blue over a light grey at zero to red, for numbers with a sign."""
    from matplotlib import colormaps

    return colormaps["RdBu_r"](np.arange(256))[:, :3]


COLOUR_MAPS = {"absolute": magma, "signed": diverging}
"""Of numbers from 0 on, and of numbers with a sign."""


def colour_texture(context: moderngl.Context, colours: Float[np.ndarray, "256 3"]) -> moderngl.Texture:
    """Colours for shaders, by a coordinate in [0, 1]."""
    texture = context.texture((256, 1), 3, colours.astype(np.float32).tobytes(), dtype="f4")
    texture.repeat_x = False
    return texture
