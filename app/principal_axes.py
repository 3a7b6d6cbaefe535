"""A covariance as people set it: a size, how much longer than wide, and a direction."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .covariance import Covariance

LEAST_LOG10_VARIANCE = -6.0
"""Stands for no smoothing at all: a standard deviation of a quarter of a pixel of a picture 512 pixels wide."""

MOST_LOG10_VARIANCE = 0.0
MOST_ANISOTROPY = 4.0


@dataclass(frozen=True)
class PrincipalAxes:
    """A Gaussian's size and shape.

    Attributes:
        log10_variance: of the geometric mean of the variances along the two axes; at the least, it is none.
        anisotropy: log10 of the variance along the long axis over that along the short one, 0 is round.
        angle_deg: of the long axis, from the width's direction towards the top, in (-90, 90].
    """

    log10_variance: float = LEAST_LOG10_VARIANCE
    anisotropy: float = 0.0
    angle_deg: float = 0.0

    @property
    def covariance(self) -> Covariance:
        """The entries xx, xy, yy, with y down the height."""
        if self.log10_variance <= LEAST_LOG10_VARIANCE:
            return (0.0, 0.0, 0.0)
        if self.anisotropy == 0:
            variance = 10.0**self.log10_variance
            return (variance, 0.0, variance)
        long, short = (10.0 ** (self.log10_variance + sign * self.anisotropy / 2) for sign in (1, -1))
        cosine, sine = math.cos(math.radians(self.angle_deg)), -math.sin(math.radians(self.angle_deg))
        return (
            long * cosine**2 + short * sine**2,
            (long - short) * cosine * sine,
            long * sine**2 + short * cosine**2,
        )

    @property
    def log10_along(self) -> tuple[float, float]:
        """The log10 variances along the long and the short axis; a side too short to be seen is as long as none."""
        size, half = self.log10_variance, self.anisotropy / 2
        return max(size + half, LEAST_LOG10_VARIANCE), max(size - half, LEAST_LOG10_VARIANCE)

    def pulled(self, axis: int, log10_variance: float, angle_deg: float | None = None) -> dict[str, float]:
        """What changes where an axis, 0 the long or 1 the short one, gets another length; the other one gives way.

        Args:
            axis: which is pulled.
            log10_variance: along it.
            angle_deg: that the long one is turned to.
        """
        long, short = self.log10_along
        if axis == 0:
            anisotropy = min(max(log10_variance - short, 0.0), MOST_ANISOTROPY)
            turned = {} if angle_deg is None else {"angle_deg": (angle_deg + 90) % 180 - 90}
            return {"log10_variance": log10_variance - anisotropy / 2, "anisotropy": anisotropy, **turned}
        anisotropy = min(max(long - log10_variance, 0.0), MOST_ANISOTROPY)
        return {"log10_variance": log10_variance + anisotropy / 2, "anisotropy": anisotropy}

    @classmethod
    def of(cls, covariance: Covariance) -> PrincipalAxes:
        """The axes of any covariance, within the bounds that a person can set."""
        xx, xy, yy = covariance
        mean, radius = (xx + yy) / 2, math.hypot((xx - yy) / 2, xy)
        long, short = mean + radius, max(mean - radius, 0.0)
        if long <= 10.0**LEAST_LOG10_VARIANCE:
            return cls()
        short = max(short, long * 10.0**-MOST_ANISOTROPY)
        size = (math.log10(long) + math.log10(short)) / 2
        anisotropy = min(math.log10(long / short), MOST_ANISOTROPY)
        angle = math.degrees(0.5 * math.atan2(-2 * xy, xx - yy)) if radius > 1e-12 * mean else 0.0
        bounded = min(max(size, LEAST_LOG10_VARIANCE), MOST_LOG10_VARIANCE)
        return cls(bounded, 0.0 if anisotropy < 1e-9 else anisotropy, 90.0 if angle <= -90 else angle)
