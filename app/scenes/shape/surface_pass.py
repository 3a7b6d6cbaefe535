"""The pass that finds the surface of a baked shape: sphere tracing in a fragment shader."""

from __future__ import annotations

import itertools
import math

import moderngl
import numpy as np

from ...camera.camera import NEAR, Camera, clip_from_view, rays, view_from_world
from ...frame_size import Box, Size
from ...gl.fullscreen_pass import FullscreenPass
from ...gl.owner import Owner
from .sight import Bounds, Sight
from .surface_buffers import SurfaceBuffers
from .volume_texture import VolumeTexture

_MOST_STEPS, _REFINEMENTS, _REACHES = 320, 6, 7
_MARGIN_CELLS = 1.0
"""Around the surface, so that pixels beside its silhouette know how close they pass."""


class SurfacePass(Owner):
    """Fills surface buffers from volumes."""

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._plain = self.own(FullscreenPass(context, "sphere_trace.frag"))
        self._curved = self.own(FullscreenPass(context, "sphere_trace.frag", "CURVED"))

    def draw(
        self,
        buffers: SurfaceBuffers,
        volume: VolumeTexture,
        sight: Sight,
        visible: Box | None = None,
        curved: bool = False,
    ) -> Box:
        """Find what ``sight`` sees; returns the part of the buffers that may see something of the shape.

        Args:
            buffers: to be filled.
            volume: with a bake.
            sight: who looks at what.
            visible: the part of the buffers that is needed, counted from the bottom left; all of it if None.
            curved: whether the curvature is needed as well.
        """
        buffers.framebuffer.use()
        self._context.enable_only(moderngl.NOTHING)
        buffers.framebuffer.clear()
        buffers.sight = sight
        bounds = shape_bounds(volume, sight)
        if bounds is None:
            return 0, 0, 0, 0
        part = seen_part(bounds, sight.camera, buffers.size, visible)
        buffers.framebuffer.scissor = part
        (self._curved if curved else self._plain).draw(
            **volume.use(0),
            **bounds_uniforms(bounds, sight.level),
            **rays(sight.camera, buffers.size),
            cell=volume.cell,
            steepness=volume.steepness,
            most_steps=_MOST_STEPS,
            refinements=_REFINEMENTS,
            reaches=_REACHES,
        )
        buffers.framebuffer.scissor = (0, 0, *buffers.size)
        return part


def shape_bounds(volume: VolumeTexture, sight: Sight) -> Bounds | None:
    """The box that holds what is left of a shape; None where nothing is."""
    tight = volume.bounds(sight.level, _MARGIN_CELLS * volume.cell)
    if tight is None:
        return None
    bounds = tight.within(sight.bounds)
    return bounds if all(low < high for low, high in zip(bounds.lower, bounds.upper, strict=True)) else None


def bounds_uniforms(bounds: Bounds, level: float) -> dict[str, object]:
    """The uniforms of ``volume.glsl`` that say what is looked at."""
    return {"box_lower": bounds.lower, "box_upper": bounds.upper, "level": level}


def seen_part(bounds: Bounds, camera: Camera, size: Size, visible: Box | None = None) -> Box:
    """The pixels of a picture, of those in ``visible``, that may see into a box; counted from the bottom left."""
    width, height = size
    left, low, right, high = 0, 0, width, height
    corners = np.array(list(itertools.product(*zip(bounds.lower, bounds.upper, strict=True))))
    clip_from_world = clip_from_view(camera, size) @ view_from_world(camera)
    x, y, _, away = clip_from_world @ np.concatenate([corners.T, np.ones((1, 8))])
    if away.min() > NEAR:
        columns, rows = (x / away + 1) * width / 2, (y / away + 1) * height / 2
        left, right = max(left, math.floor(columns.min()) - 2), min(right, math.ceil(columns.max()) + 2)
        low, high = max(low, math.floor(rows.min()) - 2), min(high, math.ceil(rows.max()) + 2)
    if visible is not None:
        left, right = max(left, visible[0]), min(right, visible[0] + visible[2])
        low, high = max(low, visible[1]), min(high, visible[1] + visible[3])
    return left, low, max(0, right - left), max(0, high - low)
