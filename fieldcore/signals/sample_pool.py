"""Points around a surface with their distances: a fixed, seeded set that is computed as it is needed, and ahead.

What a step draws depends on its generator alone, never on how far the computing has come: the pool is cut into chunks,
each of which has a seed of its own, and whoever needs a chunk that is not there yet computes it.
"""

from __future__ import annotations

import atexit
import threading
import weakref
from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from .distance_grid import Distance

CHUNK = 1 << 14
"""Points computed at once."""

CHUNKS = 128
"""Of a pool: two million points, more than the vertices that a field has near a surface."""

NEAR_STD = 0.1
"""Standard deviation of the points near the surface around it, in domain units."""

_BOX = 1.2  # half-width that the evenly spread points fill
# A quarter evenly spread, three eighths near the surface, three eighths on it; in turn, so that any run has its share.
_UNIFORM, _NEAR, _ON = 0, 1, 2
_TURNS = np.array([_UNIFORM, _NEAR, _ON, _NEAR, _UNIFORM, _ON, _NEAR, _ON])


class SurfaceSampler:
    """Points spread evenly over triangles, by area.

    Args:
        vertices: (v, 3) positions.
        triangles: (t, 3) indices.
    """

    def __init__(self, vertices: Float[np.ndarray, "v 3"], triangles: Int[np.ndarray, "t 3"]) -> None:
        self._vertices, self._triangles = vertices, triangles
        first, second, third = (vertices[triangles[:, k]] for k in range(3))
        areas = np.linalg.norm(np.cross(second - first, third - first), axis=1)
        self._share = np.cumsum(areas / areas.sum())

    def __call__(self, count: int, generator: np.random.Generator) -> Float[np.ndarray, "n 3"]:
        """``count`` points in random order, one in each of as many equal parts of the area."""
        even = (generator.permutation(count) + generator.random(count)) / count
        chosen = self._triangles[np.searchsorted(self._share[:-1], even)]
        root, along = np.sqrt(generator.random(count)), generator.random(count)
        weights = np.stack([1 - root, root * (1 - along), root * along])
        return sum(weight[:, None] * self._vertices[chosen[:, k]] for k, weight in enumerate(weights))


class SamplePool:
    """Training points of a shape with their exact distances.

    Args:
        distance: exact signed distance.
        surface: draws points on the surface, where the distance is 0.
        seed: of all points.
    """

    def __init__(self, distance: Distance, surface: SurfaceSampler, seed: int = 0) -> None:
        self._distance, self._surface, self._seed = distance, surface, seed
        self._rows = torch.empty(CHUNKS * CHUNK, 4)
        self._there = [False] * CHUNKS
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @classmethod
    def of_rows(cls, rows: Float[Tensor, "n 4"]) -> SamplePool:
        """A full pool from the ``rows`` of an earlier one."""
        pool = cls.__new__(cls)
        pool._rows, pool._there, pool._lock, pool._thread = rows, [True] * CHUNKS, threading.Lock(), None
        return pool

    @property
    def full(self) -> bool:
        """Whether every point has been computed."""
        return all(self._there)

    @property
    def device(self) -> torch.device:
        """Where the points are."""
        return self._rows.device

    def fill(self, report: Callable[[int, int], None] = lambda done, total: None) -> Float[Tensor, "n 4"]:
        """Compute what is missing; afterwards all points with their distances, one a row."""
        for chunk in range(CHUNKS):
            self._require(chunk)
            report(chunk + 1, CHUNKS)
        return self._rows

    def fill_ahead(self, finished: Callable[[Float[Tensor, "n 4"]], None] = lambda rows: None) -> None:
        """Compute what is missing in a thread of its own, which ends with the pool; then hand over all rows."""
        if not self.full and self._thread is None:
            self._thread = threading.Thread(target=_fill, args=(weakref.ref(self), finished), daemon=True)
            _THREADS.add(self._thread)
            self._thread.start()

    def to(self, device: torch.device | str) -> SamplePool:
        """The same pool on ``device``, filled before it goes to any other."""
        return self if torch.device(device) == self.device else SamplePool.of_rows(self.fill().to(device))

    def draw(self, count: int, generator: torch.Generator) -> tuple[Float[Tensor, "n 3"], Float[Tensor, "n 1"]]:
        """A random run of points, on the generator's device, with their distances."""
        total = len(self._rows)
        start = torch.randint(total, (1,), generator=generator, device=generator.device)
        if self.full:  # no number need come back from a GPU
            rows = self._rows[(start + torch.arange(count, device=start.device)) % total]
        else:
            first = int(start)
            for chunk in range(first // CHUNK, (first + count - 1) // CHUNK + 1):
                self._require(chunk % CHUNKS)
            rows = self._rows[torch.arange(first, first + count) % total]
        return rows[:, :3], rows[:, 3:]

    def _require(self, chunk: int) -> None:
        if self._there[chunk]:
            return
        with self._lock:  # one at a time: each uses all cores
            if not self._there[chunk]:
                self._rows[chunk * CHUNK : (chunk + 1) * CHUNK] = self._computed(chunk)
                self._there[chunk] = True

    def _computed(self, chunk: int) -> Float[Tensor, "n 4"]:
        generator = np.random.default_rng((self._seed, chunk))
        kinds = np.tile(_TURNS, CHUNK // len(_TURNS))
        points = generator.uniform(-_BOX, _BOX, (CHUNK, 3))
        points[kinds != _UNIFORM] = self._surface(int((kinds != _UNIFORM).sum()), generator)
        points[kinds == _NEAR] += NEAR_STD * generator.standard_normal((int((kinds == _NEAR).sum()), 3))
        points = points.astype(np.float32).astype(np.float64)  # the distance is that of the point as it is stored
        distances = np.zeros((CHUNK, 1))
        distances[kinds != _ON, 0] = self._distance(points[kinds != _ON])
        return torch.from_numpy(np.concatenate([points, distances], 1).astype(np.float32))


_ENDING = threading.Event()
_THREADS: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


@atexit.register
def _end_threads() -> None:
    """The interpreter ends in order only when nobody computes any more."""
    _ENDING.set()
    for thread in list(_THREADS):
        thread.join()


def _fill(pool_reference: weakref.ref[SamplePool], finished: Callable[[Float[Tensor, "n 4"]], None]) -> None:
    for chunk in range(CHUNKS):
        pool = pool_reference()
        if pool is None or _ENDING.is_set():
            return
        pool._require(chunk)
        rows = pool._rows
        del pool
    finished(rows)
