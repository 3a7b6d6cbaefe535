"""The camera against pinhole geometry worked out by hand."""

import math

import numpy as np
import pytest

from app.camera.camera import MOST_PITCH_DEG, Camera, clip_from_view, view_from_world


def in_frame(camera, point, size, shift_px=(0.0, 0.0)):
    """Frame coordinates of a world point."""
    clip = clip_from_view(camera, size, shift_px) @ view_from_world(camera) @ np.array([*point, 1.0])
    x, y = clip[:2] / clip[3]
    return (x + 1) / 2 * size[0], (1 - y) / 2 * size[1]


def test_axes_are_orthonormal_and_right_handed_at_any_turn():
    for yaw, pitch in ((0.0, 0.0), (30.0, 50.0), (-170.0, -80.0), (95.0, 12.0)):
        axes = Camera(yaw_deg=yaw, pitch_deg=pitch).axes
        assert np.allclose(axes @ axes.T, np.eye(3), atol=1e-12)
        assert np.allclose(np.cross(axes[0], axes[1]), -axes[2], atol=1e-12)


def test_looks_down_minus_z_turns_left_and_tilts_up():
    assert np.allclose(Camera().axes, [[1, 0, 0], [0, 1, 0], [0, 0, -1]])
    assert np.allclose(Camera(yaw_deg=90.0).axes[2], [-1, 0, 0], atol=1e-12)
    assert Camera(pitch_deg=30.0).axes[2][1] == pytest.approx(0.5)


def test_a_pinhole_sees_points_where_geometry_says():
    camera, size = Camera(position=(0.0, 0.0, 2.0), fov_deg=90.0), (400, 200)
    assert in_frame(camera, (0.0, 0.0, 0.0), size) == pytest.approx((200, 100))
    # At 90 degrees half the height is as far as the distance: 2 units up at distance 2 is the top edge.
    assert in_frame(camera, (0.0, 2.0, 0.0), size) == pytest.approx((200, 0))
    assert in_frame(camera, (1.0, -1.0, 0.0), size) == pytest.approx((250, 150))


def test_a_shift_moves_the_picture_by_just_so_many_pixels():
    camera, size = Camera(position=(0.3, -0.2, 2.0), yaw_deg=12.0, pitch_deg=-7.0), (320, 240)
    for point in ((0.0, 0.0, 0.0), (0.4, 0.3, -1.0)):
        x, y = in_frame(camera, point, size)
        assert in_frame(camera, point, size, (0.25, -0.5)) == pytest.approx((x - 0.25, y + 0.5))


def test_looking_at_puts_the_target_in_the_middle():
    for position in ((3.0, 1.0, 0.5), (-2.0, -1.0, -2.0), (0.1, 0.0, 4.0)):
        camera = Camera.looking_at((0.2, -0.1, 0.3), position)
        assert in_frame(camera, (0.2, -0.1, 0.3), (640, 360)) == pytest.approx((320, 180))


def test_pitch_is_clamped_and_yaw_wraps_round():
    assert Camera().turned(0.0, 500.0).pitch_deg == MOST_PITCH_DEG
    assert Camera().turned(0.0, -500.0).pitch_deg == -MOST_PITCH_DEG
    assert Camera(yaw_deg=170.0).turned(20.0, 0.0).yaw_deg == pytest.approx(-170.0)
    straight_down = Camera.looking_at((0.0, 0.0, 0.0), (0.0, 2.0, 0.0))
    assert straight_down.pitch_deg == -MOST_PITCH_DEG and math.isfinite(straight_down.yaw_deg)
