"""Edges between surfaces: where a fin stands before the body, no pixel's footprint reaches from one to the other."""

from __future__ import annotations

import math

import moderngl
from scipy.special import ndtr

from ..fullscreen_pass import FullscreenPass
from .controls import PIXEL_VARIANCE, PixelFilter
from .geometry_pass import Geometry
from .shading import Albedo, AlbedoTarget


class EdgedAlbedo(Albedo):
    """A picture that is filtered surface by surface and, as it is finished, across their edges as well.

    Ways of shading that ask for one footprint a pixel share this, so that they differ in the texture and nothing else.
    """

    def __init__(self, context: moderngl.Context) -> None:
        super().__init__(context)
        self._pass = FullscreenPass(context, "edges.frag")
        self._mixed = AlbedoTarget(context, (1, 1))

    def finish_over(self, geometry: Geometry, pixel_filter: PixelFilter) -> None:
        """Show what has been drawn of that geometry, mixed across edges."""
        if self._mixed.texture.size != geometry.size:
            self._mixed.release()
            self._mixed = AlbedoTarget(self._context, geometry.size)
        self._mixed.framebuffer.use()
        self._context.disable(moderngl.BLEND)
        for unit, texture in enumerate((geometry.uv, geometry.jacobian, self.unfinished, geometry.materials)):
            texture.use(unit)
        self._pass.draw(uv=0, jacobian=1, picture=2, materials=3, weights=edge_weights(pixel_filter))
        self._front, self._mixed = self._mixed, self._front

    def release(self) -> None:
        """Give everything back to the driver."""
        super().release()
        self._mixed.release()
        self._pass.release()


def edge_weights(pixel_filter: PixelFilter) -> tuple[float, float]:
    """The pixel filter's weight along one axis: within the pixel, and beyond it on either side."""
    beyond = float(ndtr(-0.5 / math.sqrt(PIXEL_VARIANCE[pixel_filter])))
    return 1 - 2 * beyond, beyond
