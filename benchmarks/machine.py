"""The machine a figure was measured on, and how fast it multiplies matrices."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import torch


def machine_description() -> str:
    """One line: processor, cores, memory, GPU, versions."""
    cpuinfo = Path("/proc/cpuinfo")
    models = [line.split(":")[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{models[0] if models else platform.processor()}, {os.cpu_count()} cores, {memory_gb:.0f} GB{gpu}; "
        f"Python {platform.python_version()}, torch {torch.__version__}"
    )


def matrix_product_rate(dtype: torch.dtype, device: torch.device, size: int = 2048) -> float:
    """Best of several square matrix products, in FLOP/s."""
    a = torch.randn(size, size, device=device).to(dtype)
    return 2 * size**3 / fastest(lambda: a @ a, device, repeats=8)


def fastest(work: Callable[[], object], device: torch.device, repeats: int = 5) -> float:
    """Shortest time of several runs of ``work`` in seconds, after one that is not counted."""
    times = []
    for _ in range(repeats + 1):
        synchronize(device)
        started = time.perf_counter()
        work()
        synchronize(device)
        times.append(time.perf_counter() - started)
    return min(times[1:])


def synchronize(device: torch.device) -> None:
    """Wait for the device's queue."""
    if device.type == "cuda":
        torch.cuda.synchronize()
