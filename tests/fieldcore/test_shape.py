"""The signal Shape: exact, placed, and the same training points whoever computes them and when."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import trimesh
from solids import cube, cube_distance, mesh_of

from fieldcore.signals import Shape
from fieldcore.signals import shape as shape_module
from fieldcore.signals.distance_grid import Distance, DistanceGrid, refined_distances
from fieldcore.signals.sample_pool import CHUNK, CHUNKS, SamplePool, SurfaceSampler


def cube_numpy(x: np.ndarray) -> np.ndarray:
    return cube_distance(torch.from_numpy(x)).numpy()


def cube_pool(seed: int = 0) -> SamplePool:
    mesh = mesh_of(cube())
    return SamplePool(cube_numpy, SurfaceSampler(mesh.vertices, mesh.triangles), seed)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_facts_lead_back_to_source_units(unit: float) -> None:
    box = trimesh.creation.box(extents=(2, 4, 1))
    box.apply_translation((7, -3, 5))
    box.vertices *= unit
    shape = Shape(mesh_of(box, "box.ply"))
    assert shape.facts.type == "shape"
    assert shape.facts.name == "box.ply"
    assert shape.facts.value_scale == pytest.approx(2 * unit)
    np.testing.assert_allclose(shape.facts.source_center, np.array((7, -3, 5)) * unit, rtol=1e-12)
    np.testing.assert_allclose(np.abs(shape.mesh.vertices).max(0), (0.5, 1, 0.25))
    x = torch.tensor([[0.0, 0, 0], [0, 1.5, 0]])
    torch.testing.assert_close(shape(x), torch.tensor([[-0.25], [0.5]]))


def test_digests_tell_meshes_apart() -> None:
    digests = {Shape(mesh_of(cube(side))).facts.digest for side in (2.0, 2.0, 3.0)}
    assert len(digests) == 2


@pytest.mark.long
def test_interpolated_distances_are_near_the_exact_ones() -> None:
    shape = Shape(mesh_of(trimesh.creation.icosphere(subdivisions=3)))
    x = 2.4 * torch.rand(4000, 3, generator=generator()) - 1.2
    error = (shape.sampled(x) - shape(x)).abs()[:, 0]
    near = shape(x)[:, 0].abs() < 0.01
    assert float(error[near].max()) < 2e-4
    assert float(error.mean()) < 1e-3
    beyond = 5 * x[x.norm(dim=1) > 0.5]
    error_beyond = (shape.sampled(beyond) - shape(beyond)).abs()
    assert float(error_beyond.max()) < 0.02


def test_a_refined_grid_is_exact_at_the_surface_and_between_coarse_vertices_elsewhere() -> None:
    values = refined_distances(cube_numpy, (12, 24, 48), 1.2)
    axis = torch.linspace(-1.2, 1.2, 49, dtype=torch.float64)
    z, y, x = torch.meshgrid(axis, axis, axis, indexing="ij")
    exact = cube_distance(torch.stack([x, y, z], -1))
    error = (values - exact).abs()
    assert float(error[exact.abs() < 0.05].max()) < 1e-6
    assert float(error.max()) < 0.08  # at the cube's centre, between vertices of the coarsest grid


def test_a_refined_grid_is_exact_beside_a_jump_and_asks_nothing_of_a_slope() -> None:
    """As behind the holes of an open mesh, where the sign changes far from the surface."""
    asked: list[int] = []

    def counted(distance: Distance) -> Distance:
        def count(x: np.ndarray) -> np.ndarray:
            asked.append(len(x))
            return distance(x)

        return count

    def jump(x: np.ndarray) -> np.ndarray:
        return np.where(x[:, 0] > 0.03, 1.0, 1.3)  # by one cell and a half of the coarsest grid

    values = refined_distances(counted(jump), (12, 24, 48), 1.2)
    assert torch.equal(values, torch.where(torch.linspace(-1.2, 1.2, 49) > 0.03, 1.0, 1.3).expand_as(values))
    assert sum(asked) < 0.5 * 49**3
    asked.clear()
    refined_distances(counted(lambda x: x[:, 0] + 3), (12, 24), 1.2)
    assert sum(asked) == 13**3


@pytest.mark.long
@pytest.mark.parametrize("centre", [0.0, 0.0125])
def test_a_lattice_is_asked_for_exact_distances_only_where_they_are_not_smooth(centre: float, monkeypatch) -> None:
    shape, asked = Shape(mesh_of(trimesh.creation.icosphere(subdivisions=2))), []
    distance = shape.distance

    def counted(points: np.ndarray) -> np.ndarray:
        asked.append(len(points))
        return distance(points)

    monkeypatch.setattr(Shape, "distance", property(lambda self: counted))
    middle = torch.tensor([centre, -centre, 0.0])
    values = shape.on_lattice([97] * 3, 0.025, middle)[0]
    assert sum(asked) < 0.5 * 97**3 and max(asked) < sum(asked), "in parts, between which it may be given up"
    axes = [torch.linspace(-1.2, 1.2, 97) + float(place) for place in middle]
    z, y, x = torch.meshgrid(*reversed(axes), indexing="ij")
    exact = shape(torch.stack([x, y, z], -1).reshape(-1, 3)).view(97, 97, 97)
    error = (values - exact).abs()
    assert float(error[exact.abs() < 0.05].max()) < 1e-5
    assert float(error.max()) < 5e-3 and float(error.mean()) < 3e-4


def test_beyond_its_grids_the_distance_grows_along_the_ray() -> None:
    grid = DistanceGrid.of(lambda x: np.linalg.norm(x, axis=1) - 0.5)
    x = 40 * torch.randn(200, 3, generator=generator())
    torch.testing.assert_close(grid(x), x.norm(dim=1) - 0.5, rtol=0, atol=2e-3)


def test_pool_has_its_shares_and_their_distances() -> None:
    x, distances = cube_pool().draw(CHUNK, generator())
    torch.testing.assert_close(distances[:, 0], cube_distance(x.double()).float(), rtol=0, atol=2e-7)
    on = (distances == 0).float().mean()
    assert float(on) == pytest.approx(3 / 8, abs=1e-3)
    assert float(x.abs().max()) > 1.15
    # A quarter fills the box of half-width 1.2: of those, the share inside the cube is (1/1.2)^3; others lie near it.
    far = float((distances.abs() > 0.6).float().mean())
    assert far == pytest.approx(0.25 * (0.4 / 1.2) ** 3, abs=3e-3)


def test_points_near_the_surface_have_the_stated_deviation() -> None:
    plane = np.array([[-1.0, -1, 0], [1, -1, 0], [0, 1, 0]])
    pool = SamplePool(lambda x: np.abs(x[:, 2]), SurfaceSampler(plane, np.array([[0, 1, 2]])))
    x, _ = pool.draw(CHUNK, generator())
    start = min(range(8), key=lambda k: abs(float(x[k::8, 2].std()) - 0.1))
    assert float(x[start::8, 2].std()) == pytest.approx(0.1, abs=0.01)


def test_draws_do_not_depend_on_what_has_been_computed() -> None:
    lazy, full = cube_pool(), cube_pool()
    full.fill()
    assert full.full and not lazy.full
    ours, theirs = generator(3), generator(3)
    for count in (100, 5000, 2 * CHUNK + 7):
        for one, other in zip(lazy.draw(count, ours), full.draw(count, theirs), strict=True):
            assert torch.equal(one, other)
    background = cube_pool()
    background.fill_ahead()
    drawn = background.draw(5000, generator(4))
    assert all(torch.equal(a, b) for a, b in zip(drawn, full.draw(5000, generator(4)), strict=True))
    assert torch.equal(background.fill(), full.fill())


def test_another_seed_gives_other_points() -> None:
    assert not torch.equal(cube_pool(0).draw(100, generator())[0], cube_pool(1).draw(100, generator())[0])


@pytest.mark.long
def test_samples_of_large_meshes_are_kept_and_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(shape_module, "LARGE_MESH", 1)
    monkeypatch.setattr(shape_module, "MeshDistance", lambda *_: cube_numpy)  # millions of distances, quickly
    first = Shape(mesh_of(cube()))
    first.prepare()
    drawn = first.examples(5000, generator())
    first._samples.pool.fill()
    first._samples.pool._thread.join()
    (kept,) = (tmp_path / "fieldscope" / "shapes").iterdir()
    assert kept.name.startswith(first.facts.digest)

    def refuse(*args: object) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr(shape_module, "MeshDistance", refuse)
    again = Shape(mesh_of(cube()))
    assert all(torch.equal(a, b) for a, b in zip(drawn, again.examples(5000, generator()), strict=True))
    x = torch.rand(50, 3, generator=generator())
    assert torch.equal(again.sampled(x), first.sampled(x))

    kept.write_bytes(kept.read_bytes()[:1000])  # damaged: computed again, without a word
    monkeypatch.setattr(shape_module, "MeshDistance", lambda *_: cube_numpy)
    repaired = Shape(mesh_of(cube()))
    assert torch.equal(repaired.sampled(x), first.sampled(x))


def test_a_pool_is_big_enough_for_a_step_of_the_paper() -> None:
    assert CHUNK * CHUNKS >= 200_000
