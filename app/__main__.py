"""``fieldscope``, or ``python -m app`` in a checkout."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command line and exit with its code."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a word until ``run_program`` listens
    import fieldcore._threads  # noqa: F401 (before torch)
    from fieldcore.command import run_program

    run_program("app.cli:run")


if __name__ == "__main__":
    main()
