"""From a model file to a ``TexturedModel``: what texture each part has, and what is done where something is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float

from ..errors import InputError
from .atlas import with_atlas
from .parts import Part, SourceMaterial, Wrap
from .pattern import stand_in_texture
from .reading import read_parts
from .sheet import Sheet, lay_out
from .surface import check_indices, in_unit_cube, joined, unit_normals
from .textured_model import NoTextureCoordinates, TexturedModel
from .textures import contrasted, fitting_pictures, noticed_texture, tinted

LARGEST_TEXTURE_PX = 16384
"""What OpenGL drivers take today."""

_PLAIN_PX = 8  # side of the texture that stands for a single colour


def load_model(
    path: Path | str,
    *,
    texture: Path | str | None = None,
    wrap: Wrap | None = None,
    atlas: bool = False,
    max_texture_px: int = LARGEST_TEXTURE_PX,
) -> TexturedModel:
    """Read a model with its textures.

    Args:
        path: OBJ (with its MTL), GLB, glTF or PLY; STL and OFF have no texture coordinates, so need ``atlas``.
        texture: a picture to use in place of all the model's own textures.
        wrap: how textures continue beyond [0, 1] along u and v; by default as the file says, else repeated.
        atlas: make texture coordinates for what has none.
        max_texture_px: the longest side that the sheet may have; textures are shrunk to fit.

    Raises:
        NoTextureCoordinates: there are none, and ``atlas`` is not asked for.
        InputError: no such file, empty, broken, without a surface, or ``texture`` cannot be read.

    Example:
        >>> load_model("nothing.glb")
        Traceback (most recent call last):
        fieldcore.errors.InputError: ...no such file...
    """
    path = Path(path)
    if max_texture_px < 64:
        raise InputError(f"model '{path}': textures need room, at least 64 pixels a side, got {max_texture_px}")
    parts, remarks = read_parts(path)
    check_indices(path, parts)
    parts, uv_remarks = _with_finite_uv(parts)
    parts = _unwrapped(path, parts, atlas)
    looks, numbers = _looks(path, parts, texture)
    sheet = lay_out(
        [look.pixels for look in looks], [(wrap, wrap) if wrap else look.wraps for look in looks], max_texture_px
    )
    surface, source_from_model, left_out = in_unit_cube(path, joined(parts, numbers))
    said = [remark for look in looks for remark in look.remarks]
    remarks = [*remarks, *uv_remarks, *said, *left_out, *_shrinking(sheet, looks)]
    return TexturedModel(
        name=path.name,
        vertices=surface.vertices,
        normals=unit_normals(surface),
        uv=surface.uv,
        triangles=surface.triangles,
        materials=surface.materials,
        sheet=sheet,
        source_from_model=source_from_model,
        notices=tuple(f"model '{path.name}': {remark}" for remark in remarks if remark),
    )


@dataclass(frozen=True, eq=False)
class _Look:
    """What a material looks like, and what people should know of how that was found."""

    pixels: Float[np.ndarray, "h w 3"]
    wraps: tuple[Wrap, Wrap]
    remarks: tuple[str, ...] = ()


def _with_finite_uv(parts: Sequence[Part]) -> tuple[list[Part], list[str]]:
    """NaN texture coordinates become 0; a part that has only such has none."""
    mended, remarks = [], []
    for part in parts:
        bad = np.zeros(0, bool) if part.uv is None else ~(np.abs(part.uv) < 1e6).all(1)
        if part.uv is not None and bad.all():
            part = replace(part, uv=None)
            remarks.append("its texture coordinates are NaN, infinite or absurdly large, so they are not used")
        elif part.uv is not None and bad.any():
            part = replace(part, uv=np.where(bad[:, None], 0.0, part.uv))
            remarks.append(f"{int(bad.sum())} texture coordinates that are NaN, infinite or absurdly large became 0")
        mended.append(part)
    return mended, remarks


def _unwrapped(path: Path, parts: Sequence[Part], atlas: bool) -> list[Part]:
    """The parts, all with texture coordinates: those of one plain colour need none, unless no part has any."""
    some = any(part.uv is not None for part in parts)
    complete = []
    for part in parts:
        if part.uv is None and some and part.material is not None and part.material.colour is not None:
            part = replace(part, uv=np.full((len(part.vertices), 2), 0.5))
        complete.append(part)
    lacking = [part for part in complete if part.uv is None]
    if lacking and not atlas:
        raise NoTextureCoordinates(
            f"model '{path}': {'parts of it have' if some else 'it has'} no texture coordinates; add --atlas to make "
            "some, or unwrap it in a 3-D program"
        )
    if not lacking:
        return complete
    starts = np.cumsum([0, *(len(part.vertices) for part in lacking)])
    bare = Part(
        np.concatenate([part.vertices for part in lacking]),
        np.concatenate([part.triangles + start for part, start in zip(lacking, starts[:-1], strict=True)]),
        material=_UNPAINTED,
    )
    return [*(part for part in complete if part.uv is not None), with_atlas(path, bare)]


_UNPAINTED = SourceMaterial("", missing="its texture coordinates are new, so that no texture fits them")


def _looks(path: Path, parts: Sequence[Part], texture: Path | str | None) -> tuple[list[_Look], list[int]]:
    """The look of each material, and the number of each part's."""
    own = [part.material for part in parts]
    if texture is not None:
        first = next((material for material in own if material is not None), None)
        pixels, notices = noticed_texture(Path(texture))
        return [_Look(pixels, first.wraps if first else ("repeat", "repeat"), notices)], [0] * len(parts)
    distinct: list[SourceMaterial | None] = []
    for material in own:
        if not any(material is other for other in distinct):
            distinct.append(material)
    looks = [_nameless_look(path) if material is None else _look(material) for material in distinct]
    return looks, [next(i for i, other in enumerate(distinct) if material is other) for material in own]


def _look(material: SourceMaterial) -> _Look:
    look = _stated_look(material)
    of = f"material '{material.name}': " if material.name else ""
    return replace(look, remarks=tuple(of + remark for remark in (*look.remarks, *material.remarks)))


def _stated_look(material: SourceMaterial) -> _Look:
    if material.image is not None:
        try:
            stored = material.image
            pixels, notices = noticed_texture(stored) if isinstance(stored, Path) else (stored, ())
        except InputError as error:
            return _Look(stand_in_texture(), material.wraps, (f"{error}; a test pattern stands for it",))
        return _Look(tinted(contrasted(pixels, material.base_and_gain), material.factor), material.wraps, notices)
    if not material.missing and material.colour is not None:
        plain = np.broadcast_to(np.array(material.colour, np.float32), (_PLAIN_PX, _PLAIN_PX, 3))
        return _Look(np.array(plain), material.wraps)
    why = material.missing or "it has neither texture nor colour"
    return _Look(stand_in_texture(), material.wraps, (f"{why}; a test pattern stands for it",))


def _nameless_look(path: Path) -> _Look:
    """What is not said in the file: the one picture beside it whose name fits, else the test pattern."""
    wraps: tuple[Wrap, Wrap] = ("repeat", "repeat")
    pictures = fitting_pictures(path)
    if len(pictures) == 1:
        try:
            found = f"it names no texture; '{pictures[0].name}' beside it is taken"
            pixels, notices = noticed_texture(pictures[0])
            return _Look(pixels, wraps, (found, *notices))
        except InputError as error:
            broken = f"it names no texture, and {error}; a test pattern stands for it"
            return _Look(stand_in_texture(), wraps, (broken,))
    several = f", and {len(pictures)} pictures beside it might be meant (choose by --texture)" if pictures else ""
    return _Look(stand_in_texture(), wraps, (f"it names no texture{several}; a test pattern stands for it",))


def _shrinking(sheet: Sheet, looks: Sequence[_Look]) -> list[str]:
    height, width = sheet.pixels.shape[:2]
    remarks = []
    for box, look in zip(sheet.boxes, looks, strict=True):
        was, now = look.pixels.shape[1::-1], (round(box[2] * width), round(box[3] * height))
        if now[0] < was[0] or now[1] < was[1]:
            remarks.append(
                f"a texture of {was[0]} x {was[1]} pixels is too large and was shrunk to {now[0]} x {now[1]}"
            )
    return remarks
