"""How pictures share a frame, and what is written over them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.compositor import EMPTY_GROUND, clear_between, parts_of
from app.panes import panes_of

SIZES = st.tuples(st.integers(2, 99), st.integers(2, 99))


def covered(boxes: list[tuple[int, int, int, int]]) -> list[tuple[int, int]]:
    return [
        (x, y)
        for left, top, width, height in boxes
        for x in range(left, left + width)
        for y in range(top, top + height)
    ]


@given(SIZES, st.floats(0, 1))
def test_a_wipe_divides_the_frame_between_two_whole_pictures(size: tuple[int, int], divider: float) -> None:
    left, right = panes_of("wipe", ("field", "truth"), size, divider)
    assert left.box == right.box == (0, 0, *size)
    seen = covered([left.visible, right.visible])
    assert len(seen) == len(set(seen)) == size[0] * size[1]
    assert abs(left.visible[2] - divider * size[0]) <= 0.5


@pytest.mark.parametrize(("layout", "outputs"), [("one", "a"), ("two_up", "ab"), ("four", "abcd")])
@given(SIZES)
def test_panes_are_alike_and_fill_the_frame_but_for_an_odd_pixel(layout, outputs: str, size: tuple[int, int]) -> None:
    panes = panes_of(layout, tuple(outputs), size)
    assert [pane.output for pane in panes] == list(outputs) and len({pane.size for pane in panes}) == 1
    seen = covered([pane.visible for pane in panes])
    assert len(seen) == len(set(seen)), "none lies over another"
    across, down = (2 if layout != "one" else 1), (2 if layout == "four" else 1)
    assert len(seen) == (size[0] - size[0] % across) * (size[1] - size[1] % down)
    assert (0, 0) in seen and (size[0] - 1, size[1] - 1) in seen


def test_a_frame_of_a_pixel_has_panes_too() -> None:
    assert {pane.box for pane in panes_of("four", tuple("abcd"), (1, 1))} == {(0, 0, 1, 1)}


def test_what_is_said_lies_over_its_pane_and_of_a_wipe_in_the_halves() -> None:
    two_up = panes_of("two_up", ("a", "b"), (101, 50))
    assert parts_of("two_up", two_up, (101, 50)) == [(0, 0, 50, 50), (51, 0, 50, 50)]
    wipe = panes_of("wipe", ("a", "b"), (101, 50), 0.9)
    assert parts_of("wipe", wipe, (101, 50)) == [(0, 0, 50, 50), (50, 0, 51, 50)]
    assert parts_of("one", panes_of("one", ("c",), (9, 9)), (9, 9)) == [(0, 0, 9, 9)]


@pytest.mark.parametrize(("layout", "count"), [("two_up", 2), ("four", 4)])
def test_nothing_of_the_frame_before_is_left_between_panes(surface_of, layout, count: int) -> None:
    surface = surface_of(7, 5)
    frame = surface.framebuffer
    for red in (1.0, 0.0):
        frame.use()
        frame.viewport, frame.scissor = (0, 0, 7, 5), None
        frame.clear(red, 0.0, 0.0, 1.0)
        panes = panes_of(layout, tuple("abcd"[:count]), (7, 5))
        clear_between(frame, panes)
        pixels = surface.pixels()
        assert np.abs(pixels[:, 3] / 255 - EMPTY_GROUND[:3]).max() < 1 / 255
