"""Meshes out of fields: the surface where a smoothed field has a value, by marching cubes, in source units."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int

from .errors import InputError
from .evaluation import Grid, evaluate
from .fields.field import Field
from .files import written_whole
from .filters import Filter, as_filter
from .filters.filter import Numbers
from .progress_lines import points_line
from .signals import SignalFacts
from .signals.mesh_file import Mesh
from .signals.signal import PADDING

FORMATS = (".ply", ".obj", ".stl", ".glb")
MOST_CELLS = 2048
_SLAB_CELLS = 1 << 24  # evaluated and searched for a surface at once


def extract_mesh(
    field: Field, filter: Filter | Numbers | None = None, *, resolution: int = 256, level: float = 0.0
) -> Mesh:
    """The surface on which the smoothed field has the value ``level``, in the units of the field's source.

    The field is asked on cubic cells over its padded box, a fifth beyond the signal's own, slab by slab.

    Args:
        field: of a shape, or any other in 3-D with one channel.
        filter: as in ``field(x, filter)``; None for none.
        resolution: cells along the longest side of the signal's own box.
        level: in domain units; 0 is the surface itself, more is further outside.

    Raises:
        InputError: the field is not of a shape, or has no such surface, with the range of its values.

    Example:
        >>> from fieldcore import FunctionSignal, train
        >>> ball = FunctionSignal(lambda x: x.norm(dim=1) - 0.5, (1.0, 1.0, 1.0))
        >>> field = train("pyramid", ball, preset="shape", formula_cells=16)
        >>> extract_mesh(field, 1e-3, resolution=16).watertight
        True
    """
    check_meshable(field.facts)
    if not 4 <= resolution <= MOST_CELLS:
        raise InputError(f"--resolution: expected from 4 to {MOST_CELLS} cells, got {resolution}")
    if not math.isfinite(level):
        raise InputError(f"--level: expected a number, got {level}")
    grid = _padded_grid(field.facts, resolution)
    surface = _Surface(grid, level)
    for start, values in _slabs(field, grid, as_filter(filter)):
        surface.add(start, values)
    mesh = surface.mesh(Path(field.facts.name).stem)
    if mesh is None:
        low, high = surface.value_range
        raise InputError(
            f"there is no surface at level {level:g}: under this filter the field is from {low:.3g} to {high:.3g} "
            "domain units; smooth less, or give a --level between them"
        )
    return in_source_units(mesh, field.facts)


def surface_of_volume(values: Float[np.ndarray, "d h w"], grid: Grid, level: float = 0.0) -> Mesh | None:
    """The surface in a volume of values at the cell centres of ``grid``, in domain units; None where there is none."""
    surface = _Surface(grid, level)
    surface.add(0, values)
    return surface.mesh("surface")


def in_source_units(mesh: Mesh, facts: SignalFacts) -> Mesh:
    """A mesh in domain units brought back to where and how large its source was."""
    center = np.array(facts.source_center or (0.0,) * len(facts.half_extent))
    turned = mesh.vertices @ np.reshape(facts.source_axes, (3, 3)).T if facts.source_axes else mesh.vertices
    return Mesh(turned * facts.value_scale + center, mesh.triangles, mesh.name)


def in_domain_units(mesh: Mesh, facts: SignalFacts) -> Mesh:
    """A mesh in the units of a field's source brought to where the field has it: undoes ``in_source_units``."""
    center = np.array(facts.source_center or (0.0,) * len(facts.half_extent))
    moved = (mesh.vertices - center) / facts.value_scale
    turned = moved @ np.reshape(facts.source_axes, (3, 3)) if facts.source_axes else moved
    return Mesh(turned, mesh.triangles, mesh.name)


def write_mesh(path: Path | str, mesh: Mesh, colours: Float[np.ndarray, "v 3"] | None = None) -> None:
    """Write a mesh, whole or not at all; the suffix chooses the format.

    Args:
        path: a .ply, .obj, .stl or .glb file; one that is there is replaced.
        mesh: any triangles.
        colours: of its vertices, display-encoded, in [0, 1]; an .stl file leaves them out.

    Raises:
        InputError: an unknown suffix, or the file cannot be written.

    Example:
        >>> write_mesh("tetrahedron.ply", Mesh(np.eye(4)[:, :3], [[0, 1, 2], [0, 3, 1], [1, 3, 2], [2, 3, 0]]))
    """
    path = Path(path)
    check_mesh_format(path)
    content = _encoded(mesh, path.suffix.lower(), colours)
    with written_whole(path) as temporary:
        temporary.write_bytes(content)


def check_mesh_format(path: Path | str) -> None:
    """Raise InputError early if ``write_mesh`` does not know the suffix of ``path``."""
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"'{path}': the suffix '{path.suffix}' is no mesh format; use {', '.join(FORMATS)}")


def check_meshable(facts: SignalFacts) -> None:
    """Raise InputError if a field of a signal with these facts has no surfaces."""
    if len(facts.half_extent) != 3 or facts.channels != 1:
        raise InputError(
            f"a field of the {facts.type} '{facts.name}' has no surface; meshes are made from fields of shapes "
            "(fieldcore fit shape)"
        )


def _encoded(mesh: Mesh, suffix: str, colours: Float[np.ndarray, "v 3"] | None) -> bytes:
    import trimesh

    shades = None if colours is None else (colours.clip(0, 1) * 255 + 0.5).astype(np.uint8)
    shell = trimesh.Trimesh(mesh.vertices, mesh.triangles, vertex_colors=shades, process=False, validate=False)
    content = shell.export(file_type=suffix[1:])
    return content.encode() if isinstance(content, str) else bytes(content)


def _padded_grid(facts: SignalFacts, resolution: int) -> Grid:
    size = 2 * max(facts.half_extent) / resolution
    counts = tuple(2 * math.ceil((half + PADDING) / size) for half in facts.half_extent)
    corner = tuple(count * size / 2 for count in counts)
    return Grid(counts, tuple(-c for c in corner), corner)


def _slabs(field: Field, grid: Grid, filter: Filter | None) -> Iterator[tuple[int, Float[np.ndarray, "d h w"]]]:
    """Layers of values from first to last, each slab beginning with the layer that the one before ended with."""
    width, height, depth = grid.resolution
    layers = max(1, _SLAB_CELLS // (width * height))
    last_layer: np.ndarray | None = None
    with points_line("evaluating") as report:
        for start in range(0, depth, layers):
            stop = min(start + layers, depth)
            part = grid.layers(start, stop)
            values = evaluate(field, part, filter)[..., 0].cpu().numpy()
            report(stop * width * height, grid.count)
            joined = values if last_layer is None else np.concatenate([last_layer, values])
            last_layer = values[-1:]
            yield start - (start > 0), joined


class _Surface:
    """A surface that grows slab by slab; vertices on the layer that two slabs share become one."""

    def __init__(self, grid: Grid, level: float) -> None:
        self._grid, self._level = grid, level
        self._vertices: list[Float[np.ndarray, "v 3"]] = []
        self._triangles: list[Int[np.ndarray, "t 3"]] = []
        self._count = 0
        self.value_range = (math.inf, -math.inf)

    def add(self, first_layer: int, values: Float[np.ndarray, "d h w"]) -> None:
        """Add the surface in the next slab, whose values begin with layer ``first_layer``."""
        low, high = float(values.min()), float(values.max())
        self.value_range = min(low, self.value_range[0]), max(high, self.value_range[1])
        if not low < self._level < high or min(values.shape) < 2:
            return
        from skimage.measure import marching_cubes

        values = _off_level(values, self._level)
        vertices, triangles, _, _ = marching_cubes(values, self._level, gradient_direction="ascent")
        cells = vertices[:, ::-1].astype(np.float64)
        cells[:, 2] += first_layer
        self._vertices.append(cells)
        self._triangles.append(triangles.astype(np.int64) + self._count)
        self._count += len(vertices)

    def mesh(self, name: str) -> Mesh | None:
        """All of it in domain units, None where there is nothing."""
        if not self._vertices:
            return None
        cells, triangles = _welded(np.concatenate(self._vertices), np.concatenate(self._triangles))
        grid = self._grid
        lower, upper, counts = (np.array(of, float) for of in (grid.lower, grid.upper, grid.resolution))
        return Mesh(lower + (upper - lower) * (cells + 0.5) / counts, triangles, name)


def _off_level(values: Float[np.ndarray, "d h w"], level: float) -> Float[np.ndarray, "d h w"]:
    """Values that are the level itself moved off it by a hair, where they would make triangles without an area."""
    hair = np.float32(1e-6) * max(abs(level), 1.0)
    return np.where(np.abs(values - level) < hair, np.float32(level + hair), values)


def _welded(vertices: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One vertex for all at the same place, in cells; the same edge is cut at the same place in both slabs."""
    places = np.rint(vertices * (1 << 16)).astype(np.int64)
    _, first, index = np.unique(places, axis=0, return_index=True, return_inverse=True)
    triangles = index.reshape(-1)[triangles]
    a, b, c = triangles.T
    return vertices[first], triangles[(a != b) & (b != c) & (c != a)]
