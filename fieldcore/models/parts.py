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
        base_and_gain: the texture's display values become ``base + gain * value``.
        uv_scale, uv_offset: texture coordinates are multiplied by the one, and the other is added, along u and v.
        wraps: along u and v, as the file says, else ``repeat``.
        remarks: what the file says of the material that is not shown, one sentence without its subject each.
    """

    name: str
    image: Path | Float[np.ndarray, "h w 3"] | None = None
    missing: str = ""
    colour: tuple[float, float, float] | None = None
    factor: tuple[float, float, float] = (1.0, 1.0, 1.0)
    base_and_gain: tuple[float, float] = (0.0, 1.0)
    uv_scale: tuple[float, float] = (1.0, 1.0)
    uv_offset: tuple[float, float] = (0.0, 0.0)
    wraps: tuple[Wrap, Wrap] = ("repeat", "repeat")
    remarks: tuple[str, ...] = ()


def not_shown(what: list[str]) -> tuple[str, ...]:
    """The remark that names what a material states and nobody sees; none if there is nothing."""
    if not what:
        return ()
    listed = what[0] if len(what) == 1 else f"{', '.join(what[:-1])} and {what[-1]}"
    return (f"its {listed} {'is' if len(what) == 1 else 'are'} not shown",)


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
