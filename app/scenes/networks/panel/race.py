"""The leaderboard of a race, and its curves."""

from __future__ import annotations

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from fieldcore.comparison.contest import Contestant

from ....panel import theme
from ....panel.board import NONE, Board, Tag
from ....panel.plots import Curves
from ..controls import MOST_NETWORKS
from ..state import networks
from .inside import export_button

_FURTHER: tuple[theme.Colour, ...] = (
    (140, 205, 140), (200, 150, 230), (240, 160, 200), (120, 210, 210), (210, 210, 120),
)  # fmt: skip
_WEIGHTS = (3.2, 1.6, 1.7, 1.7, 2.0)
_BOARD = "the networks, the best first: PSNR of all pixels as last measured, steps, time of a step, share of the budget"
_CURVES = "PSNR over the seconds that each network has been trained"


def race_part(board: Board) -> Callable[[], None]:
    """Who leads."""
    state = networks(board.session)
    with (
        dpg.group(show=False) as place,
        dpg.table(header_row=False, policy=dpg.mvTable_SizingStretchProp, no_pad_outerX=True),
    ):
        for weight in _WEIGHTS:
            dpg.add_table_column(init_width_or_weight=weight)
        rows = [_Row(board) for _ in range(MOST_NETWORKS)]
    board.tooltip(place, _BOARD)
    now = theme.colours
    lines = {str(index): colour for index, colour in enumerate((now.accent, now.blue, now.red, *_FURTHER, now.quiet))}
    curves = Curves(board, "seconds each", "PSNR, dB", lines, _CURVES, legend=True)
    export_button(board, "psnr")
    shown: list[object] = [None]

    def refresh() -> None:
        contestants = state.contestants
        now = tuple((id(one), one.training.step, len(one.watch.probes)) for one in contestants)
        if now == shown[0]:
            return
        shown[0] = now
        ranked = state.race.ranked if state.race is not None else []
        dpg.configure_item(place, show=bool(ranked))
        for rank, row in enumerate(rows):
            row.show(rank + 1, ranked[rank] if rank < len(ranked) else None)
        curves.rename({str(index): one.name for index, one in enumerate(contestants)})
        probes = {str(index): list(one.watch.probes) for index, one in enumerate(contestants) if not one.remark}
        curves.show(
            {name: ([p.seconds for p in found], [p.psnr for p in found]) for name, found in probes.items() if found}
        )

    return refresh


class _Row:
    def __init__(self, board: Board) -> None:
        with dpg.table_row(show=False) as self._row:
            self._texts: list[Tag] = [dpg.add_text("") for _ in _WEIGHTS[1:]]
            self._bar = dpg.add_progress_bar(width=-1, height=board.px(14))

    def show(self, rank: int, one: Contestant | None) -> None:
        """Show that network, or nothing."""
        dpg.configure_item(self._row, show=one is not None)
        if one is None:
            return
        psnr = NONE if one.psnr is None else "diverged" if one.remark else f"{one.psnr:.1f} dB"
        pace = f"{1e3 * one.seconds / one.training.step:.1f} ms" if one.training.step else NONE
        said = (f"{rank}  {one.name}", psnr, f"{one.training.step} steps", pace)
        for text, words in zip(self._texts, said, strict=True):
            dpg.set_value(text, words)
        dpg.set_value(self._bar, one.share_done)
