"""The ellipsoid of a filter in the hand, and what is told of a point of a shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from ball import RADIUS, Ball, cell_centres
from driving import DrivenSession, driven

from app.camera.camera import Camera, frame_from_world, pixel_at, point_seen
from app.camera.sight import SeenPoint
from app.covariance import isotropic
from app.document import Document
from app.filter.in_hand import GAP_PT
from app.gl.offscreen import Offscreen
from app.scenes.shape.bake import Bake
from app.scenes.shape.compositor import ShapeCompositor, ShapePane
from app.scenes.shape.controls import ShapeControls
from app.scenes.shape.inspector import rows_at, values_at
from app.scenes.shape.principal_axes import PrincipalAxes3, turned_towards
from app.scenes.shape.state import ShapeState, shapes
from app.scenes.shape.volume_texture import VolumeTexture
from app.work.slices import completed
from fieldcore.checkpoint import TrainingFacts

SIZE = (200, 200)
FRONT = Camera((0.0, 0.0, 2.5))


@pytest.fixture
def session(tmp_path: Path) -> Iterator[DrivenSession]:
    with driven(tmp_path) as session:
        session.show_scene("shape")
        session.framebuffer_px = SIZE
        shapes(session).documents["ball"] = Document(Path("ball"), Ball(), TrainingFacts())
        shapes(session).change(field="ball", camera=FRONT)
        shapes(session).take_into_hand(True)
        yield session


def pulled(state: ShapeState, start: tuple[float, float], end: tuple[float, float]) -> None:
    state.press_button(start)
    state.move(end)
    state.release_button()


def test_the_first_end_of_an_axis_goes_with_the_hand_and_turns_the_others(session: DrivenSession) -> None:
    state = shapes(session)
    state.set_axes(log10_variances=(-2.0, -3.0, -4.0))
    handle = state.held()[0].handles(GAP_PT)[0, 1]
    assert handle == pytest.approx((100 + 0.1 / pixel_at(FRONT, SIZE, np.zeros(3)) + GAP_PT, 100.0))
    pulled(state, handle, (100.0, 100 - 30 - GAP_PT))  # straight up
    length = 30 * pixel_at(FRONT, SIZE, np.zeros(3))
    assert state.axes.log10_variances == pytest.approx((2 * np.log10(length), -3.0, -4.0))
    assert state.axes.axes[:, 0] == pytest.approx([0, 1, 0]) and state.axes.axes[:, 1] == pytest.approx([-1, 0, 0])
    assert abs(state.axes.axes[2, 2]) == pytest.approx(1), "what points at the eye still does"


def test_any_other_end_makes_its_axis_longer_and_turns_nothing(session: DrivenSession) -> None:
    state = shapes(session)
    state.set_axes(log10_variances=(-2.0, -3.0, -4.0), yaw_deg=20.0)
    before = state.axes
    x, y = state.held()[0].handles(GAP_PT)[1, -1]
    pulled(state, (x, y), (x + 5, y + 20))
    assert state.axes.log10_variances[1] > before.log10_variances[1]
    assert state.axes.log10_variances[::2] == before.log10_variances[::2]
    assert state.axes.axes == pytest.approx(before.axes, abs=1e-6)


def test_a_click_puts_it_on_what_is_seen_and_pins_what_is_told(session: DrivenSession) -> None:
    state = shapes(session)
    point, rows = (0.1, 0.2, 0.3), (("point", "there"),)
    state.sees = lambda position: SeenPoint(point, (0.0, 0.0, 1.0), rows)
    state.inspect(True)
    session.cursor = (50.0, 60.0)
    assert state.inspected.rows == rows and not state.inspected.pinned
    pulled(state, (50.0, 60.0), (50.0, 60.0))
    place = tuple(frame_from_world(FRONT, SIZE, np.array([point]))[0, :2])
    assert state.held()[0].middle == pytest.approx(place)
    assert state.inspected.at == pytest.approx(place) and state.inspected.pinned
    state.sees = lambda position: SeenPoint((0.1, 0.2, 0.9), (0.0, 0.0, 1.0), rows)
    assert state.inspected.rows[-1] == ("", "hidden"), "something nearer covers it"


def test_the_shortest_turn_leads_an_axis_anywhere() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        yaw, pitch, roll = rng.uniform(-80, 80, 3)
        axes, way = PrincipalAxes3((-1.0, -2.0, -3.0), yaw, pitch, roll), rng.normal(size=3)
        turned = turned_towards(axes, 1, way).axes
        cosine = axes.axes[:, 1] @ way / np.linalg.norm(way)
        assert turned[:, 1] == pytest.approx(way / np.linalg.norm(way))
        assert np.trace(turned @ axes.axes.T) == pytest.approx(1 + 2 * cosine), "by the angle between them, no more"


def test_places_in_the_frame_and_points_of_the_world_are_each_others_inverse() -> None:
    camera = Camera.looking_at((0.1, 0.2, -0.1), (1.0, 0.7, 2.0), 35.0)
    points = np.random.default_rng(1).uniform(-0.5, 0.5, (9, 3))
    for point, (x, y, away) in zip(points, frame_from_world(camera, (320, 180), points), strict=True):
        assert point_seen(camera, (320, 180), (x / 320, y / 180), away) == pytest.approx(tuple(point))


def test_between_cells_a_bake_is_linear() -> None:
    bake = Bake((cell_centres(8) @ np.array([0.3, -0.2, 0.5]) + 0.1).astype(np.float32))
    for point in np.random.default_rng(2).uniform(-0.9, 0.9, (5, 3)):
        assert values_at(bake, point[None])[0] == pytest.approx(point @ [0.3, -0.2, 0.5] + 0.1, abs=1e-6)


def test_what_is_seen_of_a_ball_is_on_it_and_faces_away(surface_of: Callable[[int, int], Offscreen]) -> None:
    surface = surface_of(96, 96)
    scene, volume = ShapeCompositor(surface.context), VolumeTexture(surface.context)
    bake = Bake((np.linalg.norm(cell_centres(32), axis=-1) - RADIUS).astype(np.float32))
    completed(volume.bringing(bake))
    controls = ShapeControls(field="ball", camera=FRONT, covariance=isotropic(1e-4, 3))
    scene.prepare(controls, {"field": ShapePane(volume)}, (96, 96))
    point, normal = scene.seen_at("field", (0.6, 0.4))
    assert np.linalg.norm(point) == pytest.approx(RADIUS, abs=4e-3)
    assert normal == pytest.approx(np.array(point) / RADIUS, abs=0.02)
    x, y, _ = frame_from_world(FRONT, (96, 96), np.array([point]))[0]
    assert (x, y) == pytest.approx((0.6 * 96, 0.4 * 96), abs=1.0)
    assert scene.seen_at("field", (0.02, 0.02)) is None and scene.seen_at("truth", (0.5, 0.5)) is None
    rows = dict(rows_at(np.array(point), np.array(normal), 0.005, controls, bake, bake))
    assert rows["error"] == "0" and rows["filter, σ"] == "0.01 = 2 px"  # noqa: RUF001
    scene.release()
    volume.release()
