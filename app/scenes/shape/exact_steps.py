"""How far apart the points lie that an exact surface's normals and curvature come from."""

from __future__ import annotations

import math

import numpy as np

from ...camera.camera import rays
from ...covariance import covariance_matrix
from ...frame_size import Size
from .baking import bake_grid
from .controls import ShapeControls

_LEAST = 2e-3


def normal_step(controls: ShapeControls, framebuffer_px: Size) -> float:
    """Half the step of the differences, in domain units.

    Half of what is smeared anyway: by the filter in its sharpest direction, and by a pixel in the middle of the shape.
    Second differences say nothing over less than a cell of a bake: where the curvature colours the surface, it is that.

    Args:
        controls: who looks at what.
        framebuffer_px: size of the pane.
    """
    least_variance = float(np.linalg.eigvalsh(covariance_matrix(controls.equivalent_covariance))[0])
    by_filter = math.sqrt(max(least_variance, 0.0)) / 2
    away = math.hypot(*controls.eye.position)
    by_pixel = away * math.hypot(*rays(controls.eye, framebuffer_px)["ray_up"]) / 2
    by_cell = (2 * bake_grid(controls.cells).upper[0]) / controls.cells if controls.colouring == "curvature" else 0.0
    return max(_LEAST, by_filter, by_pixel, by_cell)
