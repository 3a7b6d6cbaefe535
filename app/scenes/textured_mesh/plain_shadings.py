"""What OpenGL does with a texture by itself: its nearest texel, mipmaps; and the geometry pass shown as it is."""

from __future__ import annotations

from collections.abc import Iterator

import moderngl

from ...gl.fullscreen_pass import FullscreenPass
from ...gl.owner import Owner
from .anisotropy import MOST_ANISOTROPY, driver_anisotropy
from .controls import TexturedMeshControls
from .edges import EdgedAlbedo, looks
from .geometry_pass import Geometry
from .shading import Albedo, Shot
from .sheet_texture import Sampling, SheetTexture


class _PlainShading(Owner):
    """A fragment shader that draws what a geometry's pixels see."""

    label: str

    def __init__(self, context: moderngl.Context, drawing: FullscreenPass, albedo: Albedo) -> None:
        self._context, self._pass, self._albedo = context, self.own(drawing), self.own(albedo)

    @property
    def albedo(self) -> moderngl.Texture:
        """See ``TextureShading``."""
        return self._albedo.texture

    def _draw(self, geometry: Geometry, **uniforms: object) -> None:
        """Draw what a geometry's pixels see into a new picture."""
        self._context.disable(moderngl.BLEND)
        self._albedo.begin(geometry.size)
        geometry.uv.use(0)
        geometry.jacobian.use(1)
        self._pass.draw(uv=0, jacobian=1, **uniforms)


class _SampledShading(_PlainShading):
    """One look at the sheet a pixel, and some more near edges, in one of OpenGL's ways."""

    _sampling: Sampling
    _albedo: EdgedAlbedo

    def __init__(self, context: moderngl.Context, sheet: SheetTexture, *defined: str) -> None:
        super().__init__(context, FullscreenPass(context, "lookup.frag", *defined), EdgedAlbedo(context))
        self._sheet = sheet
        self._uniforms: dict[str, float] = {}

    def shade(self, shot: Shot, controls: TexturedMeshControls) -> Iterator[None]:
        """See ``TextureShading``."""
        yield from shot.draw_in_slices()
        for look in looks(shot):
            self._sheet.use(self._sampling, 2)
            self._draw(look.geometry, sheet=2, width=look.width, **self._uniforms)
            self._sheet.done(2)
            self._albedo.add(look, shot.geometry.edges, controls.pixel_filter)
            self._context.finish()  # or the driver would put off all work to the end
            yield
        self._albedo.finish_over(shot.geometry)


class SingleShading(_SampledShading):
    """The texel nearest to what a pixel's centre sees, as textures were drawn before there were filters: aliases."""

    label = "single sample"
    _sampling: Sampling = "nearest"


class MipmapShading(_SampledShading):
    """Mipmaps of the sheet, by each pixel's footprint.

    Source: Williams, Pyramidal Parametrics, SIGGRAPH 1983; the OpenGL 3.3 specification, 3.8.11.
    """

    label = "mipmaps"
    _sampling: Sampling = "trilinear"


class AnisotropicShading(_SampledShading):
    """Mipmaps, several looks along the footprint's longer side: the driver's own, or where it has none, our shader's.

    Source: the extension EXT_texture_filter_anisotropic.
    """

    def __init__(self, context: moderngl.Context, sheet: SheetTexture) -> None:
        by_driver = driver_anisotropy(context)
        if by_driver > 1:
            super().__init__(context, sheet)
            self._sampling: Sampling = "anisotropic"
            self.label = f"anisotropic {by_driver:.0f}x"
        else:
            super().__init__(context, sheet, "PROBES")
            self._sampling = "trilinear"
            self._uniforms = {"most_probes": MOST_ANISOTROPY}
            self.label = f"anisotropic {MOST_ANISOTROPY:.0f}x by shader"


class UvShading(_PlainShading):
    """No texture but what all start from: u red, v green, the longer axis of the footprint blue."""

    label = "uv"

    def __init__(self, context: moderngl.Context, sheet: SheetTexture) -> None:
        super().__init__(context, FullscreenPass(context, "uv.frag"), Albedo(context))
        self._size = sheet.size

    def shade(self, shot: Shot, controls: TexturedMeshControls) -> Iterator[None]:
        """See ``TextureShading``."""
        yield from shot.draw_in_slices()
        self._draw(shot.geometry, sheet_px=self._size)
        self._albedo.finish()
