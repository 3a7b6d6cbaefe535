"""The radiance scene: pictures in their panes, and the cameras of the photographs over them."""

from __future__ import annotations

from typing import Any

import moderngl
import numpy as np
from jaxtyping import Float

from ...camera.frusta import Frusta
from ...compare import ERROR_KINDS
from ...compositor import Compositor, begin_pane
from ...frame_size import Box, fitted, from_bottom
from ...gl.fullscreen_pass import FullscreenPass
from ...gl.image_overlays import Surface
from ...panes import Pane
from .controls import NO_VIEW, WITH_FRUSTA, RadianceControls
from .pictures import RadiancePictures, RadianceSubject
from .placed_cameras import PlacedCameras


class RadianceCompositor(Compositor[RadianceControls]):
    """Composes pictures of a radiance field into a frame.

    Args:
        context: to draw with.

    Attributes:
        pictures: that were brought last.
    """

    def __init__(self, context: moderngl.Context) -> None:
        super().__init__(context)
        self._copy = self.own(FullscreenPass(context, "frame.frag"))
        self._error = self.own(FullscreenPass(context, "radiance_error.frag"))
        self._frusta = self.own(Frusta(context))
        self._textures: dict[str, moderngl.Texture] = {}
        self._depth: moderngl.Texture | None = None
        self.pictures: RadiancePictures | None = None
        self._subject: RadianceSubject | None = None
        self._placed: PlacedCameras = PlacedCameras()

    def bring(self, pictures: RadiancePictures, subject: RadianceSubject | None) -> None:
        """Take pictures to be composed, and whose cameras are drawn over them."""
        self._drop()
        self.pictures = pictures
        for output, image in pictures.images.items():
            self._textures[output] = self._texture(image.clip(0, 1))
        if pictures.depth is not None:
            self._depth = self._texture(pictures.depth[..., None])
            self._depth.filter = (moderngl.NEAREST,) * 2
        self._subject = subject

    def _texture(self, image: Float[np.ndarray, "h w c"]) -> moderngl.Texture:
        upright = np.ascontiguousarray(np.flipud(image), np.float32)
        texture = self._context.texture(image.shape[1::-1], image.shape[2], upright.tobytes(), dtype="f4")
        texture.filter = (moderngl.LINEAR,) * 2
        texture.repeat_x = texture.repeat_y = False
        return texture

    def release(self) -> None:
        """Give everything back to the driver."""
        self._drop()
        super().release()

    def _drop(self) -> None:
        for texture in self._textures.values():
            texture.release()
        if self._depth is not None:
            self._depth.release()
        self._textures, self._depth = {}, None

    def _draw_pane(self, surface: Surface, controls: RadianceControls, pane: Pane, pixel_ratio: float) -> None:
        """Put a picture into the middle of its pane."""
        begin_pane(surface, pane)
        surface.clear(0.08, 0.08, 0.08, 1.0)
        is_error = pane.output in ERROR_KINDS
        compared = (controls.subject, controls.reference) if is_error else (pane.output,)
        textures, pictures = [self._textures[one] for one in compared if one in self._textures], self.pictures
        if len(textures) < len(compared) or pictures is None:
            return
        box = self._box(pane, pictures, pane.output)
        surface.viewport = box
        left, bottom, width, height = map(float, box)
        for unit, texture in enumerate(textures):
            texture.use(unit)
        if is_error:
            scale = self._use_error_colours(controls, pane.output, 2)
            self._error.draw(**scale, picture=0, photograph=1, pane_box=(left, bottom, width, height))
        else:
            self._copy.draw(frame=0, corner_px=(left, bottom), surface_px=(width, height))
        if controls.frusta and controls.view == NO_VIEW and pane.output in WITH_FRUSTA:
            self._frusta.take(self._placed.of(self._subject))
            self._frusta.draw(pictures.camera, box, self._depth)
        surface.viewport = from_bottom(pane.box, surface.size)

    def _box(self, pane: Pane, pictures: RadiancePictures, output: str) -> Box:
        size = (1, 1) if output == "density" else (pictures.camera.width, pictures.camera.height)
        left, top, width, height = fitted(size, pane.size)
        surface_box = (pane.box[0] + left, pane.box[1] + top, width, height)
        return from_bottom(surface_box, self._surface_px)

    _surface_px = (1, 1)

    def compose(self, surface: Surface, *rest: Any, **more: Any) -> None:
        """See the base."""
        self._surface_px = surface.size
        super().compose(surface, *rest, **more)
