"""What is open as one web page: the file that *Share…* writes, and the command line that does the same."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fieldcore.fields.field import Field
from fieldcore.files import check_writable_folder, written_whole

from .command_words import flag, line
from .document import Document
from .scene_state import SceneState
from .work.file_asking import FileWish

if TYPE_CHECKING:
    from fieldcore.web.pages import PageSettings

    from .session import Session

PAGE_SUFFIX = ".html"


def page_name(document: Document) -> str:
    """What the file of a page is called unless somebody says otherwise."""
    return f"{Path(document.field.facts.name).stem}{PAGE_SUFFIX}"


def page_settings(document: Document, state: SceneState) -> PageSettings:
    """How the page of what a scene shows is written."""
    from fieldcore.web.pages import PageSettings  # it reads pages, which a window that shares nothing need not

    return PageSettings(file=document.path.name, **state.page_options)


def page_line(document: Document, state: SceneState) -> str:
    """The command line that writes it. Raises InputError where no page shows it, which says what would be shown."""
    from fieldcore.web.pages import kind_for

    kind_for(document.field, page_settings(document, state))
    options = [word for name, value in state.page_options.items() for word in flag(name, value)]
    return line("fieldcore", "export", document.path, "--to", "web", *options, "--out", page_name(document))


class Sharing:
    """What a session writes as web pages.

    Args:
        session: whose.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def refusal(self) -> str:
        """Why what is shown cannot be written as a web page yet; empty where that can be tried."""
        state, training = self._session.state, self._session.training
        if state.document is None:
            return state.nothing_shown or "no field is shown: only fields become web pages"
        is_trained = state.document is training.document and training.state != "idle"
        return "this field is being trained: stop that first" if is_trained else ""

    def ask_where(self) -> None:
        """Let a person choose where the page of what is shown is written."""
        document = self._session.state.document
        assert document is not None
        wish = FileWish("Share", "Web pages", (PAGE_SUFFIX,), self.write, saves=True, name=page_name(document))
        self._session.ask_file(wish)

    def write(self, file: Path) -> None:
        """Write what is shown as one web page, in the background."""
        session, document = self._session, self._session.state.document
        assert document is not None

        def told(megabytes: float) -> None:
            session.notice(f"web page written as {file}, {megabytes:.2f} MB: it opens in any browser, offline")
            session.report("shared", path=str(file), megabytes=megabytes)

        work = partial(written_page, document.field, page_settings(document, session.state), file)
        session.meanwhile(f"writing {file.name}", work, told)


def written_page(field: Field, settings: PageSettings, file: Path) -> float:
    """Write the page of a field; returns its megabytes.

    Raises:
        InputError: no page shows it, it would be too large, or the file cannot be written.
    """
    from fieldcore.web.page_size import page_within
    from fieldcore.web.pages import MOST_MEGABYTES

    check_writable_folder(file.parent)
    _, text = page_within(field, settings, MOST_MEGABYTES)
    with written_whole(file) as path:
        path.write_text(text, encoding="utf-8", newline="\n")
    return len(text.encode()) / 1e6
