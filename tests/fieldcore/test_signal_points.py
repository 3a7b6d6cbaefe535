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
}


@pytest.fixture(params=SIGNALS)
def signal(request: pytest.FixtureRequest) -> fc.Signal:
    return SIGNALS[request.param]()


def test_every_type_is_tried() -> None:
    assert set(SIGNALS) == set(fc.SIGNALS)


def test_lists_arrays_and_other_numbers_are_points(signal: fc.Signal) -> None:
    x = torch.tensor([[0.25, -0.5, 0.75][: signal.dim], [0.0, 0.0, 0.0][: signal.dim]])
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
