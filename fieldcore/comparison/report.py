"""The report of a comparison: one HTML file with everything in it."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from pathlib import Path

from .tables import Row, mean_rows

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; color: #222 }
table { border-collapse: collapse; margin: 1em 0 } td, th { padding: .25em .8em; border-bottom: 1px solid #ccc }
td { text-align: right } td:nth-child(-n+2), th { text-align: left } img, video { max-width: 100% }
pre { background: #f4f4f4; padding: .6em; overflow: auto } .remark { color: #a33 }
"""


def report_page(title: str, command: str, rows: Sequence[Row], pictures: Sequence[Path], film: Path | None) -> str:
    """A page with the means, what went wrong, plots and crops; nothing is loaded from elsewhere.

    Args:
        title: heading.
        command: the command line that makes it again.
        rows: of the table.
        pictures: PNG files to show, in this order.
        film: MP4, or None.
    """
    lines = mean_rows(rows)
    titles = list(lines[0]) if lines else []
    head = "".join(f"<th>{html.escape(each)}</th>" for each in titles)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(each)}</td>" for each in line.values()) + "</tr>" for line in lines
    )
    remarks = "".join(
        f"<p class=remark>{html.escape(f'{row.network} on {row.picture}, seed {row.seed}: {row.remark}')}</p>"
        for row in rows
        if row.remark
    )
    shown = "".join(
        f"<h2>{html.escape(path.stem)}</h2><img alt='{html.escape(path.stem)}' src='{_data(path, 'image/png')}'>"
        for path in pictures
    )
    moving = f"<h2>race</h2><video controls loop src='{_data(film, 'video/mp4')}'></video>" if film else ""
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title><style>{_STYLE}</style>"
        f"<h1>{html.escape(title)}</h1><p>Means over pictures and seeds. PSNR in dB of all pixels; "
        "<i>between pixels</i> on twice as fine a grid, against the picture's own interpolation.</p>"
        f"<table><tr>{head}</tr>{body}</table>{remarks}{shown}{moving}<h2>again</h2><pre>{html.escape(command)}</pre>"
        "</html>\n"
    )


def _data(path: Path, media_type: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"
