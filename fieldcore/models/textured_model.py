"""A mesh with texture coordinates and one sheet of textures, ready to be drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from ..errors import InputError
from .sheet import Sheet


class NoTextureCoordinates(InputError):
    """The mesh has no texture coordinates; the sentence offers to make some."""


@dataclass(frozen=True, eq=False)
class TexturedModel:
    """A model in the unit cube.

    Attributes:
        name: the file's name.
        vertices: float32, centred, the longest side of their box from -1 to 1. Vertices on a seam of the texture or
            between materials stand here once for each side.
        normals: float32 unit normals of the vertices.
        uv: float32 texture coordinates as in the file, v up; they may lie outside [0, 1].
        triangles: int32 vertex indices; no triangle has zero area.
        materials: int32, the material of each triangle: an index into ``sheet.boxes``.
        sheet: the textures of all materials as one picture.
        source_from_model: float64, takes homogeneous model coordinates back to those of the file.
        notices: what people should know of it, one sentence each.
    """

    name: str
    vertices: Float[np.ndarray, "v 3"]
    normals: Float[np.ndarray, "v 3"]
    uv: Float[np.ndarray, "v 2"]
    triangles: Int[np.ndarray, "t 3"]
    materials: Int[np.ndarray, "t"]
    sheet: Sheet
    source_from_model: Float[np.ndarray, "4 4"]
    notices: tuple[str, ...]
