"""What a signal is asked with, and where: checked at its border."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from solids import mesh_of
from trimesh.creation import box

import fieldcore as fc
from fieldcore.errors import InputError
from fieldcore.signals.signal import same_signal

NOISE = np.random.default_rng(0).random((16, 24, 3), np.float32)
SIGNALS = {
    "picture": lambda: fc.Picture(NOISE),
    "texture": lambda: fc.Texture(NOISE),
    "ackley": fc.Ackley,
    "function": lambda: fc.FunctionSignal(lambda x: x, (1.0, 1.0)),
    "shape": lambda: fc.Shape(mesh_of(box())),
    "light_stage": lambda: fc.LightStage(NOISE[None].repeat(3, 0), [[0, 0, 1], [0.6, 0, 0.8], [0, 0.6, 0.8]]),
    "video": lambda: fc.Video(NOISE[None].repeat(3, 0)),
}


@pytest.fixture(params=SIGNALS)
def signal(request: pytest.FixtureRequest) -> fc.Signal:
    return SIGNALS[request.param]()


def test_every_type_is_tried() -> None:
    assert set(SIGNALS) == {name for name, known in fc.SIGNALS.items() if issubclass(known, fc.Signal)}


def test_lists_arrays_and_other_numbers_are_points(signal: fc.Signal) -> None:
    x = torch.tensor([[0.25, -0.5, 0.75, 0.1][: signal.dim], [0.0, 0.0, 0.0, 0.0][: signal.dim]])
    expected = signal(x)
    assert expected.shape == (2, signal.facts.channels)
    for same in (x.tolist(), x.numpy(), x.double(), x.double().numpy(), x.half()):
        assert signal(same).float() == pytest.approx(expected.numpy(), abs=1e-3)
    assert signal(torch.zeros(1, signal.dim, dtype=torch.long)).float() == pytest.approx(expected[1:].numpy(), abs=1e-6)


@pytest.mark.parametrize("wrong", ["text", [["a", "b"]], [[1.0, 2.0], [3.0]], None, object()])
def test_what_is_no_array_of_numbers_is_refused(signal: fc.Signal, wrong: object) -> None:
    with pytest.raises(InputError, match="points: expected"):
        signal(wrong)  # type: ignore[operator]


@pytest.mark.parametrize("shape", [(), (2,), (3,), (4, 5), (4, 1), (2, 2, 2)])
def test_other_shapes_are_refused(signal: fc.Signal, shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=rf"points: expected shape \(n, {signal.dim}\), got"):
        signal(np.zeros(shape))


def test_no_points_have_no_values(signal: fc.Signal) -> None:
    assert signal(np.zeros((0, signal.dim))).shape == (0, signal.facts.channels)


def test_a_moved_signal_says_where_it_is(signal: fc.Signal) -> None:
    assert signal.device.type == "cpu"
    moved = signal.to("meta")
    assert (moved.device.type, signal.device.type) == ("meta", "cpu")
    assert moved.facts == signal.facts


def test_the_name_is_no_part_of_a_signal() -> None:
    one, renamed, other = (fc.Picture(pixels, name) for pixels, name in ((NOISE, "a"), (NOISE, "b"), (NOISE / 2, "a")))
    assert same_signal(one.facts, renamed.facts)
    assert not same_signal(one.facts, other.facts)
    assert not same_signal(one.facts, fc.Texture(NOISE, "a").facts)
    assert same_signal(one.facts, fc.Picture(NOISE, background=(0.0, 0.0, 0.0)).facts)  # of which nothing shows
    assert not same_signal(one.facts, fc.Picture(NOISE, value_scale=2.0).facts)


GRID = fc.Grid.covering((1.0, 1.0), 4)


@pytest.mark.parametrize(
    "grid, filter, message",
    [
        (fc.Grid.covering((1.0,), 4), 1e-3, "grid: expected 2 axes"),
        (fc.Grid.covering((1.0, 1.0, 1.0), 4), 1e-3, "grid: expected 2 axes"),
        (GRID, fc.Gaussian(torch.full((5,), 1e-3)), "one for each of the 16 cells, got 5"),
        (GRID, fc.Gaussian(torch.eye(3)), "expected a 2 x 2 matrix for a 2-D signal"),
        (GRID, fc.Box([0.1, 0.1, 0.1]), "expected 2 for a 2-D signal"),
        (GRID, None, "filter: expected one"),
        (GRID, "wide", "expected"),
    ],
)
@pytest.mark.parametrize("name", ["picture", "ackley"])
def test_a_truth_refuses_what_is_for_another_signal(name: str, grid: fc.Grid, filter: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        SIGNALS[name]().truth().values(filter, grid)


def test_a_truth_takes_numbers_as_filters() -> None:
    truth = fc.Picture(NOISE).truth()
    grid = fc.Grid.covering(fc.Picture(NOISE).facts.half_extent, 8)
    assert np.array_equal(truth.values(1e-2, grid), truth.values(fc.Gaussian(1e-2), grid))


def test_points_to_smooth_at_are_checked() -> None:
    ramp = fc.FunctionSignal(lambda x: x[:, 0], (1.0, 1.0))
    assert fc.smooth_points(ramp, [[0.5, 0.0]], 1e-3, samples=16).mean.item() == pytest.approx(0.5, abs=0.05)
    for x, filter, message in (
        ([0.5], 1e-3, r"points: expected shape \(n, d\)"),
        ([[0.5, 0.0]], fc.Gaussian(torch.eye(3)), "2 x 2 matrix"),
        ([[0.5, 0.0]], [1e-3, 1e-3], "one for each of the 1 points, got 2"),
    ):
        with pytest.raises(InputError, match=message):
            fc.smooth_points(ramp, x, filter)


def test_only_gaussians_smooth_a_picture_at_its_pixels() -> None:
    with pytest.raises(InputError, match=r"expected a Gaussian, got Box; picture.truth\(\) takes any filter"):
        fc.smooth_picture(fc.Picture(NOISE), fc.Box(0.1))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "values, truth, value_range",
    [((4, 4, 3), (4, 4, 1), (0.0, 1.0)), ((4, 4), (4, 5), (0.0, 1.0)), ((4, 4), (4, 4), (1.0, 1.0))],
)
def test_a_ratio_of_what_does_not_match_is_refused(values: tuple, truth: tuple, value_range: tuple) -> None:
    with pytest.raises(InputError, match="psnr: expected"):
        fc.psnr(np.zeros(values), np.zeros(truth), value_range)


@pytest.mark.parametrize(
    "resolution, lower, upper",
    [
        ((4, 4), (-1.0,), (1.0, 1.0)),
        ((4,), (1.0,), (-1.0,)),
        ((4,), (0.0,), (0.0,)),
        ((4,), (float("nan"),), (1.0,)),
        ((4,), (0.0,), (float("inf"),)),
        ((0,), (0.0,), (1.0,)),
    ],
)
def test_grids_that_cover_nothing_are_refused(resolution: tuple, lower: tuple, upper: tuple) -> None:
    with pytest.raises(InputError, match="grid: expected"):
        fc.Grid(resolution, lower, upper)
    with pytest.raises(InputError, match="grid: expected at least one cell"):
        fc.Grid.covering((1.0, 1.0), 0)
