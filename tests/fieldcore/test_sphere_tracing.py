"""Sphere tracing against exact hits, and against a slow march that looks everywhere along a ray."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from fieldcore.sphere_tracing import Hits, Stepping, answered, mean_curvatures, measuring_steepness, trace

Distance = Callable[[Tensor], Tensor]


def sphere(points: Tensor) -> Tensor:
    return points.norm(dim=-1) - 0.8


def torus(points: Tensor) -> Tensor:
    return torch.hypot(torch.hypot(points[:, 0], points[:, 2]) - 0.7, points[:, 1]) - 0.25


def box(points: Tensor) -> Tensor:
    beyond = points.abs() - points.new_tensor([0.6, 0.4, 0.5])
    return beyond.clamp_min(0).norm(dim=-1) + beyond.amax(-1).clamp_max(0)


def rippled(points: Tensor) -> Tensor:
    return sphere(points) + 0.02 * torch.sin(45 * points).sum(-1)


def rays_at(count: int, spread: float = 1.0, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Rays from a ball of radius 3 towards places in a box around the origin, in double precision."""
    generator = torch.Generator().manual_seed(seed)
    origins = torch.randn(count, 3, generator=generator, dtype=torch.float64)
    origins = 3 * origins / origins.norm(dim=-1, keepdim=True)
    targets = spread * (2 * torch.rand(count, 3, generator=generator, dtype=torch.float64) - 1)
    return origins, (targets - origins) * (0.2 + torch.rand(count, 1, generator=generator, dtype=torch.float64))


def exact_sphere(origins: Tensor, directions: Tensor, radius: float = 0.8) -> Tensor:
    """Multiples of the directions at which rays from outside first meet the sphere, inf where they miss it."""
    a, b = directions.square().sum(-1), (origins * directions).sum(-1)
    left = b.square() - a * (origins.square().sum(-1) - radius**2)
    return torch.where(left >= 0, (-b - left.clamp_min(0).sqrt()) / a, torch.inf)


def marched(distance: Distance, origins: Tensor, directions: Tensor, level: float = 0.0) -> Tensor:
    """The same of any shape in the box, by looking every two thousandths of the way and bisecting."""
    found = torch.full((len(origins),), torch.inf, dtype=origins.dtype)
    t = torch.linspace(0, 8, 6001, dtype=origins.dtype)
    lengths = directions.norm(dim=-1)
    for i, (origin, direction, length) in enumerate(zip(origins, directions, lengths, strict=True)):
        here = t / length
        points = origin + here[:, None] * direction
        inside = (distance(points) < level) & (points.abs() <= 1.2).all(-1)
        if inside.any():
            first = int(inside.nonzero()[0])
            low, high = float(here[first - 1]), float(here[first])
            for _ in range(50):
                middle = (low + high) / 2
                is_inside = float(distance((origin + middle * direction)[None])) < level
                low, high = (low, middle) if is_inside else (middle, high)
            found[i] = high
    return found


def assert_met(hits: Hits, expected: Tensor, tolerance: float) -> None:
    met = expected.isfinite()
    assert torch.equal(hits.hit, met)
    assert (hits.t[met] - expected[met]).abs().max() < tolerance
    assert hits.t[~met].isinf().all() and (hits.normals[~met] == 0).all()


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-6), (torch.float32, 2e-4)])
def test_a_sphere_is_met_where_it_is(dtype: torch.dtype, tolerance: float) -> None:
    origins, directions = rays_at(2000)
    expected = exact_sphere(origins, directions)
    nearest = origins.cross(directions, dim=-1).norm(dim=-1) / directions.norm(dim=-1)
    clear = (nearest - 0.8).abs() > 1e-5
    hits = trace(sphere, origins[clear].to(dtype), directions[clear].to(dtype))
    assert 500 < hits.hit.sum() < 1900
    assert_met(hits, expected[clear].to(dtype), tolerance)
    points = origins[clear].to(dtype) + hits.t[:, None] * directions[clear].to(dtype)
    away = points[hits.hit] / points[hits.hit].norm(dim=-1, keepdim=True)
    assert (hits.normals[hits.hit] - away).abs().max() < 3e-4


@pytest.mark.parametrize("shape", [torus, box, rippled])
def test_any_shape_is_met_where_a_slow_march_meets_it(shape: Distance) -> None:
    origins, directions = rays_at(250)
    assert_met(trace(shape, origins, directions), marched(shape, origins, directions), 1e-5)


@pytest.mark.parametrize("factor", [3.0, 0.2])
def test_distances_may_be_scaled(factor: float) -> None:
    origins, directions = rays_at(1000, seed=1)
    plain = trace(torus, origins, directions)
    scaled = trace(lambda points: factor * torus(points), origins, directions)
    assert_met(scaled, plain.t, 1e-6)


def test_places_that_are_steeper_than_told_are_not_run_through() -> None:
    """A thin plate whose distances are five times too large is taken for far away, until values are seen to fall."""

    def plate(points: Tensor) -> Tensor:
        return 5 * (points[:, 2].abs() - 0.01) + 0.2 * torch.sin(9 * points[:, 0])

    x = torch.linspace(-0.9, 0.9, 60, dtype=torch.float64)
    origins = torch.stack([x, torch.zeros_like(x), torch.full_like(x, 3.0)], -1)
    directions = torch.tensor([[0.0, 0.0, -1.0]], dtype=torch.float64).expand(60, 3).contiguous()
    hits = trace(plate, origins, directions, steepness=1.0)
    assert_met(hits, marched(plate, origins, directions), 1e-6)
    assert hits.hit.any() and not hits.hit.all()


def plate(half_height: float) -> Distance:
    def distance(points: Tensor) -> Tensor:
        beyond = points.abs() - points.new_tensor([0.9, half_height, 0.9])
        return beyond.clamp_min(0).norm(dim=-1) + beyond.amax(-1).clamp_max(0)

    return distance


@pytest.mark.parametrize("angle_deg", [0.1, 0.3, 0.84, 2.0])
@pytest.mark.parametrize("half_height", [0.5, 0.05, 2e-3])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_flat_shapes_have_no_holes_where_seen_edge_on(angle_deg: float, half_height: float, dtype: torch.dtype) -> None:
    slope = math.tan(math.radians(angle_deg))
    x = torch.linspace(-0.85, 0.85, 200, dtype=torch.float64)
    targets = torch.stack([x, torch.full_like(x, half_height), 0.3 * x.flip(0)], -1)
    directions = torch.tensor([[1.0, -slope, 0.2]], dtype=torch.float64).expand_as(targets)
    origins = targets - 3 * directions
    hits = trace(plate(half_height), origins.to(dtype), directions.to(dtype), steepness=1.0)
    assert hits.hit.all()
    # Where the ray is off its target by the rounding of float32, it meets the plate that much over the slope away.
    assert (hits.t - 3).abs().max() < (1e-6 if dtype == torch.float64 else 3e-6 / slope)
    above = trace(plate(half_height), (origins + origins.new_tensor([0, 6 * slope, 0])).to(dtype), directions.to(dtype))
    assert not above.hit.any()


def test_no_ray_ends_on_its_way() -> None:
    """Steps are as short as may be up to a wall at the far side of the box, which is met all the same."""
    y = torch.linspace(-1, 1, 5, dtype=torch.float64)
    origins = torch.stack([torch.full_like(y, -2.0), y, 0 * y], -1)
    directions = torch.tensor([[1.0, 0.0, 0.0]], dtype=torch.float64).expand(5, 3)

    def wall(points: Tensor) -> Tensor:
        return (1.1 - points[:, 0]).clamp(max=1e-4)

    for most in (16, 1024):
        hits = trace(wall, origins, directions, steepness=1.0, stepping=Stepping(most=most))
        assert hits.t.tolist() == pytest.approx([3.1] * 5)


def test_grazing_rays() -> None:
    away = torch.tensor([-1e-3, -1e-5, 1e-5, 1e-3], dtype=torch.float64)
    origins = torch.stack([0.8 + away, torch.zeros(4, dtype=torch.float64), torch.full((4,), 3.0).double()], -1)
    directions = torch.tensor([[0.0, 0.0, -2.0]], dtype=torch.float64).expand(4, 3).contiguous()
    hits = trace(sphere, origins, directions)
    assert hits.hit.tolist() == [True, True, False, False]
    assert_met(hits, exact_sphere(origins, directions), 1e-4)


@pytest.mark.parametrize("level", [-0.3, 0.15])
def test_other_levels(level: float) -> None:
    origins, directions = rays_at(500, seed=2)
    assert_met(trace(sphere, origins, directions, level=level), exact_sphere(origins, directions, 0.8 + level), 1e-6)


def test_from_inside_the_shape_its_far_side_is_seen_facing_us() -> None:
    _, directions = rays_at(200, seed=3)
    origins = 0.3 * directions[:, [1, 2, 0]] / directions.norm(dim=-1, keepdim=True)
    a, b = directions.square().sum(-1), (origins * directions).sum(-1)
    expected = (-b + (b.square() - a * (origins.square().sum(-1) - 0.64)).sqrt()) / a
    hits = trace(sphere, origins, directions)
    assert_met(hits, expected, 1e-6)
    assert ((hits.normals * directions).sum(-1) < 0).all()


def test_inside_the_box_but_outside_the_shape() -> None:
    origins = torch.tensor([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]], dtype=torch.float64)
    directions = torch.tensor([[0.0, 0.0, -1.0], [0.0, 0.0, 1.0]], dtype=torch.float64)
    hits = trace(sphere, origins, directions)
    assert hits.hit.tolist() == [True, False] and float(hits.t[0]) == pytest.approx(0.2)


def test_the_box_cuts_shapes_open() -> None:
    origins = torch.tensor([[0.1, 0.2, 3.0], [3.0, 0.1, -0.3]], dtype=torch.float64)
    directions = torch.tensor([[0.0, 0.0, -1.0], [-1.0, 0.0, 0.0]], dtype=torch.float64)
    hits = trace(sphere, origins, directions, level=0.3, upper=(0.5, 1.2, 0.25))
    assert hits.t.tolist() == pytest.approx([2.75, 2.5])
    assert hits.normals.tolist() == [[0, 0, 1], [1, 0, 0]]


def test_batched_equals_looped_whatever_the_tiles() -> None:
    origins, directions = rays_at(40, seed=4)
    options = {"pixel": 0.01, "steepness": 1.4}
    whole = trace(rippled, origins, directions, **options)
    tiled = trace(rippled, origins, directions, stepping=Stepping(tile_rays=7), **options)
    looped = [trace(rippled, origins[i : i + 1], directions[i : i + 1], **options) for i in range(40)]
    for name in ("t", "hit", "normals", "coverage"):
        expected = getattr(whole, name)
        assert torch.equal(expected, getattr(tiled, name))
        assert torch.allclose(expected, torch.cat([getattr(one, name) for one in looped]), atol=1e-9)


def test_only_rays_on_their_way_are_asked() -> None:
    asked = []

    def counted(points: Tensor) -> Tensor:
        asked.append(len(points))
        assert (points.abs() < 1.21).all()
        return sphere(points)

    origins, directions = rays_at(300, seed=5)
    trace(counted, origins, directions, steepness=1.0)
    assert all(count > 0 for count in asked)
    assert sum(asked) < 40 * 300
    before = sum(asked)
    trace(counted, origins, -directions, steepness=1.0)  # away from the box
    assert sum(asked) == before


def test_coverage_adds_up_to_the_area_of_the_silhouette() -> None:
    pixel, half = 0.02, 40
    place = pixel * (torch.arange(-half, half, dtype=torch.float64) + 0.5)
    y, x = torch.meshgrid(place, place, indexing="ij")
    directions = torch.stack([x, y, -torch.ones_like(x)], -1).reshape(-1, 3)
    origins = torch.tensor([[0.0, 0.0, 3.0]], dtype=torch.float64).expand_as(directions).contiguous()
    hits = trace(sphere, origins, directions, pixel=pixel)
    expected = torch.pi * 0.64 / (9 - 0.64) / pixel**2
    assert float(hits.coverage.sum()) == pytest.approx(expected, rel=3e-3)
    assert (hits.coverage[hits.hit] >= 0.5).all() and (hits.coverage[~hits.hit] < 0.5).all()
    partial = (hits.coverage > 0.02) & (hits.coverage < 0.98)
    assert 80 < partial.sum() < 160, "about the silhouette's length in pixels"


def test_a_near_miss_in_front_takes_its_share_of_what_lies_behind() -> None:
    def two_balls(points: Tensor) -> Tensor:
        front = (points - points.new_tensor([0.0, 0.0, 0.7])).norm(dim=-1) - 0.2
        return torch.minimum(front, (points - points.new_tensor([0.0, 0.0, -0.5])).norm(dim=-1) - 0.6)

    # Pixels 0.03 wide at the front ball, whose edge they pass a fifth, a half and one and a half pixels away.
    x = 0.2 + 0.03 * torch.tensor([0.2, 0.5, 1.5], dtype=torch.float64)
    origins = torch.tensor([[0.0, 0.0, 3.7]], dtype=torch.float64).expand(3, 3)
    directions = torch.stack([x, torch.zeros_like(x), torch.full_like(x, -3.0)], -1)
    hits = trace(two_balls, origins, directions, pixel=0.03)
    assert hits.hit.all() and (hits.t > 1.05).all(), "the one behind"
    assert hits.coverage.tolist() == pytest.approx([0.7, 1.0, 1.0], abs=0.07)


def test_steepness_is_the_gradients_length() -> None:
    for factor in (0.3, 1.0, 4.0):
        asking = measuring_steepness((-1.2,) * 3, (1.2,) * 3, 1e-3, like=torch.zeros(1, dtype=torch.float64))
        found = answered(asking, lambda points, factor=factor: factor * sphere(points))
        assert found == pytest.approx(factor, rel=1e-3)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (lambda points: points.norm(dim=-1), lambda points: 1 / points.norm(dim=-1)),
        (lambda points: 3 * points.norm(dim=-1), lambda points: 1 / points.norm(dim=-1)),
        (lambda points: points.square().sum(-1), lambda points: 1 / points.norm(dim=-1)),
        (lambda points: -points.norm(dim=-1), lambda points: -1 / points.norm(dim=-1)),
        (lambda points: points[:, :2].norm(dim=-1), lambda points: 0.5 / points[:, :2].norm(dim=-1)),
        (lambda points: points[:, 0] - points[:, 2], lambda points: 0 * points[:, 0]),
    ],
    ids=["sphere", "steep sphere", "square of the distance", "hollow", "cylinder", "plane"],
)
def test_mean_curvature(field: Distance, expected: Distance) -> None:
    points = torch.randn(50, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    points = points[points[:, :2].norm(dim=-1) > 0.3]
    found = answered(mean_curvatures(points, 1e-3), field)
    assert (found - expected(points)).abs().max() < 1e-3
