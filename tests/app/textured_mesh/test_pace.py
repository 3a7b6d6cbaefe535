"""How coarse frames are made: by what they have taken so far."""

from __future__ import annotations

import pytest

from app.viewport.pace import DIVISORS, Pace


def warm_pace(*kinds: str) -> Pace:
    """One to which the frames of these kinds are no longer new."""
    pace = Pace()
    for kind in kinds:
        pace.note(kind, (100, 100), 5000.0)
    return pace


def test_frames_are_as_coarse_as_their_time_asks_for() -> None:
    pace = warm_pace("mipmap")
    pace.note("mipmap", (1000, 1000), 90.0)
    assert pace.divisor({"mipmap": (1000, 1000)}, 0.030) == 2
    assert pace.divisor({"mipmap": (1000, 1000)}, 0.0901) == 1
    assert pace.divisor({"mipmap": (2000, 2000)}, 0.030) == 4, "twice as wide and high takes four times as long"
    assert pace.divisor({"mipmap": (9000, 9000)}, 0.001) == DIVISORS[-1]


def test_what_every_frame_takes_is_told_from_what_its_pixels_take() -> None:
    pace = warm_pace("single")
    for side in (1000, 500, 250):
        pace.note("single", (side, side), 20.0 + 80e-6 * side * side)
    fixed, pixels = pace.milliseconds({"single": (1000, 1000)})
    assert (fixed, pixels) == (pytest.approx(20.0), pytest.approx(80.0))
    assert pace.divisor({"single": (1000, 1000)}, 0.030) == 3, "8.9 ms of pixels, with 20 ms for any"
    assert pace.divisor({"single": (1000, 1000)}, 0.010) == 3, "finer than half the time for any frame is in vain"


def test_several_panes_share_the_time_and_what_held_a_frame_up_is_forgiven() -> None:
    pace = warm_pace("single", "uv")
    pace.note("single", (100, 100), 1000.0)
    pace.note("single", (100, 100), 20.0)
    pace.note("single", (100, 100), 400.0)
    pace.note("uv", (100, 100), 40.0)
    assert pace.divisor({"single": (100, 100)}, 0.030) == 1
    assert pace.divisor({"single": (100, 100), "uv": (100, 100)}, 0.030) == 2
    assert pace.divisor({"neural": (100, 100)}, 0.030) == 1, "nothing is known of it, and it is small"


def test_a_frame_that_was_held_up_does_not_count_for_ever() -> None:
    pace, whole = warm_pace("mipmap"), (500, 500)
    pace.note("mipmap", (125, 125), 50.0)  # by something else: so small a frame takes 10
    for _ in range(10):
        pace.note("mipmap", whole, 50.0)
    assert pace.divisor({"mipmap": whole}, 0.010) == 1, "as if no frame were quicker than that"
    for _ in range(60):
        pace.note("mipmap", whole, 50.0)
    assert pace.divisor({"mipmap": whole}, 0.010) == 3
