"""The facts of the model shown, and the fields that may be its texture."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg

from ....panel.board import NONE, Board, Tag
from ..open_model import OpenModel
from ..state import textured_meshes

_FACTS = {
    "mesh": "triangles and materials",
    "texture": "pixels of all its textures in one sheet, and how that continues outside",
    "opened with": "what was asked for beside the file",
}


def build(board: Board) -> Callable[[], None]:
    """What textured meshes add to the group *Source*."""
    session = board.session
    with board.row("neural textures", "fields trained on this model's texture; click one to use it"), dpg.group():
        fields = dpg.add_group(show=False)
        no_fields = dpg.add_text("none yet: train one with T")
    facts = {name: board.fact(name, meaning) for name, meaning in _FACTS.items()}
    shown: list[Any] = [None]

    def refresh() -> None:
        state = textured_meshes(session)
        model = state.model
        of_model = tuple(model.fields) if model else ()
        now = state.controls.model, state.controls.field, of_model
        if now == shown[0]:
            return
        shown[0] = now
        _list_fields(board, fields)
        dpg.configure_item(fields, show=bool(of_model))
        dpg.configure_item(no_fields, show=not of_model)
        for name, words in _facts(model).items():
            facts[name].show(words)

    return refresh


def _list_fields(board: Board, parent: Tag) -> None:
    state = textured_meshes(board.session)
    dpg.delete_item(parent, children_only=True)
    for path, document in state.model.fields.items() if state.model else ():
        is_shown = path == state.controls.field
        show = partial(state.show_field, path)
        label = f"{document.field.kind} · {Path(path).stem}"
        item = dpg.add_selectable(label=label, default_value=is_shown, callback=_calling(show), parent=parent)
        board.tooltip(item, path)


def _calling(act: Any) -> Any:
    return lambda: act()


def _facts(model: OpenModel | None) -> dict[str, str]:
    if model is None:
        return dict.fromkeys(_FACTS, NONE)
    mesh, sheet, options = model.model, model.model.sheet, model.options
    materials = len(sheet.boxes)
    height, width = sheet.pixels.shape[:2]
    asked = (
        f"texture {options.texture.name}" if options.texture else "",
        f"{options.wrap} outside" if options.wrap else "",
        "an atlas" if options.atlas else "",
    )
    continued = ", ".join(dict.fromkeys(" and ".join(dict.fromkeys(wraps)) for wraps in sheet.wraps))
    return {
        "mesh": f"{len(mesh.triangles):,} triangles, {materials} material{'s' if materials > 1 else ''}",
        "texture": f"{width} × {height}, {continued} outside",  # noqa: RUF001
        "opened with": ", ".join(filter(None, asked)) or NONE,
    }
