"""What a camera sees at a place of the view."""

from __future__ import annotations

from dataclasses import dataclass

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
    """

    point: Vector
    normal: Vector
    rows: Rows = ()
