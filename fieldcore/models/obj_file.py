"""Wavefront OBJ with MTL: what trimesh passes over, materials whose texture is missing and indices from the end.

trimesh reads the mesh; it is handed an MTL that holds nothing but the names, so that each part tells its material.
"""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import InputError
from .parts import SourceMaterial, Wrap
from .textures import find_beside

_MTL_OPTION_VALUES = {"-blendu": 1, "-blendv": 1, "-bm": 1, "-boost": 1, "-cc": 1, "-clamp": 1, "-imfchan": 1,
                      "-mm": 2, "-o": 3, "-s": 3, "-t": 3, "-texres": 1, "-type": 1}  # fmt: skip
"""Options before a texture's name, and how many values follow each (``-o``, ``-s`` and ``-t`` may have fewer)."""

_UNUSUAL_INDEX = re.compile(r"^[ \t]*f\b[^\n]*[\s/](?:-\d|0+(?=[\s/]))", re.MULTILINE)
_USED_MATERIAL = re.compile(r"^[ \t]*usemtl[ \t]+([^\n]*)$", re.MULTILINE)
_MATERIAL_FILE = re.compile(r"^[ \t]*mtllib[ \t]+([^\n]*)$", re.MULTILINE)

SUBSTITUTE_MTL = "names.mtl"
"""What the prepared text calls its material file."""


def decoded(data: bytes) -> str:
    """Text in UTF-8, or else Latin-1, with Unix line ends."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def prepared_obj(path: Path, text: str) -> tuple[str, str]:
    """The text of an OBJ, and of the MTL that belongs with it, as trimesh reads them rightly.

    Raises:
        InputError: a face names a vertex 0 or one before the first.
    """
    if _UNUSUAL_INDEX.search(text):
        text = _counted_from_start(path, text)
    names = dict.fromkeys(match.strip() for match in _USED_MATERIAL.findall(text))
    mtl = "".join(f"newmtl {name}\nKd 1 1 1\n" for name in names)
    return f"mtllib {SUBSTITUTE_MTL}\n{text}", mtl


def obj_materials(path: Path, text: str) -> tuple[dict[str, SourceMaterial], list[str]]:
    """The materials of an OBJ by name, and the material files that are not there."""
    materials: dict[str, SourceMaterial] = {}
    absent = []
    for name in dict.fromkeys(match.strip() for match in _MATERIAL_FILE.findall(text)):
        files = [find_beside(path, part) for part in (name, *(name.split() if " " in name else ()))]
        found = [file for file in files if file is not None]
        if not found:
            absent.append(name)
        for file in found[:1] if files[0] is not None else found:
            materials.update(read_mtl(file))
    return materials, absent


def read_mtl(path: Path) -> dict[str, SourceMaterial]:
    """The materials of an MTL file by name: texture (``map_Kd``, with blanks too), clamping and colour (``Kd``)."""
    materials: dict[str, SourceMaterial] = {}
    entries: dict[str, str] = {}
    name = None
    for line in [*decoded(path.read_bytes()).split("\n"), "newmtl"]:
        key, _, value = line.strip().partition(" ") if " " in line.strip() else line.strip().partition("\t")
        if key.lower() != "newmtl":
            entries[key.lower()] = value.strip()
            continue
        if name is not None:
            materials[name] = _material(path, name, entries)
        name, entries = value.strip(), {}
    return materials


def _material(path: Path, name: str, entries: dict[str, str]) -> SourceMaterial:
    colour = _colour(entries.get("kd", ""))
    options, file = _map_statement(entries["map_kd"]) if entries.get("map_kd") else ({}, "")
    if not file:
        return SourceMaterial(name, colour=colour)
    image = find_beside(path, file)
    wrap: Wrap = "clamp" if options.get("-clamp", "").lower() == "on" else "repeat"
    missing = "" if image is not None else f"its texture '{file}' is not there"
    return SourceMaterial(name, image=image, missing=missing, colour=colour, wraps=(wrap, wrap))


def _map_statement(statement: str) -> tuple[dict[str, str], str]:
    """Options and file name of a ``map_Kd``; the name is the rest of the line and may have blanks."""
    options: dict[str, str] = {}
    while (match := re.match(r"(-\w+)\s+(.*)", statement)) and match[1].lower() in _MTL_OPTION_VALUES:
        option, statement = match[1].lower(), match[2]
        options[option] = ""
        for _ in range(_MTL_OPTION_VALUES[option]):
            value, _, rest = statement.partition(" ")
            if options[option] and not re.fullmatch(r"[-+.\deE]+", value):
                break
            options[option], statement = f"{options[option]} {value}".strip(), rest.strip()
    return options, statement.strip().strip('"')


def _colour(text: str) -> tuple[float, float, float] | None:
    try:
        values = [min(max(float(part), 0.0), 1.0) for part in text.split()[:3]]
    except ValueError:
        return None
    if len(values) == 1:
        values *= 3
    return (values[0], values[1], values[2]) if len(values) == 3 else None


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
