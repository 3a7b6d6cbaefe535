"""The ladder for points in 2-D that have a Gaussian each: near the exact filter, however they are grouped."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from fieldcore.borders import Border
from fieldcore.fields import probe_groups, scale_ladder
from fieldcore.fields.probe_lines import FINE_REACH, ProbeLines, fine_probe_line, split_finely
from fieldcore.fields.pyramid import Pyramid
from fieldcore.filters import Gaussian
from fieldcore.sampling import random_covariances
from fieldcore.signals import Ackley, Picture, Signal, Texture

PIXEL = 2 / 128


def noise(width: int = 128, height: int = 96) -> np.ndarray:
    """Detail at every scale, down to single pixels."""
    random = np.random.default_rng(0)
    pixels = np.zeros((height, width, 3))
    for size in (1, 2, 4, 16):
        coarse = random.standard_normal((-(-height // size), -(-width // size), 3))
        pixels += 0.1 * np.kron(coarse, np.ones((size, size, 1)))[:height, :width]
    return (0.5 + pixels).clip(0, 1).astype(np.float32)


def solved(signal: Signal) -> Pyramid:
    field = Pyramid(Pyramid.presets["picture"], signal.facts)
    field.prepare(signal)
    return field.eval()


@pytest.fixture(scope="module")
def field() -> Pyramid:
    return solved(Picture(noise(), "noise"))


def points(count: int, seed: int = 1) -> torch.Tensor:
    return torch.tensor([1.0, 0.75]) * (2 * torch.rand(count, 2, generator=torch.Generator().manual_seed(seed)) - 1)


def turned(major_px: float, minor_px: float, angle_deg: float) -> torch.Tensor:
    """The covariance of a Gaussian with these deviations, in pixels."""
    cosine, sine = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    axes = torch.tensor([[cosine, -sine], [sine, cosine]])
    return PIXEL**2 * axes @ torch.diag(torch.tensor([float(major_px), float(minor_px)]) ** 2) @ axes.T


def error_db(field: Pyramid, covariance: torch.Tensor, x: torch.Tensor) -> float:
    """PSNR of one filter a point against the same one for all, which is nearly exact."""
    apart = field(x, Gaussian.unchecked(covariance.expand(len(x), 2, 2)))
    return -10 * math.log10(float((apart - field(x, Gaussian(covariance))).square().mean()))


@pytest.mark.parametrize("ratio", [1.001, 1.1, 1.5, 2, 2.4, 3.1, 5, 9, 17, 31, 63])
def test_probes_do_to_waves_what_their_gaussian_does(ratio: float) -> None:
    lines = split_finely(torch.diag(torch.tensor([ratio**2, 1.0], dtype=torch.float64))[None], 1e-9)
    assert lines.spread is not None
    positions, weights = (part.double() for part in fine_probe_line(int(lines.either_side[0]), torch.device("cpu")))
    frequency = torch.linspace(0, 8, 4000, dtype=torch.float64)[:, None]
    along = (frequency * positions * lines.spread[0, 0]).cos() @ weights
    got = along * torch.exp(-0.5 * frequency[:, 0].square() * lines.variance)
    torch.testing.assert_close(got, torch.exp(-0.5 * (frequency[:, 0] * ratio).square()), rtol=0, atol=0.013)
    assert float(positions.max()) < FINE_REACH


def test_probes_have_the_covariance_they_stand_for() -> None:
    generator = torch.Generator().manual_seed(3)
    covariance = random_covariances(-6 + 3 * torch.rand(200, 2, generator=generator), generator).double()
    lines = split_finely(covariance, 1e-9)
    assert lines.spread is not None
    got = lines.variance[:, None, None] * torch.eye(2) + lines.spread[:, :, None] * lines.spread[:, None, :]
    torch.testing.assert_close(got, covariance, rtol=1e-5, atol=1e-11)


@pytest.mark.parametrize("angle_deg", [0, 30, 90])
def test_what_is_longer_than_64_to_1_gets_wider_and_not_longer(angle_deg: float) -> None:
    lines = split_finely(turned(100.0, 0.0, angle_deg)[None], 1e-9)
    assert lines.spread is not None
    major = lines.variance + lines.spread.square().sum(-1)
    assert float(major) == pytest.approx((100 * PIXEL) ** 2, rel=1e-4)
    assert float(lines.variance.sqrt()) == pytest.approx(100 * PIXEL / 64, rel=1e-3)
    assert int(lines.either_side) <= 127  # what group numbers have room for


def test_nothing_a_line_and_a_disc_have_finite_probes() -> None:
    lines = split_finely(torch.stack([torch.zeros(2, 2), turned(9, 0, 60), turned(9, 9, 0)]), 0.3 * PIXEL)
    assert lines.spread is not None
    assert lines.variance.isfinite().all() and lines.spread.isfinite().all()
    assert lines.either_side[[0, 2]].tolist() == [0, 0]


@pytest.mark.parametrize("pixels", [0, 0.25, 0.5, 0.6, 0.71, 1, 1.2, 1.42, 1.7, 2, 2.2, 3, 5, 8.5, 20, 64])
def test_a_round_filter_a_point_is_near_the_exact_one(field: Pyramid, pixels: float) -> None:
    least = 100 if pixels == 0 else 40 if pixels < 0.5 else 52
    assert error_db(field, turned(pixels, pixels, 0), points(500)) > least


@pytest.mark.parametrize("minor_px", [0.5, 1, 4])
@pytest.mark.parametrize("ratio", [1.1, 2, 8, 31])
@pytest.mark.parametrize("angle_deg", [0, 20, 90])
def test_so_is_a_long_one_in_any_direction(field: Pyramid, ratio: float, minor_px: float, angle_deg: float) -> None:
    least = 38 if minor_px < 1 and ratio < 8 else 50
    assert error_db(field, turned(ratio * minor_px, minor_px, angle_deg), points(300)) > least


def test_at_the_pixels_it_is_better_still(field: Pyramid) -> None:
    """There straight lines between vertices smooth by what they do on average."""
    pixels = torch.stack([(torch.arange(128) + 0.5) / 64 - 1, torch.full((128,), 0.5 * PIXEL)], -1)
    for covariance in (turned(16, 0.7, 0), turned(16, 0.7, 90), turned(1, 1, 0)):
        assert error_db(field, covariance, pixels) > 68


def test_in_large_pictures_lattices_have_the_cells_of_their_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    halved = solved(Picture(noise(), "noise")).ladder
    assert halved.rung(1).lines[0].cell == pytest.approx(PIXEL / 2)
    monkeypatch.setattr(scale_ladder, "_MOST_HALVED", 128 * 96 - 1)
    field = solved(Picture(noise(), "noise"))
    assert min(field.ladder.rung(k).lines[0].cell for k in range(8)) == pytest.approx(PIXEL)
    assert error_db(field, turned(5, 1, 20), points(500)) > 50
    assert error_db(field, turned(5, 1, 90), points(500)) > 45


def test_a_rung_is_the_signal_smoothed_by_its_variance_on_ever_coarser_lattices(field: Pyramid) -> None:
    ladder, x = field.ladder, points(300)
    cells = [ladder.rung(k).lines[0].cell for k in range(len(ladder.variances))]
    assert cells[1:] == sorted(cells[1:]) and ladder.variances == sorted(ladder.variances)
    for k, variance in enumerate(ladder.variances):
        values = ladder.rung(k).average(x, None, 0, leaves=False).T
        assert float((values - field(x, Gaussian(variance))).square().mean()) < 1e-5
        if k > 4:
            assert 2 - 1e-6 <= math.sqrt(variance) / cells[k] < 4


def all_shapes(count: int) -> torch.Tensor:
    """From below a sample to most of the picture, of all ratios, some of them degenerate."""
    generator = torch.Generator().manual_seed(4)
    covariance = random_covariances(-6 + 6 * torch.rand(count, 2, generator=generator), generator)
    covariance[::11] = 0
    covariance[1::11] = covariance[1::11, :1, :1] * torch.eye(2)
    covariance[2::11, 1, :] = covariance[2::11, :, 1] = 0
    return covariance


@pytest.mark.parametrize("border", ["mirror", "repeat", "clamp"])
def test_grouped_points_get_the_values_of_each_alone(border: Border) -> None:
    """And those are the weighted values of its probes, written out, wherever these lie."""
    field = solved(Texture(noise(48, 36), border=(border, border)))
    x, covariance = 1.3 * points(110), all_shapes(110)
    together = field(x, Gaussian.unchecked(covariance))
    for point, matrix, value in zip(x, covariance, together, strict=True):
        lines = split_finely(matrix[None], field.ladder.least_deviation)
        assert lines.spread is not None
        positions, weights = fine_probe_line(int(lines.either_side[0]), x.device)
        probes = point + positions[:, None] * lines.spread
        alone = ProbeLines(lines.variance.expand(len(probes)), None, torch.zeros(len(probes)))
        torch.testing.assert_close(field.ladder.at(probes, alone) @ weights, value, rtol=0, atol=2e-5)


@pytest.mark.parametrize("border", ["mirror", "repeat", "clamp"])
def test_beyond_the_border_the_signal_goes_on(border: Border) -> None:
    field = solved(Texture(noise(), border=(border, border)))
    x = torch.tensor([[0.97, 0.7], [-0.99, 0.0], [1.0, -0.75], [0.4, 0.74]])
    for covariance in (turned(40, 2, 0), turned(40, 2, 90), turned(20, 20, 0)):
        assert error_db(field, covariance, x) > 50, border
    assert error_db(field, turned(20, 2, 30), x) > 45, (
        border
    )  # beyond a clamped border no line of one direction is exact


def test_points_may_come_in_any_order_and_in_any_number_at_once(
    field: Pyramid, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, covariance = points(200), all_shapes(200)
    values = field(x, Gaussian.unchecked(covariance))
    order = torch.randperm(200, generator=torch.Generator().manual_seed(0))
    shuffled = field(x[order], Gaussian.unchecked(covariance[order]))
    torch.testing.assert_close(shuffled, values[order], rtol=0, atol=1e-6)
    monkeypatch.setitem(probe_groups._PROBES_AT_ONCE, "cpu", 300)
    torch.testing.assert_close(field(x, Gaussian.unchecked(covariance)), values, rtol=0, atol=1e-6)


@pytest.mark.parametrize("entry", [math.nan, math.inf])
def test_a_filter_that_is_no_number_does_not_reach_other_points(field: Pyramid, entry: float) -> None:
    x, covariance = points(20), all_shapes(20)
    values = field(x, Gaussian.unchecked(covariance))
    covariance[7, 0, 0] = entry
    others = [k for k in range(20) if k != 7]
    torch.testing.assert_close(field(x, Gaussian.unchecked(covariance))[others], values[others], rtol=0, atol=1e-6)
    assert not field(x, Gaussian.unchecked(covariance))[7].isfinite().any()


def test_memory_does_not_grow_with_the_probes(field: Pyramid, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[int] = []
    at = scale_ladder.Rung._at

    def counting(rung: scale_ladder.Rung, places: torch.Tensor) -> torch.Tensor:
        looked_up.append(places.shape[0] * places.shape[1])
        return at(rung, places)

    monkeypatch.setattr(scale_ladder.Rung, "_at", counting)
    field(points(20_000), Gaussian(turned(30, 1, 20).expand(20_000, 2, 2)))
    assert sum(looked_up) > 2 * 20_000 * 80
    assert max(looked_up) <= 1 << 18


def test_a_formula_has_a_ladder_too() -> None:
    field = solved(Ackley())
    x = 0.9 * points(300)
    for covariance in (1e-3 * torch.eye(2), torch.tensor([[1e-1, 0.0], [0.0, 1e-3]]), 0.5 * torch.eye(2)):
        assert error_db(field, covariance, x) > 50
    torch.testing.assert_close(field(x, Gaussian(torch.zeros(300))), field(x), rtol=0, atol=2e-3)


def test_what_is_smoothed_beyond_the_last_rung_is_one_colour(field: Pyramid) -> None:
    values = field(points(4), Gaussian(torch.tensor([20.0, 100.0, 1e6, 1e20])))
    torch.testing.assert_close(values, field.samples.mean((1, 2)).expand(4, 3), rtol=0, atol=5e-3)
