"""A render as a process beside the window: the command line's own, which tells how far it is.

Standard output has an object a line: ``{"made": 3, "total": 81}`` after every frame, and last what ``--json`` prints.
When nobody reads that any more, because the window is gone, the render ends as by Ctrl-C: its frames are kept.
"""

from __future__ import annotations

import json
import os
import signal

_NICE = 10
"""How far it stands back behind the window."""


def main() -> int:
    """Run the process's own command line, and return its exit code."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    from ..cli import run
    from .told_frames import frames_told

    with frames_told(Teller()):
        return run()


class Teller:
    """Tells whoever reads standard output, and ends the render once nobody does."""

    def __init__(self) -> None:
        self._is_heard = True

    def __call__(self, made: int, total: int) -> None:
        """So many frames are there."""
        if not self._is_heard:
            return
        try:
            print(json.dumps({"made": made, "total": total}), flush=True)
        except BrokenPipeError:
            self._is_heard = False
            signal.raise_signal(signal.SIGTERM)


if __name__ == "__main__":
    import fieldcore._threads  # noqa: F401 (before torch)
    from fieldcore.command import run_program

    run_program("app.record.render_process:main")
