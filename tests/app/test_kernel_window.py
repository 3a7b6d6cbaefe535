"""Kernels and maps of sizes in the real window: recorded, and rendered again from their paths without one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from screen import Program, lay_out, rendered_again

from fieldcore.checkpoint import TrainingFacts, save_field
from fieldcore.fields import build_field, preset_recipe
from fieldcore.signals import Picture

pytestmark = pytest.mark.long

VIEW = (200, 150)
Begin = Callable[..., Program]


@pytest.fixture(scope="module")
def field_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A field of kind integral of an uneven picture."""
    folder = tmp_path_factory.mktemp("field")
    y, x = np.mgrid[0:48, 0:64] / 64
    checks = ((8 * x).astype(int) + (8 * y).astype(int)) % 2
    pixels = np.stack([checks, 0.5 + 0.4 * np.sin(20 * x), y], -1)
    Image.fromarray((255 * pixels).astype(np.uint8)).save(folder / "checks.png")
    picture = Picture.open(folder / "checks.png")
    field = build_field(preset_recipe("integral", "solved", picture.facts), picture.facts)
    field.prepare(picture)
    save_field(folder / "checks.safetensors", field, TrainingFacts())
    return folder / "checks.safetensors"


@pytest.fixture
def begin(display: str, tmp_path: Path, field_file: Path) -> Iterator[Begin]:
    """Starts the program with that field, and waits until it shows it."""
    started = []

    def begin_program(*arguments: str) -> Program:
        lay_out(tmp_path, VIEW)
        program = Program(display, tmp_path, str(field_file), *arguments)
        started.append(program)
        program.wait_for("ready")
        program.shown_at_first()
        program.xdo("mousemove", VIEW[0] // 2, VIEW[1] // 2)
        return program

    yield begin_program
    for program in started:
        program.kill()


def keyframes_of(folder: Path) -> list[dict[str, object]]:
    (file,) = (folder / "recordings").glob("*/path.json")
    keyframes: list[dict[str, object]] = json.loads(file.read_text())["keyframes"]
    return keyframes


def test_a_kernel_on_its_slider_is_recorded_and_rendered_again(begin: Begin, tmp_path: Path) -> None:
    kernel = "drawn:1,0,0.5"
    program = begin("--kernel", kernel, "--half-size", "0.02", "--gain", "1.5")
    program.key("r", "plus", "plus")
    program.wait_for_frames(3)
    program.key("plus", "plus")
    program.wait_for_frames(5)
    program.key("r")
    for recorded, rendered in rendered_again(program, tmp_path, VIEW, least=5):
        assert np.array_equal(recorded, rendered)
    assert keyframes_of(tmp_path)[0]["kernel"] == kernel


def test_a_map_that_is_painted_is_recorded_and_rendered_again(begin: Begin, tmp_path: Path) -> None:
    program = begin("--kernel", "tent", "--half-size", "0.3")
    program.key("b")
    program.wait_for("shown", where=lambda shown: "-map-" in str(shown["half_size_map"]))
    program.key("r")
    program.wait_for_frames(1)
    program.xdo("mousedown", 1)
    for step in range(1, 5):
        program.xdo("mousemove", VIEW[0] // 2 + 10 * step, VIEW[1] // 2 + 4 * step)
        program.wait_for_frames(2 + step)
    program.xdo("mouseup", 1)
    program.wait_for_frames(8)
    program.key("r")
    for recorded, rendered in rendered_again(program, tmp_path, VIEW, least=8):
        assert np.array_equal(recorded, rendered)
    assert len({keyframe.get("half_size_map") for keyframe in keyframes_of(tmp_path)} - {None}) > 2
