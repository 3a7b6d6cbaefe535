"""What a pyramid is trained towards: random variances, and the signal averaged over offsets from their Gaussians."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

from ..filters import Gaussian
from ..signals import Signal

LARGEST_LOG10_VARIANCE = 0.0
"""Of those trained on: the whole signal."""


def ascending_variances(count: int, log10_least: float, generator: torch.Generator) -> Float[Tensor, "n"]:
    """One random variance in each of ``count`` equal parts of the logarithmic range."""
    jitter = torch.rand(count, generator=generator, device=generator.device)
    share = (torch.arange(count, device=generator.device) + jitter) / count
    return torch.pow(10.0, log10_least + (LARGEST_LOG10_VARIANCE - log10_least) * share)


def count_below(variance: float, count: int, log10_least: float) -> int:
    """How many of ``count`` ascending variances may be below ``variance``."""
    share = (math.log10(variance) - log10_least) / (LARGEST_LOG10_VARIANCE - log10_least)
    return math.ceil(min(max(share, 0.0), 1.0) * count)


def sampled_mean(
    signal: Signal,
    x: Float[Tensor, "n d"],
    variance: Float[Tensor, "n"],
    samples: int,
    generator: torch.Generator,
    antithetic: bool = False,
) -> Float[Tensor, "n c"]:
    """The signal averaged over offsets from each point's Gaussian: one low-discrepancy set, shifted for each point.

    Antithetic offsets come in pairs of opposite ones, which cancel all that is linear.

    Source of the set: M. Roberts, The Unreasonable Effectiveness of Quasirandom Sequences (2018).
    """
    dim = x.shape[1]
    count = -(-samples // 2) if antithetic else samples
    ratio = 1.0
    for _ in range(50):  # converges to the root of ratio^(dim + 1) = ratio + 1, the golden ratio for dim = 1
        ratio = (1 + ratio) ** (1 / (dim + 1))
    lattice = torch.tensor([[k * ratio**-axis % 1 for axis in range(1, dim + 1)] for k in range(count)])
    shift = torch.rand(x.shape, generator=generator, device=generator.device)
    noise = (lattice.to(x.device, non_blocking=True)[:, None] + shift).frac()
    offsets = Gaussian.unchecked(variance).offsets(noise)
    if antithetic:
        offsets = torch.cat([offsets, -offsets])
    return signal.sampled((x + offsets).flatten(0, 1)).unflatten(0, offsets.shape[:2]).mean(0)
