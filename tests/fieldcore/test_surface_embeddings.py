"""Networks that are signed distances: gradients, tables and first shapes, each of which the seed's code gets wrong."""

from __future__ import annotations

from itertools import islice

import pytest
import torch
from sphere_scenes import ball_views

import fieldcore as fc
from fieldcore.fields import network_geometry
from fieldcore.fields.network_geometry import NetworkGeometry
from fieldcore.fields.surface_embeddings import EMBEDDINGS
from fieldcore.fields.surface_recipe import SurfaceRecipe
from fieldcore.fitting import fit

pytestmark = pytest.mark.usefixtures("coarse_shapes")

NAMES = tuple(EMBEDDINGS)


def geometry(name: str) -> NetworkGeometry:
    recipe = SurfaceRecipe.from_dict({**SurfaceRecipe().to_dict(), "embedding": name})
    return NetworkGeometry(recipe, torch.Generator().manual_seed(0))


def stirred(name: str) -> NetworkGeometry:
    """One that has left its start, where all but the point counts for nothing."""
    network = geometry(name)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.05 * torch.randn(parameter.shape, generator=generator)
    return network


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_is_that_of_finite_differences(name: str) -> None:
    network = stirred(name).double()
    x = 1.6 * torch.rand(40, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64) - 0.8
    x.requires_grad_()
    (gradient,) = torch.autograd.grad(network.distance(x).sum(), x)
    step = 1e-7
    for axis in range(3):
        shift = torch.zeros(3, dtype=torch.float64)
        shift[axis] = step
        difference = (network.distance(x + shift) - network.distance(x - shift)).detach() / (2 * step)
        assert torch.allclose(gradient[:, axis], difference, rtol=1e-4, atol=1e-5 * float(gradient.abs().max()))


@pytest.mark.parametrize("name", NAMES)
def test_every_table_and_layer_gets_a_gradient(name: str) -> None:
    network = stirred(name)
    x = 1.8 * torch.rand(500, 3, generator=torch.Generator().manual_seed(2)) - 0.9
    distances, features = network.distance_and_features(x)
    (distances.square().sum() + features.square().sum()).backward()
    assert all(p.grad is not None and bool(p.grad.any()) for p in network.parameters())


@pytest.mark.parametrize("name", NAMES)
def test_it_begins_as_a_ball_around_the_origin(name: str) -> None:
    network = geometry(name)
    directions = torch.nn.functional.normalize(torch.randn(500, 3, generator=torch.Generator().manual_seed(3)))
    t = torch.linspace(0, 1.2, 241)
    inside = network.distance_at_many((t[None, :, None] * directions[:, None]).flatten(0, 1)).view(500, -1) < 0
    radii = inside.sum(1) * 0.005
    assert bool(inside[:, 0].all()) and float((radii / 0.6 - 1).abs().max()) < 0.05
    step = 1e-2
    rise = (network.distance(0.7 * directions) - network.distance((0.7 - step) * directions)) / step
    assert float((rise - 1).abs().mean().detach()) < 0.05, "and its values are distances"


@pytest.mark.parametrize("name", NAMES)
def test_it_learns_the_hull_before_it_sees_a_photograph(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ball elsewhere than the one it begins as; the same twice."""
    monkeypatch.setattr(network_geometry, "_HULL_POINTS", 256)
    changes = {"embedding": name, "width": 32, "hull_steps": 40}
    recipe = SurfaceRecipe.from_dict({**SurfaceRecipe().to_dict(), **changes})
    lattice = torch.cartesian_prod(*[torch.linspace(-1, 1, 33)] * 3).flip(-1)
    hull = ((lattice - torch.tensor([0.2, -0.1, 0.0])).norm(dim=1) - 0.4).view(33, 33, 33)
    near = lattice[hull.flatten().abs() < 0.06]
    learned = []
    for _ in range(2 if name == "posenc" else 1):
        network = NetworkGeometry(recipe, torch.Generator().manual_seed(0))
        before = network.distance_at_many(near).abs().mean()
        network.begin(hull)
        learned.append(network.distance_at_many(near))
    assert torch.equal(learned[0], learned[-1])
    wanted = hull.flatten()[hull.flatten().abs() < 0.06]
    assert float((learned[0] - wanted).abs().mean()) < 0.05 < 0.15 < float(before)
    assert all(parameter.grad is None or not parameter.grad.any() for parameter in network.parameters())


@pytest.mark.long
def test_networks_are_trained_and_kept(tmp_path) -> None:
    views = ball_views(6, 24, holdout=0, source_from_scene=torch.eye(4))
    for name in NAMES:
        small = {"width": 32, "points_per_step": 256, "steps": 50, "hull_steps": 5}
        values = {**SurfaceRecipe().to_dict(), "embedding": name, **small}
        field = fc.build_field(SurfaceRecipe.from_dict(values), views.facts)
        before = fc.weights_digest(field)
        for _ in islice(fit(field, views), 2):  # the last step would solve for what is smoothed
            pass
        assert fc.weights_digest(field) != before
        fc.save_field(tmp_path / f"{name}.safetensors", field)
        x = torch.rand(20, 3)
        assert torch.equal(fc.load_field(tmp_path / f"{name}.safetensors")(x), field(x))
