"""Error maps of what a camera sees: FLIP of the pictures as they are looked at, other metrics, and histograms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scenery import quad

from app.camera.camera import Camera
from app.camera.flipping import FlipRenderer
from app.flip import flip_map
from app.gl.colormap import magma
from app.gl.offscreen import Offscreen, read_pixels
from app.record.frame_renderer import whole
from app.scenes.textured_mesh.controls import TexturedMeshControls
from app.scenes.textured_mesh.open_model import TexturedMeshSubject
from app.scenes.textured_mesh.renderer import TexturedMeshRenderer
from app.work.asking import EvaluateHere
from app.work.slices import completed

SIZE = (64, 48)
CONTROLS = TexturedMeshControls(
    model="quad", camera=Camera((0.2, 0.1, 2.6), 5.0, -3.0), layout="two_up", left="single", right="error",
    metric="flip", flip_range=0.5, error_range=0.5, caption=False, samples=3,
)  # fmt: skip
SUBJECT = TexturedMeshSubject(quad(pixels=np.random.default_rng(0).random((32, 32, 3)).astype(np.float32)), None)


@pytest.fixture
def surface(surface_of: Callable[[int, int], Offscreen]) -> Offscreen:
    return surface_of(*SIZE)


@pytest.fixture
def renderer(surface: Offscreen) -> Iterator[FlipRenderer]:
    made = FlipRenderer(surface.context, TexturedMeshRenderer(surface.context, EvaluateHere()), EvaluateHere())
    yield made
    made.release()


def pixels_of(renderer: Any, controls: TexturedMeshControls, surface: Offscreen) -> np.ndarray:
    pixels = whole(renderer.render(SUBJECT, controls, surface.framebuffer)).pixels
    assert pixels is not None
    return pixels


def in_colours(numbers: np.ndarray) -> np.ndarray:
    return 255 * magma()[(numbers / CONTROLS.error_range).clip(0, 1).__mul__(255).round().astype(int)]


def test_flip_is_that_of_both_pictures_as_they_are_seen(surface: Offscreen, renderer: FlipRenderer) -> None:
    frame = pixels_of(renderer, CONTROLS, surface)
    alone = [replace(CONTROLS, layout="one", left=way, right="single") for way in ("single", "supersampled")]
    half = surface.context.simple_framebuffer((SIZE[0] // 2, SIZE[1]))
    one, judge = (whole(renderer.render(SUBJECT, shown, half)).pixels for shown in alone)
    assert one is not None and judge is not None
    error = flip_map(one / 255.0, judge / 255.0)
    assert error.max() > 0.1
    np.testing.assert_array_equal(frame[:, : SIZE[0] // 2], one)
    assert np.abs(frame[:, SIZE[0] // 2 :] - in_colours(error)).max() <= 3, "rounded to one of 256 colours"

    other = pixels_of(renderer, replace(CONTROLS, metric="difference"), surface)
    assert np.abs(other.astype(int) - frame).max() > 30
    again = pixels_of(renderer, replace(CONTROLS, flip_range=0.25), surface)
    assert again[:, SIZE[0] // 2 :].mean() > frame[:, SIZE[0] // 2 :].mean(), "the same numbers on another scale"


def test_a_view_shows_what_a_frame_does(surface: Offscreen, renderer: FlipRenderer) -> None:
    frame = pixels_of(renderer, CONTROLS, surface)
    pictures = completed(renderer.pictures(SUBJECT, CONTROLS, SIZE))
    assert set(pictures.milliseconds) == set(renderer.sizes(CONTROLS, SIZE))
    labels = dict.fromkeys(("single", "supersampled"), "")
    renderer.compose(surface.framebuffer, CONTROLS, pictures, labels, 1.0)
    np.testing.assert_array_equal(read_pixels(surface.framebuffer), frame)
    plain = replace(CONTROLS, metric="difference")
    assert (
        "flip" not in renderer.sizes(plain, SIZE)
        and "flip" not in completed(renderer.pictures(SUBJECT, plain, SIZE)).milliseconds
    )


@pytest.mark.parametrize("metric", ["relative", "squared"])
def test_other_metrics_are_those_of_planes(surface: Offscreen, renderer: FlipRenderer, metric: str) -> None:
    shown = replace(CONTROLS, layout="one", left="error", right="single", metric=metric)
    frame = pixels_of(renderer, shown, surface)
    one, judge = (renderer.of_scene.seen(way, SUBJECT).albedo.astype(np.float64) for way in ("single", "supersampled"))
    covered = one[..., 3] == 1
    difference = np.abs(one - judge)[..., :3]
    expected = difference / np.maximum(judge[..., :3], 0.01) if metric == "relative" else difference**2
    assert covered.mean() > 0.2
    assert np.abs(frame - in_colours(expected.mean(2)))[covered].max() <= 4
