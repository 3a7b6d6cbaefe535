"""A texture's filter in the hand: where it lies on a model, how large it is there, and what pulling it does."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import driven
from scenery import quad

from app.actions import press
from app.camera.camera import Camera, frame_from_world
from app.camera.sight import SeenPoint
from app.filter.in_hand import GAP_PT
from app.scenes.textured_mesh.open_model import ModelOptions, OpenModel
from app.scenes.textured_mesh.state import TexturedMeshState
from fieldcore.signals.texture import Texture

SIZE = (200, 160)
BY_PIXEL = ((0.004, 0.001), (0.0, -0.002))
MESH = quad()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[TexturedMeshState]:
    """A model of which every place is seen, each pixel as long in the texture as any other."""
    with driven(tmp_path) as session:
        session.show_scene("textured_mesh")
        session.framebuffer_px = SIZE
        state: Any = session.state
        state.models["quad"] = OpenModel(Path("quad"), ModelOptions(), MESH, Texture.of(MESH))
        state.change(model="quad", camera=Camera((0.0, 0.0, 2.5)), variance=1e-3)
        state.sees = lambda position: SeenPoint(point_at(position), (0.0, 0.0, 1.0), (), BY_PIXEL)
        state.session = session
        yield state


def point_at(position: tuple[float, float]) -> tuple[float, float, float]:
    origin, right = frame_from_world(Camera((0.0, 0.0, 2.5)), SIZE, np.array([[0.0, 0, 0], [1, 0, 0]]))[:, 0]
    scale = right - origin
    return (position[0] - SIZE[0] / 2) / scale, -(position[1] - SIZE[1] / 2) / scale, 0.0


def in_texture(way: tuple[float, float], facts: Any) -> np.ndarray:
    halves = np.array(facts.half_extent)
    return np.array([2, -2]) * halves * (np.array(BY_PIXEL) @ way)


def test_it_is_a_circle_in_the_texture_where_a_press_puts_it(state: Any) -> None:
    press(state.session, "Ctrl+E")
    assert state.in_hand
    (shape,) = state.held()
    assert shape.middle == pytest.approx((SIZE[0] / 2, SIZE[1] / 2)), "at first in the middle"
    for x, y in shape.outlines[0]:
        way = in_texture((x - shape.middle[0], y - shape.middle[1]), state.texture_facts)
        assert np.linalg.norm(way) == pytest.approx(math.sqrt(1e-3))
    assert "texels" in state.held_words
    state.press_button((160.0, 40.0))
    assert not state.captured and state.held()[0].middle == pytest.approx((160.0, 40.0))
    state.sees = lambda position: SeenPoint((0.0, 0.0, 0.9), (0.0, 0.0, 1.0), (), BY_PIXEL)
    assert not state.held(), "something nearer hides it"


def test_each_end_and_the_outline_make_it_larger(state: Any) -> None:
    state.take_into_hand(True)
    for grip in ((0, 1), (1, -1)):
        shape = state.held()[0]
        x, y = shape.handles(GAP_PT)[grip]
        way = shape.axes[grip[0]]
        state.press_button((x, y))
        state.move((x + grip[1] * way[0], y + grip[1] * way[1]))
        state.release_button()
        assert state.held()[0].axes == pytest.approx(np.array(shape.axes) * 2), "twice as long, in both ways"
        state.change(variance=1e-3)
    x, y = state.held()[0].outlines[0][9]
    state.press_button((x, y))
    middle = state.held()[0].middle
    state.move((middle[0] + 3 * (x - middle[0]), middle[1] + 3 * (y - middle[1])))
    assert state.controls.variance == pytest.approx(9e-3)
