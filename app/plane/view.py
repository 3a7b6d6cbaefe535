"""Where what lies on a plane is in a frame, which part of it is seen, and what a pixel of the frame averages over."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch

from fieldcore.evaluation import Grid
from fieldcore.filters import Filter
from fieldcore.signals import SignalFacts

from ..filter.per_point import widened
from ..frame_size import Size
from .controls import LEAST_ZOOM, MOST_ZOOM, AnyPlaneControls, PlaneControls, Point


@dataclass(frozen=True)
class View:
    """A frame's pixels in the domain. Frame coordinates run from the top left corner; centres are at halves.

    Attributes:
        framebuffer_px: the frame's width and height.
        center: the domain point in the middle of the frame.
        pixel_size: side of a pixel in domain units.
        facts: of the signal.
    """

    framebuffer_px: Size
    center: Point
    pixel_size: float
    facts: SignalFacts

    @classmethod
    def of(cls, controls: PlaneControls, facts: SignalFacts, framebuffer_px: Size) -> View:
        """The view that ``controls`` ask for, of a signal, in a frame of that size."""
        (half_width, half_height), (width, height) = facts.half_extent[:2], framebuffer_px
        fitted = max(2 * half_width / width, 2 * half_height / height)
        return cls(framebuffer_px, controls.center, fitted / controls.zoom, facts)

    @property
    def half_extent(self) -> Point:
        """Half the width and height of what is seen, in domain units."""
        width, height = self.facts.half_extent[:2]
        return width, height

    @property
    def magnification(self) -> float:
        """Pixels of the frame in one of the picture; 0 for a formula, which has none."""
        resolution = self.facts.resolution
        return 2 * self.facts.half_extent[0] / resolution[0] / self.pixel_size if resolution else 0.0

    @property
    def footprint_variance(self) -> float:
        """Variance that keeps a picture seen from afar free of aliasing.

        A Gaussian whose standard deviation is half a frame pixel p, of variance (p/2)^2, passes 0.7% at the
        frequency that would fold to a constant. The picture's own pixels, of side s, have averaged over (s/2)^2
        already, so what is missing is ``(p^2 - s^2) / 4``, and nothing where p is less than s; a formula has no s.
        """
        facts = self.facts
        source_pixel = 2 * facts.half_extent[0] / facts.resolution[0] if facts.resolution else 0.0
        return max(0.0, self.pixel_size**2 - source_pixel**2) / 4

    def frame_from_domain(self, point: Sequence[float]) -> Point:
        """Frame coordinates, in pixels from the top left corner, of a domain point."""
        (width, height), (x, y) = self.framebuffer_px, self.center
        return (point[0] - x) / self.pixel_size + width / 2, (point[1] - y) / self.pixel_size + height / 2

    def visible_grid(self) -> Grid | None:
        """The frame's own pixels that the picture touches, or None if it is out of sight.

        Cells of this grid are pixels of the frame, so the field is evaluated exactly where it is seen.
        """
        (half_width, half_height), (width, height) = self.half_extent, self.framebuffer_px
        left, top = self.frame_from_domain((-half_width, -half_height))
        right, bottom = self.frame_from_domain((half_width, half_height))
        # Clamping before rounding: far-off corners would be integers of hundreds of digits.
        first = math.floor(min(max(left, 0), width)), math.floor(min(max(top, 0), height))
        last = math.ceil(min(max(right, 0), width)), math.ceil(min(max(bottom, 0), height))
        resolution = (last[0] - first[0], last[1] - first[1])
        if min(resolution) <= 0:
            return None
        return Grid(resolution, self.domain_from_frame(first), self.domain_from_frame(last))

    def domain_from_frame(self, position: Sequence[float] | Sequence[int]) -> Point:
        """The domain point at frame coordinates in pixels."""
        (width, height), (x, y) = self.framebuffer_px, self.center
        return x + (position[0] - width / 2) * self.pixel_size, y + (position[1] - height / 2) * self.pixel_size


def zoomed_at(controls: AnyPlaneControls, view: View, position: Sequence[float], factor: float) -> AnyPlaneControls:
    """The controls with ``factor`` times the zoom, the point at the frame coordinates ``position`` staying there."""
    zoom = min(max(controls.zoom * factor, LEAST_ZOOM), MOST_ZOOM)
    fixed, share = view.domain_from_frame(position), controls.zoom / zoom
    x, y = (fixed[k] + (controls.center[k] - fixed[k]) * share for k in (0, 1))
    return replace(controls, zoom=zoom, center=(x, y))


def panned(controls: AnyPlaneControls, view: View, shift_px: Sequence[float]) -> AnyPlaneControls:
    """The controls after the picture was dragged by ``shift_px``; its middle is kept within reach of its box."""
    x, y = (
        min(max(controls.center[k] - shift_px[k] * view.pixel_size, -2 * half), 2 * half)
        for k, half in enumerate(view.half_extent)
    )
    return replace(controls, center=(x, y))


_SEEN = (0, 1)
"""The coordinates that are seen, along which a frame's pixels have a footprint."""


def filter_seen(controls: PlaneControls, view: View) -> Filter | Callable[[Grid], Filter] | None:
    """The filter to evaluate for a frame: the one asked for and the pixels' own footprint; None if neither.

    The footprint lies along the two coordinates that are seen. Where the filter differs from point to point, it is a
    function that gives every cell of a grid a filter of its own.
    """
    facts = view.facts
    if controls.varies:
        return lambda grid: controls.filters_at(facts, grid.points(0, grid.count), view.footprint_variance)
    dim = len(facts.half_extent)
    if facts.smooth_axes:  # whose pixels are not averaged over
        asked = controls.filter_of(facts)
        return asked if bool(asked.reach(len(facts.smooth_axes)).any()) else None
    seen = widened(controls.filter_of(facts), torch.tensor(view.footprint_variance), _SEEN, dim)
    return seen if bool(seen.reach(dim).any()) else None


def samples_across(view: View) -> int:
    """How many of a signal's own pixels lie across one of the frame, where no filter averages over these."""
    facts = view.facts
    if not facts.smooth_axes or not facts.resolution:
        return 1
    return max(1, round(view.pixel_size * facts.resolution[0] / (2 * facts.half_extent[0])))


_HALF_SLICE = 2.0**-10  # of a cell along the coordinates that are sliced, which has only a centre that counts


def sliced(grid: Grid, further: Sequence[float]) -> Grid:
    """The cells of a plane's grid where the further coordinates are these."""
    if not further:
        return grid
    return Grid(
        (*grid.resolution, *(1 for _ in further)),
        (*grid.lower, *(at - _HALF_SLICE for at in further)),
        (*grid.upper, *(at + _HALF_SLICE for at in further)),
    )
