"""Light stages in a window on a screen nobody sees: the light is dragged, photos are compared, and frames recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from screen import Program, lay_out, rendered_again

from app.gl.overlays import caption_margin_px
from app.resources import asset_path
from app.scenes.light_stage.controls import LightStageControls
from app.scenes.light_stage.disc import Disc

SIDE, INSETS = 400, "light,filter,spectrum"


@pytest.fixture
def started(display: str, tmp_path: Path) -> Iterator[tuple[Program, dict[str, Any]]]:
    """The program with the shipped stage, in a view of 400 x 400, once that shows it."""
    with ExitStack() as stack:
        lay_out(tmp_path, (SIDE, SIDE))
        program = Program(display, tmp_path, str(asset_path("ammonite_stage")), "--insets", INSETS)
        stack.callback(program.kill)
        ready = program.wait_for("ready")
        program.shown_at_first()
        yield program, ready


def near(light: tuple[float, float]) -> Callable[[dict[str, Any]], bool]:
    """Whether what is shown is lit from about there."""
    return lambda shown: "light" in shown and np.abs(np.subtract(shown["light"], light)).max() < 0.03


def drag(program: Program, start: tuple[float, float], end: tuple[float, float], shown: Callable[..., bool]) -> None:
    """Drag in the view; the button is held until the effect is seen."""
    program.xdo("mousemove", *map(round, start), "mousedown", 1)
    for step in range(1, 5):
        program.xdo("mousemove", *(round(a + (b - a) * step / 4) for a, b in zip(start, end, strict=True)))
    program.wait_for("shown", where=shown)
    program.xdo("mouseup", 1)


def unlike(before: np.ndarray) -> Callable[[np.ndarray], bool]:
    """Whether a view is lit otherwise than it was."""
    return lambda view: np.abs(view.astype(int) - before).mean((0, 2))[60:250].mean() > 10


@pytest.mark.long
def test_the_light_is_dragged_and_turned_and_photos_stand_beside_it(
    started: tuple[Program, dict[str, Any]], tmp_path: Path
) -> None:
    program, ready = started
    boxes = LightStageControls(insets=INSETS).inset_boxes((SIDE, SIDE), caption_margin_px((SIDE, SIDE)))
    disc = Disc.within(boxes["light"])
    x, y = disc.middle
    at_first = program.view(ready)
    drag(program, (x + 1, y + 3), (x + 0.5 * disc.radius, y - 0.25 * disc.radius), near((0.5, -0.25)))
    lit_from_right = program.wait_to_see(unlike(at_first), ready)

    program.xdo("keydown", "shift")
    program.wait_for("key", name="Shift", down=True)
    drag(program, (200, 200), (100, 200), near((-0.5, 0.0)))
    program.xdo("keyup", "shift")
    program.wait_to_see(unlike(lit_from_right), ready)

    left, top, width, height = ready["widgets"]["light disc"]
    across, down = left + width / 2, top + height / 2
    drag(program, (across + 2, down + 2), (across + 0.44 * width * 0.3, down + 0.44 * width * 0.4), near((0.3, 0.4)))

    program.xdo("mousemove", 200, 200)
    program.key(*["plus"] * 8)
    program.wait_for("shown", where=lambda shown: shown.get("variance", 0) >= 1e-7)
    program.key("j")
    program.wait_for("shown", layout="wipe")
    program.key("3")
    program.wait_for("shown", layout="beside")
    program.key("5")
    program.wait_for("shown", layout="cut")
    program.key("5")
    program.wait_for("shown", layout="one")
    program.key("n")
    program.wait_for("shown", where=lambda shown: "kriging" in str(shown["field"]) or "relight" in str(shown["field"]))


@pytest.mark.long
def test_a_recording_of_a_light_is_rendered_again_to_the_same_pixels(
    started: tuple[Program, dict[str, Any]], tmp_path: Path
) -> None:
    program, _ = started
    program.xdo("mousemove", 200, 200)
    program.key("x", "r")
    program.wait_for_frames(1)
    program.key(*("Right", "Down", "plus") * 5)
    program.wait_for_movement(4)
    program.key("r")
    for recorded, rendered in rendered_again(program, tmp_path, (SIDE, SIDE), 4):
        assert np.array_equal(recorded, rendered)
