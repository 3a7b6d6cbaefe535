"""``fieldcore suite table`` and ``plot``: what a suite's results come to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..arguments import argument, option
from ..files import check_writable_folder
from .common import GeneralOptions

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..suite.store import Store

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
        from ..suite.time_table import time_tables

        store = Store.open(self.results)
        found: list[Any] = [*time_tables(store)] if store.resolved.plan.time_to_quality else []
        found = found or [*tables(store, records(store), self.rows, self.columns, self.metric)]
        sys.stdout.write(FORMATS["json" if self.json else self.format](found))


@dataclass(frozen=True, kw_only=True)
class SuitePlot(GeneralOptions):
    """Draw what a suite's results come to: quality over variance and over seconds, each signal's, and of pictures the
    fields themselves beside their errors, and spectra.
    """

    examples: ClassVar[tuple[str, ...]] = ("fieldcore suite plot results/laptop --out plots/",)

    results: str = argument("Folder of the results.", metavar="FOLDER")
    out: str = option("Folder of the plots.", metavar="FOLDER", short="o", group="output")
    metric: str | None = option(
        "The measure.", default=None, metavar="NAME", usual="the one that means of such signals are taken of"
    )

    def run(self) -> None:
        """Read the results and draw."""
        from ..figure_file import write_figure
        from ..suite.store import Store

        store, out = Store.open(self.results), Path(self.out)
        check_writable_folder(out)
        written = []
        for name, figure in self._figures(store):
            suffix = ".png" if name.endswith("triangles") else ".svg"
            write_figure(out / f"{name}{suffix}", figure)
            written.append(f"{name}{suffix}")
        self.print_result({"out": self.out, "written": written})

    def _figures(self, store: Store) -> Iterator[tuple[str, Figure]]:
        from ..suite.picture_plots import picture_figures
        from ..suite.plots import seconds_figure, signals_figure, survival_figure, variance_figure
        from ..suite.records import records
        from ..suite.table import tables
        from ..suite.time_table import time_tables

        if store.resolved.plan.time_to_quality is not None:
            for times in time_tables(store):
                yield f"{times.type}-survival", survival_figure(store, times)
                yield f"{times.type}-seconds", seconds_figure(store, times.type)
            return
        found = records(store)
        for table in tables(store, found, metric=self.metric):
            yield f"{table.type}-variance", variance_figure(found, table)
            yield f"{table.type}-signals", signals_figure(found, table)
            yield f"{table.type}-seconds", seconds_figure(store, table.type)
        yield from picture_figures(store)
