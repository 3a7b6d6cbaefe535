"""glTF and GLB: what trimesh passes over, namely samplers, missing images, and texture coordinates in full.

trimesh reads meshes, transforms and pictures. It is handed the same file with materials renamed to their numbers and
texture coordinates as plain attributes, so that each part tells which of the file's materials it has.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Num
from PIL import Image

from ..beside import why_absent
from ..errors import InputError
from ..images import display_from_linear
from ..quiet import quietly
from .parts import SourceMaterial, Wrap, not_shown
from .textures import texture_of_image

UV_ATTRIBUTE, COLOUR_ATTRIBUTE = "_TEXTURE_UV", "_VERTEX_COLOUR"
"""The attributes that the prepared file keeps texture coordinates in, as they are stored (v down), and colours."""

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
        self._path = path
        if self.binary:
            length = struct.unpack_from("<I", data, 12)[0]
            if 20 + length > len(data):
                raise ValueError("the file ends within its description")
            self._header = json.loads(data[20 : 20 + length])
            self._rest = data[20 + length :]
        else:
            self._header = json.loads(data)
            self._rest = b""
        version = str(self._header.get("asset", {}).get("version", "2.0"))
        if not version.startswith("2"):
            raise InputError(f"model '{path}': it is glTF {version[:12]}, only glTF 2 is read; export it again")
        for extension in self._header.get("extensionsRequired", []):
            if not extension.startswith(_UNDERSTOOD):
                raise InputError(
                    f"model '{path}': it needs the glTF extension {extension}, which is not understood here; "
                    "export it without compression or quantisation"
                )
        self._materials = self._header.get("materials", [])

    def prepared(self) -> bytes:
        """The file for trimesh: materials named by their numbers, and a last one for primitives that have none.

        Each has at most one texture, the one that is shown, as its base colour.
        """
        header = {**self._header, "materials": [self._prepared_material(i) for i in range(len(self._materials))]}
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
        shown = _Shown.of(described)
        name = str(described.get("name", f"material {number}"))
        if not shown.texture:
            red, green, blue = (float(c) for c in display_from_linear(np.array(shown.factor)).clip(0, 1))
            return SourceMaterial(name, colour=(red, green, blue), remarks=not_shown(shown.hidden))
        wraps, of = self._wraps(shown.texture), self._image_name(shown.texture)
        if image is None:
            missing = f"its texture {of} {self._why_absent(shown.texture)}"
            return SourceMaterial(name, missing=missing, wraps=wraps, remarks=not_shown(shown.hidden))
        blended = described.get("alphaMode", "OPAQUE") != "OPAQUE"
        try:
            with quietly("PIL"):
                pixels = texture_of_image(image, opaque=not blended)
        except Exception:  # every decoder has exceptions of its own
            missing = f"its texture {of} cannot be decoded; it is broken, or no PNG, JPEG or WebP"
            return SourceMaterial(name, missing=missing, wraps=wraps, remarks=not_shown(shown.hidden))
        hidden = [*shown.hidden, *(["transparency"] if blended and _is_transparent(image) else [])]
        return SourceMaterial(name, image=pixels, factor=shown.factor, wraps=wraps, remarks=not_shown(hidden))

    def _prepared_material(self, number: int) -> dict[str, Any]:
        texture = _Shown.of(self._materials[number]).texture
        return {"name": str(number), "pbrMetallicRoughness": {"baseColorTexture": texture} if texture else {}}

    def _primitive(self, primitive: dict[str, Any]) -> dict[str, Any]:
        material = primitive.get("material", len(self._materials))
        attributes = dict(primitive["attributes"])
        reference = self._texture_reference(material)
        transform = reference.get("extensions", {}).get("KHR_texture_transform", {})
        which = transform.get("texCoord", reference.get("texCoord", 0))
        uv = attributes.get(f"TEXCOORD_{which}")
        colours = attributes.get("COLOR_0")
        attributes = {name: value for name, value in attributes.items() if not name.startswith(("TEXCOORD_", "COLOR_"))}
        if colours is not None:
            attributes[COLOUR_ATTRIBUTE] = colours
        if uv is not None:
            attributes[UV_ATTRIBUTE] = uv
        return {**primitive, "material": material, "attributes": attributes}

    def _texture_reference(self, material: int) -> dict[str, Any]:
        return _Shown.of(self._materials[material]).texture if material < len(self._materials) else {}

    def _texture(self, reference: dict[str, Any]) -> dict[str, Any]:
        texture: dict[str, Any] = self._header["textures"][reference["index"]]
        return texture

    def _wraps(self, reference: dict[str, Any]) -> tuple[Wrap, Wrap]:
        texture = self._texture(reference)
        sampler = self._header["samplers"][texture["sampler"]] if "sampler" in texture else {}
        return _WRAPS[sampler.get("wrapS", 10497)], _WRAPS[sampler.get("wrapT", 10497)]

    def _image_name(self, reference: dict[str, Any]) -> str:
        uri = self._image_uri(reference)
        number = self._texture(reference).get("source", 0)
        return f"number {number} inside the file" if uri.startswith("data:") else f"'{uri}'"

    def _why_absent(self, reference: dict[str, Any]) -> str:
        uri = self._image_uri(reference)
        return "cannot be decoded; it is broken" if uri.startswith("data:") else why_absent(self._path, uri)

    def _image_uri(self, reference: dict[str, Any]) -> str:
        image = self._header["images"][self._texture(reference).get("source", 0)]
        return str(image.get("uri", "data:"))


@dataclass(frozen=True)
class _Shown:
    """What is shown of a material.

    Attributes:
        texture: its reference, empty if there is none.
        factor: linear colour: the texture's, or by itself.
        hidden: what else the material states, by name.
    """

    texture: dict[str, Any]
    factor: tuple[float, float, float]
    hidden: list[str]

    @classmethod
    def of(cls, material: dict[str, Any]) -> _Shown:
        """The base colour; where there is no texture of it, light that is given off takes its place."""
        base, extensions = _base_colour(material), material.get("extensions", {})
        strength = float(extensions.get("KHR_materials_emissive_strength", {}).get("emissiveStrength", 1.0))
        light = _colour([strength * float(value) for value in material.get("emissiveFactor", (0, 0, 0))])
        factor = base.get("baseColorFactor", (1, 1, 1, 1))
        hidden = [_TEXTURES[name] for name in _TEXTURES if name in {**material, **base}]
        hidden += sorted(name for name in extensions if name.startswith("KHR_materials_") and name not in _OBEYED)
        if material.get("alphaMode", "OPAQUE") != "OPAQUE" and float((*factor, 1, 1, 1, 1)[3]) < 1:
            hidden.append("transparency")
        texture, glow = base.get("baseColorTexture") or {}, material.get("emissiveTexture") or {}
        if not texture and any(light) and (glow or not any(factor[:3])):
            return cls(glow, light, hidden)
        if glow or any(light):
            hidden.append("emissive texture" if glow else "emissive colour")
        return cls(texture, _colour(factor), hidden)


_TEXTURES = {
    "normalTexture": "normal texture",
    "occlusionTexture": "occlusion texture",
    "metallicRoughnessTexture": "metal and roughness texture",
}
_OBEYED = {
    "KHR_materials_emissive_strength",
    "KHR_materials_pbrSpecularGlossiness",
    "KHR_materials_unlit",
    "KHR_materials_variants",
    "KHR_materials_ior",
}
"""Extensions that are shown, or of which nothing could be seen."""


_BRIGHTEST = 1e3


def _base_colour(material: dict[str, Any]) -> dict[str, Any]:
    """A material's base colour: of the metallic-roughness model, or of the older specular-glossiness extension."""
    older = material.get("extensions", {}).get("KHR_materials_pbrSpecularGlossiness", {})
    colour = {"baseColorFactor": older.get("diffuseFactor"), "baseColorTexture": older.get("diffuseTexture")}
    described: dict[str, Any] = material.get("pbrMetallicRoughness", {})
    return {**{name: value for name, value in colour.items() if value is not None}, **described}


def _colour(values: Sequence[Any]) -> tuple[float, float, float]:
    red, green, blue = (min(max(0.0, float(value)), _BRIGHTEST) for value in values[:3])
    return red, green, blue


def _is_transparent(image: Image.Image) -> bool:
    alpha = image.convert("RGBA").getchannel("A")
    low, _ = alpha.getextrema()
    return float(low if isinstance(low, (int, float)) else 255) < 255
