"""Anisotropic Gaussians in 3-D as isotropic ones, spread over the plane of the two longer axes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from .probe_lines import PROBE_REACH, PROBE_SPACING, PROBE_SPACING_MOST

_ALIKE = 1.05  # ratio of variances up to which an axis needs no probes of its own


@dataclass(frozen=True, eq=False)
class ProbePlane:
    """Isotropic Gaussians in place of anisotropic ones. Iterating gives each probe's offset (m, 3) and weight (m).

    Attributes:
        variance: of each probe; at least the smallest variance of the Gaussian it stands for.
        steps: from one probe to the next along the longest axis and along the middle one.
        weights: of the odd numbers of probes along either; points that need fewer have weights 0 at both ends.
    """

    variance: Float[Tensor, "m"]
    steps: tuple[Float[Tensor, "m 3"], Float[Tensor, "m 3"]]
    weights: tuple[Float[Tensor, "p m"], Float[Tensor, "q m"]]

    def __iter__(self) -> Iterator[tuple[Float[Tensor, "m 3"], Float[Tensor, "m"]]]:
        middles = [len(weights) // 2 for weights in self.weights]
        for j, weight_long in enumerate(self.weights[0]):
            for k, weight_middle in enumerate(self.weights[1]):
                offset = (j - middles[0]) * self.steps[0] + (k - middles[1]) * self.steps[1]
                yield offset, weight_long * weight_middle


def split_along_two_axes(covariance: Float[Tensor, "m 3 3"], most: int) -> ProbePlane:
    """Split Gaussians into at most ``most`` isotropic ones each, on a grid over the two longer axes.

    Each probe has the smallest of the three variances. Where ``most`` probes would lie too far apart they get wider;
    then the variances along the longer axes stay right, and the smallest one becomes that of the probes.
    """
    eigenvalues, axes = torch.linalg.eigh(covariance)
    smallest, middle, largest = eigenvalues.clamp_min(0).unbind(-1)
    either_side = _counts(smallest, middle, largest, most)
    variance = smallest
    for value, count in zip((largest, middle), either_side, strict=True):
        gap = PROBE_REACH / count.clamp_min(1)  # in standard deviations of the spread
        furthest = value / (1 + (gap / PROBE_SPACING_MOST) ** 2) * (count > 0)
        variance = torch.maximum(variance, value - furthest)
    longer = ((largest, either_side[0], axes[..., 2]), (middle, either_side[1], axes[..., 1]))
    lines = [_line((value - variance).clamp_min(0), count, axis) for value, count, axis in longer]
    return ProbePlane(variance, (lines[0][0], lines[1][0]), (lines[0][1], lines[1][1]))


def _counts(smallest: Tensor, middle: Tensor, largest: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """Probes on either side along the longest and the middle axis, at most ``most`` together."""
    tiny = torch.finfo(smallest.dtype).tiny

    def wanted(variance: Tensor) -> Tensor:
        ratio = variance / smallest.clamp_min(tiny)
        return torch.ceil(PROBE_REACH / PROBE_SPACING * (ratio - 1).clamp_min(0).sqrt()) * (ratio > _ALIKE)

    long, across = wanted(largest), wanted(middle)
    # Shares of the budget as long as the axes; a middle axis that hardly exceeds the smallest takes little.
    side = (most * (across + 0.5) / (long + 0.5)).sqrt()
    across = torch.minimum(across, ((side - 1) / 2).floor().clamp_min(0))
    long = torch.minimum(long, ((most / (2 * across + 1) - 1) / 2).floor().clamp_min(0))
    return long, across


def _line(spread: Tensor, either_side: Tensor, axis: Tensor) -> tuple[Float[Tensor, "m 3"], Float[Tensor, "p m"]]:
    """The step between probes whose variance along ``axis`` is ``spread``, and their weights."""
    tiny = torch.finfo(spread.dtype).tiny
    reach = int(either_side.max()) if len(either_side) else 0
    index = torch.arange(-reach, reach + 1, device=spread.device)[:, None]
    gap = PROBE_REACH / either_side.clamp_min(1)
    weights = torch.exp(-0.5 * (index * gap).square()) * (index.abs() <= either_side)
    weights = weights / weights.sum(0)
    # A few cut-off probes spread a little less than the normal density that they stand for.
    moment = (weights * index.square()).sum(0).clamp_min(tiny)
    return axis * ((spread / moment).sqrt() * (either_side > 0))[:, None], weights
