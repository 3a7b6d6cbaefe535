"""The foot of the panel: what is evaluated now, what a person should know, and what is to be answered."""

from __future__ import annotations

import math
from functools import partial

import dearpygui.dearpygui as dpg
import torch

from ..memory import resident_mb
from ..services import Question
from ..session import Session
from . import theme
from .board import Board, shortened


class StatusLine:
    """A line that always fits, and above it, where there is one, a message or a question."""

    def __init__(self, board: Board) -> None:
        self._board, self._session = board, board.session
        dpg.add_separator()
        with dpg.group(show=False) as self._asking:
            self._question = dpg.add_text("", wrap=0)
            self._answers = dpg.add_group(horizontal=True)
        with dpg.group(horizontal=True, show=False) as self._telling:
            board.button("×", "dismiss the message  [Escape]", self._session.messages.dismiss)  # noqa: RUF001
            self._message = dpg.add_text("", wrap=0)
        self._now = dpg.add_text("")
        meaning = (
            "frames drawn in the last second, memory in use, how much waits in the background, and what is done now"
        )
        board.tooltip(self._now, meaning)
        dpg.bind_item_theme(self._now, theme.text_theme(theme.colours.quiet))
        self._work = dpg.add_text("")
        meaning = "resolution reached of what is shown, how long it took, where fields are evaluated, and what draws"
        self._full = board.tooltip(self._work, meaning)
        self._meaning = meaning
        dpg.bind_item_theme(self._work, theme.text_theme(theme.colours.quiet))
        self._tones = {"error": theme.text_theme(theme.colours.red), "info": theme.text_theme(theme.colours.accent)}
        dpg.bind_item_theme(self._question, self._tones["info"])
        self._shown: tuple[object, ...] = ()
        self._asked: Question | None = None
        self._counted_at, self._counts = -math.inf, ""

    def refresh(self) -> int:
        """Say what is so now; returns how high it is, in pixels."""
        session, room = self._session, self._room
        message, work = session.messages.shown(session.now), _work(session)
        state = (message, work, self._doing, room, session.question)
        if state != self._shown:
            self._shown = state
            fitting = shortened(work, room)
            dpg.set_value(self._work, fitting)
            dpg.set_value(self._now, shortened(self._doing, room))
            dpg.set_value(self._full, self._meaning if fitting == work else f"{work}\n\n{self._meaning}")
            dpg.configure_item(self._telling, show=message is not None)
            if message is not None:
                dpg.set_value(self._message, message.text)
                dpg.bind_item_theme(self._message, self._tones[message.tone])
            self._ask(session.question)
        return self._height(message.text if message else "", room)

    def _ask(self, question: Question | None) -> None:
        if question is self._asked:
            return
        self._asked = question
        dpg.configure_item(self._asking, show=question is not None)
        dpg.delete_item(self._answers, children_only=True)
        if question is not None:
            dpg.set_value(self._question, question.text)
            for key, meaning, _ in question.answers:
                answer = partial(self._session.answer, key)
                self._board.button(meaning, f"{meaning}  [{key}]", answer, parent=self._answers)

    @property
    def _doing(self) -> str:
        """What is done now, with figures that are counted anew each second."""
        session = self._session
        if session.now - self._counted_at >= 1.0:
            self._counted_at, self._counts = session.now, _counts(session)
        return f"{self._counts} · {session.state.working or 'at rest'}"

    @property
    def _room(self) -> float:
        return dpg.get_viewport_client_width() - 2 * self._board.px(theme.PADDING_PT)

    def _height(self, message: str, room: float) -> int:
        px, question = self._board.px, self._session.question
        line = px(theme.FONT_PT * 1.2 + 7)
        height = px(14) + 2 * line
        if message:
            height += max(px(30), _text_height(message, room - px(40)) + px(9))
        if question is not None:
            height += _text_height(question.text, room) + px(7) + px(34)
        return height


def _text_height(text: str, width_px: float) -> int:
    return round(dpg.get_text_size(text, wrap_width=width_px)[1])


def _counts(session: Session) -> str:
    on_gpu = session.device.type == "cuda"
    gpu = f" + {torch.cuda.memory_allocated(session.device) / 2**20:.0f} MB on the GPU" if on_gpu else ""
    waiting = f" · {session.queue} in the queue" if session.queue else ""
    return f"{session.frames_a_second} frames/s · {resident_mb():.0f} MB{gpu}{waiting}"


def _work(session: Session) -> str:
    return f"{session.state.frame_facts or 'nothing shown yet'} · {session.device} · {session.renderer.split(' (')[0]}"
