"""Exposure, offset and tone curve: what is drawn, with what pictures begin, and the keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from driving import document_of, driven
from test_picture_scene import SurfaceOf, drawn
from waves import COLOUR_FACTS, LINEAR_FACTS, Waves

from app.actions import press
from app.gl.colormap import diverging, viridis
from app.gl.offscreen import read_pixels
from app.plane.compositor import PlaneCompositor
from app.plane.layers import Layer
from app.plane.tone import CURVES, first_exposure
from app.scenes.picture.controls import Controls
from app.scenes.picture.state import pictures
from fieldcore.evaluation import Grid
from fieldcore.images import display_from_linear, linear_from_display
from fieldcore.signals import Picture

CURVED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "srgb": display_from_linear,
    "none": lambda light: light,
    "aces": lambda x: display_from_linear((x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14)).clip(0, 1)),
    "reinhard": lambda light: display_from_linear(light / (1 + light)),
    "false_colour": lambda light: viridis()[
        np.rint(255 * (light @ np.array([0.2126, 0.7152, 0.0722])).clip(0, 1)).astype(int)
    ],
}


def test_values_are_exposed_and_curved(surface_of: SurfaceOf) -> None:
    surface, size = surface_of(64, 32), {"covariance": (0.01, 0.0, 0.01)}
    for facts in (COLOUR_FACTS, LINEAR_FACTS):
        shown = drawn(Waves(facts), surface, **size) / 255  # as it is by itself, display-encoded
        light = linear_from_display(shown.astype(np.float32))
        for curve in CURVES:
            pixels = drawn(Waves(facts), surface, **size, exposure=1.0, offset=0.05, tone=curve) / 255
            exact = CURVED[curve](np.asarray(2 * light + 0.05)).clip(0, 1)
            assert np.abs(pixels - exact).max() <= 0.03, (facts.encoding, curve)


def test_error_maps_have_a_metric(surface_of: SurfaceOf) -> None:
    surface, grid = surface_of(64, 32), Grid.covering((1.0, 0.5), 64)
    compositor = PlaneCompositor(surface.context)
    values = {"field": 0.5, "truth": 0.75}
    compositor.show(
        {name: Layer(np.full((32, 64, 3), value, np.float32), grid, COLOUR_FACTS) for name, value in values.items()}
    )
    compositor.upload()
    for metric, number in {"difference": -0.25, "relative": -1 / 3, "squared": -0.0625}.items():
        shown = Controls(field="field", left="error", right="field", error="signed", error_range=0.5, metric=metric)
        compositor.draw(surface.framebuffer, replace(shown, caption=False))
        expected = diverging()[round(255 * (0.5 + 0.5 * number / 0.5))]
        assert np.abs(read_pixels(surface.framebuffer)[16, 32] / 255 - expected).max() < 0.02, metric
    compositor.release()


def test_a_dark_picture_in_linear_light_is_exposed_until_somebody_chooses(tmp_path: Path) -> None:
    pixels = np.full((16, 24, 3), 0.0056, np.float32)
    dark = Picture(pixels, "dark.exr", "linear")
    assert first_exposure(dark) == 5.0
    assert first_exposure(Picture(pixels, "dark.png")) == first_exposure(Picture(pixels * 20, "a", "linear")) == 0
    with driven(tmp_path) as session:
        state, documents = pictures(session), [document_of(Waves(), name) for name in "abc"]
        documents[1].attach(dark, "dark.exr")
        for document in documents[:2]:
            state.take_document(document)
        assert state.controls.exposure == 5.0 and "+5 stops" in session.messages.shown(session.now).text
        press(session, "[")
        assert state.controls.exposure == 4.5
        state.take_document(documents[2])
        assert state.controls.exposure == 4.5, "somebody has chosen it"
        state.controls = replace(state.controls, exposure=5.0)
        state.show_opened("b")
        state.show_opened("c")
        assert state.controls.exposure == pytest.approx(0.0)
