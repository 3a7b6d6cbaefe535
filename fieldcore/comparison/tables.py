"""The table of a comparison, as CSV, Markdown and LaTeX."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from .contest import mean_of


@dataclass(frozen=True)
class Row:
    """One network on one picture with one seed.

    Attributes:
        picture, network, settings: names; see ``Entry``.
        seed: of every random number.
        parameters: trained values.
        kilobytes: of the field's file.
        steps: taken.
        seconds, ms_per_step: of the training; None where the budget was given in steps, so that the table is the same
            in every run.
        psnr, ssim, flip, held_out_psnr, between_psnr: see ``final_measures``.
        remark: what went wrong.
    """

    picture: str
    network: str
    settings: str
    seed: int
    parameters: int
    kilobytes: float
    steps: int
    seconds: float | None
    ms_per_step: float | None
    psnr: float | None
    ssim: float | None
    flip: float | None
    held_out_psnr: float | None
    between_psnr: float | None
    remark: str = ""


_COLUMNS = {
    "parameters": ("parameters", "{:.0f}"),
    "kilobytes": ("kB", "{:.0f}"),
    "steps": ("steps", "{:.0f}"),
    "seconds": ("seconds", "{:.1f}"),
    "ms_per_step": ("ms/step", "{:.1f}"),
    "psnr": ("PSNR", "{:.2f}"),
    "ssim": ("SSIM", "{:.4f}"),
    "flip": ("FLIP", "{:.4f}"),
    "held_out_psnr": ("held out", "{:.2f}"),
    "between_psnr": ("between pixels", "{:.2f}"),
}
"""What is averaged over pictures and seeds, with its title and layout."""


def csv_table(rows: Sequence[Row]) -> str:
    """Every row, sorted by picture, network and seed."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, [one.name for one in fields(Row)], lineterminator="\n")
    writer.writeheader()
    for row in sorted(rows, key=lambda row: (row.picture, row.network, row.seed)):
        writer.writerow({name: _plain(value) for name, value in asdict(row).items()})
    return stream.getvalue()


def mean_rows(rows: Sequence[Row]) -> list[dict[str, str]]:
    """A line a network, the best PSNR first: means over pictures and seeds, as text by the columns' titles."""
    networks = {row.network: row.settings for row in rows}
    by_psnr = sorted(networks, key=lambda name: (-(_mean(rows, name, "psnr") or 0.0), name))
    lines = []
    for name in by_psnr:
        line = {"network": name, "settings": networks[name]}
        for column, (title, layout) in _COLUMNS.items():
            mean = _mean(rows, name, column)
            if mean is not None:
                line[title] = layout.format(mean)
        lines.append(line)
    shown = [
        title
        for title in ("network", "settings", *(title for title, _ in _COLUMNS.values()))
        if any(title in line for line in lines)
    ]
    return [{title: line.get(title, "-") for title in shown} for line in lines]


def markdown_table(rows: Sequence[Row]) -> str:
    """``mean_rows`` in Markdown."""
    lines = mean_rows(rows)
    titles = list(lines[0]) if lines else []
    body = [f"| {' | '.join(line.values())} |" for line in lines]
    return "\n".join([f"| {' | '.join(titles)} |", "|---" * len(titles) + "|", *body]) + "\n"


def latex_table(rows: Sequence[Row]) -> str:
    """``mean_rows`` as a LaTeX tabular."""
    lines = mean_rows(rows)
    titles = list(lines[0]) if lines else []
    layout = "l" * min(2, len(titles)) + "r" * max(0, len(titles) - 2)
    body = [" & ".join(map(_escaped, line)) + r" \\" for line in (titles, *(line.values() for line in lines))]
    return "\n".join(
        [rf"\begin{{tabular}}{{{layout}}}", r"\hline", body[0], r"\hline", *body[1:], r"\hline", r"\end{tabular}", ""]
    )


def _mean(rows: Sequence[Row], network: str, column: str) -> float | None:
    return mean_of([getattr(row, column) for row in rows if row.network == network])


def _plain(value: object) -> object:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else value


def _escaped(text: str) -> str:
    return text.replace("\\", r"\textbackslash{}").replace("_", r"\_").replace("%", r"\%").replace("&", r"\&")
