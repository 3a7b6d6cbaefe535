"""Which library multiplies float32 matrices on a processor: MKL, or oneDNN where it is much faster and as exact."""

from __future__ import annotations

import os
import time
from functools import cache
from typing import Any, Literal

import torch
from torch import Tensor

from .errors import InputError

Library = Literal["MKL", "oneDNN"]

_SETTING: dict[Library, str] = {"MKL": "ieee", "oneDNN": "bf16"}
_POINTS, _WIDTH, _TRIES = 2048, 128, 8
_MOST_ERROR = 1e-6
_LEAST_GAIN = 1.5
"""Below it the choice would be another from run to run, and with it the last bits of every result."""


@cache
def float32_products() -> Library:
    """The library that multiplies float32 matrices on this processor, of which both are tried once.

    PyTorch takes oneDNN for float32 where products may be rounded to bfloat16, which oneDNN does only where the
    processor has matrices of it (AMX); elsewhere it has float32 kernels, on some processors twice as fast as MKL's.
    So it is taken where it gains half and its error stays below 1e-6 of the product. The environment's
    ``FIELDSCOPE_PRODUCTS``, MKL or oneDNN, decides instead, for the same last bits in every run.

    Raises:
        InputError: as ``asked_library``.

    Example:
        >>> float32_products() in ("MKL", "oneDNN")
        True
    """
    setting, asked = _cpu_setting(), asked_library()
    if setting is None:
        return "MKL"
    if asked is not None:
        return asked
    before = setting.fp32_precision
    try:
        seconds = _tried(setting)
    finally:
        setting.fp32_precision = before
    return "oneDNN" if seconds["oneDNN"] * _LEAST_GAIN < seconds["MKL"] else "MKL"


def asked_library() -> Library | None:
    """The library that the environment's ``FIELDSCOPE_PRODUCTS`` names, None where it names none.

    Raises:
        InputError: it is another word.
    """
    asked = os.environ.get("FIELDSCOPE_PRODUCTS", "")
    for library in _SETTING:
        if asked == library:
            return library
    if asked:
        legal = " or ".join(_SETTING)
        raise InputError(f"environment variable FIELDSCOPE_PRODUCTS: expected {legal}, got '{asked}'; set or unset it")
    return None


def exact_setting() -> str:
    """What ``torch.backends.mkldnn.matmul.fp32_precision`` has to be, for exact products by that library."""
    return _SETTING[float32_products()]


def _cpu_setting() -> Any:
    """PyTorch's setting for products on processors; None where it has none, before 2.9 or without oneDNN."""
    matmul = getattr(torch.backends.mkldnn, "matmul", None)
    return matmul if torch.backends.mkldnn.is_available() and hasattr(matmul, "fp32_precision") else None


def _tried(setting: Any) -> dict[Library, float]:
    """The least seconds of a product by each library, in turn; infinite where it is not exact."""
    generator = torch.Generator().manual_seed(0)
    left, right = (torch.randn(n, _WIDTH, generator=generator) for n in (_POINTS, _WIDTH))
    true = left.double() @ right.double().T
    seconds: dict[Library, float] = dict.fromkeys(_SETTING, float("inf"))
    for _ in range(_TRIES):
        for library, value in _SETTING.items():
            setting.fp32_precision = value
            started = time.perf_counter()
            product = left @ right.T
            took = time.perf_counter() - started
            if _error(product, true) < _MOST_ERROR:
                seconds[library] = min(seconds[library], took)
    return seconds


def _error(product: Tensor, true: Tensor) -> float:
    return float((product - true).norm() / true.norm())
