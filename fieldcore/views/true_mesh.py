"""The true mesh of a scene, where its folder has one: what surfaces made of its photographs are compared with."""

from __future__ import annotations

from pathlib import Path

from ..meshing import in_domain_units
from ..signals.mesh_file import read_mesh
from ..signals.shape import Shape
from ..signals.signal import SignalFacts

TRUE_MESH = "truth.ply"
"""Its file, in the scene's own units."""


def true_shape(folder: Path, facts: SignalFacts) -> Shape | None:
    """The distance to the true mesh, in the domain of views with these facts; None where the folder has none.

    Raises:
        InputError: the file is no mesh.
    """
    file = folder / TRUE_MESH
    if not file.is_file():
        return None
    mesh = in_domain_units(read_mesh(file), facts)
    return Shape(mesh, placed=True)
