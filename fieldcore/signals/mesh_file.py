"""Reading meshes: whatever trimesh reads becomes one set of triangles, in the file's own units."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import trimesh
from jaxtyping import Float, Int

from ..errors import InputError

FORMATS = "PLY, OBJ, STL, OFF, GLB, GLTF"
_LARGEST = 1e30  # lengths beyond it, or below its inverse, overflow when they are squared and multiplied


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles, of one body or many.

    Attributes:
        vertices: (v, 3) float64 positions, finite, each used by a triangle.
        triangles: (t, 3) int64 indices of vertices; each triangle has an area, there is at least one.
        name: for people; usually the file's name.
    """

    vertices: Float[np.ndarray, "v 3"]
    triangles: Int[np.ndarray, "t 3"]
    name: str = "mesh"

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
    try:
        scene = trimesh.load_scene(path, process=False, skip_materials=True)
        parts = [part for part in scene.dump() if isinstance(part, trimesh.Trimesh) and len(part.faces)]
        vertices = [np.asarray(part.vertices, np.float64) for part in parts]
        triangles = [np.asarray(part.faces, np.int64) for part in parts]
    except Exception as error:  # every reader has exceptions of its own
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(f"mesh '{path}': cannot be read as a mesh ({reason}); use {FORMATS}") from error
    if not parts:
        raise InputError(f"mesh '{path}': it has no triangles (empty, or points and lines only)")
    starts = np.cumsum([0, *(len(part) for part in vertices[:-1])])
    joined = np.concatenate([part + start for part, start in zip(triangles, starts, strict=True)])
    return cleaned_mesh(np.concatenate(vertices), joined, path.name)


def cleaned_mesh(vertices: Float[np.ndarray, "v 3"], triangles: Int[np.ndarray, "t 3"], name: str) -> Mesh:
    """Without triangles that have no area, and without vertices that no triangle uses.

    Raises:
        InputError: no triangle has an area, a triangle names a vertex that is not there, a vertex in use is NaN or
            infinite, or lengths are too large or too small to compute with.
    """
    if len(triangles) and not (triangles.min() >= 0 and triangles.max() < len(vertices)):
        raise InputError(f"mesh '{name}': a triangle names a vertex that is not there; the file is damaged")
    used, triangles = np.unique(triangles, return_inverse=True)
    vertices, triangles = np.ascontiguousarray(vertices[used], np.float64), triangles.reshape(-1, 3).astype(np.int64)
    broken = int((~np.isfinite(vertices)).any(1).sum())
    if broken:
        raise InputError(
            f"mesh '{name}': {broken} of its {len(vertices)} vertices are NaN or infinite; repair the mesh"
        )
    size = float(np.ptp(vertices, axis=0).max()) if len(vertices) else 0.0
    if size == 0:
        raise InputError(f"mesh '{name}': all its vertices are in one point, so it has no surface")
    if not (size > 1 / _LARGEST and np.abs(vertices).max() < _LARGEST):
        raise InputError(f"mesh '{name}': its size of {size:.3g} cannot be computed with; choose another unit")
    corners = (vertices[triangles] - vertices.mean(0)) / size
    doubled_area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    if not doubled_area.any():
        raise InputError(f"mesh '{name}': none of its {len(triangles)} triangles has an area")
    if doubled_area.all():
        return Mesh(vertices, triangles, name)
    return cleaned_mesh(vertices, triangles[doubled_area > 0], name)
