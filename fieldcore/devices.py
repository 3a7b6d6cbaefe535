"""Choosing where to compute."""

from __future__ import annotations

from typing import Literal

import torch

from .errors import InputError

DeviceName = Literal["auto", "cpu", "cuda", "mps"]


def choose_device(name: DeviceName) -> torch.device:
    """The device of that name; ``auto`` prefers CUDA, then the CPU (on Apple's, MPS lacks operations we need).

    On CUDA, float32 matrix products may from then on use tensor cores (TF32).

    Raises:
        InputError: the machine has no such device.
    """
    available = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if name == "auto":
        name = "cuda" if available["cuda"] else "cpu"
    if not available[name]:
        usable = ", ".join(device for device, there in available.items() if there)
        raise InputError(f"--device {name}: this machine has no such device; it has {usable}")
    if name == "cuda":
        torch.set_float32_matmul_precision("high")
    return torch.device(name)
