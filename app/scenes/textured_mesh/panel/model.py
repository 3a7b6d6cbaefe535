"""The group *Model*: what is flown through, what was opened lately, and the fields that may be its texture."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg

from fieldcore.models import MODEL_SUFFIXES

from ....opening import FIELD_SUFFIX
from ....panel.board import NONE, Board, Tag
from ....panel.dialogs import open_row
from ....panel.recent import Choices, named
from ..open_model import OpenModel
from ..state import textured_meshes

_FACTS = {
    "mesh": "triangles and materials",
    "texture": "pixels of all its textures in one sheet, and how that continues outside",
    "opened with": "what was asked for beside the file",
}


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
    open_row(board)
    recent = Choices(board, "lately", "models and their fields opened lately")
    with board.row("open models", "click one to fly through it; × closes it, its file stays"), dpg.group():  # noqa: RUF001
        models = dpg.add_group(show=False)
        no_models = dpg.add_text("none yet")
    with board.row("neural textures", "fields trained on this model's texture; click one to use it"), dpg.group():
        fields = dpg.add_group(show=False)
        no_fields = dpg.add_text("none yet: train one with T")
    facts = {name: board.fact(name, meaning) for name, meaning in _FACTS.items()}
    shown: list[Any] = [None]

    def refresh() -> None:
        state = textured_meshes(session)
        recent.offer({named(source): source for source in session.layout.recent if _is_of_models(source)})
        model = state.model
        of_model = tuple(model.fields) if model else ()
        now = (tuple(state.models), state.controls.model, state.controls.field, of_model)
        if now == shown[0]:
            return
        shown[0] = now
        _list_models(board, models)
        _list_fields(board, fields)
        for listed, none, names in ((models, no_models, state.models), (fields, no_fields, of_model)):
            dpg.configure_item(listed, show=bool(names))
            dpg.configure_item(none, show=not names)
        for name, words in _facts(model).items():
            facts[name].show(words)

    board.refreshed(header, refresh)


def _is_of_models(source: str) -> bool:
    return Path(source).suffix.lower() in (*MODEL_SUFFIXES, FIELD_SUFFIX)


def _list_models(board: Board, parent: Tag) -> None:
    state = textured_meshes(board.session)
    dpg.delete_item(parent, children_only=True)
    for path, model in state.models.items():
        with dpg.group(horizontal=True, parent=parent):
            board.button("×", "close this model; its file stays", partial(state.close_model, path))  # noqa: RUF001
            is_shown = path == state.controls.model
            show = partial(state.open_model, Path(path))
            item = dpg.add_selectable(label=model.name, default_value=is_shown, callback=_calling(show))
            board.tooltip(item, f"{model.name}\n{path}")


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
