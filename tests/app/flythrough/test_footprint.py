from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from waves import COLOUR_FACTS

from app.flythrough.controls import PIXEL_VARIANCE, PixelFilter
from app.flythrough.footprint import footprint_covariances, sample_offsets_px

FACTS = dataclasses.replace(COLOUR_FACTS, type="texture", half_extent=(1.0, 0.5))


def test_covariances_are_those_of_the_pixel_filter_seen_in_the_domain() -> None:
    jacobian = torch.tensor([[[0.02, 0.0], [0.0, -0.03]], [[0.01, 0.02], [-0.03, 0.005]]], dtype=torch.float64)
    got = footprint_covariances(jacobian, FACTS, "gaussian", 1e-4)
    # u crosses 2 domain units, v one, the other way round; half a pixel of standard deviation.
    assert got[0].numpy() == pytest.approx(np.diag([0.02**2 + 1e-4, 0.015**2 + 1e-4]))
    in_domain = np.diag([2.0, -1.0]) @ jacobian[1].numpy()
    assert got[1].numpy() == pytest.approx(in_domain @ in_domain.T / 4 + 1e-4 * np.eye(2))


def test_a_box_is_narrower_than_the_gaussian() -> None:
    jacobian = torch.eye(2)[None]
    gaussian, box = (footprint_covariances(jacobian, FACTS, name) for name in ("gaussian", "box"))
    assert box.numpy() == pytest.approx(gaussian.numpy() / 3)


def test_covariances_agree_with_averaging_many_places_in_a_pixel() -> None:
    jacobian = torch.tensor([[[0.01, 0.02], [-0.03, 0.005]]], dtype=torch.float64)
    offsets = sample_offsets_px(16)
    places = np.stack(np.meshgrid(offsets, offsets), -1).reshape(-1, 2)
    in_domain = places @ (np.diag([2.0, -1.0]) @ jacobian[0].numpy()).T
    assert footprint_covariances(jacobian, FACTS)[0].numpy() == pytest.approx(in_domain.T @ in_domain / 256)


@pytest.mark.parametrize("pixel_filter", ["gaussian", "box"])
@pytest.mark.parametrize("count", range(2, 17))
def test_sample_offsets_have_the_filters_variance_and_no_mean(pixel_filter: PixelFilter, count: int) -> None:
    offsets = sample_offsets_px(count, pixel_filter)
    assert len(offsets) == count and (np.diff(offsets) > 0).all()
    assert np.mean(offsets) == pytest.approx(0, abs=1e-12)
    assert np.mean(offsets**2) == pytest.approx(PIXEL_VARIANCE[pixel_filter], rel=1e-12)


def test_a_single_sample_is_at_the_centre() -> None:
    assert sample_offsets_px(1, "gaussian") == sample_offsets_px(1, "box") == 0


def test_samples_of_a_box_are_evenly_spaced_and_those_of_a_gaussian_are_its_quantiles() -> None:
    box = sample_offsets_px(8, "box")
    assert np.diff(box) == pytest.approx(np.full(7, box[1] - box[0]))
    gaussian = sample_offsets_px(16) / sample_offsets_px(16)[15]
    assert gaussian[[8, 12]] == pytest.approx(np.array([0.078412, 0.776422]) / 1.862732, rel=1e-4)
