"""The layers of every comparison against closed forms."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import Tensor
from waves import COLOUR_FACTS, GREY_FACTS, Waves

import app.plane.layers
from app.plane.layers import (
    Layer,
    Sources,
    Stage,
    coarse_to_fine,
    evaluate_layers,
)
from app.plane.view import View
from app.scenes.picture.checks import check_is_picture
from app.scenes.picture.controls import Controls
from fieldcore.errors import InputError
from fieldcore.evaluation import Grid
from fieldcore.filters import Gaussian
from fieldcore.signals import Ackley
from fieldcore.truth import Truth

COARSE_TO_FINE = (8, 3, 1)
SHOWN = {
    ("one", "field", "truth"): ("field",),
    ("one", "truth", "field"): ("truth",),
    ("one", "other", "truth"): ("other",),
    ("one", "error", "field"): ("field", "truth"),
    ("one", "error", "other"): ("other", "truth"),
    ("wipe", "field", "truth"): ("field", "truth"),
    ("two_up", "field", "other"): ("field", "other"),
    ("two_up", "other", "error"): ("other", "truth"),
    ("four", "field", "truth"): ("field", "truth", "other"),
}
"""What is needed for it."""
FREQUENCIES = np.array([[1.0, 0.5], [2.0, -3.0], [0.0, 5.0], [11.0, 4.0]])
AMPLITUDES = np.array([[0.20, 0.05, 0.10, 0.08], [0.05, 0.20, 0.08, 0.10], [0.10, 0.10, 0.20, 0.05]])


class Slope(Truth):
    """A truth that is known: the first coordinate, and the variance."""

    def __init__(self) -> None:
        super().__init__(Ackley())

    def values(self, gaussian: Gaussian, grid: Grid) -> np.ndarray:
        x = grid.points(0, grid.count)[:, 0].numpy()
        channels = [x, x, np.full_like(x, float(gaussian.covariance(2)[0, 0]))]
        return np.stack(channels, -1).reshape(*reversed(grid.resolution), 3)


class Scales(Waves):
    """A field that shows the variance that it is asked for."""

    def _values(self, x: Tensor, filter: Gaussian | None) -> Tensor:
        variance = filter.variance if filter is not None else torch.tensor(0.0)
        return variance.float().expand(len(x))[:, None].repeat(1, self.facts.channels)


def closed_form(grid: Grid, covariance: np.ndarray, mean: float = 0.5) -> np.ndarray:
    x = grid.points(0, grid.count).double().numpy()
    passed = np.exp(-2 * np.pi**2 * np.einsum("fi,ij,fj->f", FREQUENCIES, covariance, FREQUENCIES))
    return (mean + (np.cos(2 * np.pi * x @ FREQUENCIES.T) * passed) @ AMPLITUDES.T).reshape(
        *reversed(grid.resolution), 3
    )


def dimmer() -> Waves:
    field = Waves(dataclasses.replace(COLOUR_FACTS, half_extent=(0.5, 1.0), resolution=(32, 64)))
    with torch.no_grad():
        field.mean.fill_(0.25)
    return field


def stages_of(sources: Sources, size: tuple[int, int], *factors: int, **controls: object) -> list[Stage]:
    return list(evaluate_layers(Controls(field="f", **controls), sources, size, factors=factors or (1,)))  # type: ignore


@pytest.mark.parametrize(("comparison", "needed"), SHOWN.items())
@pytest.mark.parametrize("covariance", [(0.0, 0.0, 0.0), (4e-4, 0.0, 4e-4), (2e-3, 5e-4, 3e-4)])
def test_every_comparison_is_made_of_the_right_values(
    comparison: tuple[str, str, str], needed: tuple[str, ...], covariance: tuple[float, float, float]
) -> None:
    sources = Sources(Waves(), Slope(), dimmer())
    layout, left, right = comparison
    controls = Controls(
        field="f",
        covariance=covariance,
        layout=layout,
        left=left,
        right=right,
        other="o",
        zoom=1.5,
        center=(0.1, -0.05),
    )  # type: ignore[arg-type]
    (stage,) = evaluate_layers(controls, sources, (80, 40))
    assert (stage.final, stage.factor) == (True, 1)
    assert tuple(stage.layers) == needed
    pane = {"two_up": (40, 40), "four": (40, 20)}.get(layout, (80, 40))
    for name, layer in stage.layers.items():
        facts = sources.other.facts if name == "other" and sources.other else COLOUR_FACTS
        view = View.of(controls, facts, pane)
        xx, xy, yy = covariance
        seen = np.array([[xx, xy], [xy, yy]]) + view.footprint_variance * np.eye(2)
        assert layer.grid == view.visible_grid() and layer.facts == facts
        if name == "truth":
            assert layer.values[..., 2] == pytest.approx(seen[0, 0], rel=1e-5)
            expected = layer.grid.points(0, layer.grid.count)[:, 0].reshape(layer.values.shape[:2])
            assert np.array_equal(layer.values[..., 0], expected.numpy())
        else:
            expected = closed_form(layer.grid, seen, 0.25 if name == "other" else 0.5)
            assert np.abs(layer.values - expected).max() < 2e-5


def test_stages_go_from_coarse_to_fine_and_the_last_one_is_flagged() -> None:
    stages = stages_of(Sources(Waves(), Slope()), (64, 32), *COARSE_TO_FINE, left="error")
    assert [(stage.factor, stage.final) for stage in stages] == [(8, False), (3, False), (1, True)]
    assert [stage.layers["truth"].values.shape for stage in stages] == [(4, 8, 3), (11, 22, 3), (32, 64, 3)]
    boxes = {(stage.layers["field"].grid.lower, stage.layers["field"].grid.upper) for stage in stages}
    assert boxes == {((-1.0, -0.5), (1.0, 0.5))}


@pytest.mark.parametrize(("factors", "expected"), [(COARSE_TO_FINE, [8, 3]), ((1,), [2])])
def test_frames_too_large_for_memory_end_coarser(
    factors: tuple[int, ...], expected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.plane.layers, "_MOST_CELLS", 1000)
    stages = stages_of(Sources(Waves(), other=dimmer()), (64, 32), *factors)
    assert [stage.factor for stage in stages] == expected
    assert [stage.final for stage in stages] == [False] * (len(expected) - 1) + [True]
    assert all(stage.layers["field"].grid.count <= 1000 for stage in stages)


def test_a_field_out_of_sight_does_not_keep_the_other_one_coarse() -> None:
    stages = stages_of(
        Sources(Waves(), other=dimmer()),
        (64, 32),
        *COARSE_TO_FINE,
        layout="two_up",
        right="other",
        center=(0.0, 0.8),
        zoom=4.0,
    )
    assert [tuple(stage.layers) for stage in stages] == [("other",)] * 3
    assert [(stage.factor, stage.final) for stage in stages] == [(8, False), (3, False), (1, True)]
    layer = stages[-1].layers["other"]
    assert layer.grid == View.of(Controls(field="f", center=(0.0, 0.8), zoom=4.0), layer.facts, (32, 32)).visible_grid()


def test_a_picture_out_of_sight_has_no_layers() -> None:
    stages = stages_of(Sources(Waves()), (64, 32), 8, 1, center=(40.0, 0.0))
    assert [(stage.layers, stage.final) for stage in stages] == [({}, False), ({}, True)]


def test_the_foveated_variance_is_the_one_asked_for_at_the_gaze_and_grows_with_the_distance_squared() -> None:
    gaze, falloff = (0.25, -0.125), 0.3
    stages = stages_of(
        Sources(Scales(GREY_FACTS)), (16, 8), 4, 1, foveated=True, gaze=gaze, falloff=falloff,
        covariance=(1e-3, 0.0, 1e-3),
    )  # fmt: skip
    for stage in stages:
        layer: Layer = stage.layers["field"]
        away = layer.grid.points(0, layer.grid.count).double().numpy() - gaze
        footprint = ((2 / 16) ** 2 - (2 / 64) ** 2) / 4
        expected = 1e-3 + footprint + falloff**2 * (away**2).sum(1)
        assert layer.values[..., 0].ravel() == pytest.approx(expected, rel=1e-5)
    at_gaze = stages_of(Sources(Scales(GREY_FACTS)), (64, 32), foveated=True, gaze=(1 / 64, 1 / 64), falloff=falloff)
    assert at_gaze[0].layers["field"].values.min() == 0.0  # a pixel's centre, as large as the picture's own


def test_the_publications_fovea_is_sharp_and_the_variance_grows_with_the_cube_beyond_it() -> None:
    (stage,) = stages_of(
        Sources(Scales(GREY_FACTS)), (64, 32), foveated=True, fovea_radius=0.35, falloff_power=3.0,
        falloff=200 ** (-1 / 3),
    )  # fmt: skip
    layer: Layer = stage.layers["field"]
    away = np.linalg.norm(layer.grid.points(0, layer.grid.count).double().numpy(), axis=1)
    assert layer.values[..., 0].ravel() == pytest.approx(np.maximum(away - 0.35, 0) ** 3 / 200, rel=1e-4, abs=1e-8)


@pytest.mark.parametrize(
    ("output", "sentence"), [("truth", "the truth is not known"), ("other", "there is no second field")]
)
def test_what_is_missing_is_said(output: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        stages_of(Sources(Waves()), (64, 32), layout="wipe", right=output)


def test_a_foveated_truth_is_refused() -> None:
    with pytest.raises(InputError, match="switch foveation and map off"):
        stages_of(Sources(Waves(), Slope()), (64, 32), left="truth", foveated=True)


def test_work_ends_where_it_is_told_to() -> None:
    answers = iter([False, False, True])  # a tile of the field, the truth, the next tile
    stages = list(
        evaluate_layers(
            Controls(field="f", left="error"), Sources(Waves(), Slope()), (64, 32),
            factors=COARSE_TO_FINE, should_stop=lambda: next(answers),
        )
    )  # fmt: skip
    assert [stage.factor for stage in stages] == [8]


@pytest.mark.parametrize("channels", [2, 4])
def test_only_pictures_of_one_or_three_channels_are_shown(channels: int) -> None:
    with pytest.raises(InputError, match=f"1 or 3 channels, got 2-D of {channels}"):
        check_is_picture(dataclasses.replace(COLOUR_FACTS, channels=channels))


@pytest.mark.parametrize("cells", [1, 1000, 64 * 48, 512 * 512, 1920 * 1080, 3840 * 2160])
@pytest.mark.parametrize("first_cells", [1.0, 500.0, 1e4, 1e6, 1e9])
def test_the_first_stage_is_as_fine_as_it_may_be_and_the_last_one_is_whole(cells: int, first_cells: float) -> None:
    factors = coarse_to_fine(cells, first_cells)
    assert list(factors) == sorted(set(factors), reverse=True) and factors[-1] == 1
    assert cells / factors[0] ** 2 <= first_cells or factors[0] == coarse_to_fine(10**9, 1.0)[0]
