"""What the readers of all file formats give: parts of a model, each with one material, before anything is checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int

from ..borders import Border

Wrap = Border
"""How a texture goes on where texture coordinates leave [0, 1]; what a signal calls its border."""


@dataclass(frozen=True, eq=False)
class SourceMaterial:
    """A material as a file states it.

    Attributes:
        name: as in the file.
        image: the texture: a file, or pixels that the model carries, (height, width, 3), top row first.
        missing: the texture that the file names, and why it is not here, as the end of a sentence; "" if it is.
        colour: display-encoded base colour where there is no texture, or None if the file states none.
        factor: linear colour that the texture's linear light is multiplied by.
        wraps: along u and v, as the file says, else ``repeat``.
    """

    name: str
    image: Path | Float[np.ndarray, "h w 3"] | None = None
    missing: str = ""
    colour: tuple[float, float, float] | None = None
    factor: tuple[float, float, float] = (1.0, 1.0, 1.0)
    wraps: tuple[Wrap, Wrap] = ("repeat", "repeat")


@dataclass(frozen=True, eq=False)
class Part:
    """Triangles of one material, in the file's coordinates with all transforms applied; nothing is checked yet.

    Attributes:
        vertices: positions, float64.
        triangles: vertex indices, int64.
        normals: of the vertices, of any length, or None if the file has none.
        uv: texture coordinates, v up, or None if the file has none.
        material: None where the file says nothing of one.
    """

    vertices: Float[np.ndarray, "v 3"]
    triangles: Int[np.ndarray, "t 3"]
    normals: Float[np.ndarray, "v 3"] | None = None
    uv: Float[np.ndarray, "v 2"] | None = None
    material: SourceMaterial | None = None
