"""What samples along one axis are worth under a kernel: read directly, or through running sums of them.

Positions and half sizes are counted in samples here, the first of which is at 0; borders are folded.

A sample at distance ``u`` is worth ``(k * tent)(u)``, so that a kernel of a few samples is summed directly. A longer
one reads the ``r`` times repeated integral of the samples, ``r`` its degree + 1, at its Diracs alone. That integral is
a B-spline of degree ``1 + r``, whose coefficients are running sums ``S^r``:

    F(x) = sum_i S^r[i] B_(1 + r)(x - i - r / 2)

Sums grow and cancel unless the mean is taken off, before the first sum and after each. What is left is periodic on the
samples and their mirror image (or on repeated samples as they are), and by the symmetry of the mirror half of it is
enough: ``S^r[-1 - r - i] = (-1)^r S^r[i]``. So kernels may be larger than all samples, and cost the same.

Source: P. S. Heckbert, Filtering by Repeated Integration, SIGGRAPH 1986.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import csr_array
from torch import Tensor

from ..borders import Border, folded_index
from ..filters.profile import Profile, tent_weights_under
from .axis_map import AxisMap, Taps

_DIRECT_IN_A_MATRIX = 64
"""Samples that a row of a matrix reads directly, even where its Diracs would read fewer."""

_MOST_IN_A_TABLE = 4096
"""Samples along an axis up to which there is a table of the running sums of each, which takes 134 MB."""

_ROWS_AT_ONCE = 1024


@dataclass(frozen=True)
class Samples:
    """Samples along one axis: how many there are and how they continue."""

    count: int
    border: Border


def direct_reach(half_size: float) -> int:
    """Samples on either side that a kernel of so large a half size reads directly, at most."""
    return math.ceil(half_size) + 1


def dirac_tap_count(profile: Profile) -> int:
    """Entries of a repeated integral that a profile reads along an axis, the mean's among them."""
    return len(profile.knots) * (profile.order + 2) + 1


def direct_taps(
    samples: Samples, position: Float[Tensor, "n"], profile: Profile, half_size: Float[Tensor, "n"], reach: int
) -> Taps:
    """Samples as far as ``reach`` on either side of each position, and what they are worth there."""
    pixel = position.detach().floor().long()[:, None] + torch.arange(1 - reach, reach + 1, device=position.device)
    weights = tent_weights_under(profile, position[:, None] - pixel, half_size[:, None])
    return _folded(pixel, samples), weights


def _folded(pixel: Int[Tensor, "n taps"], samples: Samples) -> Int[Tensor, "n taps"]:
    if len(pixel) and int(pixel.min()) >= 0 and int(pixel.max()) < samples.count:
        return pixel
    return torch.from_numpy(folded_index(pixel.cpu().numpy(), samples.count, samples.border)).to(pixel.device)


@dataclass(frozen=True)
class RunningSums:
    """The ``order`` times repeated integral along one axis: how it is made of samples, and how it is read.

    Attributes:
        samples: what is integrated.
        order: how often.
        margin: samples added on either side of a clamped border, which is mirrored only beyond what kernels reach.
    """

    samples: Samples
    order: int
    margin: int = 0

    @classmethod
    def reaching(cls, samples: Samples, order: int, beyond: float) -> RunningSums:
        """Those that serve positions and kernels that reach so many samples beyond the box."""
        margin = 1 << max(4, math.ceil(beyond + order + 2).bit_length()) if samples.border == "clamp" else 0
        return cls(samples, order, margin)

    @property
    def _period(self) -> int:
        """Samples until they repeat or are mirrored."""
        return self.samples.count + 2 * self.margin

    @property
    def entries(self) -> int:
        """Of the table along the axis: the coefficients, and at the end the mean."""
        return self._period + (self.samples.border != "repeat" and self.order % 2) + 1

    def summed(self, values: Float[Tensor, "n *rest"]) -> Float[Tensor, "m *rest"]:
        """The table of samples that lie along the first axis, in double precision."""
        values = values.double()
        if self.margin:
            first, last = values[:1], values[-1:]
            expand = (self.margin, *values.shape[1:])
            values = torch.cat([first.expand(expand), values, last.expand(expand)])
        mean = values.mean(0, keepdim=True)
        table = values - mean
        for done in range(self.order):
            table = table - table.mean(0, keepdim=True) if self._is_even(done) else table
            table = table.cumsum(0) if self.samples.border == "repeat" else _mirrored_sum(table, done)
        if self._is_even(self.order):
            table = table - table.mean(0, keepdim=True)
        return torch.cat([table, mean])

    def _is_even(self, order: int) -> bool:
        """Whether a sum's entries all count once a period, so that their mean is its mean."""
        return self.samples.border == "repeat" or order % 2 == 0

    def taps(self, position: Float[Tensor, "n"], profile: Profile, half_size: Float[Tensor, "n"]) -> Taps:
        """Entries of the table and their weights: those around each Dirac, and the mean, which counts by the mass."""
        size = half_size[:, None]
        knots, diracs = profile.knots.to(position), profile.weights.to(position)
        at = self._near(position, half_size)[:, None] - knots * size + self.margin
        cell = at.detach().floor()
        splines = _spline_values(at - cell, self.order + 1)
        weights = (diracs * size**-self.order)[..., None] * splines
        index = cell.long()[..., None] + torch.arange(-self.order, 2, device=position.device)
        index, sign = self._folded(index)
        mean_index = torch.full_like(index[:, 0, :1], self.entries - 1)
        mean_weight = torch.full_like(weights[:, 0, :1], profile.mass)
        return torch.cat([index.flatten(1), mean_index], 1), torch.cat([(weights * sign).flatten(1), mean_weight], 1)

    def _near(self, position: Float[Tensor, "n"], half_size: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
        """Positions far beyond a clamped border, where nothing changes any more, moved up to it."""
        if self.samples.border != "clamp":
            return position
        beyond = half_size.detach() + 1
        return torch.minimum(torch.maximum(position, -beyond), self.samples.count - 1 + beyond)

    def _folded(self, index: Int[Tensor, "*n"]) -> tuple[Int[Tensor, "*n"], Float[Tensor, "*n"] | float]:
        """Entries of the table that stand for coefficients of any index, and the sign that they have there."""
        n = self._period
        if self.samples.border == "repeat":
            return index % n, 1.0
        turned = (index + (self.order + 1) // 2) % (2 * n)
        if self.order % 2 == 0:
            return torch.minimum(turned, 2 * n - 1 - turned), 1.0
        return torch.minimum(turned, 2 * n - turned), torch.where(turned > n, -1.0, 1.0).double()


def _mirrored_sum(table: Float[Tensor, "n *rest"], done: int) -> Float[Tensor, "m *rest"]:
    """The running sum of half a mirrored period: of symmetric entries one that is 0 at both ends, and back."""
    if done % 2 == 0:
        ends = torch.zeros_like(table[:1])
        return torch.cat([ends, table.cumsum(0)[:-1], ends])
    return torch.cat([torch.zeros_like(table[:1]), table[1:-1].cumsum(0)])


def _spline_values(share: Float[Tensor, "*n"], degree: int) -> Float[Tensor, "*n taps"]:
    """The B-splines of a degree that are not 0 at a share of a cell, the one that began first coming first."""
    values = [torch.ones_like(share)]
    for d in range(1, degree + 1):
        before = [torch.zeros_like(share), *values, torch.zeros_like(share)]
        values = [((share + d - m) * before[m] + (m + 1 - share) * before[m + 1]) / d for m in range(d + 1)]
    return torch.stack(values, -1)


def axis_matrix(
    samples: Samples, position: Float[Tensor, "n"], profile: Profile, half_size: float, like: Tensor
) -> AxisMap:
    """What a kernel makes of samples at positions: a matrix, for values on the device and of the dtype of ``like``."""
    position, size = position.double().cpu(), torch.full((len(position),), half_size, dtype=torch.float64)
    reach = direct_reach(half_size)
    if 2 * reach <= max(dirac_tap_count(profile), _DIRECT_IN_A_MATRIX) or samples.count > _MOST_IN_A_TABLE:
        parts = [
            AxisMap.of(direct_taps(samples, some, profile, size[: len(some)], reach), like)
            for some in position.split(_ROWS_AT_ONCE)
        ]
        return AxisMap.joined(parts)
    outside = max(-float(position.min()), float(position.max()) - samples.count, 0.0)
    sums = RunningSums.reaching(samples, profile.order, half_size + min(outside, half_size))
    index, weights = sums.taps(position, profile, size)
    starts = np.arange(0, index.numel() + 1, index.shape[1])
    reads = csr_array((weights.numpy().ravel(), index.numpy().ravel(), starts), shape=(len(position), sums.entries))
    matrix = torch.from_numpy(reads @ _sums_of_each(sums).numpy())
    dtype = torch.float32 if like.dtype == torch.uint8 else like.dtype
    return AxisMap(len(position), ((0, 0, matrix.to(like.device, dtype)),))


@lru_cache(maxsize=2)
def _sums_of_each(sums: RunningSums) -> Float[Tensor, "entries count"]:
    """The tables of samples of which all but one are 0."""
    return sums.summed(torch.from_numpy(np.eye(sums.samples.count)))
