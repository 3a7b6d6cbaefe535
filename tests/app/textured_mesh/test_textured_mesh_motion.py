"""The camera between its keyframes: against geometry, and the laws of smooth motion."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.camera.camera import MOST_PITCH_DEG, Camera
from app.path.keyframes import KeyframePath, keyframe_of
from app.path.timeline import Keyframe
from app.scenes.textured_mesh.controls import TexturedMeshControls


def motion(*keyframes: Keyframe, closed: bool = False, **more) -> KeyframePath[TexturedMeshControls]:
    return KeyframePath(TexturedMeshControls(model="model.obj", **more), keyframes, closed=closed)


def positions(path: KeyframePath[TexturedMeshControls], times) -> np.ndarray:
    return np.array([path.at(float(time)).camera.position for time in times])


def around(closed: bool = True, count: int = 8) -> KeyframePath[TexturedMeshControls]:
    """Once around the origin, looking at it, a keyframe every 45 degrees."""
    keys = []
    for k in range(count):
        angle = 2 * math.pi * k / count
        camera = Camera.looking_at((0.0, 0.0, 0.0), (3 * math.sin(angle), 0.5, 3 * math.cos(angle)))
        keys.append(Keyframe(float(k), position=camera.position, yaw_deg=camera.yaw_deg, pitch_deg=camera.pitch_deg))
    return motion(*keys, Keyframe(float(count)), closed=closed)


def test_a_keyframe_shows_exactly_what_it_keys():
    keys = [
        Keyframe(
            0.1 + 0.3 * k,
            position=(k / 3, -k / 7, 1.1**k),
            yaw_deg=170.0 + 11.3 * k,
            pitch_deg=k / 9,
            fov_deg=40 + k / 3,
            variance=1.1**-k,
            left=("single", "mipmap")[k % 2],
            right=("uv", "neural")[k % 2],
            layout=("one", "wipe", "four")[k % 3],
            divider=k / 10,
        )
        for k in range(10)
    ]
    path = motion(*keys)
    for key in keys:
        assert keyframe_of(path.at(key.time), key.time) == key


def test_what_no_keyframe_names_is_as_the_path_says():
    path = motion(Keyframe(0.0), lit=False, samples=3, pixel_filter="box", field="f", error_range=0.3)
    assert path.at(0.0) == TexturedMeshControls(
        model="model.obj", field="f", samples=3, lit=False, pixel_filter="box", error_range=0.3
    )  # fmt: skip


def test_a_recording_is_flown_again_to_the_last_bit():
    rng = np.random.default_rng(0)
    recorded = []
    for _ in range(300):
        share = [float(value) for value in rng.random(8)]
        camera = Camera(tuple(share[:3]), 360 * share[3] - 180, 178 * share[4] - 89, 20 + 90 * share[5])
        shading = ("single", "mipmap", "uv")[int(3 * share[6])]
        recorded.append(
            TexturedMeshControls(
                model="model.obj", camera=camera, left=shading, variance=share[6] ** 9, divider=share[7]
            )
        )
    rate = 29.97
    path = KeyframePath(
        TexturedMeshControls(model="model.obj"),
        tuple(keyframe_of(controls, k / rate) for k, controls in enumerate(recorded)),
        frames_per_second=rate,
    )
    again = path
    assert [again.at(time) for time in path.frame_times()] == recorded


def test_the_camera_flows_through_a_turn_and_rests_at_both_ends():
    corner = motion(
        Keyframe(0.0, position=(0.0, 0.0, 0.0)),
        Keyframe(1.0, position=(1.0, 0.0, 0.0)),
        Keyframe(2.0, position=(1.0, 0.0, 1.0)),
    )
    step = 1e-5
    speeds = [np.linalg.norm(np.diff(positions(corner, (t, t + step)), axis=0)) / step for t in (0.0, 1.0, 2 - step)]
    assert speeds[0] < 1e-3 and speeds[2] < 1e-3
    # Each coordinate is the clamped spline through 0, 1, 1: its middle slope solves m0 + 4 m1 + m2 = 3 (y2 - y0).
    assert speeds[1] == pytest.approx(math.hypot(3 / 4, 3 / 4), rel=1e-3)


def test_velocity_and_acceleration_are_continuous():
    rng = np.random.default_rng(1)
    times = np.array([0.0, 0.7, 1.0, 2.5, 3.1])
    path = motion(*(Keyframe(float(t), position=tuple(float(c) for c in rng.normal(size=3))) for t in times))
    h = 1e-3
    for time in times[1:-1]:
        before = positions(path, time + h * np.array([-2, -1, 0]))
        after = positions(path, time + h * np.array([0, 1, 2]))
        accelerations = [np.diff(part, 2, axis=0)[0] / h**2 for part in (before, after)]
        np.testing.assert_allclose(*accelerations, atol=0.2)
        np.testing.assert_allclose(np.diff(before, axis=0)[-1], np.diff(after, axis=0)[0], atol=100 * h**2)


def test_a_loop_has_no_seam_wherever_it_begins():
    path = around()
    keys = [path.at(float(k)).camera for k in range(8)]
    turned = motion(
        *(Keyframe(float(k), position=keys[(k + 3) % 8].position, yaw_deg=keys[(k + 3) % 8].yaw_deg) for k in range(8)),
        Keyframe(8.0), closed=True,
    )  # fmt: skip
    for time in np.linspace(0, 8, 33):
        one, other = path.at(time + 3).camera, turned.at(float(time)).camera
        assert one.position == pytest.approx(other.position, abs=1e-12)
        assert one.yaw_deg == pytest.approx(other.yaw_deg)


def test_a_loop_around_something_turns_evenly_and_the_short_way():
    path = around()
    times = np.linspace(0, 8, 161)
    yaw = np.unwrap([path.at(float(time)).camera.yaw_deg for time in times], period=360)
    assert yaw[-1] - yaw[0] == pytest.approx(360)
    np.testing.assert_allclose(np.diff(yaw), 360 / 160, rtol=1e-6)
    radii = np.linalg.norm(positions(path, times)[:, [0, 2]], axis=1)
    np.testing.assert_allclose(radii, 3, atol=0.02)


def test_yaw_goes_the_short_way_past_the_turn():
    path = motion(Keyframe(0.0, yaw_deg=170.0), Keyframe(1.0, yaw_deg=-170.0))
    assert abs(path.at(0.5).camera.yaw_deg) == pytest.approx(180)
    assert path.at(0.25).camera.yaw_deg > 170


def test_fast_turns_stay_smooth():
    """Steps of nearly half a turn lead Bezier corners more than half a turn apart."""
    path = motion(*(Keyframe(float(k), yaw_deg=(170.0 * k + 180) % 360 - 180) for k in range(6)))
    yaw = np.unwrap([path.at(float(time)).camera.yaw_deg for time in np.linspace(0, 5, 501)], period=360)
    assert yaw[-1] == pytest.approx(850) and np.abs(np.diff(yaw, 2)).max() < 0.2


def test_two_equal_keys_hold_still_and_the_rest_goes_on_smoothly():
    held = (0.3, 0.1, 2.0)
    path = motion(
        Keyframe(0.0, position=(0.0, 0.0, 3.0)), Keyframe(1.0, position=held), Keyframe(2.0, position=held),
        Keyframe(3.0, position=(1.0, 0.0, 2.0)), Keyframe(4.0, position=(0.0, 0.0, 3.0)), closed=True,
    )  # fmt: skip
    assert {path.at(float(time)).camera.position for time in np.linspace(1, 2, 9)} == {held}
    step = 1e-5
    for time in (1.0, 2.0):
        assert np.linalg.norm(np.diff(positions(path, (time - step, time + step)), axis=0)) < 1e-8
    seam = positions(path, (4 - step, 4.0, step))
    np.testing.assert_allclose(*np.diff(seam, axis=0), atol=1e-8)
    assert np.linalg.norm(seam[1] - seam[0]) > 0.1 * step


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-MOST_PITCH_DEG, MOST_PITCH_DEG), min_size=2, max_size=6), st.floats(0, 1))
def test_pitch_never_leaves_what_a_camera_can(pitches: list[float], share: float):
    path = motion(*(Keyframe(float(k), pitch_deg=pitch) for k, pitch in enumerate(pitches)))
    assert abs(path.at(share * (len(pitches) - 1)).camera.pitch_deg) <= MOST_PITCH_DEG


def test_variance_moves_in_its_logarithm_and_divider_and_view_do_not_swing():
    path = motion(
        Keyframe(0.0, variance=0.0, fov_deg=30.0, divider=0.0),
        Keyframe(1.0, variance=1e-6, fov_deg=80.0, divider=1.0),
        Keyframe(3.0, variance=1e-2, fov_deg=80.0, divider=0.9),
    )
    still = motion(Keyframe(0.0, variance=1e-5), Keyframe(1.0, variance=1e-1))
    assert still.at(0.5).variance == pytest.approx(1e-3)
    assert path.at(0.0).variance == 0.0
    shown = [path.at(float(time)) for time in np.linspace(0, 3, 91)]
    assert (np.diff([controls.variance for controls in shown]) >= 0).all()
    assert max(controls.camera.fov_deg for controls in shown) == 80.0 and max(c.divider for c in shown) == 1.0


def test_ways_of_shading_are_held_until_they_are_named_again():
    path = motion(
        Keyframe(0.0, left="single"), Keyframe(1.0, layout="wipe", right="neural"),
        Keyframe(2.0, left="uv", layout="one"),
    )  # fmt: skip
    shown = [(c.left, c.right, c.layout) for c in map(path.at, (0.0, 0.99, 1.0, 1.99, 2.0, 7.0))]
    assert shown[0] == shown[1] == ("single", TexturedMeshControls.right, "one")
    assert shown[2] == shown[3] == ("single", "neural", "wipe")
    assert shown[4] == shown[5] == ("uv", "neural", "one")
