"""Which vertices of a line are read at a position, and their weights: linear and cubic B-splines, at unit spacing.

A cubic B-spline through values at the vertices is smooth to its second derivative and of fourth order; its
coefficients follow from the values by a short symmetric filter, and the values from the coefficients by [1, 4, 1] / 6.

Source: Unser, Splines: A Perfect Fit for Signal and Image Processing, IEEE Signal Processing Magazine 1999.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

from .axis_map import Taps

_POLE = math.sqrt(3) - 2  # of the recursive filter that turns values into cubic coefficients
_POLE_REACH = 14  # vertices after which its response is below 1e-8


def linear_taps(position: Float[Tensor, "n"], count: int) -> Taps:
    """Of straight lines between ``count`` values; beyond the ends the last value continues."""
    position = position.clamp(0, count - 1)
    lower = position.floor().clamp_max(max(count - 2, 0))
    share = position - lower
    index = torch.stack([lower, lower + 1], -1).long().clamp_max(count - 1)
    return index, torch.stack([1 - share, share], -1)


def cubic_taps(position: Float[Tensor, "n"], count: int) -> Taps:
    """Of a cubic B-spline of ``count`` coefficients, at least 4; it ends one vertex before either end."""
    position = position.clamp(1, count - 2)
    lower = position.floor().clamp_max(count - 3)
    index = lower.long()[:, None] + torch.arange(-1, 3, device=position.device)
    return index, cubic_weights(position - lower)


def cubic_weights(share: Float[Tensor, "*n"]) -> Float[Tensor, "*n 4"]:
    """Values of the four cubic B-splines that are not zero at this share of the way from one vertex to the next."""
    t, s = share, 1 - share
    return torch.stack([s**3, (3 * t - 6) * t * t + 4, (3 * s - 6) * s * s + 4, t**3], -1) / 6


def coefficient_taps(count: int) -> Taps:
    """What turns ``count`` values at vertices into cubic coefficients, as if mirrored at the last vertices."""
    steps = torch.arange(-_POLE_REACH, _POLE_REACH + 1)
    turn = (torch.arange(count)[:, None] + steps) % max(2 * count - 2, 1)
    index = torch.minimum(turn, 2 * count - 2 - turn).clamp_min(0)
    return index, (math.sqrt(3) * _POLE ** steps.abs().double()).expand(count, -1)


def value_taps(count: int) -> Taps:
    """What turns ``count`` cubic coefficients into the values at vertices."""
    index = torch.arange(count)[:, None] + torch.arange(-1, 2)
    turn = index % max(2 * count - 2, 1)
    index = torch.minimum(turn, 2 * count - 2 - turn).clamp_min(0)
    return index, torch.tensor([1.0, 4.0, 1.0], dtype=torch.float64).expand(count, -1) / 6
