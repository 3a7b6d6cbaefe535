"""The real program around a shape, on a screen nobody sees, judged by its pixels, its files, and what it reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from capsule import capsule_file
from screen import Program, lay_out, rendered_again

from app.scene_names import ALL
from fieldcore.images import read_image

WIDTH, HEIGHT = 320, 240
MIDDLE = (slice(60, 190), slice(70, 250))
"""Where no label is."""


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return capsule_file(tmp_path_factory.mktemp("capsule"))


Start = Callable[..., tuple[Program, dict[str, Any]]]


@pytest.fixture
def start(display: str, tmp_path: Path) -> Iterator[Start]:
    """Starts the program with a small view and waits until it shows the shape as finely as it will."""
    with ExitStack() as stack:

        def start_program(*arguments: str) -> tuple[Program, dict[str, Any]]:
            lay_out(tmp_path, (WIDTH, HEIGHT))
            program = Program(display, tmp_path, *arguments, "--cells", "32")
            stack.callback(program.kill)
            ready = program.wait_for("ready")
            shown = program.shown_at_first(scene="shape", cells=32)
            program.xdo("mousemove", WIDTH // 2, HEIGHT // 2)
            return program, {**ready, **shown}

        yield start_program


def seen(program: Program, ready: dict[str, Any]) -> np.ndarray:
    """The view where no label is."""
    return program.view(ready)[MIDDLE].astype(float)


def test_keys_smooth_colour_and_cut_it(start: Start, field: Path) -> None:
    program, ready = start(str(field))
    before = seen(program, ready)
    assert before.std() > 10, "something is there"
    program.key(*["equal"] * 20)
    shown = program.wait_for("shown", covariance=pytest.approx([0.1, 0, 0, 0.1, 0, 0.1]))
    assert shown["milliseconds"] > 0
    smooth = seen(program, ready)
    assert np.abs(smooth - before).mean() > 1
    program.key("v")
    program.wait_for("shown", colouring="normals")
    coloured = seen(program, ready)
    assert np.ptp(coloured, axis=-1).mean() > 1.2 * np.ptp(smooth, axis=-1).mean()
    program.key("z")
    program.wait_for("shown", slice="x", slice_position=0.0)
    assert np.abs(seen(program, ready) - coloured).mean() > 1
    program.key("m")
    assert program.wait_for("scene")["scene"] == ALL[(ALL.index("shape") + 1) % len(ALL)]
    assert program.process.poll() is None


def test_the_hand_orbits_and_keys_fly_around_it(start: Start, field: Path) -> None:
    program, ready = start(str(field), "--variance", "1e-3", "--level", "0.05")
    assert ready["variance"] == 1e-3 and ready["level"] == 0.05
    before = seen(program, ready)
    program.xdo("mousedown", 1)
    for step in range(1, 6):
        program.xdo("mousemove", WIDTH // 2 + 12 * step, HEIGHT // 2)
    program.xdo("mouseup", 1)
    turned = program.wait_for("shown", where=lambda shown: shown["yaw_deg"] <= ready["yaw_deg"] - 15)
    away = np.linalg.norm(turned["position"])
    assert away == pytest.approx(np.linalg.norm(ready["position"]))
    assert np.abs(seen(program, ready) - before).mean() > 1
    program.key("o")
    flown = program.hold("w", "W", ready)
    assert np.linalg.norm(flown["position"]) < away - 1e-5
    program.key("0")
    home = program.wait_for("shown", position=pytest.approx(ready["position"]))
    assert home["yaw_deg"] == pytest.approx(ready["yaw_deg"])


def test_dragging_the_slider_of_the_panel_smooths(start: Start, field: Path) -> None:
    program, ready = start(str(field))
    left, top, width, height = ready["widgets"]["log10-variance"]
    program.xdo("mousemove", left + 8, top + height // 2)
    program.xdo("mousedown", 1)
    for step in range(1, 9):
        program.xdo("mousemove", left + 8 + step * width // 10, top + height // 2)
    shown = program.wait_for("shown", where=lambda shown: shown["covariance"][0] >= 1e-3)
    program.xdo("mouseup", 1)  # not before: a press that is over within one pass of the panel is not seen
    assert shown["covariance"][0] == shown["covariance"][3] == shown["covariance"][5]


def test_the_field_itself_is_traced_once_it_rests(start: Start, field: Path) -> None:
    program, ready = start(str(field))
    baked = seen(program, ready)
    program.key("q")
    program.wait_for("shown", exact=True)
    exact = seen(program, ready)
    difference = np.abs(exact - baked)
    assert 0.02 < difference.mean() < 12, "finer, and much the same"


def test_a_recording_is_rendered_again_to_the_same_frames(start: Start, field: Path, tmp_path: Path) -> None:
    program, _ = start(str(field))
    program.key("r")
    program.wait_for_frames(4)
    program.key("equal", "equal", "equal", "equal", "z")
    program.wait_for_frames(8)
    program.key("r")
    frames = rendered_again(program, tmp_path, (WIDTH, HEIGHT), least=8)
    assert max(np.abs(recorded - rendered).max() for recorded, rendered in frames) <= 2 / 255


def test_keyframes_are_played_and_a_screenshot_is_what_is_shown(start: Start, field: Path, tmp_path: Path) -> None:
    program, ready = start(str(field))
    program.key("k", *["equal"] * 8)
    program.wait_for("shown", covariance=pytest.approx([1e-4, 0, 0, 1e-4, 0, 1e-4]))
    program.key("k", "p")
    program.wait_for("shown", covariance=pytest.approx([1e-4, 0, 0, 1e-4, 0, 1e-4]))
    program.key("c")
    pixels = read_image(tmp_path / program.wait_for("screenshot")["path"])[0]
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    below = slice(-40, None)  # the messages
    assert np.abs(pixels[MIDDLE][below] * 255 - seen(program, ready)[below]).max() <= 1.5
