"""Colours for numbers."""

from __future__ import annotations

from functools import cache

import moderngl
import numpy as np
from jaxtyping import Float


@cache
def colours_of(name: str) -> Float[np.ndarray, "256 3"]:
    """Display-encoded colours in [0, 1] of one of matplotlib's maps."""
    from matplotlib import colormaps  # half a second at the start, which only those who see one should wait

    return colormaps[name](np.arange(256))[:, :3]


def magma() -> Float[np.ndarray, "256 3"]:
    """From black to pale yellow, evenly lighter to the eye."""
    return colours_of("magma")


def diverging() -> Float[np.ndarray, "256 3"]:
    """From blue over a light grey at zero to red, for numbers with a sign."""
    return colours_of("RdBu_r")


def viridis() -> Float[np.ndarray, "256 3"]:
    """From violet over green to yellow, evenly lighter to the eye."""
    return colours_of("viridis")


COLOUR_MAPS = {"absolute": magma, "signed": diverging, "light": viridis}
"""Of numbers from 0 on, of numbers with a sign, and of light."""


def colour_texture(context: moderngl.Context, colours: Float[np.ndarray, "256 3"]) -> moderngl.Texture:
    """Colours for shaders, by a coordinate in [0, 1]."""
    texture = context.texture((256, 1), 3, colours.astype(np.float32).tobytes(), dtype="f4")
    texture.repeat_x = False
    return texture
