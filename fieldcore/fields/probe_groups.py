"""Points grouped by how many probes each level of a pyramid needs there, so that no level is asked for more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from .probe_lines import PROBE_REACH, ProbeLines, probes_needed

_LEAVING = 128


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
