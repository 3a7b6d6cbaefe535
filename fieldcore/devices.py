"""Choosing where to compute, and how exactly."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch

from .errors import InputError
from .float32_products import asked_library, exact_setting

DeviceName = Literal["auto", "cpu", "cuda", "mps"]


def choose_device(name: str | torch.device) -> torch.device:
    """The device of that name; ``auto`` prefers CUDA, then the CPU (on Apple's, MPS lacks operations we need).

    Nothing else changes: float32 products stay as exact as they were.

    Args:
        name: ``auto``, ``cpu``, ``cuda``, ``mps``, or one of several such as ``cuda:1``.

    Raises:
        InputError: there is no such name, the machine has no such device, or the environment asks for products as
            ``float32_products`` does not know them.

    Example:
        >>> choose_device("cpu")
        device(type='cpu')
    """
    asked_library()  # another word is refused before the work, not at its first product
    counts = {
        "cpu": 1,
        "cuda": torch.cuda.device_count() if torch.cuda.is_available() else 0,
        "mps": int(torch.backends.mps.is_available()),
    }
    if name == "auto":
        name = "cuda" if counts["cuda"] else "cpu"
    text = str(name)
    kind, colon, index = text.partition(":")
    if kind not in counts or (colon and not index.isdecimal()):
        raise InputError(f"--device {text}: expected auto, cpu, cuda, mps, or one of several such as cuda:1")
    if int(index or 0) >= counts[kind]:
        usable = ", ".join(f"{known}:{i}" if i else known for known, count in counts.items() for i in range(count))
        raise InputError(f"--device {text}: this machine has no such device; it has {usable}")
    return torch.device(text)


_lock = threading.Lock()
_depth = 0
_restore: list[tuple[object, str, str]] = []


@contextmanager
def full_precision(when: bool = True) -> Iterator[None]:
    """Round float32 matrix products to float32 within, whatever is allowed outside (TF32 on CUDA, bfloat16 on CPUs).

    Unless ``when`` is false: then nothing is done. Which library multiplies says ``float32_products``.

    PyTorch keeps this setting for the whole process. The first to enter changes it and the last to leave, on whatever
    thread, puts it back as it was; meanwhile other threads are at most more exact.
    """
    global _depth
    if not when:
        yield
        return
    with _lock:
        if _depth == 0:
            _restore[:] = _set_to_exact()
        _depth += 1
    try:
        yield
    finally:
        with _lock:
            _depth -= 1
            if _depth == 0:
                for owner, setting, value in _restore:
                    setattr(owner, setting, value)


class _LegacyPrecision:
    """The one setting of PyTorch before 2.9, as an attribute."""

    @property
    def precision(self) -> str:
        return torch.get_float32_matmul_precision()

    @precision.setter
    def precision(self, value: str) -> None:
        torch.set_float32_matmul_precision(value)


def _set_to_exact() -> list[tuple[object, str, str]]:
    """Make products exact; returns what was changed, with the values that were there."""
    settings: list[tuple[object, str, str]] = [
        (backend.matmul, "fp32_precision", exact)
        for backend, exact in ((torch.backends.cuda, "ieee"), (torch.backends.mkldnn, exact_setting()))
        if hasattr(backend, "matmul") and hasattr(backend.matmul, "fp32_precision")
    ] or [(_LegacyPrecision(), "precision", "highest")]
    before = []
    for owner, setting, exact in settings:
        value = getattr(owner, setting)
        already = (exact, "none") if exact == "ieee" else (exact,)  # "none": exact by default
        if value not in already:
            before.append((owner, setting, value))
            setattr(owner, setting, exact)
    return before
