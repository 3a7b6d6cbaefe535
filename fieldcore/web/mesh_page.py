"""A textured mesh as a page: the neural texture filtered over the footprint of every pixel, by the window's shaders.

The page holds the texture's samples as pages of pictures do, derives the levels of the pyramid from them, and adds up
at each pixel those around the footprint's variance.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import InputError
from ..fields.field import Field
from ..fields.probe_lines import probe_line
from ..fields.pyramid import Pyramid
from ..fields.scale_weights import STEP, first_octave
from ..filters import Gaussian
from ..measures import psnr
from ..models import Wrap, load_model
from ..models.textured_model import TexturedModel
from ..signals.texture import domain_by_uv
from .blocks import Block
from .columns import columns_block
from .document import Document
from .page_files import Parts, page_shaders
from .page_samples import PageSamples, colour_defines
from .page_words import by, decibels, foot
from .pages import Page, PageKind, PageSettings
from .picture_page import levels_told

_PARTS = Parts(
    body="mesh.html",
    scripts=("taps.js", "halvings.js", "smoothing.js", "camera.js", "space.js", "mesh_drawing.js", "mesh.js"),
    styles=("mesh.css",),
)
_WINDOW_SHADERS = (
    "fullscreen.vert",
    "geometry_pass.vert",
    "geometry_pass.frag",
    "coverage.frag",
    "lookup.frag",
    "pyramid.frag",
    "textured_mesh.frag",
)
_OWN_SHADERS = ("axis.frag", "slant.frag", "copy.frag")
_VERTEX_NUMBERS = ("vertices", "normals", "uv")
_WHOLE = 65535
_WRAP_NUMBERS: dict[Wrap, int] = {"clamp": 0, "repeat": 1, "mirror": 2}
_FOV = 40.0
_FROM = (1.5, 0.75, 2.3)
_FILLED = 0.92
_MEASURED_A_SIDE = 96
_MEASURED = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2)


class MeshPages(PageKind):
    """Pages of solved textures with their models."""

    options = ("model", "size", "lossy", "exact")

    def shows(self, field: Field, settings: PageSettings) -> bool:
        """As the base."""
        return settings.model is not None and isinstance(field, Pyramid) and field.facts.type == "texture"

    def page(self, field: Field, settings: PageSettings) -> Page:
        """As the base."""
        assert isinstance(field, Pyramid)
        return mesh_page(field, settings)


MESH = MeshPages()


def mesh_page(field: Pyramid, settings: PageSettings) -> Page:
    """The page of a texture on its model.

    Raises InputError where the model cannot be read, or the texture is not one for it.
    """
    assert settings.model is not None
    model = load_model(settings.model)
    _check(field, model)
    held = PageSamples.of(field, settings)
    page_field = mixing(held.page_field)
    mesh_block, page_model = mesh_of(model)
    measured = _measured(page_field, field)
    facts = {
        "samples": held.sides,
        "levels": len(held.field.geometry.lines),
        "packed": held.block.way,
        "triangles": len(model.triangles),
        "dB": {f"{variance:g}": value for variance, value in measured.items()},
    }
    document = Document(
        title=model.name,
        about=_about(model),
        facts=foot(
            Path(settings.model).name,
            f"{field.kind}, {by(held.sides)} samples, {facts['levels']} levels, {held.block.way}",
            "Round footprints, measured at export against exact smoothing: " + decibels("variance", measured),
            "model",
            file=settings.file,
            beside=("Model", "Texture"),
        ),
        header={
            **held.header("the texture as it is"),
            **_pyramid_facts(page_field),
            "levels": levels_told(page_field),
            "mesh": _mesh_facts(page_model, mesh_block),
            "view": _framing(page_model.vertices),
        },
        shaders=page_shaders(_WINDOW_SHADERS, _OWN_SHADERS, *colour_defines(field.facts)),
        parts=_PARTS,
        blocks={**held.blocks, "mesh": mesh_block},
        embedded=settings.embedded,
    )
    return Page(document, facts, max(held.sides))


def mesh_of(model: TexturedModel) -> tuple[Block, TexturedModel]:
    """A model as a block, and the model that the page makes of it: corners in 1/65535 of their box."""
    tables, numbers = {}, {}
    for name in _VERTEX_NUMBERS:
        values: Float[np.ndarray, "v k"] = getattr(model, name)
        lower, upper = _range(values)
        side = np.where(upper > lower, upper - lower, 1)
        tables[name] = np.rint((values - lower) / side * _WHOLE).astype(np.int64)
        numbers[name] = (lower + tables[name] / _WHOLE * side).astype(np.float32)
    tables["low"], tables["high"] = model.triangles % 65536, model.triangles // 65536
    tables["materials"] = model.materials[:, None]
    return columns_block(tables), replace(model, **numbers)


def mixing(field: Pyramid) -> Pyramid:
    """The same samples with the levels' weights by variance, with which points with filters of their own are filled."""
    if field.recipe.interpolation == "linear" and field.recipe.held == "floats":
        return field
    linear = Pyramid(replace(field.recipe, interpolation="linear", held="floats"), field.facts)
    samples: Tensor = field.samples
    linear.solve(samples.float() / 255 if samples.dtype == torch.uint8 else samples)
    return linear


def _check(field: Pyramid, model: TexturedModel) -> None:
    height, width = model.sheet.pixels.shape[:2]
    half = field.facts.half_extent
    if field.facts.channels != 3:
        raise InputError(f"field of '{field.facts.name}': a model's texture has 3 channels, got {field.facts.channels}")
    if abs(half[0] * height - half[1] * width) > 0.02 * max(width, height):
        raise InputError(
            f"--model '{model.name}': its texture has {width} x {height} pixels, and the field is of one with sides as "
            f"{half[0]:g} to {half[1]:g}; fit this model's own with 'fieldcore fit texture'"
        )


def _range(values: Float[np.ndarray, "v k"]) -> tuple[Float[np.ndarray, "k"], Float[np.ndarray, "k"]]:
    return values.min(0).astype(np.float64), values.max(0).astype(np.float64)


def _mesh_facts(model: TexturedModel, block: Block) -> dict[str, Any]:
    ranges = {name: [bound.tolist() for bound in _range(getattr(model, name))] for name in _VERTEX_NUMBERS}
    materials = [
        [*map(float, box), *(_WRAP_NUMBERS[wrap] for wrap in wraps), 0, 0]
        for box, wraps in zip(model.sheet.boxes, model.sheet.wraps, strict=True)
    ]
    wraps = model.sheet.wraps[0] if len(model.sheet.wraps) == 1 else ("clamp", "clamp")
    repeats = [wrap == "repeat" for wrap in wraps]
    return {"id": "mesh", **block.facts, "ranges": ranges, "materials": materials, "repeats": repeats}


def _pyramid_facts(field: Pyramid) -> dict[str, Any]:
    """What ``pyramid.frag`` is told, but for what follows from the levels."""
    either_side = (field.recipe.probes - 1) // 2
    borders = {"clamp": 0, "repeat": 1, "mirror": 2}
    return {
        "domain_by_uv": list(map(float, domain_by_uv(field.facts))),
        "borders": [borders[border] for border in field.facts.borders],
        "fading": {
            "start": first_octave(field.geometry.cell),
            "step": STEP,
            "weights": np.round(field.weights.double().numpy(), 7).tolist(),
        },
        "probe_lines": [_probes(count) for count in range(either_side + 1)],
    }


def _probes(either_side: int) -> list[float]:
    positions, weights = probe_line(either_side, torch.device("cpu"))
    step = float(positions[-1]) / either_side if either_side else 0.0
    return [float(weights[either_side]), step]


def _framing(vertices: Float[np.ndarray, "v 3"]) -> dict[str, float]:
    """Where a model is looked at from at first, as in the window, but so that a square frame has all of it."""
    low, high = vertices.min(0).astype(np.float64), vertices.max(0).astype(np.float64)
    away = np.array(_FROM) / np.linalg.norm(_FROM)
    forward, right = -away, np.cross(-away, (0, 1, 0))
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(right, forward), forward])
    signs = np.stack(np.meshgrid(*[(-1, 1)] * 3), -1).reshape(-1, 3)
    across, up, ahead = axes @ (signs * (high - low) / 2).T
    reach = _FILLED * math.tan(math.radians(_FOV) / 2)
    distance = float((np.maximum(np.abs(up), np.abs(across)) / reach - ahead).max())
    x, y, z = ((low + high) / 2).round(4).tolist()
    return {
        "yaw": round(math.degrees(math.atan2(away[0], away[2])), 3),
        "pitch": round(-math.degrees(math.asin(away[1])), 3),
        "distance": round(max(distance, 0.05), 4),
        "x": x,
        "y": y,
        "z": z,
        "fov": _FOV,
    }


def _measured(page_field: Pyramid, field: Pyramid) -> dict[float, float]:
    """dB of round footprints as the page fills them against those of the exported field, which are exact."""
    shares = 2 * (torch.arange(_MEASURED_A_SIDE) + 0.5) / _MEASURED_A_SIDE - 1
    x = torch.cartesian_prod(*(half * shares for half in field.facts.half_extent))
    decibels = {}
    with torch.no_grad():
        for variance in _MEASURED:
            one_a_point = Gaussian(torch.full((len(x),), variance))
            decibels[variance] = psnr(
                page_field(x, one_a_point).numpy(), field(x, variance).float().cpu().numpy(), field.facts.value_range
            )
    return decibels


def _about(model: TexturedModel) -> str:
    return (
        f"A model of {len(model.triangles):,} triangles with a neural texture, which each pixel filters over what it "
        "sees. Drag to turn, fly with W A S D; compare it with mipmaps and with single samples."
    )
