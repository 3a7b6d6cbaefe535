"""How triangles hang together: corners at one place, triangles that stand there twice, edges, and patches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

_CELLS = 1 << 20
"""Places are told apart to this share of a mesh's size; so finely do float32 files keep them."""

_OFFSET = 0.2817181715409548
"""Of a cell: keeps the borders between cells away from round coordinates, where vertices that should meet lie."""


def welded(vertices: Float[np.ndarray, "v 3"]) -> Int[np.ndarray, "v"]:
    """For each vertex the number of its place, from 0; vertices that coincide, but for rounding, have the same."""
    low = vertices.min(0)
    size = float((vertices.max(0) - low).max())
    x, y, z = ((vertices - low) * (_CELLS / size) + _OFFSET).astype(np.int64).T
    return np.unique((x << 42) | (y << 21) | z, return_inverse=True)[1].reshape(-1)


@dataclass(frozen=True, eq=False)
class Distinct:
    """Triangles of which no two have the same three corners.

    Attributes:
        kept: index of the first of each.
        alike: of each, how many further ones face the same way.
        opposed: of each, the first that faces the other way, or -1.
    """

    kept: Int[np.ndarray, "k"]
    alike: Int[np.ndarray, "k"]
    opposed: Int[np.ndarray, "k"]

    @property
    def two_sided(self) -> Bool[np.ndarray, "k"]:
        """Which stand there facing both ways."""
        return self.opposed >= 0


def distinct(corners: Int[np.ndarray, "t 3"]) -> Distinct:
    """The first of all triangles with the same corners; ``corners`` are places."""
    everything = np.arange(len(corners))
    nothing = np.zeros(len(corners), np.int64)
    a, b, c = corners.T
    low, high = np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)
    middle = a + b + c - low - high
    name = _mixed(low, middle, high)
    in_turn = np.sort(name)
    if (in_turn[1:] != in_turn[:-1]).all():
        return Distinct(everything, nothing, nothing - 1)
    order = np.argsort(name, kind="stable")
    same = (low[order][1:] == low[order][:-1]) & (middle[order][1:] == middle[order][:-1])
    same &= high[order][1:] == high[order][:-1]
    group = np.empty(len(corners), np.int64)
    group[order] = np.concatenate([[0], np.cumsum(~same)])
    kept = order[np.concatenate([[True], ~same])]
    turned = _is_odd(corners, low, middle)
    against = turned != turned[kept][group]
    extra = np.ones(len(corners), bool)
    extra[kept] = False
    alike = np.bincount(group[extra & ~against], minlength=len(kept))
    opposed = np.full(len(kept), -1)
    against_first = np.flatnonzero(against)[::-1]
    opposed[group[against_first]] = against_first
    in_file_order = np.argsort(kept)
    return Distinct(kept[in_file_order], alike[in_file_order], opposed[in_file_order])


@dataclass(frozen=True, eq=False)
class Sides:
    """The sides of triangles, those on one edge following one another.

    Attributes:
        triangle: whose side it is.
        sign: 1 where the triangle runs along the edge from the lower place to the higher, -1 where it runs back.
        edge: number of the edge, from 0, ascending.
        count: sides on each edge.
        first: of each edge.
    """

    triangle: Int[np.ndarray, "s"]
    sign: Int[np.ndarray, "s"]
    edge: Int[np.ndarray, "s"]
    count: Int[np.ndarray, "e"]
    first: Int[np.ndarray, "e"]

    @classmethod
    def of(cls, corners: Int[np.ndarray, "t 3"]) -> Sides:
        """Of all triangles but those of which two corners are at one place."""
        start, end = corners.ravel(), corners[:, [1, 2, 0]].ravel()
        flat = start == end
        key = np.minimum(start, end) * (int(corners.max(initial=0)) + 1) + np.maximum(start, end)
        order = np.argsort(key)
        if flat.any():
            order = order[~flat.reshape(-1, 3).any(1)[order // 3]]
        new = np.concatenate([[True], key[order][1:] != key[order][:-1]])[: len(order)]
        first = np.flatnonzero(new)
        return cls(
            triangle=order // 3,
            sign=np.where(start[order] < end[order], 1, -1),
            edge=np.cumsum(new) - 1,
            count=np.diff(np.append(first, len(order))),
            first=first,
        )

    @property
    def simple(self) -> Int[np.ndarray, "p"]:
        """The first of the two sides on each edge that has two; the other one follows it."""
        return self.first[self.count == 2]

    @property
    def meeting(self) -> Int[np.ndarray, "m"]:
        """The sides on edges where more than two triangles meet."""
        return np.flatnonzero((self.count > 2)[self.edge])


@dataclass(frozen=True, eq=False)
class Patches:
    """Triangles joined across edges that have just two of them, and turned so that those two agree.

    Attributes:
        label: the patch of each triangle, from 0.
        turn: 1 or -1: -1 for triangles that must be turned. The greater part of a patch, by area, stays.
        share: of each patch's area, what stays.
        one_sided: patches that cannot be turned so, like a Moebius strip; nothing of them is turned.
    """

    label: Int[np.ndarray, "t"]
    turn: Int[np.ndarray, "t"]
    share: Float[np.ndarray, "p"]
    one_sided: Bool[np.ndarray, "p"]

    @classmethod
    def of(cls, sides: Sides, areas: Float[np.ndarray, "t"]) -> Patches:
        """The patches of triangles with these sides and areas."""
        one, other = sides.triangle[sides.simple], sides.triangle[sides.simple + 1]
        agree = sides.sign[sides.simple] != sides.sign[sides.simple + 1]
        if agree.all():
            label = components(one, other, len(areas))
            count = int(label.max()) + 1
            return cls(label, np.ones(len(areas), np.int64), np.ones(count), np.zeros(count, bool))
        # Each triangle twice, as it is and turned; what is joined so agrees. Where both are joined there is no answer.
        beside, across = len(areas) * ~agree, len(areas) * agree
        both = components(np.append(one, one + len(areas)), np.append(other + beside, other + across), 2 * len(areas))
        as_it_is, turned = both[: len(areas)], both[len(areas) :]
        label = np.unique(np.minimum(as_it_is, turned), return_inverse=True)[1].reshape(-1)
        turn = np.where(as_it_is > turned, -1, 1)
        patch_areas = np.maximum(np.bincount(label, areas), np.finfo(np.float64).tiny)
        turned_share = np.bincount(label, areas * (turn < 0)) / patch_areas
        turn *= np.where(turned_share > 0.5, -1, 1)[label]
        one_sided = np.bincount(label, as_it_is == turned) > 0
        turn[one_sided[label]] = 1
        return cls(label, turn, np.maximum(turned_share, 1 - turned_share), one_sided)


def components(one: Int[np.ndarray, "p"], other: Int[np.ndarray, "p"], count: int) -> Int[np.ndarray, "n"]:
    """Numbers from 0 of what ``count`` things belong to when the pairs ``one``, ``other`` belong together."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    joined = coo_matrix((np.ones(len(one), np.int8), (one, other)), shape=(count, count))
    return connected_components(joined, directed=False)[1].astype(np.int64)


def _mixed(*numbers: Int[np.ndarray, "t"]) -> Int[np.ndarray, "t"]:
    """One number from several that hardly ever is that of others; equal for equal ones."""
    total = np.zeros(len(numbers[0]), np.uint64)
    for number in numbers:
        total = (total ^ number.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        total ^= total >> np.uint64(29)
    return total.view(np.int64)


def _is_odd(
    corners: Int[np.ndarray, "t 3"], low: Int[np.ndarray, "t"], middle: Int[np.ndarray, "t"]
) -> Bool[np.ndarray, "t"]:
    """Whether corners run low, high, middle and not low, middle, high, from wherever they start."""
    after = corners[:, [1, 2, 0]]
    return ((corners == middle[:, None]) & (after == low[:, None])).any(1)
