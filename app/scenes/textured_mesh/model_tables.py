"""What a model's shaders look up, as textures: the planes of its triangles, the boxes of its materials."""

from __future__ import annotations

import math

import moderngl
import numpy as np
from jaxtyping import Float

from fieldcore.errors import InputError
from fieldcore.models import TexturedModel, Wrap

from .planes import planes_of

_WRAP_NUMBERS: dict[Wrap, int] = {"clamp": 0, "repeat": 1, "mirror": 2}


def table_size(triangles: int, most_px: int, name: str) -> tuple[int, int]:
    """Rows of a texture with three texels a triangle, about square, and triangles in a row.

    Raises:
        InputError: the model of that name has more than a texture of ``most_px`` a side holds.
    """
    in_a_row = min(most_px // 3, max(1, math.ceil(math.sqrt(triangles / 3))))
    rows = max(1, math.ceil(triangles / in_a_row))
    if rows > most_px:
        raise InputError(
            f"model '{name}': this driver draws at most {most_px // 3 * most_px:,} triangles, it has {triangles:,}; "
            "simplify the model"
        )
    return rows, in_a_row


def planes_texture(context: moderngl.Context, model: TexturedModel) -> moderngl.Texture:
    """Three texels a triangle, in as many rows as it takes. Raises InputError as ``table_size``."""
    rows, in_a_row = table_size(len(model.triangles), int(context.info["GL_MAX_TEXTURE_SIZE"]), model.name)
    texels = np.zeros((rows * in_a_row, 3, 4), np.float32)
    texels[: len(model.triangles)] = planes_of(model.vertices, model.uv, model.triangles, model.materials)
    return _lookup_texture(context, texels.reshape(rows, 3 * in_a_row, 4))


def materials_texture(context: moderngl.Context, model: TexturedModel) -> moderngl.Texture:
    """Two texels a material: its box in the sheet; how it continues along u and v, by number."""
    texels = np.zeros((len(model.sheet.boxes), 2, 4), np.float32)
    texels[:, 0] = model.sheet.boxes
    texels[:, 1, :2] = [[_WRAP_NUMBERS[wrap] for wrap in wraps] for wraps in model.sheet.wraps]
    return _lookup_texture(context, texels)


def _lookup_texture(context: moderngl.Context, texels: Float[np.ndarray, "h w 4"]) -> moderngl.Texture:
    texture = context.texture((texels.shape[1], texels.shape[0]), 4, texels, dtype="f4")
    texture.filter = moderngl.NEAREST, moderngl.NEAREST
    return texture
