"""The group *Path*: a timeline and a list of keyframes, to be moved, eased, replaced, played, saved and loaded."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg

from ..camera.path_formats import FORMATS
from ..entries import Controls, entries_of
from ..path.easing import Ease
from ..path.timeline import Keyframe
from ..scene_names import IN_SPACE
from ..session import Session
from ..work.file_asking import FileWish
from . import theme
from .board import NONE, Board, Tag, number_of
from .dialogs import unless_in_the_way
from .timeline import TimelineView

_SUFFIX = ".json"
_MOST_FRAMES_PER_SECOND = 1000.0


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
    timeline = TimelineView(board)
    board.actions("Path")
    saving = FileWish("Save the path", "Paths", (_SUFFIX,), partial(_save, session), True, f"path{_SUFFIX}")
    loading = FileWish("Load a path", "Paths", (_SUFFIX,), lambda file: session.open([str(file)]))
    save, load = partial(session.ask_file, saving), partial(session.ask_file, loading)
    board.columns(
        [
            partial(
                board.button,
                "Save…",
                "write the path as a file, which --render-path takes",
                save,
                width=-1,
            ),
            partial(board.button, "Load…", "read a path's file", load, width=-1),
        ]
    )
    exports = [
        partial(board.button, f"For {name}…", _EXPORTS, partial(_ask_export, session, name), width=-1)
        for name in FORMATS
    ]
    board.only_in(IN_SPACE, board.columns(exports))
    file = board.fact("file", "where the path was last saved or loaded")
    selected = _Selected(board)
    timing = _Timing(board)
    with dpg.group() as keyframes:
        pass
    shown: list[Any] = [None]

    def refresh() -> None:
        timeline.refresh()
        path = session.path
        file.show(_file(session))
        selected.refresh()
        timing.refresh()
        looks = (path.keyframes, path.selected)
        if looks != shown[0] and not dpg.is_mouse_button_down(dpg.mvMouseButton_Left):
            shown[0] = looks
            _list_keyframes(board, keyframes)

    board.refreshed(header, refresh)


class _Selected:
    """The row of the chosen keyframe: how time runs from it to the next."""

    def __init__(self, board: Board) -> None:
        self._session: Session = board.session
        with board.row("easing", _EASING):
            self._ease = board.combo(self._take)
        board.tooltip(self._ease, _EASING)
        board.widgets["ease"] = self._ease
        dpg.configure_item(self._ease, items=list(_EASE_WORDS.values()))
        self._shown: object = None

    def _take(self, words: str) -> None:
        path = self._session.path
        if path.selected is None:
            self._session.notice(self._session.selected_refusal)
            self._shown = None
            return
        path.ease(path.selected, next(ease for ease, said in _EASE_WORDS.items() if said == words))

    def refresh(self) -> None:
        """Show that of the keyframe that is chosen now."""
        path = self._session.path
        ease = path.keyframes[path.selected].ease if path.selected is not None else None
        if (ease,) != self._shown:
            self._shown = (ease,)
            dpg.set_value(self._ease, _EASE_WORDS[ease] if ease else "choose a keyframe on the timeline")


class _Timing:
    """Speed, frames a second, and whether and how the path returns to its start."""

    def __init__(self, board: Board) -> None:
        session = self._session = board.session
        speed, rate = "how many seconds of the path pass in a second", "of the frames that are rendered along the path"
        loops = "return from the last keyframe to the first, and how many seconds that takes"
        with board.row("speed", speed):
            self._speed = board.entry("", lambda text: session.path.go_at(number_of(text, "speed")))
        board.tooltip(self._speed, speed)
        with board.row("frames a second", rate):
            self._rate = board.entry("", partial(_set_rate, session))
        board.tooltip(self._rate, rate)
        with board.row("closed loop", loops), dpg.group(horizontal=True):
            self._closed = dpg.add_checkbox(callback=lambda _, value: session.path.close_loop(value))
            self._returns = board.entry("", self._return_in)
        board.tooltip(self._closed, loops)
        board.tooltip(self._returns, loops)
        board.widgets |= {"path-speed": self._speed, "path-loop": self._closed}
        self._shown: object = None

    def _return_in(self, text: str) -> None:
        self._session.path.return_in(number_of(text.removesuffix("s"), "back to the start"))

    def refresh(self) -> None:
        """Show what is so now, but for what is being typed."""
        path = self._session.path
        now = (path.speed, path.frames_per_second, path.closed, path.loop_seconds)
        if now != self._shown and not any(map(dpg.is_item_active, (self._speed, self._rate, self._returns))):
            self._shown = now
            dpg.set_value(self._speed, f"{path.speed:.6g}")
            dpg.set_value(self._rate, f"{path.frames_per_second:.6g}")
            dpg.set_value(self._closed, path.closed)
            dpg.set_value(self._returns, f"{path.loop_seconds:.6g} s")
            dpg.configure_item(self._returns, show=path.closed)


def _file(session: Session) -> str:
    path = session.path
    unsaved = "unsaved" if path.unsaved and path.keyframes else ""
    return ", ".join(part for part in (path.file.name if path.file else "", unsaved) if part) or NONE


def _save(session: Session, file: Path) -> None:
    """Write the path there; ask before another file is replaced."""
    file = file if file.suffix == _SUFFIX else file.with_name(file.name + _SUFFIX)
    unless_in_the_way(session, file, session.path.file, session.save_path)


_EXPORTS = "write what the camera does, as that program takes it; its paths are read by Load…"


def _ask_export(session: Session, name: str) -> None:
    def write(file: Path) -> None:
        file = file if file.suffix == _SUFFIX else file.with_name(file.name + _SUFFIX)
        unless_in_the_way(session, file, None, lambda file: session.export_path(file, name))

    session.ask_file(FileWish(f"Write for {name}", "Paths", (_SUFFIX,), write, True, f"{name}{_SUFFIX}"))


def _set_rate(session: Session, text: str) -> None:
    rate = number_of(text, "frames a second")
    session.path.frames_per_second = min(max(rate, 0.01), _MOST_FRAMES_PER_SECOND)


_EASING = "how time runs from the chosen keyframe to the next"
_EASE_WORDS: dict[Ease, str] = {
    "through": "runs through",
    "in": "begins slowly",
    "out": "ends slowly",
    "both": "begins and ends slowly",
    "hold": "holds until the next",
}


def _list_keyframes(board: Board, parent: Tag) -> None:
    dpg.delete_item(parent, children_only=True)
    for index, keyframe in enumerate(board.session.path.keyframes):
        with dpg.group(horizontal=True, parent=parent):
            _keyframe(board, index, keyframe)


def _keyframe(board: Board, index: int, keyframe: Keyframe) -> None:
    session = board.session
    move = lambda text: session.path.move(index, number_of(text.removesuffix("s"), "time"))  # noqa: E731
    time = board.entry(f"{keyframe.time:.6g} s", move, width=board.px(64))
    board.tooltip(time, "when, in seconds; type another time to move the keyframe")
    board.button("Go", "show what the keyframe shows, and choose it", partial(_go, session, index))
    board.button("Set", "let the keyframe show what is shown now", lambda: session.path.replace(index, session.shown))
    board.button("×", "delete the keyframe", lambda: session.path.delete(index))  # noqa: RUF001
    words = dpg.add_text(_words(keyframe, session.shown), wrap=0)
    if index == session.path.selected:
        dpg.bind_item_theme(words, theme.text_theme(theme.colours.accent))
    board.tooltip(words, "what it shows")


def _go(session: Session, index: int) -> None:
    keyframe = session.path.keyframes[index]
    session.state.go_to(keyframe)
    session.path.selected, session.path.playhead = index, keyframe.time


def _words(keyframe: Keyframe, shown: Controls) -> str:
    """What a keyframe keys that is worth a word: what is not as it is by itself."""
    usual = type(shown)()
    words = []
    for entry in entries_of(type(shown)):
        value, brief = keyframe.values.get(entry.name), entry.facts.brief
        if brief is not None and value not in (None, entry.of(usual)):
            words.append(brief(value))
    return ", ".join(words) or "runs on"
