"""Frequencies and the Fourier encoding against closed forms."""

import dataclasses
import math

import pytest
import torch
from scipy.stats import halfnorm, kstest

from fieldcore.fields.fourier import FourierEncoding, FourierRecipe, cube_to_ball, fourier_frequencies
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


def test_squared_radii_draw_longer_frequencies_in_3d():
    """What the publications' code draws: its mean length at variance 100 is 9.88, against the half-normal's 7.98."""
    for dim, median in ((1, 0.3186), (2, 0.6745), (3, 0.8887)):
        lengths = fourier_frequencies(4096, dim, 100.0, seed=1, radii="squared").norm(dim=1) / 10
        # Of a uniform point in the ball, the radius to the power dim is uniform: its median is a half.
        uniform = 0.5 ** (2 / dim)
        assert float(lengths.median()) == pytest.approx(float(halfnorm.ppf(uniform)), rel=0.02)
        assert float(lengths.median()) == pytest.approx(median, rel=0.02)
    assert float(fourier_frequencies(1 << 14, 3, 100.0, seed=0, radii="squared").norm(dim=1).mean()) == pytest.approx(
        9.88, 0.01
    )
    same = fourier_frequencies(64, 2, 50.0, seed=4, radii="squared")
    assert torch.equal(same, fourier_frequencies(64, 2, 50.0, seed=4))


def test_random_scales_are_log_uniform_with_even_directions():
    recipe = FourierRecipe(points_per_step=4096, log10_eigenvalue_min=-4.0, log10_eigenvalue_max=0.0)
    for dim in (2, 3):
        matrices = recipe.random_gaussians(dim, torch.Generator().manual_seed(0)).covariance(dim)
        eigenvalues, axes = torch.linalg.eigh(matrices.double())
        assert kstest((eigenvalues.log10().flatten() / 4 + 1).numpy(), "uniform").statistic < 0.02
        longest = axes[:, :, -1]
        outer = (longest[:, :, None] * longest[:, None, :]).mean(0)
        torch.testing.assert_close(outer, torch.eye(dim, dtype=torch.float64) / dim, atol=0.02, rtol=0)
    isotropic = dataclasses.replace(recipe, isotropic_scales=True)
    variances = isotropic.random_gaussians(2, torch.Generator().manual_seed(0)).variance
    assert kstest((variances.log10() / 4 + 1).numpy(), "uniform").statistic < 0.02


def test_random_scales_keep_their_exact_axes():
    """Offsets across a thin covariance are as short as its minor deviation says, in float32."""
    recipe = FourierRecipe(points_per_step=2000, log10_eigenvalue_min=-7.0, log10_eigenvalue_max=0.0)
    gaussian = recipe.random_gaussians(2, torch.Generator().manual_seed(1))
    eigenvalues = torch.linalg.eigvalsh(gaussian.covariance(2).double())
    root = gaussian._root.double()
    torch.testing.assert_close(root @ root.mT, gaussian.covariance(2).double(), atol=1e-6, rtol=0)
    thin = (eigenvalues[:, 0] < 1e-6 * eigenvalues[:, 1]) & (eigenvalues[:, 1] > 0.1)
    assert thin.sum() > 20
    minor = torch.linalg.svdvals(root)[:, 1]
    assert (minor[thin] < 1e-3 * (1 + 1e-3)).all()
    assert minor.min() > 10**-3.5 * (1 - 1e-3)


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
