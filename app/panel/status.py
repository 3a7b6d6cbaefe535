"""The status line: what is evaluated now, and what a person should know."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from ..session import Session
from . import theme
from .board import Board


class StatusLine:
    """Two lines at the foot of the panel."""

    def __init__(self, board: Board) -> None:
        self._session = board.session
        dpg.add_separator()
        self._work = dpg.add_text("")
        board.tooltip(self._work, "resolution reached of what is shown, time it took, device, and what draws")
        with dpg.group(horizontal=True):
            self._dismiss = dpg.add_button(label="×", show=False, callback=self._session.messages.dismiss)  # noqa: RUF001
            board.tooltip(self._dismiss, "dismiss the message")
            self._message = dpg.add_text("")
            self._full = board.tooltip(self._message, "")
        self._tones = {"error": theme.text_theme(theme.RED), "info": theme.text_theme(theme.ACCENT)}
        self._shown: object = None

    def refresh(self) -> None:
        """Say what is so now."""
        session = self._session
        dpg.set_value(self._work, _work(session))
        message = session.messages.shown(session.now)
        if message == self._shown:
            return
        self._shown = message
        dpg.set_value(self._message, message.text if message else "")
        dpg.set_value(self._full, message.text if message else "nothing to say")
        dpg.configure_item(self._dismiss, show=message is not None)
        if message is not None:
            dpg.bind_item_theme(self._message, self._tones[message.tone])


def _work(session: Session) -> str:
    evaluated = session.evaluated
    if evaluated is None:
        return f"nothing shown yet · {session.device}"
    stage = evaluated.stage
    layer = next(iter(stage.layers.values()), None)
    size = "out of sight" if layer is None else " × ".join(map(str, layer.grid.resolution))  # noqa: RUF001
    fineness = "final" if stage.final else f"1/{stage.factor} of final"
    renderer = session.renderer.split(" (")[0]
    return f"{size}, {fineness} · {evaluated.milliseconds:.0f} ms · {session.device} · {renderer}"
