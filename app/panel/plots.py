"""Plots in the panel: curves, and pictures made of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dearpygui.dearpygui as dpg
import numpy as np
from jaxtyping import Float

from ..frame_size import Size
from . import theme
from .board import Board

PLOT_PT = 130
_LEGEND_PT = 34

Points = tuple[Any, Any]
"""The x and the y of a line's points."""


class Curves:
    """Lines in one plot, which is there as soon as one of them is a line.

    Args:
        board: to make it on.
        x, y: what the axes say.
        lines: their colours, by name.
        meaning: its tooltip.
        logarithmic: the axes that are, some of ``xy``.
        legend: whether the lines' names are written.
        height_pt: of the plot.
    """

    def __init__(
        self,
        board: Board,
        x: str,
        y: str,
        lines: Mapping[str, theme.Colour],
        meaning: str,
        logarithmic: str = "",
        legend: bool = False,
        height_pt: float = PLOT_PT,
    ) -> None:
        scales = [dpg.mvPlotScale_Log10 if axis in logarithmic else dpg.mvPlotScale_Linear for axis in "xy"]
        with (
            dpg.group(show=False) as self.place,
            dpg.plot(height=board.px(height_pt + legend * _LEGEND_PT), width=-1, no_menus=True, no_mouse_pos=True),
        ):
            if legend:
                dpg.add_plot_legend(location=dpg.mvPlot_Location_North, horizontal=True, outside=True)
            self._axes = [dpg.add_plot_axis(dpg.mvXAxis, label=x, scale=scales[0])]
            with dpg.plot_axis(dpg.mvYAxis, label=y, scale=scales[1]) as y_axis:
                self._lines = {name: dpg.add_line_series([], [], label=name) for name in lines}
        self._axes.append(y_axis)
        for name, colour in lines.items():
            dpg.bind_item_theme(self._lines[name], theme.line_theme(colour))
        board.tooltip(self.place, meaning)

    def show(self, points: Mapping[str, Points], limits: Sequence[tuple[float, float] | None] = (None, None)) -> None:
        """Show these lines and no others; ``limits`` are those of the axes, by themselves as far as the lines go."""
        is_line = any(len(x) > 1 for x, _ in points.values())
        dpg.configure_item(self.place, show=is_line)
        if not is_line:
            return
        for name, line in self._lines.items():
            x, y = points.get(name, ((), ()))
            dpg.set_value(line, [list(map(float, x)), list(map(float, y))])
            dpg.configure_item(line, show=len(x) > 0)
        for axis, limit in zip(self._axes, limits, strict=True):
            if limit is None:
                dpg.fit_axis_data(axis)
            else:
                dpg.set_axis_limits(axis, *limit)

    def rename(self, names: Mapping[str, str]) -> None:
        """Call lines something else in the legend."""
        for name, label in names.items():
            dpg.configure_item(self._lines[name], label=label)


class Image:
    """A picture of fixed size in pixels.

    Args:
        board: to make it on.
        size_px: its width and height.
        shown: width and height in points.

    Attributes:
        canvas: what it is drawn on, for more to be drawn over it.
        side: width and height in pixels of the panel.
    """

    def __init__(self, board: Board, size_px: Size, shown: tuple[float, float]) -> None:
        self._pixels = np.zeros((size_px[1], size_px[0], 4), np.float32)
        self._pixels[..., 3] = 1
        self.side = board.px(shown[0]), board.px(shown[1])
        with dpg.texture_registry():
            self._texture = dpg.add_raw_texture(*size_px, self._pixels, format=dpg.mvFormat_Float_rgba)
        with dpg.drawlist(*self.side) as self.canvas:
            dpg.draw_image(self._texture, (0, 0), self.side)

    def show(self, colours: Float[np.ndarray, "h w 3"]) -> None:
        """Show these, each in [0, 1]; what is smaller lies in the upper left corner, on the panel's ground."""
        height, width = colours.shape[:2]
        self._pixels[..., :3] = np.array(theme.colours.ground) / 255
        self._pixels[:height, :width, :3] = colours
        dpg.set_value(self._texture, self._pixels)


def coloured(values: Float[np.ndarray, "*shape"], low: float, high: float, colours: Any) -> Float[np.ndarray, "*s 3"]:
    """Colours of numbers from ``low`` to ``high``."""
    level = ((values - low) / max(high - low, 1e-12)).clip(0, 1)
    found: np.ndarray = colours[(np.nan_to_num(level) * 255).astype(int)]
    return found
