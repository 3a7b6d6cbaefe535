"""The figures, on planes whose every pixel is known."""

from __future__ import annotations

import math
from dataclasses import replace

import flip_evaluator
import numpy as np
import pytest

from app.camera.camera import Camera
from app.scenes.textured_mesh.agreement import Seen, flicker, flip, psnr
from app.scenes.textured_mesh.geometry_pass import GeometryArrays

SIZE = (64, 48)
FOV_DEG = 2 * math.degrees(math.atan(0.5))  # at distance 1 the frame is one unit high


def wall_seen_from(
    position: tuple[float, float, float], colours=lambda u, v: np.zeros_like(u), step: float = math.inf
) -> Seen:
    """A wall at z = 0 with u, v = x, y; nearer than it, left of x = ``step``, another one at z = 0.5, u offset by 5."""
    camera = Camera(position, fov_deg=FOV_DEG)
    width, height = SIZE
    column, row = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    across, up = (column - width / 2) / height, (height / 2 - row) / height
    near, far = position[2] - 0.5, position[2]
    hidden = position[0] + near * across < -step if math.isfinite(step) else np.zeros_like(across, bool)
    distance = np.where(hidden, near, far)
    u = position[0] + distance * across + np.where(hidden, 5.0, 0.0)
    v = position[1] + distance * up
    jacobian = np.zeros((height, width, 2, 2), np.float32)
    jacobian[..., 0, 0], jacobian[..., 1, 1] = distance / height, -distance / height
    geometry = GeometryArrays(
        uv=np.stack([u, v], -1).astype(np.float32),
        jacobian=jacobian,
        coverage=np.ones((height, width), np.float32),
        material=np.zeros((height, width), np.int32),
        normal=np.broadcast_to(np.float32([0, 0, 1]), (height, width, 3)).copy(),
        distance=distance.astype(np.float32),
    )
    colour = np.asarray(colours(u, v), np.float32)
    albedo = np.stack([colour, colour, colour, np.ones_like(colour)], -1)
    return Seen(albedo, geometry, camera)


def stripes(u, v):
    return 0.5 + 0.5 * np.sin(40 * u + 17 * v)


def test_a_camera_that_stands_still_sees_no_flicker():
    seen = wall_seen_from((0.1, 0.2, 1.0), stripes, step=0.1)
    assert flicker(seen, seen) == pytest.approx(0, abs=1e-6)


def test_a_constant_texture_does_not_flicker_in_motion():
    now, before = (wall_seen_from((x, 0.0, z), lambda u, v: np.full_like(u, 0.3)) for x, z in ((0.05, 1.1), (0.0, 1.0)))
    assert flicker(now, before) == pytest.approx(0, abs=1e-7)


def test_a_ramp_on_the_wall_is_followed_exactly():
    now, before = (wall_seen_from((x, 0.0, z), lambda u, v: 0.5 + 0.3 * u) for x, z in ((0.031, 1.07), (0.0, 1.0)))
    assert flicker(now, before) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("pixels", [1.0, 2.5])
def test_a_ramp_that_sticks_to_the_frame_flickers_by_its_slope_times_the_way(pixels: float):
    """A pan of so many pixels; colours that rise by 0.01 a pixel, wherever the camera is."""
    way = pixels / SIZE[1]
    before = wall_seen_from((0.0, 0.0, 1.0), lambda u, v: 0.4 + 0.01 * SIZE[1] * u)
    now = wall_seen_from((way, 0.0, 1.0), lambda u, v: 0.4 + 0.01 * SIZE[1] * (u - way))
    assert flicker(now, before) == pytest.approx(0.01 * pixels, rel=1e-4)


def test_what_was_hidden_before_is_left_out():
    """A near wall moves away from before a far one, whose colour changes only where it was hidden."""
    two = {"colours": lambda u, v: np.where(u > 3, 0.9, 0.2), "step": 0.0}
    before, now = wall_seen_from((-0.1, 0.0, 1.0), **two), wall_seen_from((0.3, 0.0, 1.0), **two)
    assert flicker(now, before) == pytest.approx(0, abs=1e-6)
    # From x = p the edge, at x = 0 and half the distance, hides the far wall up to x = -p.
    u, colours = now.geometry.uv[..., 0], now.albedo.copy()
    new = (u < 3) & (u < 0.1)
    assert new.any(), "the scene is to uncover something"
    colours[new, :3] = 1.0
    assert flicker(replace(now, albedo=colours), before) == pytest.approx(0, abs=1e-6)
    colours[(u < 3) & ~new, :3] = 0.3
    assert flicker(replace(now, albedo=colours), before) > 0.02


def test_another_material_is_another_surface():
    now, before = wall_seen_from((0.0, 0.0, 1.0)), wall_seen_from((0.0, 0.0, 1.0), stripes)
    assert flicker(now, before) > 0.3
    other = replace(before, geometry=replace(before.geometry, material=before.geometry.material + 1))
    assert flicker(now, other) is None


def test_frames_without_a_point_in_common_have_no_flicker():
    assert flicker(wall_seen_from((5.0, 0.0, 1.0)), wall_seen_from((0.0, 0.0, 1.0))) is None
    behind = replace(wall_seen_from((0.0, 0.0, 1.0)), camera=Camera((0.0, 0.0, 1.0), yaw_deg=180.0, fov_deg=FOV_DEG))
    assert flicker(wall_seen_from((0.0, 0.0, 1.0)), behind) is None


def test_psnr_and_flip_count_only_what_both_cover():
    judge = wall_seen_from((0.0, 0.0, 1.0), stripes).albedo
    shown = judge.copy()
    shown[..., :3] += np.where(judge[..., :3] > 0.5, -0.1, 0.1).astype(np.float32)
    assert psnr(shown, judge) == pytest.approx(20.0, abs=1e-3)
    assert flip(judge, judge) == pytest.approx(0, abs=1e-6) and psnr(judge, judge) == pytest.approx(200)
    shown[:, :20, :3], shown[:, :20, 3] = 1 - judge[:, :20, :3], 0.5
    assert psnr(shown, judge) == pytest.approx(20.0, abs=1e-3)
    wholly = shown.copy()
    wholly[:, :20, 3] = 1.0
    assert psnr(wholly, judge) < 15 and flip(wholly, judge) > 1.5 * flip(shown, judge)
    nothing = np.zeros_like(judge)
    assert (psnr(nothing, judge), flip(nothing, judge)) == (None, None)


def test_flip_looks_only_where_it_must():
    """A small patch in a large frame: the same mean as of the whole frame, differences left out around it."""
    y, x = np.mgrid[0:200, 0:300]
    judge = np.stack([stripes(x / 40, y / 70)] * 3 + [(np.hypot(x - 170, y - 90) < 30).astype(float)], -1)
    judge = judge.astype(np.float32)
    shown = judge.copy()
    shown[..., :3] = 1 - judge[..., :3]
    covered = judge[..., 3] > 0.5
    whole = np.where(covered[..., None], shown[..., :3], judge[..., :3])
    expected = flip_evaluator.evaluate(judge[..., :3].copy(), whole, "LDR", applyMagma=False)[0]
    assert flip(shown, judge) == pytest.approx(float(expected.reshape(200, 300)[covered].mean()), abs=1e-6)


def test_interpolation_is_exact_for_parabolas_and_at_pixels():
    from app.scenes.textured_mesh.agreement import _cubic

    places = np.arange(-1, 3).astype(float)
    for share in (0.0, 0.2, 0.5, 0.9):
        weights = _cubic(share - places)
        for power in (0, 1, 2):
            assert weights @ places**power == pytest.approx(share**power)
    assert np.array_equal(_cubic(0.0 - places), [0, 1, 0, 0])
