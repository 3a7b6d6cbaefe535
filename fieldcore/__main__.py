"""``python -m fieldcore``, or ``fieldcore`` where it is installed."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command line and exit with its code."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a word until ``run_program`` listens
    from .command import run_program

    run_program("fieldcore.cli:run")


if __name__ == "__main__":
    main()
