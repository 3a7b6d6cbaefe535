"""Anisotropic Gaussians in 3-D as isotropic ones, spread over the plane of the two longer axes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from .probe_lines import PROBE_REACH, PROBE_SPACING, PROBE_SPACING_MOST, probes_needed

_ALIKE = 1.05  # ratio of variances up to which an axis needs no probes of its own


@dataclass(frozen=True, eq=False)
class ProbePlane:
    """Isotropic Gaussians in place of anisotropic ones.

    Attributes:
        variance: of each probe; at least the smallest variance of the Gaussian it stands for.
        spreads: the longest axis and the middle one, as long as the standard deviation of what the probes spread over.
        either_side: whole numbers of probes on either side of the middle one, along either, that leave no gaps.
    """

    variance: Float[Tensor, "m"]
    spreads: tuple[Float[Tensor, "m 3"], Float[Tensor, "m 3"]]
    either_side: tuple[Float[Tensor, "m"], Float[Tensor, "m"]]

    def reach(self) -> Float[np.ndarray, "3"]:
        """How far along each axis probes lie from any point at most."""
        spread = sum(spread.abs().amax(0) for spread in self.spreads)
        return PROBE_REACH * 1.1 * torch.as_tensor(spread).cpu().double().numpy()

    def probes(self, cell: float = 1e-30) -> Iterator[tuple[Float[Tensor, "m 3"], Float[Tensor, "m"]]]:
        """Each probe's offset and weight.

        Args:
            cell: of the grid that is looked up, which has no detail between probes that lie nearer; by default all are
                needed.
        """
        long, middle = (
            _line(spread, torch.minimum(either_side, probes_needed(spread.norm(dim=-1), cell)))
            for spread, either_side in zip(self.spreads, self.either_side, strict=True)
        )
        for along, weight_along in long:
            for across, weight_across in middle:
                yield along + across, weight_along * weight_across


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
    longer = ((largest, axes[..., 2]), (middle, axes[..., 1]))
    spreads = [axis * (value - variance).clamp_min(0).sqrt()[:, None] for value, axis in longer]
    return ProbePlane(variance, (spreads[0], spreads[1]), either_side)


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


def _line(
    spread: Float[Tensor, "m 3"], either_side: Float[Tensor, "m"]
) -> list[tuple[Float[Tensor, "m 3"], Float[Tensor, "m"]]]:
    """Offsets of evenly spaced probes and their weights; points that need fewer have weights 0 at both ends."""
    reach = int(either_side.max()) if len(either_side) else 0
    index = torch.arange(-reach, reach + 1, device=spread.device)[:, None]
    gap = PROBE_REACH / either_side.clamp_min(1)
    weights = torch.exp(-0.5 * (index * gap).square()) * (index.abs() <= either_side)
    weights = weights / weights.sum(0)
    # A few cut-off probes spread a little less than the normal density that they stand for.
    moment = (weights * index.square()).sum(0).clamp_min(torch.finfo(spread.dtype).tiny)
    steps = spread * (moment.rsqrt() * (either_side > 0))[:, None]
    return [(k * steps, weight) for k, weight in zip(range(-reach, reach + 1), weights, strict=True)]
