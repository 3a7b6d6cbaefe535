"""Light on a shape: its surface buffers become a picture, and its shadow falls on the floor."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import moderngl

from ...camera.camera import Vector
from ...frame_size import Box, Size
from ...gl.fullscreen_pass import FullscreenPass
from ...gl.owner import Owner, Target
from .controls import Colouring, ShapeControls
from .sight import Sight
from .surface_buffers import SurfaceBuffers
from .surface_pass import bounds_uniforms, shape_bounds
from .volume_texture import VolumeTexture

Look = Literal[Colouring, "error"]
"""What colours a surface, the error included."""

CURVATURE_RANGE = 10.0
"""Mean curvature of the strongest colours, in one over domain units: that of a ball of radius 0.1."""

FLOOR_HALF = 2.6
_FLOOR_PX: Size = (112, 112)
_FLOOR_SHADOW_STEPS, _SHADOW_STEPS, _OPENNESS_TAPS = 32, 28, 4
_LIFT_CELLS = 1.2


class Picture(Owner):
    """A lit shape.

    Attributes:
        smooth: display-encoded colours times coverage, and coverage.
        unsmoothed: the same before its silhouettes are smooth: coverage is 0 or 1.
    """

    def __init__(self, context: moderngl.Context, size: Size) -> None:
        self.smooth, self.unsmoothed = (self.own(Target(context, size, "f2")) for _ in range(2))


def floor_shadow(context: moderngl.Context) -> Target:
    """How much light a shape keeps from the floor around it: of the key light, and of the ambient light."""
    return Target(context, _FLOOR_PX, "f2", components=2, interpolated=True)


class Light(Owner):
    """Lights surfaces.

    Args:
        context: to draw with.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._floor = self.own(FullscreenPass(context, "shape_floor.frag"))
        self._edges = self.own(FullscreenPass(context, "shape_edges.frag"))
        self._looks: dict[Look, FullscreenPass] = {}

    def shade(
        self,
        picture: Picture,
        surface: SurfaceBuffers,
        volume: VolumeTexture,
        controls: ShapeControls,
        look: Look,
        scale: Mapping[str, object],
        truth: VolumeTexture | None,
        visible: Box,
    ) -> None:
        """Make a picture of a surface.

        Args:
            picture: of the surface's size.
            surface: what is seen.
            volume: what casts shadows.
            controls: where the light stands.
            look: what colours the surface.
            scale: the uniforms of ``scale.glsl``, where the look is in colours for numbers; of the field's own colours
                where it is these.
            truth: what it is compared with; needed where that is the error.
            visible: the part that is needed, counted from the bottom left.
        """
        self._context.enable_only(moderngl.NOTHING)
        smooth, unsmoothed = picture.smooth.framebuffer, picture.unsmoothed.framebuffer
        for framebuffer in (smooth, unsmoothed):
            framebuffer.clear()
            framebuffer.scissor = visible
        surface.position.use(1)
        surface.normal.use(2)
        unsmoothed.use()
        given = self._numbers(look, controls, scale, truth)
        if look != "colours":  # which have their light
            lit = self._lit(volume, controls, _SHADOW_STEPS)
            given = {**lit, **given, "surface": 2, "lift": _LIFT_CELLS * volume.cell}
        self._pass_for(look).draw(**given, position=1)
        smooth.use()
        picture.unsmoothed.texture.use(2)
        self._edges.draw(picture=2, position=1, eye=controls.eye.position, ray_forward=tuple(controls.eye.axes[2]))
        for framebuffer in (smooth, unsmoothed):
            framebuffer.scissor = (0, 0, *surface.size)

    def shade_floor(self, shadow: Target, volume: VolumeTexture, controls: ShapeControls) -> None:
        """Find the shape's shadow on the floor."""
        shadow.framebuffer.use()
        self._context.enable_only(moderngl.NOTHING)
        lit = self._lit(volume, controls, _FLOOR_SHADOW_STEPS)
        self._floor.draw(**lit, floor_px=tuple(map(float, _FLOOR_PX)), floor_half=FLOOR_HALF)

    def _lit(self, volume: VolumeTexture, controls: ShapeControls, shadow_steps: int) -> dict[str, object]:
        """The uniforms of ``volume.glsl`` and ``shape_light.glsl``."""
        sight = Sight.of(controls)
        bounds = shape_bounds(volume, sight) or sight.bounds
        return {
            **volume.use(0),
            **bounds_uniforms(bounds, controls.level),
            "to_light": light_direction(controls),
            "cell": volume.cell,
            "steepness": volume.steepness,
            "shadow_steps": shadow_steps if controls.shadows else 0,
            "openness_taps": _OPENNESS_TAPS,
        }

    def _numbers(
        self, look: Look, controls: ShapeControls, scale: Mapping[str, object], truth: VolumeTexture | None
    ) -> Mapping[str, object]:
        """The uniforms that only some looks have."""
        if look != "error":
            return {"material": {"eye": controls.eye.position}, "normals": {}}.get(look, scale)
        if truth is None:
            raise ValueError("look: the error needs a truth")
        bound = truth.use(4)
        return {**scale, "truth": bound["volume"], "truth_half_extent": bound["half_extent"]}

    def _pass_for(self, look: Look) -> FullscreenPass:
        if look not in self._looks:
            drawing = FullscreenPass(self._context, "shape.frag", look.upper(), "VALUES_ARE_LINEAR")
            self._looks[look] = self.own(drawing)
        return self._looks[look]


def light_direction(controls: ShapeControls) -> Vector:
    """Unit vector towards the key light."""
    yaw, pitch = math.radians(controls.light_yaw_deg), math.radians(controls.light_pitch_deg)
    return math.sin(yaw) * math.cos(pitch), math.sin(pitch), math.cos(yaw) * math.cos(pitch)
