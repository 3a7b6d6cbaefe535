"""IDR's own recipe: rays traced to a ball in closed form, its losses, and the levels of tiny-cuda-nn by a stand-in."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
import torch
from sphere_scenes import ball_views
from torch import nn

import fieldcore as fc
from fieldcore.errors import InputError
from fieldcore.fields.idr_training import traced
from fieldcore.fields.surface import Surface
from fieldcore.fields.surface_embeddings import Levels
from fieldcore.fields.surface_recipe import SurfaceRecipe
from fieldcore.radiance.rendering import Rays

TINY = SurfaceRecipe(
    embedding="posenc", rendering="idr", width=24, hidden_layers=3, hull_steps=0, features=2, points_per_step=200,
    appearance_width=16, appearance_layers=1, mask_weight=100.0, eikonal_weight=0.1,
)  # fmt: skip


def rays_at_ball() -> Rays:
    """From in front, of which those with |x, y| below 0.6 hit."""
    across = 1.6 * torch.rand(300, 2, generator=torch.Generator().manual_seed(0)) - 0.8
    origins = torch.cat([across, torch.full((300, 1), 3.0)], 1)
    return Rays(origins, torch.tensor([0.0, 0.0, -1.0]).expand(300, 3), torch.zeros(300))


def test_rays_are_traced_to_where_they_hit() -> None:
    rays = rays_at_ball()
    off = rays.origins[:, :2].norm(dim=1)
    hits, clear = off < 0.59, off > 0.61
    exact = 3 - (0.36 - off[hits] ** 2).sqrt()
    for slope in (1.0, 0.3, 3.0):  # distances that are none take the samples and the secants
        found = traced(lambda x, slope=slope: slope * (x.norm(dim=1) - 0.6), rays, torch.Generator().manual_seed(1))
        assert bool(found.crossed[hits].all()) and not bool(found.crossed[clear].any()), slope
        assert float((found.t[hits] - exact).abs().max()) < 1e-3, slope
        assert float((found.least[clear] - 3).abs().mean()) < 0.1, "nearest to the ball's middle plane"


@pytest.mark.long
def test_its_losses_reach_every_weight_and_are_small_on_the_truth() -> None:
    views = ball_views(5, 24, source_from_scene=torch.eye(4))
    for changes in ({}, {"embedding": "hash"}, {"refine_cameras": True, "camera_error_px": 2.0}):
        field = fc.build_field(SurfaceRecipe.from_dict({**TINY.to_dict(), **changes}), views.facts)
        assert isinstance(field, Surface)
        if field.poses is not None:
            field.poses.centres.copy_(torch.stack([view.camera.centre for view in views.views]))
        field.scheduled(0, 0.3)
        loss = field.loss(views, torch.Generator().manual_seed(0))
        parts = field.loss_parts
        assert parts["mask"] < 2, "it begins as a ball of radius 0.6, which is the truth, or nearly"
        assert set(parts) == {"colour", "mask", "eikonal"} and abs(float(loss.detach()) - sum(parts.values())) < 1e-4
        loss.backward()
        without = [name for name, p in field.named_parameters() if p.grad is None or not bool(p.grad.any())]
        assert [name for name in without if "tables" not in name] == [], "at first only points count, not tables"


def test_its_rate_is_halved_twice_and_its_settings_fit_together() -> None:
    paper = Surface.presets["paper"]
    rates = [paper.rate_at(-1.0, share) / paper.learning_rate for share in (0.0, 0.49, 0.5, 0.75, 1.0)]
    assert rates == [1, 1, 0.5, 0.25, 0.25] and paper.rays == 2048
    for changes in ({"embedding": "grid"}, {"backend": "fused"}, {"rendering": "none"}):
        with pytest.raises(InputError, match=r"embedding|rendering"):
            SurfaceRecipe.from_dict({**paper.to_dict(), **changes})


def test_fused_levels_are_refused_where_they_cannot_be_and_used_where_they_can(monkeypatch: pytest.MonkeyPatch) -> None:
    views = ball_views(4, 16, source_from_scene=torch.eye(4))
    recipe = SurfaceRecipe(embedding="hash", backend="fused", width=16, hidden_layers=2)
    monkeypatch.setitem(sys.modules, "tinycudann", None)
    with pytest.raises(InputError, match="needs tiny-cuda-nn and a GPU"):
        fc.build_field(recipe, views.facts)

    class Encoding(nn.Module):
        """Ours, as tiny-cuda-nn gives it: of points in [0, 1], all levels side by side, in half precision."""

        def __init__(self, n_input_dims: int, encoding_config: dict, seed: int) -> None:
            super().__init__()
            self.levels = Levels(encoding_config["n_levels"], encoding_config["per_level_scale"], _generator(seed))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.cat(self.levels(2 * x - 1), 1).half()

    def _generator(seed: int) -> torch.Generator:
        return torch.Generator().manual_seed(seed)

    monkeypatch.setitem(sys.modules, "tinycudann", SimpleNamespace(Encoding=Encoding))  # type: ignore[arg-type]
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    field = fc.build_field(recipe, views.facts)
    assert isinstance(field, Surface)
    x = torch.rand(20, 3, generator=_generator(0)) - 0.5
    embedding = field.geometry.embedding  # type: ignore[union-attr]
    expected = torch.cat(embedding.levels.tables.levels(x), 1)
    assert torch.allclose(embedding(x)[:, 3:], expected, atol=1e-6) and bool(field(x).isfinite().all())
    groups = field.geometry.parameter_groups()
    assert len(groups) == 2 and len(groups[0]["params"]) == 8, "its tables are trained at the rate of tables"
