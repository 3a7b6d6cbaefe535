"""What photographs are taken of: a model as triangles with their look, and its surface as the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float

from fieldcore.models import NoTextureCoordinates, TexturedModel, load_model
from fieldcore.models.pattern import stand_in_texture
from fieldcore.signals.mesh_file import Mesh, read_mesh
from fieldcore.views.camera import Camera

from ..gl.lit_model import LitTriangles, wrap_numbers

LONGEST_SIDE = 1.8
_IN_FRAME = 0.96
"""Of the picture's half side the model may reach."""


@dataclass(frozen=True, eq=False)
class ViewSubject:
    """A model in the scene's coordinates.

    Attributes:
        triangles: to draw.
        surface: the same as a mesh whose triangles share their corners.
        scene_from_file: (4, 4), from the coordinates of the model's file.
        textured: whether it has a look of its own, or a pattern.
        notices: of how it was read.
    """

    triangles: LitTriangles
    surface: Mesh
    scene_from_file: Float[np.ndarray, "4 4"]
    textured: bool
    notices: tuple[str, ...]


def read_subject(path: Path, cameras: Sequence[Camera]) -> ViewSubject:
    """Read a model, and bring it to where cameras see all of it.

    Its box is around the origin, with a longest side of 1.8, or less if it would not be in the frame.

    Raises:
        InputError: see ``load_model`` and ``read_mesh``.
    """
    mesh = read_mesh(path)
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    scale = LONGEST_SIDE / float((high - low).max())
    centred = (mesh.vertices - (low + high) / 2) * scale
    shrink = _fitting(centred, cameras)
    scene_from_file = np.diag([scale * shrink] * 3 + [1.0])
    scene_from_file[:3, 3] = -(low + high) / 2 * scale * shrink
    surface = _welded(centred * shrink, mesh)
    model = _textured(path)
    if model is None:
        return ViewSubject(_patterned(surface), surface, scene_from_file, False, mesh.notices)
    return ViewSubject(_painted(model, scene_from_file), surface, scene_from_file, True, model.notices)


def _fitting(vertices: Float[np.ndarray, "v 3"], cameras: Sequence[Camera]) -> float:
    """By how much a model is scaled down for all cameras to see all of it."""
    points = torch.from_numpy(np.unique(np.round(vertices, 3), axis=0))
    scale = 1.0
    for camera in cameras:
        while scale > 0.05:
            seen, depth = camera.project(scale * points)
            centre = torch.tensor([camera.cx, camera.cy], dtype=torch.float64)
            half = torch.tensor([camera.width, camera.height], dtype=torch.float64) / 2
            reach = float(((seen - centre).abs() / half).max())
            if float(depth.min()) > 0 and reach <= _IN_FRAME:
                break
            scale *= 0.98
    return scale


def _textured(path: Path) -> TexturedModel | None:
    """The model with its textures; None where it has none, or no coordinates for them."""
    try:
        model = load_model(path)
    except NoTextureCoordinates:
        return None
    return None if np.array_equal(model.sheet.pixels, stand_in_texture()) else model


def _painted(model: TexturedModel, scene_from_file: Float[np.ndarray, "4 4"]) -> LitTriangles:
    matrix = scene_from_file @ model.source_from_model
    corners = model.triangles.reshape(-1)
    positions = model.vertices[corners] @ matrix[:3, :3].T + matrix[:3, 3]
    of_corner = model.materials.repeat(3)
    return LitTriangles(
        positions,
        model.normals[corners],
        model.uv[corners],
        model.sheet.boxes[of_corner],
        wrap_numbers(model.sheet.wraps)[of_corner],
        model.sheet.pixels,
    )


def _patterned(surface: Mesh) -> LitTriangles:
    import trimesh

    shell = trimesh.Trimesh(surface.vertices, surface.triangles, process=False)
    corners = surface.triangles.reshape(-1)
    count = len(corners)
    positions, normals = surface.vertices[corners], np.asarray(shell.vertex_normals)[corners]
    return LitTriangles(positions, normals, np.zeros((count, 2)), np.zeros((count, 4)), np.zeros((count, 2)), None)


def _welded(vertices: Float[np.ndarray, "v 3"], mesh: Mesh) -> Mesh:
    """Corners at the same place become one: files part them where textures have seams."""
    places = np.round(vertices * 2**20).astype(np.int64)
    _, first, index = np.unique(places, axis=0, return_index=True, return_inverse=True)
    triangles = index.reshape(-1)[mesh.triangles]
    a, b, c = triangles.T
    return Mesh(vertices[first], triangles[(a != b) & (b != c) & (c != a)], mesh.name, mesh.notices)
