"""``python -m fieldcore``."""

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from . import _threads  # noqa: F401 (before torch)
    from .cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
