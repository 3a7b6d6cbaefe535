"""Kills a training ten times at random moments, resumes it each time, and compares bytes with one left alone.

python -m benchmarks.kill_and_resume [--picture FILE] [--steps 1200] [--kills 10]
"""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import tyro

from benchmarks.fields import SHARED_PHOTOGRAPH


@dataclass(frozen=True)
class Options:
    """Kill and resume a training."""

    picture: str = str(SHARED_PHOTOGRAPH) if SHARED_PHOTOGRAPH.exists() else "sample:astronaut"
    """Photograph to train on."""
    kind: str = "trained_pyramid"
    """Kind of field."""
    steps: int = 1200
    """Length of the training."""
    kills: int = 10
    """How often it is killed."""
    seed: int = 0
    """Of the random moments."""


def main() -> None:
    """Train once undisturbed and once with kills; exit with 1 if the files differ."""
    options = tyro.cli(Options)
    moments = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        whole, killed = Path(folder) / "whole.safetensors", Path(folder) / "killed.safetensors"
        started = time.monotonic()
        _start(options, whole).wait()
        duration = time.monotonic() - started
        kills = 0
        while kills < options.kills:
            process = _start(options, killed)
            try:
                # Importing torch takes the first seconds; a few moments fall into it on purpose.
                process.wait(timeout=moments.uniform(2.0, 4.0 + duration / options.kills))
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
        finished = _start(options, killed)
        if finished.wait() != 0:
            raise SystemExit("the resumed training failed")
        digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in (whole, killed)]
        left = sorted(path.name for path in Path(folder).iterdir())
    print(f"killed {kills} times; left alone {digests[0][:16]}, resumed {digests[1][:16]}; files: {', '.join(left)}")
    if digests[0] != digests[1]:
        raise SystemExit("the files differ")
    print("the same bytes")


def _start(options: Options, out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "fieldcore", "fit", "picture", options.picture, "--kind", options.kind]
    command += ["--steps", str(options.steps), "--out", str(out), "--resume", "--checkpoint-seconds", "0.5"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
