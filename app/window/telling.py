"""Reports to a program that drives the window: an object on standard output for each thing that happens."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


class Teller:
    """Keeps what happens in a pass of the loop and tells it at its end, when what it speaks of is on the screen.

    Attributes:
        settle: called before anything is told; returns once the display shows all that was drawn.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self.settle: Callable[[], None] = lambda: None

    def __call__(self, event: str, **facts: Any) -> None:
        """Something happened; the facts are plain JSON values."""
        self._lines.append(json.dumps({"event": event, **facts}))

    def tell(self) -> None:
        """Print what has happened since the last call, in order."""
        if self._lines:
            self.settle()
            lines, self._lines = self._lines, []
            print(*lines, sep="\n", flush=True)
