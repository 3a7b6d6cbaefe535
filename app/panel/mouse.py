"""Where the mouse is on what the panel draws."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from .board import Tag


def mouse_on(canvas: Tag) -> tuple[float, float]:
    """Its place in pixels from the upper left corner of a canvas."""
    (left, top), (x, y) = dpg.get_item_rect_min(canvas), dpg.get_mouse_pos(local=False)
    return x - left, y - top
