"""``fieldcore suite table`` and ``plot``: what a suite's results come to."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ..arguments import argument, option
from ..files import check_writable_folder
from .common import GeneralOptions

_DIMENSIONS = ("variance", "covariance", "signal", "variant", "seed")


@dataclass(frozen=True, kw_only=True)
class SuiteTable(GeneralOptions):
    """Print a table of a suite's results, one for each type of signal.

    A cell is a mean over the signals, with its deviation over the seeds; values that are missing are counted.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore suite table results/laptop --rows variance --columns variant",
        "fieldcore suite table results/laptop --rows signal --metric ssim --format csv",
        "fieldcore suite table results/laptop --format latex > table.tex",
    )

    results: str = argument("Folder of the results.", metavar="FOLDER")
    rows: str = option("What rows are.", default="variance", metavar="NAME", choices=lambda: _DIMENSIONS)
    columns: str = option("What columns are.", default="variant", metavar="NAME", choices=lambda: _DIMENSIONS)
    metric: str | None = option(
        "The measure.", default=None, metavar="NAME", usual="the one that means of such signals are taken of"
    )
    format: str = option(
        "How it is written.",
        default="markdown",
        metavar="NAME",
        choices=lambda: ("markdown", "csv", "latex", "json"),
    )

    def run(self) -> None:
        """Read the results and print."""
        from ..suite.records import records
        from ..suite.store import Store
        from ..suite.table import tables
        from ..suite.table_formats import FORMATS

        store = Store.open(self.results)
        found = tables(store, records(store), self.rows, self.columns, self.metric)
        sys.stdout.write(FORMATS["json" if self.json else self.format](found))


@dataclass(frozen=True, kw_only=True)
class SuitePlot(GeneralOptions):
    """Draw what a suite's results come to: quality over variance and over seconds, and each signal's."""

    examples: ClassVar[tuple[str, ...]] = ("fieldcore suite plot results/laptop --out plots/",)

    results: str = argument("Folder of the results.", metavar="FOLDER")
    out: str = option("Folder of the plots.", metavar="FOLDER", short="o", group="output")
    metric: str | None = option(
        "The measure.", default=None, metavar="NAME", usual="the one that means of such signals are taken of"
    )

    def run(self) -> None:
        """Read the results and draw."""
        from ..figure_file import write_figure
        from ..suite.plots import seconds_figure, signals_figure, variance_figure
        from ..suite.records import records
        from ..suite.store import Store
        from ..suite.table import tables

        store, out = Store.open(self.results), Path(self.out)
        check_writable_folder(out)
        found, written = records(store), []
        for table in tables(store, found, metric=self.metric):
            figures = {
                "variance": variance_figure(found, table),
                "signals": signals_figure(found, table),
                "seconds": seconds_figure(store, table.type),
            }
            for name, figure in figures.items():
                path = out / f"{table.type}-{name}.svg"
                write_figure(path, figure)
                written.append(str(path))
        self.print_result({"out": self.out, "written": written})
