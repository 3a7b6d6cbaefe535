"""Small model files that the tests write."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np

from fieldcore.images import write_image

# A square in the plane z = 0 of side 2 around (10, 20, 30), two triangles, seen from +z.
SQUARE = np.array([[9, 19, 30], [11, 19, 30], [11, 21, 30], [9, 21, 30]], np.float64)
CORNERS = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)
HALVES = np.array([[0, 1, 2], [0, 2, 3]])

QUADRANTS = np.array([[[1, 0, 0], [0, 1, 0]], [[0, 0, 1], [1, 1, 0]]], np.float32)
"""Red, green above blue, yellow: a colour for each corner of a texture."""


def write_obj(path: Path, vertices=SQUARE, uv=CORNERS, faces=HALVES, head="", use="") -> Path:
    lines = [head, *(f"v {x} {y} {z}" for x, y, z in vertices)]
    if uv is not None:
        lines += [f"vt {u} {v}" for u, v in uv]
    lines += [use, *("f " + " ".join(f"{i + 1}/{i + 1}" if uv is not None else f"{i + 1}" for i in f) for f in faces)]
    path.write_text("\n".join(lines) + "\n")
    return path


def write_quadrants(path: Path, scale: int = 4) -> Path:
    write_image(path, np.kron(QUADRANTS, np.ones((scale, scale, 1), np.float32)))
    return path


def data_uri(data: bytes) -> str:
    return "data:application/octet-stream;base64," + base64.b64encode(data).decode()


def gltf(**changes: Any) -> dict[str, Any]:
    """The square as a glTF description, with texture coordinates stored v down, as the format has it."""
    uv = CORNERS * [1, -1] + [0, 1]
    arrays = [SQUARE.astype("<f4"), uv.astype("<f4"), HALVES.astype("<u2")]
    described: dict[str, Any] = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "buffers": [{"uri": data_uri(array.tobytes()), "byteLength": array.nbytes} for array in arrays],
        "bufferViews": [{"buffer": i, "byteLength": array.nbytes} for i, array in enumerate(arrays)],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5126, "count": 4, "type": "VEC2"},
            {"bufferView": 2, "componentType": 5123, "count": 6, "type": "SCALAR"},
        ],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "indices": 2, "material": 0}]}],
        "materials": [{"name": "skin", "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
        "textures": [{"source": 0, "sampler": 0}],
        "samplers": [{}],
        "images": [{"uri": "skin.png"}],
    }
    return {**described, **changes}


def write_gltf(path: Path, description: dict[str, Any]) -> Path:
    path.write_text(json.dumps(description))
    return path


def write_ply(path: Path, uv_names: str = "s t", binary: bool = False, texture: str = "", faces=HALVES) -> Path:
    u, v = uv_names.split()
    rows = np.concatenate([SQUARE, CORNERS], 1).astype("<f4")
    header = [
        "ply",
        f"format {'binary_little_endian' if binary else 'ascii'} 1.0",
        *([f"comment TextureFile {texture}"] if texture else []),
        "element vertex 4",
        *(f"property float {name}" for name in ("x", "y", "z", u, v)),
        f"element face {len(faces)}",
        "property list uchar int vertex_indices",
        "end_header\n",
    ]
    if binary:
        body = rows.tobytes() + b"".join(b"\x03" + np.asarray(f, "<i4").tobytes() for f in faces)
    else:
        lines = [" ".join(map(str, row)) for row in rows] + [f"3 {a} {b} {c}" for a, b, c in faces]
        body = ("\n".join(lines) + "\n").encode()
    path.write_bytes("\n".join(header).encode() + body)
    return path
