"""What the shape scene is asked to show, as plain values: all that panel, window, paths and the scene share."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any, ClassVar, Literal

from fieldcore.errors import InputError
from fieldcore.shape_extent import HALF_EXTENT

from ...camera.camera import YAWS, Camera
from ...camera.controls import CameraControls
from ...compare import COMPARISONS, Compare
from ...entries import again, entry, file_entry
from ...filter.controls import SpaceFilter
from ...path.entry_checks import shown
from ...path.tracks import monotone
from ...record.passes import Pass

ShapeSource = Literal["field", "truth"]
"""Whose signed distances: the field's, or those it was trained on."""

Output = Literal["field", "truth", "error", "other"]
"""The surface of the field, that of the truth, how far the field's is from the truth's, and another field's surface."""

Colouring = Literal["material", "normals", "curvature", "colours"]
"""A plain material in a studio's light, the direction it faces, its mean curvature, or colours of its own."""

Slice = Literal["none", "x", "y", "z"]
"""The axis across which the shape is cut open."""


SHAPE_PASSES = {
    "field": Pass("field"),
    "baked": Pass("field", {"colouring": "material", "exact": False}),
    "exact": Pass("field", {"colouring": "material", "exact": True}),
    "truth": Pass("truth", {"colouring": "material"}),
    "error": Pass("error"),
    "other": Pass("other"),
    "normals": Pass("field", {"colouring": "normals"}),
    "curvature": Pass("field", {"colouring": "curvature"}),
    "colours": Pass("field", {"colouring": "colours"}),
    "mesh": Pass("field", content="mesh"),
    "truth_mesh": Pass("truth", content="mesh"),
    "ellipsoid": Pass("field", content="mesh", mesh_of="filter"),
}
"""The outputs; in the plain material the bake and the field itself; what is coloured; as meshes the surfaces of field
and truth, and the filter."""


def _three_quarter_view() -> Camera:
    return Camera.looking_at((0.0, -0.05, 0.0), (1.55, 1.0, 3.05))


CELLS = (32, 64, 128, 256)
"""Along each axis of a bake."""


def _cells(value: Any, where: str) -> int:
    if isinstance(value, bool) or value not in CELLS:
        raise InputError(f"{where}: expected one of {', '.join(map(str, CELLS))}, got {shown(value)}")
    return int(value)


@dataclass(frozen=True, kw_only=True)
class ShapeControls(SpaceFilter, CameraControls):
    """The state of the shape scene.

    A shape lies in [-1, 1]^3, y up; its signed distance is negative inside.

    Attributes:
        truth: file of the mesh that the field was trained on; empty where that is not known.
        error_range: a distance in domain units.
        caption: whether the filter, labels and scales are written.
    """

    error_titles: ClassVar = {"absolute": "distance, without sign", "signed": "distance to the truth"}
    former: ClassVar = {"comparison": {**COMPARISONS, "two_up": ("two_up", "field", "truth")}}

    left: Output = again(Compare, "left", "field")
    right: Output = again(Compare, "right", "truth")
    error: Literal["absolute", "signed"] = again(Compare, "error", "signed")
    error_range: float = again(Compare, "error_range", 0.02, bounds=(0.0005, 0.2))
    metric: Literal["difference", "flip"] = again(Compare, "metric", "difference")
    grid: bool = again(CameraControls, "grid", True)
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
    colouring: Colouring = entry(
        "material",
        "colouring",
        "what colours the surface: a plain material, the direction it faces, its mean curvature, or its own colours, "
        "where it was made from photographs",
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
    cells: int = entry(
        128,
        "cells",
        "of the finest bake along each axis; twice as many take eight times as long",
        group="Surface",
        choices=CELLS,
        check=_cells,
        along="constant",
    )
    truth: str = file_entry("the file of a mesh")

    @property
    def four(self) -> tuple[str, ...]:
        """See the base: the error in both ways."""
        return ("field", "truth", "absolute", "signed")
