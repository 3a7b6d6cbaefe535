"""Light stages as web pages: what is in the file, what is refused, and in a real browser what torch says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from browser import Browser
from open_page import (
    NO_FLOATS,
    colours_shown,
    covariance_of,
    drag_sliders,
    lose_context,
    numbers_of,
    values_shown,
    written,
)
from stages import noise_stage, spread_lights

import fieldcore as fc
from fieldcore.errors import InputError
from fieldcore.evaluation import evaluate
from fieldcore.fields.relight import Relight, RelightRecipe
from fieldcore.images import display_from_linear
from fieldcore.lights.hats import Hats
from fieldcore.lights.stage_facts import degrees_beyond, nearest_photo
from fieldcore.measures import psnr
from fieldcore.web.pages import PageSettings, page_of
from fieldcore.web.stage_page import hats_told

WIDTH, HEIGHT = 18, 16
LIGHTS = (
    "u=0.1&v=-0.2&variance=0",
    "u=0.1&v=-0.2&variance=1e-3",
    "u=-0.9&v=0.3&variance=0",
    "u=-0.6&v=0.5&variance=2e-1",
    "u=0.3&v=0&variance=3e-2&minor=1e-5&angle=40",
)


def solved(stage: fc.LightStage, **settings) -> Relight:
    field = Relight(RelightRecipe(**settings), stage.facts)
    field.prepare(stage)
    return field


@pytest.fixture(scope="module")
def stage() -> fc.LightStage:
    return noise_stage(12, HEIGHT)


@pytest.fixture(scope="module")
def field(stage: fc.LightStage) -> Relight:
    return solved(stage)


@pytest.fixture(scope="module")
def page(field: Relight, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(field, tmp_path_factory.mktemp("stage"))


def shown(window: Browser, fragment: str, times: int = 2) -> np.ndarray:
    """Values of the canvas's pixels, so many a photo's."""
    return values_shown(window, fragment, times * WIDTH, times * HEIGHT)[..., :3]


def asked(fragment: str) -> tuple[np.ndarray, np.ndarray]:
    """The light and the covariance of its Gaussian."""
    words = numbers_of(fragment)
    light = np.array([words["u"], words["v"]])
    return light / max(1, float(np.hypot(*light))), covariance_of(fragment)


def by_torch(field: Relight, fragment: str, times: int = 2) -> np.ndarray:
    light, covariance = asked(fragment)
    half = field.facts.half_extent[:2]
    grid = fc.Grid(
        (times * WIDTH, times * HEIGHT, 1, 1), (-half[0], -half[1], *(light - 1e-3)), (*half, *(light + 1e-3))
    )
    return evaluate(field, grid, fc.Gaussian(covariance)).numpy().reshape(times * HEIGHT, times * WIDTH, 3)


def test_a_page_holds_the_photos_as_they_were_stored(stage, field):
    page = page_of(field, PageSettings(file="stage.safetensors"))
    for number in (0, 11):
        stored = np.rint(page.document.blocks[f"picture-{number}"].values * 255).astype(np.uint8)
        np.testing.assert_array_equal(stored, stage.photos.stored[number].numpy())
    assert min(page.facts["dB"].values()) > 150 and page.facts["pictures"] == 12
    for words in ("stage.safetensors, relight, 12 photos of 18 x 16 pixels", "variance 0.01: equal"):
        assert words in page.document.facts
    assert page.document.html() == page_of(field, PageSettings(file="stage.safetensors")).document.html()


def test_other_numbers_are_the_nearest_of_256_steps_and_the_page_says_how_near(stage):
    waves = np.linspace(0, 3, 12 * HEIGHT * WIDTH * 3, dtype=np.float32).reshape(12, HEIGHT, WIDTH, 3)
    bright = solved(fc.LightStage(waves, spread_lights(12), exposure_stops=-1.0))
    encoded = solved(replace_encoding(stage))
    principal = solved(stage, pictures=5)
    for field, least in ((bright, 50), (encoded, 150), (principal, 30)):
        assert least < min(page_of(field).facts["dB"].values())
    assert page_of(principal).facts["pictures"] == 5 and not page_of(principal).document.header["has_photos"]
    small = page_of(bright, PageSettings(size=9))
    assert small.facts["samples"] == (9, 8) and small.facts["dB"]["0"] > 50
    assert page_of(solved(stage), PageSettings(lossy=True)).facts["packed"] == "JPEG, lossy"


def replace_encoding(stage: fc.LightStage) -> fc.LightStage:
    directions = np.array(stage.facts.light_directions).reshape(-1, 3)
    return fc.LightStage(stage.photos.stored.numpy(), directions, encoding="display", exposure_stops=1.0)


def test_of_too_many_photos_principal_pictures_are_shown_and_that_is_said():
    stage = noise_stage(300, 8)
    page = page_of(solved(stage), PageSettings(size=8))
    assert page.facts["pictures"] == 64 and page.facts["photos"] == 300
    assert "300 photos as 64 principal pictures of 8 x" in page.document.facts
    assert 10 < min(page.facts["dB"].values()) < 60 and not page.document.header["has_photos"]


def test_what_is_refused():
    stage = noise_stage(12, 2)
    for settings, what in (({"basis": "ptm"}, "ptm"), ({"lobes": True}, "lobes")):
        with pytest.raises(
            InputError, match=f"not .*{what}; solve one: fieldcore fit light-stage STAGE --basis photos"
        ):
            page_of(solved(stage, **settings))
    with pytest.raises(InputError, match=r"300 photos as shown are more than the 256 .*--pictures 64"):
        page_of(solved(noise_stage(300, 2), between="shown"))
    with pytest.raises(InputError, match="--truth: has no effect on the page of a light stage"):
        page_of(solved(stage), PageSettings(truth="stage"))


@pytest.mark.browser
def test_sums_and_colours_are_those_of_torch(opened, field, page):
    opened.open(page)
    at_a_photo = "u={:.6f}&v={:.6f}&variance=0".format(*Hats(noise_stage(12).lights).lights[4])
    for fragment in (*LIGHTS, at_a_photo):
        values, expected = shown(opened, fragment), by_torch(field, fragment)
        assert psnr(values, expected, (0.0, 1.0)) > 110, fragment
        assert np.abs(colours_shown(opened) - np.rint(255 * display_from_linear(expected).clip(0, 1))).max() <= 1, (
            fragment
        )
    shown(opened, f"{LIGHTS[1]}&exposure=1.5")
    exposed = display_from_linear(by_torch(field, LIGHTS[1]) * 2**1.5).clip(0, 1)
    assert np.abs(colours_shown(opened) - np.rint(255 * exposed)).max() <= 1
    assert opened.log() == [] and opened.run("return performance.getEntriesByType('resource').length") == 0


@pytest.mark.browser
def test_photos_as_shown_give_way_to_light(opened, stage, tmp_path):
    field = solved(fc.LightStage(stage.photos.stored.numpy(), spread_lights(12), exposure_stops=1.0), between="shown")
    opened.open(written(field, tmp_path))
    for fragment in (LIGHTS[0], LIGHTS[2], "u=0.1&v=-0.2&variance=5e-5", LIGHTS[1]):
        values, expected = shown(opened, fragment), by_torch(field, fragment)
        assert psnr(values, expected, (0.0, 0.5)) > 100, fragment
    apart = psnr(by_torch(field, LIGHTS[0]), by_torch(solved(stage), LIGHTS[0]), (0.0, 0.5))
    assert apart < 40 and "interpolated as shown" in page_of(field).document.facts
    assert min(page_of(field).facts["dB"].values()) > 120


@pytest.mark.browser
def test_weights_are_exact_wherever_lights_lie(opened, field, page):
    opened.open(page)
    rng = np.random.default_rng(3)
    doubled = np.concatenate([field.hats.lights[:6], field.hats.lights[:2] + 1e-4])
    on_a_line = np.array([[0.0, 0.0], [0.1, 0.1], [0.5, 0.5], [-0.4, -0.4]])
    for lights in (field.hats.lights, rng.uniform(-0.7, 0.7, (40, 2)), doubled, on_a_line):
        hats, cases = Hats(lights), [asked(fragment) for fragment in LIGHTS]
        got = opened.run(
            "const hats = new Hats(arguments[0]);"
            "return arguments[1].map(([u, v, ...covariance]) => hats.weights([u, v], covariance))",
            hats_told(hats),
            [[*light.tolist(), *covariance[[0, 0, 1], [0, 1, 1]].tolist()] for light, covariance in cases],
        )
        expected = [hats.averaged(light, covariance) for light, covariance in cases]
        np.testing.assert_allclose(got, expected, atol=1e-12)


@pytest.mark.browser
def test_the_nearest_photo_and_lights_beyond_all_photos(opened, field, stage, page):
    opened.open(page)
    for fragment in LIGHTS:
        light, _ = asked(fragment)
        number, degrees = nearest_photo(field.facts, light)
        shown(opened, f"{fragment}&wipe=0", times=1)
        taken = stage.photos.stored[number].numpy().astype(int)
        assert np.abs(colours_shown(opened) - taken).max() <= 1, "as it was taken"
        told = opened.run(
            "const { drawing, state } = fieldscope; return [drawing.nearest(state), drawing.degreesBeyond(state)]"
        )
        assert told[0]["number"] == number and told[0]["degrees"] == pytest.approx(degrees, abs=1e-6)
        assert told[1] == pytest.approx(degrees_beyond(field.facts, light), abs=1e-5)


@pytest.mark.browser
def test_principal_pictures_and_small_canvases(opened, stage, tmp_path):
    principal = solved(stage, pictures=5)
    opened.open(written(principal, tmp_path))
    stated = page_of(principal).facts["dB"]
    got = psnr(display_from_linear(shown(opened, LIGHTS[1], 1).clip(0, 1)),
               display_from_linear(by_torch(principal, LIGHTS[1], 1).clip(0, 1)), (0.0, 1.0))  # fmt: skip
    assert got == pytest.approx(stated["0.001"], abs=3)
    assert opened.run("return element('photo').hidden && element('wipe-line').hasAttribute('hidden')")
    halved = values_shown(opened, LIGHTS[1], WIDTH // 2, HEIGHT // 2)[..., :3]
    whole = by_torch(principal, LIGHTS[1], 1)
    assert abs(halved.mean() - whole.mean()) < 0.02, "no pixel is passed over"


@pytest.mark.browser
def test_the_light_is_dragged_sized_and_exposed(opened, page):
    opened.open(page, "#u=0&v=0&variance=1e-3")
    state = "fieldscope.state"
    x, y = opened.middle("#stage")
    opened.drag([(x + 20, y + 10), (x + 60, y + 30)])
    opened.wait(f"{state}.u > 0.1 && {state}.v > 0.05 && {state}.x === 0")
    opened.drag([(x, y), (x, y)])
    opened.wait(f"Math.hypot({state}.u, {state}.v) < 0.01")
    opened.keys("#picture", "\ue014\ue015")  # right, down
    opened.wait(f"{state}.u > 0.01 && {state}.v > 0.01")
    opened.keys("#picture", "].j")
    opened.wait(f"{state}.variance > 1.2e-3 && {state}.exposure === 0.25 && {state}.wipe === 0")
    opened.wait("element('photo').getAttribute('aria-pressed') === 'true'")
    opened.keys("#picture", "j")
    opened.wait(f"{state}.wipe === 1")
    left, top, radius = opened.run(
        "const box = element('disc').getBoundingClientRect(), { middle, radius } = fieldscope.disc.place();"
        "return [box.left + middle, box.top + middle, radius]"
    )
    first = opened.run("return fieldscope.header.lights[3]")
    dot = (left + radius * first[0] + 2, top + radius * first[1] - 2)
    opened.drag([dot, dot])
    opened.wait(f"{state}.u === {first[0]} && {state}.v === {first[1]}")
    opened.drag([(left, top), (left - 0.9 * radius, top)])
    opened.wait("element('beyond').textContent.includes('beyond the photos')")
    opened.wait("/azimuth -?1(79|80)°/.test(fieldscope.disc.light.getAttribute('aria-valuetext'))")
    a, b = opened.middle("[data-axis=major]")
    opened.drag([(a, b), (a + 20, b + 20)])
    opened.wait(f"{state}.minor !== null && {state}.minor < {state}.variance")
    opened.wait("location.hash.includes('u=-0.') && location.hash.includes('minor=')")
    opened.keys("#exposure", "\ue014")
    opened.wait(f"{state}.exposure > 0.25")


@pytest.mark.browser
def test_a_lost_context_returns(opened, page):
    opened.open(page, "#u=0.2&v=0.3&variance=0.01")
    lose_context(opened)


@pytest.mark.browser
def test_without_floats_a_still_is_shown(opened, page):
    with opened.before_pages(NO_FLOATS):
        opened.open(page)
        assert "Below is the stage under one light" in opened.run("return element('message').textContent")
        opened.wait("element('still').naturalWidth === 18 && element('disc').hasAttribute('hidden')")


def test_every_slider_is_dragged_by_the_mouse(opened, page):
    opened.open(page, "#u=0&v=0&variance=1e-3")
    assert drag_sliders(opened) == []
