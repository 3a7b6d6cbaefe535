"""The little ellipsoid in a corner of the frame, which says how a covariance lies in space."""

from __future__ import annotations

import moderngl
import numpy as np
from jaxtyping import Float

from ...camera.camera import Camera
from ...frame_size import Box, from_bottom
from ...gl.fullscreen_pass import FullscreenPass
from ...gl.image_overlays import Surface
from ...gl.owner import Owner

_SIDE_EM = 5.6
_RING_EM = 2.35
_LEAST_SHARE = 0.06
"""Of the ring's radius: a filter too small to be seen is a dot."""


class EllipsoidGizmo(Owner):
    """Draws covariances."""

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._pass = self.own(FullscreenPass(context, "ellipsoid.frag"))

    def draw(
        self,
        surface: Surface,
        camera: Camera,
        covariance: Float[np.ndarray, "3 3"],
        em_px: float,
        left: int,
        bottom: int,
    ) -> Box:
        """Draw into a square whose lower left corner is at those frame coordinates; returns the square.

        Its axes are as long as the logarithm of the variance along them: a dot is 1e-6 or less, the ring 1.
        """
        side = round(_SIDE_EM * em_px)
        box = (left, bottom - side, side, side)
        from_bottom_box = from_bottom(box, surface.size)
        surface.viewport = surface.scissor = from_bottom_box
        self._context.enable(moderngl.BLEND)
        self._context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        ring_px = _RING_EM * em_px
        self._pass.draw(
            pane_box=tuple(map(float, from_bottom_box)),
            unit_from_view=tuple((unit_from_view(camera, covariance) / ring_px).T.flatten()),
            ring_px=ring_px,
            line_px=max(1.0, 0.09 * em_px),
        )
        self._context.disable(moderngl.BLEND)
        surface.viewport, surface.scissor = (0, 0, *surface.size), None
        return box


def axis_lengths(variances: Float[np.ndarray, "k"]) -> Float[np.ndarray, "k"]:
    """Of the ellipsoid, as shares of the ring's radius."""
    return np.maximum((np.log10(np.maximum(variances, 1e-6)) / 6 + 1).clip(0, 1), _LEAST_SHARE)


def unit_from_view(camera: Camera, covariance: Float[np.ndarray, "3 3"]) -> Float[np.ndarray, "3 3"]:
    """From the camera's right, up and backward, in radii of the ring, to where the ellipsoid is a unit sphere."""
    variances, axes = np.linalg.eigh(covariance)
    right, up, forward = camera.axes
    world_from_view = np.stack([right, up, -forward], 1)
    return (axes / axis_lengths(variances)).T @ world_from_view
