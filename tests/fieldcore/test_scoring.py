"""Scores of fields whose error is known."""

import math
import pickle

import numpy as np
import pytest
import torch

from fieldcore.errors import InputError
from fieldcore.evaluation import Grid
from fieldcore.fields.field import Field
from fieldcore.filter_sets import covariance_filters, standard_filters
from fieldcore.filters import Box, Ellipsoid, Filter, Gaussian, Lanczos
from fieldcore.measures import psnr
from fieldcore.picture_truth import smooth_picture
from fieldcore.recipe import Recipe
from fieldcore.scoring import Score, agreement, border_px, psnr_at_points, score
from fieldcore.signals import Ackley, FunctionSignal, Picture
from fieldcore.truth import smooth_points


class OracleRecipe(Recipe):
    kind = "oracle"


class Oracle(Field):
    """The truth itself, off by a constant."""

    kind = "oracle"
    filters = (Gaussian,)

    def __init__(self, signal, offset):
        super().__init__(OracleRecipe(), signal.facts)
        self.signal, self.offset = signal, torch.nn.Parameter(torch.tensor(offset))

    def _values(self, x, filter):
        if isinstance(self.signal, Picture):
            smooth = smooth_picture(self.signal, filter).astype(np.float32)
            return Picture(smooth)(x) + self.offset
        return smooth_points(self.signal, x, filter, samples=1024).mean + self.offset

    def loss(self, signal, generator):
        raise NotImplementedError


def test_a_constant_error_has_its_psnr_everywhere(smooth_pixels):
    picture = Picture(smooth_pixels)
    scores = list(score(Oracle(picture, 0.01), picture, standard_filters() + covariance_filters()[:3]))
    assert [s.psnr for s in scores] == pytest.approx([40.0] * 8, abs=0.05)
    assert all(s.ssim > 0.9 and s.flip < 0.1 and s.standard_error == 0 for s in scores)
    assert psnr_at_points(Oracle(picture, 0.01), picture) == pytest.approx(
        {"0": 40.0, "0.0001": 40.0, "0.001": 40.0, "0.01": 40.0, "0.1": 40.0}, abs=0.05
    )


def test_an_equal_picture_has_the_best_of_scores(smooth_pixels):
    picture = Picture(smooth_pixels)
    best = next(score(Oracle(picture, 0.0), picture, [Gaussian(1e-3)]))
    assert best.psnr > 100
    assert best.ssim == pytest.approx(1.0, abs=1e-6)
    assert best.flip == pytest.approx(0.0, abs=1e-3)


def test_formulas_are_judged_by_sampling_with_its_error_reported():
    result = next(score(Oracle(Ackley(), 0.1254), Ackley(), [Gaussian(1e-2)]))
    assert result.psnr == pytest.approx(20.0, abs=0.01)  # a tenth of the value range
    assert 0 < result.standard_error < 1e-2


def test_three_deviations_are_cropped_along_each_axis_but_never_all():
    grid = Grid((512, 256), (-1.0, -0.5), (1.0, 0.5))
    assert border_px(Gaussian(0.0), grid) == (0, 0)
    assert border_px(Gaussian(1e-2), grid) == (77, 77)  # 3 * 0.1 * 256 pixels a unit
    assert border_px(Gaussian([[1e-2, 0.0], [0.0, 1e-4]]), grid) == (77, 8)
    assert border_px(Gaussian(1e-1), grid) == (243, 120)  # 16 rows are left


def test_the_covariance_set_is_fixed_and_covers_its_range():
    eigenvalues = torch.stack([torch.linalg.eigvalsh(g.covariance(2)) for g in covariance_filters()])
    assert eigenvalues.shape == (20, 2)
    assert float(eigenvalues.min()) > 1e-5
    assert float(eigenvalues.max()) < 1e-1
    assert float((eigenvalues[:, 1] / eigenvalues[:, 0]).max()) > 100
    first = covariance_filters()[0].covariance(2)
    assert torch.equal(first, covariance_filters()[0].covariance(2))


def test_psnr_is_relative_to_the_value_range():
    values = np.full((4, 4), 0.2)
    assert psnr(values, np.zeros((4, 4)), (0.0, 2.0)) == pytest.approx(20.0)
    assert psnr(values, values, (0.0, 1.0)) == 200.0


def test_another_shape_of_picture_is_refused(smooth_pixels):
    with pytest.raises(InputError, match="its half extent is"):
        next(score(Oracle(Picture(smooth_pixels), 0.0), Picture(smooth_pixels[:20]), standard_filters()))


@pytest.mark.parametrize("covariance", [0.0, 1e-3, [[1e-2, 0.0], [0.0, 1e-4]]])
def test_agreement_is_what_the_score_says(smooth_pixels, covariance):
    picture, gaussian = Picture(smooth_pixels), Gaussian(covariance)
    grid = Grid.covering(picture.facts.half_extent, 48)
    truth = smooth_picture(picture, gaussian)
    full = next(score(Oracle(picture, 0.03), picture, [gaussian]))
    quick = agreement(truth.astype(np.float32) + np.float32(0.03), truth, picture.facts, gaussian, grid)
    assert quick == pytest.approx((full.psnr, full.ssim), abs=1e-3)


def test_agreement_leaves_the_border_out(smooth_pixels):
    gaussian, grid = Gaussian(1e-3), Grid((48, 32), (-1.0, -2 / 3), (1.0, 2 / 3))  # 3 deviations are 2.3 pixels
    spoilt = smooth_pixels.copy()
    spoilt[:3], spoilt[-3:], spoilt[:, :3], spoilt[:, -3:] = 0, 0, 0, 0
    facts = Picture(smooth_pixels).facts
    assert agreement(spoilt, smooth_pixels, facts, gaussian, grid) == (200.0, pytest.approx(1.0))
    spoilt[3, 3] += 0.5
    assert agreement(spoilt, smooth_pixels, facts, gaussian, grid)[0] < 50


def test_agreement_of_a_tiny_picture_has_no_ssim():
    pixels = np.random.default_rng(0).random((6, 6, 1), np.float32)
    psnr, ssim = agreement(pixels, pixels, Picture(pixels).facts, Gaussian(0.0), Grid.covering((1.0, 1.0), 6))
    assert (psnr, ssim) == (200.0, None)


class Spoilt(Oracle):
    """The truth, but off by a constant in a margin of the box, however it is filtered."""

    def __init__(self, signal, margin):
        super().__init__(signal, 0.0)
        self.margin = margin

    def _values(self, x, filter):
        half = torch.tensor(self.facts.half_extent)
        beside = (x.abs() > half - self.margin).any(1, keepdim=True)
        true = Picture(smooth_picture(self.signal, filter).astype(np.float32))(x)
        return true + 0.5 * beside


def test_the_closing_score_leaves_the_border_out(smooth_pixels):
    """Three deviations of a variance of 1e-3 are 0.095 domain units, and of 1e-2 0.3, of which 16 pixels are left."""
    picture = Picture(smooth_pixels)
    psnr = psnr_at_points(Spoilt(picture, margin=0.08), picture)
    assert [key for key, value in psnr.items() if value > 60] == ["0.001", "0.01", "0.1"]
    assert max(psnr["0"], psnr["0.0001"]) < 20


def test_the_closing_score_of_a_formula_leaves_the_border_out():
    class SpoiltLine(Oracle):
        def _values(self, x, filter):
            return super()._values(x, filter) + (x.abs() > 0.8)

    line = FunctionSignal(lambda x: x[:, 0], (1.0,))
    psnr = psnr_at_points(SpoiltLine(line, 0.0), line, count=256)
    assert [key for key, value in psnr.items() if value > 40] == ["0.01", "0.1"]


class Unfiltered(Oracle):
    """A coordinate network: it cannot be filtered in one pass."""

    filters = ()

    def _values(self, x, filter):
        assert filter is None
        return self.signal(x) + self.offset


class OnLatticesAlone(Oracle):
    """A field that smooths whole lattices, and single points only by little."""

    def _values(self, x, filter):
        if filter is not None and float(filter.variance) > 2e-3:
            raise InputError("filter: too wide at single points; evaluate whole pictures instead")
        return super()._values(x, filter)


def test_filters_that_single_points_are_refused_are_left_out(smooth_pixels):
    picture = Picture(smooth_pixels)
    assert list(psnr_at_points(OnLatticesAlone(picture, 0.01), picture)) == ["0", "0.0001", "0.001"]


def test_fields_that_refuse_filters_are_scored_unfiltered_or_by_sampling(smooth_pixels):
    picture = Picture(smooth_pixels)
    field = Unfiltered(picture, 0.01)
    assert psnr_at_points(field, picture) == {"0": pytest.approx(40, abs=0.01)}
    assert list(score(field, picture, standard_filters())) == []
    (sampled,) = score(field, picture, [Gaussian(1e-3)], samples=256)
    assert sampled.psnr == pytest.approx(40, abs=0.5)


@pytest.mark.parametrize("filter", [Box([0.1, 0.05]), Box(0.2), Lanczos(0.1), Ellipsoid(1e-2)])
def test_every_filter_has_a_truth_a_border_and_a_score(smooth_pixels, filter):
    class Sampled(Oracle):
        filters = (Filter,)

        def _values(self, x, filter):
            return smooth_points(self.signal, x, filter, samples=1 << 12).mean + self.offset

    picture = Picture(smooth_pixels)
    (found,) = score(Sampled(picture, 0.05), picture, [filter])
    assert found.psnr == pytest.approx(26.02, abs=0.5)
    assert found.filter is filter
    reach = filter.reach(2)
    sides = zip(found.border_px, reach, (48, 32), strict=True)
    assert all(border == min(math.ceil(r * 24 - 1e-6), (n - 16) // 2) for border, r, n in sides)


def test_the_border_of_filters_that_differ_is_the_widest_ones():
    grid = Grid((100, 100), (-1.0, -1.0), (1.0, 1.0))
    assert border_px(Box([[0.1, 0.195], [0.295, 0.01]]), grid) == (15, 10)


def test_measures_have_names_and_are_attributes():
    found = Score(Gaussian(1e-3), {"psnr": 30.0, "ssim": None}, 0.0, (1, 1))
    assert (found.psnr, found.ssim) == (30.0, None)
    with pytest.raises(AttributeError, match="a score has no 'iou'"):
        _ = found.iou
    assert pickle.loads(pickle.dumps(found)).psnr == 30.0


def test_a_signal_of_two_channels_is_scored():
    pixels = np.random.default_rng(0).random((24, 24, 2), np.float32)
    (found,) = score(Oracle(Picture(pixels), 0.1), Picture(pixels), [Gaussian(0.0)])
    assert found.psnr == pytest.approx(20, abs=0.01)
