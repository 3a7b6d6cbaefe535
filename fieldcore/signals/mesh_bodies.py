"""The bodies of a mesh: patches that are closed, alone or together, and those that are not; and what lies in what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Int

from .mesh_patches import Patches, Sides, components

_FLAT = 1e-9
"""Of a body's area to the power of 3/2: a smaller volume is rounding, and tells nothing of the way it faces."""

_THICK = 1e-2
"""The same of patches that only together are closed: they may be two layers of one surface, facing both ways."""

_INNER_PLACES = 16
_INNER_SHARE = 0.9
_MOST_OPEN = 64
_SOLID = 0.5


@dataclass(frozen=True, eq=False)
class Cones:
    """The cones from the middle of a mesh to its triangles, whose volumes add up to what these enclose.

    Attributes:
        middles: of triangles, from the middle of the mesh.
        vectors: normals of triangles, as long as their areas.
        areas: of triangles.
    """

    middles: Float[np.ndarray, "t 3"]
    vectors: Float[np.ndarray, "t 3"]
    areas: Float[np.ndarray, "t"]

    @classmethod
    def of(cls, vertices: Float[np.ndarray, "v 3"], triangles: Int[np.ndarray, "t 3"]) -> Cones:
        """Of all triangles."""
        vertices = vertices - vertices.mean(0)
        start, second, third = (vertices[triangles[:, corner]] for corner in range(3))
        a, b = second - start, third - start
        vectors = np.empty_like(a)
        for axis, (one, other) in enumerate(((1, 2), (2, 0), (0, 1))):
            vectors[:, axis] = (a[:, one] * b[:, other] - a[:, other] * b[:, one]) / 2
        return cls((start + second + third) / 3, vectors, np.sqrt(np.einsum("td,td->t", vectors, vectors)))

    def turned(self, turn: Int[np.ndarray, "t"]) -> Cones:
        """Those of the same triangles, of which those turn that ``turn`` is -1 for."""
        return self if (turn > 0).all() else Cones(self.middles, self.vectors * turn[:, None], self.areas)

    @property
    def enclose(self) -> bool:
        """Whether the volume of all is more than rounding."""
        volume = float(np.einsum("td,td->", self.middles, self.vectors)) / 3
        return abs(volume) > _FLAT * float(self.areas.sum()) ** 1.5

    def volumes(self, label: Int[np.ndarray, "t"]) -> Float[np.ndarray, "n"]:
        """Of what has the same label, with cones from its own middle."""
        area = np.bincount(label, self.areas)
        centres, normals = (
            np.stack([np.bincount(label, of[:, axis]) for axis in range(3)], -1)
            for of in (self.areas[:, None] * self.middles, self.vectors)
        )
        from_the_middle = np.bincount(label, np.einsum("td,td->t", self.middles, self.vectors))
        return (from_the_middle - np.einsum("nd,nd->n", centres, normals) / area) / 3


@dataclass(frozen=True, eq=False)
class Bodies:
    """The bodies of a mesh whose neighbouring triangles agree.

    Attributes:
        vertices, triangles, areas: of the mesh.
        label: the body of each triangle, from 0.
        closed: bodies without a border, that enclose a volume.
        volume: positive where triangles face outward; of what is not closed, as if its middle closed it.
        area: of each body.
        share: of that, what faced the same way in the file.
        two_sided: of that, what stood there facing both ways.
        meets: bodies whose border is on others'.
    """

    vertices: Float[np.ndarray, "v 3"]
    triangles: Int[np.ndarray, "t 3"]
    areas: Float[np.ndarray, "t"]
    label: Int[np.ndarray, "t"]
    closed: Bool[np.ndarray, "b"]
    volume: Float[np.ndarray, "b"]
    area: Float[np.ndarray, "b"]
    share: Float[np.ndarray, "b"]
    two_sided: Float[np.ndarray, "b"]
    meets: Bool[np.ndarray, "b"]

    @classmethod
    def of(
        cls,
        vertices: Float[np.ndarray, "v 3"],
        triangles: Int[np.ndarray, "t 3"],
        cones: Cones,
        sides: Sides,
        patches: Patches,
        two_sided: Bool[np.ndarray, "t"],
    ) -> Bodies:
        """The bodies that ``patches`` form; ``triangles`` and ``cones`` are turned as these say."""
        borders = _Borders.of(sides, patches)
        body = np.arange(len(patches.share))
        as_one = borders.closed_together
        if as_one.any():
            group = borders.group[patches.label]
            thickness = cones.volumes(group) / np.bincount(group, cones.areas) ** 1.5
            as_one = as_one & (np.abs(thickness) > _THICK)[borders.group]
            body = np.unique(np.where(as_one, borders.group + len(body), body), return_inverse=True)[1].reshape(-1)
        label, areas = body[patches.label], cones.areas
        area, volume = np.bincount(label, areas), cones.volumes(label)
        has_border = np.bincount(body, ~borders.closed & ~as_one) > 0
        return cls(
            vertices=vertices,
            triangles=triangles,
            areas=areas,
            label=label,
            closed=~has_border & (np.abs(volume) > _FLAT * area**1.5),
            volume=volume,
            area=area,
            share=np.bincount(label, areas * patches.share[patches.label]) / area,
            two_sided=np.bincount(label, areas * two_sided) / area,
            meets=np.bincount(body, (np.bincount(borders.group) > 1)[borders.group]) > 0,
        )

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.area)

    @cached_property
    def _by_body(self) -> tuple[Int[np.ndarray, "t"], Int[np.ndarray, "_"]]:
        """Triangles sorted by their bodies, and where each body's begin."""
        order = np.argsort(self.label, kind="stable")
        return order, np.searchsorted(self.label[order], np.arange(self.count + 1))

    def places(self, bodies: Int[np.ndarray, "n"], count: int, seed: int = 0) -> Int[np.ndarray, "n count"]:
        """Of each of the ``bodies``, ``count`` of its triangles, drawn at random by their areas."""
        order, ends = self._by_body
        upto = np.concatenate([[0], np.cumsum(self.areas[order])])
        low, high = upto[ends[:-1]][bodies], upto[ends[1:]][bodies]
        shares = np.random.default_rng(seed).random((len(bodies), count))
        found = np.searchsorted(upto, low[:, None] + shares * (high - low)[:, None], side="right") - 1
        return order[np.clip(found, ends[:-1][bodies][:, None], ends[1:][bodies][:, None] - 1)]

    def parents(self) -> Int[np.ndarray, "b"]:
        """Of each closed body the smallest other one around it, or -1; of those that are open only a few are tried."""
        order, ends = self._by_body
        corners = self.vertices[self.triangles[order]]
        low = np.minimum.reduceat(corners.min(1), ends[:-1])
        high = np.maximum.reduceat(corners.max(1), ends[:-1])
        size, parent = np.abs(self.volume), np.full(self.count, -1)
        by_size = np.argsort(-size, kind="stable")
        for body in by_size[self.closed[by_size] | (np.cumsum(~self.closed[by_size]) <= _MOST_OPEN)]:
            within = (low >= low[body]).all(1) & (high <= high[body]).all(1) & self.closed & (size < size[body])
            inner = np.flatnonzero(within)
            if len(inner):
                own = self.triangles[order[ends[body] : ends[body + 1]]]
                parent[inner[self._inside(own, inner)]] = body
        return parent

    def _inside(self, own: Int[np.ndarray, "t 3"], inner: Int[np.ndarray, "n"]) -> Bool[np.ndarray, "n"]:
        """Which of the bodies ``inner`` the triangles ``own`` wind around, as far as a few of their places tell."""
        import igl

        winding = igl.FastWindingNumberBVH()
        winding.init(np.ascontiguousarray(self.vertices), np.ascontiguousarray(own))
        middles = self.vertices[self.triangles[self.places(inner, _INNER_PLACES)]].mean(2)
        solid = np.abs(winding.winding_number(np.ascontiguousarray(middles.reshape(-1, 3)))) > _SOLID
        return solid.reshape(len(inner), -1).mean(1) >= _INNER_SHARE


@dataclass(frozen=True, eq=False)
class _Borders:
    """Which patches end somewhere.

    Attributes:
        closed: patches without a border.
        group: the number of the patches, from 0, whose borders a patch's own meets.
        closed_together: patches with a border, whose group has none.
    """

    closed: Bool[np.ndarray, "p"]
    group: Int[np.ndarray, "p"]
    closed_together: Bool[np.ndarray, "p"]

    @classmethod
    def of(cls, sides: Sides, patches: Patches) -> _Borders:
        """Those of all patches, which end along edges that other than two triangles share."""
        count = len(patches.share)
        loose = np.flatnonzero((sides.count != 2)[sides.edge])
        along = sides.sign[loose] * patches.turn[sides.triangle[loose]]
        # Where as many of a patch's triangles run along an edge as back, the patch does not end there.
        pairs, index = np.unique(sides.edge[loose] * count + patches.label[sides.triangle[loose]], return_inverse=True)
        total = np.bincount(index.reshape(-1), along, len(pairs))
        edge, patch, total = pairs[total != 0] // count, pairs[total != 0] % count, total[total != 0]
        closed = ~patches.one_sided
        closed[patch] = False
        next_too = edge[1:] == edge[:-1]
        group = components(patch[:-1][next_too], patch[1:][next_too], count)
        number = np.unique(edge, return_inverse=True)[1].reshape(-1)
        left_over = np.bincount(number, total)[number] != 0
        torn = np.bincount(group, patches.one_sided) > 0
        torn[group[patch[left_over]]] = True
        return cls(closed, group, ~closed & ~torn[group])
