"""Gaussians against closed forms, and what they refuse."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldcore.errors import InputError
from fieldcore.filters import Gaussian, quadratic_form
from fieldcore.sampling import random_covariances, sobol

COVARIANCE = [[4e-2, 1e-2], [1e-2, 9e-3]]


@pytest.mark.parametrize("covariance", [2e-2, COVARIANCE, [[1e-2, 1e-2], [1e-2, 1e-2]], [[1e-2, 0.0], [0.0, 0.0]]])
def test_offsets_have_the_covariance(covariance):
    gaussian = Gaussian(covariance)
    offsets = gaussian.offsets(sobol(2**15, 2, seed=1)[:, None])[:, 0]
    expected = gaussian.covariance(2).double()
    assert torch.allclose(offsets.mean(0), torch.zeros(2, dtype=torch.float64), atol=1e-4)
    assert torch.allclose(offsets.T.cov(), expected, atol=2e-3 * expected.max())


def test_offsets_in_3d_have_the_covariance():
    generator = torch.Generator().manual_seed(0)
    covariance = random_covariances(torch.tensor([[-3.0, -2.0, -1.0]], dtype=torch.float64), generator)[0]
    offsets = Gaussian(covariance).offsets(sobol(2**15, 3, seed=1)[:, None])[:, 0]
    assert torch.allclose(offsets.T.cov(), covariance, atol=2e-3 * covariance.max())


def test_offsets_one_a_point():
    variances = torch.tensor([1e-4, 1e-2, 0.0], dtype=torch.float64)
    offsets = Gaussian(variances).offsets(sobol(2**14, 2, seed=2)[:, None].expand(-1, 3, 2))
    assert torch.allclose(offsets.var(0), variances[:, None].expand(3, 2), rtol=1e-2)


def test_response_is_the_characteristic_function():
    """E[cos(2 pi a . d)] over the offsets is the Fourier transform at a."""
    frequencies = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.5, -0.8], [2.0, 1.0]], dtype=torch.float64)
    gaussian = Gaussian(torch.tensor(COVARIANCE, dtype=torch.float64))
    offsets = gaussian.offsets(sobol(2**16, 2, seed=3)[:, None])[:, 0]
    sampled = torch.cos(2 * math.pi * offsets @ frequencies.T).mean(0)
    assert torch.allclose(gaussian.response(frequencies), sampled, atol=1e-4)


def test_response_of_shared_and_per_point_agree():
    frequencies = torch.randn(7, 2, generator=torch.Generator().manual_seed(0))
    shared = Gaussian(COVARIANCE).response(frequencies)
    per_point = Gaussian(torch.tensor(COVARIANCE).expand(5, 2, 2)).response(frequencies)
    assert per_point.shape == (5, 7)
    assert torch.allclose(per_point, shared.expand(5, 7))
    isotropic = Gaussian(torch.full((5,), 1e-2)).response(frequencies)
    assert torch.allclose(isotropic[0], Gaussian([[1e-2, 0.0], [0.0, 1e-2]]).response(frequencies))


@settings(max_examples=50, deadline=None)
@given(st.floats(-6, 0), st.floats(-6, 0), st.floats(0, math.pi), st.floats(0, math.pi))
def test_quadratic_form_rotates_with_its_arguments(log_a, log_b, angle, turn):
    def rotation(t):
        return torch.tensor([[math.cos(t), -math.sin(t)], [math.sin(t), math.cos(t)]], dtype=torch.float64)

    diagonal = torch.diag(torch.tensor([10**log_a, 10**log_b], dtype=torch.float64))
    matrix = rotation(angle) @ diagonal @ rotation(angle).T
    matrix = (matrix + matrix.T) / 2
    frequencies = torch.tensor([[1.0, 0.3], [-2.0, 5.0]], dtype=torch.float64)
    turned = rotation(turn) @ matrix @ rotation(turn).T
    turned = Gaussian((turned + turned.T) / 2)
    before = quadratic_form(Gaussian(matrix), frequencies)
    assert torch.allclose(quadratic_form(turned, frequencies @ rotation(turn).T), before, rtol=1e-6, atol=1e-12)


def test_smoothing_twice_adds_covariances():
    total = Gaussian(1e-2) + Gaussian(COVARIANCE)
    assert torch.allclose(total.covariance(2), torch.tensor(COVARIANCE) + 1e-2 * torch.eye(2))
    assert (Gaussian(1e-2) + Gaussian(2e-2)).isotropic


def test_slicing_takes_the_points_of_a_per_point_filter():
    gaussian = Gaussian(torch.tensor([1e-4, 1e-3, 1e-2]))
    assert torch.equal(gaussian[1:3].variance, torch.tensor([1e-3, 1e-2]))
    shared = Gaussian(1e-2)
    assert shared[1:3] is shared


@pytest.mark.parametrize(
    ("covariance", "expected"),
    [
        (-1e-3, "variance: expected 0 or more, got -0.001"),
        (float("nan"), "variance: expected finite numbers, got nan"),
        (float("inf"), "variance: expected finite numbers, got inf"),
        ([[1e-2, 1e-3], [0.0, 1e-2]], "covariance: expected a symmetric matrix"),
        ([[1e-3, 1e-2], [1e-2, 1e-3]], "covariance: expected a positive semi-definite matrix"),
        ([[1e-3, float("nan")], [float("nan"), 1e-3]], "covariance: expected finite numbers, got nan"),
        ([[1e-3, 0.0, 0.0], [0.0, 1e-3, 0.0]], r"got shape \(2, 3\)"),
    ],
)
def test_bad_covariances_are_refused_with_a_sentence(covariance, expected):
    with pytest.raises(InputError, match=expected):
        Gaussian(covariance)


def test_wrong_dimension_is_named():
    with pytest.raises(InputError, match="expected a 3 x 3 matrix for a 3-D signal, got 2 x 2"):
        Gaussian(COVARIANCE).covariance(3)


def test_a_gaussian_leaves_no_diracs():
    with pytest.raises(InputError, match="not a piecewise polynomial kernel"):
        Gaussian(1e-2).diracs()
