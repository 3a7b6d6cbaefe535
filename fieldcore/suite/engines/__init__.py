"""Engines: what runs ``suite run-one PLAN KEY`` for many keys, by name in ``ENGINES``. They know nothing of results."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...registry import Registry

Told = Callable[[str, str], None]
"""Called for each key when its command has ended, with what went wrong: empty if nothing did."""


@dataclass(frozen=True)
class Job:
    """What an engine runs.

    Attributes:
        plan: the file that ``run-one`` is given.
        keys: of the runs, in order.
        workers: how many at a time.
        options: further words of each command line.
    """

    plan: Path
    keys: Sequence[str]
    workers: int = 1
    options: tuple[str, ...] = ()

    def command(self, key: str) -> list[str]:
        """The command line of a key."""
        words = [sys.executable, "-m", "fieldcore", "suite", "run-one", str(self.plan), key]
        return [*words, *self.options, "--quiet"]


Engine = Callable[[Job, Told], None]
"""Runs the command of each key, and tells of each. Raises InputError if a package is missing."""


ENGINES: Registry[Engine] = Registry(
    "engine",
    {
        "local": "fieldcore.suite.engines.local:run_local",
        "ray": "fieldcore.suite.engines.on_ray:run_on_ray",
        "slurm": "fieldcore.suite.engines.on_slurm:run_on_slurm",
    },
)
"""Every engine by its name; the one place where a new one is entered."""
