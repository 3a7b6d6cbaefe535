"""Where the picture lies in a frame, which part of it is seen, and what a pixel of the frame averages over."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch

from fieldcore.evaluation import Grid
from fieldcore.filters import Gaussian
from fieldcore.signals import SignalFacts

from ...frame_size import Size
from .controls import LEAST_ZOOM, MOST_ZOOM, Controls, Point


@dataclass(frozen=True)
class View:
    """A frame's pixels in the domain. Frame coordinates run from the top left corner; centres are at halves.

    Attributes:
        framebuffer_px: the frame's width and height.
        center: the domain point in the middle of the frame.
        pixel_size: side of a pixel in domain units.
        half_extent: half the picture's width and height in domain units.
        source_pixel_size: side of one of the picture's own pixels, 0 for a formula.
    """

    framebuffer_px: Size
    center: Point
    pixel_size: float
    half_extent: Point
    source_pixel_size: float

    @classmethod
    def of(cls, controls: Controls, facts: SignalFacts, framebuffer_px: Size) -> View:
        """The view that ``controls`` ask for, of a signal, in a frame of that size."""
        half_width, half_height = facts.half_extent
        fitted = max(2 * half_width / framebuffer_px[0], 2 * half_height / framebuffer_px[1])
        source = 2 * half_width / facts.resolution[0] if facts.resolution else 0.0
        return cls(framebuffer_px, controls.center, fitted / controls.zoom, (half_width, half_height), source)

    @property
    def footprint_variance(self) -> float:
        """Variance that keeps a picture seen from afar free of aliasing.

        A Gaussian whose standard deviation is half a frame pixel p, of variance (p/2)^2, passes 0.7% at the
        frequency that would fold to a constant. The picture's own pixels, of side s, have averaged over (s/2)^2
        already, so what is missing is ``(p^2 - s^2) / 4``, and nothing where p is less than s.
        """
        return max(0.0, self.pixel_size**2 - self.source_pixel_size**2) / 4

    def frame_from_domain(self, point: Sequence[float]) -> Point:
        """Frame coordinates, in pixels from the top left corner, of a domain point."""
        x, y = ((point[k] - self.center[k]) / self.pixel_size + self.framebuffer_px[k] / 2 for k in (0, 1))
        return x, y

    def visible_grid(self) -> Grid | None:
        """The frame's own pixels that the picture touches, or None if it is out of sight.

        Cells of this grid are pixels of the frame, so the field is evaluated exactly where it is seen.
        """
        top_left = self.frame_from_domain([-half for half in self.half_extent])
        bottom_right = self.frame_from_domain(self.half_extent)
        # Clamping before rounding: far-off corners would be integers of hundreds of digits.
        first = [math.floor(min(max(top_left[k], 0), self.framebuffer_px[k])) for k in (0, 1)]
        last = [math.ceil(min(max(bottom_right[k], 0), self.framebuffer_px[k])) for k in (0, 1)]
        if any(stop <= start for start, stop in zip(first, last, strict=True)):
            return None
        resolution = (last[0] - first[0], last[1] - first[1])
        return Grid(resolution, self.domain_from_frame(first), self.domain_from_frame(last))

    def domain_from_frame(self, position: Sequence[float] | Sequence[int]) -> Point:
        """The domain point at frame coordinates in pixels."""
        x, y = (self.center[k] + (position[k] - self.framebuffer_px[k] / 2) * self.pixel_size for k in (0, 1))
        return x, y


def zoomed_at(controls: Controls, view: View, position: Sequence[float], factor: float) -> Controls:
    """The controls with ``factor`` times the zoom, the point at the frame coordinates ``position`` staying there."""
    zoom = min(max(controls.zoom * factor, LEAST_ZOOM), MOST_ZOOM)
    fixed, share = view.domain_from_frame(position), controls.zoom / zoom
    x, y = (fixed[k] + (controls.center[k] - fixed[k]) * share for k in (0, 1))
    return replace(controls, zoom=zoom, center=(x, y))


def panned(controls: Controls, view: View, shift_px: Sequence[float]) -> Controls:
    """The controls after the picture was dragged by ``shift_px``; its middle is kept within reach of its box."""
    x, y = (
        min(max(controls.center[k] - shift_px[k] * view.pixel_size, -2 * view.half_extent[k]), 2 * view.half_extent[k])
        for k in (0, 1)
    )
    return replace(controls, center=(x, y))


def filter_seen(controls: Controls, view: View) -> Gaussian | Callable[[Grid], Gaussian] | None:
    """The filter to evaluate for a frame: the one asked for and the pixels' own footprint; None if neither.

    Where the variance grows away from the gaze, it is a function that gives every cell of a grid a filter of its own.
    """
    if controls.foveated:
        return lambda grid: _foveated(controls, view, grid)
    seen = controls.gaussian + Gaussian(view.footprint_variance)
    return None if view.footprint_variance == 0 and not any(controls.covariance) else seen


def _foveated(controls: Controls, view: View, grid: Grid) -> Gaussian:
    away = grid.points(0, grid.count) - torch.tensor(controls.gaze)
    growth = controls.falloff**2 * away.square().sum(1)
    return controls.gaussian + Gaussian.unchecked(growth + view.footprint_variance)
