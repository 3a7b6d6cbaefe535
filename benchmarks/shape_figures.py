"""The picture of shapes in docs/: ``shapes.png``, the shipped ammonite at four scales, and smoothed along and across
one axis.

    python -m benchmarks.shape_figures [--out docs/images] [--field assets/shape.safetensors]
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
import tyro
from jaxtyping import UInt8

from app.camera.camera import Camera
from app.gl.offscreen import offscreen
from app.scenes.shape.bake import Bake
from app.scenes.shape.baking import baked_tiles
from app.scenes.shape.compositor import ShapeCompositor, ShapePane
from app.scenes.shape.controls import ShapeControls
from app.scenes.shape.volume_texture import VolumeTexture
from app.work.slices import completed
from fieldcore.checkpoint import load_field

ASSETS = Path(__file__).parents[1] / "assets"
SIZE, CELLS = (440, 400), 192


def _isotropic(variance: float) -> dict[str, Any]:
    return {"covariance": (variance, 0.0, 0.0, variance, 0.0, variance)}


ROWS: tuple[tuple[dict[str, Any], ...], ...] = (
    (_isotropic(0.0), _isotropic(1e-3), _isotropic(1e-2), _isotropic(3e-2)),
    (
        {"covariance": (2e-2, 0.0, 0.0, 1e-5, 0.0, 1e-5)},
        {"covariance": (1e-5, 0.0, 0.0, 1e-2, 0.0, 1e-2)},
        {**_isotropic(1e-3), "slice": "z"},
        {**_isotropic(3e-4), "colouring": "curvature"},
    ),
)
"""Four scales; along the first axis, across it, cut open, and coloured by curvature."""


@dataclass(frozen=True)
class Options:
    """Make the picture."""

    out: Path = Path("docs/images")
    """Folder to write to."""
    field: Path = ASSETS / "shape.safetensors"
    """Field of a shape."""


def main() -> None:
    """Draw and write."""
    options = tyro.cli(Options)
    options.out.mkdir(parents=True, exist_ok=True)
    picture = options.out / "shapes.png"
    iio.imwrite(picture, _picture(options.field))
    print(picture)


def _picture(file: Path) -> UInt8[np.ndarray, "h w 3"]:
    field = load_field(file)
    usual = ShapeControls(field=str(file), camera=Camera.looking_at((0.0, -0.08, 0.0), (1.15, 0.75, 2.6)))
    with offscreen(SIZE) as surface:
        scene, volume = ShapeCompositor(surface.context), VolumeTexture(surface.context)

        def drawn(changes: dict[str, Any]) -> UInt8[np.ndarray, "h w 3"]:
            controls = replace(usual, **changes)
            *_, bake = baked_tiles(field, controls.covariance, CELLS)
            assert isinstance(bake, Bake)
            completed(volume.bringing(bake))
            scene.draw(surface.framebuffer, controls, {"field": ShapePane(volume)})
            return surface.pixels().copy()

        rows = [np.concatenate([drawn(changes) for changes in row], 1) for row in ROWS]
        scene.release()
        volume.release()
    return np.concatenate(rows)


if __name__ == "__main__":
    main()
