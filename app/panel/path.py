"""The group *Path*: keyframes as a list, to be moved, replaced, deleted, played, saved and loaded."""

from __future__ import annotations

from typing import Any

import dearpygui.dearpygui as dpg

from ..actions import ACTIONS
from ..caption import principal_variances, scientific
from ..keyframes import Keyframe
from .board import Board, Tag
from .source import file_chooser


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
    saving = file_chooser(board, (".json",), lambda file: session.save_path(file.with_suffix(".json")), "path")
    loading = file_chooser(board, (".json",), lambda file: session.open([str(file)]))
    with dpg.group(horizontal=True):
        for action in ACTIONS:
            if action.group == "Path":
                board.button(action)
        for label, chooser, meaning in (
            ("Save…", saving, "write the path as a file that --render-path takes"),
            ("Load…", loading, "read a path's file"),
        ):
            button = dpg.add_button(label=label, callback=_showing(chooser))
            board.tooltip(button, meaning)
    with board.row("closed loop") as label:
        closed = dpg.add_checkbox(callback=lambda _, value: board.guarded(session.path.close_loop, value))
    board.tooltip(label, "return from the last keyframe to the first")
    with board.row("frames a second") as label:
        rate = dpg.add_input_double(
            width=-1, step=0, format="%.6g", min_value=0.01, min_clamped=True, max_value=1000.0, max_clamped=True,
            callback=lambda _, value: setattr(session.path, "frames_per_second", value),
        )  # fmt: skip
    board.tooltip(label, "of the frames rendered along the path")
    with board.row("file"):
        file = dpg.add_text("", wrap=0)
    keyframes = dpg.add_group()
    shown: list[object] = [None]

    def refresh() -> None:
        path = session.path
        state = (path.keyframes, path.closed, path.frames_per_second, path.file, path.unsaved)
        if state == shown[0]:
            return
        if shown[0] is None or state[0] != shown[0][0]:  # type: ignore[index]
            _list_keyframes(board, keyframes)
        shown[0] = state
        dpg.set_value(closed, path.closed)
        dpg.set_value(rate, path.frames_per_second)
        unsaved = "  (not saved)" if path.unsaved and path.keyframes else ""
        dpg.set_value(file, f"{path.file.name if path.file else '–'}{unsaved}")  # noqa: RUF001

    board.refreshed(header, refresh)


def _showing(chooser: Tag) -> Any:
    return lambda: dpg.show_item(chooser)


def _list_keyframes(board: Board, parent: Tag) -> None:
    dpg.delete_item(parent, children_only=True)
    for index, keyframe in enumerate(board.session.path.keyframes):
        with dpg.group(horizontal=True, parent=parent):
            _keyframe(board, index, keyframe)


def _keyframe(board: Board, index: int, keyframe: Keyframe) -> None:
    session = board.session
    time = dpg.add_input_double(
        default_value=keyframe.time, step=0, format="%.4g s", width=board.px(64), on_enter=True,
        callback=lambda _, value: board.guarded(session.path.move, index, float(value)),
    )  # fmt: skip
    board.tooltip(time, "when, in seconds; type another to move the keyframe")
    for label, act, meaning in (
        ("Go", lambda: session.go_to(keyframe), "show what the keyframe shows"),
        ("Set", lambda: session.path.replace(index, session.controls), "let the keyframe show what is shown now"),
        ("×", lambda: session.path.delete(index), "delete the keyframe"),  # noqa: RUF001
    ):
        button = dpg.add_button(label=label, callback=_calling(board, act))
        board.tooltip(button, meaning)
    dpg.add_text(_words(keyframe))


def _calling(board: Board, act: Any) -> Any:
    return lambda: board.guarded(act)


def _words(keyframe: Keyframe) -> str:
    variances = () if keyframe.covariance is None else principal_variances(keyframe.covariance)
    filtered = " by ".join(map(scientific, variances))
    zoom = "" if keyframe.zoom is None else f"  zoom {keyframe.zoom:.3g}"
    return f"{filtered or 'filter runs on'}{zoom}"
