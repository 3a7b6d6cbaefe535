"""The judge of all others: the mean of many samples of the texture a pixel."""

from __future__ import annotations

from collections.abc import Iterator

import moderngl

from ...gl.fullscreen_pass import FullscreenPass
from ...gl.owner import Owner, Sized, Target
from .controls import TexturedMeshControls
from .footprint import sample_offsets_px
from .geometry_pass import FIRST_FREE_UNIT, GeometryPass
from .shading import Albedo, Shot
from .sheet_texture import SheetTexture

_SHEET_UNIT = FIRST_FREE_UNIT


class SupersampledShading(Owner):
    """Draws the frame ``controls.samples`` squared times, each a little shifted, and takes the mean of the colours.

    The shifts stand in for the pixel filter; each sample is a bilinear one of the sheet itself. Frames are added one by
    one, so memory does not grow with their number.

    Args:
        context: to draw with.
        geometry_pass: of the model; shots must be of the same.
        sheet: its texture.
    """

    label = "supersampled"

    def __init__(self, context: moderngl.Context, geometry_pass: GeometryPass, sheet: SheetTexture) -> None:
        self._context, self._sheet = context, sheet
        self._mesh = self.own(geometry_pass.mesh("supersample.frag"))
        self._accumulate = self.own(FullscreenPass(context, "accumulate.frag"))
        self._mean = self.own(FullscreenPass(context, "mean_colour.frag"))
        self._albedo = self.own(Albedo(context))
        self._one = self.own(Sized(lambda size: Target(context, size, "f2", depth=True)))
        self._sum = self.own(Sized(lambda size: Target(context, size, "f4")))

    @property
    def albedo(self) -> moderngl.Texture:
        """See ``TextureShading``."""
        return self._albedo.texture

    def shade(self, shot: Shot, controls: TexturedMeshControls) -> Iterator[None]:
        """See ``TextureShading``: a slice is one of the frames."""
        self.label = f"supersampled {controls.samples} x {controls.samples}"
        yield from shot.draw_in_slices()
        geometry = shot.geometry
        total = self._sum.of(shot.size)
        total.framebuffer.clear()
        offsets = [float(offset) for offset in sample_offsets_px(controls.samples, controls.pixel_filter)]
        for y in offsets:
            for x in offsets:
                self._add(shot, total, (x, y))
                self._context.finish()  # or the driver would put off all the work to the last slice
                yield
        self._albedo.begin(shot.size)
        geometry.uv.use(0)
        total.texture.use(1)
        self._sheet.use("bilinear", _SHEET_UNIT)
        self._mean.draw(uv=0, total=1, sheet=_SHEET_UNIT)
        self._sheet.done(_SHEET_UNIT)
        self._albedo.finish()

    def _add(self, shot: Shot, total: Target, shift_px: tuple[float, float]) -> None:
        self._context.disable(moderngl.BLEND)
        self._context.enable(moderngl.DEPTH_TEST)
        one = self._one.of(shot.size)
        one.framebuffer.use()
        one.framebuffer.clear()
        self._sheet.use("bilinear", _SHEET_UNIT)
        shot.geometry_pass.render(self._mesh, shot.camera, shot.size, shift_px, sheet=_SHEET_UNIT)
        self._sheet.done(_SHEET_UNIT)
        self._context.disable(moderngl.DEPTH_TEST)
        total.framebuffer.use()
        self._context.enable(moderngl.BLEND)
        self._context.blend_func = moderngl.ONE, moderngl.ONE
        one.texture.use(0)
        self._accumulate.draw(picture=0)
        self._context.disable(moderngl.BLEND)
