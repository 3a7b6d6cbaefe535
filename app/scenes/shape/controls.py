"""What the shape scene is asked to show, as plain values: all that panel, window, paths and the scene share."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any, Literal

from fieldcore.errors import InputError
from fieldcore.shape_extent import HALF_EXTENT

from ...camera.camera import YAWS, Camera
from ...entries import entry, file_entry
from ...filter.controls import SpaceFilter
from ...path.entry_checks import shown
from ...path.tracks import monotone
from ...record.passes import Pass

ShapeSource = Literal["field", "truth"]
"""Whose signed distances: the field's, or those it was trained on."""

ShapeComparison = Literal["field", "truth", "error", "wipe", "two_up"]
"""The field; the truth; how far the field's surface is from the truth's; both, with a divider or side by side."""

Colouring = Literal["material", "normals", "curvature"]
"""What colours the surface: a plain material in a studio's light, the direction it faces, or its mean curvature."""

Slice = Literal["none", "x", "y", "z"]
"""The axis across which the shape is cut open."""


SHAPE_PASSES = {
    "baked": Pass({"comparison": "field", "colouring": "material", "exact": False}),
    "exact": Pass({"comparison": "field", "colouring": "material", "exact": True}),
    "truth": Pass({"comparison": "truth", "colouring": "material"}),
    "error": Pass({"comparison": "error"}),
    "normals": Pass({"comparison": "field", "colouring": "normals"}),
    "curvature": Pass({"comparison": "field", "colouring": "curvature"}),
    "mesh": Pass({"comparison": "field"}, "mesh"),
}
"""In the plain material the bake, the field itself, the truth's bake; what is coloured; the surface as a mesh."""


def _three_quarter_view() -> Camera:
    return Camera.looking_at((0.0, -0.05, 0.0), (1.55, 1.0, 3.05))


CELLS = (32, 64, 128, 256)
"""Along each axis of a bake."""


def _cells(value: Any, where: str) -> int:
    if isinstance(value, bool) or value not in CELLS:
        raise InputError(f"{where}: expected one of {', '.join(map(str, CELLS))}, got {shown(value)}")
    return int(value)


@dataclass(frozen=True)
class ShapeControls(SpaceFilter):
    """The state of the shape scene.

    A shape lies in [-1, 1]^3, y up; its signed distance is negative inside.

    Attributes:
        truth: file of the mesh that the field was trained on; empty where that is not known.
        camera: who looks.
        comparison: what is shown.
        caption: whether the filter, labels and scales are written.
    """

    field: str = file_entry("the path of a field", required=True)
    camera: Camera = dataclass_field(default_factory=_three_quarter_view)
    level: float = entry(
        0.0,
        "iso-level",
        "the signed distance whose surface is shown, in domain units: above 0 the shape grows, below it shrinks",
        group="Surface",
        bounds=(-0.5, 0.5),
        brief=lambda level: f"level {level:.3g}",
    )
    comparison: ShapeComparison = entry("field", brief=str)
    colouring: Colouring = entry(
        "material",
        "colouring",
        "what colours the surface: a plain material, the direction it faces, or its mean curvature",
        group="Surface",
    )
    slice: Slice = entry(
        "none",
        "slice",
        "the axis across which the shape is cut open; the distance is drawn on the cut, with lines of equal distance",
        group="Surface",
        brief=lambda axis: f"cut across {axis}",
    )
    slice_position: float = entry(
        0.0,
        "slice at",
        "where on that axis, in domain units",
        group="Surface",
        least=-HALF_EXTENT,
        most=HALF_EXTENT,
        refusal=lambda controls: "nothing is cut open: press Z" if controls.slice == "none" else "",
    )
    light_yaw_deg: float = entry(
        -38.0,
        "light's yaw, degrees",
        "where the light stands about the vertical axis: 0 is +z, 90 is +x",
        group="Surface",
        bounds=(-180.0, 180.0),
        space=YAWS._replace(velocities=monotone),
    )
    light_pitch_deg: float = entry(
        48.0,
        "light's height, degrees",
        "how high it stands above the horizon",
        group="Surface",
        least=-90.0,
        most=90.0,
    )
    divider: float = entry(
        0.5,
        "divider",
        "where the wipe divides the view, as a share of its width",
        group="Compare",
        setting="shape-divider",
        least=0.0,
        most=1.0,
        refusal=lambda controls: "" if controls.comparison == "wipe" else "only for the wipe: press X",
    )
    exact: bool = entry(
        False,
        "exact",
        "ask the field itself along every ray once the view rests, instead of its bake",
        group="Surface",
        along="constant",
    )
    shadows: bool = entry(
        True,
        "shadows",
        "let the light cast shadows",
        group="Surface",
        off="let the light cast no shadows",
        along="constant",
    )
    grid: bool = entry(
        True,
        "ground and axes",
        "show the ground's grid and the axes",
        group="Camera",
        setting="floor",
        off="hide the ground's grid and the axes",
        along="constant",
    )
    caption: bool = entry(True, along="constant")
    cells: int = entry(
        128,
        "cells",
        "of the finest bake along each axis; twice as many take eight times as long",
        group="Surface",
        choices=CELLS,
        check=_cells,
        along="constant",
    )
    error_range: float = entry(
        0.02,
        "largest error",
        "the distance to the truth that the error map shows in its strongest colours, in domain units",
        group="Compare",
        setting="distance-range",
        bounds=(0.0005, 0.2),
        above=0.0,
        along="constant",
        refusal=lambda controls: "" if controls.comparison == "error" else "only for the error map: press E",
    )
    truth: str = file_entry("the file of a mesh")
