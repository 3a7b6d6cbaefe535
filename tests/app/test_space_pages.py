"""Pages that a camera looks at, in a real browser: they show what the window shows, and what is known exactly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from browser import Browser, browser

import fieldcore as fc
from app.camera.camera import Camera
from app.gl.offscreen import Offscreen
from app.scenes.shape.bake import Bake
from app.scenes.shape.compositor import ShapeCompositor, ShapePane
from app.scenes.shape.controls import ShapeControls
from app.scenes.shape.volume_texture import VolumeTexture
from app.work.slices import completed
from fieldcore.web.pages import Page, PageSettings, page_of
from fieldcore.web.shape_page import VARIANCES

pytestmark = pytest.mark.browser

SurfaceOf = Callable[[int, int], Offscreen]
WIDTH, HEIGHT = 120, 90
RADIUS = 0.6
SHOW = """
const page = fieldscope;
page.canvas.width = arguments[0]; page.canvas.height = arguments[1];
page.state = page.entries.stateOf(arguments[2]);
page.drawing.draw(page.state);
const { gl } = page.drawing.gpu, bytes = new Uint8Array(4 * arguments[0] * arguments[1]);
gl.readPixels(0, 0, arguments[0], arguments[1], gl.RGBA, gl.UNSIGNED_BYTE, bytes);
window.shown = bytes;
const surface = page.drawing.surface;
gl.bindFramebuffer(gl.FRAMEBUFFER, surface.frame);
gl.readBuffer(gl.COLOR_ATTACHMENT0);
window.places = new Float32Array(4 * surface.width * surface.height);
gl.readPixels(0, 0, surface.width, surface.height, gl.RGBA, gl.FLOAT, places);
"""


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    with browser() as window:
        window.resize(160, 700)
        yield window


def written(page: Page, folder: Path) -> Path:
    path = folder / "page.html"
    path.write_text(page.document.html(), encoding="utf-8")
    return path


def shown(window: Browser, fragment: str) -> np.ndarray:
    """The canvas, top row first, (height, width, 3) in 1/255."""
    window.run(SHOW, WIDTH, HEIGHT, "#" + fragment)
    return window.array("return shown").reshape(HEIGHT, WIDTH, 4)[::-1, :, :3].astype(int)


def camera_of(view: dict[str, float]) -> Camera:
    facing = Camera((0.0, 0.0, 0.0), view["yaw"], view["pitch"], view["fov"])
    x, y, z = (float(p) for p in np.array([view[axis] for axis in "xyz"]) - view["distance"] * facing.axes[2])
    return Camera((x, y, z), view["yaw"], view["pitch"], view["fov"])


# Shapes


@pytest.fixture(scope="module")
def shape_page() -> Page:
    ball = fc.FunctionSignal(lambda x: x.norm(dim=1) - RADIUS, (1.0, 1.0, 1.0), name="ball")
    return page_of(fc.train("pyramid", ball, preset="shape", formula_cells=16), PageSettings(size=24))


@pytest.fixture(scope="module")
def shape_file(shape_page, tmp_path_factory) -> Path:
    return written(shape_page, tmp_path_factory.mktemp("shape"))


def test_a_ball_is_a_ball_that_shrinks(opened, shape_file):
    opened.open(shape_file)
    for variance in (0.0, 1e-3, 5e-3, 2e-2):
        shown(opened, f"variance={variance}&yaw=20&pitch=-30&distance=3")
        place = opened.array("return places").reshape(HEIGHT, WIDTH, 4)
        radii = np.linalg.norm(place[..., :3], axis=-1)[place[..., 3] > 0.99]
        # The mean of |X| for X around x is |x| + variance / |x|, but for what reaches beyond the middle.
        expected = (RADIUS + math.sqrt(RADIUS**2 - 4 * variance)) / 2
        assert len(radii) > 500 and np.abs(radii - expected).max() < 5e-3, variance


@pytest.mark.parametrize("entries", [{}, {"slice": "y", "cut": 0.1}, {"colouring": "normals", "level": 0.1}])
def test_a_shape_is_lit_as_in_the_window(opened, shape_page, shape_file, surface_of: SurfaceOf, entries, monkeypatch):
    monkeypatch.setattr(ShapeCompositor, "_draw_gizmos", lambda *_: None)
    surface = surface_of(WIDTH, HEIGHT)
    scene, volume = ShapeCompositor(surface.context), VolumeTexture(surface.context)
    level, axis = VARIANCES.index(1e-3), entries.get("slice", "none")
    completed(volume.bringing(Bake(shape_page.document.blocks["volume"].values[level])))
    controls = ShapeControls(
        field="field",
        caption=False,
        camera=camera_of(shape_page.document.header["view"]),
        colouring=entries.get("colouring", "material"),
        level=entries.get("level", 0.0),
        slice=axis,
        slice_position=entries.get("cut", 0.0),
    )
    scene.draw(surface.framebuffer, controls, {"field": ShapePane(volume, "")})
    expected = surface.pixels()[..., :3].astype(int)
    opened.open(shape_file)
    got = shown(opened, "&".join(["variance=0.001", *(f"{name}={value}" for name, value in entries.items())]))
    apart = np.abs(got - expected).max(-1)
    # Lines are as wide as neighbouring pixels differ, which drivers take in pairs of their own.
    assert np.mean(apart > 2) < (0.005 if axis == "none" else 0.02), "silhouettes alone"
    assert opened.log() == []
    scene.release()
    volume.release()
