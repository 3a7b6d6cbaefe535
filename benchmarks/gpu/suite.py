"""The tests that need CUDA."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from .setting import Setting

_ROOT = Path(__file__).parents[2]


def tests(setting: Setting) -> dict[str, Any]:
    """How many pass; those that do not are named, with what they say. Raises RuntimeError where none could be run."""
    command = [sys.executable, "-m", "pytest", "-m", "cuda", "-q", "-rfEs", "--tb=short", "-p", "no:cacheprovider"]
    chosen = ["tests/fieldcore/test_on_a_gpu.py", "--collect-only"] if setting.small else ["tests"]
    done = subprocess.run([*command, *chosen], cwd=_ROOT, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    if done.returncode not in (0, 1):
        raise RuntimeError(f"pytest ended with code {done.returncode}: {' '.join([*lines, done.stderr][-3:])[-500:]}")
    outcome = re.sub(r" in [\d.:s() ]+", "", lines[-1].strip("= "))
    told = [line for line in lines if line.startswith(("FAILED", "ERROR", "SKIPPED"))]
    return {"outcome": outcome, **{f"told {number}": line[:300] for number, line in enumerate(told, 1)}}
