"""Anisotropic Gaussians in 2-D as lines of isotropic ones: probes, as graphics hardware filters textures.

Source: McCormack et al., Feline: Fast Elliptical Lines for Anisotropic Texture Mapping, SIGGRAPH 1999.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from ..filters.filter import positive_sqrt

PROBE_REACH = 2.5
"""Half the length covered by probes, in standard deviations of what they have to spread over."""

PROBE_SPACING = 2.0
"""Distance of neighbouring probes, in standard deviations of one of them, that leaves no gaps (ripples below 2 %)."""

PROBE_SPACING_MOST = 3.0
"""The same where probes are too few for that; from here on gaps do more harm than probes that are too wide."""

_SPACING_CELLS = 0.5
"""Distance of neighbouring probes, in a grid's cells, that is close enough: twice that costs up to 5 dB."""

_NEGLIGIBLE_SPREAD = 0.25
"""Reach of a line, in spacings, that a grid does not see."""

_FINE_PROBES = 1.6
"""Probes on either side of the middle one for what spreads by as much as one of them is wide; for more, more."""

_FINE_NEGLIGIBLE = 0.1
"""Of these so few are none."""

_FINE_REACH, _FINE_LOSS = 3.4, 1.9
"""Reach of a line of many probes, in standard deviations, and what ``n`` on either side lack of it, times ``n``."""

_LONGEST = 64.0
"""Ratio of deviations up to which probes are as many as it takes."""

FINE_REACH = 3.5
"""Standard deviations within which all probes of such a line lie."""


@dataclass(frozen=True, eq=False)
class ProbeLines:
    """Gaussians as lines of isotropic ones: those of ``variance``, spread normally along one direction.

    Attributes:
        variance: of each probe.
        spread: the direction, as long as the standard deviation of what the probes spread over; None for single probes.
        either_side: whole number of probes on either side of the middle one that leave no gaps.
    """

    variance: Float[Tensor, "m"]
    spread: Float[Tensor, "m 2"] | None
    either_side: Float[Tensor, "m"]


def split_along_major_axis(covariance: Float[Tensor, "m 2 2"], most: int) -> ProbeLines:
    """Split Gaussians into isotropic ones along the major axis.

    Each probe has the variance across the major axis. Where ``most`` probes
    would lie too far apart they get wider, and what they spread over gets shorter, so that the major variance stays
    right.
    """
    minor, spread = _minor_and_spread(covariance)
    spread_variance = spread.square().sum(-1)
    tiny = torch.finfo(minor.dtype).tiny
    needed = torch.ceil(PROBE_REACH / PROBE_SPACING * positive_sqrt(spread_variance / minor.clamp_min(tiny)))
    either_side = needed.clamp(max=(most - 1) // 2)
    gap = PROBE_REACH / either_side.clamp_min(1)  # in standard deviations of the spread
    shortest = (minor + spread_variance) / (1 + (gap / PROBE_SPACING_MOST) ** 2)
    shortened = torch.minimum(spread_variance, shortest) * (either_side > 0)
    share = shortened / spread_variance.clamp_min(tiny)
    return ProbeLines(minor + (spread_variance - shortened), spread * positive_sqrt(share)[:, None], either_side)


def split_finely(covariance: Float[Tensor, "m 2 2"], least_deviation: float) -> ProbeLines:
    """The same with as many probes as it takes: waves of any length come out as they should, to 1.3 % of themselves.

    Only Gaussians that are more than 64 times as long as wide get wider.

    Args:
        covariance: of the Gaussians.
        least_deviation: of probes that lie no closer together for being smaller.
    """
    minor, spread = _minor_and_spread(covariance)
    spread_variance = spread.square().sum(-1)
    both = minor + spread_variance
    variance = torch.maximum(minor, both / (1 + _LONGEST**2))
    left = both - variance
    share = left / spread_variance.clamp_min(torch.finfo(minor.dtype).tiny)
    deviations = positive_sqrt(left / variance.clamp_min(least_deviation**2))
    either_side = (_FINE_PROBES * deviations - _FINE_NEGLIGIBLE).ceil().nan_to_num().clamp_min(0)
    return ProbeLines(variance, spread * positive_sqrt(share)[:, None], either_side)


@functools.cache
def probe_line(
    either_side: int, device: torch.device, reach: float = PROBE_REACH
) -> tuple[Float[Tensor, "probes"], Float[Tensor, "probes"]]:
    """Evenly spaced positions with the weights of a normal density; their variance is 1 in spite of the cut.

    Args:
        either_side: probes on either side of the middle one.
        device: of the result.
        reach: half the length that they cover, before it is stretched for their variance.
    """
    index = torch.arange(-either_side, either_side + 1, device=device)
    weights = torch.exp(-0.5 * (index * (reach / max(either_side, 1))).square())
    weights = weights / weights.sum()
    moment = (weights * index.square()).sum()
    return index / moment.sqrt().clamp_min(1e-6), weights


def fine_probe_line(either_side: int, device: torch.device) -> tuple[Float[Tensor, "p"], Float[Tensor, "p"]]:
    """The same for ``split_finely``: the fewer there are, the less far they reach, so that they err least."""
    return probe_line(either_side, device, _FINE_REACH - _FINE_LOSS / max(either_side, 1))


def _minor_and_spread(covariance: Float[Tensor, "m 2 2"]) -> tuple[Float[Tensor, "m"], Float[Tensor, "m 2"]]:
    """The variance across the major axis, and that axis, as long as the root of what the variance along it exceeds it.

    In closed form: the eigenvalues are ``mean +- radius``, and of the two forms of an eigenvector the one is
    taken in which nothing cancels.
    """
    xx, xy, yy = covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]
    half_difference = (xx - yy) / 2
    round = (half_difference == 0) & (xy == 0)  # where the radius has no gradient
    radius = torch.where(round, 0, torch.hypot(torch.where(round, 1, half_difference), xy))
    minor = ((xx + yy) / 2 - radius).clamp_min(0)
    along = positive_sqrt(radius + half_difference.abs())
    across = xy / torch.where(along > 0, along, 1)
    is_wide = half_difference >= 0
    return minor, torch.stack([torch.where(is_wide, along, across), torch.where(is_wide, across, along)], -1)


def probes_needed(spread: Float[Tensor, "*m"], cells: Float[Tensor, "*n"] | float) -> Float[Tensor, "*mn"]:
    """Whole number of probes on either side of the middle one that a grid with such cells tells apart.

    Args:
        spread: standard deviation of what probes spread over.
        cells: their side, more than 0.
    """
    spacings = spread * (PROBE_REACH / _SPACING_CELLS) / cells
    return (spacings - _NEGLIGIBLE_SPREAD).ceil().clamp_min(0)
