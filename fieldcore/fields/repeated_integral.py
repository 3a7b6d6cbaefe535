"""Samples on a lattice under kernels of any size: one for all positions, or another one at every point.

One kernel for a whole lattice is a matrix along each axis. Where each point has its own, it reads samples directly
along axes where its kernel is short, and running sums of them where it is long (kernel_taps.py), all at once as an
outer product of what it reads along each axis. Running sums are made when they are first needed, for each combination
of orders along the axes.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, Shaped
from scipy.sparse import csr_array
from torch import Tensor

from ..errors import InputError
from ..filters.profile import Profile
from .axis_map import AxisMap, Taps
from .compact_samples import STEPS
from .kernel_taps import RunningSums, Samples, axis_matrix, dirac_tap_count, direct_taps
from .lattice_cache import Newest
from .smooth_lattice import Line

MOST_TABLE_BYTES = 1 << 29
MOST_LOOKUPS = 4096
"""Of one point: more, as of tents in 3-D that differ from point to point, take too long."""

_MATRICES = 4
_POINTS_AT_ONCE = 1 << 16
_READS_AT_ONCE = 1 << 17
"""So that what is read and its weights stay in a processor's cache."""

_DIRECT_REACHES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
"""Points whose kernels are nearly as short are read together."""


class RepeatedIntegral:
    """Samples on a lattice, and their running sums as they are needed.

    Args:
        lines: where the samples lie along each axis; the border says how they continue.
        samples: (channels, ..., height, width); bytes stand for steps of 1/255.
    """

    def __init__(self, lines: Sequence[Line], samples: Shaped[Tensor, "c *shape"]) -> None:
        self._lines, self._samples = tuple(lines), samples
        self._along = tuple(Samples(line.count, line.border or "mirror") for line in lines)
        self._tables: OrderedDict[tuple[RunningSums | None, ...], Tensor] = OrderedDict()
        self._lock = threading.Lock()
        self._matrices: Newest[AxisMap] = Newest(_MATRICES)

    @property
    def samples(self) -> Shaped[Tensor, "c *shape"]:
        """What is filtered."""
        return self._samples

    @property
    def dim(self) -> int:
        """Number of axes."""
        return len(self._lines)

    @property
    def table_bytes(self) -> int:
        """Memory that running sums take by now."""
        return sum(table.numel() * table.element_size() for table in self._tables.values())

    def _in_samples(self, axis: int, x: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
        return (x.double() - self._lines[axis].first) / self._lines[axis].cell

    # One kernel for all positions

    def on_lattice(
        self, axes: Sequence[Float[Tensor, "_"]], terms: Sequence[Sequence[Profile]], half_sizes: Sequence[float]
    ) -> Float[Tensor, "c *shape"]:
        """Where positions along the axes cross, for one kernel.

        Args:
            axes: positions along each, in domain units.
            terms: the profiles of each product.
            half_sizes: along each axis, in domain units.
        """
        parts = [self._product_on_lattice(axes, profiles, half_sizes, len(terms) > 1) for profiles in terms]
        return sum(parts[1:], start=parts[0])

    def _product_on_lattice(
        self,
        axes: Sequence[Float[Tensor, "_"]],
        profiles: Sequence[Profile],
        half_sizes: Sequence[float],
        is_part: bool,
    ) -> Float[Tensor, "c *shape"]:
        values, factor = self._samples, 1.0
        # The axes that leave least come first.
        for axis in sorted(range(self.dim), key=lambda axis: len(axes[axis]) / self._lines[axis].count):
            if half_sizes[axis] == 0 and is_part:
                factor *= profiles[axis].mass
            values = self._matrix(axis, axes[axis], profiles[axis], half_sizes[axis], values)(values, -1 - axis)
        return values if factor == 1 else values * factor

    def _matrix(self, axis: int, x: Float[Tensor, "n"], profile: Profile, half_size: float, like: Tensor) -> AxisMap:
        """What a kernel makes of the samples along an axis; that of a picture's width serves all of its tiles."""
        position, size = self._in_samples(axis, x), half_size / self._lines[axis].cell
        key = (axis, position.cpu().numpy().tobytes(), profile, size, like.dtype, like.device)
        return self._matrices.get(key, lambda: axis_matrix(self._along[axis], position, profile, size, like))

    def reads(self, profiles: Sequence[Profile], half_sizes: Sequence[float]) -> int:
        """Values that ``at`` reads for a point whose kernel has these half sizes, in domain units."""
        sizes = torch.tensor(
            [size / line.cell for size, line in zip(half_sizes, self._lines, strict=True)], dtype=torch.float64
        )
        reaches = [int(_reach(profile, size)) for profile, size in zip(profiles, sizes, strict=True)]
        return math.prod(_reads(profiles, reaches))

    # A kernel for each point

    def at(
        self,
        x: Float[Tensor, "n d"],
        terms: Sequence[Sequence[Profile]],
        half_sizes: Float[Tensor, "n d"],
    ) -> Float[Tensor, "n c"]:
        """At points, each with half sizes of its own, in double precision; differentiable in both.

        Raises:
            InputError: a point would read too many entries, or running sums would take too much memory.
        """
        cells = x.new_tensor([line.cell for line in self._lines], dtype=torch.float64)
        position = torch.stack([self._in_samples(axis, x[:, axis]) for axis in range(self.dim)], -1)
        sizes = half_sizes.double() / cells
        parts = [self._product_at(position, profiles, sizes, len(terms) > 1) for profiles in terms]
        return sum(parts[1:], start=parts[0])

    def _product_at(
        self, position: Float[Tensor, "n d"], profiles: Sequence[Profile], sizes: Float[Tensor, "n d"], is_part: bool
    ) -> Float[Tensor, "n c"]:
        values = position.new_zeros(len(position), len(self._samples))
        for points, reaches in self._groups(profiles, sizes.detach()):
            at, size = (position, sizes) if points is None else (position[points], sizes[points])
            part = self._group_at(at, profiles, size, reaches)
            values = part if points is None else values.index_copy(0, points, part)
        if is_part:
            masses = sizes.new_tensor([profile.mass for profile in profiles])
            values = values * torch.where(sizes > 0, 1, masses).prod(-1, keepdim=True)
        return values

    def _groups(
        self, profiles: Sequence[Profile], sizes: Float[Tensor, "n d"]
    ) -> Iterator[tuple[Tensor | None, tuple[int, ...]]]:
        """Points that read alike, and how far each axis is read directly, 0 where through running sums; None is all."""
        of_axes = [_reach(profile, sizes[:, axis]) for axis, profile in enumerate(profiles)]
        found, group = torch.stack(of_axes, -1).unique(dim=0, return_inverse=True)
        for number, reaches in enumerate(found.tolist()):
            yield None if len(found) == 1 else (group == number).nonzero()[:, 0], tuple(reaches)

    def _group_at(
        self,
        position: Float[Tensor, "n d"],
        profiles: Sequence[Profile],
        sizes: Float[Tensor, "n d"],
        reaches: Sequence[int],
    ) -> Float[Tensor, "n c"]:
        if (reads := math.prod(_reads(profiles, reaches))) > MOST_LOOKUPS:
            raise InputError(
                f"filter: another kernel at every point would read {reads} values for each in "
                f"{self.dim}-D, more than {MOST_LOOKUPS}; give one for all points, or one of fewer knots such as a box"
            )
        sums = [
            None if reach else self._sums(axis, profiles[axis].order, position[:, axis], sizes[:, axis])
            for axis, reach in enumerate(reaches)
        ]
        is_too_large = not any(sums) and self._samples.numel() * 8 > MOST_TABLE_BYTES
        table = None if is_too_large else self._table(tuple(sums))
        entries = [of.entries if of else along.count for of, along in zip(sums, self._along, strict=True)]
        parts = []
        for start in range(0, len(position), _POINTS_AT_ONCE):
            part = slice(start, start + _POINTS_AT_ONCE)
            taps = [
                direct_taps(self._along[axis], position[part, axis], profiles[axis], sizes[part, axis], reaches[axis])
                if of is None
                else of.taps(position[part, axis], profiles[axis], sizes[part, axis])
                for axis, of in enumerate(sums)
            ]
            parts.append(_gathered(self._samples, entries, taps) if table is None else _read(table, entries, taps))
        return torch.cat(parts)

    def _sums(self, axis: int, order: int, position: Float[Tensor, "n"], sizes: Float[Tensor, "n"]) -> RunningSums:
        return RunningSums.reaching(self._along[axis], order, 2 * float(sizes.detach().max()) + 2)

    def _table(self, sums: tuple[RunningSums | None, ...]) -> Float[Tensor, "entries c"]:
        """The samples, summed along some axes, entry by entry of the flattened lattice."""
        key = sums
        with self._lock:
            if key in self._tables:
                self._tables.move_to_end(key)
                return self._tables[key]
        table = self._summed(sums)
        with self._lock:
            self._tables[key] = table
            while sum(one.numel() * 8 for one in self._tables.values()) > MOST_TABLE_BYTES and len(self._tables) > 1:
                self._tables.popitem(last=False)
        return table

    @torch.no_grad()
    def _summed(self, sums: tuple[RunningSums | None, ...]) -> Float[Tensor, "entries c"]:
        sizes = [of.entries if of else along.count for of, along in zip(sums, self._along, strict=True)]
        count = math.prod(sizes) * len(self._samples) * 8
        if count > MOST_TABLE_BYTES:
            orders = " and ".join(str(of.order) if of else "0" for of in sums)
            raise InputError(
                f"filter: the repeated integral of order {orders} would take {count >> 20} MB, more than "
                f"{MOST_TABLE_BYTES >> 20}; fit a smaller signal with --size, or give one kernel for all points"
            )
        values = self._samples.double() / STEPS if self._samples.dtype == torch.uint8 else self._samples.double()
        values = values.movedim(0, -1)
        for axis, of in enumerate(sums):
            dim = self.dim - 1 - axis
            if of is not None:
                values = of.summed(values.movedim(dim, 0)).movedim(0, dim)
        return values.reshape(-1, len(self._samples)).contiguous()


def _reach(profile: Profile, sizes: Float[Tensor, "*n"]) -> Int[Tensor, "*n"]:
    """How far kernels of half sizes in samples read directly along an axis; 0 where they go through running sums."""
    steps = sizes.new_tensor(_DIRECT_REACHES)
    reach = torch.searchsorted(steps, (sizes.ceil() + 1).contiguous()).clamp_max(len(steps) - 1)
    reach = torch.tensor(_DIRECT_REACHES, device=sizes.device)[reach]
    is_short = (sizes.ceil() + 1 <= reach) & (2 * reach <= dirac_tap_count(profile))
    return torch.where(is_short, reach, 0)


def _reads(profiles: Sequence[Profile], reaches: Sequence[int]) -> list[int]:
    """Entries that are read along each axis."""
    return [2 * reach or dirac_tap_count(profile) for profile, reach in zip(profiles, reaches, strict=True)]


def _gathered(samples: Shaped[Tensor, "c *shape"], sizes: Sequence[int], taps: Sequence[Taps]) -> Float[Tensor, "n c"]:
    """As ``_read``, of samples as they are held: slower, and without a table in double precision."""
    channels = samples.flatten(1)
    step = STEPS if samples.dtype == torch.uint8 else 1
    return torch.cat(
        [(channels[:, index].double() * weights).sum(-1).T / step for index, weights in _combined(sizes, taps)]
    )


def _combined(sizes: Sequence[int], taps: Sequence[Taps]) -> Iterator[Taps]:
    """All combinations of what is read along each axis, the first of which varies fastest; some points at a time."""
    at_once = max(1, _READS_AT_ONCE // math.prod(weights.shape[1] for _, weights in taps))
    in_parts = [zip(index.split(at_once), weights.split(at_once), strict=True) for index, weights in taps]
    for some in zip(*in_parts, strict=True):
        index, weights = some[-1]
        for (along, worth), size in zip(reversed(some[:-1]), reversed(sizes[:-1]), strict=True):
            index = (index[:, :, None] * size + along[:, None, :]).flatten(1)
            weights = (weights[:, :, None] * worth[:, None, :]).flatten(1)
        yield index, weights


def _read(table: Float[Tensor, "entries c"], sizes: Sequence[int], taps: Sequence[Taps]) -> Float[Tensor, "n c"]:
    """The weighted sum over all combinations of what is read along each axis."""
    if table.device.type == "cpu" and not any(weights.requires_grad for _, weights in taps):
        return torch.from_numpy(_read_by_rows(table.numpy(), sizes, taps))
    parts = [
        F.embedding_bag(index, table, per_sample_weights=weights, mode="sum")
        for index, weights in _combined(sizes, taps)
    ]
    return torch.cat(parts)


def _read_by_rows(table: np.ndarray, sizes: Sequence[int], taps: Sequence[Taps]) -> Float[np.ndarray, "n c"]:
    """The same on a processor as rows of a sparse matrix, few enough at a time to stay in its cache."""
    strides = [math.prod(sizes[:axis]) for axis in range(len(sizes))]
    along = [
        (index.int().numpy() * np.int32(step), weights.detach().numpy())
        for (index, weights), step in zip(taps, strides, strict=True)
    ]
    count, width = len(along[0][0]), math.prod(weights.shape[1] for _, weights in along)
    at_once = max(1, _READS_AT_ONCE // width)
    starts = np.arange(0, at_once * width + 1, width, dtype=np.int32)
    values = np.empty((count, table.shape[1]))
    for first in range(0, count, at_once):
        rows = slice(first, min(first + at_once, count))
        index, weights = (one[rows] for one in along[-1])
        for more, worth in reversed(along[:-1]):
            index = (index[:, :, None] + more[rows, None, :]).reshape(len(index), -1)
            weights = (weights[:, :, None] * worth[rows, None, :]).reshape(len(weights), -1)
        matrix = csr_array((weights.ravel(), index.ravel(), starts[: len(index) + 1]), shape=(len(index), len(table)))
        values[rows] = matrix @ table
    return values
