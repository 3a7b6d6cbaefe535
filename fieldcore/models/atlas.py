"""Texture coordinates for meshes that have none, by xatlas."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from jaxtyping import Float, Int

from ..errors import InputError
from .parts import Part
from .surface import has_no_area, places

MOST_TRIANGLES = 200_000
MOST_SECONDS = 600
"""What xatlas may be asked for: 80 000 triangles of a torus took it a minute."""


def with_atlas(path: Path, part: Part) -> Part:
    """The part with texture coordinates in [0, 1] in which no two triangles overlap; its seams get more vertices.

    Triangles without area, or with NaN positions, are left out.

    Source: J. Young, xatlas (after Thekla's atlas generator), github.com/jpcy/xatlas.

    Raises:
        InputError: too many triangles, none with an area, or xatlas cannot unwrap the mesh.
    """
    if len(part.triangles) > MOST_TRIANGLES:
        raise InputError(
            f"model '{path}': an atlas for its {len(part.triangles)} triangles would take too long; unwrap it in a 3-D "
            f"program, or simplify it to at most {MOST_TRIANGLES}"
        )
    sources, positions, triangles = _welded(path, part)
    vertex, unwrapped, uv = _parametrized(path, positions, triangles.astype(np.uint32))
    return Part(
        part.vertices[sources[vertex]],
        unwrapped.astype(np.int64).reshape(-1, 3),
        uv=uv.astype(np.float64),
        material=part.material,
    )


def _parametrized(
    path: Path, positions: np.ndarray, triangles: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        np.savez(folder / "mesh.npz", positions=positions, triangles=triangles)
        try:
            command = [sys.executable, str(Path(__file__).with_name("xatlas_process.py")), name]
            done = subprocess.run(command, capture_output=True, text=True, timeout=MOST_SECONDS, errors="replace")
            why = "" if done.returncode == 0 else "making some failed"
        except subprocess.TimeoutExpired:
            why = f"making some was not done after {MOST_SECONDS} s"
        if why:
            raise InputError(f"model '{path}': it has no texture coordinates, and {why}; unwrap it in a 3-D program")
        with np.load(folder / "atlas.npz", allow_pickle=False) as atlas:
            return atlas["vertex"].astype(np.int64), atlas["triangles"], atlas["uv"]


def _welded(path: Path, part: Part) -> tuple[Int[np.ndarray, "w"], Float[np.ndarray, "w 3"], Int[np.ndarray, "t 3"]]:
    """The mesh with one vertex a place, without which each triangle would become an island of its own.

    Returns:
        a vertex of the part for each place, positions of about unit size in float32, and triangles.
    """
    finite = np.isfinite(part.vertices).all(1)
    triangles = part.triangles[finite[part.triangles].all(1)]
    used = part.vertices[triangles.ravel()]
    span = float(np.ptp(used, axis=0).max()) if len(used) else 0.0
    if not (span > 0 and np.isfinite(span)):
        raise InputError(f"model '{path}': it has no extent, so there is nothing to unwrap; export it again")
    vertices = np.where(finite[:, None], part.vertices, used[0])
    positions = ((vertices - used[0]) / span).astype(np.float32) + np.float32(0)
    place = places(positions)
    _, sources = np.unique(place, return_index=True)
    triangles = place[triangles]
    triangles = triangles[~has_no_area(positions[sources], triangles)]
    if not len(triangles):
        raise InputError(f"model '{path}': none of its triangles has an area; export it again")
    return sources, positions[sources], triangles
