"""Standard and orthographic views, eased motion, panning, and the point that an orbit turns about."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from driving import DrivenSession, document_of, driven
from waves import Waves

from app.actions import press
from app.camera.camera import Camera, frame_from_world
from app.camera.camera_state import DOUBLE_CLICK_S
from app.camera.controls import from_afar
from app.camera.glide import SECONDS, Glide
from app.camera.piloting import orbited, panned
from app.camera.sight import SeenPoint
from app.camera.standard_views import TURNS, next_view, standard_view
from app.scenes.shape.state import ShapeState, shapes

SIZE = (200, 150)
CAMERA = Camera.looking_at((0.0, 0.0, 0.0), (1.2, 0.8, 2.0))


@pytest.fixture
def session(tmp_path: Path) -> Iterator[DrivenSession]:
    with driven(tmp_path) as session:
        session.show_scene("shape")
        session.framebuffer_px = SIZE
        state = shapes(session)
        state.documents["shape"] = document_of(Waves())  # which nobody evaluates
        state.controls = type(state.controls)(field="shape", camera=CAMERA)
        yield session


def passed(state: ShapeState, session: DrivenSession, seconds: float) -> None:
    """Let time pass for the camera alone."""
    session._time.seconds += seconds
    super(ShapeState, state).advance(session.now)


def test_standard_views_look_along_the_axes_from_as_far_away() -> None:
    middle = (0.2, -0.1, 0.3)
    for name, axis in zip(TURNS, ([0, 0, 1], [1, 0, 0], [0, 0, -1], [-1, 0, 0], [0, 1, 0], [0, -1, 0]), strict=True):
        camera = standard_view(name, CAMERA, middle)
        away = np.array(camera.position) - middle
        assert np.linalg.norm(away) == pytest.approx(math.dist(CAMERA.position, middle))
        assert away @ np.array(axis) >= np.cos(np.radians(1.01)) * np.linalg.norm(away), name
        assert camera.axes[2] == pytest.approx(-away / np.linalg.norm(away)), "the middle is in the middle of the view"
        assert next_view(camera) == [*TURNS, "front"][list(TURNS).index(name) + 1]
    assert next_view(CAMERA) == "front"


def test_a_glide_begins_and_ends_slowly_and_arrives() -> None:
    end = standard_view("right", CAMERA, (0.0, 0.0, 0.0))
    glide = Glide(CAMERA, end, (0.0, 0.0, 0.0), began_at=10.0)
    assert glide.camera_at(10.0).position == pytest.approx(CAMERA.position)
    assert glide.camera_at(10.001 + SECONDS) is None
    turns = [glide.camera_at(10 + share * SECONDS).yaw_deg for share in (0.0, 0.1, 0.5, 0.9, 0.999999)]
    assert turns[-1] == pytest.approx(end.yaw_deg, abs=1e-3)
    steps = np.diff(turns)
    assert steps[0] / 0.1 < 0.4 * steps[1] / 0.4 and steps[3] / 0.1 < 0.4 * steps[2] / 0.4
    for share in (0.2, 0.5, 0.7):
        camera = glide.camera_at(10 + share * SECONDS)
        assert np.linalg.norm(camera.position) == pytest.approx(np.linalg.norm(CAMERA.position)), "around, not through"


def test_what_is_as_far_away_as_the_middle_goes_with_the_hand() -> None:
    middle = (0.3, 0.1, -0.2)
    camera = orbited(CAMERA, middle, (0.0, 0.0))
    moved = camera.moved(panned(camera, middle, (17.0, -9.0), SIZE[1]))
    before, after = (frame_from_world(one, SIZE, np.array([middle]))[0] for one in (camera, moved))
    assert after - before == pytest.approx([17.0, -9.0, 0.0])


def test_from_afar_sizes_do_not_depend_on_the_distance() -> None:
    afar = from_afar(CAMERA)
    right, up, ahead = CAMERA.axes
    across = [frame_from_world(afar, SIZE, np.stack([z * ahead, z * ahead + right]))[:, 0] for z in (-0.9, 0.0, 0.9)]
    lengths = [float(ends[1] - ends[0]) for ends in across]
    assert lengths == pytest.approx([lengths[1]] * 3, rel=0.005), "but for half a per cent"
    places = np.stack([0 * up, right, 0.3 * right + 0.4 * up])
    assert frame_from_world(afar, SIZE, places)[:, :2] == pytest.approx(frame_from_world(CAMERA, SIZE, places)[:, :2])


def test_a_double_click_lets_the_orbit_turn_about_what_is_there(session: DrivenSession) -> None:
    state, point = shapes(session), (0.4, 0.2, 0.1)
    state.sees = lambda position: SeenPoint(point, (0.0, 0.0, 1.0))

    def click() -> None:
        state.press_button((60.0, 70.0))
        state.release_button()

    click()
    session._time.seconds += DOUBLE_CLICK_S + 0.1
    click()
    assert state.pivot == (0.0, 0.0, 0.0) and not state.under_way, "two clicks, and no double click"
    click()
    assert state.pivot == point and state.under_way
    distance = np.linalg.norm(CAMERA.position)
    passed(state, session, SECONDS + 0.01)
    assert not state.under_way
    assert frame_from_world(state.controls.camera, SIZE, np.array([point]))[0] == pytest.approx([100, 75, distance])
    state.press_button((60.0, 70.0))
    state.move((90.0, 80.0))
    state.release_button()
    assert math.dist(state.controls.camera.position, point) == pytest.approx(distance)
    press(session, "0")
    passed(state, session, SECONDS + 0.01)
    assert state.controls.camera == state.home() and state.pivot == (0.0, 0.0, 0.0)


def test_the_other_buttons_move_aside_and_whatever_moves_the_camera_ends_a_glide(session: DrivenSession) -> None:
    state = shapes(session)
    press(session, "7")
    assert state.under_way
    state.press_other((50.0, 50.0))
    state.move((70.0, 40.0))
    state.release_button()
    assert not state.under_way and state.controls.camera.yaw_deg == CAMERA.yaw_deg
    seen = frame_from_world(state.controls.camera, SIZE, np.array([state.pivot, (0.0, 0.0, 0.0)]))
    assert seen[:, :2] == pytest.approx(np.array([[100, 75], [120, 65]])), "and the pivot goes with it"
    press(session, "8")
    assert state.controls.parallel and state.controls.eye.fov_deg < 1
    assert state.controls.eye.axes == pytest.approx(state.controls.camera.axes)
