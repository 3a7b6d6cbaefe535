"""What a ray through a volume sees: opacity, transmittance and the weight of each sample.

A volume of density ``s(t)`` along a ray lets the share ``T(t) = exp(-integral of s up to t)`` of the light through.
Where the density is constant over an interval of length ``d``, its opacity is exactly ``1 - exp(-s d)``, and
what it counts in the sum is ``T (1 - exp(-s d))``, ``T`` being the transmittance at its beginning.

Source: N. Max, Optical Models for Direct Volume Rendering, IEEE TVCG 1995.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

LEAST_TRANSMITTANCE = 1e-4
"""Where less of the light than this is left, a ray ends."""


@dataclass(frozen=True)
class RayWeights:
    """What the intervals of rays count.

    Attributes:
        weights: (r, k) of each interval, in the order along the ray; with ``transmittance`` they sum to 1.
        before: (r, k) the transmittance at the beginning of each interval.
        transmittance: (r,) what is left at the end.
    """

    weights: Float[Tensor, "r k"]
    before: Float[Tensor, "r k"]
    transmittance: Float[Tensor, "r"]

    def summed(self, values: Float[Tensor, "r k c"]) -> Float[Tensor, "r c"]:
        """The sum of the intervals' values by weight, without what is behind them."""
        return (self.weights[..., None] * values).sum(1)


def ray_weights(density: Float[Tensor, "r k"], lengths: Float[Tensor, "r k"]) -> RayWeights:
    """The weight of each interval of rays, differentiable in the density and the lengths.

    Args:
        density: of each interval, 0 or more, per domain unit; of what is no interval 0.
        lengths: of the intervals, in domain units.

    Example:
        >>> found = ray_weights(torch.tensor([[0.0, 2.0]]), torch.tensor([[0.5, 0.5]]))
        >>> [round(value, 4) for value in (*found.weights[0].tolist(), float(found.transmittance[0]))]
        [0.0, 0.6321, 0.3679]
    """
    thickness = density * lengths
    passed = F.pad(thickness.cumsum(1), (1, 0))
    left = torch.exp(-passed)
    return RayWeights(left[:, :-1] * -torch.expm1(-thickness), left[:, :-1], left[:, -1])
