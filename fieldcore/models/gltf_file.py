"""glTF and GLB: what trimesh passes over, namely samplers, missing images, and texture coordinates in full.

trimesh reads meshes, transforms and pictures. It is handed the same file with materials renamed to their numbers and
texture coordinates as plain attributes, so that each part tells which of the file's materials it has.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Num
from PIL import Image

from ..errors import InputError
from ..images import display_from_linear
from .parts import SourceMaterial, Wrap
from .textures import texture_of_image

UV_ATTRIBUTE = "_TEXTURE_UV"
"""The attribute that the prepared file keeps texture coordinates in, as they are stored (v down)."""

_WRAPS: dict[int, Wrap] = {10497: "repeat", 33071: "clamp", 33648: "mirror"}  # OpenGL's numbers
_UNDERSTOOD = ("KHR_texture_transform", "KHR_materials_", "EXT_texture_webp")
_MAGIC = b"glTF"


class GltfFile:
    """The description inside a glTF or GLB file.

    Args:
        path: of the file, for messages.
        data: its bytes.

    Raises:
        InputError: it needs an extension that is not understood here.
        ValueError, KeyError, TypeError, struct.error: it is broken.
    """

    def __init__(self, path: Path, data: bytes) -> None:
        self.binary = data[:4] == _MAGIC
        if self.binary:
            length = struct.unpack_from("<I", data, 12)[0]
            if 20 + length > len(data):
                raise ValueError("the file ends within its description")
            self._header = json.loads(data[20 : 20 + length])
            self._rest = data[20 + length :]
        else:
            self._header = json.loads(data)
            self._rest = b""
        for extension in self._header.get("extensionsRequired", []):
            if not extension.startswith(_UNDERSTOOD):
                raise InputError(
                    f"model '{path}': it needs the glTF extension {extension}, which is not understood here; "
                    "export it without compression or quantisation"
                )
        self._materials = self._header.get("materials", [])

    def prepared(self) -> bytes:
        """The file for trimesh: materials named by their numbers, and a last one for primitives that have none."""
        header = {**self._header, "materials": [{**m, "name": str(i)} for i, m in enumerate(self._materials)]}
        header["materials"].append({"name": str(len(self._materials))})
        header["meshes"] = [
            {**mesh, "primitives": [self._primitive(primitive) for primitive in mesh["primitives"]]}
            for mesh in self._header.get("meshes", [])
        ]
        text = json.dumps(header).encode()
        if not self.binary:
            return text
        text += b" " * (-len(text) % 4)
        total = 20 + len(text) + len(self._rest)
        return struct.pack("<4sIII4s", _MAGIC, 2, total, len(text), b"JSON") + text + self._rest

    def uv(self, stored: Num[np.ndarray, "v 2"], material: int) -> Float[np.ndarray, "v 2"]:
        """Texture coordinates as stored, normalised if they are whole numbers, transformed, and with v up."""
        uv = stored.astype(np.float64)
        if np.issubdtype(stored.dtype, np.integer):
            uv /= np.iinfo(stored.dtype).max
        transform = self._texture_reference(material).get("extensions", {}).get("KHR_texture_transform", {})
        if transform:
            cosine, sine = np.cos(transform.get("rotation", 0.0)), np.sin(transform.get("rotation", 0.0))
            uv = uv * transform.get("scale", (1.0, 1.0)) @ np.array([[cosine, -sine], [sine, cosine]])
            uv = uv + transform.get("offset", (0.0, 0.0))
        return np.stack([uv[:, 0], 1 - uv[:, 1]], -1)

    def material(self, number: int, image: Image.Image | None) -> SourceMaterial | None:
        """The material of that number with the picture that trimesh found for it; None for one not in the file."""
        if number >= len(self._materials):
            return None
        described = self._materials[number]
        factor = [float(value) for value in _colour_of(described).get("baseColorFactor", (1, 1, 1, 1))[:3]]
        name = str(described.get("name", f"material {number}"))
        linear = (factor[0], factor[1], factor[2])
        reference = self._texture_reference(number)
        if not reference:
            red, green, blue = (float(c) for c in display_from_linear(np.array(linear)).clip(0, 1))
            return SourceMaterial(name, colour=(red, green, blue))
        wraps = self._wraps(reference)
        if image is None:
            return SourceMaterial(name, missing=f"its texture {self._image_name(reference)} is not there", wraps=wraps)
        try:
            pixels = texture_of_image(image, opaque=described.get("alphaMode", "OPAQUE") == "OPAQUE")
        except Exception as error:  # every decoder has exceptions of its own
            reason = " ".join(str(error).split())[:120] or type(error).__name__
            missing = f"its texture {self._image_name(reference)} cannot be decoded ({reason})"
            return SourceMaterial(name, missing=missing, wraps=wraps)
        return SourceMaterial(name, image=pixels, factor=linear, wraps=wraps)

    def _primitive(self, primitive: dict[str, Any]) -> dict[str, Any]:
        material = primitive.get("material", len(self._materials))
        attributes = dict(primitive["attributes"])
        which = self._texture_reference(material).get("texCoord", 0)
        uv = attributes.get(f"TEXCOORD_{which}")
        attributes = {name: value for name, value in attributes.items() if not name.startswith("TEXCOORD_")}
        if uv is not None:
            attributes[UV_ATTRIBUTE] = uv
        return {**primitive, "material": material, "attributes": attributes}

    def _texture_reference(self, material: int) -> dict[str, Any]:
        described = self._materials[material] if material < len(self._materials) else {}
        reference: dict[str, Any] = _colour_of(described).get("baseColorTexture", {})
        return reference

    def _texture(self, reference: dict[str, Any]) -> dict[str, Any]:
        texture: dict[str, Any] = self._header["textures"][reference["index"]]
        return texture

    def _wraps(self, reference: dict[str, Any]) -> tuple[Wrap, Wrap]:
        texture = self._texture(reference)
        sampler = self._header["samplers"][texture["sampler"]] if "sampler" in texture else {}
        return _WRAPS[sampler.get("wrapS", 10497)], _WRAPS[sampler.get("wrapT", 10497)]

    def _image_name(self, reference: dict[str, Any]) -> str:
        number = self._texture(reference).get("source", 0)
        image = self._header["images"][number]
        uri = str(image.get("uri", "data:"))
        return f"number {number} inside the file" if uri.startswith("data:") else f"'{uri}'"


def _colour_of(material: dict[str, Any]) -> dict[str, Any]:
    """A material's base colour: of the metallic-roughness model, or of the older specular-glossiness extension."""
    older = material.get("extensions", {}).get("KHR_materials_pbrSpecularGlossiness", {})
    colour = {"baseColorFactor": older.get("diffuseFactor"), "baseColorTexture": older.get("diffuseTexture")}
    described: dict[str, Any] = material.get("pbrMetallicRoughness", {})
    return {**{name: value for name, value in colour.items() if value is not None}, **described}
