"""Reading meshes: whatever trimesh reads becomes one set of triangles, in the file's own units."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike

from ..beside import Beside, NotBeside
from ..errors import InputError
from ..quiet import quietly

FORMATS = "PLY, OBJ, STL, OFF, GLB, GLTF"
SUFFIXES = tuple(f".{name}" for name in FORMATS.lower().split(", "))
_LARGEST = 1e30  # lengths beyond it, or below its inverse, overflow when they are squared and multiplied


@dataclass(frozen=True, eq=False, init=False)
class Mesh:
    """Triangles, of one body or many.

    Attributes:
        vertices: (v, 3) positions, float64; lists and other numbers are taken, too.
        triangles: (t, 3) indices of vertices, int64; at least one.
        name: for people; usually the file's name.
        notices: what people should know of how it was read, one sentence each.
        is_clean: whether it is from ``cleaned_mesh``, so that all positions are finite, each vertex is used and each
            triangle has an area.

    Raises:
        InputError: arrays of other shapes, indices that are no whole numbers, or of vertices that are not there.

    Example:
        >>> mesh = Mesh([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], [[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]])
        >>> mesh.watertight
        True
    """

    vertices: Float[np.ndarray, "v 3"]
    triangles: Int[np.ndarray, "t 3"]
    name: str
    notices: tuple[str, ...]
    is_clean: bool = field(repr=False)

    def __init__(
        self,
        vertices: ArrayLike,
        triangles: ArrayLike,
        name: str = "mesh",
        notices: tuple[str, ...] = (),
        is_clean: bool = False,
    ) -> None:
        found = _positions(vertices, name)
        corners = _indices(triangles, len(found), name)
        for attribute, value in zip(fields(self), (found, corners, name, notices, is_clean), strict=True):
            object.__setattr__(self, attribute.name, value)

    @property
    def digest(self) -> str:
        """SHA-256 over positions and indices, hexadecimal."""
        content = hashlib.sha256(np.ascontiguousarray(self.vertices).tobytes())
        content.update(np.ascontiguousarray(self.triangles).tobytes())
        return content.hexdigest()

    @property
    def watertight(self) -> bool:
        """Whether every edge belongs to exactly two triangles."""
        edges = np.sort(self.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
        _, counts = np.unique(edges, axis=0, return_counts=True)
        return bool((counts == 2).all())


def read_mesh(path: Path | str) -> Mesh:
    """Read all triangles of a file, those of several bodies and placed instances together.

    Raises:
        InputError: there is no such file, it cannot be read as a mesh, or ``cleaned_mesh`` refuses what is in it.
    """
    path = Path(path)
    if not path.is_file():
        what = "that is a folder" if path.is_dir() else "no such file"
        raise InputError(f"mesh '{path}': {what}; give the path of a {FORMATS} file")
    if path.stat().st_size == 0:
        raise InputError(f"mesh '{path}': the file is empty (0 bytes)")
    suffix = path.suffix[1:].lower()
    if f".{suffix}" not in SUFFIXES:
        raise InputError(f"mesh '{path}': the suffix '{path.suffix}' is no mesh format; use {FORMATS}")
    import trimesh  # takes most of a second, which only those who open a mesh should wait

    beside: Any = Beside(path)  # it need not derive from trimesh's own
    try:
        with quietly("trimesh"), path.open("rb") as file:
            options = {"process": False, "skip_materials": True, "resolver": beside}
            scene = trimesh.load_scene(file, file_type=suffix, **options)
            parts = [part for part in scene.dump() if isinstance(part, trimesh.Trimesh) and len(part.faces)]
            vertices = [np.asarray(part.vertices, np.float64) for part in parts]
            triangles = [np.asarray(part.faces, np.int64) for part in parts]
    except NotBeside as error:
        raise InputError(f"mesh '{path}': {error}; keep both together") from error
    except MemoryError as error:
        raise InputError(
            f"mesh '{path}': it needs more memory than there is; simplify it, or export it again"
        ) from error
    except Exception as error:  # every reader has exceptions of its own, in its own words
        raise InputError(
            f"mesh '{path}': cannot be read as {suffix.upper()}; it is broken or cut short, export it again "
            f"({FORMATS} are read)"
        ) from error
    if not parts:
        raise InputError(f"mesh '{path}': it has no triangles (empty, or points and lines only)")
    starts = np.cumsum([0, *(len(part) for part in vertices[:-1])])
    joined = np.concatenate([part + start for part, start in zip(triangles, starts, strict=True)])
    return cleaned_mesh(np.concatenate(vertices), joined, path.name)


def cleaned_mesh(vertices: ArrayLike, triangles: ArrayLike, name: str = "mesh", notices: tuple[str, ...] = ()) -> Mesh:
    """Without triangles that have no area, and without vertices that no triangle uses.

    Args:
        vertices: (v, 3) positions, any numbers.
        triangles: (t, 3) indices of vertices.
        name: for people.
        notices: what is to be said of it already; triangles that are left out are said after it.

    Raises:
        InputError: no triangle has an area, a triangle names a vertex that is not there, a vertex in use is NaN or
            infinite, or lengths are too large or too small to compute with.
    """
    positions = _positions(vertices, name)
    used, corners = np.unique(_indices(triangles, len(positions), name), return_inverse=True)
    positions, corners = np.ascontiguousarray(positions[used]), corners.reshape(-1, 3).astype(np.int64)
    broken = int((~np.isfinite(positions)).any(1).sum())
    if broken:
        raise InputError(
            f"mesh '{name}': {broken} of its {len(positions)} vertices are NaN or infinite; repair the mesh"
        )
    size = float(np.ptp(positions, axis=0).max())
    if size == 0:
        raise InputError(f"mesh '{name}': all its vertices are in one point, so it has no surface")
    if not (size > 1 / _LARGEST and np.abs(positions).max() < _LARGEST):
        raise InputError(f"mesh '{name}': its size of {size:.3g} cannot be computed with; choose another unit")
    places = (positions[corners] - positions.mean(0)) / size
    has_area = np.cross(places[:, 1] - places[:, 0], places[:, 2] - places[:, 0]).any(1)
    if not has_area.any():
        raise InputError(f"mesh '{name}': none of its {len(corners)} triangles has an area")
    if has_area.all():
        return Mesh(positions, corners, name, notices, is_clean=True)
    flat = int((~has_area).sum())
    said = f"mesh '{name}': {flat} triangle{'s' if flat > 1 else ''} without an area left out"
    return cleaned_mesh(positions, corners[has_area], name, (*notices, said))


def _positions(vertices: ArrayLike, name: str) -> Float[np.ndarray, "v 3"]:
    found = _rows(vertices, name, "vertices", "(v, 3)")
    if found.dtype.kind not in "fiu":
        raise InputError(f"mesh '{name}': vertices: expected numbers, got {found.dtype}")
    return found.astype(np.float64, copy=False)


def _indices(triangles: ArrayLike, vertices: int, name: str) -> Int[np.ndarray, "t 3"]:
    found = _rows(triangles, name, "triangles", "(t, 3)")
    if not len(found):
        raise InputError(f"mesh '{name}': it has no triangles")
    if found.dtype.kind not in "iu":
        raise InputError(f"mesh '{name}': triangles: expected whole numbers, indices of vertices, got {found.dtype}")
    low, high = int(found.min()), int(found.max())
    if low < 0 or high >= vertices:
        raise InputError(
            f"mesh '{name}': a triangle names vertex {low if low < 0 else high} (counted from 0), but there are "
            f"{vertices}; the file is damaged, export it again"
        )
    return found.astype(np.int64, copy=False)


def _rows(values: ArrayLike, name: str, what: str, shape: str) -> np.ndarray:
    try:
        found = np.asarray(values)
    except ValueError as error:  # rows of several lengths
        raise InputError(f"mesh '{name}': {what}: expected an array of shape {shape}, got uneven rows") from error
    if found.size == 0 and found.ndim < 2:
        found = found.reshape(0, 3)
    if found.ndim != 2 or found.shape[1] != 3:
        raise InputError(f"mesh '{name}': {what}: expected an array of shape {shape}, got {found.shape}")
    return found
