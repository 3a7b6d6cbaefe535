"""``python -m fieldcore``, or ``fieldcore`` where it is installed."""

from __future__ import annotations

from .command import run_program


def main() -> None:
    """Run the command line and exit with its code."""
    run_program("fieldcore.cli:run")


if __name__ == "__main__":
    main()
