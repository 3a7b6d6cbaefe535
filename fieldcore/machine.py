"""The machine that a figure was measured on."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import torch


def machine_description() -> str:
    """One line: processor, cores, memory, GPU, versions."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    memory = _memory_bytes()
    size = f", {memory / 2**30:.0f} GB" if memory else ""
    return (
        f"{models[0] if models else platform.processor()}, {os.cpu_count()} cores{size}{gpu}; "
        f"Python {platform.python_version()}, torch {torch.__version__}"
    )


def usable_cores() -> int:
    """Cores that this process may run on: fewer than the machine has inside a cluster's job or under ``taskset``."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # a system that does not tell
        return os.cpu_count() or 1


def load_average() -> float | None:
    """How many processes wanted a core in the last minute, on average; None where the system does not say."""
    try:
        return round(os.getloadavg()[0], 2)
    except (AttributeError, OSError):
        return None


def _memory_bytes() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 0
