"""Boxes, ellipsoids and Lanczos filters against closed forms and quadrature."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.special import j1

from fieldcore.errors import InputError
from fieldcore.filters import Box, Ellipsoid, Lanczos
from fieldcore.filters.ellipsoid import _CLOSED_FORMS


def along_x(lengths: list[float], dim: int) -> torch.Tensor:
    frequencies = torch.zeros(len(lengths), dim, dtype=torch.float64)
    frequencies[:, 0] = torch.tensor(lengths, dtype=torch.float64)
    return frequencies


def test_a_box_has_the_response_of_its_sides():
    frequencies = torch.tensor([[0.7, -1.3], [5.0, 0.0]], dtype=torch.float64)
    expected = torch.sinc(2 * 0.25 * frequencies[:, 0]) * torch.sinc(2 * 0.5 * frequencies[:, 1])
    torch.testing.assert_close(Box([0.25, 0.5]).response(frequencies), expected)


@pytest.mark.parametrize("half_widths", [[0.3], [0.3, 0.7], [0.3, 0.7, 0.2]])
def test_the_diracs_of_a_box_take_its_mean_from_antiderivatives(half_widths):
    # Of cos(2 x_1) cos(3 x_2) cos(4 x_3), whose antiderivative along every axis has closed form.
    dim = len(half_widths)
    rates = torch.tensor([2.0, 3.0, 4.0][:dim], dtype=torch.float64)
    box = Box(torch.tensor(half_widths, dtype=torch.float64))
    (diracs,) = box.diracs()
    assert diracs.orders == (1,) * dim
    positions, weights = diracs.product()
    assert positions.shape == (2**dim, dim)
    sizes = box.lengths(dim)
    positions, weights = positions * sizes, weights / sizes.prod()
    x = torch.linspace(-1, 1, 5, dtype=torch.float64)[:, None] * torch.ones(dim, dtype=torch.float64)
    antiderivative = ((rates * (x[:, None] - positions)).sin() / rates).prod(-1)
    response = box.response(rates[None] / (2 * math.pi))
    expected = (rates * x).cos().prod(-1) * response
    torch.testing.assert_close((antiderivative * weights).sum(1), expected)


def test_diracs_are_of_half_size_1_and_along_filtered_axes():
    (one_a_point,) = Box([[0.1, 0.2], [0.3, 0.4]]).diracs()
    (shared,) = Box(0.1).diracs(2)
    for diracs in (one_a_point, shared):
        assert [along.tolist() for along in diracs.positions] == [[-1.0, 1.0]] * 2
        assert [along.tolist() for along in diracs.weights] == [[0.5, -0.5]] * 2
    (streak,) = Box([0.1, 0.0]).diracs()
    assert streak.orders == (1, 0)
    assert [len(along) for along in streak.positions] == [2, 1]
    with pytest.raises(InputError, match="box: give dim"):
        Box(0.1).diracs()
    with pytest.raises(InputError, match="turned"):
        Box([0.1, 0.2], axes=np.eye(2)[::-1].copy()).diracs()


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_an_ellipsoid_has_the_response_of_its_chords(dim):
    """By quadrature over the lengths, areas or volumes of its slices across the frequency's direction."""
    slice_size = {1: lambda u: 1, 2: lambda u: math.sqrt(1 - u * u), 3: lambda u: 1 - u * u}[dim]
    radius = 0.4
    mass = quad(slice_size, -1, 1)[0]
    for frequency in (0.0, 1e-4, 0.05, 0.3, 0.39789, 0.4, 1.0, 7.3):
        phase = 2 * math.pi * radius * frequency
        expected = quad(lambda u, phase=phase: slice_size(u) * math.cos(phase * u) / mass, -1, 1, limit=200)[0]
        for dtype, tolerance in ((torch.float64, 1e-9), (torch.float32, 1e-6)):
            response = Ellipsoid(torch.tensor(radius**2, dtype=torch.float64)).response(
                along_x([frequency], dim).to(dtype)
            )
            assert float(response) == pytest.approx(expected, abs=tolerance)


def test_an_ellipse_has_the_papers_response():
    """A disc that is stretched and turned: 2 J1(k)/k with k = 2 pi sqrt(a^T Sigma a)."""
    Sigma = torch.tensor([[4e-2, 1e-2], [1e-2, 9e-3]], dtype=torch.float64)
    frequencies = 4 * torch.randn(20, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    k = 2 * math.pi * (frequencies @ Sigma * frequencies).sum(1).sqrt().numpy()
    torch.testing.assert_close(Ellipsoid(Sigma).response(frequencies), torch.from_numpy(2 * j1(k) / k))


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_an_ellipsoids_response_is_differentiable_also_at_0(dim):
    frequencies = torch.linspace(0, 4, 9, dtype=torch.float64)[:, None] * torch.eye(dim, dtype=torch.float64)[0]
    radius = torch.tensor([0.0, 0.04, 0.3], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda squared: Ellipsoid.unchecked(squared).response(frequencies), radius, atol=1e-6
    )
    k = torch.tensor([1.5, 4.0, 20.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(_CLOSED_FORMS[dim], k)


@pytest.mark.parametrize("dim", [1, 2, 3, 4])
def test_an_ellipsoids_samples_fill_it_evenly(dim):
    noise = torch.rand(1 << 16, 1, dim, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    radius = Ellipsoid(1.0).offsets(noise).norm(dim=-1).flatten()
    shares = torch.tensor([0.1, 0.5, 0.9], dtype=torch.float64)
    measured = torch.quantile(radius[:60000], shares)
    torch.testing.assert_close(measured, shares.pow(1 / dim), atol=1e-2, rtol=0)
    assert radius.max() <= 1 + 1e-6


@pytest.mark.parametrize("lobes", [1, 2, 3, 5])
def test_lanczos_has_the_response_of_its_kernel_by_quadrature(lobes):
    def kernel(u: float) -> float:
        return float(np.sinc(u) * np.sinc(u / lobes))

    mass = quad(kernel, -lobes, lobes, limit=200)[0]
    frequencies = [0.0, 0.01, 0.3, 0.5, 0.77, 1.0, 3.3, 20.1, 50.0]
    spacing = 0.25
    response = Lanczos(torch.tensor([spacing], dtype=torch.float64), lobes).response(along_x(frequencies, 1) / spacing)
    for frequency, value in zip(frequencies, response.tolist(), strict=True):
        expected = quad(kernel, 0, lobes, weight="cos", wvar=2 * math.pi * frequency, limit=500)[0] * 2 / mass
        assert value == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("lobes", [1, 2, 3])
def test_lanczos_samples_are_its_kernel(lobes):
    filter = Lanczos(torch.tensor([0.5], dtype=torch.float64), lobes)
    noise = ((torch.arange(1 << 18, dtype=torch.float64) + 0.5) / (1 << 18))[:, None, None]
    offsets = filter.offsets(noise)
    weights = filter.weights(offsets)
    assert float(weights.mean()) == pytest.approx(1, abs=1e-4)
    edges = np.linspace(-lobes, lobes, 8 * lobes + 1)
    counted, _ = np.histogram(offsets.flatten().numpy() / 0.5, edges, weights=weights.flatten().numpy() / (1 << 18))

    def kernel(u: float) -> float:
        return float(np.sinc(u) * np.sinc(u / lobes))

    mass = quad(kernel, -lobes, lobes, limit=200)[0]
    expected = [quad(kernel, low, high)[0] / mass for low, high in pairwise(edges)]
    np.testing.assert_allclose(counted, expected, atol=2e-5)


def test_lanczos_keeps_what_its_lattice_holds_and_dampens_the_rest():
    response = Lanczos(0.1).response(along_x([0.0, 2.0, 4.0, 5.0, 8.0, 12.0], 2)).tolist()
    assert response[0] == pytest.approx(1, abs=1e-6)
    assert all(value == pytest.approx(1, abs=0.02) for value in response[1:2])
    assert response[3] == pytest.approx(0.5, abs=0.02)
    assert all(abs(value) < 0.02 for value in response[4:])


def test_lanczos_response_is_differentiable_in_its_spacings():
    spacings = torch.tensor([0.1, 0.2], requires_grad=True)
    Lanczos(spacings).response(torch.tensor([[2.0, 1.0]])).sum().backward()
    step = 1e-3
    for axis in (0, 1):
        moved = torch.zeros(2)
        moved[axis] = step
        high, low = (Lanczos(spacings.detach() + sign * moved).response(torch.tensor([[2.0, 1.0]])) for sign in (1, -1))
        assert float(spacings.grad[axis]) == pytest.approx(float((high - low) / (2 * step)), rel=2e-2)
