"""Times in a few numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Percentiles:
    """Of times in milliseconds."""

    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, seconds: list[float]) -> Percentiles:
        """From times in seconds."""
        p50, p95, p99 = (round(1e3 * float(value), 2) for value in np.percentile(seconds or [math.nan], [50, 95, 99]))
        return cls(p50, p95, p99)
