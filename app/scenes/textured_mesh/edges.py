"""Edges between surfaces: where a fin stands before the body, a pixel's footprint lies on one of them alone.

There, and where a surface bends so much that it is no footprint that a pixel sees, the pixel filter is taken apart. A
Gaussian of variance ``P`` is about the mean of many that are ``w`` times as wide, whose centres are spread with the
variance ``(1 - w^2) P``. Each of these asks the texture on the surface that its own centre sees. The centres are the
same few in every pixel, a lattice turned against the rows of pixels, so that what one has been told serves its
neighbours as well: a pixel's colour is the mean over all in three by three pixels, by the weight

    exp(-distance^2 / (2 (1 - w^2) P))

of which those that miss the model have none. So it is known to a part of a pixel where in it an edge runs, and the
texture is asked again only near edges.

Source of the lattice: N. M. Korobov, The Approximate Computation of Multiple Integrals (1959); that of five points with
the generator (1, 2) is square, and looks at five rows and at five columns of a pixel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import moderngl

from ...gl.fullscreen_pass import FullscreenPass
from ...gl.owner import Sized
from .controls import PIXEL_VARIANCE, PixelFilter
from .geometry_pass import Geometry
from .shading import Albedo, Shot, cleared_target

_COUNT, _GENERATOR = 5, 2
PLACES_PX = tuple(
    ((index + 0.5) / _COUNT - 0.5, (_GENERATOR * index % _COUNT + 0.5) / _COUNT - 0.5) for index in range(_COUNT)
)
"""Where in a pixel at an edge the texture is looked at, from its centre to the right and down."""

NARROW = 0.3
"""How wide such a look is, as a share of the pixel filter: about the least that leaves no gaps between the centres."""


@dataclass(frozen=True, eq=False)
class Look:
    """One look at the texture by all pixels, or by those near edges.

    Attributes:
        geometry: what they see, as long as no other look is taken.
        width: of what is averaged over, as a share of the pixel filter's.
        place_px: where in the pixels they look, from their centres to the right and down; None for the whole pixel.
    """

    geometry: Geometry
    width: float = 1.0
    place_px: tuple[float, float] | None = None


def looks(shot: Shot) -> Iterator[Look]:
    """All looks that make a picture: one by every pixel, then those near edges."""
    yield Look(shot.geometry)
    again = shot.geometry_pass.draw_again(shot.geometry, PLACES_PX)
    for geometry, place_px in zip(again, PLACES_PX, strict=True):
        yield Look(geometry, NARROW, place_px)


class EdgedAlbedo(Albedo):
    """A picture that is made of several looks.

    Ways of shading that ask for one footprint a pixel share this, so that they differ in the texture and nothing else.
    For each look they ``begin`` a picture, draw into it, and ``add`` it.
    """

    def __init__(self, context: moderngl.Context) -> None:
        super().__init__(context)
        self._add = self.own(FullscreenPass(context, "add_look.frag"))
        self._mean = self.own(FullscreenPass(context, "mean_look.frag"))
        self._sum = self.own(Sized(partial(cleared_target, context, "f4")))

    def add(self, look: Look, edges: moderngl.Texture, pixel_filter: PixelFilter) -> None:
        """Add what has been drawn for a look; the first is that of whole pixels."""
        whole = look.place_px is None
        self._sum.of(self.unfinished.size).framebuffer.use()
        self._context.enable_only(moderngl.NOTHING if whole else moderngl.BLEND)
        self._context.blend_func = moderngl.ONE, moderngl.ONE
        self.unfinished.use(0)
        edges.use(1)
        spread = PIXEL_VARIANCE[pixel_filter] * (1 - look.width**2)
        self._add.draw(
            picture=0,
            edges=1,
            reach=0 if whole else 1,
            place=look.place_px or (0.0, 0.0),
            falloff=0.0 if whole else 0.5 / spread,
        )
        self._context.disable(moderngl.BLEND)

    def finish_over(self, geometry: Geometry) -> None:
        """Show the mean of all looks that have been added, with the coverage of that geometry."""
        self._context.enable_only(moderngl.NOTHING)
        self.begin(geometry.size)
        geometry.uv.use(0)
        self._sum.of(geometry.size).texture.use(1)
        self._mean.draw(uv=0, sum=1)
        self.finish()
