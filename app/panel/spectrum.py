"""The group *Spectrum*: which frequencies the picture has, and which the filter lets through."""

from __future__ import annotations

import math

import dearpygui.dearpygui as dpg
import numpy as np

from fieldcore.spectrum import Spectrum, half_power_ellipse

from ..agreement import SPECTRUM_PX
from ..colormap import magma
from ..controls import Covariance
from . import theme
from .board import Board, Tag

_DECADES = 8.0
"""Of power, from the brightest colour to black."""


def build(board: Board, header: Tag) -> None:
    """Make it."""
    inset = _Inset(board)
    board.refreshed(header, inset.refresh)


class _Inset:
    def __init__(self, board: Board) -> None:
        self._board, self._session = board, board.session
        self._pixels = np.zeros((SPECTRUM_PX, SPECTRUM_PX, 4), np.float32)
        self._pixels[..., 3] = 1
        with dpg.texture_registry():
            self._texture = dpg.add_raw_texture(SPECTRUM_PX, SPECTRUM_PX, self._pixels, format=dpg.mvFormat_Float_rgba)
        self._side = board.px(SPECTRUM_PX * 0.75)
        self._shown: Spectrum | None = None
        self._filtered_by: Covariance | None = None
        with dpg.group(horizontal=True):
            with dpg.group() as place:
                self._canvas = dpg.add_drawlist(self._side, self._side)
            self._plot()
        words = "the picture's power by frequency, 0 in the middle, its pixels' Nyquist frequency at the edges; the "
        board.tooltip(place, words + "ellipse is where the filter lets half the power through")

    def _plot(self) -> None:
        with dpg.group() as place, dpg.plot(height=self._side, width=-1, no_menus=True, no_mouse_pos=True):
            dpg.add_plot_legend(location=dpg.mvPlot_Location_NorthEast)
            self._x = dpg.add_plot_axis(dpg.mvXAxis, label="cycles per domain unit")
            with dpg.plot_axis(dpg.mvYAxis, label="log10 power") as self._y:
                self._picture = dpg.add_line_series([], [], label="picture")
                self._filtered = dpg.add_line_series([], [], label="filtered")
        dpg.bind_item_theme(self._picture, theme.line_theme(theme.QUIET))
        dpg.bind_item_theme(self._filtered, theme.line_theme(theme.ACCENT))
        self._board.tooltip(place, "power by frequency, averaged over directions: of the picture, and after the filter")

    def refresh(self) -> None:
        spectrum, covariance = self._session.spectrum, self._session.controls.covariance
        if spectrum is None or (spectrum is self._shown and covariance == self._filtered_by):
            return
        if spectrum is not self._shown:
            self._colour(spectrum)
        self._shown, self._filtered_by = spectrum, covariance
        self._draw(spectrum)

    def _colour(self, spectrum: Spectrum) -> None:
        brightest = spectrum.log_power.max()
        level = ((spectrum.log_power - brightest) / _DECADES + 1).clip(0, 1)
        self._pixels[..., :3] = magma()[(level * 255).astype(int)]
        dpg.set_value(self._texture, self._pixels)

    def _draw(self, spectrum: Spectrum) -> None:
        side, gaussian = self._side, self._session.controls.gaussian
        dpg.delete_item(self._canvas, children_only=True)
        dpg.draw_image(self._texture, (0, 0), (side, side), parent=self._canvas)
        ellipse = half_power_ellipse(gaussian, longest=2 * spectrum.f_max).numpy() / spectrum.f_max
        outline = ((ellipse + 1) * side / 2).tolist()
        dpg.draw_polyline(outline, color=theme.ACCENT, thickness=1.5 * self._board.unit, parent=self._canvas)
        # In the logarithm, a mean over directions of what an anisotropic filter leaves is that of its mean exponent.
        xx, _, yy = self._session.controls.covariance
        passed = -2 * math.pi**2 * (xx + yy) * spectrum.frequencies**2 / math.log(10)
        floor = float(spectrum.radial_log_power.min()) - 1
        dpg.set_value(self._picture, [spectrum.frequencies.tolist(), spectrum.radial_log_power.tolist()])
        filtered = np.maximum(spectrum.radial_log_power + passed, floor)
        dpg.set_value(self._filtered, [spectrum.frequencies.tolist(), filtered.tolist()])
        dpg.set_axis_limits(self._x, 0, spectrum.f_max)
        dpg.set_axis_limits(self._y, floor, float(spectrum.radial_log_power.max()) + 0.5)
