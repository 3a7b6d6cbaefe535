"""Meshes out of fields: a sphere's area and volume in source units, closed, in any format and any number of slabs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
import trimesh
from solids import Formula, ball_distance, shape_facts, smoothed_ball_distance

from fieldcore import meshing
from fieldcore.errors import InputError
from fieldcore.evaluation import Grid
from fieldcore.fields.field import Field
from fieldcore.filters import Gaussian
from fieldcore.meshing import check_mesh_format, extract_mesh, surface_of_volume, write_mesh
from fieldcore.recipe import Recipe
from fieldcore.signals.mesh_file import Mesh, read_mesh

RADIUS, SCALE, CENTER = 0.7, 25.0, (100.0, -50.0, 7.0)


class FormulaField(Field):
    """A field that is a formula of the points and the variance."""

    kind = "formula"
    recipe_type = Recipe
    presets: ClassVar = {}
    filters = (Gaussian,)

    def __init__(self, formula: Formula) -> None:
        super().__init__(Recipe(), shape_facts(value_scale=SCALE, source_center=CENTER))
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self._formula = formula

    def _values(self, x: torch.Tensor, filter: Gaussian | None) -> torch.Tensor:
        variance = 0.0 if filter is None else float(filter.covariance(3)[0, 0])
        values = self._formula(x) if variance == 0 else smoothed_ball_distance(x, RADIUS, variance).float()
        return values[:, None] + self.weight

    def loss(self, signal: object, generator: torch.Generator) -> torch.Tensor:
        raise NotImplementedError


def ball() -> FormulaField:
    return FormulaField(ball_distance(RADIUS))


def solid(mesh: Mesh) -> trimesh.Trimesh:
    return trimesh.Trimesh(mesh.vertices, mesh.triangles, process=False)


def test_a_ball_comes_out_in_source_units_and_closed() -> None:
    mesh = extract_mesh(ball(), resolution=64)
    assert mesh.watertight
    assert solid(mesh).is_winding_consistent
    radius = RADIUS * SCALE
    assert solid(mesh).volume == pytest.approx(4 / 3 * math.pi * radius**3, rel=2e-3)  # and so its triangles face out
    assert solid(mesh).area == pytest.approx(4 * math.pi * radius**2, rel=2e-3)
    np.testing.assert_allclose(np.linalg.norm(mesh.vertices - CENTER, axis=1), radius, atol=2e-3 * radius)


def test_a_filter_and_a_level_move_the_surface_as_the_closed_form_says() -> None:
    r = np.linspace(0.3, 1, 2000)
    on_ray = torch.from_numpy(np.stack([r, 0 * r, 0 * r], -1))
    smoothed = smoothed_ball_distance(on_ray, RADIUS, 1e-2).numpy()
    for level in (0.0, 0.2):
        mesh = extract_mesh(ball(), Gaussian(1e-2), resolution=64, level=level)
        expected = SCALE * np.interp(level, smoothed, r)
        found = np.linalg.norm(mesh.vertices - CENTER, axis=1)
        np.testing.assert_allclose(found, expected, rtol=2e-3)


def test_slabs_give_the_mesh_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = torch.Generator().manual_seed(0)
    frequencies = 5 * torch.randn(3, 12, generator=generator)

    def hills(x: torch.Tensor) -> torch.Tensor:
        return x.norm(dim=-1) - 0.7 + 0.02 * (x @ frequencies).cos().sum(-1)

    whole = extract_mesh(FormulaField(hills), resolution=40)
    monkeypatch.setattr(meshing, "_SLAB_CELLS", 5 * 48 * 48)
    parts = extract_mesh(FormulaField(hills), resolution=40)
    assert whole.watertight and parts.watertight
    assert parts.triangles.shape == whole.triangles.shape
    assert solid(parts).volume == pytest.approx(solid(whole).volume, rel=1e-6)


def test_values_that_are_the_level_itself_make_no_holes() -> None:
    cells = Grid((9, 9, 9), (-1.0,) * 3, (1.0,) * 3)
    x = cells.points(0, cells.count)
    values = (x.abs().sum(-1) - 4 / 9).reshape(9, 9, 9).numpy()  # an octahedron through cell centres
    mesh = surface_of_volume(values, cells)
    assert mesh is not None and mesh.watertight
    assert solid(mesh).volume == pytest.approx(4 / 3 * (4 / 9) ** 3, rel=1e-3)


def test_a_volume_without_a_surface_has_none() -> None:
    cells = Grid((4, 4, 4), (-1.0,) * 3, (1.0,) * 3)
    assert surface_of_volume(np.ones((4, 4, 4), np.float32), cells) is None


@pytest.mark.parametrize("suffix", [".ply", ".obj", ".stl", ".glb"])
def test_formats_read_back_as_they_were_written(tmp_path: Path, suffix: str) -> None:
    mesh = extract_mesh(ball(), resolution=24)
    write_mesh(tmp_path / f"ball{suffix}", mesh)
    again = read_mesh(tmp_path / f"ball{suffix}")
    assert again.triangles.shape == mesh.triangles.shape
    np.testing.assert_allclose(
        mesh.vertices[mesh.triangles].mean(1), again.vertices[again.triangles].mean(1), rtol=1e-5, atol=1e-4
    )


def test_no_surface_is_refused_with_the_range_of_values() -> None:
    with pytest.raises(InputError, match=r"no surface at level 5: under this filter the field is from -0\.\d+ to 1\."):
        extract_mesh(ball(), resolution=16, level=5.0)


def test_other_refusals(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--resolution: expected from 4"):
        extract_mesh(ball(), resolution=1)
    with pytest.raises(InputError, match="--level: expected a number"):
        extract_mesh(ball(), level=math.nan)
    with pytest.raises(InputError, match="is no mesh format"):
        check_mesh_format(tmp_path / "ball.png")
    with pytest.raises(InputError, match="has no surface; meshes are made from fields of shapes"):
        meshing.check_meshable(shape_facts(type="picture", channels=3))
