"""The panel's own dialogue for files, for desktops that have none, and what is said before a file is replaced."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg

from fieldcore.errors import InputError

from ..services import nothing
from ..session import Session
from ..work.file_asking import SAMPLE, FileWish, Listing, folders_of, listed, typed_file
from . import theme
from .board import Board

_MOST_LISTED = 400
_FIELD_HELP = "~ is home. The list shows what begins like it; Enter takes it"


class FileDialog:
    """Asks for what ``session.files`` wishes, over the whole panel.

    What is typed leads: the list shows what lies in its folder and begins like it, and a click completes it.
    """

    def __init__(self, board: Board) -> None:
        self._board, self._session, self._files = board, board.session, board.session.files
        self._wish: FileWish | None = None
        self._listing: Listing | None = None
        self._folder = Path.home()
        self._asked: Path | None = None
        self._room = (0, 0)
        self._shown: tuple[Listing | None, str] | None = None
        self._build()
        board.dialogs.append(self._window)
        board.refreshed(None, self._refresh)

    def _build(self) -> None:
        board, px = self._board, self._board.px
        with dpg.window(
            show=False, modal=True, no_title_bar=True, no_move=True, no_resize=True, no_saved_settings=True
        ) as self._window:
            self._title = dpg.add_text("")
            dpg.bind_item_theme(self._title, theme.text_theme(theme.colours.accent))
            self._field = dpg.add_input_text(
                width=-1, on_enter=True, auto_select_all=True, callback=lambda: self._accept(self._text)
            )
            dpg.bind_item_theme(dpg.add_text(_FIELD_HELP, wrap=0), theme.text_theme(theme.colours.quiet))
            with dpg.group(horizontal=True):
                board.button("Home", "what lies in your home folder", lambda: self._enter(Path.home()))
                board.button("Up", "the folder that this one lies in", lambda: self._enter(self._folder.parent))
                self._lately = dpg.add_combo([], width=-1, callback=lambda _, folder: self._enter(Path(folder)))
                board.tooltip(self._lately, "folders of what was opened lately")
            self._problem = dpg.add_text("", wrap=0, show=False)
            dpg.bind_item_theme(self._problem, theme.text_theme(theme.colours.red))
            with dpg.child_window(height=-px(44)) as self._list:
                pass
            with dpg.group(horizontal=True):
                self._take = dpg.add_button(width=px(110), callback=lambda: self._accept(self._text))
                dpg.add_button(label="Cancel", width=px(110), callback=self._cancel)

    @property
    def _text(self) -> str:
        return str(dpg.get_value(self._field))

    def _refresh(self) -> None:
        if self._files.wish is not self._wish:
            self._wish = self._files.wish
            if self._wish is None:
                dpg.hide_item(self._window)
            else:
                self._show(self._wish)
        elif self._wish is not None and not dpg.is_item_shown(self._window):  # as Escape leaves it
            self._cancel()
        if self._wish is not None:
            self._fill_the_panel()
            self._follow()

    def _fill_the_panel(self) -> None:
        room = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        if room != self._room:
            self._room = room
            dpg.configure_item(self._window, width=room[0], height=room[1])

    def _show(self, wish: FileWish) -> None:
        lately = folders_of(self._session.layout.recent)
        dpg.set_value(self._title, wish.title)
        dpg.configure_item(self._take, label="Save" if wish.saves else "Open")
        dpg.configure_item(self._lately, items=list(map(str, lately)), show=bool(lately))
        dpg.set_value(self._lately, "lately…")
        dpg.configure_item(self._window, pos=(0, 0), show=True)
        folder = self._files.folder or (lately[0] if lately else Path.cwd())
        self._listing, self._asked, self._shown, self._folder = None, None, None, folder
        self._write(f"{_of_folder(folder)}{wish.name}")

    def _write(self, text: str) -> None:
        dpg.set_value(self._field, text)
        dpg.focus_item(self._field)

    def _enter(self, folder: Path) -> None:
        """Look into a folder; the name of a file to be written stays."""
        keeps = self._wish is not None and self._wish.saves
        self._write(_of_folder(folder) + (Path(self._text).name if keeps and not _ends_in_folder(self._text) else ""))

    def _follow(self) -> None:
        """List the folder of what is typed, and show what begins like it."""
        text = self._text
        folder, beginning = _parted(text, self._folder)
        if folder != self._asked and self._wish is not None:
            self._asked = folder
            self._files.reading.submit(partial(listed, folder, self._wish.suffixes), self._take_listing, self._fail)
        if self._wish is not None and self._wish.saves:
            beginning = ""
        if (self._listing, beginning) != self._shown:
            self._shown = (self._listing, beginning)
            self._list_names(self._listing.beginning(beginning) if self._listing else None)

    def _take_listing(self, listing: Listing) -> None:
        if listing.folder == self._asked:
            self._listing, self._folder = listing, listing.folder
            dpg.hide_item(self._problem)

    def _fail(self, error: Exception) -> None:
        self._listing = None
        self._say(str(error))

    def _say(self, problem: str) -> None:
        dpg.set_value(self._problem, problem)
        dpg.show_item(self._problem)
        dpg.focus_item(self._field)

    def _list_names(self, listing: Listing | None) -> None:
        dpg.delete_item(self._list, children_only=True)
        if listing is None:
            return
        names = [name + os.sep for name in listing.folders] + list(listing.files)
        for name in names[:_MOST_LISTED]:
            dpg.add_selectable(label=name, parent=self._list, callback=_calling(self._choose, listing.folder, name))
        more = len(names) - _MOST_LISTED
        words = f"and {more} more: type how the name begins" if more > 0 else "" if names else "nothing that suits"
        if words:
            dpg.bind_item_theme(dpg.add_text(words, parent=self._list), theme.text_theme(theme.colours.quiet))

    def _choose(self, folder: Path, name: str) -> None:
        """A name was clicked: a folder is looked into, a file is taken, or is the one to be written over."""
        if name.endswith(os.sep):
            self._enter(folder / name)
        elif self._wish is not None and self._wish.saves:
            self._write(str(folder / name))
        else:
            self._accept(str(folder / name))

    def _accept(self, text: str) -> None:
        wish = self._wish
        if wish is None or not text.strip():
            return
        file = typed_file(text, self._folder)
        if str(file).startswith(SAMPLE) and not wish.saves:
            self._files.answer(wish, file)
            return
        self._files.reading.submit(partial(_what_is, file), partial(self._accept_known, wish, file), self._fail)

    def _accept_known(self, wish: FileWish, file: Path, is_there: str) -> None:
        if wish is not self._files.wish:
            return
        if is_there == "folder":
            self._enter(file)
        elif wish.saves or is_there:
            self._files.answer(wish, file)
        else:
            self._say(f"there is no file '{file}'")

    def _cancel(self) -> None:
        self._files.cancel()
        dpg.hide_item(self._window)
        self._wish = None


def open_row(board: Board) -> None:
    """The line that opens whatever there is: by its path or name, or in a dialogue."""
    session = board.session
    what = (
        "a field, a picture or a mesh (a field is made of it), a model to fly past, or a path: type its path or "
        "sample:NAME and press Enter; it can be dropped on the view, too"
    )

    def take() -> None:
        text = str(dpg.get_value(field))
        if text.strip():
            dpg.set_value(field, "")
            session.open([str(typed_file(text, Path.cwd()))])

    with board.row("open", what), dpg.group(horizontal=True):
        field = dpg.add_input_text(
            hint="path or sample:NAME", on_enter=True, width=-board.px(64), auto_select_all=True, callback=take
        )
        board.tooltip(field, what)
        board.button("File…", "choose a file in a dialogue  [Ctrl+O]", session.ask_what_to_open, width=-1)


def unless_in_the_way(session: Session, file: Path, own: Path | None, write: Callable[[Path], Any]) -> None:
    """Write a file; ask before another one is replaced.

    Args:
        session: where it is asked.
        file: to be written.
        own: what may be replaced without a word.
        write: does it.
    """
    if not file.exists() or file == own:
        write(file)
        return
    session.ask(
        f"'{file.name}' exists already. Replace it?",
        ("Enter", "replace it", lambda: write(file)),
        ("Escape", "keep it", nothing),
    )


def _calling(act: Callable[..., None], *arguments: Any) -> Callable[[], None]:
    return lambda: act(*arguments)


def _what_is(file: Path) -> str:
    return "folder" if file.is_dir() else "file" if file.exists() else ""


def _ends_in_folder(text: str) -> bool:
    return not text.strip() or text.endswith(("/", os.sep))


def _parted(text: str, folder: Path) -> tuple[Path, str]:
    """The folder that a typed path leads into, and the beginning of a name there."""
    if text.startswith(SAMPLE):
        return folder, ""
    try:
        file = typed_file(text, folder)
    except InputError:
        return folder, ""
    return (file, "") if _ends_in_folder(text) else (file.parent, file.name)


def _of_folder(folder: Path) -> str:
    """A folder's path, to which a name can be added."""
    return f"{str(folder).rstrip(os.sep)}{os.sep}"
