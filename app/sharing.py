"""What is open as one web page: the file that *Share…* writes, and the command line that does the same."""

from __future__ import annotations

from pathlib import Path

from fieldcore.fields.field import Field
from fieldcore.files import check_writable_folder, written_whole
from fieldcore.web.pages import MOST_MEGABYTES, PageSettings, kind_for

from .command_words import flag, line
from .document import Document
from .scene_state import SceneState

PAGE_SUFFIX = ".html"


def page_name(document: Document) -> str:
    """What the file of a page is called unless somebody says otherwise."""
    return f"{Path(document.field.facts.name).stem}{PAGE_SUFFIX}"


def page_settings(document: Document, state: SceneState) -> PageSettings:
    """How the page of what a scene shows is written."""
    return PageSettings(file=document.path.name, **state.page_options)


def page_line(document: Document, state: SceneState) -> str:
    """The command line that writes it. Raises InputError where no page shows it, which says what would be shown."""
    kind_for(document.field, page_settings(document, state))
    options = [word for name, value in state.page_options.items() for word in flag(name, value)]
    return line("fieldcore", "export", document.path, "--to", "web", *options, "--out", page_name(document))


def written_page(field: Field, settings: PageSettings, file: Path) -> float:
    """Write the page of a field; returns its megabytes.

    Raises:
        InputError: no page shows it, it would be too large, or the file cannot be written.
    """
    from fieldcore.web.page_size import page_within

    check_writable_folder(file.parent)
    _, text = page_within(field, settings, MOST_MEGABYTES)
    with written_whole(file) as path:
        path.write_text(text, encoding="utf-8", newline="\n")
    return len(text.encode()) / 1e6
