"""Spectra of waves and noise, and the ellipse of what a filter lets through."""

import math

import numpy as np
import pytest
import torch

from fieldcore.errors import InputError
from fieldcore.filters import Gaussian
from fieldcore.spectrum import half_power_ellipse, power_spectrum


def wave(width: int, height: int, frequency: tuple[float, float]) -> np.ndarray:
    """A cosine of that frequency in cycles per domain unit."""
    y, x = np.mgrid[0:height, 0:width] * (2 / max(width, height))
    return 0.5 + 0.3 * np.cos(2 * np.pi * (frequency[0] * x + frequency[1] * y))[..., None]


@pytest.mark.parametrize("shape", [(96, 96), (96, 64), (64, 96), (95, 63)])
@pytest.mark.parametrize("size", [41, 256])
def test_a_cosine_peaks_at_its_frequency_and_opposite(shape, size):
    frequency = (9.0, -4.5)  # whole numbers of cycles along 96 and 64 pixels
    spectrum = power_spectrum(wave(*shape, frequency), size)
    assert spectrum.f_max == max(shape) / 4
    centres = spectrum.f_max * ((2 * np.arange(size) + 1) / size - 1)
    peaks = spectrum.log_power > spectrum.log_power.max() - 0.1
    row, column = np.nonzero(peaks & (centres[None, :] > 0))
    # Within a bin of the shorter axis, and a cell.
    tolerance = 1 / (2 * min(shape) / max(shape)) + spectrum.f_max / size
    assert centres[column].mean() == pytest.approx(9.0, abs=tolerance)
    assert centres[row].mean() == pytest.approx(-4.5, abs=tolerance)
    assert np.array_equal(peaks[::-1, ::-1], peaks)
    loudest = spectrum.frequencies[spectrum.radial_log_power.argmax()]
    assert loudest == pytest.approx(math.hypot(9.0, 4.5), abs=0.75)


def test_white_noise_is_flat_and_has_its_variance():
    noise = 0.4 * np.random.default_rng(0).standard_normal((192, 256, 3))
    spectrum = power_spectrum(noise, 100)
    density = math.log10(0.16 / (2 * spectrum.f_max) ** 2)
    assert spectrum.radial_log_power[8:] == pytest.approx(density, abs=0.1)
    assert spectrum.radial_log_power[40:].mean() == pytest.approx(density, abs=0.01)
    integral = (10**spectrum.log_power).mean() * (2 * spectrum.f_max) ** 2
    assert integral == pytest.approx(0.16, rel=0.03)
    assert (spectrum.frequencies[0], spectrum.frequencies[-1]) == (0.5, spectrum.f_max)


@pytest.mark.parametrize("size", [7, 64, 65, 300])
def test_resampling_keeps_the_power(size):
    pixels = np.random.default_rng(1).random((40, 61, 2))
    whole = power_spectrum(pixels, 64).log_power
    assert (10 ** power_spectrum(pixels, size).log_power).mean() == pytest.approx((10**whole).mean(), rel=1e-9)


def test_a_gaussian_blob_has_a_gaussian_spectrum():
    """exp(-|x|^2 / (2 v)) has power exp(-4 pi^2 v f^2): ln 2 / (4 pi^2 v) is the squared half-power frequency."""
    y, x = (np.mgrid[0:256, 0:256] + 0.5) / 128 - 1
    variance = 2e-3
    radial = power_spectrum(np.exp(-(x * x + y * y) / (2 * variance))[..., None])
    fall = np.interp([2.0, 6.0], radial.frequencies, radial.radial_log_power)
    assert fall[0] - fall[1] == pytest.approx(4 * math.pi**2 * variance * 32 / math.log(10), rel=0.05)


def test_a_constant_picture_has_no_power():
    spectrum = power_spectrum(np.full((16, 24, 3), 0.7), 32)
    assert np.isfinite(spectrum.log_power).all()
    assert spectrum.log_power.max() < -25


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 30, 1), (9, 1, 3)])
def test_a_line_of_pixels_and_one_alone_have_a_spectrum(shape):
    spectrum = power_spectrum(np.random.default_rng(0).random(shape), 32)
    assert np.isfinite(spectrum.log_power).all() and np.isfinite(spectrum.radial_log_power).all()
    assert len(spectrum.frequencies) == len(spectrum.radial_log_power) > 0


@pytest.mark.parametrize("covariance", [1e-2, [[1e-2, 0.0], [0.0, 1e-5]], [[2e-2, 8e-3], [8e-3, 6e-3]]])
def test_half_the_power_passes_on_the_ellipse(covariance):
    gaussian = Gaussian(torch.tensor(covariance, dtype=torch.float64))
    ellipse = half_power_ellipse(gaussian, points=33)
    assert ellipse.shape == (33, 2)
    assert torch.allclose(gaussian.response(ellipse).square(), torch.full((33,), 0.5, dtype=torch.float64))
    assert torch.allclose(ellipse[0], ellipse[-1])
    x, y = ellipse.T
    area = float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum().abs()) / 2
    semi_axes_product = math.log(2) / (4 * math.pi**2) / float(gaussian.covariance(2).det().sqrt())
    assert area == pytest.approx(16 * math.sin(2 * math.pi / 32) * semi_axes_product)  # of a polygon of 32 sides


def test_infinite_semi_axes_are_cut_off():
    streak = half_power_ellipse(Gaussian([[1e-2, 0.0], [0.0, 0.0]]), longest=50.0)
    assert streak.abs().amax(0).tolist() == pytest.approx([math.sqrt(math.log(2)) / (2 * math.pi) * 10, 50.0], rel=1e-3)
    assert half_power_ellipse(Gaussian(0.0), longest=50.0).norm(dim=1).numpy() == pytest.approx(50.0)
    with pytest.raises(InputError, match="lets all frequencies through"):
        half_power_ellipse(Gaussian(0.0))
    with pytest.raises(InputError, match="no one ellipse"):
        half_power_ellipse(Gaussian(torch.tensor([1e-2, 1e-3])))
