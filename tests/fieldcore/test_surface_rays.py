"""Rays and surfaces in closed form: planes, spheres, and a level-wise Adam against its formula."""

import math

import torch

from fieldcore.fields.levelwise_adam import LevelwiseAdam
from fieldcore.fields.surface_rays import (
    box_interval,
    first_crossings,
    mean_of_ends,
    opacities,
    ray_weights,
    surface_point,
)


def plane(angle: float, t: torch.Tensor, at: float = 1.0) -> torch.Tensor:
    """Distances along a ray that crosses a plane at ``at``, at so many radians from its normal."""
    return (at - t) * math.cos(angle)


def test_opacities_are_those_of_the_formula_where_it_is_well_behaved() -> None:
    distances = torch.randn(50, 9, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    S = torch.sigmoid(3.0 * distances)
    expected = ((S[:, :-1] - S[:, 1:]) / S[:, :-1]).clamp(0, 1)
    found = opacities(distances, 3.0)
    assert torch.allclose(found, expected, atol=1e-12)
    through = torch.cat([torch.ones(50, 1, dtype=torch.float64), (1 - expected).cumprod(1)[:, :-1]], 1)
    assert torch.allclose(ray_weights(distances, 3.0), expected * through, atol=1e-12)


def test_opacities_stay_in_bounds_and_have_gradients_far_inside_and_outside() -> None:
    distances = torch.tensor([[40.0, 2.0, -3.0, -90.0, 50.0, -80.0]], requires_grad=True)
    weights = ray_weights(distances, 400.0)
    assert bool(((weights >= 0) & (weights <= 1)).all()) and float(weights.detach().sum()) <= 1 + 1e-6
    weights[:, 1].sum().backward()
    assert distances.grad is not None and bool(distances.grad.isfinite().all())


def test_a_plane_crossed_at_an_angle() -> None:
    for angle in (0.0, 0.7, 1.3):
        for sharpness in (18.0, 100.0, 400.0):
            half = 8 / sharpness / math.cos(angle)
            t = torch.linspace(1 - half, 1 + half, 201, dtype=torch.float64)[None]
            distances = plane(angle, t)
            weights = ray_weights(distances, sharpness)
            last = float(distances[0, -1])
            assert abs(float(weights.sum()) - (1 - torch.sigmoid(torch.tensor(sharpness * last)))) < 1e-3
            middle = (t[:, 1:] + t[:, :-1]) / 2
            assert abs(float(middle[0, weights[0].argmax()]) - 1) <= 2 * half / 200
            depth = float((weights * middle).sum() / weights.sum())
            assert abs(depth - 1) < 0.01 / sharpness / math.cos(angle), "the expected depth is the plane's"


def test_of_two_planes_the_first_wins() -> None:
    t = torch.linspace(0, 3, 601, dtype=torch.float64)[None]
    distances = torch.minimum((t - 1).abs() - 0.2, (t - 2).abs() - 0.2)
    weights = ray_weights(distances, 100.0)
    middle = (t[:, 1:] + t[:, :-1]) / 2
    assert float(weights[middle < 1.5].sum()) > 0.999
    found = first_crossings(t[:, ::20], distances[:, ::20])
    assert abs(float(found.t) - 0.8) < 1e-6 and bool(found.crossed)


def test_weights_of_samples_are_means_of_the_intervals_beside_them() -> None:
    weights = torch.tensor([[0.25, 0.5]])
    assert mean_of_ends(weights).tolist() == [[0.125, 0.375, 0.25]]


def test_a_ray_that_crosses_nothing_is_where_the_distance_is_least() -> None:
    t = torch.linspace(0, 2, 21)[None]
    found = first_crossings(t, (t - 1.3).abs() + 0.1)
    assert abs(float(found.t) - 1.3) < 1e-6 and not bool(found.crossed)
    assert float(first_crossings(t, -torch.ones_like(t)).t) == 0, "one that begins inside is there at once"


def test_a_box_is_entered_and_left() -> None:
    origins = torch.tensor([[0.0, 0.0, 3.0], [0.0, 5.0, 3.0], [0.2, 0.0, 0.0]])
    directions = torch.tensor([[0.0, 0.0, -1.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
    near, far = box_interval(origins, directions, torch.full((3,), -1.0), torch.full((3,), 1.0))
    assert near[0] == 2 and far[0] == 4 and near[1] >= far[1]
    assert near[2] == 0 and abs(float(far[2]) - 0.8) < 1e-6


def test_the_surface_point_moves_as_the_sphere_and_the_camera_do() -> None:
    """The hit of a ray with a sphere has a closed form, whose derivatives autograd takes."""
    radius = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    origin = torch.tensor([[0.1, 0.2, 2.5]], dtype=torch.float64, requires_grad=True)
    direction = torch.nn.functional.normalize(torch.tensor([[0.02, -0.05, -1.0]], dtype=torch.float64))
    along = (origin * direction).sum()
    exact = origin + (-along - (along**2 - (origin**2).sum() + radius**2).sqrt()) * direction

    t = ((exact - origin) * direction).sum(1).detach()
    x = origin + t[:, None] * direction
    distances = x.norm(dim=1) - radius
    normals = torch.nn.functional.normalize(x.detach())
    found = surface_point(origin, direction, t, distances, normals)
    assert torch.allclose(found, exact, atol=1e-12)
    for axis in range(3):
        wanted = torch.autograd.grad(exact[0, axis], (radius, origin), retain_graph=True)
        got = torch.autograd.grad(found[0, axis], (radius, origin), retain_graph=True)
        assert all(torch.allclose(a, b, atol=1e-4) for a, b in zip(got, wanted, strict=True))
    hit = ((found - origin) * direction).sum()
    towards_camera = -float((normals * direction).sum())
    assert abs(float(torch.autograd.grad(hit, radius)[0]) + 1 / towards_camera) < 1e-4


def test_the_level_wise_adam_is_its_formula() -> None:
    generator = torch.Generator().manual_seed(3)
    gradients = torch.randn(25, 6, 1, generator=generator) * torch.tensor([[1.0], [1e-3], [0.0], [2.0], [1.0], [0.5]])
    values = torch.nn.Parameter(torch.zeros(6, 1))
    plain = torch.nn.Parameter(torch.zeros(6, 1))
    groups = [{"params": [plain]}, {"params": [values], "levelwise": True}]
    optimizer = LevelwiseAdam(groups, lr=1e-2, betas=(0.9, 0.99), eps=1e-15)
    usual = torch.nn.Parameter(torch.zeros(6, 1))
    reference = torch.optim.Adam([usual], lr=1e-2, betas=(0.9, 0.99), eps=1e-15)
    expected, m, v, level = torch.zeros(6, 1), torch.zeros(6, 1), torch.zeros(6, 1), 0.0
    for step, gradient in enumerate(gradients, start=1):
        values.grad, plain.grad, usual.grad = gradient.clone(), gradient.clone(), gradient.clone()
        optimizer.step()
        reference.step()
        m, v = 0.9 * m + 0.1 * gradient, 0.99 * v + 0.01 * gradient**2
        size = (v / (1 - 0.99**step)).sqrt()
        if step % 10 == 1:
            raw = float((v[v > 0]).mean().sqrt())
        level = raw / math.sqrt(1 - 0.99**step)
        expected = expected - 1e-2 * m / (1 - 0.9**step) / (size + level)
    assert torch.allclose(values, expected, atol=1e-6)
    assert torch.equal(plain, usual), "groups that are not level-wise are Adam's own"
    assert values[2] == 0 and abs(float(values[1])) < 0.05 * abs(float(plain[1])), "weak gradients move little"


def test_the_level_wise_adam_goes_on_from_its_state() -> None:
    def trained(steps: int, restart: int) -> torch.Tensor:
        values = torch.nn.Parameter(torch.ones(5, 1))
        optimizer = LevelwiseAdam([{"params": [values], "levelwise": True}], lr=0.1)
        for step in range(steps):
            if step == restart:
                state = optimizer.state_dict()
                optimizer = LevelwiseAdam([{"params": [values], "levelwise": True}], lr=0.1)
                optimizer.load_state_dict(state)
            values.grad = values.detach() ** 2
            optimizer.step()
        return values.detach()

    assert torch.equal(trained(25, -1), trained(25, 13))
