"""The group *Path*: keyframes as a list, to be moved, replaced, deleted, played, saved and loaded."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg

from ..entries import Controls, entries_of
from ..path.timeline import Keyframe
from ..session import Session
from ..work.file_asking import FileWish
from .board import NONE, Board, Tag, number_of
from .dialogs import unless_in_the_way

_SUFFIX = ".json"
_MOST_FRAMES_PER_SECOND = 1000.0


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
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
    file = board.fact("file", "where the path was last saved or loaded")
    with board.row("closed loop", "return from the last keyframe to the first"):
        closed = dpg.add_checkbox(callback=lambda _, value: session.path.close_loop(value))
    board.tooltip(closed, "return from the last keyframe to the first")
    with board.row("frames a second", "of the frames that are rendered along the path"):
        rate = board.entry("", partial(_set_rate, session))
    board.tooltip(rate, "of the frames that are rendered along the path")
    with dpg.group() as keyframes:
        pass
    shown: list[Any] = [(None, None)]

    def refresh() -> None:
        path = session.path
        file.show(_file(session))
        settings = (path.closed, path.frames_per_second)
        if settings != shown[0][1] and not dpg.is_item_active(rate):
            dpg.set_value(closed, path.closed)
            dpg.set_value(rate, f"{path.frames_per_second:.6g}")
            shown[0] = (shown[0][0], settings)
        if path.keyframes != shown[0][0]:
            shown[0] = (path.keyframes, settings)
            _list_keyframes(board, keyframes)

    board.refreshed(header, refresh)


def _file(session: Session) -> str:
    path = session.path
    unsaved = "unsaved" if path.unsaved and path.keyframes else ""
    return ", ".join(part for part in (path.file.name if path.file else "", unsaved) if part) or NONE


def _save(session: Session, file: Path) -> None:
    """Write the path there; ask before another file is replaced."""
    file = file if file.suffix == _SUFFIX else file.with_name(file.name + _SUFFIX)
    unless_in_the_way(session, file, session.path.file, session.save_path)


def _set_rate(session: Session, text: str) -> None:
    rate = number_of(text, "frames a second")
    session.path.frames_per_second = min(max(rate, 0.01), _MOST_FRAMES_PER_SECOND)


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
    board.button("Go", "show what the keyframe shows", lambda: session.state.go_to(keyframe))
    board.button("Set", "let the keyframe show what is shown now", lambda: session.path.replace(index, session.shown))
    board.button("×", "delete the keyframe", lambda: session.path.delete(index))  # noqa: RUF001
    words = dpg.add_text(_words(keyframe, session.shown), wrap=0)
    board.tooltip(words, "what it shows")


def _words(keyframe: Keyframe, shown: Controls) -> str:
    """What a keyframe keys that is worth a word: what is not as it is by itself."""
    usual = type(shown)()
    words = []
    for entry in entries_of(type(shown)):
        value, brief = keyframe.values.get(entry.name), entry.facts.brief
        if brief is not None and value not in (None, entry.of(usual)):
            words.append(brief(value))
    return ", ".join(words) or "runs on"
