"""The suite: what a run costs beside its own work, and what a second worker brings. Prints Markdown.

    OMP_NUM_THREADS=1 python -m benchmarks.suite [--runs 60] [--trained 8]

Runs of a 16-pixel picture that is solved for in milliseconds show what the suite itself takes: the seconds of a plan of
many less those of a plan of few, which leaves out starting the program, less the seconds that the runs say they took.
Run it on an otherwise idle machine; the one it ran on is printed first.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from benchmarks.machine import machine_description
from fieldcore.images import write_image

FEW = 10
SOLVED: dict[str, Any] = {"name": "solved", "kind": "pyramid"}
TRAINED: dict[str, Any] = {"name": "trained", "kind": "scale_space", "preset": "preview"}
STEPS = 300


@dataclass(frozen=True)
class Options:
    """Benchmark the suite."""

    runs: int = 60
    """Runs of the larger plan of tiny ones."""
    trained: int = 8
    """Trainings that one worker, and then two, do."""


@dataclass(frozen=True)
class Ran:
    """A plan that was run.

    Attributes:
        seconds: of the whole command.
        own_seconds: of all its runs, as they say.
    """

    seconds: float
    own_seconds: float


def main() -> None:
    """Measure and print."""
    options = tyro.cli(Options)
    print(f"Machine: {machine_description()}\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rng = np.random.default_rng(0)
        write_image(folder / "tiny.png", rng.random((16, 16, 3), np.float32))
        write_image(folder / "small.png", rng.random((128, 128, 3), np.float32))
        few, many = (_ran(folder, "tiny.png", SOLVED, count, 1, 1) for count in (FEW, options.runs))
        between = ((many.seconds - few.seconds) - (many.own_seconds - few.own_seconds)) / (options.runs - FEW)
        print(f"A run takes {1e3 * between:.0f} ms beside its own {1e3 * many.own_seconds / options.runs:.0f} ms.")
        one, two = (_ran(folder, "small.png", TRAINED, options.trained, STEPS, workers) for workers in (1, 2))
        with on_one_core():
            one_core = _ran(folder, "small.png", TRAINED, options.trained, STEPS, 1, "one-core")
        print(
            f"{options.trained} trainings of {STEPS} steps: {two.seconds:.1f} s with two workers of a core each, "
            f"{one_core.seconds:.1f} s with one worker of one core ({one_core.seconds / two.seconds:.2f} times the "
            f"throughput), {one.seconds:.1f} s with one that has all cores ({one.seconds / two.seconds:.2f} times)."
        )


@contextmanager
def on_one_core() -> Iterator[None]:
    """What is started meanwhile has one core."""
    all_of_them = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(all_of_them)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_of_them)


def _ran(
    folder: Path, signal: str, variant: dict[str, Any], seeds: int, steps: int, workers: int, where: str = "here"
) -> Ran:
    """Run a plan of one variant by the command line."""
    name = f"{variant['name']}-{seeds}-{workers}-{where}"
    plan = {
        "format": "fieldscope-suite",
        "version": 1,
        "name": name,
        "signals": [signal],
        "variants": [variant],
        "seeds": seeds,
        "stop": {"steps": steps},
        "measure": {"variances": [0], "metrics": ["psnr"]},
    }
    (folder / f"{name}.json").write_text(json.dumps(plan), encoding="utf-8")
    words = ["suite", "run", str(folder / f"{name}.json"), "--out", str(folder / name), "--workers", str(workers)]
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "fieldcore", *words, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    machines = (json.loads(file.read_bytes()) for file in (folder / name).glob("runs/*/machine.json"))
    return Ran(seconds, sum(machine["seconds"] for machine in machines))


if __name__ == "__main__":
    main()
