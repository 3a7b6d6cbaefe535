from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from ball import cell_centres
from resources import Resources

from app.camera.camera import Camera
from app.gl.offscreen import Offscreen
from app.scenes.shape.bake import Bake
from app.scenes.shape.compositor import ShapeCompositor, ShapePane
from app.scenes.shape.controls import ShapeControls, ShapeSource
from app.scenes.shape.legend import line_spacing
from app.scenes.shape.light import CURVATURE_RANGE
from app.scenes.shape.volume_texture import VolumeTexture
from app.work.slices import completed

SurfaceOf = Callable[[int, int], Offscreen]
SIZE = (320, 180)
FRONT = Camera((0.0, 0.0, 3.0))


def ball(radius: float, cells: int = 64) -> Bake:
    return Bake((np.linalg.norm(cell_centres(cells), axis=-1) - radius).astype(np.float32))


class Stage:
    """A scene with a field and a truth that are balls."""

    def __init__(self, surface: Offscreen, field: Bake, truth: Bake) -> None:
        self.surface, self.scene = surface, ShapeCompositor(surface.context)
        self.volumes = VolumeTexture(surface.context), VolumeTexture(surface.context)
        for volume, bake in zip(self.volumes, (field, truth), strict=True):
            completed(volume.bringing(bake))
        self.panes: dict[ShapeSource, ShapePane] = {
            "field": ShapePane(self.volumes[0], "field"),
            "truth": ShapePane(self.volumes[1], "truth"),
        }

    def drawn(self, panes: dict[ShapeSource, ShapePane] | None = None, divisor: int = 1, **options: Any) -> np.ndarray:
        options = {"caption": False, "grid": False, "camera": FRONT, **options}
        panes = self.panes if panes is None else panes
        self.scene.draw(self.surface.framebuffer, ShapeControls(field="field", **options), panes, divisor=divisor)
        return self.surface.pixels() / 255


@contextmanager
def staged(surface: Offscreen, field: float = 0.7, truth: float = 0.7) -> Iterator[Stage]:
    stage = Stage(surface, ball(field), ball(truth))
    yield stage
    for part in (stage.scene, *stage.volumes):
        part.release()


def ball_px(size: tuple[int, int], radius: float) -> np.ndarray:
    """Where a ball of that radius is seen from in front, but for a pixel at its edge."""
    by_pixel = 2 * np.tan(np.radians(FRONT.fov_deg) / 2) / size[1]
    y, x = np.mgrid[0 : size[1], 0 : size[0]] + 0.5
    away = np.hypot(x - size[0] / 2, y - size[1] / 2)
    return away < radius / np.sqrt(9 - radius**2) / by_pixel - 1


def test_a_ball_stands_before_the_backdrop(surface_of: SurfaceOf) -> None:
    with staged(surface_of(*SIZE)) as stage:
        empty, shape = stage.drawn({}), stage.drawn()
    inside = ball_px(SIZE, 0.7)
    assert (np.abs(shape - empty).max(-1)[inside] > 0.02).mean() > 0.95
    assert np.abs(shape - empty).max(-1)[~ball_px(SIZE, 0.75)].max() < 1.1 / 255
    assert empty.min() > 0.1 and empty.max() < 0.5
    # The light comes from the upper left.
    left, right = shape[60:80, 120:140].mean(), shape[100:120, 180:200].mean()
    assert left > right + 0.1


def test_where_nothing_is_left_the_studio_is_empty(surface_of: SurfaceOf) -> None:
    with staged(surface_of(*SIZE)) as stage:
        stage.drawn()
        assert (stage.drawn(level=-0.9, grid=True) == stage.drawn({}, grid=True)).all()


def test_the_light_stands_where_it_is_put(surface_of: SurfaceOf) -> None:
    with staged(surface_of(*SIZE)) as stage:
        for yaw, brighter, darker in ((90.0, 190, 130), (-90.0, 130, 190)):
            lit = stage.drawn(light_yaw_deg=yaw, light_pitch_deg=0.0)
            assert lit[90, brighter].mean() > lit[90, darker].mean() + 0.1
        above = stage.drawn(light_pitch_deg=85.0)
        assert above[60, 160].mean() > above[120, 160].mean() + 0.1


def test_who_is_within_the_shape_sees_its_walls(surface_of: SurfaceOf) -> None:
    with staged(surface_of(*SIZE)) as stage:
        walls = stage.drawn(camera=Camera((0.0, 0.0, 0.0)))
    assert walls.min() > 0.15 and np.ptp(walls) > 0.02


def test_shadows_fall_away_from_the_light(surface_of: SurfaceOf) -> None:
    camera = Camera.looking_at((0.0, -0.5, 0.0), (0.0, 2.0, 4.0))
    with staged(surface_of(*SIZE)) as stage:
        options: dict[str, Any] = {"camera": camera, "grid": True, "light_yaw_deg": -90.0, "light_pitch_deg": 35.0}
        cast, plain = stage.drawn(**options), stage.drawn(shadows=False, **options)
    darker = (plain - cast).mean(-1)
    assert darker.min() > -0.02
    rows, columns = np.nonzero(darker > 0.05)
    assert len(rows) > 500 and (columns > SIZE[0] / 2).mean() > 0.9


def test_normals_are_colours(surface_of: SurfaceOf) -> None:
    with staged(surface_of(*SIZE)) as stage:
        got = stage.drawn(colouring="normals")
    assert got[90, 160].argmax() == 2, "towards us"
    assert got[90, 195].argmax() == 0 or got[90, 195, 0] > got[90, 125, 0] + 0.3, "red to the right"
    assert got[55, 160, 1] > got[125, 160, 1] + 0.3, "green above"


@pytest.mark.parametrize("level", [0.0, 0.1])
def test_equal_shapes_differ_nowhere(surface_of: SurfaceOf, level: float) -> None:
    with staged(surface_of(*SIZE)) as stage:
        got = stage.drawn(left="error", level=level, error_range=1e-3)
    inside = ball_px(SIZE, 0.7 + level)
    assert np.ptp(got[inside], axis=-1).max() < 4 / 255, "grey, the colour of zero"
    assert got[inside].min() > 0.5


def test_a_larger_field_is_red_and_a_smaller_one_blue(surface_of: SurfaceOf) -> None:
    for field, strong, weak in ((0.72, 0, 2), (0.68, 2, 0)):
        with staged(surface_of(*SIZE), field=field) as stage:
            got = stage.drawn(left="error", error_range=0.04)[ball_px(SIZE, 0.66)]
            assert (got[:, strong] > got[:, weak] + 0.1).all()
            # Half the range has one colour all over, whatever the light.
            share = got / got.max(-1, keepdims=True)
            assert share.std(0).max() < 0.02


def test_curvature_is_one_colour_on_a_ball(surface_of: SurfaceOf) -> None:
    radius = 2 / CURVATURE_RANGE
    with staged(surface_of(*SIZE), field=radius) as stage:
        near = Camera((0.0, 0.0, 0.9))
        got = stage.drawn(colouring="curvature", camera=near)[70:110, 140:180].reshape(-1, 3)
    share = got / got.max(-1, keepdims=True)
    assert share.std(0).max() < 0.02 and (share[:, 0] == 1).all() and share[:, 2].mean() < 0.75


def test_lines_on_a_slice_lie_where_distances_are_round(surface_of: SurfaceOf) -> None:
    size = (640, 360)
    with staged(surface_of(*size)) as stage:
        row = stage.drawn(slice="z", slice_position=0.0)[178:182].mean((0, 2))
    spacing = line_spacing(FRONT, size[1], (2, 0.0))
    by_pixel = 2 * np.tan(np.radians(FRONT.fov_deg) / 2) / size[1]
    place = (np.arange(size[0]) + 0.5 - size[0] / 2) * by_pixel * 3
    half_px = spacing / (by_pixel * 3) / 2
    assert half_px > 5
    for multiple in range(4):  # on the surface, and outside of it: bright lines
        for side in (-1, 1):
            expected = np.interp(side * (0.7 + multiple * spacing), place, np.arange(size[0]))
            around = np.arange(round(expected - half_px), round(expected + half_px) + 1)
            assert abs(around[row[around].argmax()] - expected) <= 1
    for multiple in (1, 2):  # inside: dark ones
        expected = np.interp(0.7 - multiple * spacing, place, np.arange(size[0]))
        around = np.arange(round(expected - half_px), round(expected + half_px) + 1)
        assert abs(around[row[around].argmin()] - expected) <= 1


def test_what_a_slice_removes_is_seen_through_it(surface_of: SurfaceOf) -> None:
    with staged(surface_of(*SIZE)) as stage:
        got = stage.drawn(slice="z", slice_position=0.0)
        beyond = stage.drawn(slice="z", slice_position=-0.9)
    middle = got[80:100, 150:170].reshape(-1, 3)
    assert (middle[:, 0] > middle[:, 2] + 0.2).all(), "inside"
    middle = beyond[80:100, 150:170].reshape(-1, 3)
    assert (middle[:, 2] > middle[:, 0]).all(), "outside, the shape being gone"


@pytest.mark.parametrize("size", [(320, 180), (321, 180)])
def test_two_up_shows_both_halves(surface_of: SurfaceOf, size: tuple[int, int]) -> None:
    with staged(surface_of(*size), field=0.5, truth=0.8) as stage:
        two = stage.drawn(layout="two_up", grid=False)
    half = (160, 180)
    for radius, left in ((0.5, 0), (0.8, size[0] - 160)):
        with staged(surface_of(*half), field=radius) as stage:
            assert np.abs(two[:, left : left + 160] - stage.drawn()).max() < 1.1 / 255


def test_a_wipe_is_divided_where_the_divider_is(surface_of: SurfaceOf) -> None:
    with staged(surface_of(*SIZE), field=0.6, truth=0.8) as stage:
        field, truth = stage.drawn(layout="one", left="field"), stage.drawn(left="truth")
        wiped = stage.drawn(layout="wipe", divider=0.45)
        assert np.abs(wiped[:, :130] - field[:, :130]).max() < 1.1 / 255
        assert np.abs(wiped[:, 160:] - truth[:, 160:]).max() < 1.1 / 255
        assert wiped[5, 144].min() > 0.9, "the divider's line"
        for divider, whole in ((0.0, truth), (1.0, field)):
            at_edge = stage.drawn(layout="wipe", divider=divider)
            assert np.abs(at_edge[:, 20:-20] - whole[:, 20:-20]).max() < 1.1 / 255


@pytest.mark.parametrize("options", [{}, {"slice": "x"}, {"grid": True, "slice": "y"}, {"left": "error"}])
def test_shapes_that_are_missing_leave_the_studio_empty(surface_of: SurfaceOf, options: dict[str, Any]) -> None:
    surface = surface_of(*SIZE)
    with staged(surface) as stage:
        empty = stage.drawn({}, **options)
        unwritten = VolumeTexture(surface.context)
        assert (stage.drawn({"field": ShapePane(unwritten)}, **options) == empty).all()
        only_field = stage.drawn({"field": stage.panes["field"]}, **options)
        assert np.abs(only_field - empty).max() > 0.1, "without a truth the field is shown"


def test_a_coarser_picture_is_magnified_smoothly(surface_of: SurfaceOf) -> None:
    with staged(surface_of(*SIZE)) as stage:
        fine, coarse = stage.drawn(), stage.drawn(divisor=2)
    apart = np.abs(fine - coarse).max(-1)
    assert apart[ball_px(SIZE, 0.6)].max() < 0.05 and apart.mean() < 0.01


def test_captions_are_written_where_nothing_else_is(surface_of: SurfaceOf) -> None:
    size = (640, 360)
    with staged(surface_of(*size)) as stage:
        for options in ({}, {"layout": "wipe"}, {"layout": "two_up"}, {"left": "error"}):
            given = {**options, "covariance": (1e-2, 0.0, 0.0, 1e-3, 0.0, 1e-3)}
            plain, written = stage.drawn(**given), stage.drawn(caption=True, **given)
            changed = np.abs(written - plain).max(-1) > 2 / 255
            assert changed[320:, :200].any(), "the filter in words"
            assert changed[:40, :100].any(), "names"
            assert changed[260:, 430:].any() == (options.get("left") == "error"), "the scale"
            assert not changed[60:180].any()


def test_all_is_given_back(surface_of: SurfaceOf, resources: Resources) -> None:
    surface = surface_of(*SIZE)
    before = resources.alive
    with staged(surface, 0.7, 0.6) as stage:
        for layout, left in (("one", "field"), ("wipe", "field"), ("two_up", "error"), ("four", "field")):
            given = {"layout": layout, "left": left, "covariance": (1e-3, 0.0, 0.0, 1e-2, 0.0, 1e-3)}
            stage.drawn(caption=True, grid=True, **given)
        stage.drawn(slice="x", colouring="curvature", divisor=2)
        for volume in stage.volumes:
            completed(volume.bringing(ball(0.5, 32)))  # in place of the finer one
        stage.volumes[0].want(ball(0.5, 96))
        stage.volumes[0].advance()
        assert resources.alive > before
    assert resources.alive == before
