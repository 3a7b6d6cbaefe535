"""Gaussians against closed forms, and what they refuse."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldcore.errors import InputError
from fieldcore.filters import Gaussian
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
    before = Gaussian(matrix).quadratic_form(frequencies)
    assert torch.allclose(turned.quadratic_form(frequencies @ rotation(turn).T), before, rtol=1e-6, atol=1e-12)


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
        ([[-1e-2, 0.0], [0.0, -1e-2]], "covariance: expected a positive semi-definite matrix"),
        ([[1.0, 0.0, 0.9], [0.0, 1.0, 0.9], [0.9, 0.9, 1.0]], "got smallest eigenvalue -0.273"),
        ([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, -0.1]], "got smallest eigenvalue -0.1"),
        ([[1.0, 0.0, 0.0, 0.9], [0.0, 1.0, 0.0, 0.9], [0.0, 0.0, 1.0, 0.0], [0.9, 0.9, 0.0, 1.0]], "eigenvalue -0.273"),
        ("wide", "covariance: expected numbers, got 'wide'"),
        (None, "covariance: expected numbers, got None"),
        (10**400, "covariance: expected numbers, got 1000"),
        (np.zeros((0, 0)), r"got shape \(0, 0\)"),
        ([[], []], r"got shape \(2, 0\)"),
        ([[1e-2, 0.0], [0.0]], "covariance: expected numbers"),
        (1j, "covariance: expected real numbers, got complex64"),
        (True, "covariance: expected real numbers, got bool"),
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


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_matrices_of_every_size_may_be_singular(size):
    generator = torch.Generator().manual_seed(size)
    for rank in range(size + 1):
        factor = torch.randn(50, size, rank, generator=generator)
        matrices = factor @ factor.mT
        offsets = Gaussian(matrices).offsets(sobol(1 << 12, size, seed=0)[:, None].expand(-1, 50, size))
        sampled = torch.einsum("snd,sne->nde", offsets, offsets) / len(offsets)
        assert torch.allclose(sampled.float(), matrices, atol=2e-2 * float(matrices.abs().max()) + 1e-12)


def rotation(angle: float, dim: int) -> torch.Tensor:
    """About an axis that is none of the coordinates' own."""
    generator = torch.Generator().manual_seed(3)
    skew = torch.randn(dim, dim, generator=generator, dtype=torch.float64)
    return torch.matrix_exp(angle * (skew - skew.mT))


@pytest.mark.parametrize("eigenvalues", [(1e2, 1e-12), (1.0, 1e-8), (1e2, 1.0, 1e-12), (1.0, 1e-8, 1e-8)])
@pytest.mark.parametrize("angle", [0.0, 0.7, 2.0])
@pytest.mark.parametrize("form", ["axes", "list", "float64"])
def test_a_thin_filter_stays_thin(eigenvalues, angle, form):
    """The minor deviation is that of its eigenvalue, which a float32 matrix could not even hold."""
    axes, dim = rotation(angle, len(eigenvalues)), len(eigenvalues)
    deviations = torch.tensor(eigenvalues, dtype=torch.float64).sqrt()
    matrix = (axes * deviations.square()) @ axes.mT
    matrix = (matrix + matrix.mT) / 2
    gaussian = {
        "axes": lambda: Gaussian.from_axes(axes, deviations),
        "list": lambda: Gaussian(matrix.tolist()),
        "float64": lambda: Gaussian(matrix),
    }[form]()
    noise = sobol(1 << 14, dim, seed=1)[:, None]
    along = (gaussian.offsets(noise)[:, 0] @ axes).std(0)
    rounding = 1e-7 * deviations.max() if form == "list" else 1e-15
    assert torch.allclose(along, deviations, rtol=2e-2, atol=float(rounding))


def test_from_axes_is_the_matrix_it_stands_for():
    axes, deviations = rotation(0.9, 3).float(), torch.tensor([0.3, 0.02, 0.1])
    gaussian = Gaussian.from_axes(axes, deviations)
    torch.testing.assert_close(gaussian.covariance(3), (axes * deviations.square()) @ axes.mT)
    assert torch.equal(gaussian.covariance(3), gaussian.covariance(3).mT)
    one_a_point = Gaussian.from_axes(axes.expand(4, 3, 3), deviations.expand(4, 3))
    assert one_a_point.per_point == 4
    assert one_a_point[1:3].per_point == 2
    noise = sobol(8, 3, seed=0).float()[:, None]
    shared = gaussian.scaled(4.0).offsets(noise)
    torch.testing.assert_close(shared, 2 * gaussian.offsets(noise))
    torch.testing.assert_close(one_a_point[:2].offsets(noise.expand(8, 2, 3))[:, 1], gaussian.offsets(noise)[:, 0])


@pytest.mark.parametrize(
    ("axes", "deviations", "expected"),
    [
        (torch.eye(2), torch.tensor([0.1, -0.1]), "deviations: expected 0 or more, got -0.1"),
        (torch.ones(2, 2), torch.tensor([0.1, 0.1]), "axes: expected orthonormal columns"),
        (torch.eye(2), torch.tensor([0.1]), r"axes: expected .* got \(2, 2\) with \(1,\)"),
    ],
)
def test_bad_axes_are_refused_with_a_sentence(axes, deviations, expected):
    with pytest.raises(InputError, match=expected):
        Gaussian.from_axes(axes, deviations)


@pytest.mark.parametrize("covariance", [0.0, [[0.0, 0.0], [0.0, 0.0]], [[1e-2, 0.0], [0.0, 0.0]]])
def test_offsets_and_responses_have_finite_gradients_at_variance_0(covariance):
    value = torch.tensor(covariance, requires_grad=True)
    gaussian = Gaussian(value)
    offsets = gaussian.offsets(torch.rand(5, 1, 2, generator=torch.Generator().manual_seed(0)))
    (offsets.sum() + gaussian.response(torch.ones(3, 2)).sum()).backward()
    assert torch.isfinite(value.grad).all()


@pytest.mark.parametrize("dim", [2, 3])
def test_offsets_have_the_gradient_of_a_square_root(dim):
    factor = torch.randn(4, dim, dim, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    noise = torch.rand(2, 4, dim, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    assert torch.autograd.gradcheck(lambda L: Gaussian(L @ L.mT).offsets(noise), factor.requires_grad_())


def test_any_real_numbers_are_taken():
    for value in (
        1,
        np.float32(1),
        np.array(1),
        torch.tensor(1, dtype=torch.float16),
        torch.tensor(1, dtype=torch.int64),
    ):
        assert float(Gaussian(value).variance) == 1
    for matrix in (np.eye(2), np.eye(2, dtype=np.int32), [[1, 0], [0, 1]], torch.eye(2).half()):
        assert torch.equal(Gaussian(matrix).covariance(2).float(), torch.eye(2))
    assert Gaussian(np.ones(5)).per_point == 5


def test_a_wrong_size_is_refused_wherever_it_is_used():
    gaussian = Gaussian(np.eye(3))
    for use in (
        lambda: gaussian.response(torch.zeros(4, 2)),
        lambda: gaussian.offsets(torch.full((1, 1, 2), 0.5)),
        lambda: gaussian.second_moment(2),
        lambda: gaussian.reach(2),
    ):
        with pytest.raises(InputError, match="expected a 2 x 2 matrix for a 2-D signal, got 3 x 3"):
            use()
