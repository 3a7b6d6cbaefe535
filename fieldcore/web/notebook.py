"""A field as a page inside a notebook's output."""

from __future__ import annotations

import html

from ..fields.field import Field
from .pages import PageSettings, kind_for

_HEIGHT_PX = 520


def framed(field: Field) -> str:
    """HTML that shows a field in a frame, with the page itself inside.

    Raises InputError where the field cannot be a page.
    """
    kind = kind_for(field, PageSettings(embedded=True))
    settings = PageSettings(size=kind.notebook_size, embedded=True)
    page = html.escape(kind.page(field, settings).document.html())
    title = html.escape(field.facts.name)
    style = f"width:100%;height:{_HEIGHT_PX}px;border:0"
    return f'<iframe title="{title}" style="{style}" srcdoc="{page}"></iframe>'
