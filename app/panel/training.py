"""The group *Training*: the plan, the training under way, its pace and its curves."""

from __future__ import annotations

import time
from collections.abc import Callable

import dearpygui.dearpygui as dpg

from ..session import Session
from ..work.trainer import StopRule, TrainingPlan
from . import theme
from .board import NONE, Board, Tag
from .plots import Curves

_CURVES_EVERY_S = 0.3

_ENDS: dict[StopRule, Callable[[TrainingPlan], str]] = {
    "seconds": lambda plan: f"after {plan.seconds:g} s of training",
    "steps": lambda plan: f"after {plan.steps} steps",
    "target_psnr": lambda plan: f"when the unfiltered field reaches {plan.target_psnr:g} dB",
    "plateau": lambda plan: f"after {plan.plateau} steps without a gain of 0.05 dB",
}
"""By stop rule: when the training ends by itself."""


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
    board.actions("Training")
    board.settings("Training")
    facts = {
        "ends": board.fact("ends", "when the training ends by itself; Stop ends it at any time"),
        "state": board.fact("state", "of the training; its pace, lately"),
        "time": board.fact("time goes into", "training steps, and showing them, lately"),
        "parts": board.fact("in detail", "what the loss is made of, and what the kind of field tells of its training"),
    }
    bar = dpg.add_progress_bar(width=-1, show=False)
    board.tooltip(bar, "how much of the training is done, and how long the rest takes")
    curves = _Curves(board)
    drawn: list[object] = [None]

    def refresh() -> None:
        for name, words in _facts(session).items():
            facts[name].show(words)
        progress = _progress(session)
        if progress != drawn[0]:
            drawn[0] = progress
            dpg.set_value(bar, progress[0])
            dpg.configure_item(bar, overlay=progress[1], show=bool(progress[1]))
        curves.refresh()

    board.refreshed(header, refresh)


def _facts(session: Session) -> dict[str, str]:
    trainer = session.training
    plan = session.next_plan if trainer.state == "idle" else trainer.under_way
    under_way = trainer.state in ("running", "paused")
    done = trainer.steps_done
    states = {
        "idle": "; ".join(session.doing) or "idle",
        "running": f"step {done}, {trainer.steps_per_second:.3g} steps/s" if done else "preparing",
        "paused": f"paused at step {done}",
        "finishing": "finishing: scoring, writing the file",
    }
    shares = f"training {trainer.training_share:.0%}, drawing {trainer.drawing_share:.0%}"
    ends = "as soon as it is solved for" if plan.is_solved else _ENDS[plan.rule](plan)
    time = shares if under_way else NONE
    return {"ends": ends, "state": states[trainer.state], "time": time, "parts": _parts(session)}


def _parts(session: Session) -> str:
    document = session.training.document
    figures = document.field.training_figures if document is not None and session.training.state != "idle" else {}
    return " · ".join(f"{name} {figure:.3g}" for name, figure in figures.items()) or NONE


def _progress(session: Session) -> tuple[float, str]:
    """Share done, and when it stops, in words."""
    trainer, progress = session.training, session.training.progress
    if trainer.state == "idle" or progress is None:
        return 0.0, ""
    share, left, elapsed, plan = trainer.share_done, trainer.seconds_left, progress.elapsed, trainer.under_way
    if share is not None:
        return share, f"{share:.0%}, {elapsed:.0f} s" + (f", {left:.0f} s left" if left is not None else "")
    if progress.psnr is None:
        return 0.0, f"{elapsed:.0f} s, PSNR not measured yet"
    share = min(progress.psnr / plan.target_psnr, 1.0) if plan.rule == "target_psnr" else 0.0
    return share, f"{elapsed:.0f} s, {progress.psnr:.1f} dB"


class _Curves:
    """Loss and PSNR over steps."""

    def __init__(self, board: Board) -> None:
        self._session = board.session
        self._loss = _plot(board, "loss", "what the training makes small", theme.colours.accent, logarithmic="y")
        self._psnr = _plot(board, "PSNR, dB", "of the unfiltered field on fixed points", theme.colours.blue)
        self._due = 0.0
        self._points: tuple[object, ...] = ()

    def refresh(self) -> None:
        trainer, now = self._session.training, time.monotonic()
        points = (id(trainer.losses), len(trainer.losses.steps), len(trainer.psnrs.steps))
        if points == self._points or now < self._due:
            return
        self._points, self._due = points, now + _CURVES_EVERY_S
        for plot, curve in ((self._loss, trainer.losses), (self._psnr, trainer.psnrs)):
            plot.show({"": (curve.steps, curve.values)})


def _plot(board: Board, label: str, meaning: str, colour: theme.Colour, logarithmic: str = "") -> Curves:
    return Curves(board, "steps", label, {"": colour}, f"{label}: {meaning}", logarithmic)
