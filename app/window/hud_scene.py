"""What is laid over the window but never recorded: lines between panes, help, questions, messages, and the state of a
recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import moderngl
import numpy as np
from jaxtyping import UInt8

from ..explain.card import card_image
from ..frame_size import Size
from ..gl.image_overlays import ImageOverlays, Surface
from ..gl.overlays import Tone, banner_image, caption_margin_px, label_em_px, label_image
from ..gl.strokes import Strokes
from ..layout_file import Side
from ..marks import Marks, Stroke
from ..panes import PANES, Layout, panes_of
from ..scene_state import Inspected, Position
from .inspector_image import inspector_image, mark_image
from .key_overlays import Section, help_image, prompt_image

_EM_PT = 14.0
_LABEL_EM = 1.9
_RULE = (90, 93, 102, 255)

Band = tuple[float, float]
"""Top and bottom of a part of the frame."""


@dataclass(frozen=True)
class Hud:
    """What to lay over the window.

    Attributes:
        banners: texts with their tone, from the top down.
        prompt: a question and its answers, (key, meaning), or None.
        help: sections of keys, or empty.
        layout: how pictures share the frame that it is laid over.
        inspected: what is told of a point.
        card: an explanation, as ``card_image`` takes it but for the size of its letters; or empty.
        marks: what is drawn on what is shown.
        path: the path of the camera, likewise.
        search: what stands below the help.
        hint: as a prompt, but at the foot of the view, and in nobody's way.
        panel_side: where the panel is, near which explanations are laid.
    """

    banners: tuple[tuple[str, Tone], ...] = ()
    prompt: tuple[str, tuple[tuple[str, str], ...]] | None = None
    help: tuple[Section, ...] = ()
    layout: Layout = "one"
    inspected: Inspected | None = None
    card: tuple[Any, ...] = ()
    marks: Marks | None = None
    search: str = ""
    hint: tuple[str, tuple[tuple[str, str], ...]] | None = None
    panel_side: Side = "right"
    path: tuple[Stroke, ...] = ()


class HudScene:
    """Draws a ``Hud`` into a window."""

    def __init__(self, context: moderngl.Context) -> None:
        self._overlays, self._strokes = ImageOverlays(context), Strokes(context)

    def draw(self, surface: Surface, hud: Hud, pixel_ratio: float) -> None:
        """Lay ``hud`` over what has been drawn; letters are as large as ``pixel_ratio`` asks for."""
        surface.use()
        em, size = _EM_PT * pixel_ratio, surface.size
        self._draw_rules(surface, hud.layout, pixel_ratio)
        if hud.path:
            self._strokes.draw(surface, hud.path, pixel_ratio)
        if hud.marks is not None:
            self._draw_marks(surface, hud.marks, em, pixel_ratio)
        if hud.inspected is not None:
            self._draw_inspected(surface, hud.inspected, em)
        top, bands = 0.0, label_bands(hud.layout, size, pixel_ratio)
        for text, tone in hud.banners:
            place = partial(_centred, size, bands, top)
            box = self._overlays.draw(surface, banner_image, (text, tone, em, size), place)
            top = box[3] + em / 2 if box else top
        if hud.hint is not None and not hud.help:
            self._overlays.draw(surface, prompt_image, (*hud.hint, em, size), partial(_at_foot, size, em))
        if hud.card:
            self._overlays.draw(surface, card_image, (*hud.card, em), partial(_aside, size, em, hud.panel_side))
        if hud.help:
            self._overlays.draw(surface, help_image, (hud.help, em, size, hud.search), partial(_middle, size))
        if hud.prompt is not None:
            question, choices = hud.prompt
            self._overlays.draw(surface, prompt_image, (question, choices, em, size), partial(_middle, size))

    def _draw_marks(self, surface: Surface, marks: Marks, em: float, pixel_ratio: float) -> None:
        self._strokes.draw(surface, marks.strokes, pixel_ratio)
        if marks.words:
            place = partial(_below, surface.size, marks.at, 0.9 * em)
            self._overlays.draw(surface, label_image, (marks.words, 0.9 * em), place)

    def _draw_inspected(self, surface: Surface, inspected: Inspected, em: float) -> None:
        at = inspected.at
        if inspected.pinned:
            self._overlays.draw(surface, mark_image, (em,), lambda px: (at[0] - px[0] / 2, at[1] - px[1] / 2))
        arguments = (inspected.rows, inspected.pinned, em)
        self._overlays.draw(surface, inspector_image, arguments, partial(_beside, surface.size, at, em))

    def _draw_rules(self, surface: Surface, layout: Layout, pixel_ratio: float) -> None:
        """Draw the lines between panes that lie side by side or above one another."""
        (width, height), thick = surface.size, max(1, round(pixel_ratio))
        boxes = _boxes(layout, surface.size)
        for left in {box[0] for box in boxes} - {0}:
            self._overlays.draw(surface, rule_image, ((thick, height),), partial(_at, left - thick, 0))
        for top in {box[1] for box in boxes} - {0}:
            self._overlays.draw(surface, rule_image, ((width, thick),), partial(_at, 0, top - thick))

    def release(self) -> None:
        """Give everything back to the driver."""
        self._overlays.release()
        self._strokes.release()


def label_bands(layout: Layout, size: Size, pixel_ratio: float) -> list[Band]:
    """Where labels are written across the frame, from the top down, with some room below."""
    label = label_em_px(size, pixel_ratio)
    height = caption_margin_px(size) + (_LABEL_EM + 0.5) * label
    return [(float(top), top + height) for top in sorted({box[1] for box in _boxes(layout, size)})]


def below(bands: Sequence[Band], top: float, height: float) -> float:
    """The first place from ``top`` on for something so high that covers none of the bands."""
    for first, last in bands:
        if top < last and top + height > first:
            top = last
    return top


def rule_image(size: Size) -> UInt8[np.ndarray, "h w 4"]:
    """A line."""
    return np.full((size[1], size[0], 4), _RULE, np.uint8)


def _boxes(layout: Layout, size: Size) -> list[tuple[int, int, int, int]]:
    return [pane.box for pane in panes_of(layout, ("",) * PANES[layout], size)]


def _beside(size: Size, at: Position, away: float, image_px: Size) -> tuple[float, float]:
    """To the lower right of a point, or on the other side of it where there is no room."""
    places = []
    for middle, room, length in zip(at, size, image_px, strict=True):
        after, before = middle + away, middle - away - length
        places.append(after if after + length <= room else before if before >= 0 else max(0.0, room - length))
    return places[0], places[1]


def _below(size: Size, at: Position, away: float, image_px: Size) -> tuple[float, float]:
    """In the middle below a point, but within the frame."""
    left, top = at[0] - image_px[0] / 2, at[1] + away
    return min(max(left, 0.0), size[0] - image_px[0]), min(max(top, 0.0), size[1] - image_px[1])


def _at(left: int, top: int, image_px: Size) -> tuple[float, float]:
    return float(left), float(top)


def _centred(size: Size, bands: Sequence[Band], top: float, image_px: Size) -> tuple[float, float]:
    return (size[0] - image_px[0]) / 2, below(bands, top, image_px[1])


def _aside(size: Size, em: float, side: Side, image_px: Size) -> tuple[float, float]:
    """By the edge that is near the panel."""
    return (em if side == "left" else size[0] - image_px[0] - em), (size[1] - image_px[1]) / 2


def _at_foot(size: Size, em: float, image_px: Size) -> tuple[float, float]:
    return (size[0] - image_px[0]) / 2, size[1] - image_px[1] - 5 * em


def _middle(size: Size, image_px: Size) -> tuple[float, float]:
    return (size[0] - image_px[0]) / 2, (size[1] - image_px[1]) / 2
