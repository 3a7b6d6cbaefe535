"""One HTML file: its parts put together, what comes from files escaped, and a content policy with hashes."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Template
from typing import Any

from .blocks import Block
from .page_files import Parts, page_file

FORMAT = 1
"""Of headers; a page always has the script that reads it."""


@dataclass(frozen=True)
class Document:
    """What a page holds.

    Attributes:
        title: plain text, often a file's name.
        about: what it shows, a sentence or two of plain text.
        facts: what was measured and written, the same.
        header: what the page's script is told, beside the format and the title.
        shaders: by name.
        parts: the files of its kind of page.
        blocks: by the id that the header calls each by.
        embedded: whether it is for a frame in another page: no title, few controls.
    """

    title: str
    about: str
    facts: str
    header: Mapping[str, Any]
    shaders: Mapping[str, str]
    parts: Parts
    blocks: Mapping[str, Block] = field(default_factory=dict)
    embedded: bool = False

    def html(self) -> str:
        """The whole file, which states its own size; the same parts give the same text."""
        megabytes = len(self._html("").encode()) / 1e6
        return self._html(f"{megabytes:.2f} MB")

    def _html(self, size: str) -> str:
        script, style = self.parts.script, self.parts.style
        blocks = (
            f'<script type="application/octet-stream" id="{html.escape(name)}">{block.base64}</script>'
            for name, block in self.blocks.items()
        )
        return Template(page_file("page.html")).substitute(
            policy=content_policy(script, style),
            title=html.escape(self.title),
            about=html.escape(self.about),
            facts=html.escape(self.facts),
            size=size,
            body_class="embedded" if self.embedded else "page",
            style=style,
            body=Template(page_file(self.parts.body)).substitute(title=html.escape(self.title)),
            header=json_in_html({"format": FORMAT, "title": self.title, **self.header}),
            shaders=json_in_html(self.shaders),
            blocks="\n".join(blocks),
            script=script,
        )


def content_policy(script: str, style: str) -> str:
    """Nothing from outside, and of what is inside only this script and this style."""
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def json_in_html(value: Any) -> str:
    """JSON that cannot end the element it stands in."""
    text = json.dumps(value, sort_keys=True, allow_nan=False, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def frame_snippet(name: str, title: str, width: int, height: int) -> str:
    """What shows a page inside another one."""
    return (
        f'<iframe src="{html.escape(name)}" title="{html.escape(title)}" width="{width}" height="{height}" '
        'style="border:0" loading="lazy"></iframe>'
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
