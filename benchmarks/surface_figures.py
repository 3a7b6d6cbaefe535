"""The picture of surfaces in docs/: ``surfaces.png``, photographs that were held out, the surface seen by the same
cameras, its shape, and its colours on the smoothed shape.

    python -m benchmarks.surface_figures [--out docs/images] [--model assets/fish.glb] [--steps 900]
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
import tyro
from jaxtyping import UInt8

import app.cli
from app.camera.camera import Camera
from app.gl.offscreen import offscreen
from app.scenes.shape.bake import Bake
from app.scenes.shape.baking import baked_tiles
from app.scenes.shape.colour_bake import bake_colours
from app.scenes.shape.colour_texture import ColourTexture
from app.scenes.shape.compositor import ShapeCompositor, ShapePane
from app.scenes.shape.controls import Colouring, ShapeControls
from app.scenes.shape.volume_texture import VolumeTexture
from app.work.slices import completed
from fieldcore.fields.surface import Surface
from fieldcore.fitting import Stop
from fieldcore.training import train
from fieldcore.views.view import View
from fieldcore.views.views import Views

SIDE, CELLS = 360, 192
CROP = slice(80, -92)
"""Rows that are kept."""
SMOOTHED = 4e-4
_BACKDROP = 94
"""About the middle of the studio's."""


@dataclass(frozen=True)
class Options:
    """Make the picture."""

    out: Path = Path("docs/images")
    """Folder to write to."""
    model: Path = Path("assets/fish.glb")
    """What is photographed."""
    views: int = 36
    """Photographs of it."""
    steps: int = 900
    """Of training."""
    shown: tuple[int, ...] = (1,)
    """Held-out photographs that are shown, by their numbers."""


def main() -> None:
    """Photograph, train, draw and write."""
    options = tyro.cli(Options)
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        scene = str(Path(folder) / "views")
        asked = ["--render-views", str(options.model), "--out", scene, "--views", str(options.views)]
        if app.cli.run(asked):
            raise SystemExit(2)
        views = Views.open(scene)
        field = train("surface", views, Stop(steps=options.steps))
    picture = options.out / "surfaces.png"
    iio.imwrite(picture, _picture(field, [views.held_out[number] for number in options.shown]))
    print(picture)


def _picture(field: Any, views: list[View]) -> UInt8[np.ndarray, "h w 3"]:
    return np.concatenate([np.concatenate([*_row(field, view)], 1)[CROP] for view in views])


def _row(field: Surface, view: View) -> list[UInt8[np.ndarray, "h w 3"]]:
    camera = view.camera.resized(SIDE, SIDE)
    seen = field.render(camera)
    photograph = view.pixels().numpy()
    pictures = [_before_backdrop(photograph[..., :3], photograph[..., 3]), _before_backdrop(seen.colour, seen.alpha)]
    enlarged = np.kron(pictures[0], np.ones((2, 2, 1), np.uint8))
    at = np.linspace(0, len(enlarged) - 1, SIDE).round().astype(int)
    return [enlarged[at][:, at], pictures[1], *_shapes(field, view)]


def _before_backdrop(colours: Any, alpha: Any) -> UInt8[np.ndarray, "h w 3"]:
    values = 255 * np.asarray(colours) + _BACKDROP * (1 - np.asarray(alpha)[..., None])
    return values.clip(0, 255).round().astype(np.uint8)


def _shapes(field: Surface, view: View) -> list[UInt8[np.ndarray, "h w 3"]]:
    """Its plain shape, and its colours on the smoothed one, as the window draws them."""
    x, y, z = view.camera.centre.tolist()
    camera = Camera.looking_at((0.0, 0.0, 0.0), (x, y, z), 36.0)
    usual = ShapeControls(field="surface", camera=camera, grid=False, caption=False, cells=CELLS)
    drawn = []
    with offscreen((SIDE, SIDE)) as surface:
        scene, volume = ShapeCompositor(surface.context), VolumeTexture(surface.context)
        colours = ColourTexture(surface.context)
        colours.bring(bake_colours(field, CELLS))
        shown: tuple[tuple[Colouring, float], ...] = (("material", 0.0), ("colours", SMOOTHED))
        for colouring, variance in shown:
            covariance = (variance, 0.0, 0.0, variance, 0.0, variance)
            *_, bake = baked_tiles(field, covariance, CELLS)
            assert isinstance(bake, Bake)
            completed(volume.bringing(bake))
            controls = replace(usual, colouring=colouring, covariance=covariance)
            scene.draw(surface.framebuffer, controls, {"field": ShapePane(volume, colours=colours)})
            drawn.append(surface.pixels().copy())
        for each in (scene, volume, colours):
            each.release()
    return drawn


if __name__ == "__main__":
    main()
