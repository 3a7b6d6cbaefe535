"""What is laid over the window but never recorded: help, questions, messages, the state of a recording."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import moderngl

from ..frame_size import Size
from ..gl.image_overlays import ImageOverlays, Surface
from ..gl.overlays import Tone, banner_image
from .key_overlays import Section, help_image, prompt_image

_EM_PT = 14.0


@dataclass(frozen=True)
class Hud:
    """What to lay over the window.

    Attributes:
        banners: texts with their tone, from the top down.
        prompt: a question and its answers, (key, meaning), or None.
        help: sections of keys, or empty.
    """

    banners: tuple[tuple[str, Tone], ...] = ()
    prompt: tuple[str, tuple[tuple[str, str], ...]] | None = None
    help: tuple[Section, ...] = ()


class HudScene:
    """Draws a ``Hud`` into a window."""

    def __init__(self, context: moderngl.Context) -> None:
        self._overlays = ImageOverlays(context)

    def draw(self, surface: Surface, hud: Hud, pixel_ratio: float) -> None:
        """Lay ``hud`` over what has been drawn; letters are as large as ``pixel_ratio`` asks for."""
        surface.use()
        em, size = _EM_PT * pixel_ratio, surface.size
        top = 4 * em  # below the labels of the panes
        for text, tone in hud.banners:
            box = self._overlays.draw(surface, banner_image, (text, tone, em, size), partial(_centred, size, top))
            top = box[3] + em / 2 if box else top
        if hud.help:
            self._overlays.draw(surface, help_image, (hud.help, em, size), partial(_middle, size))
        if hud.prompt is not None:
            question, choices = hud.prompt
            self._overlays.draw(surface, prompt_image, (question, choices, em, size), partial(_middle, size))

    def release(self) -> None:
        """Give everything back to the driver."""
        self._overlays.release()


def _centred(size: Size, top: float, image_px: Size) -> tuple[float, float]:
    return (size[0] - image_px[0]) / 2, top


def _middle(size: Size, image_px: Size) -> tuple[float, float]:
    return (size[0] - image_px[0]) / 2, (size[1] - image_px[1]) / 2
