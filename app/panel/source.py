"""The group *Source*: what is open in the scene, what was lately, and what a scene adds to that."""

from __future__ import annotations

from itertools import zip_longest

import dearpygui.dearpygui as dpg
import numpy as np

from ..opening import is_field, is_path
from ..scene_names import SceneName, scene_named
from ..scene_state import SceneState
from ..thumbnails import SIZE
from . import plain, theme
from .board import Board, Tag
from .dialogs import open_row
from .document_names import document_names
from .recent import Choices, named

_OPENED = "opened"
"""What is dragged: a line of what is open."""

_HIGH_PT = 40
"""Of the pictures of what is open."""


def build(board: Board, header: Tag) -> None:
    """Make it."""
    open_row(board)
    recent = Choices(board, "lately", "what was opened lately; of what is no field one is made")
    none = board.fact("opened", "what is open here: a click on its picture shows it alone, on its name as all is shown")
    listed = _Opened(board)
    plain.build(board, header, "Source")
    shown: list[object] = [None, None]

    def refresh() -> None:
        session = board.session
        lately = session.scene, session.layout.recent
        if lately != shown[0]:
            shown[0] = lately
            recent.offer({named(source): source for source in session.layout.recent if _is_for(session.scene, source)})
        state = session.state
        now = session.scene, document_names(state.opened), state.opened_shown
        if now != shown[1]:
            shown[1] = now
            none.show(f"{len(state.opened)}" if state.opened else "nothing yet")
        listed.refresh(now[1], state)

    board.refreshed(header, refresh)


def _is_for(name: SceneName, source: str) -> bool:
    """Whether a scene may open it."""
    return is_field(source) or is_path(source) or scene_named(name).can_open(source)


class _Opened:
    """A line for each of what is open, made when it is first needed."""

    def __init__(self, board: Board) -> None:
        self._board, self._lines = board, list[_Line]()
        self._place = dpg.add_group()

    def refresh(self, names: dict[str, str], state: SceneState) -> None:
        """List these, by path."""
        for _ in range(len(names) - len(self._lines)):
            self._lines.append(_Line(self._board, self._place, len(self._lines) + 1))
        for line, path in zip_longest(self._lines, names):
            line.refresh(path, names.get(path, ""), state)


class _Line:
    """A picture, a name, and buttons that lay it beside what is shown, move it up, and close it."""

    def __init__(self, board: Board, place: Tag, number: int) -> None:
        self._board, self._number, self._path = board, number, ""
        self._shown: tuple[object, ...] = ()
        self._pixels = np.zeros((SIZE[1], SIZE[0], 4), np.float32)
        self._pixels[..., 3] = 1
        with dpg.texture_registry():
            texture = dpg.add_raw_texture(*SIZE, self._pixels, format=dpg.mvFormat_Float_rgba)
        self._texture, width = texture, board.px(SIZE[0] * _HIGH_PT / SIZE[1])
        with dpg.group(horizontal=True, parent=place) as self._line:
            picture = dpg.add_image_button(
                texture, width=width, height=board.px(_HIGH_PT), callback=self._alone,
                payload_type=_OPENED, drop_callback=lambda _, dragged: self._take(dragged),
            )  # fmt: skip
            with dpg.drag_payload(parent=picture, payload_type=_OPENED, drag_data=self):
                self._dragged = dpg.add_text("")
            self._alone_tip = board.tooltip(picture, "")
            with dpg.group():
                self._name = dpg.add_selectable(callback=self._show)
                self._tip = board.tooltip(self._name, "")
                with dpg.group(horizontal=True):
                    board.button(
                        "Up", "let it stand one place earlier", lambda: self._state.move_opened(self._path, -1)
                    )
                    board.button("Close", "close it; its file stays", lambda: self._state.close_opened(self._path))
                    self._beside = board.button("Beside", "lay it on the right of what is shown", self._lay_beside)

    @property
    def _state(self) -> SceneState:
        return self._board.session.state

    def refresh(self, path: str | None, name: str, state: SceneState) -> None:
        """Be the line of that file, or none."""
        session = self._board.session
        made = session.thumbnails.of(session.scene, path) if path else None
        is_right = path is not None and path == getattr(state.controls, "other", "") and "other" in state.controls.shown
        now = session.scene, path, name, id(made), path == state.opened_shown, is_right
        if now == self._shown:
            return
        self._shown, self._path = now, path or ""
        dpg.configure_item(self._line, show=path is not None)
        if path is None:
            return
        dpg.configure_item(self._name, label=f"{self._number}  {name}" + ("  (right)" if is_right else ""))
        dpg.set_value(self._name, path == state.opened_shown)
        key = f"  [Alt+{self._number}]" if self._number < 10 else ""
        dpg.set_value(self._tip, f"{name}\n{path}\n\nshow it{key}")
        dpg.set_value(self._alone_tip, f"{name}: show it alone; dragged on another one it takes that one's place")
        dpg.set_value(self._dragged, name)
        dpg.configure_item(self._beside, show="other" in type(state.controls).outputs())
        colours = made if made is not None else np.array(theme.colours.sunken, np.uint8)
        self._pixels[..., :3] = colours / np.float32(255)
        dpg.set_value(self._texture, self._pixels)

    def _take(self, dragged: _Line) -> None:
        """Another line was dragged here: what it shows stands in this place from now on."""
        self._state.move_opened(dragged._path, self._number - dragged._number)

    def _show(self) -> None:
        dpg.set_value(self._name, self._path == self._state.opened_shown)
        self._state.show_opened(self._path)

    def _alone(self) -> None:
        self._state.show_alone(self._path)

    def _lay_beside(self) -> None:
        self._state.show_beside(self._path)
