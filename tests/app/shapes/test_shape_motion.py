"""Shapes between their keyframes: against closed forms, and the laws of smooth motion."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.linalg
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.camera.camera import Camera
from app.covariance import Covariance, covariance_matrix, log_coordinates
from app.path.keyframes import KeyframePath
from app.path.timeline import Keyframe
from app.scenes.shape.controls import ShapeControls
from app.scenes.shape.principal_axes import PrincipalAxes3
from app.scenes.textured_mesh.controls import TexturedMeshControls


def motion(*keyframes: Keyframe, closed: bool = False, **more) -> KeyframePath[ShapeControls]:
    return KeyframePath(ShapeControls(field="field", **more), keyframes, closed=closed)


def isotropic(variance: float) -> Covariance:
    return (variance, 0.0, 0.0, variance, 0.0, variance)


def around(count: int = 8) -> list[tuple[float, Camera]]:
    angles = [2 * math.pi * k / count for k in range(count)]
    cameras = [Camera.looking_at((0.0, 0.0, 0.0), (3 * math.sin(a), 0.5, 3 * math.cos(a))) for a in angles]
    return [(float(k), camera) for k, camera in enumerate(cameras)]


def test_the_camera_moves_as_in_a_flight() -> None:
    looks = [(time, camera.position, camera.yaw_deg, camera.pitch_deg, 40.0 + time) for time, camera in around()]
    names = ("position", "yaw_deg", "pitch_deg", "fov_deg")
    keys = [*(Keyframe(time, **dict(zip(names, look, strict=True))) for time, *look in looks), Keyframe(8.0)]
    shape = motion(*keys, closed=True)
    flight = KeyframePath(TexturedMeshControls(model="m"), tuple(keys), closed=True)
    for time in np.linspace(0, 16, 57):
        assert shape.at(float(time)).camera == flight.at(float(time)).camera


def test_what_no_keyframe_names_is_as_the_path_says() -> None:
    path = motion(Keyframe(0.0), exact=True, shadows=False, grid=False, caption=False, cells=64, error_range=0.3)
    assert path.at(0.0) == ShapeControls(
        field="field", exact=True, shadows=False, grid=False, caption=False, cells=64, error_range=0.3
    )


axes = st.builds(
    PrincipalAxes3,
    st.tuples(*[st.floats(-6, 0)] * 3),
    st.floats(-180, 180),
    st.floats(-90, 90),
    st.floats(-180, 180),
)


@settings(deadline=None, max_examples=50)
@given(st.lists(axes, min_size=2, max_size=5), st.booleans(), st.floats(0, 1))
def test_the_filter_never_leaves_the_positive_matrices(keyed, closed: bool, share: float) -> None:
    keyframes = [Keyframe(float(k), covariance=one.covariance) for k, one in enumerate(keyed)]
    path = motion(*keyframes, Keyframe(float(len(keyed))), closed=closed)
    between = path.at(share * len(keyed)).covariance
    variances = np.linalg.eigvalsh(covariance_matrix(between))
    assert variances[0] >= -1e-12 * variances[-1]
    sizes = [log_coordinates(one.covariance)[0] for one in keyed]
    assert min(sizes) - 1e-6 <= log_coordinates(between)[0] <= max(sizes) + 1e-6, "the volume overshoots"


@pytest.mark.filterwarnings("ignore:logm result may be inaccurate")
@settings(deadline=None, max_examples=50)
@given(axes, axes)
def test_halfway_is_the_exponential_of_the_mean_of_the_logarithms(one: PrincipalAxes3, other: PrincipalAxes3) -> None:
    path = motion(Keyframe(0.0, covariance=one.covariance), Keyframe(2.0, covariance=other.covariance))
    floored = [covariance_matrix(axes.covariance) + 1e-18 * np.eye(3) for axes in (one, other)]
    assume(all(np.linalg.eigvalsh(matrix)[0] > 2e-8 for matrix in floored))  # the floor has a test of its own
    expected = scipy.linalg.expm(sum(map(scipy.linalg.logm, floored)) / 2)
    np.testing.assert_allclose(
        covariance_matrix(path.at(1.0).covariance), expected, rtol=1e-5, atol=1e-6 * expected.max()
    )


def test_halfway_between_crossed_streaks_is_the_disc_of_both() -> None:
    path = motion(
        Keyframe(0.0, covariance=(1e-2, 0.0, 0.0, 1e-4, 0.0, 1e-6)),
        Keyframe(1.0, covariance=(1e-4, 0.0, 0.0, 1e-2, 0.0, 1e-6)),
    )
    assert path.at(0.5).covariance == pytest.approx((1e-3, 0, 0, 1e-3, 0, 1e-6))


def test_isotropic_keyframes_stay_exactly_isotropic() -> None:
    path = motion(*(Keyframe(float(k), covariance=isotropic(v)) for k, v in enumerate((3e-5, 7e-2, 0.0, 1e-3))))
    for time in np.linspace(0, 3, 31):
        xx, xy, xz, yy, yz, zz = path.at(float(time)).covariance
        assert xx == yy == zz and (xy, xz, yz) == (0, 0, 0)
    assert path.at(2.0).covariance == isotropic(0.0)


def test_zero_fades_in_from_the_floor_and_equal_keys_hold() -> None:
    path = motion(
        Keyframe(0.0, covariance=isotropic(0.0)),
        Keyframe(1.0, covariance=isotropic(1e-2)),
        Keyframe(2.0, covariance=isotropic(1e-2)),
    )
    assert path.at(0.5).covariance[0] == pytest.approx(math.sqrt(1e-8 * 1e-2))
    rising = [path.at(float(time)).covariance[0] for time in np.linspace(0, 1, 50)]
    assert (np.diff(rising) >= 0).all()
    assert {path.at(float(time)).covariance for time in np.linspace(1, 2, 9)} == {isotropic(1e-2)}


def test_level_slice_light_and_divider_do_not_swing_beyond_what_is_keyed() -> None:
    keys = [(0.0, -0.1, -1.2, 0.0), (1.0, 0.2, 1.2, 1.0), (3.0, 0.2, 1.0, 0.9)]
    path = motion(*(
        Keyframe(time, level=level, slice="y", slice_position=at, light_pitch_deg=90 * share, divider=share)
        for time, level, at, share in keys
    ))  # fmt: skip
    shown = [path.at(float(time)) for time in np.linspace(0, 3, 91)]
    assert all(c.slice == "y" and abs(c.slice_position) <= 1.2 and c.light_pitch_deg <= 90 for c in shown)
    assert (np.diff([c.level for c in shown]) >= 0).all() and max(c.divider for c in shown) == 1.0
    assert path.at(0.5).level == pytest.approx(0.05, abs=0.03)


def test_the_light_goes_the_short_way_round() -> None:
    path = motion(Keyframe(0.0, light_yaw_deg=170.0), Keyframe(1.0, light_yaw_deg=-170.0))
    assert abs(path.at(0.5).light_yaw_deg) == pytest.approx(180)
    assert path.at(0.25).light_yaw_deg > 170


def test_a_loop_has_no_seam() -> None:
    keys = [
        Keyframe(
            time,
            position=camera.position,
            yaw_deg=camera.yaw_deg,
            covariance=isotropic(1e-4 * (1 + time)),
            level=time / 9,
        )
        for time, camera in around()
    ]
    path = motion(*keys, Keyframe(8.0), closed=True)
    assert path.at(8.0) == path.at(0.0) == path.at(-16.0)
    step = 1e-5
    before, at, after = (path.at(time) for time in (8 - step, 0.0, step))
    for name in ("position", "yaw_deg"):
        ends = [np.array(getattr(c.camera, name)) for c in (before, at, after)]
        np.testing.assert_allclose(ends[1] - ends[0], ends[2] - ends[1], atol=1e-8)
    assert before.covariance == pytest.approx(at.covariance, rel=1e-3)


def test_what_cannot_move_is_held_until_it_is_named_again() -> None:
    path = motion(
        Keyframe(0.0, colouring="normals"),
        Keyframe(1.0, layout="wipe", slice="z"),
        Keyframe(2.0, layout="one", left="field", colouring="curvature"),
    )
    shown = [(c.layout, c.colouring, c.slice) for c in map(path.at, (0.0, 0.99, 1.0, 1.99, 2.0, 7.0))]
    assert shown[0] == shown[1] == ("one", "normals", "none")
    assert shown[2] == shown[3] == ("wipe", "normals", "z")
    assert shown[4] == shown[5] == ("one", "curvature", "z")
