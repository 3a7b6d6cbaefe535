"""A covariance in space as three sizes and a turn, and back; and its log-Euclidean coordinates."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from app.camera.camera import Camera
from app.covariance import VARIANCE_FLOOR, covariance_entries, covariance_from_log, covariance_matrix, log_coordinates
from app.principal_axes import LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE
from app.scenes.shape.principal_axes import PrincipalAxes3

sizes = st.tuples(*[st.floats(LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE)] * 3).filter(
    lambda sizes: max(sizes) > LEAST_LOG10_VARIANCE + 0.01
)
turns = st.tuples(st.floats(-179.9, 180), st.floats(-90, 90), st.floats(-179.9, 180))
few = settings(deadline=None, max_examples=100)


def degrees_between(one: PrincipalAxes3, other: PrincipalAxes3) -> float:
    return math.degrees(Rotation.from_matrix(one.axes.T @ other.axes).magnitude())


@given(sizes, turns)
@few
def test_sizes_and_axes_are_eigenvalues_and_eigenvectors(size, turn) -> None:
    axes = PrincipalAxes3(size, *turn)
    matrix = covariance_matrix(axes.covariance)
    expected = Rotation.from_euler("YXZ", turn, degrees=True).as_matrix()
    np.testing.assert_allclose(axes.axes, expected, atol=1e-12)
    for k in range(3):
        along = 10 ** size[k] * expected[:, k]
        np.testing.assert_allclose(matrix @ expected[:, k], along, atol=1e-12 * 10 ** max(size))


@given(sizes, turns, turns)
@few
def test_the_axes_found_make_the_same_covariance_whatever_was_there_before(size, turn, before) -> None:
    covariance = PrincipalAxes3(size, *turn).covariance
    found = PrincipalAxes3.of(covariance, near=PrincipalAxes3((-3.0, -3.0, -3.0), *before))
    assert found.covariance == pytest.approx(covariance, rel=1e-6, abs=1e-7 * 10 ** max(size))
    assert sorted(found.log10_variances) == pytest.approx(sorted(size), abs=1e-4)
    assert -180 <= found.yaw_deg <= 180 and abs(found.pitch_deg) <= 90 and -180 <= found.roll_deg <= 180


@given(st.permutations([-1.0, -2.5, -4.0]), turns, st.tuples(*[st.floats(-12, 12)] * 3))
@few
def test_a_little_turn_is_found_as_the_little_turn_it_was(size, before, change) -> None:
    axes = PrincipalAxes3(tuple(size), *before)
    turned = Rotation.from_matrix(axes.axes) * Rotation.from_rotvec(change, degrees=True)
    matrix = turned.as_matrix() @ np.diag(10 ** np.array(size)) @ turned.as_matrix().T
    found = PrincipalAxes3.of(covariance_entries(matrix), near=axes)
    assert found.log10_variances == pytest.approx(tuple(size), abs=1e-8)
    np.testing.assert_allclose(found.axes, turned.as_matrix(), atol=1e-6)
    assert degrees_between(found, axes) == pytest.approx(float(np.linalg.norm(change)), abs=1e-4)


@given(sizes, turns)
@few
def test_of_all_turns_the_least_is_found(size, turn) -> None:
    """Relabelled axes are never further than 62.8 degrees (a cube's largest misorientation)."""
    found = PrincipalAxes3.of(PrincipalAxes3(size, *turn).covariance)
    signs = [np.diag([a, b, c]) for a in (1, -1) for b in (1, -1) for c in (1, -1)]
    relabelled = [
        sign @ np.eye(3)[list(order)] for sign in signs for order in np.ndindex(3, 3, 3) if len(set(order)) == 3
    ]
    angles = [Rotation.from_matrix(found.axes @ m).magnitude() for m in relabelled if np.linalg.det(m) > 0]
    assert len(angles) == 24
    own = degrees_between(found, PrincipalAxes3())
    assert own <= math.degrees(min(angles)) + 1e-6 and own < 62.9 and abs(found.pitch_deg) < 62.9


def test_axes_that_are_not_turned_keep_their_order() -> None:
    axes = PrincipalAxes3((-4.0, -1.0, -2.0))
    assert axes.covariance == pytest.approx((1e-4, 0, 0, 1e-1, 0, 1e-2))
    found = PrincipalAxes3.of((1e-4, 0.0, 0.0, 1e-1, 0.0, 1e-2))
    assert found.log10_variances == pytest.approx((-4, -1, -2))
    assert (found.yaw_deg, found.pitch_deg, found.roll_deg) == (0, 0, 0)


def test_the_axes_turn_as_a_camera_does() -> None:
    camera = Camera(yaw_deg=37.0, pitch_deg=-21.0)
    right, up, forward = camera.axes
    np.testing.assert_allclose(PrincipalAxes3(yaw_deg=37.0, pitch_deg=-21.0).axes, np.stack([right, up, -forward], 1))
    along_x = np.diag([1e-1, 1e-4, 1e-4])
    turned_left = covariance_matrix(PrincipalAxes3((-1.0, -4.0, -4.0), yaw_deg=90.0).covariance)
    np.testing.assert_allclose(turned_left, along_x[::-1, ::-1], atol=1e-12)


def test_a_slider_goes_round_without_a_jump() -> None:
    """What a panel does: it sets one number, and reads the axes of the covariance again, near those it had."""
    axes = PrincipalAxes3((-1.0, -2.0, -3.0), 0.0, 20.0, 10.0)
    for yaw in np.linspace(0, 178, 90):
        axes = PrincipalAxes3((-1.0, -2.0, -3.0), float(yaw), axes.pitch_deg, axes.roll_deg)
        again = PrincipalAxes3.of(axes.covariance, near=axes)
        assert again == axes
        following = PrincipalAxes3(axes.log10_variances, float(yaw) + 2, axes.pitch_deg, axes.roll_deg)
        found = PrincipalAxes3.of(following.covariance, near=axes)
        assert found.yaw_deg == pytest.approx(float(yaw) + 2, abs=1e-6)
        assert found.log10_variances == pytest.approx((-1, -2, -3), abs=1e-9)


@given(st.floats(LEAST_LOG10_VARIANCE + 0.01, MOST_LOG10_VARIANCE), turns)
@few
def test_a_round_one_is_just_a_variance_and_keeps_the_turn_it_had(size, turn) -> None:
    axes = PrincipalAxes3((size,) * 3, *turn)
    variance = 10**size
    assert axes.covariance == (variance, 0.0, 0.0, variance, 0.0, variance)
    found = PrincipalAxes3.of((variance, 0.0, 0.0, variance, 0.0, variance))
    assert found.log10_variances == pytest.approx((size,) * 3) and len(set(found.log10_variances)) == 1
    assert (found.yaw_deg, found.pitch_deg, found.roll_deg) == (0, 0, 0)
    near = PrincipalAxes3((-1.0, -2.0, -3.0), *turn)
    assert degrees_between(PrincipalAxes3.of(axes.covariance, near=near), near) < 1e-4


@given(turns, turns)
@few
def test_of_a_disc_only_the_direction_matters(turn, spin) -> None:
    """Round about its third axis, it may turn there as what was before does: the rest is the least that is needed."""
    disc = PrincipalAxes3((-1.0, -1.0, -3.0), *turn)
    near = PrincipalAxes3((-2.0, -2.0, -2.0), *spin)
    found = PrincipalAxes3.of(disc.covariance, near=near)
    third = found.axes[:, np.argmin(found.log10_variances)]
    assert abs(float(third @ disc.axes[:, 2])) == pytest.approx(1, abs=1e-9)
    tilt = math.degrees(math.acos(min(1.0, float(np.abs(near.axes.T @ disc.axes[:, 2]).max()))))
    assert degrees_between(found, near) == pytest.approx(tilt, abs=1e-4)


def test_the_least_is_no_smoothing_and_keeps_the_turn() -> None:
    none = PrincipalAxes3((LEAST_LOG10_VARIANCE,) * 3, 30.0, 10.0, 5.0)
    assert none.covariance == (0.0,) * 6
    assert PrincipalAxes3.of((0.0,) * 6) == PrincipalAxes3()
    near = PrincipalAxes3((-1.0, -2.0, -3.0), 30.0, 10.0, 5.0)
    assert PrincipalAxes3.of((0.0,) * 6, near=near) == none
    thin = PrincipalAxes3((-2.0, LEAST_LOG10_VARIANCE, LEAST_LOG10_VARIANCE)).covariance
    assert thin == pytest.approx((1e-2, 0, 0, 1e-6, 0, 1e-6))


@given(st.lists(st.floats(-100, 100), min_size=9, max_size=9))
@few
def test_any_covariance_has_axes_that_can_be_set(numbers) -> None:
    root = np.array(numbers).reshape(3, 3)
    axes = PrincipalAxes3.of(covariance_entries(root @ root.T))
    assert all(LEAST_LOG10_VARIANCE <= size <= MOST_LOG10_VARIANCE for size in axes.log10_variances)
    assert abs(axes.pitch_deg) <= 90


@given(sizes, turns)
@few
def test_log_coordinates_are_the_matrix_logarithm_and_have_an_inverse(size, turn) -> None:
    covariance = PrincipalAxes3(size, *turn).covariance
    matrix = covariance_matrix(covariance)
    logarithm = scipy.linalg.logm(matrix)
    coordinates = log_coordinates(covariance)
    assert coordinates[0] == pytest.approx(np.trace(logarithm) / 3, abs=1e-5)
    # All but the first, which is a mean, have the length of the logarithm itself.
    assert 3 * coordinates[0] ** 2 + np.sum(coordinates[1:] ** 2) == pytest.approx(np.sum(logarithm**2), rel=1e-5)
    assert coordinates[3:] == pytest.approx(
        [math.sqrt(2) * logarithm[a, b] for a, b in ((0, 1), (0, 2), (1, 2))], abs=1e-5
    )
    back = covariance_from_log(coordinates)
    assert back == pytest.approx(covariance, rel=1e-7, abs=1e-11 * 10 ** max(size))


@given(st.lists(st.floats(-30, 30), min_size=6, max_size=6))
@few
def test_any_six_numbers_are_a_covariance(numbers) -> None:
    variances = np.linalg.eigvalsh(covariance_matrix(covariance_from_log(np.array(numbers))))
    assert variances[0] >= -1e-12 * variances[-1]


def test_zero_is_the_floor_along_any_axis() -> None:
    assert log_coordinates((0.0,) * 6)[0] == math.log(VARIANCE_FLOOR)
    assert covariance_from_log(log_coordinates((0.0,) * 6)) == (0.0,) * 6
    sheet = (1e-2, 0.0, 0.0, 1e-2, 0.0, 0.0)
    assert covariance_from_log(log_coordinates(sheet)) == pytest.approx(sheet, abs=1e-15)
