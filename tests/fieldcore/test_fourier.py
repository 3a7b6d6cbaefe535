"""Frequencies and the Fourier encoding against closed forms."""

import math

import pytest
import torch
from scipy.stats import kstest

from fieldcore.fields.fourier import FourierEncoding, cube_to_ball, fourier_frequencies
from fieldcore.filters import Gaussian
from fieldcore.sampling import sobol


def jacobian_determinants(points: torch.Tensor) -> torch.Tensor:
    jacobian = torch.func.vmap(torch.func.jacrev(lambda p: cube_to_ball(p[None])[0]))(points)
    return torch.linalg.det(jacobian)


@pytest.mark.parametrize(("dim", "ball_over_cube"), [(2, math.pi / 4), (3, math.pi / 6)])
def test_cube_to_ball_scales_all_volumes_alike(dim, ball_over_cube):
    determinants = jacobian_determinants(2 * sobol(512, dim, seed=3) - 1)
    torch.testing.assert_close(determinants.abs(), torch.full_like(determinants, ball_over_cube))


@pytest.mark.parametrize("dim", [2, 3])
def test_cube_to_ball_maps_surface_to_surface_and_origin_to_origin(dim):
    cube = 2 * sobol(256, dim, seed=0) - 1
    surface = cube / cube.abs().amax(1, keepdim=True)
    torch.testing.assert_close(cube_to_ball(surface).norm(dim=1), torch.ones(256, dtype=torch.float64))
    assert cube_to_ball(torch.zeros(1, dim)).tolist() == [[0.0] * dim]


def test_cube_to_ball_by_hand():
    # On the square's diagonal the angle is 45 degrees; a third up the right side it is 15 degrees.
    corner, side = cube_to_ball(torch.tensor([[1.0, 1.0], [1.0, 1 / 3]]))
    torch.testing.assert_close(corner, torch.full((2,), math.sqrt(0.5)))
    torch.testing.assert_close(side, torch.tensor([math.cos(math.pi / 12), math.sin(math.pi / 12)]))
    # On the axis of the cylinder its height stays, and on its waist the radius stays.
    ball = cube_to_ball(torch.tensor([[0.0, 0.0, -0.7], [0.5, 0.0, 0.0]]))
    torch.testing.assert_close(ball, torch.tensor([[0.0, 0.0, -0.7], [0.5, 0.0, 0.0]]))


@pytest.mark.parametrize("dim", [1, 2, 3, 4, 5])
def test_frequency_lengths_are_half_normal_in_every_dimension(dim):
    lengths = fourier_frequencies(1024, dim, 50.0, seed=1).norm(dim=1)
    assert kstest(lengths.numpy() / math.sqrt(50), "halfnorm").statistic < 0.025
    assert torch.isfinite(lengths).all()


def test_frequency_directions_are_even():
    A = fourier_frequencies(4096, 2, 2000.0, seed=2)
    angle = torch.atan2(A[:, 1], A[:, 0])
    assert kstest((angle / (2 * math.pi) + 0.5).numpy(), "uniform").statistic < 0.01
    heights = torch.nn.functional.normalize(fourier_frequencies(4096, 3, 100.0, seed=2))[:, 2]
    assert kstest((heights / 2 + 0.5).numpy(), "uniform").statistic < 0.01


def test_frequencies_depend_on_the_seed_alone():
    assert torch.equal(fourier_frequencies(64, 2, 50.0, seed=4), fourier_frequencies(64, 2, 50.0, seed=4))
    assert not torch.equal(fourier_frequencies(64, 2, 50.0, seed=4), fourier_frequencies(64, 2, 50.0, seed=5))


def test_encoding_is_cosines_then_sines_times_the_damping():
    encoding = FourierEncoding(torch.tensor([[1.0, 0.0], [0.0, 2.0]]))
    features = encoding(torch.tensor([[1 / 6, 1 / 24]]), torch.tensor([1.0, 0.5]))
    expected = [0.5, 0.5 * math.cos(math.pi / 6), math.sqrt(0.75), 0.5 * 0.5]
    torch.testing.assert_close(features, torch.tensor([expected]))


def test_encoding_under_a_filter_is_the_average_over_its_samples():
    A = fourier_frequencies(8, 2, 0.5, seed=0)
    gaussian = Gaussian([[0.05, 0.02], [0.02, 0.03]])
    x = torch.tensor([[0.3, -0.2], [0.9, 0.1]])
    encoding = FourierEncoding(A)
    noise = sobol(1 << 14, 2, seed=0).float()[:, None].expand(-1, 2, -1)
    sampled = encoding((x + gaussian.offsets(noise)).flatten(0, 1), None).unflatten(0, noise.shape[:2]).mean(0)
    torch.testing.assert_close(encoding(x, gaussian.response(A)), sampled, atol=2e-4, rtol=0)


def test_encoding_keeps_float32_phases_under_autocast():
    encoding = FourierEncoding(fourier_frequencies(32, 2, 2000.0, seed=0))
    x = torch.rand(16, 2, generator=torch.Generator().manual_seed(0))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        features = encoding(x, None)
    phase = 2 * math.pi * x.double() @ encoding.A.double().T
    torch.testing.assert_close(features.double(), torch.cat([phase.cos(), phase.sin()], 1), atol=2e-4, rtol=0)
