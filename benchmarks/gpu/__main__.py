"""A machine with CUDA that is lent for a quarter of an hour: everything that only it can tell, in one report.

    python -m benchmarks.gpu [--out FOLDER] [--parts NAME ...] [--minutes 11.5] [--small]

It needs nothing from outside: inputs are made here, and what is drawn comes with the program. Each part runs in a
process of its own, so that what fails, hangs or lacks a package is a line in the report and stops nothing else. The
report is written after each part. Without CUDA it says so and ends with code 2; ``--small`` tries all parts out on
the processor, with sizes at which nothing is measured.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .parts import PARTS, Part
from .report import Entry, Report

ROOT = Path(__file__).parents[2]
NO_CUDA = "error: this machine has no CUDA device that torch can use; --small tries the parts out on the processor"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for; returns the exit code: 0 if every part was measured, 1 if not, 2 without CUDA."""
    options = _options(arguments)
    device = "cpu" if options.small else "cuda"
    if options.measure:
        return _measure(PARTS[options.measure], device, options.small, options.out, options.seconds)
    if device == "cuda" and not _has_cuda():
        print(NO_CUDA, file=sys.stderr)
        return 2
    report = Report(machine_facts())
    make_report(report, options.parts, options.out, 60 * options.minutes, device)
    print(f"written: {options.out / 'gpu-report.md'}")
    return 0 if all(entry.outcome == "measured" for entry in report.entries.values()) else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.gpu", description="Measure what only CUDA can tell.")
    parser.add_argument("--out", type=Path, default=Path("gpu-report"), help="folder of the report")
    parser.add_argument("--parts", nargs="+", choices=list(PARTS), default=list(PARTS), help="what to measure")
    parser.add_argument("--minutes", type=float, default=11.5, help="all of it may take so long")
    parser.add_argument("--small", action="store_true", help="try the parts out on the processor")
    parser.add_argument("--measure", choices=list(PARTS), help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=math.inf, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def make_report(
    report: Report,
    names: Sequence[str],
    folder: Path,
    seconds: float,
    device: str,
    measured: Callable[[str, Part, float, str], Entry] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Measure one part after the other, and write the report after each.

    Args:
        report: to add to.
        names: of the parts.
        folder: of the report.
        seconds: that all may take; parts for which none are left are skipped.
        device: what is measured.
        measured: makes an entry of a part, by default in a process of its own.
        clock: seconds of a clock that never goes back.
    """
    ends_at = clock() + seconds
    for name in names:
        part, left = PARTS[name], ends_at - clock()
        if left < 5:
            entry = Entry(part.title, "skipped", 0.0, reason="no time was left")
        else:
            print(f"{part.title} ...", flush=True)
            entry = (measured or in_a_process)(name, part, left if part.takes_all else min(part.seconds, left), device)
            print(f"  {entry.outcome} in {entry.seconds:.0f} s {entry.reason}", flush=True)
        report.entries[name] = entry
        report.write(folder)


def in_a_process(name: str, part: Part, seconds: float, device: str) -> Entry:
    """Measure a part in a process of its own, which is ended after so many seconds."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "benchmarks.gpu", "--measure", name, "--out", str(file)]
        command += ["--seconds", str(seconds)]
        command += ["--small"] if device == "cpu" else []
        try:
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds)
        except subprocess.TimeoutExpired:
            return Entry(part.title, "out of time", seconds, reason=f"it was ended after {seconds:.0f} s")
        taken = time.monotonic() - started
        if done.returncode == 0:
            return Entry(part.title, "measured", taken, json.loads(file.read_text()))
    told = done.stderr.strip().splitlines() or [f"it ended with code {done.returncode}"]
    return Entry(part.title, "failed", taken, reason=" / ".join(line.strip() for line in told[-3:])[-600:])


def _measure(part: Part, device: str, small: bool, file: Path, seconds: float) -> int:
    """Measure a part in this process and write its figures."""
    file.write_text(json.dumps(figures_of(part, device, small, seconds)))
    return 0


def figures_of(part: Part, device: str, small: bool, seconds: float = math.inf) -> dict[str, Any]:
    """What a part finds on a device. Raises whatever goes wrong in it."""
    import torch

    from .setting import Setting

    module, name = part.function.split(":")
    figures: dict[str, Any] = getattr(importlib.import_module(module), name)(
        Setting(torch.device(device), small, seconds)
    )
    return figures


def machine_facts() -> dict[str, str]:
    """When and on what, as far as it can be known."""
    facts = {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "Python": platform.python_version(),
    }
    try:
        import torch

        facts["torch"] = f"{torch.__version__}, CUDA {torch.version.cuda}"
    except ImportError as error:
        facts["torch"] = f"none: {error}"
    query = ["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
    facts["GPU, driver, memory"] = _said_by(query)
    facts["commit"] = _said_by(["git", "-C", str(ROOT), "rev-parse", "HEAD"])
    return facts


def _said_by(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def _has_cuda() -> bool:
    try:
        import torch
    except ImportError:
        return False
    return torch.cuda.is_available()


if __name__ == "__main__":
    raise SystemExit(main())
