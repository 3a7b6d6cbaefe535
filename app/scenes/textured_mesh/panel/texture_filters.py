"""A table in the group *Shading*: what each way to look the texture up costs and is worth."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import dearpygui.dearpygui as dpg

from ....panel.board import NONE, Board, Tag
from ..controls import SHADINGS, Shading
from ..state import Figures, textured_meshes

_COLUMNS = {
    "ms": "milliseconds that a frame took, of the size that it was measured at",
    "dB": "PSNR against the judge, over what is covered by the model; more is better",
    "FLIP": "perceptual difference to the judge, 0 being none",
    "flicker": "mean absolute difference to the frame a thirtieth of a second before, followed along the surface",
}
_WAYS: tuple[Shading, ...] = tuple(name for name in SHADINGS if name != "uv")


def build(board: Board) -> Callable[[], None]:
    """Make it; returns what brings it up to date."""
    return _Table(board).refresh


class _Table:
    """Of all ways of shading: time, PSNR, FLIP and flicker."""

    def __init__(self, board: Board) -> None:
        self._session = board.session
        self._cells: dict[tuple[Shading, str], Tag] = {}
        self._names: dict[Shading, Tag] = {}
        self._shown: object = None
        with dpg.table(header_row=False, policy=dpg.mvTable_SizingStretchProp, no_pad_outerX=True, borders_innerH=True):
            for weight in (1.7, *[1.0] * len(_COLUMNS)):
                dpg.add_table_column(init_width_or_weight=weight)
            with dpg.table_row():
                dpg.add_text("")
                for name, meaning in _COLUMNS.items():
                    board.tooltip(dpg.add_text(name), meaning)
            for shading in _WAYS:
                self._add_row(board, shading)

    def refresh(self) -> None:
        """Show what is known now."""
        state = textured_meshes(self._session)
        now = (dict(state.figures), state.shading)
        if now == self._shown:
            return
        self._shown = now
        for shading in _WAYS:
            dpg.set_value(self._names[shading], shading == state.shading)
            for column, words in zip(_COLUMNS, _words(state.figures.get(shading)), strict=True):
                dpg.set_value(self._cells[shading, column], words)

    def _add_row(self, board: Board, shading: Shading) -> None:
        with dpg.table_row():
            name = dpg.add_selectable(label=shading, callback=partial(self._choose, shading))
            board.tooltip(name, "click to look the texture up in this way")
            self._names[shading] = name
            for column in _COLUMNS:
                self._cells[shading, column] = dpg.add_text(NONE)

    def _choose(self, shading: Shading) -> None:
        self._shown = None
        textured_meshes(self._session).shade(shading)


def _words(figures: Figures | None) -> tuple[str, ...]:
    if figures is None:
        return (NONE,) * len(_COLUMNS)
    return (
        f"{figures.milliseconds:.0f}" if figures.milliseconds >= 10 else f"{figures.milliseconds:.1f}",
        _known(figures.psnr, "{:.1f}"),
        _known(figures.flip, "{:.3f}"),
        _known(figures.flicker, "{:.4f}"),
    )


def _known(value: float | None, form: str) -> str:
    return NONE if value is None else form.format(value)
