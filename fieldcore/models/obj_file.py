"""Wavefront OBJ with MTL: what trimesh passes over, materials whose texture is missing and indices from the end.

trimesh reads the mesh; it is handed an MTL that holds nothing but the names, so that each part tells its material.
"""

from __future__ import annotations

import re
from pathlib import Path

from ..beside import find_beside, why_absent
from ..errors import InputError
from .mtl_file import read_mtl
from .parts import SourceMaterial

_UNUSUAL_INDEX = re.compile(r"^[ \t]*f\b[^\n]*[\s/](?:-\d|0+(?=[\s/]))", re.MULTILINE)
_COLOURED_VERTEX = re.compile(r"^[ \t]*v(?:[ \t]+[-+.\deE]+){6}[ \t]*$", re.MULTILINE)
_USED_MATERIAL = re.compile(r"^[ \t]*usemtl[ \t]+([^\n]*)$", re.MULTILINE)
_MATERIAL_FILE = re.compile(r"^[ \t]*mtllib[ \t]+([^\n]*)$", re.MULTILINE)

SUBSTITUTE_MTL = "names.mtl"
"""What the prepared text calls its material file."""


def prepared_obj(path: Path, text: str) -> tuple[str, str]:
    """The text of an OBJ, and of the MTL that belongs with it, as trimesh reads them rightly.

    Raises:
        InputError: a face names a vertex 0 or one before the first.
    """
    if _UNUSUAL_INDEX.search(text):
        text = _counted_from_start(path, text)
    names = used_materials(text)
    mtl = "".join(f"newmtl {name}\nKd 1 1 1\n" for name in names)
    return f"mtllib {SUBSTITUTE_MTL}\n{text}", mtl


def used_materials(text: str) -> list[str]:
    """The names of the materials that an OBJ uses, in order."""
    return list(dict.fromkeys(match.strip() for match in _USED_MATERIAL.findall(text)))


def has_vertex_colours(text: str) -> bool:
    """Whether vertices have three more numbers, as some programs write colours."""
    return _COLOURED_VERTEX.search(text) is not None


def obj_materials(path: Path, text: str) -> tuple[dict[str, SourceMaterial], list[str]]:
    """The materials of an OBJ by name, and what is to be said of material files that are not there."""
    materials: dict[str, SourceMaterial] = {}
    remarks = []
    for name in dict.fromkeys(match.strip() for match in _MATERIAL_FILE.findall(text)):
        files = [find_beside(path, part) for part in (name, *(name.split() if " " in name else ()))]
        found = [file for file in files if file is not None]
        if not found:
            remarks.append(f"its material file '{name}' {why_absent(path, name)}")
        for file in found[:1] if files[0] is not None else found:
            materials.update(read_mtl(file))
    return materials, remarks


def chosen_material(materials: dict[str, SourceMaterial], name: str, used: bool) -> SourceMaterial | None:
    """What a part of an OBJ is made of.

    Args:
        materials: all there are.
        name: of the part's material.
        used: whether the file names it; if it names none for the part, the only one there is is meant.
    """
    if not used:
        if len(materials) > 1:
            return SourceMaterial("", missing=f"it does not say which of its {len(materials)} materials is meant")
        return next(iter(materials.values()), None)
    alike = [material for other, material in materials.items() if other.lower() == name.lower()]
    if name not in materials and not alike and materials:
        return SourceMaterial(name, missing="it is not in the material file")
    return materials.get(name, alike[0] if alike else None)


def _counted_from_start(path: Path, text: str) -> str:
    """Indices that count from the last vertex so far (negative ones) as the format's ordinary ones."""
    counts = {"v": 0, "vt": 0, "vn": 0}
    lines = text.split("\n")
    for number, line in enumerate(lines):
        key, *rest = line.split(maxsplit=1)[:2] or [""]
        if key in counts:
            counts[key] += 1
        elif key == "f" and rest:
            corners = [corner.split("/") for corner in rest[0].split()]
            lines[number] = "f " + " ".join(
                "/".join(
                    _positive(index, counts[kind], path, number) for index, kind in zip(corner, counts, strict=False)
                )
                for corner in corners
            )
    return "\n".join(lines)


def _positive(index: str, count: int, path: Path, number: int) -> str:
    if not index.lstrip("-").isdigit():
        return index
    value = int(index)
    positive = count + 1 + value if value < 0 else value
    if positive < 1:
        raise InputError(
            f"model '{path}': line {number + 1} has index {value}, but indices count from 1, or back from -1 to "
            f"-{count}; export the mesh again"
        )
    return str(positive)
