"""A shape as a page: its signed distance baked at a few scales, traced and lit by the window's shaders.

Between the scales the page interpolates: by polynomials through four of them, over the logarithm of the variance.
"""

from __future__ import annotations

import gzip
import math
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from ..errors import InputError
from ..evaluation import Grid, evaluate
from ..fields.field import Field
from ..filters import Gaussian
from ..shape_extent import HALF_EXTENT
from ..sphere_tracing import Stepping, trace
from .blocks import Block, still_of
from .document import Document
from .page_files import Parts, page_shaders
from .page_words import by, foot
from .pages import Page, PageKind, PageSettings
from .volumes import volumes_block

VARIANCES = (0.0, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
"""Of the Gaussians that a shape is baked under."""

OFFSET = 1e-4
"""Added to a variance before its logarithm is taken, so that none has one."""

_TYPES = ("shape", "views", "function")
_CELLS, _MOST_CELLS = 80, 256
_STEPS_A_CELL = 512
_BAND_CELLS = 1.75
_PARTS = Parts(body="shape.html", scripts=("camera.js", "space.js", "volume.js", "shape.js"))
_SHADERS = (
    "fullscreen.vert",
    "sphere_trace.frag",
    "shape.frag",
    "shape_edges.frag",
    "shape_floor.frag",
    "shape_frame.frag",
)
_COLOURS = 1 << 15  # asked for at once
_STILL_PX = 240
_FOV = 40.0
_TARGET, _EYE = (0.0, -0.05, 0.0), (1.55, 1.0, 3.05)  # the window's first view
_MEASURED = (2e-4, 2e-3, 1.7e-2)
_NEAR = 0.1


class ShapePages(PageKind):
    """Pages of shapes: fields of meshes, and surfaces from photographs, which have colours."""

    options = ("size",)
    notebook_size = 64
    size_power = 3
    instead: ClassVar = {
        "views": "fit a surface, which has a distance: fieldcore fit surface SCENE",
    }

    def shows(self, field: Field, settings: PageSettings) -> bool:
        """As the base."""
        return field.is_distance and field.facts.type in _TYPES

    def page(self, field: Field, settings: PageSettings) -> Page:
        """As the base."""
        return shape_page(field, settings)


SHAPE = ShapePages()


def shape_page(field: Field, settings: PageSettings) -> Page:
    """The page of a shape.

    Args:
        field: of signed distances in 3-D.
        settings: ``size`` are the cells of the volumes along each axis, 80 by default.

    Raises:
        InputError: it has too many cells.
    """
    cells = _cells(settings.size)
    volumes = np.stack([_baked(field, variance, cells) for variance in VARIANCES])
    step = 2 * HALF_EXTENT / cells / _STEPS_A_CELL
    blocks = {"volume": volumes_block(_within(volumes, step), step)}
    header = {"volume": _volume_facts(blocks["volume"])}
    if field.has_colours:
        blocks["colours"], header["colours"] = _colours(field, blocks["volume"], cells)
    blocks["small"] = _still(volumes[0])
    errors = _interpolation_errors(field, blocks["volume"].values)
    facts = {"cells": cells, "variances": list(VARIANCES), "interpolation error": errors}
    document = Document(
        title=field.facts.name,
        about=_about(field),
        facts=foot(
            Path(field.facts.name).name, _field_words(field, cells), _error_words(errors), "shape", file=settings.file
        ),
        header={
            **header,
            "variance": 1e-3,
            "view": _view(),
            "still": {"id": "small", **blocks["small"].facts},
            "still_shows": "the shape, not smoothed",
        },
        shaders=page_shaders(_SHADERS, (), "VALUES_ARE_LINEAR"),
        parts=_PARTS,
        blocks=blocks,
        embedded=settings.embedded,
    )
    return Page(document, facts, cells)


def page_weights(variance: float) -> list[tuple[int, float]]:
    """The volumes that a variance is interpolated from, by index, with their weights; their sum is 1."""
    places = [math.log(known + OFFSET) for known in VARIANCES]
    place = math.log(variance + OFFSET)
    above = next((k for k, other in enumerate(places) if other >= place - 1e-12), len(places) - 1)
    if abs(places[above] - place) < 1e-9:
        return [(above, 1.0)]
    first = min(max(above - 2, 0), len(places) - 4)
    read = places[first : first + 4]
    return [
        (first + k, math.prod((place - other) / (own - other) for other in read if other != own))
        for k, own in enumerate(read)
    ]


def _cells(size: int | None) -> int:
    if size is not None and size > _MOST_CELLS:
        raise InputError(f"--size: the volumes of a shape's page have at most {_MOST_CELLS} cells a side, got {size}")
    return size or _CELLS


def _grid(cells: int) -> Grid:
    return Grid((cells,) * 3, (-HALF_EXTENT,) * 3, (HALF_EXTENT,) * 3)


def _baked(field: Field, variance: float, cells: int) -> Float[np.ndarray, "d d d"]:
    values = evaluate(field, _grid(cells), Gaussian(variance) if variance else None)
    volume: np.ndarray = values.float().cpu().numpy().reshape(cells, cells, cells)
    return volume


def _within(volumes: Float[np.ndarray, "n d d d"], step: float) -> Float[np.ndarray, "n d d d"]:
    """As far from the surface as whole steps of 16 bits reach."""
    most = np.float32(32767 * step)
    return volumes.clip(-most, most)


def _volume_facts(block: Block) -> dict[str, Any]:
    return {"id": "volume", **block.facts, "half_extent": HALF_EXTENT, "variances": VARIANCES, "offset": OFFSET}


def _colours(field: Field, volume: Block, cells: int) -> tuple[Block, dict[str, Any]]:
    """The colours of the cells beside the unsmoothed surface, in the order of the cells."""
    band = _BAND_CELLS * 2 * HALF_EXTENT / cells
    near = cells_near(volume, band)
    points = _grid(cells).centres(torch.from_numpy(np.flatnonzero(near))).float().to(field.device)
    colours = torch.cat([field.colours_at(some) for some in points.split(_COLOURS)])
    values: UInt8[np.ndarray, "n 3"] = (255 * colours.clamp(0, 1)).round().byte().cpu().numpy()
    facts = {"mime": "application/gzip", "cells": cells, "half_extent": HALF_EXTENT, "band": band}
    block = Block(facts, gzip.compress(values.tobytes(), 9, mtime=0), values[None] / np.float32(255), "bytes, gzip")
    return block, {"id": "colours", **facts}


def cells_near(volume: Block, band: float) -> Bool[np.ndarray, "d d d"]:
    """Where the first of a block's volumes is nearer than that to the surface, as the page sees it."""
    steps = np.rint(volume.values[0] / volume.facts["step"])
    near: np.ndarray = np.abs(steps) < band / volume.facts["step"]
    return near


def _view() -> dict[str, float]:
    away = np.subtract(_EYE, _TARGET)
    distance = float(np.linalg.norm(away))
    x, y, z = _TARGET
    return {
        "yaw": round(math.degrees(math.atan2(away[0], away[2])), 3),
        "pitch": round(-math.degrees(math.asin(away[1] / distance)), 3),
        "distance": round(distance, 4),
        "x": x,
        "y": y,
        "z": z,
        "fov": _FOV,
    }


def _interpolation_errors(field: Field, volumes: Float[np.ndarray, "n d d d"]) -> dict[str, float]:
    """How far from the field what the page interpolates lies at most near the surface, by variance between scales."""
    errors = {}
    for variance in _MEASURED:
        exact = _baked(field, variance, volumes.shape[1])
        shown = sum(weight * volumes[k] for k, weight in page_weights(variance))
        near = np.abs(exact) < _NEAR
        errors[f"{variance:g}"] = float(np.abs(shown - exact)[near].max()) if near.any() else 0.0
    return errors


def _still(volume: Float[np.ndarray, "d d d"]) -> Block:
    """A small picture in plain light, as the page shows it at first but for shadows."""
    forward = np.subtract(_TARGET, _EYE) / np.linalg.norm(np.subtract(_TARGET, _EYE))
    right = np.cross(forward, (0, 1, 0))
    right /= np.linalg.norm(right)
    up = np.cross(right, forward)
    reach = math.tan(math.radians(_FOV) / 2) * (2 * (np.arange(_STILL_PX) + 0.5) / _STILL_PX - 1)
    rays = forward + reach[None, :, None] * right - reach[:, None, None] * up
    directions = torch.from_numpy(rays.reshape(-1, 3)).float()
    eye = torch.tensor(_EYE).expand_as(directions)
    cells = torch.from_numpy(volume)[None, None]

    def distance(x: Float[Tensor, "n 3"]) -> Float[Tensor, "n"]:
        places = x[None, None, None] / HALF_EXTENT
        return F.grid_sample(cells, places, padding_mode="border", align_corners=False).flatten()

    cell = 2 * HALF_EXTENT / len(volume)
    hits = trace(distance, eye, directions, normal_step=cell, stepping=Stepping(least=cell, most=256))
    light = torch.tensor([-0.41, 0.74, 0.53])
    lit = 0.35 + 0.6 * (hits.normals @ light).clamp_min(0)
    shade = torch.where(hits.hit, lit, 0.28)[:, None] * torch.tensor([1.0, 0.95, 0.88])
    return still_of(shade.reshape(_STILL_PX, _STILL_PX, 3).clamp(0, 1).numpy())


def _about(field: Field) -> str:
    of = "photographs" if field.has_colours else "a mesh"
    return (
        f"The surface of a signed distance, a neural field of the kind {field.kind} from {of}, smoothed by any "
        "Gaussian. Drag to turn it, and move the scale slider."
    )


def _field_words(field: Field, cells: int) -> str:
    scales = ", ".join(f"{variance:g}" for variance in VARIANCES)
    return f"{field.kind}, baked on {by((cells,) * 3)} cells at the variances {scales}, interpolated between these"


def _error_words(errors: dict[str, float]) -> str:
    apart = "; ".join(f"variance {variance}: {error:.1g}" for variance, error in errors.items())
    return f"Largest distance from the field near its surface, in units of half the box: {apart}"
