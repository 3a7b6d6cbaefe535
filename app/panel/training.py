"""The group *Training*: the plan, the training under way, its pace and its curves."""

from __future__ import annotations

import math
import time

import dearpygui.dearpygui as dpg

from ..actions import ACTIONS
from ..session import Session
from ..settings import SETTINGS
from ..training_desk import Curve
from . import theme
from .board import Board, Tag

_CURVES_EVERY_S = 0.3


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
    with dpg.group(horizontal=True):
        for action in ACTIONS:
            if action.group == "Training":
                board.button(action, width=board.px(82))
    for setting in SETTINGS:
        if setting.group == "Training":
            board.setting(setting)
    with board.row("state") as label:
        state = dpg.add_text("idle", wrap=0)
    board.tooltip(label, "steps a second, and how the time is shared between steps and showing them, lately")
    bar = dpg.add_progress_bar(width=-1)
    board.tooltip(bar, "how much of the schedule is done, and how long the rest takes")
    curves = _Curves(board)

    def refresh() -> None:
        dpg.set_value(state, _state(session))
        share, words = _progress(session)
        dpg.set_value(bar, share)
        dpg.configure_item(bar, overlay=words)
        curves.refresh()

    board.refreshed(header, refresh)


def _state(session: Session) -> str:
    desk = session.training
    if desk.state != "running":
        return {"idle": "idle", "paused": "paused", "finishing": "finishing: scoring and writing the file"}[desk.state]
    pace = f"{desk.steps_per_second:.0f} steps/s"
    return f"step {desk.steps_done}, {pace}\n{desk.training_share:.0%} training, {desk.drawing_share:.0%} drawing"


def _progress(session: Session) -> tuple[float, str]:
    """Share of the schedule done, and when it stops."""
    desk, progress = session.training, session.training.progress
    if desk.state == "idle" or progress is None:
        return 0.0, ""
    share, elapsed, plan = progress.share_done, progress.elapsed, desk.plan
    if plan.rule in ("seconds", "steps") and share > 0:
        return share, f"{elapsed:.0f} s, {elapsed / share - elapsed:.0f} s left"
    psnr = f"{progress.psnr:.1f} dB" if progress.psnr is not None else "not measured yet"
    ends = f"at {plan.target_psnr:g} dB" if plan.rule == "target_psnr" else f"{plan.plateau} steps without gain"
    return share, f"{elapsed:.0f} s, {psnr}, ends {ends}"


class _Curves:
    """Loss and PSNR over steps."""

    def __init__(self, board: Board) -> None:
        self._session = board.session
        self._loss, self._loss_axes = _plot(board, "log10 loss", "what training makes small", theme.ACCENT)
        words = "of the unfiltered field on fixed points"
        self._psnr, self._psnr_axes = _plot(board, "PSNR, dB", words, theme.QUIET)
        self._due = 0.0
        self._points: tuple[object, ...] = ()

    def refresh(self) -> None:
        desk, now = self._session.training, time.monotonic()
        points = (id(desk.losses), len(desk.losses.steps), len(desk.psnrs.steps))
        if points == self._points or now < self._due:
            return
        self._points, self._due = points, now + _CURVES_EVERY_S
        losses = Curve()
        losses.steps, losses.values = desk.losses.steps, [math.log10(max(v, 1e-12)) for v in desk.losses.values]
        for curve, series, axes in ((losses, self._loss, self._loss_axes), (desk.psnrs, self._psnr, self._psnr_axes)):
            dpg.set_value(series, [list(curve.steps), list(curve.values)])
            for axis in axes:
                dpg.fit_axis_data(axis)


def _plot(board: Board, label: str, meaning: str, colour: tuple[int, int, int]) -> tuple[Tag, tuple[Tag, Tag]]:
    with dpg.group() as place, dpg.plot(height=board.px(120), width=-1, no_menus=True, no_mouse_pos=True):
        x = dpg.add_plot_axis(dpg.mvXAxis, label="steps")
        with dpg.plot_axis(dpg.mvYAxis, label=label) as y:
            series = dpg.add_line_series([], [])
    dpg.bind_item_theme(series, theme.line_theme(colour))
    board.tooltip(place, f"{label}: {meaning}")
    return series, (x, y)
