"""How a pyramid splits Gaussians into probes, and shares them out among points and levels."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch

from fieldcore.borders import Border
from fieldcore.fields import probe_groups
from fieldcore.fields.field import Field
from fieldcore.fields.probe_lines import probe_line, split_along_major_axis
from fieldcore.fields.pyramid import Pyramid
from fieldcore.fields.trained_pyramid import TrainedPyramid
from fieldcore.filters import Gaussian
from fieldcore.sampling import random_covariances
from fieldcore.signals import Picture, SignalFacts
from fieldcore.signals.signal import folded

MOST = 16


def standing_for(covariance: torch.Tensor, most: int = MOST) -> torch.Tensor:
    """The covariance that the probes of each Gaussian have together."""
    lines = split_along_major_axis(covariance, most)
    assert lines.spread is not None
    return lines.variance[:, None, None] * torch.eye(2) + lines.spread[:, :, None] * lines.spread[:, None, :]


def rotated(major: float, minor: float, angle_deg: float) -> torch.Tensor:
    cosine, sine = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    axes = torch.tensor([[cosine, -sine], [sine, cosine]], dtype=torch.float64)
    return (axes @ torch.diag(torch.tensor([major, minor], dtype=torch.float64)) @ axes.T).float()


@pytest.mark.parametrize("either_side", range(16))
def test_a_line_has_unit_mass_and_variance_and_is_even(either_side: int) -> None:
    positions, weights = probe_line(either_side, torch.device("cpu"))
    assert len(positions) == len(weights) == 2 * either_side + 1
    assert float(weights.sum()) == pytest.approx(1)
    assert float((weights * positions.square()).sum()) == pytest.approx(1 if either_side else 0)
    torch.testing.assert_close(positions, -positions.flip(0))
    torch.testing.assert_close(weights, weights.flip(0))
    assert (positions.diff().diff().abs() < 1e-5).all()


def test_the_split_agrees_with_an_eigendecomposition() -> None:
    generator = torch.Generator().manual_seed(1)
    covariance = random_covariances(-6 + 4 * torch.rand(500, 2, generator=generator), generator)
    lines = split_along_major_axis(covariance, 10_001)  # so many that none has to be widened
    eigenvalues, axes = torch.linalg.eigh(covariance.double())
    torch.testing.assert_close(lines.variance.double(), eigenvalues[:, 0], rtol=1e-3, atol=1e-9)
    assert lines.spread is not None
    spread = (axes[:, :, 1] * (eigenvalues[:, 1] - eigenvalues[:, 0]).sqrt()[:, None]).float()
    same_way = (spread * lines.spread).sum(-1, keepdim=True).sign()
    torch.testing.assert_close(same_way * lines.spread, spread, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("angle_deg", [0, 30, 45, 90, 135, 179])
@pytest.mark.parametrize("size", [1e-12, 1e-6, 1.0])
def test_probes_have_the_covariance_they_stand_for(size: float, angle_deg: float) -> None:
    for ratio in (1.0, 1.0001, 2.0, 16.0, 256.0, 1e4, 1e8):
        covariance = rotated(size, size / ratio, angle_deg)[None]
        along = torch.linalg.eigh(covariance[0].double()).eigenvectors[:, 1].float()
        got = standing_for(covariance)[0]
        assert float(along @ got @ along) == pytest.approx(size, rel=1e-4)
        if ratio <= 16:  # farther apart than 4 : 1 there are too few probes to keep the minor one
            torch.testing.assert_close(got, covariance[0], rtol=1e-4, atol=1e-6 * size)


def test_nothing_a_line_and_a_disc_are_split_into_finite_probes() -> None:
    covariances = torch.stack([torch.zeros(2, 2), rotated(1e-2, 0, 60), 1e-2 * torch.eye(2), 1e-12 * torch.eye(2)])
    lines = split_along_major_axis(covariances, MOST)
    assert lines.spread is not None
    assert lines.variance.isfinite().all() and lines.spread.isfinite().all()
    assert lines.either_side.tolist() == [0, 7, 0, 0]
    torch.testing.assert_close(lines.variance[[0, 2, 3]], torch.tensor([0, 1e-2, 1e-12]))
    assert lines.spread[[0, 2, 3]].abs().max() == 0


def test_probes_too_few_for_a_needle_leave_no_gaps() -> None:
    lines = split_along_major_axis(torch.tensor([[[1e-1, 0.0], [0.0, 1e-5]]]), MOST)
    assert lines.spread is not None
    positions, _ = probe_line(int(lines.either_side[0]), torch.device("cpu"))
    assert len(positions) == 15
    step = float(positions.diff()[0] * lines.spread.norm())
    assert step < 3.2 * float(lines.variance.sqrt())
    assert lines.spread[0, 1].abs() < 1e-6


def random_field(facts: SignalFacts, **entries: object) -> TrainedPyramid:
    recipe = dataclasses.replace(TrainedPyramid.presets["preview"], **{"max_cells": 64, "coarsest_cells": 2, **entries})
    field = TrainedPyramid(recipe, facts).eval()
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in field.parameters():
            parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator))
    return field


def facts(border: Border = "mirror") -> SignalFacts:
    return SignalFacts("texture", "test", "0", (1.0, 0.75), 3, (64, 48), border=(border, border))


def all_shapes(count: int) -> torch.Tensor:
    """Covariances from below a sample to most of the picture, of all ratios, some of them degenerate."""
    generator = torch.Generator().manual_seed(4)
    covariance = random_covariances(-7 + 7 * torch.rand(count, 2, generator=generator), generator)
    covariance[::11] = 0
    covariance[1::11] = covariance[1::11, :1, :1] * torch.eye(2)
    covariance[2::11, 1, :] = covariance[2::11, :, 1] = 0
    return covariance


def one_by_one(field: TrainedPyramid, x: torch.Tensor, covariance: torch.Tensor) -> torch.Tensor:
    """The slow way: every level at every probe that it asks for, written out for one point."""
    lines = split_along_major_axis(covariance[None], field.recipe.probes)
    assert lines.spread is not None
    spread = lines.spread[0]
    averages = []
    for level in field.levels:
        spacings = float(spread.norm()) * 2.5 / (0.5 * level.cell)
        either_side = int(min(max(math.ceil(spacings - 0.25), 0), float(lines.either_side[0])))
        positions, weights = probe_line(either_side, x.device)
        probes = x + positions[:, None] * spread
        inside = torch.tensor(field.facts.half_extent) + 0.2
        if either_side and bool((x.abs() + 2.5 * spread.abs() > inside).any()):
            probes = folded(probes, field.facts)
        averages.append(level(probes) @ weights)
    weight = field.weights(lines.variance)[:, 0]
    dampened = torch.stack(averages) * weight[:, None]
    seen = torch.cat([dampened.flatten(), weight])
    return dampened[:, :3].sum(0) + (1 - weight[-1]) * field.network(seen)


@pytest.mark.parametrize("border", ["mirror", "repeat", "clamp"])
@pytest.mark.parametrize("entries", [{}, {"probes": 32, "growth": 2.0, "extra_features": 0}])
def test_grouped_points_get_the_values_of_each_alone(border: Border, entries: dict[str, object]) -> None:
    field = random_field(facts(border), **entries)
    x = torch.tensor([1.0, 0.75]) * (2 * torch.rand(110, 2, generator=torch.Generator().manual_seed(0)) - 1)
    covariance = all_shapes(110)
    with torch.no_grad():
        together = field(x, Gaussian(covariance))
        looped = torch.stack([one_by_one(field, *point) for point in zip(x, covariance, strict=True)])
    torch.testing.assert_close(together, looped, rtol=0, atol=2e-5)


def test_points_may_come_in_any_order() -> None:
    field = random_field(facts())
    x, covariance = 2 * torch.rand(200, 2) - 1, all_shapes(200)
    order = torch.randperm(200)
    with torch.no_grad():
        values = field(x, Gaussian(covariance))[order]
        torch.testing.assert_close(field(x[order], Gaussian(covariance[order])), values, rtol=0, atol=1e-6)
        variance = torch.logspace(-8, 0, 200)
        values = field(x, Gaussian(variance))[order]
        torch.testing.assert_close(field(x[order], Gaussian(variance[order])), values, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", [Pyramid, TrainedPyramid])
def test_points_may_come_in_any_number_at_once(kind: type[Field], monkeypatch: pytest.MonkeyPatch) -> None:
    field = random_field(facts())
    if kind is Pyramid:
        field = Pyramid(Pyramid.presets["texture"], facts())
        field.solve(torch.rand(field.samples.shape, generator=torch.Generator().manual_seed(1)))
    x, covariance = 2 * torch.rand(200, 2) - 1, all_shapes(200)
    with torch.no_grad():
        values = field(x, Gaussian.unchecked(covariance))
        together = field(x, Gaussian.unchecked(covariance[17].expand(200, 2, 2)))
        monkeypatch.setitem(probe_groups._PROBES_AT_ONCE, "cpu", 40)
        torch.testing.assert_close(field(x, Gaussian.unchecked(covariance)), values, rtol=0, atol=1e-6)
        again = field(x, Gaussian.unchecked(covariance[17].expand(200, 2, 2)))
        torch.testing.assert_close(again, together, rtol=0, atol=1e-6)


def test_no_points_have_no_values() -> None:
    field = random_field(facts())
    assert field(torch.zeros(0, 2), Gaussian.unchecked(torch.zeros(0, 2, 2))).shape == (0, 3)
    assert field(torch.zeros(0, 2), Gaussian.unchecked(torch.zeros(0))).shape == (0, 3)


def test_beyond_the_border_probes_see_the_signal_continued() -> None:
    """A needle across the border of stripes averages them as they go on: mirrored, repeated or kept."""
    width = 64
    ramp = np.tile(np.linspace(0, 1, width, dtype=np.float32)[None, :, None], (width, 1, 3))
    x = torch.tensor([[0.95, 0.0]])
    needle = Gaussian(torch.tensor([[0.5, 0.0], [0.0, 1e-6]]))
    for border in ("mirror", "repeat", "clamp"):
        signal = Picture(ramp, "ramp")
        signal.facts = dataclasses.replace(signal.facts, border=(border, border))
        field = Pyramid(dataclasses.replace(Pyramid.presets["texture"], probes=200), signal.facts).eval()
        field.prepare(signal)
        with torch.no_grad():
            steps = torch.linspace(-6, 6, 4001)
            density = torch.exp(-0.5 * steps.square())
            line = x + torch.stack([steps * math.sqrt(0.5), torch.zeros_like(steps)], -1)
            expected = (signal(folded(line, signal.facts)) * density[:, None]).sum(0) / density.sum()
            for gaussian in (needle, Gaussian(needle.covariance(2)[None])):  # shared, and for this point alone
                assert float((field(x, gaussian)[0] - expected).abs().max()) < 0.02, border
