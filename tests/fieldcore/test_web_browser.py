"""Pages in a real browser: what it computes is what torch computes, and every control does what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from browser import browser
from open_page import (
    HALF_FLOATS,
    NO_FLOATS,
    colours_shown,
    covariance_of,
    drag_sliders,
    lose_context,
    numbers_of,
    values_shown,
    written,
)

import fieldcore as fc
from fieldcore.evaluation import evaluate
from fieldcore.images import display_from_linear
from fieldcore.measures import psnr

pytestmark = pytest.mark.browser

WIDTH, HEIGHT = 48, 32
FILTERS = ("variance=0", "variance=2e-5", "variance=1e-3", "variance=1e-1", "variance=3e-2&minor=1e-4&angle=0")
SLANTED = (
    "variance=2e-2&minor=1e-3&angle=30",
    "variance=1e-2&minor=2e-4&angle=-70",
    "variance=1e-2&minor=1e-3&angle=45",
)
CORNER = """
fieldscope.draw();
const { gl } = fieldscope.drawing.gpu, bytes = new Uint8Array(4);
gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
return bytes;
"""


@pytest.fixture(scope="module")
def field() -> fc.Pyramid:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] / WIDTH
    waves = [np.sin(2 * np.pi * (3 * x + 2 * y)), np.cos(2 * np.pi * 5 * x), np.sin(2 * np.pi * 9 * y * x)]
    pixels = np.rint(255 * (0.5 + 0.4 * np.stack(waves, -1))).astype(np.uint8)
    return solved(fc.Picture(pixels, name="waves.png"))


@pytest.fixture(scope="module")
def page(field: fc.Pyramid, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    fc.write_image(folder / "truth.png", fc.image(field))
    return written(field, folder, truth=str(folder / "truth.png"))


def solved(signal: fc.Signal) -> fc.Pyramid:
    field = fc.train("pyramid", signal, device="cpu")
    assert isinstance(field, fc.Pyramid)
    return field


def by_torch(field: fc.Pyramid, fragment: str, width: int, height: int) -> np.ndarray:
    words = numbers_of(fragment)
    zoom = words.get("zoom", 1)
    lower = [words.get(name, 0) - half / zoom for name, half in zip("xy", field.facts.half_extent, strict=True)]
    upper = [words.get(name, 0) + half / zoom for name, half in zip("xy", field.facts.half_extent, strict=True)]
    grid = fc.Grid((width, height), tuple(lower), tuple(upper))
    return evaluate(field, grid, fc.Gaussian(covariance_of(fragment))).numpy()


def test_values_and_colours_are_those_of_torch(opened, field, page):
    opened.open(page)
    for fragment in (*FILTERS, *SLANTED, "variance=1e-4&zoom=6&x=0.2&y=-0.1"):
        values, expected = values_shown(opened, fragment, 96, 64)[..., :3], by_torch(field, fragment, 96, 64)
        assert psnr(values, expected, (0.0, 1.0)) > 100, fragment
        assert np.abs(colours_shown(opened) - np.rint(255 * expected.clip(0, 1))).max() <= 1, fragment
    for fragment in ("variance=1e-2", "variance=1e-1", "variance=2e-2&minor=1e-5&angle=30"):
        draft, expected = values_shown(opened, fragment, 96, 64, draft=True)[..., :3], by_torch(field, fragment, 96, 64)
        assert psnr(draft, expected, (0.0, 1.0)) > 50, f"a draft of {fragment}"
    assert opened.log() == [], "nothing was refused and nothing failed"
    assert opened.run("return performance.getEntriesByType('resource').length") == 0, "the page is all there is"


def test_the_truth_is_computed_another_way_and_agrees(opened, field, page):
    opened.open(page, "#variance=1e-3&wipe=0")
    values = values_shown(opened, "variance=1e-3&wipe=0", 96, 64)
    truth = opened.array(
        "const { drawing, state } = fieldscope; const to = drawing.smoothed(drawing.truth, state, drawing.box);"
        "return drawing.gpu.read(to, 0, 0, to.width, to.height)"
    ).reshape(64, 96, 4)
    signal = fc.Picture(fc.image(field))
    exact = signal.truth().values(1e-3, fc.Grid((96, 64), (-1.0, -2 / 3), (1.0, 2 / 3)))
    assert psnr(truth[..., :3], exact, (0.0, 1.0)) > 100
    in_torch = psnr(by_torch(field, "variance=1e-3", 96, 64), exact, (0.0, 1.0))
    assert in_torch - psnr(values[..., :3], exact, (0.0, 1.0)) < 0.1


def test_numbers_borders_and_formulas_too(opened, field, tmp_path):
    bright = solved(fc.Picture(fc.image(field) ** 2.2 / 0.9, encoding="linear"))
    tiled = fc.Pyramid(field.recipe, replace(field.facts, border=("repeat", "clamp")))
    tiled.samples.copy_(field.samples)
    formula = fc.build_field(replace(field.recipe, formula_cells=64), fc.Ackley().facts)
    formula.prepare(fc.Ackley())
    for other, exact in ((bright, False), (tiled, False), (formula, True)):
        opened.open(written(other, tmp_path, exact=exact))
        width, height = (96, 64) if other.facts.resolution else (64, 64)
        for fragment in ("variance=1e-3", SLANTED[0]):
            values, expected = values_shown(opened, fragment, width, height), by_torch(other, fragment, width, height)
            got = values[..., : other.facts.channels]
            assert psnr(got, expected, other.facts.value_range) > 80, (other.facts.name, fragment)


def test_what_is_brighter_than_white_is_exposed(opened, field, tmp_path):
    values = fc.image(field) * 3
    opened.open(written(solved(fc.Picture(values, encoding="linear")), tmp_path), "#variance=0")
    opened.keys("#picture", ",,,,")
    opened.wait("fieldscope.state.exposure === -1 && element('exposure-value').textContent === '-1 stops'")
    values_shown(opened, "variance=0&exposure=-1", WIDTH, HEIGHT)
    assert np.abs(colours_shown(opened) - np.rint(255 * display_from_linear(values / 2).clip(0, 1))).max() <= 1
    opened.open(written(field, tmp_path))
    assert opened.run("return [...document.querySelectorAll('[data-exposed]')].every((part) => part.hidden)")


def test_controls_keys_and_pointers_change_what_is_shown(opened, page):
    opened.open(page, "#variance=1e-3")
    state = "fieldscope.state"
    x, y = opened.middle("#stage")
    opened.drag([(x + 60, y + 60), (x + 90, y + 40)])
    opened.wait(f"{state}.x < 0 && {state}.y > 0")
    opened.wheel(x, y, -240)
    opened.wait(f"{state}.zoom > 1.2")
    opened.keys("#picture", "0")
    opened.wait(f"{state}.zoom === 1 && {state}.x === 0")
    opened.keys("#picture", "]")
    opened.wait(f"{state}.variance > 1.2e-3")
    opened.wait("location.hash.includes('variance=0.0012')")
    a, b = opened.middle("[data-axis=major]")
    opened.drag([(a, b), (a + 40, b + 40)])
    opened.wait(f"{state}.minor < {state}.variance && {state}.angle > 5")
    opened.keys("[data-axis=minor]", "\ue013")
    opened.keys("#scale", "\ue014")
    opened.wait("document.querySelector('#scale-value').textContent.startsWith('variance')")
    opened.keys("#wipe", "\ue012")
    opened.wait(f"{state}.wipe < 1")
    opened.wait("!fieldscope.moving && !fieldscope.isDraft")
    opened.hover(x + 50, y + 50)
    opened.wait("document.querySelector('#value').textContent.includes(' at ')")
    opened.run("document.querySelector('#ellipse-shown').click()")
    opened.wait("document.querySelector('#ellipse').hasAttribute('hidden')")
    assert "zoom" in opened.run("return document.querySelector('#picture').getAttribute('aria-label')")


def test_every_slider_is_dragged_and_a_box_and_a_button_pressed_by_the_mouse(opened, page):
    opened.open(page, "#variance=1e-3&minor=1e-4&angle=20&zoom=2")
    assert drag_sliders(opened) == []
    opened.drag([opened.middle("#ellipse-shown")])
    opened.wait("document.querySelector('#ellipse').hasAttribute('hidden')")
    opened.drag([opened.middle("#reset")])
    opened.wait("fieldscope.state.zoom === 1")


def test_two_fingers_zoom_about_the_point_between_them(opened, page):
    opened.open(page)
    x, y = opened.middle("#stage")
    at = (
        "const { drawing, state } = fieldscope, box = element('stage').getBoundingClientRect();"
        "const at = [arguments[0] - box.left, arguments[1] - box.top].map((place) => place * fieldscope.ratio());"
        "return drawing.domainAt(state, ...at)"
    )
    before = opened.run(at, x + 40, y)
    opened.pinch((x + 40, y), 30, 60)
    opened.wait("fieldscope.state.zoom > 1.9 && fieldscope.state.zoom < 2.1")
    np.testing.assert_allclose(opened.run(at, x + 40, y), before, atol=1e-3)


def test_what_a_person_prefers_is_heeded(opened, page):
    try:
        grounds = {}
        for scheme in ("light", "dark"):
            opened.prefer(color_scheme=scheme)
            opened.open(page)
            grounds[scheme] = sum(opened.run("return backgroundColour()")) / 3
            opened.run("fieldscope.state.x = 5")  # nothing but the ground is seen
            assert opened.array(CORNER)[0] / 255 == pytest.approx(grounds[scheme], abs=0.02)
        assert grounds["light"] > 0.9 and grounds["dark"] < 0.15
        glide = "fieldscope.set({ zoom: 4 }); fieldscope.glide({ zoom: 1 }); return fieldscope.state.zoom"
        assert opened.run(glide) > 1
        opened.wait("fieldscope.state.zoom === 1")
        opened.prefer(reduced_motion="reduce")
        assert opened.run(glide) == 1, "at once"
    finally:
        opened.prefer()


def test_a_link_shows_what_one_saw_and_nonsense_nothing_else(opened, page):
    fragment = "#variance=0.002&minor=0.0001&angle=30&x=0.1&zoom=2&wipe=0.5"
    opened.open(page, fragment)
    assert opened.run("return fieldscope.entries.fragmentOf(fieldscope.state)") == fragment
    opened.open(page, "#variance=-1&zoom=NaN&x=&angle=1e9&__proto__=1&minor=5")
    assert opened.run("return fieldscope.entries.fragmentOf(fieldscope.state)") == "#variance=0.001"


def test_a_lost_context_returns(opened, page):
    opened.open(page)
    lose_context(opened)


def test_without_floats_it_is_said_and_halves_are_enough(opened, field, page):
    with opened.before_pages(HALF_FLOATS):
        opened.open(page)
        for fragment in ("variance=1e-3", SLANTED[0]):
            values = values_shown(opened, fragment, 96, 64)[..., :3]
            assert psnr(values, by_torch(field, fragment, 96, 64), (0.0, 1.0)) > 50
    with opened.before_pages(NO_FLOATS):
        opened.open(page)
        assert opened.run("return ['still', 'picture', 'scale'].map((id) => element(id).hidden)") == [
            False,
            True,
            False,
        ]
        message = opened.run("return element('message').textContent")
        assert "EXT_color_buffer_float" in message and "not smoothed" in message
        assert opened.run("return element('scale').disabled")


def test_without_webgl_there_is_a_sentence_and_a_still(page):
    with browser("--disable-3d-apis") as window:
        window.open(page)
        assert "needs WebGL 2" in window.run("return document.querySelector('#message').textContent")
        window.wait("document.querySelector('#still').naturalWidth === 48")
