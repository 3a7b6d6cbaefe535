"""``fieldcore export --to web``: a field as one web page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..files import written_out
from .exports import Exporter

if TYPE_CHECKING:
    from ..checkpoint import Checkpoint
    from ..fields.field import Field
    from .export import Export

_INSTEAD = {
    "picture": "solve one: fieldcore fit picture PHOTO --kind pyramid",
    "texture": "solve one: fieldcore fit texture MODEL --kind pyramid",
    "ackley": "solve one: fieldcore fit ackley --kind pyramid",
    "shape": "write its surface with 'fieldcore mesh'",
    "video": "write it as a film with 'fieldcore evaluate', or solve one of its frames as a picture",
    "light_stage": "write it for other viewers with '--to relight'",
}
"""What to do, by the type of signal, where a field cannot be a page."""

_FRAME = (640, 480)  # pixels of the snippet's frame


class WebExporter(Exporter):
    """One HTML file that needs no network."""

    options = ("truth", "size", "lossy", "exact", "max_mb", "embed")

    def check(self, options: Export) -> None:
        """As the base."""
        if Path(options.out).suffix.lower() not in (".html", ".htm"):
            raise InputError(f"--out '{options.out}': a page's file ends in .html")
        if options.lossy and options.exact:
            raise InputError("give --lossy or --exact, not both")

    def check_sources(self, options: Export) -> None:
        """As the base."""
        if options.truth is not None:
            from ..sources import check_source

            check_source("--truth", options.truth, "give the picture that the field was made of")

    def write(self, checkpoint: Checkpoint, options: Export) -> dict[str, Any]:
        """Put the page together and write it."""
        field = checkpoint.field
        _check_kind(field, options.field)
        from ..web.document import frame_snippet
        from ..web.page_size import page_within
        from ..web.picture_page import PageSettings

        settings = PageSettings(
            truth=options.truth,
            size=options.size,
            lossy=options.lossy,
            exact=options.exact,
            embedded=options.embed,
            file=Path(options.field).name,
        )
        page, text = page_within(field, settings, options.max_mb)
        out = Path(options.out)
        with written_out(out, ".html") as path:
            path.write_text(text, encoding="utf-8", newline="\n")
        result = {"megabytes": round(len(text.encode()) / 1e6, 3), **page.facts}
        if options.embed:
            result["snippet"] = frame_snippet(out.name, page.document.title, *_FRAME)
        return result


def _check_kind(field: Field, source: str) -> None:
    if field.kind != "pyramid" or field.dim != 2:
        instead = _INSTEAD.get(field.facts.type, "solve a picture: fieldcore fit picture PHOTO --kind pyramid")
        raise InputError(
            f"field '{source}': a page shows solved pyramids of pictures and textures, and this is a {field.kind} "
            f"field of a {field.facts.type.replace('_', ' ')}; {instead}"
        )
