"""``fieldcore export --to web``: a field as one web page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..files import written_out
from .exports import Exporter

if TYPE_CHECKING:
    from ..checkpoint import Checkpoint
    from .export import Export

_FRAME = (640, 480)  # pixels of the snippet's frame


class WebExporter(Exporter):
    """One HTML file that needs no network."""

    options = ("truth", "model", "size", "lossy", "exact", "max_mb", "embed")

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
        if options.model is not None and not Path(options.model).is_file():
            raise InputError(f"--model '{options.model}': no such file; give the model that the texture was fitted to")

    def write(self, checkpoint: Checkpoint, options: Export) -> dict[str, Any]:
        """Put the page together and write it."""
        from ..web.document import frame_snippet
        from ..web.page_size import page_within
        from ..web.pages import PageSettings

        settings = PageSettings(
            truth=options.truth,
            model=options.model,
            size=options.size,
            lossy=options.lossy,
            exact=options.exact,
            embedded=options.embed,
            file=Path(options.field).name,
        )
        page, text = page_within(checkpoint.field, settings, options.max_mb)
        out = Path(options.out)
        with written_out(out, ".html") as path:
            path.write_text(text, encoding="utf-8", newline="\n")
        result = {"megabytes": round(len(text.encode()) / 1e6, 3), **page.facts}
        if options.embed:
            result["snippet"] = frame_snippet(out.name, page.document.title, *_FRAME)
        return result
