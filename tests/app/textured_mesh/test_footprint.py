from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from scipy.stats import norm, uniform
from waves import COLOUR_FACTS

from app.scenes.textured_mesh.controls import PIXEL_VARIANCE, PixelFilter
from app.scenes.textured_mesh.footprint import footprint_covariances, sample_offsets_px

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
    offsets = sample_offsets_px(400)
    places = np.stack(np.meshgrid(offsets, offsets), -1).reshape(-1, 2)
    in_domain = places @ (np.diag([2.0, -1.0]) @ jacobian[0].numpy()).T
    mean = in_domain.T @ in_domain / len(places)
    assert footprint_covariances(jacobian, FACTS)[0].numpy() == pytest.approx(mean, rel=4e-3)


@pytest.mark.parametrize("pixel_filter", ["gaussian", "box"])
@pytest.mark.parametrize("count", range(2, 17))
def test_samples_are_the_middles_of_strata_of_equal_probability(pixel_filter: PixelFilter, count: int) -> None:
    offsets = sample_offsets_px(count, pixel_filter)
    assert len(offsets) == count and (np.diff(offsets) > 0).all()
    assert offsets == pytest.approx(-offsets[::-1], abs=1e-12)
    spread = np.sqrt(PIXEL_VARIANCE[pixel_filter])
    filters = {"gaussian": norm(scale=spread), "box": uniform(-0.5, 1)}
    assert filters[pixel_filter].cdf(offsets) == pytest.approx((np.arange(count) + 0.5) / count)


def test_a_single_sample_is_at_the_centre() -> None:
    assert sample_offsets_px(1, "gaussian") == sample_offsets_px(1, "box") == 0


def test_more_samples_are_nearer_to_a_smooth_mean() -> None:
    """Of waves, which the Gaussian of half a pixel leaves exp(-frequency^2 / 8) of."""
    frequency = np.linspace(0, 6, 61)
    errors = [
        np.abs(np.cos(frequency[:, None] * sample_offsets_px(count)).mean(1) - np.exp(-(frequency**2) / 8)).max()
        for count in (4, 8, 16, 32)
    ]
    assert (np.diff(errors) < 0).all() and errors[2] < 0.03
