"""What the shape scene is asked to show, as plain values: all that panel, window, paths and the scene share."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Literal

import numpy as np
from jaxtyping import Float

from ...camera.camera import Camera

Covariance3 = tuple[float, float, float, float, float, float]
"""The entries xx, xy, xz, yy, yz, zz of a 3 x 3 covariance matrix, in squared domain units."""

ShapeSource = Literal["field", "truth"]
"""Whose signed distances: the field's, or those it was trained on."""

ShapeComparison = Literal["field", "truth", "error", "wipe", "two_up"]
"""The field; the truth; how far the field's surface is from the truth's; both, with a divider or side by side."""

Colouring = Literal["material", "normals", "curvature"]
"""What colours the surface: a plain material in a studio's light, the direction it faces, or its mean curvature."""

Slice = Literal["none", "x", "y", "z"]
"""The axis across which the shape is cut open."""


def _three_quarter_view() -> Camera:
    return Camera.looking_at((0.0, -0.05, 0.0), (1.55, 1.0, 3.05))


@dataclass(frozen=True)
class ShapeControls:
    """The state of the shape scene.

    A shape lies in [-1, 1]^3, y up; its signed distance is negative inside.

    Attributes:
        field: path of the field shown.
        camera: who looks.
        covariance: of the Gaussian that the field is averaged over.
        level: the signed distance whose surface is shown, in domain units; above 0 the shape grows.
        comparison: what is shown.
        colouring: what colours the surface, unless that is the error.
        slice: the axis across which the shape is cut open, if any.
        slice_position: where on that axis.
        exact: whether the surface is that of the field itself, asked along every ray, rather than of its bake.
        shadows: whether the key light casts shadows.
        light_yaw_deg: where the key light stands about the vertical axis: 0 is +z, 90 is +x.
        light_pitch_deg: how high it stands above the horizon.
        grid: whether the ground's grid and the axes are drawn.
        divider: share of the frame's width left of the divider of a wipe, in [0, 1].
        error_range: distance to the truth that the error map shows in its strongest colours, in domain units.
        caption: whether the filter, labels and scales are written.
        cells: of the finest bake, along each axis.
    """

    field: str
    camera: Camera = dataclass_field(default_factory=_three_quarter_view)
    covariance: Covariance3 = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    level: float = 0.0
    comparison: ShapeComparison = "field"
    colouring: Colouring = "material"
    slice: Slice = "none"
    slice_position: float = 0.0
    exact: bool = False
    shadows: bool = True
    light_yaw_deg: float = -38.0
    light_pitch_deg: float = 48.0
    grid: bool = True
    divider: float = 0.5
    error_range: float = 0.02
    caption: bool = True
    cells: int = 128


def covariance_matrix(covariance: Covariance3) -> Float[np.ndarray, "3 3"]:
    """The matrix of which these are the entries."""
    xx, xy, xz, yy, yz, zz = covariance
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
