"""The disc of lights in the panel, in which the light is dragged as in the view's."""

from __future__ import annotations

from typing import Any

import dearpygui.dearpygui as dpg
import numpy as np

from ....panel import theme
from ....panel.board import Board
from ....panel.mouse import mouse_on
from ....panel.plots import Image
from ..disc import Disc
from ..disc_image import disc_image
from ..state import light_stages

_SIDE_PT = 180


class PanelDisc:
    """Its image, and the hand that drags in it."""

    def __init__(self, board: Board) -> None:
        self._state, self._unit = light_stages(board.session), board.unit
        side = round(board.px(_SIDE_PT))
        self._image = Image(board, (side, side), (_SIDE_PT, _SIDE_PT))
        self._disc = Disc.within((0, 0, side, side))
        self._shown: tuple[Any, ...] = ()
        self._dragging = False
        board.widgets["light disc"] = self._image.canvas

    def refresh(self) -> None:
        """Follow the hand, and draw what has changed."""
        self._follow()
        arguments = self._state.disc_arguments(self._disc.size_px)
        dpg.configure_item(self._image.canvas, show=bool(arguments))
        if arguments and arguments != self._shown:
            self._shown = arguments
            image = disc_image(*arguments).astype(np.float32) / 255
            ground = np.array(theme.colours.ground, np.float32) / 255
            self._image.show(image[..., :3] + (1 - image[..., 3:]) * ground)

    def _follow(self) -> None:
        if not dpg.is_mouse_button_down(dpg.mvMouseButton_Left):
            self._dragging = False
        elif dpg.is_mouse_button_clicked(dpg.mvMouseButton_Left) and dpg.is_item_hovered(self._image.canvas):
            self._dragging = True
            self._state.take_light(self._disc, mouse_on(self._image.canvas), self._unit)
        elif self._dragging:
            self._state.set_light(self._disc.light_at(mouse_on(self._image.canvas)))
