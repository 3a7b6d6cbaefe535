"""Wavefront MTL: the materials of an OBJ, as far as they can be shown, and what else they state.

Source: Wavefront Technologies, MTL material format, Advanced Visualizer manual, appendix B2, 1995; ``Ke`` and
``map_Ke`` are common additions to it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

from ..beside import find_beside, why_absent
from ..plain_text import decoded
from .parts import SourceMaterial, not_shown

_OPTION_VALUES = {"-blendu": 1, "-blendv": 1, "-bm": 1, "-boost": 1, "-cc": 1, "-clamp": 1, "-imfchan": 1,
                  "-mm": 2, "-o": 3, "-s": 3, "-t": 3, "-texres": 1, "-type": 1}  # fmt: skip
"""Options of a texture, and how many values follow each (``-o``, ``-s`` and ``-t`` may have fewer)."""

_OBEYED = {"-clamp", "-mm", "-o", "-s"}
_WITHOUT_EFFECT = {"-blendu": "on", "-blendv": "on", "-cc": "off"}
"""Values that change nothing."""

_ABSURD = 1e6
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$")
_MAPS = {
    "map_ka": "map_Ka (ambient)", "map_ks": "map_Ks (highlights)", "map_ns": "map_Ns (highlights)",
    "map_d": "map_d (transparency)", "map_tr": "map_Tr (transparency)", "map_bump": "map_Bump", "bump": "bump",
    "norm": "norm (normals)", "disp": "disp (displacement)", "decal": "decal", "refl": "refl (reflection)",
    "map_pr": "map_Pr (roughness)", "map_pm": "map_Pm (metal)", "map_ps": "map_Ps (sheen)",
}  # fmt: skip
"""Statements whose pictures nobody sees here."""


def read_mtl(path: Path) -> dict[str, SourceMaterial]:
    """The materials of an MTL file by name.

    Shown are the texture (``map_Kd``) with its scale, offset, clamping and contrast, or the colour (``Kd``); where
    there is no texture, light that is given off (``map_Ke``, ``Ke``) takes its place. The rest is remarked on.
    """
    materials: dict[str, SourceMaterial] = {}
    entries: dict[str, str] = {}
    name = None
    for line in [*decoded(path.read_bytes()).split("\n"), "newmtl"]:
        key, *rest = line.strip().split(None, 1)[:2] or [""]
        value = rest[0].strip() if rest else ""
        if key.lower() != "newmtl":
            entries[key.lower()] = value
            continue
        if name is not None:
            materials[name] = _material(path, name, entries)
        name, entries = value, {}
    return materials


def _material(path: Path, name: str, entries: dict[str, str]) -> SourceMaterial:
    colour, light = _colour(entries.get("kd", "")), _colour(entries.get("ke", ""))
    hidden = [_MAPS[key] for key, value in entries.items() if key in _MAPS and value]
    transparency = _transparency(entries)
    if transparency:
        hidden.append(transparency)
    shown = "map_kd" if entries.get("map_kd") else "map_ke" if entries.get("map_ke") else ""
    if shown == "map_kd" and (entries.get("map_ke") or any(light or ())):
        hidden.append("map_Ke (light given off)" if entries.get("map_ke") else "Ke (light given off)")
    if shown:
        return _textured(path, name, entries[shown], hidden)
    if any(light or ()):
        if any(colour or ()):
            hidden.append("Ke (light given off)")
        else:
            colour = light
    return SourceMaterial(name, colour=colour, remarks=not_shown(hidden))


def _textured(path: Path, name: str, statement: str, hidden: list[str]) -> SourceMaterial:
    texture = _Texture.of(statement)
    image = find_beside(path, texture.file)
    if image is None and (other := _Texture.with_options_behind(statement)) and find_beside(path, other.file):
        texture, image = other, find_beside(path, other.file)
    odd = [
        f"texture option '{option} {value}'"
        for option, value in texture.options.items()
        if option not in _OBEYED and _WITHOUT_EFFECT.get(option) != value.lower()
    ]
    wrap = texture.options.get("-clamp", "").lower() == "on"
    return SourceMaterial(
        name,
        image=image,
        missing="" if image is not None else f"its texture '{texture.file}' {why_absent(path, texture.file)}",
        base_and_gain=texture.pair("-mm", (0.0, 1.0)),
        uv_scale=texture.pair("-s", (1.0, 1.0)),
        uv_offset=texture.pair("-o", (0.0, 0.0)),
        wraps=("clamp", "clamp") if wrap else ("repeat", "repeat"),
        remarks=not_shown([*hidden, *odd]),
    )


@dataclass(frozen=True)
class _Texture:
    """What follows a ``map_Kd``: options with their values, and a file's name, which may have blanks."""

    options: dict[str, str]
    file: str

    @classmethod
    def of(cls, statement: str) -> _Texture:
        """Of a statement whose options come first, as the format has it."""
        options: dict[str, str] = {}
        while (match := re.match(r"(-[a-zA-Z]+)\s+(.*)", statement)) and match[1].lower() in _OPTION_VALUES:
            option, statement = match[1].lower(), match[2]
            values: list[str] = []
            while len(values) < _OPTION_VALUES[option]:
                value, _, rest = statement.partition(" ")
                if values and not _NUMBER.match(value):
                    break
                values.append(value)
                statement = rest.strip()
            options[option] = " ".join(values)
        return cls(options, statement.strip().strip("\"'").strip())

    @classmethod
    def with_options_behind(cls, statement: str) -> _Texture | None:
        """The same of a statement whose name comes first, as some programs have it."""
        match = re.match(r"(.*?)\s+(-[a-zA-Z]+\s.*)$", statement)
        if not match or match[2].split()[0].lower() not in _OPTION_VALUES:
            return None
        return cls(cls.of(f"{match[2]} end").options, match[1].strip().strip("\"'").strip())

    def pair(self, option: str, default: tuple[float, float]) -> tuple[float, float]:
        """The first two values of an option; those that are not there, or no numbers, are the default."""
        given = [float(value) for value in self.options.get(option, "").split()[:2] if _NUMBER.match(value)]
        first, second = (*given, *default[len(given) :])
        return (first, second) if max(abs(first), abs(second)) < _ABSURD else default


def _transparency(entries: dict[str, str]) -> str:
    """``d`` is 1 where a material is opaque; of ``Tr`` programs disagree whether 0 or 1 is."""
    opacity, transparency = (_colour(entries.get(key, "").replace("-halo", "")) for key in ("d", "tr"))
    if opacity is not None and opacity[0] < 1:
        return f"transparency (d {opacity[0]:g})"
    if opacity is None and transparency is not None and 0 < transparency[0] < 1:
        return f"transparency (Tr {transparency[0]:g})"
    return ""


def _colour(text: str) -> tuple[float, float, float] | None:
    try:
        values = [min(max(float(part), 0.0), 1.0) for part in text.split()[:3]]
    except ValueError:
        return None
    if len(values) == 1:
        values *= 3
    return (values[0], values[1], values[2]) if len(values) == 3 and not any(map(math.isnan, values)) else None
