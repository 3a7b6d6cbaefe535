"""What a camera sees at a place of the view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..gl.overlays import signed_number
from .camera import Vector

Rows = tuple[tuple[str, str], ...]
"""What is told, by its name."""


@dataclass(frozen=True)
class SeenPoint:
    """A point of what is shown.

    Attributes:
        point: in the world.
        normal: unit normal there, on the camera's side.
        rows: what is told of it.
        by_pixel: how its texture coordinates change by a pixel of the view: of u to the right and down, and of v; None
            where it has none.
    """

    point: Vector
    normal: Vector
    rows: Rows = ()
    by_pixel: tuple[tuple[float, float], tuple[float, float]] | None = None


def vector_words(vector: Float[np.ndarray, "3"]) -> str:
    """Its three numbers with their signs, for people."""
    return "  ".join(signed_number(round(float(value), 4)) for value in vector)
