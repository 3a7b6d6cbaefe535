"""The fish as a file: one mesh, one material, one picture."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import trimesh
from jaxtyping import UInt8
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from trimesh.visual import TextureVisuals
from trimesh.visual.material import PBRMaterial

from fieldcore.files import written_whole

from . import atlas
from .body import body
from .fin_paint import FIN_PAINTS, painted_eye, painted_fin
from .mesh import fish_mesh
from .skin import painted_body

SEED = 4
_QUALITY = 88


def write_fish(file: Path) -> None:
    """Write the whole model; the same bytes each time on the same machine."""
    mesh = fish_mesh(body())
    material = PBRMaterial(
        name="skin",
        baseColorTexture=_Encoded(_jpeg(fish_texture())),
        metallicFactor=0.0,
        roughnessFactor=0.5,
        doubleSided=True,
    )
    model = trimesh.Trimesh(
        mesh.positions.astype(np.float32),
        mesh.triangles,
        vertex_normals=mesh.normals.astype(np.float32),
        visual=TextureVisuals(uv=mesh.uv, material=material),
        process=False,
    )
    scene = trimesh.Scene()
    scene.add_geometry(model, geom_name="fish")
    with written_whole(file) as temporary:
        temporary.write_bytes(scene.export(file_type="glb", include_normals=True))


def fish_texture() -> UInt8[np.ndarray, "h w 3"]:
    """The painted atlas, display-encoded, top row first."""
    texture = np.empty((atlas.SIZE, atlas.SIZE, 3))
    texture[atlas.BODY.window] = painted_body(body(), SEED)
    texture[atlas.EYE.window] = painted_eye(SEED)
    for paint in FIN_PAINTS:
        texture[paint.patch.window] = painted_fin(paint, SEED)
    return (255 * texture + 0.5).astype(np.uint8)


def _jpeg(pixels: UInt8[np.ndarray, "h w 3"]) -> bytes:
    """Colours at full resolution: halved, the fine ones would smear."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=_QUALITY, subsampling=0, optimize=True)
    return file.getvalue()


class _Encoded(JpegImageFile):
    """A JPEG that is saved as it is; trimesh would encode it once more, at a quality of its own."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self._data = data

    def save(self, fp: Any, format: str | None = None, **params: Any) -> None:
        """Write the bytes that it came from."""
        fp.write(self._data)
