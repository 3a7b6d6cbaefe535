"""The judge of all others: the mean of many samples of the texture a pixel."""

from __future__ import annotations

from collections.abc import Iterator

import moderngl

from ...frame_size import Size
from ...gl.fullscreen_pass import FullscreenPass
from .controls import FlightControls
from .footprint import sample_offsets_px
from .geometry_pass import FIRST_FREE_UNIT, GeometryPass
from .shading import Albedo, Shot
from .sheet_texture import SheetTexture

_SHEET_UNIT = FIRST_FREE_UNIT


class SupersampledShading:
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
        self._mesh = geometry_pass.mesh("supersample.frag")
        self._accumulate = FullscreenPass(context, "accumulate.frag")
        self._mean = FullscreenPass(context, "mean_colour.frag")
        self._albedo = Albedo(context)
        self._targets: _Targets | None = None

    @property
    def albedo(self) -> moderngl.Texture:
        """See ``TextureShading``."""
        return self._albedo.texture

    def shade(self, shot: Shot, controls: FlightControls) -> Iterator[None]:
        """See ``TextureShading``: a slice is one of the frames."""
        self.label = f"supersampled {controls.samples} x {controls.samples}"
        yield from shot.draw_in_slices()
        geometry = shot.geometry
        targets = self._targets_of(shot.size)
        targets.total.clear()
        offsets = [float(offset) for offset in sample_offsets_px(controls.samples, controls.pixel_filter)]
        for y in offsets:
            for x in offsets:
                self._add(shot, targets, (x, y))
                self._context.finish()  # or the driver would put off all the work to the last slice
                yield
        self._albedo.begin(shot.size)
        geometry.uv.use(0)
        targets.sum.use(1)
        self._sheet.use("bilinear", _SHEET_UNIT)
        self._mean.draw(uv=0, total=1, sheet=_SHEET_UNIT)
        self._sheet.done(_SHEET_UNIT)
        self._albedo.finish()

    def release(self) -> None:
        """Give everything back to the driver but the sheet, which others may share."""
        self._mesh.release()
        self._accumulate.release()
        self._mean.release()
        self._albedo.release()
        if self._targets is not None:
            self._targets.release()

    def _add(self, shot: Shot, targets: _Targets, shift_px: tuple[float, float]) -> None:
        self._context.disable(moderngl.BLEND)
        self._context.enable(moderngl.DEPTH_TEST)
        targets.sample.use()
        targets.sample.clear()
        self._sheet.use("bilinear", _SHEET_UNIT)
        shot.geometry_pass.render(self._mesh, shot.camera, shot.size, shift_px, sheet=_SHEET_UNIT)
        self._sheet.done(_SHEET_UNIT)
        self._context.disable(moderngl.DEPTH_TEST)
        targets.total.use()
        self._context.enable(moderngl.BLEND)
        self._context.blend_func = moderngl.ONE, moderngl.ONE
        targets.one.use(0)
        self._accumulate.draw(picture=0)
        self._context.disable(moderngl.BLEND)

    def _targets_of(self, size: Size) -> _Targets:
        if self._targets is None or self._targets.sum.size != size:
            if self._targets is not None:
                self._targets.release()
            self._targets = _Targets(self._context, size)
        return self._targets


class _Targets:
    """One frame, and the sum of all."""

    def __init__(self, context: moderngl.Context, size: Size) -> None:
        self.one, self.sum = context.texture(size, 4, dtype="f2"), context.texture(size, 4, dtype="f4")
        self._depth = context.depth_renderbuffer(size)
        self.sample, self.total = context.framebuffer([self.one], self._depth), context.framebuffer([self.sum])

    def release(self) -> None:
        for resource in (self.sample, self.total, self.one, self.sum, self._depth):
            resource.release()
