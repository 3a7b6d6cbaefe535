"""The judge itself: against closed forms, against brute force, and by laws."""

import math

import numpy as np
import pytest
import scipy.ndimage
import torch

from fieldcore.errors import InputError
from fieldcore.evaluation import Grid
from fieldcore.filters import Box, Gaussian, Lanczos
from fieldcore.picture_truth import NEAR_GAUSSIAN, smooth_picture
from fieldcore.signals import Ackley, FunctionSignal, Picture, Texture
from fieldcore.truth import smooth_points

ROTATED = [[2e-2, 8e-3], [8e-3, 6e-3]]
WIDE = [[6e-2, 2e-2], [2e-2, 4e-2]]  # at least 4 pixels of 48 along every direction
THIN = [[5e-2, 4.9995e-2], [4.9995e-2, 5e-2]]  # 20000 : 1


def picture_points(picture: Picture, count: int) -> tuple[np.ndarray, np.ndarray, torch.Tensor]:
    random = np.random.default_rng(0)
    (width, height), (half_x, half_y) = picture.facts.resolution, picture.facts.half_extent
    column, row = random.integers(0, width, count), random.integers(0, height, count)
    x = np.stack([half_x * ((2 * column + 1) / width - 1), half_y * ((2 * row + 1) / height - 1)], -1)
    return row, column, torch.from_numpy(x)


@pytest.mark.parametrize("covariance", [1e-4, 1e-2, 0.3, [[3e-2, 0.0], [0.0, 1e-5]], ROTATED, WIDE, THIN])
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


@pytest.mark.parametrize("deviation_px", [1e-12, 1e-4, 1e-2])
def test_tiny_rotated_covariances_are_hardly_any_smoothing(smooth_pixels, deviation_px):
    variance = (deviation_px / 24) ** 2
    gaussian = Gaussian(torch.tensor([[1.0, 0.5], [0.5, 2.0]], dtype=torch.float64) * variance)
    assert smooth_picture(Picture(smooth_pixels), gaussian) == pytest.approx(
        smooth_pixels, abs=2 * deviation_px + 1e-12
    )


AXIS_ALIGNED = [0.0, 1e-3, 3e-2, [[3e-2, 0.0], [0.0, 1e-3]]]  # below 3 pixels of 48, above, and one of each
BEYOND = Grid((7, 6), (-1.7, -0.9), (0.4, 0.5))  # partly outside the picture


def smoothed_along(values: np.ndarray, axis: int, centres: np.ndarray, std: float) -> np.ndarray:
    """The linear interpolant along one axis, mirrored, averaged over a dense normal sample around each centre."""
    size = values.shape[axis]
    z = np.linspace(-8, 8, 4001)
    weights = np.exp(-0.5 * z * z) / np.exp(-0.5 * z * z).sum()
    turned = np.moveaxis(
        np.pad(values, [(2 * size,) * 2 if a == axis else (0, 0) for a in range(3)], "symmetric"), axis, -1
    )
    at = np.arange(-2 * size, 3 * size)
    lines = [[np.interp(c + std * z, at, line) @ weights for c in centres] for line in turned.reshape(-1, len(at))]
    return np.moveaxis(np.reshape(lines, (*turned.shape[:-1], len(centres))), -1, axis)


@pytest.mark.parametrize("covariance", AXIS_ALIGNED)
def test_truth_on_any_grid_agrees_with_brute_force(smooth_pixels, covariance):
    gaussian = Gaussian(covariance)
    (std_x, std_y) = (24 * gaussian.covariance(2).diagonal().sqrt()).tolist()
    x, y = (low + (high - low) * (np.arange(n) + 0.5) / n for n, low, high in zip(*vars(BEYOND).values(), strict=True))
    along_x = smoothed_along(smooth_pixels.astype(np.float64), 1, 24 * x + 23.5, std_x)
    expected = smoothed_along(along_x, 0, 24 * y + 15.5, std_y)
    values = Picture(smooth_pixels).truth().values(gaussian, BEYOND)
    assert values.dtype == np.float32
    assert values == pytest.approx(expected, abs=2e-6)


def test_truth_without_smoothing_is_the_picture_at_any_zoom(smooth_pixels):
    picture = Picture(smooth_pixels)
    for grid in (BEYOND, Grid((9, 5), (0.1, 0.2), (0.11, 0.21)), Grid((3, 2), (-1.0, -2 / 3), (1.0, 2 / 3))):
        values, standard_error = picture.truth().estimate(Gaussian(0.0), grid)
        assert standard_error == 0
        assert values.reshape(-1, 3) == pytest.approx(picture(grid.points(0, grid.count)).numpy(), abs=2e-5)


@pytest.mark.parametrize("covariance", [*AXIS_ALIGNED, ROTATED, WIDE, THIN])
def test_truth_is_exact_at_the_pixel_centres_inside_and_outside(smooth_pixels, covariance):
    """A picture with its mirror images around it is the same function, three times as large."""
    pixels = smooth_pixels[:31, :47]  # of odd size
    around = np.pad(pixels, ((31, 31), (47, 47), (0, 0)), mode="symmetric")
    expected = smooth_picture(Picture(around), Gaussian(covariance).scaled(1 / 9))
    grid = Grid((3 * 47, 3 * 31), (-3.0, -3 * 31 / 47), (3.0, 3 * 31 / 47))
    assert Picture(pixels).truth().values(Gaussian(covariance), grid) == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize(("thinner_px", "accuracy"), [(3, 2e-6), (1.5, 1e-4), (1, 1e-3), (0.5, 2e-2), (0, 1.5e-1)])
def test_truth_under_a_rotated_filter_is_as_accurate_as_it_says_between_the_pixels(thinner_px, accuracy):
    """Against exact smoothing of the same bilinear function on five times as many pixels. Noise is the worst case."""
    noise = np.random.default_rng(0).integers(0, 2, (64, 64, 1)).astype(np.float32)
    picture, grid = Picture(noise), Grid((320, 320), (-1.0, -1.0), (1.0, 1.0))
    cosine, sine = math.cos(0.5), math.sin(0.5)
    axes = torch.tensor([[cosine, -sine], [sine, cosine]], dtype=torch.float64)
    deviations = torch.tensor([6.0, thinner_px], dtype=torch.float64) / 32
    gaussian = Gaussian((axes * deviations**2) @ axes.T)
    exact = smooth_picture(Picture(picture.truth().values(Gaussian(0.0), grid)), gaussian)
    error = np.abs(picture.truth().values(gaussian, grid) - exact)
    assert error.max() < accuracy


@pytest.mark.long
def test_gaussians_that_differ_from_cell_to_cell_are_near_to_the_exact_ones_in_any_direction(smooth_pixels):
    picture = Picture(smooth_pixels)
    grid = Grid.covering(picture.facts.half_extent, 48)
    for covariance in (3e-2, [[3e-2, 0.0], [0.0, 1e-3]], ROTATED, WIDE, THIN, [[1e-2, 1e-2], [1e-2, 1e-2]]):
        shared = Gaussian(covariance)
        each = Gaussian(shared.covariance(2).double().expand(grid.count, 2, 2))
        values, difference = picture.truth().estimate(each, grid)
        found = float(np.sqrt(np.square(values - smooth_picture(picture, shared)).mean()))
        assert found < 5 * difference == 5 * NEAR_GAUSSIAN, covariance  # waves lose more than photographs


def test_truth_remembers_a_filter_but_answers_each(smooth_pixels):
    truth, picture = Picture(smooth_pixels).truth(), Picture(smooth_pixels)
    for covariance in (1e-3, ROTATED, ROTATED, 3e-2, 1e-3):
        for grid in (BEYOND, Grid.covering((1.0, 2 / 3), 20)):
            fresh = picture.truth().values(Gaussian(covariance), grid)
            assert np.array_equal(truth.values(Gaussian(covariance), grid), fresh)


@pytest.mark.long
def test_truth_of_a_formula_is_sampled_and_says_how_well():
    grid = Grid.covering((1.0, 1.0), 64)
    values, standard_error = Ackley().truth().estimate(Gaussian(1e-2), grid)
    precise, _ = Ackley().truth().estimate(Gaussian(1e-2), grid, 2**14)
    assert (values.shape, values.dtype) == ((64, 64, 1), np.float32)
    assert np.sqrt(np.square(values - precise).mean()) < 2 * standard_error < 4e-3
    unsmoothed, none = Ackley().truth().estimate(Gaussian(0.0), grid)
    assert none < 1e-6
    assert unsmoothed.reshape(-1, 1) == pytest.approx(Ackley()(grid.points(0, grid.count)).numpy(), abs=1e-6)


def test_a_filter_a_pixel_is_sampled(smooth_pixels):
    picture, grid = Picture(smooth_pixels), Grid.covering((1.0, 2 / 3), 24)
    variances = torch.full((grid.count,), 1e-2)
    variances[:5] = 0
    values, standard_error = picture.truth().estimate(Gaussian(variances), grid, samples=2**12)
    assert 0 < standard_error < 1e-3
    assert values.reshape(-1, 3)[:5] == pytest.approx(picture(grid.points(0, 5)).numpy(), abs=1e-5)
    exact = picture.truth().values(Gaussian(1e-2), grid).reshape(-1, 3)
    assert values.reshape(-1, 3)[5:] == pytest.approx(exact[5:], abs=5e-3)


@pytest.mark.parametrize("half_widths", [[0.13, 0.0], [0.02, 0.31], 0.0, 0.2])
def test_boxes_are_exact_between_and_beyond_the_pixels(smooth_pixels, half_widths):
    picture = Picture(smooth_pixels)
    values, standard_error = picture.truth().estimate(Box(half_widths), BEYOND)
    assert standard_error == 0
    sampled = smooth_points(picture, BEYOND.points(0, BEYOND.count), Box(half_widths), samples=2**14)
    accuracy = 6 * float(sampled.standard_error.max()) + 2e-6
    assert values.reshape(-1, 3) == pytest.approx(sampled.mean.numpy(), abs=accuracy)


@pytest.mark.parametrize("border", ["repeat", "clamp"])
def test_boxes_of_textures_go_on_beyond_the_border(smooth_pixels, border):
    texture = Texture(smooth_pixels, border=(border, border))
    values = texture.truth().values(Box(0.15), BEYOND)
    sampled = smooth_points(texture, BEYOND.points(0, BEYOND.count), Box(0.15), samples=2**14)
    accuracy = 6 * float(sampled.standard_error.max()) + 2e-6
    assert values.reshape(-1, 3) == pytest.approx(sampled.mean.numpy(), abs=accuracy)


def test_filters_with_negative_lobes_keep_a_constant(smooth_pixels):
    flat = Picture(np.full_like(smooth_pixels, 0.37))
    assert flat.truth().values(Lanczos(0.1), BEYOND) == pytest.approx(0.37, abs=1e-6)


def test_lanczos_filters_keep_what_their_lattice_holds():
    """Of a wave that the Lanczos filter passes, all is left; of one above its cut-off, next to nothing."""
    for frequency, left in ((0.8, 1.0), (12.0, 0.0)):
        wave = FunctionSignal(lambda x, f=frequency: torch.cos(2 * math.pi * f * x[:, 0]), (1.0,))
        values = wave.truth().values(Lanczos(0.3), Grid((1,), (-1e-3,), (1e-3,)))
        expected = float(Lanczos(0.3).response(torch.tensor([[frequency]])))
        assert values.item() == pytest.approx(expected, abs=5e-3)
        assert expected == pytest.approx(left, abs=0.1)
