"""Shapes: the signed distance to a mesh, negative inside, as a signal."""

from __future__ import annotations

import copy
import functools
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..filters.filter import Numbers
from ..progress_lines import points_line, waiting_line
from ..registry import deferred
from .distance_grid import FAR_CELLS, NEAR_CELLS, Distance, DistanceGrid, refined_distances
from .distance_process import DistanceProcess
from .mesh_distance import MeshDistance
from .mesh_enclosure import made_consistent
from .mesh_file import Mesh, cleaned_mesh, read_mesh
from .sample_pool import CHUNK, CHUNKS, SamplePool, SurfaceSampler
from .shape_cache import keep_samples, kept_samples
from .signal import CALIBRATION_POINTS, Signal, SignalFacts, as_points, points_in_box

if TYPE_CHECKING:
    from ..fields.field import Field
else:
    Field = Any

LARGE_MESH = 100_000
"""Triangles from which samples are kept on disk, because computing them again would take longer than reading them."""

_LARGE_FILE = 1 << 24
"""Bytes of a mesh's file whose reading takes a second or more."""

_SURFACE_CANDIDATES = 1 << 14

_COARSEST_STAGE = 64
"""Cells an axis up to which every vertex of a lattice is exact."""


class Shape(Signal):
    """A mesh's signed distance on the cube [-1, 1]^3, which the mesh fills along its longest side.

    ``signal(x)`` is exact anywhere (``MeshDistance``), in domain units. A domain unit is ``facts.value_scale`` source
    units and the origin lies at ``facts.source_center``; the axes are the source's own. For training there are a pool
    of exact samples (``examples``) and a grid of distances (``sampled``), made when they are first asked for.

    Triangles that belong together are made to face the same way first, for inside and outside to be told
    (``oriented``); what was done, and a mesh that encloses nothing, is said in ``notices``.

    Args:
        mesh: any triangles.
        placed: whether it lies in the domain already, where it stays: then a domain unit is one of the mesh's.

    Attributes:
        facts: of the mesh as it was given.
        mesh: in domain units, as distances are computed from it.
        notices: what people should know of it, one sentence each.

    Raises:
        InputError: see ``cleaned_mesh``.
    """

    type = "shape"
    truth_type = deferred("fieldcore.shape_truth:ShapeTruth")
    measures = deferred("fieldcore.shape_scoring:SHAPES")
    calibration_log10_variances = (-2.0, -1.0)

    def __init__(self, mesh: Mesh, *, placed: bool = False) -> None:
        mesh = mesh if mesh.is_clean else cleaned_mesh(mesh.vertices, mesh.triangles, mesh.name, mesh.notices)
        low, high = mesh.vertices.min(0), mesh.vertices.max(0)
        center, scale = low / 2 + high / 2, float((high - low).max()) / 2
        if placed:
            center, scale = np.zeros(3), 1.0
        self.facts = SignalFacts(
            type=self.type,
            name=mesh.name,
            digest=mesh.digest,
            half_extent=(1.0, 1.0, 1.0),
            channels=1,
            value_range=(-1.0, 1.0),
            value_scale=scale,
            source_center=tuple(center.tolist()),
        )
        vertices = (mesh.vertices - center) / scale
        triangles, remarks = made_consistent(vertices, mesh.triangles)
        self.mesh = Mesh(vertices, triangles, mesh.name)
        self.notices = (*mesh.notices, *(f"mesh '{mesh.name}': {remark}" for remark in remarks))
        self._device = torch.device("cpu")
        self._samples = _Samples(self.mesh, self.facts.digest)
        self._grid: DistanceGrid | None = None
        self._pool: SamplePool | None = None

    @classmethod
    def open(cls, path: Path | str) -> Shape:
        """Read a mesh file. Raises InputError: see ``read_mesh``."""
        path = Path(path)
        with waiting_line(f"reading {path.name}", shown=path.is_file() and path.stat().st_size >= _LARGE_FILE):
            return cls(read_mesh(path))

    @property
    def device(self) -> torch.device:
        """Where the answers are; exact distances are computed on the CPU all the same."""
        return self._device

    @property
    def distance(self) -> Distance:
        """Exact signed distance on numpy arrays, in domain units; see ``MeshDistance``."""
        return self._samples.distance

    def apart(self) -> Shape:
        """The same shape, whose exact distances another process computes, so that this one can run a window."""
        moved = self.to(self.device)
        moved._samples = self._samples.apart
        return moved

    @classmethod
    def open_again(cls, facts: SignalFacts, source: str) -> Shape:
        """The mesh in that file."""
        return cls.open(source)

    @classmethod
    def calibration_points(cls, field: Field, seed: int) -> Float[Tensor, "n 3"]:
        """Of many points in the box, those at which the field is nearest to zero: at its surface."""
        candidates = points_in_box(field.facts, _SURFACE_CANDIDATES, seed).to(field.device)
        values = torch.cat([field(part) for part in candidates.split(1 << 15)])
        return candidates[values.abs().sum(1).argsort(stable=True)[:CALIBRATION_POINTS]]

    def __call__(self, x: Numbers) -> Float[Tensor, "n 1"]:
        """Exact signed distances at the points ``x`` (n, 3). Raises InputError: see ``as_points``."""
        x = as_points(x, 3)
        distances = self.distance(x.detach().cpu().double().numpy())
        return torch.tensor(distances, dtype=x.dtype, device=x.device)[:, None]

    def sampled(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n 1"]:
        """Signed distances interpolated from a grid; see ``DistanceGrid`` for how near they are."""
        if self._grid is None:
            self._grid = self._samples.grid.to(self.device)
        return self._grid(x)[:, None]

    def on_lattice(self, size: Sequence[int], cell: float, centre: Float[Tensor, "3"]) -> Float[Tensor, "1 n n n"]:
        """Signed distances at the vertices of a cube's lattice, exact wherever they are not smooth.

        See ``refined_distances``; any other lattice is asked vertex by vertex.
        """
        cells = size[0] - 1
        if len(set(size)) > 1:
            return super().on_lattice(size, cell, centre)
        origin = centre.cpu().double().numpy()
        stages = [cells]
        while stages[0] % 4 == 0 and stages[0] > _COARSEST_STAGE:
            stages.insert(0, stages[0] // 2)

        def around_origin(points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n"]:
            return self.distance(points + origin)

        with points_line(f"distances of {self.facts.name}") as report:
            values = refined_distances(around_origin, stages, cells * cell / 2, kinks=True, report=report)
        return values[None].to(centre.device)

    def examples(self, count: int, generator: torch.Generator) -> tuple[Float[Tensor, "n 3"], Float[Tensor, "n 1"]]:
        """Training points with their exact distances, from a pool; see ``SamplePool``."""
        if self._pool is None:
            self._pool = self._samples.pool.to(self.device)
        return self._pool.draw(count, generator)

    def prepare(self) -> None:
        """Sample the grid of distances and begin with the pool, which is filled in the background."""
        self._samples.prepared()
        self._samples.fill_ahead()

    def fill_pool(self) -> int:
        """Wait until all training samples have been computed, and say how many there are."""
        with points_line(f"samples of {self.facts.name}") as report:
            return len(self._samples.pool.fill(lambda done, total: report(done * CHUNK, total * CHUNK)))

    def to(self, device: torch.device | str) -> Shape:
        """The same shape, answering on ``device``."""
        moved = copy.copy(self)
        moved._device, moved._grid, moved._pool = torch.device(device), None, None
        return moved


class _Samples:
    """What a shape computes once, when it is first asked for, and shares between its copies on several devices."""

    def __init__(self, mesh: Mesh, digest: str, distance: Distance | None = None) -> None:
        self._mesh, self._digest, self._distance = mesh, digest, distance
        self._large = len(mesh.triangles) >= LARGE_MESH
        self._grid_and_pool: tuple[DistanceGrid, SamplePool] | None = None
        self._lock = threading.RLock()

    @functools.cached_property
    def apart(self) -> _Samples:
        return _Samples(self._mesh, self._digest, DistanceProcess(self._mesh.vertices, self._mesh.triangles))

    @property
    def distance(self) -> Distance:
        with self._lock:
            if self._distance is None:
                with waiting_line(f"preparing {self._mesh.name}", self._large) as say:
                    self._distance = MeshDistance(self._mesh.vertices, self._mesh.triangles, say)
            return self._distance

    @property
    def grid(self) -> DistanceGrid:
        return self.prepared()[0]

    @property
    def pool(self) -> SamplePool:
        return self.prepared()[1]

    def prepared(self) -> tuple[DistanceGrid, SamplePool]:
        with self._lock:
            if self._grid_and_pool is None:
                kept = kept_samples(self._digest, _SAMPLE_SHAPES) if self._large else None
                self._grid_and_pool = self._computed() if kept is None else _unpacked(kept)
            return self._grid_and_pool

    def _computed(self) -> tuple[DistanceGrid, SamplePool]:
        with points_line(f"distances of {self._mesh.name}") as report:
            grid = DistanceGrid.of(self.distance, report)
        pool = SamplePool(self.distance, SurfaceSampler(self._mesh.vertices, self._mesh.triangles))
        return grid, pool

    def fill_ahead(self) -> None:
        grid, pool = self.prepared()
        pool.fill_ahead(self._keeper(grid) if self._large else lambda rows: None)

    def _keeper(self, grid: DistanceGrid) -> Callable[[Tensor], None]:
        digest = self._digest
        return lambda rows: keep_samples(digest, {"near": grid.near, "far": grid.far, "rows": rows})


_SAMPLE_SHAPES = {
    **{name: (1, 1, *[cells + 1] * 3) for name, cells in (("near", NEAR_CELLS), ("far", FAR_CELLS))},
    "rows": (CHUNKS * CHUNK, 4),
}


def _unpacked(kept: dict[str, Tensor]) -> tuple[DistanceGrid, SamplePool]:
    return DistanceGrid(kept["near"], kept["far"]), SamplePool.of_rows(kept["rows"])
