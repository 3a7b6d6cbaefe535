"""Calibration against fields whose scale is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
import torch

from fieldcore import calibration
from fieldcore.calibration import calibrate
from fieldcore.fields.field import Field
from fieldcore.fields.fourier import fourier_frequencies
from fieldcore.filters import Gaussian
from fieldcore.recipe import Recipe
from fieldcore.signals import SignalFacts


@dataclass(frozen=True, kw_only=True)
class WavesRecipe(Recipe):
    kind = "waves"


class Waves(Field):
    """A sum of cosines, smoothed in closed form, but by ``off`` times too small a variance."""

    filters = (Gaussian,)
    calibrated = True

    def __init__(self, off: float, dim: int = 2, smooth_axes: tuple[int, ...] = ()):
        facts = SignalFacts("picture", "waves", "", (1.0,) * dim, channels=1, smooth_axes=smooth_axes)
        super().__init__(WavesRecipe(), facts)
        self.off = off
        # Wavelengths from a fifth of the box on, so that every variance leaves something to compare.
        self.A = fourier_frequencies(64, dim, 0.8, seed=0)
        self.weight = torch.nn.Parameter(torch.ones(64, 1))
        self.register_buffer("calibration", torch.ones(2, 16))

    def _values(self, x, filter):
        waves = torch.cos(2 * math.pi * x @ self.A.T + self.A.sum(1))
        if filter is not None:
            waves = waves * filter.scaled(self.calibration[1].log().mean().exp() / self.off).response(self.A)
        return waves @ self.weight

    def loss(self, signal, generator):
        raise NotImplementedError


class HonestWaves(Waves):
    calibrated = False


@pytest.mark.parametrize(("off", "dim"), [(1.0, 2), (37.0, 2), (0.2, 2), (5.0, 3)])
def test_a_known_factor_is_found_and_stored(off, dim):
    check_calibration(Waves(off, dim))


def test_only_the_smoothed_axes_are_smoothed():
    """Of a light stage, say, the directions of the light, and not where in the picture one is."""
    check_calibration(Waves(7.0, 4, smooth_axes=(2, 3)))
    check_calibration(Waves(7.0, 2, smooth_axes=(1,)))


def check_calibration(field):
    off = field.off
    result = calibrate(field)
    assert result.factor == pytest.approx(off, rel=0.05)
    assert field.calibration[0].tolist() == pytest.approx(result.variances)
    ratios = [scale / variance for scale, variance in zip(result.scales, result.variances, strict=True)]
    assert field.calibration[1].tolist() == pytest.approx(ratios)
    assert field.calibration[1].log().mean().exp().item() == pytest.approx(result.factor)
    assert result.spread < 1.1
    assert len(result.variances) == len(result.scales) == 16


def test_scales_that_would_decrease_are_pooled(monkeypatch):
    """More smoothing is never a smaller scale: neighbours that say so are both given the mean of their logarithms."""
    nearest = [10, 50, 30, 60, 70, 90, 80, 85, 100, 110, 120, 130, 140, 150, 160, 170]
    smoothed = iter(nearest)
    monkeypatch.setattr(calibration, "_at_scales", lambda field, points, scales: torch.arange(256.0)[:, None, None])
    monkeypatch.setattr(calibration, "_smoothed", lambda *_: torch.tensor([[float(next(smoothed))]]))
    pooled = torch.tensor([10, 40, 40, 60, 70, 85, 85, 85, *nearest[8:]], dtype=torch.float64)
    assert calibrate(Waves(1.0)).scales == pytest.approx((10 ** (-5 + 7 * pooled / 255)).tolist())


def test_calibrating_twice_gives_the_same():
    field = Waves(8.0)
    assert calibrate(field) == calibrate(field)


def test_other_fields_are_only_measured():
    field = HonestWaves(1.0)
    assert calibrate(field).factor == pytest.approx(1, rel=0.05)
    assert (field.calibration == 1).all()


def test_given_points_and_the_mode_are_respected():
    field = Waves(3.0).train()
    result = calibrate(field, points=torch.tensor([[0.1, 0.2], [-0.4, 0.3], [0.5, -0.6]]))
    assert result.factor == pytest.approx(3, rel=0.15)
    assert field.training
    assert not field.eval().training and calibrate(field) and not field.training
