"""Pictures of kind ``integral`` as web pages: kernels of any size, and a fovea, as torch has them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from browser import Browser
from open_page import colours_shown, drag_sliders, lose_context, values_shown, written

import fieldcore as fc
from fieldcore.evaluation import evaluate
from fieldcore.fields.integral import Integral
from fieldcore.kernel_names import kernel_of
from fieldcore.measures import psnr
from fieldcore.web.pages import PageSettings, page_of

WIDTH, HEIGHT = 96, 64
KERNELS = {"box": 1 / 3, "tent": 1 / 6, "quadratic": 1 / 9, "edge:30": 1 / 9, "edge": 1 / 9, "difference:2": 1 / 9}
"""Their variances; kernels whose parts cancel are as wide as the quadratic."""

DRAWN = "drawn:0.5,1,-0.25"


def solved(signal: fc.Signal) -> Integral:
    field = fc.train("integral", signal, device="cpu")
    assert isinstance(field, Integral)
    return field


@pytest.fixture
def field(smooth_pixels: np.ndarray) -> Integral:
    return solved(fc.Picture(np.rint(255 * smooth_pixels).astype(np.uint8), name="waves.png"))


def shown(window: Browser, fragment: str) -> np.ndarray:
    return values_shown(window, fragment, WIDTH, HEIGHT)[..., :3]


def grid_of(field: Integral) -> fc.Grid:
    half = field.facts.half_extent
    return fc.Grid((WIDTH, HEIGHT), (-half[0], -half[1]), half)


def under(field: Integral, name: str, *half_sizes: float) -> np.ndarray:
    return evaluate(field, grid_of(field), kernel_of(name, list(half_sizes))).numpy()


def foveated(field: Integral, name: str, half: float, gaze: tuple[float, float], radius: float, falloff: float):
    """Values under a kernel at every point, and the half sizes."""
    x, y = (
        torch.linspace(-h + h / n, h - h / n, n) for h, n in zip(field.facts.half_extent, (WIDTH, HEIGHT), strict=True)
    )
    points = torch.cartesian_prod(y, x).flip(1)
    away = ((points - torch.tensor(gaze)).norm(dim=1) - radius).clamp_min(0)
    sizes = (half**2 + (falloff * away) ** 2 / KERNELS[name]).sqrt()
    return field(points, kernel_of(name, sizes[:, None])).view(HEIGHT, WIDTH, 3).numpy(), sizes.numpy()


def test_the_page_holds_the_samples_and_says_what_was_measured(field):
    page = page_of(field, PageSettings(file="waves.safetensors"))
    np.testing.assert_array_equal(page.document.blocks["samples"].values, field.samples.permute(1, 2, 0).numpy())
    assert set(page.facts["dB"].values()) == {200.0} and "half size 0.1: equal" in page.document.facts
    assert "waves.safetensors, integral, 48 x 32 samples" in page.document.facts
    lossy = page_of(field, PageSettings(lossy=True, size=24))
    assert lossy.facts["samples"] == (24, 16) and lossy.facts["dB"]["0"] < 60


@pytest.mark.browser
def test_kernels_of_any_size_are_those_of_torch(opened, field, tmp_path):
    opened.open(written(field, tmp_path))
    for name in (*KERNELS, DRAWN):
        for half_x, half_y in ((0.0, 0.0), (0.01, 0.01), (0.1, 0.1), (0.9, 0.9), (0.2, 0.0)):
            got = shown(opened, f"kernel={name}&half={half_x}&half_y={half_y}")
            least = 70 if half_x == 0.9 else 99  # wide ones are splines between fewer positions
            assert psnr(got, under(field, name, half_x, half_y), (0.0, 1.0)) > least, (name, half_x, half_y)
    tiled = Integral(field.recipe, replace(field.facts, border=("repeat", "clamp")))
    tiled.samples.copy_(field.samples)
    opened.open(written(tiled, tmp_path))
    assert psnr(shown(opened, "kernel=tent&half=0.4"), under(tiled, "tent", 0.4, 0.4), (0.0, 1.0)) > 100
    far = shown(opened, "kernel=box&half=0.02&fovea=1&gaze_x=0.9&gaze_y=0.5&radius=0&falloff=0.5")
    assert psnr(far, foveated(tiled, "box", 0.02, (0.9, 0.5), 0.0, 0.5)[0], (0.0, 1.0)) > 100
    assert opened.log() == []


@pytest.mark.browser
def test_a_fovea_is_that_of_torch(opened, field, tmp_path):
    opened.open(written(field, tmp_path))
    for name, least in {"box": 100, "tent": 60, "quadratic": 60, "edge:30": 50, "difference:2": 50}.items():
        for half, gaze, radius, falloff in (
            (0.0, (0.2, -0.1), 0.1, 0.1),
            (0.02, (-0.5, 0.3), 0.0, 0.3),
            (0.3, (-1.0, 0.6), 0.0, 0.5),
        ):
            fragment = (
                f"kernel={name}&half={half}&fovea=1&gaze_x={gaze[0]}&gaze_y={gaze[1]}&radius={radius}&falloff={falloff}"
            )
            expected, sizes = foveated(field, name, half, gaze, radius, falloff)
            assert sizes.max() > 4 * max(sizes.min(), 1 / 24)
            assert psnr(shown(opened, fragment), expected, (0.0, 1.0)) > least, fragment


@pytest.mark.browser
def test_the_fovea_follows_the_pointer_and_controls_do_what_they_say(opened, field, tmp_path):
    opened.open(written(field, tmp_path), "#kernel=tent&half=0.03")
    state = "fieldscope.state"
    x, y = opened.middle("#stage")
    opened.hover(x + 40, y)
    assert opened.run(f"return {state}.gaze_x") == 0, "it is off"
    opened.keys("#picture", "f")
    opened.wait(f"{state}.fovea === 1 && !element('falloff').disabled")
    opened.hover(x + 60, y - 30)
    opened.wait(f"{state}.gaze_x > 0.05 && {state}.gaze_y < 0")
    opened.drag([(x, y), (x + 30, y)])
    opened.wait(f"{state}.x < 0")
    opened.keys("#falloff", "\ue014")
    opened.wait(f"{state}.falloff > 0.1")
    opened.run("element('kernel').value = 'box'; element('kernel').dispatchEvent(new Event('change'))")
    opened.wait(
        f"{state}.kernel === 'box' && element('picture').getAttribute('aria-label').includes('box of half size')"
    )
    opened.keys("#picture", "]f")
    opened.wait(f"{state}.half > 0.036 && {state}.fovea === 0")
    opened.run("element('linked').click()")
    opened.wait("!element('half_y').disabled")
    opened.keys("#half_y", "\ue012")
    opened.wait(f"{state}.half_y < {state}.half")
    opened.wait("/kernel=box&half=0.0375&half_y=/.test(location.hash)")
    lose_context(opened)


@pytest.mark.browser
def test_what_shapes_a_kernel_is_there_with_it_and_values_of_both_signs_are_about_grey(opened, field, tmp_path):
    opened.open(written(field, tmp_path), "#kernel=edge:30&half=0.1&gain=2")
    state, hidden = "fieldscope.state", "[...document.querySelectorAll('[data-kernel]')].map((part) => part.hidden)"
    assert opened.run(f"return {hidden}") == [False, True, True]
    values = values_shown(opened, "kernel=edge:30&half=0.1&gain=2", WIDTH, HEIGHT)[..., :3]
    grey = np.rint(255 * (0.5 + 2 * values).clip(0, 1))
    assert np.abs(colours_shown(opened) - grey).max() <= 1 and values.min() < -0.01 < 0.01 < values.max()
    opened.keys("#angle", "\ue014")
    opened.wait(f"{state}.kernel === 'edge:31'")
    choose = "element('kernel').value = arguments[0]; element('kernel').dispatchEvent(new Event('change'))"
    opened.run(choose, "difference")
    opened.wait(f"{state}.gain === 4 && {hidden}.join() === 'true,false,true'")
    opened.keys("#ratio", "\ue014")
    opened.wait(f"{state}.kernel === 'difference:1.7'")
    opened.run(choose, "drawn")
    opened.wait(f"{state}.gain === 1 && element('fovea').closest('label').hidden")
    left, top, width, height = opened.run(
        "const { left, top, width, height } = element('curve').getBoundingClientRect();"
        "return [left, top, width, height]"
    )
    opened.drag([(left + 2, top + height - 4), (left + width / 2, top + height - 4)])
    opened.wait(f"{state}.kernel.startsWith('drawn:-0.') && {state}.kernel.endsWith('-0.5')")
    opened.keys("#curve circle", "\ue013")
    opened.wait("location.hash.includes('kernel=drawn:-0.4')")
    for nonsense in ("edge:x", "difference:0.5", "drawn:0,0", "drawn", "disc", "tent:1"):
        opened.open(tmp_path / "page.html", f"#kernel={nonsense}")
        assert opened.run(f"return {state}.kernel") == "tent"


@pytest.mark.parametrize("kernel", ["tent", "edge", "difference", "drawn"])
def test_every_slider_is_dragged_by_the_mouse(opened, field, tmp_path, kernel):
    opened.open(written(field, tmp_path), f"#kernel={kernel}&half=0.03&half_y=0.06")
    assert drag_sliders(opened) == []
