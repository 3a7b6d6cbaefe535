"""Half sizes of kernels: their entries, how paths write them, and where they move."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fieldcore.errors import InputError

from ..covariance import log_variance, variance_from_log
from ..path.entry_checks import number, shown
from ..path.tracks import Space

HalfSize = tuple[float, ...]
"""Along each axis, in domain units; 0 is no filter there."""

LEAST_LOG10, MOST_LOG10 = -3.5, 0.5
"""Of what a slider reaches: the least stands for none, the most is wider than any picture."""

LARGEST = 100.0


def half_size_check(dim: int) -> Any:
    """What checks half sizes: a number for all axes, or one an axis. ``Declaration.check``."""

    def check(value: Any, where: str) -> HalfSize:
        if not isinstance(value, list):
            return (number(value, where, 0.0, LARGEST),) * dim
        if len(value) != dim:
            raise InputError(f"{where}: expected a number or a list of {dim} numbers, got {shown(value)}")
        return tuple(number(size, f"{where}[{axis}]", 0.0, LARGEST) for axis, size in enumerate(value))

    return check


def shortest(sizes: HalfSize) -> float | list[float]:
    """As paths and reports write it: one number where all are alike."""
    return sizes[0] if len(set(sizes)) == 1 else list(sizes)


def log10_of(size: float) -> float:
    """Where a slider stands; none is at its left end."""
    return min(max(math.log10(size), LEAST_LOG10), MOST_LOG10) if size > 0 else LEAST_LOG10


def size_of(log10: float) -> float:
    """Inverse of ``log10_of``."""
    return 10.0**log10 if log10 > LEAST_LOG10 else 0.0


HALF_SIZES = Space(
    lambda sizes: np.array([log_variance(size * size) for size in sizes]),
    lambda point: tuple(math.sqrt(variance_from_log(float(logarithm))) for logarithm in point),
)
"""Where half sizes move: along straight lines of their logarithms."""
