"""The surface shown as a mesh in a file: what ``fieldcore mesh`` does, from the window's controls."""

from __future__ import annotations

from pathlib import Path

from fieldcore.fields.field import Field
from fieldcore.meshing import extract_mesh, write_mesh

from .baking import filter_of
from .controls import ShapeControls


def written_surface(field: Field, controls: ShapeControls, file: Path) -> int:
    """Write the smoothed field's surface at the level shown, in the units of its source; returns its triangles.

    Raises:
        InputError: there is no such surface, or the file cannot be written.
    """
    gaussian = filter_of(controls.smoothing)
    mesh = extract_mesh(field, gaussian, resolution=controls.cells, level=controls.level)
    write_mesh(file, mesh)
    return len(mesh.triangles)
