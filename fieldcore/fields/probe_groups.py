"""Points grouped by how many probes each level of a pyramid needs there, so that no level is asked for more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from .probe_lines import PROBE_REACH, ProbeLines, probe_line, probes_needed

_LEAVING = 128

_PROBES_AT_ONCE = {"cpu": 1 << 18}
_PROBES_AT_ONCE_ELSEWHERE = 1 << 23
"""Looked up together: what stays in a processor's cache, or what fills a GPU."""


@dataclass(frozen=True, eq=False)
class Group:
    """Points that one level treats alike.

    Attributes:
        points: their indices; None for all.
        either_side: probes on either side of the middle one.
        leaves: whether lines leave the box beyond which probes are folded back, as the signal's border asks.
    """

    points: Tensor | None
    either_side: int
    leaves: bool

    def of(self, rows: Float[Tensor, "n d"]) -> Float[Tensor, "m d"]:
        """Their rows; one row for all points remains one."""
        return rows if self.points is None or len(rows) == 1 else rows.index_select(0, self.points)

    def average(
        self,
        look_up: Callable[[Float[Tensor, "k d"]], Float[Tensor, "f k"]],
        x: Float[Tensor, "n d"],
        spread: Float[Tensor, "#n d"] | None,
    ) -> Float[Tensor, "f m"]:
        """What a level has at the probes of each of these points, averaged.

        Args:
            look_up: gives what it has at positions.
            x: all points.
            spread: of the lines, see ``ProbeLines``.
        """
        x = self.of(x)
        if spread is None or self.either_side == 0:
            return look_up(x)
        positions, weights = probe_line(self.either_side, x.device)
        spread = self.of(spread).expand(len(x), -1)
        averages = []
        for part in slices(len(x), len(weights), x.device):
            probes = torch.addcmul(x[part], positions[:, None, None], spread[part]).flatten(0, 1)
            values = look_up(probes).unflatten(1, (len(weights), -1))
            averages.append((values * weights[:, None]).sum(1))  # a product might round to TF32
        return averages[0] if len(averages) == 1 else torch.cat(averages, 1)


def group_points(
    x: Float[Tensor, "n d"],
    lines: ProbeLines,
    needed: Bool[Tensor, "levels #n"],
    cells: Float[Tensor, "levels"],
    bounds: Float[Tensor, "d"],
) -> list[list[Group]]:
    """For each level the points that need it, grouped by how many probes they need there.

    Args:
        x: the points.
        lines: the filter as probes: one line for all points, or one for each.
        needed: whether each level is, at each point or at all.
        cells: side of each level's cells.
        bounds: half the sides of the box beyond which probes are folded back.

    Returns:
        the groups of each level.
    """
    keys = needed.to(torch.uint8)  # small integers are sorted fastest
    if lines.spread is not None:
        either_side = torch.minimum(probes_needed(lines.spread.norm(dim=-1), cells[:, None]), lines.either_side)
        leaves = (x.abs() > bounds - PROBE_REACH * lines.spread.abs()).any(-1) & (either_side > 0)
        keys = keys * (either_side + 1 + _LEAVING * leaves).to(torch.uint8)
    counts = torch.zeros(len(keys), 256, dtype=torch.int32, device=keys.device)
    counts.scatter_add_(1, keys.long(), torch.ones_like(keys, dtype=torch.int32))
    flat = counts.flatten().tolist()  # all that a GPU is waited for
    rows = [flat[start : start + 256] for start in range(0, len(flat), 256)]
    return [_split(key, row) for key, row in zip(keys, rows, strict=True)]


def slices(points: int, probes: int, device: torch.device) -> Iterator[slice]:
    """Parts of so many points with so many probes each that are best looked up at once."""
    at_once = max(1, _PROBES_AT_ONCE.get(device.type, _PROBES_AT_ONCE_ELSEWHERE) // probes)
    for start in range(0, points, at_once):
        yield slice(start, start + at_once)


def _split(keys: UInt8[Tensor, "m"], counts: list[int]) -> list[Group]:
    """Points by key: 0 for those that need nothing, else 1 + probes on either side, + 128 where the line leaves."""
    present = [(key, count) for key, count in enumerate(counts) if count]
    if {key for key, _ in present} == {0, 1} and 4 * counts[0] < len(keys):
        present = [(1, len(keys))]  # looking up a few too many is cheaper than picking
    if len(present) == 1:
        points: Sequence[Tensor | None] = [None]
    else:
        points = keys.sort(stable=True).indices.split([count for _, count in present])
    parts = zip(points, present, strict=True)
    return [Group(part, key % _LEAVING - 1, key >= _LEAVING) for part, (key, _) in parts if key]
