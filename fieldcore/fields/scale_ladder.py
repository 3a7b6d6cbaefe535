"""A signal in 2-D smoothed by Gaussians that double in variance, for points that have a Gaussian each.

Rung 0 is not smoothed at all. Where no lattice is large, from a deviation of two samples on, there is a rung in the
middle of each octave too. Between two rungs of variances ``v_k`` and ``v_{k + 1}`` they are mixed,

    f(x, v) = (1 - w) rung_k(x) + w rung_{k + 1}(x),    w = log(v / v_k) / log(v_{k + 1} / v_k),

which are nearly the weights of least squares where details of all sizes are alike in contrast. An anisotropic Gaussian
is an average of such values along its major axis (``split_finely`` of probe_lines.py).

A rung is interpolated by straight lines between the vertices of a lattice that is fine beside its smoothing. They
smooth too: at a share ``t`` of the way between two vertices by ``t (1 - t)`` squared cells, on average a sixth. So much
less is a rung smoothed before; and its vertices lie so far beside the samples that it is just a sixth there, where
pictures are asked for most.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..devices import full_precision
from .lattice_cache import Newest
from .probe_groups import slices
from .probe_lines import FINE_REACH, ProbeLines, fine_probe_line
from .shared_filter import aligned_on_lattice
from .smooth_lattice import Line, SmoothLattice

_LAST = 16.0
"""Variance of the last rung at least, in squared domain units: a box of side 2 is one colour long before."""

_CELLS = 2.0
"""Cells of a rung's lattice in its standard deviation at least, as far as its finest cell allows."""

_LINEAR = 1 / 6
"""Variance that straight lines between vertices add on average, in squared cells."""

_BESIDE = 0.5 - 0.5 * (1 - 4 * _LINEAR) ** 0.5
"""Share of a cell, from a vertex to a sample, at which they add just that."""

_FINEST_DETAIL = 0.3
"""Standard deviation, in cells between samples, that probes need not be any closer for: there is no finer detail."""

_MARGIN = 14
"""Vertices beyond the outermost samples, after which what is smoothed does not change any more."""

_MOST_HALVED = 1 << 20
"""Samples up to which there is memory for lattices of half their cells, which four rungs may need."""

_GROUPS = 256
"""Numbers that tell lines of probes apart: twice those on either side, and one more where it leaves the box."""


@dataclass(frozen=True, eq=False)
class Rung:
    """Values at vertices, with straight lines in between; beyond the last vertices the last value continues.

    Attributes:
        lines: the vertices along both axes.
        values: at the vertices.
    """

    lines: tuple[Line, ...]
    values: Float[Tensor, "c h w"]

    def average(
        self, x: Float[Tensor, "n 2"], spread: Float[Tensor, "n 2"] | None, either_side: int, leaves: bool
    ) -> Float[Tensor, "c n"]:
        """The averages over a line of probes around each point, of so many on either side.

        Args:
            x: the points.
            spread: the lines' directions, as long as their standard deviations.
            either_side: probes on either side.
            leaves: whether probes lie beyond the box.
        """
        positions, weights = (part.to(x) for part in fine_probe_line(either_side, x.device))
        start, step = self._frame
        if not leaves:  # else that has to wait until probes are folded back
            x, spread = torch.addcmul(start, x, step), None if spread is None else spread * step
        averages = []
        for part in slices(len(x), len(weights), x.device):
            probes = x[None, part]
            if spread is not None and either_side:
                probes = torch.addcmul(probes, positions[:, None, None], spread[part])
            if leaves:
                probes = torch.addcmul(start, _folded(probes, self.lines), step)
            averages.append((weights @ self._at(probes).flatten(1)).view(len(self.values), -1))
        return averages[0] if len(averages) == 1 else torch.cat(averages, 1)

    def _at(self, places: Float[Tensor, "k n 2"]) -> Float[Tensor, "k c n"]:
        values = self.values.expand(len(places), -1, -1, -1)  # of which each of a processor's cores takes some
        return F.grid_sample(values, places[:, None], padding_mode="border", align_corners=True)[:, :, 0]

    @cached_property
    def _frame(self) -> tuple[Float[Tensor, "2"], Float[Tensor, "2"]]:
        """The origin to ``grid_sample``, where the outermost vertices are at -1 and 1, and the length of a unit."""
        half = [line.cell * max(line.count - 1, 1) / 2 for line in self.lines]
        start = [-(line.first + reach) / reach for line, reach in zip(self.lines, half, strict=True)]
        return self.values.new_tensor(start), self.values.new_tensor([1 / reach for reach in half])


class ScaleLadder:
    """The rungs, each made when it is first asked for.

    Args:
        levels: of a solved pyramid in 2-D, finest first.

    Attributes:
        variances: of the rungs.
    """

    def __init__(self, levels: Sequence[SmoothLattice]) -> None:
        self._levels = tuple(levels)
        self._lines = levels[0].lines
        cell = levels[0].cell
        self._finest_cell = cell / 2 if math.prod(line.count for line in self._lines) <= _MOST_HALVED else cell
        self.variances = [0.0, (cell / 2) ** 2]
        while self.variances[-1] < _LAST:
            self.variances.append(self.variances[-1] * (2 if self.variances[-1] < 3 * cell**2 else 2**0.5))
        self._rungs: Newest[Rung] = Newest(len(self.variances))

    @property
    def least_deviation(self) -> float:
        """That of probes which need not lie any closer together."""
        return _FINEST_DETAIL * self._levels[0].cell

    def rung(self, index: int) -> Rung:
        """The signal smoothed by the variance of that index."""
        return self._rungs.get(index, lambda: self._made(index))

    def at(self, x: Float[Tensor, "n 2"], probes: ProbeLines) -> Float[Tensor, "c n"]:
        """Values at points, each averaged over its own probes."""
        index, share = self._steps(probes.variance)
        leaves = self._leaves(x, probes)
        key = (_GROUPS * index + 2 * probes.either_side.long() + leaves).to(torch.int16)  # which are sorted fastest
        order = key.argsort(stable=True)
        groups, counts = torch.unique_consecutive(key[order], return_counts=True)
        parts = []
        with full_precision():
            for group, points in zip(groups.tolist(), order.split(counts.tolist()), strict=True):
                below, line = divmod(group, _GROUPS)
                spread = None if probes.spread is None else probes.spread[points]
                lower, upper = (
                    self.rung(k).average(x[points], spread, line // 2, leaves=bool(line % 2))
                    for k in (below, below + 1)
                )
                parts.append(torch.lerp(lower, upper, share[points]))
        return torch.cat(parts, 1)[:, order.argsort()]

    def _steps(self, variance: Float[Tensor, "n"]) -> tuple[Int[Tensor, "n"], Float[Tensor, "n"]]:
        """The rung below each variance, and how much of the next one is mixed in."""
        rungs = torch.tensor(self.variances, dtype=variance.dtype, device=variance.device)
        below = torch.bucketize(variance.contiguous(), rungs[1:-1], right=True)
        at = below.clamp_min(1)
        share = (variance.clamp_min(rungs[1]) / rungs[at]).log2() / (rungs[at + 1] / rungs[at]).log2()
        return below, torch.where(below > 0, share.clamp_max(1), variance / rungs[1])

    def _leaves(self, x: Float[Tensor, "n 2"], probes: ProbeLines) -> Bool[Tensor, "n"]:
        """Whether probes around each point lie beyond the box, from where they have to be folded back."""
        half = x.new_tensor([math.inf if line.border in (None, "clamp") else line.half for line in self._lines])
        reach = 0.0 if probes.spread is None else FINE_REACH * probes.spread.abs()
        return (x.abs() + reach > half).any(-1)

    @torch.no_grad()
    def _made(self, index: int) -> Rung:
        finest, variance = self._levels[0], self.variances[index]
        if index == 0 and finest.sampled:
            return Rung(*finest.vertex_values)
        doublings = math.floor(math.log2(math.sqrt(variance) / _CELLS / self._finest_cell) + 1e-6) if index else 0
        cell = self._finest_cell * 2 ** max(doublings, 0)
        lines = tuple(_beside(line, cell) for line in self._lines)
        axes = [line.vertices for line in lines]
        rest = max(variance - _LINEAR * cell**2, 0.0)
        return Rung(lines, aligned_on_lattice(self._levels, axes, [rest] * 2))


def _beside(line: Line, cell: float) -> Line:
    """Vertices of another cell, a little beside those of ``line``, and some more at either end."""
    count = math.ceil((line.count - 1) * line.cell / cell) + 2 * _MARGIN
    return Line(line.first - (_MARGIN - _BESIDE) * cell, cell, count, line.half, line.border)


def _folded(x: Float[Tensor, "*n 2"], lines: Sequence[Line]) -> Float[Tensor, "*n 2"]:
    return torch.stack([line.folded(x[..., axis]) for axis, line in enumerate(lines)], -1)
