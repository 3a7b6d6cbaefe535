"""Volumes along rays, against closed forms: compositing, marching, and the grid of what is empty."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from fieldcore.radiance.compositing import ray_weights
from fieldcore.radiance.marching import march
from fieldcore.radiance.occupancy import OccupancyGrid
from fieldcore.radiance.rendering import Marching, Rays, cone_variance, look_along

CENTRE_RADIUS, DENSITY = 0.6, 1.7


class Ball:
    """A ball of one density and one colour."""

    asks_twice = False

    def __init__(self, radius: float = CENTRE_RADIUS, density: float = DENSITY) -> None:
        self.radius, self.inner = radius, density

    def at(self, x: Tensor, variance: Tensor | None) -> Ball.Points:
        return Ball.Points(self, x)

    class Points:
        def __init__(self, ball: Ball, x: Tensor) -> None:
            self.ball, self.x = ball, x

        def density(self) -> Tensor:
            return self.ball.inner * (self.x.norm(dim=1) < self.ball.radius).to(self.x)

        def colours(self, directions: Tensor) -> Tensor:
            return self.x.new_tensor([0.2, 0.5, 1.0]).expand(len(self.x), 3)

        def kept(self, keep: Tensor) -> Ball.Points:
            return Ball.Points(self.ball, self.x[keep])


class DearBall(Ball):
    """The same, whose densities are first asked for without a gradient."""

    asks_twice = True


def parallel_rays(offsets: Tensor) -> Rays:
    """Rays along -z from z = 3, at distances from the axis."""
    origins = torch.stack([offsets, torch.zeros_like(offsets), torch.full_like(offsets, 3.0)], 1)
    directions = torch.tensor([0.0, 0.0, -1.0], dtype=offsets.dtype).expand(len(offsets), 3)
    return Rays(origins, directions, torch.zeros_like(offsets))


def test_weights_are_shares_of_light() -> None:
    generator = torch.Generator().manual_seed(1)
    density = 50 * torch.rand(20, 30, generator=generator, dtype=torch.float64) ** 4
    lengths = torch.rand(20, 30, generator=generator, dtype=torch.float64)
    found = ray_weights(density, lengths)
    torch.testing.assert_close(found.weights.sum(1) + found.transmittance, torch.ones(20, dtype=torch.float64))
    torch.testing.assert_close(found.transmittance, torch.exp(-(density * lengths).sum(1)))
    assert bool((found.weights >= 0).all()) and bool((found.before.diff(dim=1) <= 0).all())


def test_cutting_an_interval_changes_nothing() -> None:
    whole = ray_weights(torch.tensor([[3.0, 1.0]]), torch.tensor([[0.4, 0.2]]))
    cut = ray_weights(torch.tensor([[3.0, 3.0, 1.0]]), torch.tensor([[0.1, 0.3, 0.2]]))
    torch.testing.assert_close(whole.weights[0, 0], cut.weights[0, :2].sum())
    torch.testing.assert_close(whole.transmittance, cut.transmittance)


def test_weights_stay_finite_where_nothing_gets_through() -> None:
    density = torch.tensor([[1e6, 1e8, 1e30]], requires_grad=True)
    found = ray_weights(density, torch.ones(1, 3))
    found.weights.sum().backward()
    assert found.weights.tolist() == [[1.0, 0.0, 0.0]] and density.grad is not None
    assert bool(density.grad.isfinite().all())


def test_weights_have_the_gradient_of_differences() -> None:
    generator = torch.Generator().manual_seed(2)
    density = torch.rand(3, 5, generator=generator, dtype=torch.float64, requires_grad=True)
    lengths = torch.rand(3, 5, generator=generator, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda *given: ray_weights(*given).weights, (density, lengths))


@pytest.mark.parametrize("volume", [Ball(), DearBall()])
def test_a_ball_of_fog_seen_from_outside(volume: Ball) -> None:
    offsets = torch.linspace(0, 0.9, 19, dtype=torch.float64)
    step = 1 / 512
    seen = look_along(volume, parallel_rays(offsets), Marching(step, near=0.0))
    chord = 2 * (volume.radius**2 - offsets**2).clamp_min(0).sqrt()
    opacity = 1 - torch.exp(-DENSITY * chord)
    torch.testing.assert_close(seen.opacity, opacity, rtol=0, atol=1.01 * DENSITY * step)
    colour = opacity[:, None] * torch.tensor([0.2, 0.5, 1.0], dtype=torch.float64)
    torch.testing.assert_close(seen.colour, colour, rtol=0, atol=2 * DENSITY * step + 19e-4)


def test_depth_of_a_ball_of_fog_is_its_expectation() -> None:
    seen = look_along(Ball(), parallel_rays(torch.zeros(1, dtype=torch.float64)), Marching(1 / 512, near=0.0))
    entry, chord = 3 - CENTRE_RADIUS, 2 * CENTRE_RADIUS
    left = math.exp(-DENSITY * chord)
    expected = entry + 1 / DENSITY - chord * left / (1 - left)
    assert float(seen.distance[0]) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("step", [0.3, 0.07])
def test_a_slab_of_fog_is_exact_at_any_step(step: float) -> None:
    """The box filled with one density: intervals of any length have exactly what the whole slab has."""
    rays = Rays(
        torch.tensor([[0.1, 0.2, 3.0], [-3.0, 0.0, 0.0], [0.0, 3.0, 0.0]], dtype=torch.float64),
        torch.nn.functional.normalize(
            torch.tensor([[0.0, 0.0, -1.0], [1.0, 0.2, 0.1], [1.0, 0.0, 0.0]], dtype=torch.float64), dim=1
        ),
        torch.zeros(3, dtype=torch.float64),
    )
    length = torch.tensor([2.0, 2 * math.sqrt(1 + 0.04 + 0.01), 0.0], dtype=torch.float64)
    for noise in (None, torch.full((3,), 0.9, dtype=torch.float64)):
        seen = look_along(Ball(radius=9.0), rays, Marching(step, near=0.0), noise=noise)
        torch.testing.assert_close(seen.opacity, 1 - torch.exp(-DENSITY * length))


def test_rays_from_inside_begin_where_they_are() -> None:
    rays = Rays(torch.zeros(1, 3), torch.tensor([[0.0, 0.0, 1.0]]), torch.zeros(1))
    seen = look_along(Ball(radius=9.0), rays, Marching(0.1, near=0.25))
    assert float(seen.opacity[0]) == pytest.approx(1 - math.exp(-DENSITY * 0.75), abs=1e-5)


def test_samples_fill_the_box_once() -> None:
    generator = torch.Generator().manual_seed(3)
    directions = torch.nn.functional.normalize(torch.randn(50, 3, generator=generator), dim=1)
    origins = -4 * directions + 0.5 * torch.randn(50, 3, generator=generator)
    found = march(origins, directions, 0.1, noise=torch.rand(50, generator=generator))
    assert bool((found.points.abs() <= 1 + 1e-5).all())
    ends = found.by_ray(found.length).sum(1)
    torch.testing.assert_close(found.of_samples(found.by_ray(found.distance)), found.distance)
    crossing = march(origins, directions, 0.01)
    torch.testing.assert_close(ends, crossing.by_ray(crossing.length).sum(1), rtol=0, atol=1e-4)


def test_no_ray_and_no_sample() -> None:
    nothing = torch.zeros(0, 3)
    assert look_along(Ball(), Rays(nothing, nothing, nothing[:, 0]), Marching(0.1, 0.0)).colour.shape == (0, 3)
    past = Rays(torch.tensor([[0.0, 5.0, 0.0]]), torch.tensor([[1.0, 0.0, 0.0]]), torch.zeros(1))
    assert look_along(Ball(), past, Marching(0.1, 0.0)).opacity.tolist() == [0.0]


def test_occupancy_keeps_what_is_there_and_skips_the_rest() -> None:
    ball, grid, generator = Ball(density=40.0), OccupancyGrid(24), torch.Generator().manual_seed(4)
    assert grid.share == 1.0

    def density_of(x: Tensor) -> Tensor:
        return ball.at(x, None).density()

    for _ in range(20):
        grid.refresh(density_of, 3.0, generator)
    cells = (torch.arange(24) + 0.5) / 12 - 1
    distance = torch.cartesian_prod(cells, cells, cells).norm(dim=1).view(24, 24, 24)
    half_diagonal = math.sqrt(3) / 24
    assert bool(grid.occupied[distance < CENTRE_RADIUS].all())
    assert not bool(grid.occupied[distance > CENTRE_RADIUS + 3 * half_diagonal + 1e-3].any())
    rays, marching = parallel_rays(torch.linspace(0, 0.9, 19)), Marching(1 / 128, near=0.0)
    whole, skipped = (look_along(ball, rays, marching, one) for one in (None, grid))
    torch.testing.assert_close(whole.colour, skipped.colour)
    assert skipped.samples < 0.5 * whole.samples


def test_occupancy_forgets_by_and_by() -> None:
    grid, generator = OccupancyGrid(8), torch.Generator().manual_seed(5)
    grid.refresh(lambda x: torch.full((len(x),), 100.0), 3.0, generator)
    corner, way, near = torch.full((1, 3), -0.95), torch.tensor([[1.0, 0.0, 0.0]]), torch.zeros(1, 1)
    counts = 0
    while bool(grid.occupied_along(corner, way, near)):
        grid.refresh(lambda x: 100.0 * (x > 0.5).all(1), 3.0, generator)
        counts += 1
        assert counts < 200
    assert counts == math.ceil(math.log(3 / 100) / math.log(0.95))


def test_occupancy_of_one_density_everywhere_is_full() -> None:
    grid = OccupancyGrid(8)
    grid.refresh(lambda x: torch.full((len(x),), 0.2), 3.0, torch.Generator().manual_seed(0))
    assert grid.share == 1.0


def test_a_pixels_cone_grows_with_the_distance() -> None:
    found = march(torch.tensor([[0.0, 0.0, 3.0]]), torch.tensor([[0.0, 0.0, -1.0]]), 0.5)
    variance = cone_variance(found, torch.tensor([0.01]))
    torch.testing.assert_close(variance, (0.01 * found.distance) ** 2 / 12)
