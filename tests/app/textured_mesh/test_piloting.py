"""Flying and turning: by time, along the view, never beyond bounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from app.camera.camera import MOST_PITCH_DEG, Camera, clip_from_view, view_from_world
from app.camera.eased_hand import EASE_S, EasedHand
from app.camera.piloting import (
    FARTHEST,
    HELD,
    LEAST_SPEED,
    MOST_SPEED,
    TURN_DEG_PER_S,
    dollied,
    flown,
    framing,
    hand_of,
    looked,
    orbited,
    sped,
)

CAMERA = Camera((0.3, -0.2, 1.0), yaw_deg=37.0, pitch_deg=-21.0, fov_deg=50.0)


def after(camera: Camera, held: Sequence[str], speed: float, seconds: float) -> Camera:
    return flown(camera, seconds * hand_of(held), speed)


def step(camera: Camera, *held: str, speed: float = 2.0, seconds: float = 0.5) -> np.ndarray:
    return np.array(after(camera, held, speed, seconds).position) - np.array(camera.position)


def test_w_flies_along_the_view_and_s_back() -> None:
    assert step(CAMERA, "W") == pytest.approx(CAMERA.axes[2] * 1.0)
    assert step(CAMERA, "S") == pytest.approx(-CAMERA.axes[2] * 1.0)


def test_a_and_d_fly_across_it_and_space_and_shift_along_the_worlds_vertical() -> None:
    assert step(CAMERA, "D") == pytest.approx(CAMERA.axes[0])
    assert step(CAMERA, "A") == pytest.approx(-CAMERA.axes[0])
    assert step(CAMERA, "Space") == pytest.approx([0, 1, 0])
    assert step(CAMERA, "Shift") == pytest.approx([0, -1, 0])


@pytest.mark.parametrize("held", [("W", "D"), ("W", "A", "Space"), ("S", "Shift"), ("W",)])
def test_two_keys_are_no_faster_than_one(held: tuple[str, ...]) -> None:
    assert np.linalg.norm(step(CAMERA, *held)) == pytest.approx(1.0)


def test_opposite_keys_cancel() -> None:
    assert after(CAMERA, tuple(HELD), 2.0, 0.5) == CAMERA
    assert after(CAMERA, (), 2.0, 0.5) == CAMERA
    assert after(CAMERA, ("Left", "Right", "Up", "Down"), 2.0, 0.5) == CAMERA


@pytest.mark.parametrize("frames", [1, 7, 240])
def test_the_way_does_not_depend_on_the_number_of_frames(frames: int) -> None:
    camera = CAMERA
    for _ in range(frames):
        camera = after(camera, ("W", "D"), 2.0, 0.5 / frames)
    assert camera.position == pytest.approx(after(CAMERA, ("W", "D"), 2.0, 0.5).position)


@pytest.mark.parametrize("passes", [2, 9, 120])
def test_held_keys_begin_and_end_softly_and_go_as_far_as_without_that(passes: int) -> None:
    hand, asked, still = EasedHand(), hand_of(("W", "Left")), hand_of(())
    ways = [hand.over(asked, 0.6 / passes) for _ in range(passes)]
    half, there = np.sum(ways, axis=0), hand_of(("W", "Left")) * 0.6
    assert half == pytest.approx(asked * (0.6 - EASE_S * (1 - math.exp(-0.6 / EASE_S)))), "whatever the passes are"
    assert ways[0][2] < 0.9 * 0.6 / passes and hand.moves
    while hand.moves:
        half = half + hand.over(still, 0.6 / passes)
    assert half == pytest.approx(there)
    assert not hand.over(still, 1.0).any()


def test_arrows_turn_at_a_steady_rate_and_the_pitch_stays_clamped() -> None:
    turned = after(CAMERA, ("Left",), 2.0, 0.5)
    assert turned.yaw_deg == pytest.approx(37.0 + TURN_DEG_PER_S / 2)
    assert replace(turned, yaw_deg=CAMERA.yaw_deg) == CAMERA
    up = after(CAMERA, ("Up",), 2.0, 60.0)
    assert up.pitch_deg == MOST_PITCH_DEG and up.position == CAMERA.position


def test_nobody_flies_out_of_sight() -> None:
    camera = after(CAMERA, ("S",), 1000.0, 1.0)
    assert math.hypot(*camera.position) == pytest.approx(FARTHEST)


def test_the_mouse_turns_the_view_as_far_as_it_moves() -> None:
    """What was a small way right of the middle is in the middle after the mouse went that way."""
    height, shift = 1000, 30.0
    by_pixel = 2 * math.tan(math.radians(CAMERA.fov_deg) / 2) / height
    level = replace(CAMERA, pitch_deg=0.0)
    aim = level.axes[2] + shift * by_pixel * level.axes[0]
    seen = looked(level, (shift, 0.0), height).axes[2]
    # A pixel in the middle of the frame is a little wider than one on average.
    assert math.degrees(math.acos(aim @ seen / np.linalg.norm(aim))) < 0.15 * shift * CAMERA.fov_deg / height
    assert looked(level, (0.0, -1e6), height).pitch_deg == MOST_PITCH_DEG
    assert looked(level, (0.0, 1e6), height).pitch_deg == -MOST_PITCH_DEG


@pytest.mark.parametrize("shift", [(0.0, 0.0), (120.0, 40.0), (-900.0, -900.0), (0.0, 5000.0)])
def test_an_orbit_keeps_its_distance_and_looks_at_its_middle(shift: tuple[float, float]) -> None:
    middle = (0.1, 0.2, -0.1)
    camera = orbited(CAMERA, middle, shift)
    away = np.array(camera.position) - np.array(middle)
    assert np.linalg.norm(away) == pytest.approx(math.dist(CAMERA.position, middle))
    assert camera.axes[2] == pytest.approx(-away / np.linalg.norm(away))
    assert abs(camera.pitch_deg) <= MOST_PITCH_DEG and camera.fov_deg == CAMERA.fov_deg


def test_the_wheel_comes_closer_and_goes_back() -> None:
    middle = (0.0, 0.0, 0.0)
    nearer = dollied(CAMERA, middle, 3.0)
    assert math.hypot(*nearer.position) < math.hypot(*CAMERA.position)
    assert dollied(nearer, middle, -3.0).position == pytest.approx(CAMERA.position)
    assert math.hypot(*dollied(CAMERA, middle, 1000.0).position) > 0
    assert math.hypot(*dollied(CAMERA, middle, -1000.0).position) == pytest.approx(FARTHEST)
    assert sped(1.0, 1e3) == MOST_SPEED and sped(1.0, -1e3) == LEAST_SPEED
    assert sped(sped(1.0, 4.0), -4.0) == pytest.approx(1.0)


@pytest.mark.parametrize("half", [(1.0, 0.4, 0.2), (0.3, 1.0, 0.4), (0.2, 0.1, 1.0), (1.0, 1.0, 1.0)])
def test_at_first_the_whole_model_is_seen_and_fills_the_frame(half: tuple[float, float, float]) -> None:
    x, y, z = half
    camera = framing((-x, -y, -z), (x, y, z), 40.0)
    corners = np.stack(np.meshgrid((-x, x), (-y, y), (-z, z)), -1).reshape(-1, 3)
    seen = clip_from_view(camera, (800, 600)) @ view_from_world(camera) @ np.vstack([corners.T, np.ones(8)])
    places = np.abs(seen[:2] / seen[3])
    assert places.max() == pytest.approx(0.92) and (seen[3] > 0).all()
