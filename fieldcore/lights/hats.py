"""Weights of lights that are linear between lights: barycentric on a triangulation of the chart."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from jaxtyping import Float, Int
from scipy.spatial import Delaunay, QhullError

from .plane_pieces import corner_averages

_SAME = 1.24e-3
"""Lights nearer than this in the chart, 0.1 degrees, count as one, of which photos are averaged."""

_WHOLE = 1e-5
"""A weight as near to 1 is 1, so that a photo's light gives that photo to the bit, though its place was rounded."""

_FAR = 30.0
"""How far beyond the lights' hull a Gaussian is summed, in units of the chart."""

_WEDGE = math.radians(60)

Spread = tuple[Int[np.ndarray, "n k"], Float[np.ndarray, "n k"]]
"""Which places count at each of some points, and how much."""

SpreadOfLights = tuple[Int[np.ndarray, "n m"], Float[np.ndarray, "n m"]]


class Hats:
    """The hat function of every light: 1 at it, 0 at all others, linear on the triangles between them.

    The triangulation is Delaunay's. Beyond the lights' hull a point has the weights of the hull's nearest one. Lights
    on one line have no triangles, and are joined by the line; lights within 0.1 degrees count as one and share its hat.

    Args:
        lights: (L, 2) points of the chart.

    Attributes:
        lights: the same.
        places: (p, 2), where lights are; a single one for those that count as one.
        place_of: (L) the number of each light's place.
        rim: (e, 2) edges of the hull, as numbers of places, one after the other around it; of lights on a line the
            way along it and back.
        triangles: (t, 3) corners as numbers of places; none of lights on a line.
        pieces: triangles (n, 3, 2) that cover the plane, on each of which all weights are linear, and the places of
            their corners.
    """

    def __init__(self, lights: Float[np.ndarray, "l 2"]) -> None:
        self.lights = np.asarray(lights, np.float64)
        self.place_of, self.places = _grouped(self.lights)
        self._share = 1 / np.bincount(self.place_of)[self.place_of]
        self._first_of = np.unique(self.place_of, return_index=True)[1]
        self._delaunay = _triangulated(self.places)
        self.rim = self._rim_edges()
        self.pieces = self._pieces_of_plane()

    @property
    def on_a_line(self) -> bool:
        """Whether no three lights make a triangle."""
        return self._delaunay is None

    @property
    def triangles(self) -> Int[np.ndarray, "t 3"]:
        """See the class."""
        return np.zeros((0, 3), np.int64) if self._delaunay is None else self._delaunay.simplices.astype(np.int64)

    def at(self, points: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n l"]:
        """The weights of all lights at points of the chart; each row sums to 1."""
        index, weights = self.spread(points)
        cell = np.arange(len(index))[:, None] * len(self.places) + index
        dense = np.bincount(cell.ravel(), weights.ravel(), minlength=len(index) * len(self.places))
        return self._of_lights(dense.reshape(len(index), -1))

    def averaged(self, light: Float[np.ndarray, "2"], covariance: Float[np.ndarray, "2 2"]) -> Float[np.ndarray, "l"]:
        """The hats' averages over a Gaussian around a light, in closed form; they sum to 1."""
        if not np.any(covariance):
            return self.at(np.asarray(light)[None])[0]
        pieces, owners = self.pieces
        counted = corner_averages(pieces, np.asarray(light, np.float64), covariance)
        found = np.bincount(owners.ravel(), counted.ravel(), minlength=len(self.places))
        return self._of_lights(found / found.sum())

    def spread(self, points: Float[np.ndarray, "n 2"]) -> Spread:
        """Up to three places a point, and their weights."""
        points = np.asarray(points, np.float64)
        found = np.full(len(points), -1) if self._delaunay is None else self._delaunay.find_simplex(points)
        index = np.zeros((len(points), 3), np.int64)
        weights = np.zeros((len(points), 3))
        inside = found >= 0
        if inside.any():
            index[inside], weights[inside] = self._within(points[inside], found[inside])
        if not inside.all():
            index[~inside, :2], weights[~inside, :2] = self._beyond(points[~inside])
        whole = weights > 1 - _WHOLE
        return index, np.where(whole.any(1, keepdims=True), whole, weights)

    def in_hull(self, light: Float[np.ndarray, "2"]) -> Float[np.ndarray, "2"]:
        """The nearest point of the lights' hull to a point of the chart; within the hull the point itself."""
        light = np.asarray(light, np.float64)
        if self._delaunay is not None and self._delaunay.find_simplex(light) >= 0:
            return light
        index, weights = self._beyond(light[None])
        found: np.ndarray = weights[0] @ self.places[index[0]]
        return found

    def nearest(self, light: Float[np.ndarray, "2"]) -> int:
        """The number of the light that is nearest in the chart."""
        return int(np.square(self.lights - light).sum(1).argmin())

    def of_lights_at(self, places: Int[np.ndarray, "n k"], weights: Float[np.ndarray, "n k"]) -> SpreadOfLights:
        """What ``spread`` gave, of lights in place of places."""
        if len(self.places) == len(self.lights):
            return self._first_of[places], weights
        members = [np.flatnonzero(self.place_of == place) for place in range(len(self.places))]
        most = max(map(len, members))
        padded = np.stack([np.resize(one, most) for one in members])
        share = np.stack([np.where(np.arange(most) < len(one), 1 / len(one), 0.0) for one in members])
        index = padded[places].reshape(len(places), -1)
        return index, (weights[..., None] * share[places]).reshape(len(places), -1)

    def _within(self, points: Float[np.ndarray, "n 2"], found: Int[np.ndarray, "n"]) -> Spread:
        assert self._delaunay is not None
        transform = self._delaunay.transform[found]
        first = np.einsum("nij,nj->ni", transform[:, :2], points - transform[:, 2])
        weights = np.concatenate([first, 1 - first.sum(1, keepdims=True)], 1).clip(0, 1)
        return self._delaunay.simplices[found], weights / weights.sum(1, keepdims=True)

    def _beyond(self, points: Float[np.ndarray, "n 2"]) -> Spread:
        """The nearest point of the rim."""
        index = np.zeros((len(points), 2), np.int64)
        weights = np.tile([1.0, 0.0], (len(points), 1))
        best = np.full(len(points), np.inf)
        for edge in self.rim:
            origin, way = self.places[edge[0]], self.places[edge[1]] - self.places[edge[0]]
            t = ((points - origin) @ way / (way @ way)).clip(0, 1)
            distance = np.square(points - origin - t[:, None] * way).sum(1)
            nearer = distance < best
            best[nearer], index[nearer] = distance[nearer], edge
            weights[nearer] = np.stack([1 - t[nearer], t[nearer]], 1)
        return index, weights

    def _rim_edges(self) -> Int[np.ndarray, "e 2"]:
        """The hull's edges, one after the other around it; of lights on a line those there and back."""
        if self._delaunay is not None:
            return _in_turn(self._delaunay.convex_hull, self.places)
        if len(self.places) < 2:
            return np.zeros((0, 2), np.int64)
        way = np.linalg.svd(self.places - self.places.mean(0), full_matrices=False)[2][0]
        order = np.argsort((self.places - self.places.mean(0)) @ way, kind="stable")
        there_and_back = np.concatenate([order, order[-2::-1]])
        return np.stack([there_and_back[:-1], there_and_back[1:]], 1)

    def _pieces_of_plane(self) -> tuple[Float[np.ndarray, "t 3 2"], Int[np.ndarray, "t 3"]]:
        """Triangles that cover the plane, on each of which all weights are linear, and the places of their corners.

        Outside of the hull: a strip beyond every edge of the rim, and a wedge beyond every corner.
        """
        pieces = [self.places[self.triangles]]
        owners = [self.triangles]
        outward = [self._outward(edge) for edge in self.rim]
        for number, edge in enumerate(self.rim):
            a, b = self.places[edge]
            far = _FAR * outward[number]
            pieces.append(np.array([[a, b, b + far], [a, b + far, a + far]]))
            owners.append(edge[np.array([[0, 1, 1], [0, 1, 0]])])
            following = outward[(number + 1) % len(self.rim)]
            for one, other in _turns(outward[number], following):
                pieces.append(np.array([[b, b + _FAR * one, b + _FAR * other]]))
                owners.append(np.full((1, 3), edge[1]))
        if len(self.places) == 1:
            return np.zeros((0, 3, 2)), np.zeros((0, 3), np.int64)
        return np.concatenate(pieces), np.concatenate(owners).astype(np.int64)

    def _outward(self, edge: Int[np.ndarray, "2"]) -> Float[np.ndarray, "2"]:
        """To the right of an edge's way: the rim goes round with the hull on its left."""
        way = self.places[edge[1]] - self.places[edge[0]]
        return np.array([way[1], -way[0]]) / np.linalg.norm(way)

    def _of_lights(self, of_places: Float[np.ndarray, "*n p"]) -> Float[np.ndarray, "*n l"]:
        """Lights that count as one share its weight."""
        return of_places[..., self.place_of] * self._share


def _triangulated(places: Float[np.ndarray, "p 2"]) -> Delaunay | None:
    """None where all lie on a line."""
    if len(places) < 3:
        return None
    spread = np.linalg.svd(places - places.mean(0), compute_uv=False)
    if spread[1] < 1e-6 * spread[0]:
        return None
    try:
        return Delaunay(places)
    except QhullError:
        return None


def _in_turn(edges: Int[np.ndarray, "e 2"], places: Float[np.ndarray, "p 2"]) -> Int[np.ndarray, "e 2"]:
    """The hull's edges, each beginning where the one before it ends, with the hull to their left."""
    neighbours: dict[int, list[int]] = {}
    for a, b in edges.tolist():
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    order = [int(edges[0, 0])]
    before = -1
    while len(order) <= len(neighbours):
        following = next(place for place in neighbours[order[-1]] if place != before)
        before = order[-1]
        order.append(following)
    x, y = places[order].T
    order = order if float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum()) > 0 else order[::-1]
    return np.stack([order[:-1], order[1:]], 1)


def _turns(
    one: Float[np.ndarray, "2"], other: Float[np.ndarray, "2"]
) -> list[tuple[Float[np.ndarray, "2"], Float[np.ndarray, "2"]]]:
    """The way from one direction to another, counter-clockwise, in steps that triangles can follow."""
    start = math.atan2(one[1], one[0])
    turn = (math.atan2(other[1], other[0]) - start) % (2 * math.pi)
    count = 0 if turn > 1.5 * math.pi or turn < 1e-12 else max(1, math.ceil(turn / _WEDGE))
    ways = [start + turn * k / max(count, 1) for k in range(count + 1)]
    vectors = [np.array([math.cos(way), math.sin(way)]) for way in ways]
    return list(pairwise(vectors))


def _grouped(lights: Float[np.ndarray, "l 2"]) -> tuple[Int[np.ndarray, "l"], Float[np.ndarray, "p 2"]]:
    """For each light the number of its place, and the places, in the order of their first lights."""
    place_of = np.full(len(lights), -1)
    places: list[np.ndarray] = []
    for number, light in enumerate(lights):
        if place_of[number] >= 0:
            continue
        same = (place_of < 0) & (np.square(lights - light).sum(1) < _SAME**2)
        place_of[same] = len(places)
        places.append(light if same.sum() == 1 else lights[same].mean(0))
    return place_of, np.array(places).reshape(-1, 2)
