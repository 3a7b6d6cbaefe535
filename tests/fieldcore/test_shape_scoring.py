"""Scores of shapes: what a perfect field gets, and what a field gets that is wrong by a known amount."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import trimesh
from solids import FormulaShape, ball_distance, mesh_of
from test_meshing import RADIUS, FormulaField

from fieldcore.errors import InputError
from fieldcore.evaluation import Grid
from fieldcore.filter_sets import covariance_filters
from fieldcore.filters import Gaussian
from fieldcore.scoring import border_px
from fieldcore.scoring import score as score_field
from fieldcore.shape_scoring import chamfer_distance, overlap


@pytest.mark.long
def test_a_field_that_is_the_truth_scores_perfectly() -> None:
    (score,) = score_field(FormulaField(ball_distance(RADIUS)), FormulaShape(ball_distance(RADIUS)), [Gaussian(0.0)])
    assert score.iou == 1
    assert score.mse < 1e-6
    assert score.chamfer is not None and score.chamfer < 1e-5
    assert score.border_px == (0, 0, 0)


@pytest.mark.long
def test_a_ball_that_is_too_big_scores_what_it_should() -> None:
    bigger = FormulaField(ball_distance(RADIUS * 1.05))
    (score,) = score_field(bigger, FormulaShape(ball_distance(RADIUS)), [Gaussian(0.0)])
    assert score.iou == pytest.approx(1.05**-3, abs=2e-3)
    assert score.mse == pytest.approx((0.05 * RADIUS) ** 2, rel=0.02)
    assert score.chamfer == pytest.approx(0.05 * RADIUS, rel=0.02)


def test_the_border_is_three_deviations_along_each_axis() -> None:
    grid = Grid.covering((1.0, 1.0, 1.0), 128)
    gaussian = Gaussian(torch.diag(torch.tensor([1e-2, 1e-4, 0.25])))
    assert border_px(gaussian, grid) == (20, 2, 56)  # 0.3 and 0.03 in cells of 1/64; 16 cells are always left


def test_covariances_of_shapes_are_seeded_and_three_dimensional() -> None:
    ours, again = covariance_filters(dim=3), covariance_filters(dim=3)
    assert len(ours) == 20
    for one, other in zip(ours, again, strict=True):
        assert torch.equal(one.covariance(3), other.covariance(3))
        eigenvalues = torch.linalg.eigvalsh(one.covariance(3))
        assert 0.9e-5 < float(eigenvalues.min()) <= float(eigenvalues.max()) < 1.1e-1


def test_overlap_and_chamfer_where_there_is_nothing() -> None:
    nothing, something = np.zeros((2, 2), bool), np.eye(2, dtype=bool)
    assert overlap(nothing, nothing) is None
    assert overlap(nothing, something) == 0
    assert overlap(something, np.ones((2, 2), bool)) == 0.5
    assert chamfer_distance(None, mesh_of(trimesh.creation.box())) is None


def test_chamfer_of_shifted_plates_is_their_distance() -> None:
    plate = trimesh.creation.box(extents=(1, 1, 1e-6))
    lifted = plate.copy()
    lifted.apply_translation((0, 0, 0.2))
    assert chamfer_distance(mesh_of(plate), mesh_of(lifted)) == pytest.approx(0.2, abs=1e-5)


def test_a_field_of_something_else_is_refused() -> None:
    field = FormulaField(ball_distance(RADIUS))
    object.__setattr__(field.facts, "half_extent", (1.0, 1.0, 0.5))
    with pytest.raises(InputError, match="its half extent is"):
        next(score_field(field, FormulaShape(ball_distance(RADIUS)), [Gaussian(0.0)]))
