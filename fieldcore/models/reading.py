"""The boundary to trimesh: any model file in, parts out, and whatever goes wrong as one sentence."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..beside import Beside, NotBeside, find_beside, why_absent
from ..errors import InputError
from ..plain_text import decoded
from ..quiet import quietly
from .gltf_file import COLOUR_ATTRIBUTE, UV_ATTRIBUTE, GltfFile
from .obj_file import (
    SUBSTITUTE_MTL,
    chosen_material,
    has_vertex_colours,
    obj_materials,
    prepared_obj,
    used_materials,
)
from .parts import Part, SourceMaterial


def read_parts(path: Path) -> tuple[list[Part], list[str]]:
    """All triangles of a model file, and what people should know of the reading.

    Raises:
        InputError: no such file, an unknown suffix, empty, broken, or without triangles.
    """
    if not path.is_file():
        what = "that is a folder" if path.is_dir() else "no such file"
        raise InputError(f"model '{path}': {what}; give the path of an OBJ, PLY, GLB, glTF, STL or OFF file")
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"model '{path}': the suffix '{path.suffix}' is no model format; use {', '.join(_READERS)}")
    data = path.read_bytes()
    if not data.strip():
        raise InputError(f"model '{path}': the file is empty")
    try:
        with quietly("trimesh", "PIL"):
            parts, notices = reader(path, data)
    except InputError:
        raise
    except MemoryError as error:
        raise InputError(
            f"model '{path}': it needs more memory than there is; simplify it, or export it again"
        ) from error
    except NotBeside as error:
        raise InputError(f"model '{path}': {error}; keep both together") from error
    except Exception as error:  # trimesh and numpy raise all sorts, in their own words
        raise InputError(
            f"model '{path}': cannot be read as {path.suffix[1:].upper()}; it is broken or cut short, export it again"
        ) from error
    parts = [part for part in parts if len(part.triangles)]
    if not parts:
        raise InputError(
            f"model '{path}': it has no triangles (it is empty, or only points or lines); give a surface mesh"
        )
    return parts, notices


def _scene(path: Path, data: bytes, resolver: Beside, **options: Any) -> Any:
    import trimesh  # takes most of a second, which only those who open a model should wait

    kind = path.suffix[1:].lower()
    finds_files: Any = resolver  # it need not derive from trimesh's own
    return trimesh.load_scene(io.BytesIO(data), file_type=kind, resolver=finds_files, process=False, **options)


def _placed_meshes(scene: Any) -> Iterator[tuple[Any, np.ndarray]]:
    """Each mesh of a scene as often as it stands there, with its transform to the scene."""
    for node in scene.graph.nodes_geometry:
        scene_from_mesh, name = scene.graph[node]
        mesh = scene.geometry[name]
        if hasattr(mesh, "faces"):
            yield mesh, np.asarray(scene_from_mesh, np.float64)


def _part(mesh: Any, scene_from_mesh: np.ndarray, uv: np.ndarray | None, material: SourceMaterial | None) -> Part:
    vertices, triangles = np.array(mesh.vertices, np.float64), np.array(mesh.faces, np.int64).reshape(-1, 3)
    if vertices.ndim != 2 or vertices.shape[1] != 3:
        raise ValueError("positions need three numbers each")
    # trimesh computes normals when asked for them; only those that the file gave are in its cache already.
    normals = np.array(mesh.vertex_normals, np.float64) if "vertex_normals" in mesh._cache.cache else None
    if normals is not None and normals.shape != vertices.shape:
        normals = None
    if uv is not None and uv.shape != (len(vertices), 2):
        uv = None
    if not np.array_equal(scene_from_mesh, np.eye(4)):
        linear = scene_from_mesh[:3, :3]
        vertices = vertices @ linear.T + scene_from_mesh[:3, 3]
        mirrored = np.linalg.det(linear) < 0
        triangles = triangles[:, ::-1].copy() if mirrored else triangles
        # The cofactor matrix, det(M) M^-T, needs no inverse and so takes a flattening transform as well.
        cofactors = np.stack([np.cross(linear[1], linear[2]), np.cross(linear[2], linear[0]), np.cross(*linear[:2])])
        normals = None if normals is None else (normals @ cofactors.T) * (-1 if mirrored else 1)
    return Part(vertices, triangles, normals, None if uv is None else np.asarray(uv, np.float64), material)


def _read_obj(path: Path, data: bytes) -> tuple[list[Part], list[str]]:
    text = decoded(data)
    obj, mtl = prepared_obj(path, text)
    materials, remarks = obj_materials(path, text)
    used = set(used_materials(text))
    scene = _scene(path, obj.encode(), Beside(path, {SUBSTITUTE_MTL: mtl}))
    parts = []
    for mesh, scene_from_mesh in _placed_meshes(scene):
        name = str(getattr(getattr(mesh.visual, "material", None), "name", None))
        material, uv = chosen_material(materials, name, name in used), getattr(mesh.visual, "uv", None)
        if material is not None and uv is not None:
            uv = np.asarray(uv, np.float64) * material.uv_scale + material.uv_offset
        parts.append(_part(mesh, scene_from_mesh, uv, material))
    return parts, [*remarks, *([_COLOURED] if has_vertex_colours(text) else [])]


_COLOURED = "the colours of its vertices are not shown"


def _read_gltf(path: Path, data: bytes) -> tuple[list[Part], list[str]]:
    file = GltfFile(path, data)
    renamed = path.with_suffix(".glb" if file.binary else ".gltf")
    materials: dict[int, SourceMaterial | None] = {}
    parts, coloured = [], False
    for mesh, scene_from_mesh in _placed_meshes(_scene(renamed, file.prepared(), Beside(path))):
        number = int(mesh.visual.material.name)
        if number not in materials:
            materials[number] = file.material(number, mesh.visual.material.baseColorTexture)
        stored, colours = (mesh.vertex_attributes.get(name) for name in (UV_ATTRIBUTE, COLOUR_ATTRIBUTE))
        coloured |= colours is not None and len(np.unique(np.asarray(colours)[:, :3])) > 1
        uv = None if stored is None else file.uv(np.asarray(stored), number)
        parts.append(_part(mesh, scene_from_mesh, uv, materials[number]))
    return parts, [_COLOURED] if coloured else []


def _read_ply(path: Path, data: bytes) -> tuple[list[Part], list[str]]:
    header = data[: data.find(b"end_header")].decode("latin-1")
    names = [
        line.split(None, 2)[2].strip() for line in header.split("\n") if line.lower().startswith("comment texturefile ")
    ]
    material = None
    if names:
        image = find_beside(path, names[0])
        missing = "" if image is not None else f"its texture '{names[0]}' {why_absent(path, names[0])}"
        material = SourceMaterial(names[0], image=image, missing=missing)
    # Coordinates of vertices are taken as they are; those of a triangle's corners make new vertices.
    scene = _scene(path, data, Beside(path), fix_texture="texcoord" in header)
    parts = [
        _part(mesh, scene_from_mesh, getattr(mesh.visual, "uv", None), material)
        for mesh, scene_from_mesh in _placed_meshes(scene)
    ]
    remarks = [f"of its {len(names)} textures only '{names[0]}' is used"] if len(names) > 1 else []
    coloured = re.search(r"^property\s+\S+\s+(red|diffuse_red)\s*$", header.split("element face")[0], re.MULTILINE)
    return parts, [*remarks, *([_COLOURED] if coloured else [])]


def _read_bare(path: Path, data: bytes) -> tuple[list[Part], list[str]]:
    """Formats without texture coordinates."""
    scene = _scene(path, data, Beside(path))
    return [_part(mesh, placed, None, None) for mesh, placed in _placed_meshes(scene)], []


_READERS: dict[str, Callable[[Path, bytes], tuple[list[Part], list[str]]]] = {
    ".obj": _read_obj,
    ".ply": _read_ply,
    ".glb": _read_gltf,
    ".gltf": _read_gltf,
    ".stl": _read_bare,
    ".off": _read_bare,
}

MODEL_SUFFIXES = tuple(_READERS)
"""The formats that are read."""
