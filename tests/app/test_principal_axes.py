"""A covariance as size, shape and direction, and back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.principal_axes import LEAST_LOG10_VARIANCE, MOST_ANISOTROPY, MOST_LOG10_VARIANCE, PrincipalAxes

sizes = st.floats(LEAST_LOG10_VARIANCE + 0.01, MOST_LOG10_VARIANCE)
shapes = st.floats(0.01, MOST_ANISOTROPY)
angles = st.floats(-89.99, 90.0)


@given(sizes, shapes, angles)
def test_a_covariance_has_the_axes_it_was_made_of(size: float, shape: float, angle: float) -> None:
    axes = PrincipalAxes.of(PrincipalAxes(size, shape, angle).covariance)
    assert axes.log10_variance == pytest.approx(size, abs=1e-6)
    assert axes.anisotropy == pytest.approx(shape, abs=1e-6)
    assert abs((axes.angle_deg - angle + 90) % 180 - 90) < 1e-4
    assert -90 < axes.angle_deg <= 90


@given(sizes, shapes, angles)
def test_the_axes_are_eigenvectors_and_the_sizes_their_eigenvalues(size: float, shape: float, angle: float) -> None:
    xx, xy, yy = PrincipalAxes(size, shape, angle).covariance
    # Counter-clockwise from the width, while the second coordinate grows downwards.
    along = np.array([math.cos(math.radians(angle)), -math.sin(math.radians(angle))])
    long, short = 10 ** (size + shape / 2), 10 ** (size - shape / 2)
    matrix = np.array([[xx, xy], [xy, yy]])
    assert matrix @ along == pytest.approx(long * along, rel=1e-9, abs=1e-9 * long)
    assert np.linalg.det(matrix) == pytest.approx(long * short, rel=1e-6)


def test_angles_turn_counter_clockwise() -> None:
    towards_the_top_right = PrincipalAxes(-2.0, 1.0, 45.0).covariance
    assert towards_the_top_right[1] < 0  # further right goes with further up, which is less down
    assert PrincipalAxes.of((1e-2, -5e-3, 1e-2)).angle_deg == pytest.approx(45)
    assert PrincipalAxes.of((1e-2, 5e-3, 1e-2)).angle_deg == pytest.approx(-45)
    assert PrincipalAxes.of((1e-2, 0.0, 1e-3)).angle_deg == 0
    assert PrincipalAxes.of((1e-3, 0.0, 1e-2)).angle_deg == 90


@given(sizes, angles)
def test_a_round_one_is_just_a_variance(size: float, angle: float) -> None:
    xx, xy, yy = PrincipalAxes(size, 0.0, angle).covariance
    assert xx == yy == 10**size and xy == 0
    axes = PrincipalAxes.of((xx, xy, yy))
    assert axes == PrincipalAxes(axes.log10_variance) and axes.log10_variance == pytest.approx(size)


@given(shapes, angles)
def test_the_least_is_no_smoothing_whatever_the_shape(shape: float, angle: float) -> None:
    assert PrincipalAxes(LEAST_LOG10_VARIANCE, shape, angle).covariance == (0.0, 0.0, 0.0)
    assert PrincipalAxes.of((0.0, 0.0, 0.0)) == PrincipalAxes(LEAST_LOG10_VARIANCE, 0.0, 0.0)


@given(st.floats(0, 1e4), st.floats(0, 1e4), st.floats(-1, 1))
def test_any_covariance_has_axes_that_can_be_set(xx: float, yy: float, correlation: float) -> None:
    axes = PrincipalAxes.of((xx, correlation * math.sqrt(xx * yy), yy))
    assert LEAST_LOG10_VARIANCE <= axes.log10_variance <= MOST_LOG10_VARIANCE
    assert 0 <= axes.anisotropy <= MOST_ANISOTROPY
    assert -90 < axes.angle_deg <= 90


def test_a_line_is_as_thin_as_can_be_set() -> None:
    axes = PrincipalAxes.of((1e-2, 0.0, 0.0))
    assert (axes.anisotropy, axes.angle_deg) == (MOST_ANISOTROPY, 0.0)
    assert axes.log10_variance == pytest.approx(-4.0)
