"""Pages that are no larger than wanted: refused with the size they would have, and what size would fit."""

from __future__ import annotations

import math
from dataclasses import replace

from ..errors import InputError
from ..fields.field import Field
from .pages import Page, PageKind, PageSettings, kind_for

_MEGABYTE = 1e6
_LEAST_SIZE = 16
_SAFETY = 0.97
_TRIES = 3


def page_within(field: Field, settings: PageSettings, most_mb: float) -> tuple[Page, str]:
    """The page and its text. Raises InputError where it has more than so many megabytes, with the size that fits."""
    kind = kind_for(field, settings)
    page = kind.page(field, settings)
    text = page.document.html()
    if len(text.encode()) > most_mb * _MEGABYTE:
        raise InputError(_refusal(field, settings, most_mb, kind, page, len(text.encode())))
    return page, text


def _refusal(field: Field, settings: PageSettings, most_mb: float, kind: PageKind, page: Page, size_bytes: int) -> str:
    told = f"the page would take {size_bytes / _MEGABYTE:.2f} MB, more than --max-mb {most_mb:g}"
    allow = f"{told}; allow more with --max-mb {math.ceil(size_bytes / _MEGABYTE * 10) / 10:g}"
    if page.size is None:
        return allow
    size = page.size
    without = len(replace(page.document, blocks={}).html().encode())
    most_bytes = most_mb * _MEGABYTE
    for _ in range(_TRIES):
        if most_bytes <= without:
            break
        share = (most_bytes - without) / max(size_bytes - without, 1)
        size = int(size * _SAFETY * share ** (1 / kind.size_power))
        if size < _LEAST_SIZE:
            break
        size_bytes = len(kind.page(field, replace(settings, size=size)).document.html().encode())
        if size_bytes <= most_bytes:
            return f"{told}; --size {size} fits"
    return allow
