"""Pages that a camera looks at, in a real browser: they show what the window shows, and what is known exactly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from browser import Browser, browser
from open_page import HALF_FLOATS, lose_context, written
from rectangle import quad_file

import fieldcore as fc
from app.camera.camera import Camera, rays
from app.gl.offscreen import Offscreen
from app.scenes.shape.bake import Bake
from app.scenes.shape.compositor import ShapeCompositor, ShapePane
from app.scenes.shape.controls import ShapeControls
from app.scenes.shape.volume_texture import VolumeTexture
from app.work.slices import completed
from fieldcore.models import load_model
from fieldcore.web.mesh_page import mixing
from fieldcore.web.pages import Page, PageSettings, kind_for, page_of
from fieldcore.web.shape_page import VARIANCES

pytestmark = pytest.mark.browser

SurfaceOf = Callable[[int, int], Offscreen]
WIDTH, HEIGHT = 120, 90
RADIUS = 0.6
SHOW = """
const page = fieldscope;
clearTimeout(page.resting);
page.canvas.width = arguments[0]; page.canvas.height = arguments[1];
page.state = page.entries.stateOf(arguments[2]);
page.drawing.draw(page.state);
const { gl } = page.drawing.gpu, bytes = new Uint8Array(4 * arguments[0] * arguments[1]);
gl.readPixels(0, 0, arguments[0], arguments[1], gl.RGBA, gl.UNSIGNED_BYTE, bytes);
window.shown = bytes;
window.seen = (buffers, which) => {
    gl.bindFramebuffer(gl.FRAMEBUFFER, buffers.frame);
    gl.readBuffer(gl.COLOR_ATTACHMENT0 + which);
    const values = new Float32Array(4 * buffers.width * buffers.height);
    gl.readPixels(0, 0, buffers.width, buffers.height, gl.RGBA, gl.FLOAT, values);
    return values;
};
const { surface, geometry, albedo } = page.drawing;
window.buffers = surface ? [seen(surface, 0)] : [seen(geometry, 0), seen(geometry, 1), seen(albedo, 0)];
"""


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    with browser() as window:
        window.resize(160, 700)
        yield window


def shown(window: Browser, fragment: str) -> np.ndarray:
    """The canvas, top row first, (height, width, 3) in 1/255."""
    window.run(SHOW, WIDTH, HEIGHT, "#" + fragment)
    return window.array("return shown").reshape(HEIGHT, WIDTH, 4)[::-1, :, :3].astype(int)


def buffer(window: Browser, which: int) -> np.ndarray:
    """What was drawn on the way to the canvas, top row first."""
    return window.array(f"return buffers[{which}]").reshape(HEIGHT, WIDTH, 4)[::-1]


def camera_of(view: dict[str, float]) -> Camera:
    facing = Camera((0.0, 0.0, 0.0), view["yaw"], view["pitch"], view["fov"])
    x, y, z = (float(p) for p in np.array([view[axis] for axis in "xyz"]) - view["distance"] * facing.axes[2])
    return Camera((x, y, z), view["yaw"], view["pitch"], view["fov"])


# Shapes


@pytest.fixture(scope="module")
def ball() -> fc.Field:
    signal = fc.FunctionSignal(lambda x: x.norm(dim=1) - RADIUS, (1.0, 1.0, 1.0), name="ball")
    return fc.train("pyramid", signal, preset="shape", formula_cells=16)


@pytest.fixture(scope="module")
def shape_page(ball: fc.Field) -> Page:
    return page_of(ball, PageSettings(size=24))


@pytest.fixture(scope="module")
def shape_file(shape_page, tmp_path_factory) -> Path:
    return written(shape_page, tmp_path_factory.mktemp("shape"))


def test_a_ball_is_a_ball_that_shrinks(opened, shape_file):
    opened.open(shape_file)
    for variance in (0.0, 1e-3, 5e-3, 2e-2):
        shown(opened, f"variance={variance}&yaw=20&pitch=-30&distance=3")
        place = buffer(opened, 0)
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


def test_sliders_and_keys_change_a_shape_and_a_lost_context_returns(opened, shape_file):
    state = "fieldscope.state"
    opened.open(shape_file, "#variance=0.001")
    opened.keys("#scale", "\ue014")
    opened.wait(f"{state}.variance > 0.001")
    opened.keys("#picture", "]z")
    opened.wait(f"{state}.variance > 0.00125 && {state}.slice === 'x' && !element('cut').disabled")
    opened.run("document.querySelector('[data-colouring=normals]').click()")
    opened.wait("document.querySelector('[data-colouring=normals]').getAttribute('aria-pressed') === 'true'")
    assert opened.run("return document.querySelector('[data-own-colours]').hidden")
    opened.wait("location.hash.includes('colouring=normals') && location.hash.includes('slice=x')")
    lose_context(opened)


def test_half_floats_are_too_little_for_places_and_that_is_said(opened, shape_file):
    with opened.before_pages(HALF_FLOATS):
        opened.open(shape_file)
        assert "floats of 32 bits" in opened.run("return element('message').textContent")
        opened.wait("element('still').naturalWidth > 0 && element('picture').hidden && element('scale').disabled")


def test_a_surface_in_a_frame_has_its_colours_and_few_controls(opened, ball, tmp_path, monkeypatch):
    monkeypatch.setattr(type(ball), "has_colours", True)
    monkeypatch.setattr(type(ball), "colours_at", lambda self, x: (x[:, :1] > 0) * torch.eye(3)[:1], raising=False)
    opened.open(written(ball, tmp_path, size=16, embedded=True))
    assert_embedded(opened)
    assert not opened.run("return document.querySelector('[data-own-colours]').hidden")
    red, green, _ = np.moveaxis(shown(opened, "colouring=colours&variance=0&yaw=0&pitch=0"), -1, 0)
    right, left = slice(WIDTH // 2 + 6, WIDTH // 2 + 18), slice(WIDTH // 2 - 18, WIDTH // 2 - 6)
    middle = slice(HEIGHT // 2 - 4, HEIGHT // 2 + 4)
    assert (red[middle, right] > green[middle, right] + 60).all(), "x above 0 is red"
    assert (red[middle, left] < 60).all()


def assert_embedded(window: Browser) -> None:
    """No title and no more than small controls, and the picture fills the frame."""
    seen = "(name) => [...document.querySelectorAll(name)].some((part) => part.getClientRects().length > 0)"
    assert window.run(f"return ['header', 'footer', '.extra', '#stage', '#controls'].map({seen})") == [
        *(False,) * 3,
        *(True,) * 2,
    ]
    assert window.run("return document.documentElement.scrollHeight <= innerHeight")
    assert window.run("return element('stage').clientHeight > innerHeight / 3")


def test_a_notebook_shows_a_shape_in_a_frame_that_follows_the_slider(opened, ball, tmp_path, monkeypatch):
    monkeypatch.setattr(type(kind_for(ball, PageSettings())), "notebook_size", 16)
    (tmp_path / "notebook.html").write_text(f"<!doctype html><html data-ready=yes>{ball._repr_html_()}</html>")
    opened.open(tmp_path / "notebook.html")
    frame = "document.querySelector('iframe').contentWindow"
    opened.wait(f"{frame}.document?.documentElement.dataset.ready === 'yes'")
    opened.run(f"{frame}.fieldscope.set({{ variance: 0.01 }})")
    opened.wait(f"{frame}.document.querySelector('#scale-value').textContent.includes('0.01')")
    assert opened.run(f"return {frame}.document.querySelector('#message').hidden")
    assert opened.log() == [], "the frame's policy allows its own script"


# Textured meshes


@pytest.fixture(scope="module")
def quad(tmp_path_factory) -> Path:
    return quad_file(tmp_path_factory.mktemp("quad"))


@pytest.fixture(scope="module")
def texture(quad: Path) -> fc.Pyramid:
    field = fc.train("pyramid", fc.Texture.of(load_model(quad)), preset="texture")
    assert isinstance(field, fc.Pyramid)
    return field


@pytest.fixture(scope="module")
def mesh_page(texture: fc.Pyramid, quad: Path) -> Page:
    return page_of(texture, PageSettings(model=str(quad)))


@pytest.fixture(scope="module")
def mesh_file(mesh_page, tmp_path_factory) -> Path:
    return written(mesh_page, tmp_path_factory.mktemp("mesh"))


VIEW = {"yaw": 50.0, "pitch": -20.0, "distance": 1.6, "x": 0.1, "y": 0.05, "z": 0.0}
VIEWED = "&".join(f"{name}={value:g}" for name, value in VIEW.items())


def on_the_quad() -> tuple[np.ndarray, np.ndarray]:
    """Of each pixel u and v, and their derivatives by x and y (down), for the rectangle in the plane z = 0."""
    seen = rays(camera_of({**VIEW, "fov": 40.0}), (WIDTH, HEIGHT))
    eye, forward, right, up = (np.array(seen[name]) for name in ("eye", "ray_forward", "ray_right", "ray_up"))

    def uv(column: np.ndarray, row: np.ndarray) -> np.ndarray:
        ray = forward + (column - WIDTH / 2)[..., None] * right - (row - HEIGHT / 2)[..., None] * up
        hit = eye - ray * (eye[2] / ray[..., 2:])
        return np.stack([0.5 + 0.5 * hit[..., 0], 0.5 + hit[..., 1]], -1)

    column, row = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    step = 1e-4
    along_x, along_y = uv(column + step, row) - uv(column - step, row), uv(column, row + step) - uv(column, row - step)
    return uv(column, row), np.stack([along_x, along_y], -1) / (2 * step)


def test_each_pixel_sees_the_place_that_its_ray_meets_and_filters_the_texture_as_torch_does(opened, texture, mesh_file):
    opened.open(mesh_file)
    lit = shown(opened, f"mode=field&{VIEWED}")
    place, by_pixel, albedo = (buffer(opened, which) for which in range(3))
    inside = place[..., 3] == 1
    uv, jacobian = on_the_quad()
    assert inside.sum() > 2000
    assert np.abs(place[inside][:, :2] - uv[inside]).max() < 1e-4
    np.testing.assert_allclose(by_pixel[inside].reshape(-1, 2, 2), jacobian[inside], rtol=2e-3, atol=1e-6)
    domain_by_uv = np.array([2.0, -2.0])
    by_pixel_in_domain = domain_by_uv[:, None] * jacobian[inside]
    covariance = torch.from_numpy(0.25 * by_pixel_in_domain @ by_pixel_in_domain.transpose(0, 2, 1)).float()
    x = torch.from_numpy((uv[inside] - 0.5) * domain_by_uv).float()
    expected = mixing(texture)(x, fc.Gaussian(covariance)).detach().numpy().clip(0, 1)
    assert np.abs(albedo[inside][:, :3] - expected).max() < 1.5 / 255
    # From behind or before, the normal is on the camera's side; the key light is at the camera's left and above.
    camera = camera_of({**VIEW, "fov": 40.0})
    normal, key = np.array([0, 0, math.copysign(1, camera.position[2])]), np.array([-0.48, 0.62, -0.62]) @ camera.axes
    facing = max(0.0, 0.15 + 0.85 * float(normal @ key) / float(np.linalg.norm(key)))
    light = np.array([0.615, 0.62, 0.64]) + np.array([0.41, 0.40, 0.38]) * facing
    assert np.abs(lit[inside] - 255 * (expected * light).clip(0, 1)).max() <= 2
    assert opened.log() == []


def test_single_samples_are_texels_and_the_widest_mipmap_is_the_mean(opened, quad, mesh_file):
    opened.open(mesh_file)
    pixels = load_model(quad).sheet.pixels
    shown(opened, f"mode=single&{VIEWED}")
    place, albedo = buffer(opened, 0), buffer(opened, 2)
    inside = place[..., 3] == 1
    texels = place[inside][:, :2] * [16, 16]
    sure = (np.abs(texels - np.round(texels)) > 1e-2).all(1)
    column, row = texels[sure].astype(int).T
    assert np.abs(albedo[inside][sure, :3] - pixels[15 - row, column]).max() < 1e-3
    shown(opened, f"mode=mipmap&footprint=16&{VIEWED}&distance=20")
    far = buffer(opened, 2)[buffer(opened, 0)[..., 3] > 0][:, :3]
    assert np.abs(far - pixels.mean((0, 1))).max() < 2.5 / 255


def test_a_model_in_a_frame(opened, texture, quad, tmp_path):
    opened.open(written(texture, tmp_path, model=str(quad), embedded=True), f"#{VIEWED}")
    assert_embedded(opened)


def test_ways_of_filtering_share_a_frame_and_one_flies_by_keys(opened, mesh_file):
    state = "fieldscope.state"
    opened.open(mesh_file)
    alone = [shown(opened, f"mode={mode}&{VIEWED}&footprint=4") for mode in ("field", "single")]
    both = shown(opened, f"mode=field&other=single&layout=wipe&wipe=0.5&footprint=4&{VIEWED}")
    half = WIDTH // 2
    assert (both[:, :half] == alone[0][:, :half]).all() and (both[:, half:] == alone[1][:, half:]).all()
    assert (alone[0] != alone[1]).any()
    beside = shown(opened, f"mode=field&other=field&layout=beside&{VIEWED}")
    assert np.abs(beside[:, :half] - beside[:, half:]).max() <= 1
    opened.keys("#picture", "1x")
    opened.wait(f"{state}.mode === 'single' && {state}.layout === 'wipe'")
    opened.wait("element('left-label').textContent === 'single sample' && !element('right-label').hidden")
    x, y = opened.middle("#picture")
    yaw, distance = opened.run(f"return [{state}.yaw, {state}.distance]")
    opened.drag([(x, y), (x + 30, y + 10)])
    opened.wait(f"Math.abs({state}.yaw - {yaw}) > 5")
    opened.wheel(x, y, 200)
    opened.wait(f"{state}.distance > {distance}")
    distance = opened.run(f"return {state}.distance")
    opened.pinch((x, y), 10, 30)
    opened.wait(f"{state}.distance < {distance}")
    opened.run("element('picture').dispatchEvent(new KeyboardEvent('keydown', { key: 'w' }))")
    opened.wait(f"Math.hypot({state}.x, {state}.y, {state}.z) > 0.05")
    opened.run("element('picture').dispatchEvent(new KeyboardEvent('keyup', { key: 'w' }))")
    opened.wait("fieldscope.flying === 0")
    opened.keys("#picture", "0")
    opened.wait(f"Math.abs({state}.yaw - fieldscope.header.view.yaw) < 1e-3")
    hash = opened.run("return fieldscope.entries.fragmentOf(fieldscope.state)")
    opened.open(mesh_file, hash)
    assert opened.run("return fieldscope.entries.fragmentOf(fieldscope.state)") == hash
    assert "single sample" in opened.run("return element('picture').getAttribute('aria-label')")
    lose_context(opened)
