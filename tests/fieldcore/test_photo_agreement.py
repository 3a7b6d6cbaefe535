"""Where photographs agree, on balls whose colours are the same from everywhere."""

from __future__ import annotations

import pytest
import torch
from sphere_scenes import BALL, THREE, ball_views

from fieldcore.errors import InputError
from fieldcore.fields.hull_grid import HullGrid
from fieldcore.fields.kept_hull import keep_better
from fieldcore.fields.surface_recipe import SurfaceRecipe
from fieldcore.grid import Grid
from fieldcore.meshing import surface_of_volume
from fieldcore.views.photo_agreement import photo_agreement

CELLS = 64


def directions(count: int = 600) -> torch.Tensor:
    return torch.nn.functional.normalize(torch.randn(count, 3, generator=torch.Generator().manual_seed(0)))


def distances(balls: object) -> torch.Tensor:
    axis = torch.linspace(-1, 1, CELLS + 1)
    x = torch.cartesian_prod(axis, axis, axis).flip(-1).double().numpy()
    return torch.from_numpy(balls.distance(x)).float().view([CELLS + 1] * 3)  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def views():
    return ball_views(16, 64, source_from_scene=torch.eye(4))


def test_photographs_agree_on_the_surface_and_not_beside_it(views) -> None:
    normals, volume = directions(), distances(BALL)
    on, off = (
        photo_agreement(radius * normals, normals, views.training, volume + 0.6 - radius) for radius in (0.6, 0.5)
    )
    assert int(on.seen_by.min()) >= 2 and float(on.spread.nanmean()) < 0.005
    assert float(off.spread.nanmean()) > 0.03


def test_what_hides_a_point_or_faces_away_is_not_asked() -> None:
    views, volume = ball_views(16, 48, THREE, source_from_scene=torch.eye(4)), distances(THREE)
    first = torch.tensor(THREE.radii[0]).float()
    normals = directions()
    points = first * normals
    outside = torch.from_numpy(THREE.distance(points.double().numpy())) > -1e-4
    points, normals = points[outside], normals[outside]
    found = photo_agreement(points, normals, views.training, volume)
    alone = photo_agreement(points, normals, views.training, (volume * 0 + 1))
    assert bool((found.seen_by <= alone.seen_by).all()) and int(found.seen_by.sum()) < int(alone.seen_by.sum())
    towards = sum((((view.camera.centre.float() - points) * normals).sum(1) > 0).int() for view in views.training)
    assert bool((alone.seen_by <= towards).all())
    assert float(found.spread.nanmean()) < 0.8 * float(alone.spread.nanmean()), "what is hidden shows other colours"


def test_the_better_of_hull_and_surface_is_kept_place_by_place(views) -> None:
    """On one side the levels have moved a right hull; on the other they have mended a hull that was too large."""
    recipe, volume = SurfaceRecipe(finest_cells=32), distances(BALL)
    axis = torch.linspace(-1, 1, CELLS + 1)
    right = (axis > 0).float().expand_as(volume)  # x varies fastest
    geometry = HullGrid(recipe)
    geometry.begin(volume - 0.06 * (1 - right))
    geometry.distances[-1].data.fill_(0.06)
    grid = Grid((CELLS + 1,) * 3, (-1 - 1 / CELLS,) * 3, (1 + 1 / CELLS,) * 3)
    mesh = surface_of_volume(geometry.dense().numpy(), grid)
    assert mesh is not None
    kept = keep_better(geometry, mesh, views)
    at = 0.6 * directions()
    after = geometry.distance(at).detach()
    spoiled, mended = at[:, 0] > 0.2, at[:, 0] < -0.2
    assert float(after[spoiled].abs().mean()) < 0.02, "was 0.06"
    assert float(after[mended].abs().mean()) < 0.02, "would be 0.06 of the hull"
    assert 0.3 < kept.share < 0.7


def test_there_must_be_a_hull_to_keep() -> None:
    for changes in ({"embedding": "hash"}, {"refine_cameras": True}):
        with pytest.raises(InputError, match="keep_better"):
            SurfaceRecipe.from_dict({**SurfaceRecipe().to_dict(), "keep_better": True, **changes})
