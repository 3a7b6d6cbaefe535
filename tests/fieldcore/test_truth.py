"""The judge itself: against closed forms, against brute force, and by laws."""

import math

import numpy as np
import pytest
import scipy.ndimage
import torch

from fieldcore.errors import InputError
from fieldcore.filters import Gaussian
from fieldcore.signals import Ackley, Picture
from fieldcore.truth import smooth_picture, smooth_points

ROTATED = [[2e-2, 8e-3], [8e-3, 6e-3]]
THIN = [[5e-2, 4.9995e-2], [4.9995e-2, 5e-2]]  # 20000 : 1


def picture_points(picture: Picture, count: int) -> tuple[np.ndarray, np.ndarray, torch.Tensor]:
    random = np.random.default_rng(0)
    (width, height), (half_x, half_y) = picture.facts.resolution, picture.facts.half_extent
    column, row = random.integers(0, width, count), random.integers(0, height, count)
    x = np.stack([half_x * ((2 * column + 1) / width - 1), half_y * ((2 * row + 1) / height - 1)], -1)
    return row, column, torch.from_numpy(x)


@pytest.mark.parametrize("covariance", [1e-4, 1e-2, 0.3, [[3e-2, 0.0], [0.0, 1e-5]], ROTATED, THIN])
def test_exact_smoothing_agrees_with_sampling_within_its_standard_error(smooth_pixels, covariance):
    picture, gaussian = Picture(smooth_pixels), Gaussian(covariance)
    row, column, x = picture_points(picture, 40)
    sampled = smooth_points(lambda p: picture(p.float()).double(), x, gaussian, samples=2**14)
    error = (torch.from_numpy(smooth_picture(picture, gaussian)[row, column]) - sampled.mean).abs()
    assert float((error / (sampled.standard_error + 1e-6)).square().mean()) < 2.0
    assert float(error.max()) < 5e-3


def test_zero_variance_is_the_picture(smooth_pixels):
    assert smooth_picture(Picture(smooth_pixels), Gaussian(0.0)) == pytest.approx(smooth_pixels, abs=1e-12)


def test_wide_kernels_agree_with_scipy(smooth_pixels):
    """For kernels of several pixels the tent hardly matters: it adds its own variance of 1/6 pixel^2."""
    picture = Picture(smooth_pixels)
    deviation_px = math.sqrt(2e-2) * 24
    ours = smooth_picture(picture, Gaussian(2e-2))
    for channel in range(3):
        theirs = scipy.ndimage.gaussian_filter(
            smooth_pixels[..., channel].astype(np.float64), math.hypot(deviation_px, math.sqrt(1 / 6)), truncate=8
        )
        assert ours[..., channel] == pytest.approx(theirs, abs=2e-3)


def test_a_cosine_of_the_mirrored_picture_is_an_eigenfunction():
    """cos(pi k (i + 1/2) / N) is only scaled, by the Gaussian's response at its frequency (and the tent's)."""
    n, k, variance = 256, 6, 1e-3
    wave = np.cos(np.pi * k * (np.arange(n) + 0.5) / n)
    pixels = np.repeat(wave[None, :, None], n, axis=0).astype(np.float32)
    frequency = k / 4  # cycles per domain unit: k half periods over 2 units
    expected = math.exp(-2 * math.pi**2 * frequency**2 * variance) * np.sinc(k / (2 * n)) ** 2
    ratio = smooth_picture(Picture(pixels), Gaussian(variance))[0, :, 0] / wave
    assert ratio == pytest.approx(expected, rel=2e-4)


def test_smoothing_is_linear_and_keeps_constants_and_means(smooth_pixels):
    gaussian = Gaussian(ROTATED)
    other = smooth_pixels[::-1, :, [2, 0, 1]].copy()
    mixed = smooth_picture(Picture(0.3 * smooth_pixels + 0.7 * other), gaussian)
    separate = 0.3 * smooth_picture(Picture(smooth_pixels), gaussian) + 0.7 * smooth_picture(Picture(other), gaussian)
    assert mixed == pytest.approx(separate, abs=1e-6)
    assert smooth_picture(Picture(np.full_like(smooth_pixels, 0.37)), gaussian) == pytest.approx(0.37, abs=1e-6)
    assert smooth_picture(Picture(smooth_pixels), Gaussian(1e-2)).mean() == pytest.approx(
        smooth_pixels.mean(), abs=1e-6
    )


def test_transposing_picture_and_covariance_together(smooth_pixels):
    turned = Picture(np.ascontiguousarray(smooth_pixels.transpose(1, 0, 2)))
    swapped = [[ROTATED[1][1], ROTATED[0][1]], [ROTATED[0][1], ROTATED[0][0]]]
    first = smooth_picture(Picture(smooth_pixels), Gaussian(ROTATED))
    assert smooth_picture(turned, Gaussian(swapped)).transpose(1, 0, 2) == pytest.approx(first, abs=1e-9)


def test_smoothing_composes():
    """Smoothing the exactly smoothed picture once more adds the variances, up to one more tent of interpolation."""
    pixels = np.random.default_rng(1).random((96, 96, 1), np.float32)
    once = smooth_picture(Picture(pixels), Gaussian(4e-3)).astype(np.float32)
    twice = smooth_picture(Picture(once), Gaussian(3e-3))
    tent = (2 / 96) ** 2 / 6
    assert twice == pytest.approx(smooth_picture(Picture(pixels), Gaussian(7e-3 + tent)), abs=1e-4)


def test_standard_error_is_honest_and_shrinks():
    x = torch.tensor([[0.1, 0.2], [-0.5, 0.7]], dtype=torch.float64)
    gaussian = Gaussian(1e-2)
    reference = smooth_points(Ackley(), x, gaussian, samples=2**18).mean
    coarse = smooth_points(Ackley(), x, gaussian, samples=2**9)
    fine = smooth_points(Ackley(), x, gaussian, samples=2**13)
    assert bool(((coarse.mean - reference).abs() < 5 * coarse.standard_error).all())
    assert bool((fine.standard_error < coarse.standard_error / 4).all())


def test_sampling_a_cosine_against_the_closed_form():
    x = torch.linspace(-0.8, 0.8, 9, dtype=torch.float64)[:, None].expand(9, 2)
    frequency = torch.tensor([1.0, 0.5], dtype=torch.float64)
    variances = torch.linspace(0, 5e-2, 9, dtype=torch.float64)

    def wave(p):
        return torch.cos(2 * math.pi * p @ frequency)[:, None]

    estimate = smooth_points(wave, x, Gaussian(variances), samples=2**13)
    damping = torch.exp(-2 * math.pi**2 * 1.25 * variances)
    error = (estimate.mean[:, 0] - damping * wave(x)[:, 0]).abs()
    assert bool((error <= 4 * estimate.standard_error[:, 0] + 1e-12).all())
    assert float(estimate.standard_error.max()) < 1e-3


def test_one_filter_a_pixel_is_refused(smooth_pixels):
    with pytest.raises(InputError, match="use smooth_points"):
        smooth_picture(Picture(smooth_pixels), Gaussian(torch.tensor([1e-2, 1e-3])))
