"""``fieldcore suite status``: how far a suite is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..arguments import argument
from .common import GeneralOptions


@dataclass(frozen=True, kw_only=True)
class SuiteStatus(GeneralOptions):
    """Say which runs are done, running, failed and why, and still to go, and about how long they take."""

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore suite status results/laptop",
        "fieldcore suite status results/laptop --json",
    )

    results: str = argument("Folder of the results.", metavar="FOLDER")

    def run(self) -> None:
        """Look and print."""
        from ..suite.status import status
        from ..suite.store import Store

        self.print_result(status(Store.open(self.results)))
