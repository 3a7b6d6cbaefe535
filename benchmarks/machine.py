"""The machine a figure was measured on, and how fast it multiplies matrices."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from fieldcore.machine import machine_description

__all__ = ["fastest", "machine_description", "matrix_product_rate", "synchronize"]


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
