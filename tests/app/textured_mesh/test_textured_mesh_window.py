"""The real program flown on a screen nobody sees, judged by its pixels, its files, and what it reports."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rectangle import quad_file
from screen import ROOT, Program, lay_out, rendered_again

from app.camera.camera import Camera
from app.scene_names import ALL
from fieldcore.checkpoint import TrainingFacts, save_field
from fieldcore.fields import build_field, preset_recipe
from fieldcore.models import load_model
from fieldcore.signals.texture import Texture

FISH = ROOT / "assets" / "fish.glb"
WIDTH, HEIGHT = 320, 240


@pytest.fixture(scope="module")
def texture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A field of the fish's texture that nobody has trained; it shows something all the same."""
    return untrained(FISH, tmp_path_factory.mktemp("texture"))


@pytest.fixture(scope="module")
def rectangle(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A model that is opened sooner, and a field of its texture."""
    folder = tmp_path_factory.mktemp("rectangle")
    model = quad_file(folder)
    return str(model), str(untrained(model, folder))


def untrained(model: Path, folder: Path) -> Path:
    """A field of its texture."""
    facts = Texture.of(load_model(model)).facts
    path = folder / "texture.safetensors"
    save_field(path, build_field(preset_recipe("trained_pyramid", "preview", facts), facts), TrainingFacts())
    return path


Start = Callable[..., tuple[Program, dict[str, Any]]]


@pytest.fixture
def start(display: str, tmp_path: Path) -> Iterator[Start]:
    """Starts the program with a small view and waits until it shows the model whole."""
    with ExitStack() as stack:

        def start_program(*arguments: str) -> tuple[Program, dict[str, Any]]:
            lay_out(tmp_path, (WIDTH, HEIGHT))
            program = Program(display, tmp_path, *arguments)
            stack.callback(program.kill)
            ready = program.wait_for("ready")
            fields = [argument for argument in arguments if argument.endswith(".safetensors")]
            known = {"field": fields[0]} if fields else {}
            if "--left" in arguments:  # which is set once all is open; before that another one may be shown
                known["left"] = arguments[arguments.index("--left") + 1]
            shown = program.wait_for("shown", scene="textured_mesh", **known)
            program.xdo("mousemove", WIDTH // 2, HEIGHT // 2)
            return program, {**ready, **shown}

        yield start_program


NAMES = {"space": "Space", "shift": "Shift"}
"""What the program calls keys of another name than their letter."""


def held(program: Program, key: str, ready: dict[str, Any]) -> dict[str, Any]:
    """Hold a key until something moves, and return what is shown when all is at rest again."""
    return program.hold(key, NAMES.get(key, key.upper()), ready)


def along(shown: dict[str, Any], before: dict[str, Any]) -> np.ndarray:
    """The way flown: right, up and forward of the camera at home."""
    axes = Camera(yaw_deg=before["yaw_deg"], pitch_deg=before["pitch_deg"]).axes
    return axes @ np.subtract(shown["position"], before["position"])


def test_keys_fly(start: Start, rectangle: tuple[str, str]) -> None:
    program, ready = start(*rectangle, "--left", "mipmap")
    before = ready
    assert before["field"] == rectangle[1]
    for key, axis, sign in (("w", 2, 1), ("s", 2, -1), ("d", 0, 1), ("a", 0, -1)):
        after = held(program, key, ready)
        way = along(after, before)
        assert sign * way[axis] > 1e-5 and np.abs(np.delete(way, axis)).max() < 1e-6, (key, way)
        before = after
    for key, sign in (("space", 1), ("shift", -1)):
        after = held(program, key, ready)
        assert np.subtract(after["position"], before["position"])[[0, 2]] == pytest.approx([0, 0])
        assert sign * (after["position"][1] - before["position"][1]) > 1e-5
        before = after
    assert program.process.poll() is None


def test_the_mouse_looks_after_a_click_until_escape(start: Start, rectangle: tuple[str, str]) -> None:
    program, before = start(*rectangle, "--left", "single")
    program.xdo("click", 1)
    for _ in range(6):
        program.xdo("mousemove_relative", "--", 12, 0)
    program.key("v")
    looked = program.wait_for("shown", where=lambda shown: shown["left"] != "single")
    assert looked["yaw_deg"] < before["yaw_deg"] - 1 and looked["position"] == before["position"]
    program.key("Escape")
    program.xdo("mousemove", 40, 40)
    program.xdo("mousemove", 200, 160)
    program.key("v")
    later = program.wait_for("shown", where=lambda shown: shown["left"] != looked["left"])
    assert later["yaw_deg"] == pytest.approx(looked["yaw_deg"])
    assert program.process.poll() is None, "Escape gave the cursor back and did not leave"


def test_the_view_shows_the_model_and_the_uv_pass_its_coordinates(start: Start, texture: Path) -> None:
    program, ready = start(str(FISH), str(texture), "--left", "mipmap")
    fish = program.view(ready).astype(float)
    middle = fish[HEIGHT // 3 : 2 * HEIGHT // 3, WIDTH // 4 : 3 * WIDTH // 4]
    assert np.abs(middle - middle.mean((0, 1))).mean() > 20, "a colourful fish"
    program.key("v")
    program.wait_for("shown", left="uv")
    uv = program.view(ready).astype(float)
    assert np.abs(uv - fish).mean() > 5
    program.key("n")
    assert program.wait_for("shown")["left"] == "single"
    shipped, at = {"shape": "shape.safetensors", "picture": "pyramid.safetensors"}, ALL.index("textured_mesh")
    for scene in (*ALL[at + 1 :], *ALL[:at]):
        program.key("m")
        assert program.wait_for("scene")["scene"] == scene
        assert scene not in shipped or program.wait_for("shown")["field"].endswith(shipped[scene])


def test_a_recorded_flight_is_rendered_again_to_the_same_frames(
    start: Start, rectangle: tuple[str, str], tmp_path: Path
) -> None:
    program, before = start(*rectangle, "--left", "neural")
    program.key("r")
    program.wait_for_frames(3)
    after = held(program, "w", before)
    assert math.dist(after["position"], before["position"]) > 1e-5
    program.key("x")
    program.wait_for_frames(6)
    program.key("r")
    for recorded, rendered in rendered_again(program, tmp_path, (WIDTH, HEIGHT), least=6):
        assert np.array_equal(recorded, rendered)


def test_all_ways_of_shading_are_measured(start: Start, texture: Path) -> None:
    program, shown = start(str(FISH), str(texture), "--left", "mipmap", "--samples", "2")
    if (shown["field"], shown["left"]) != (str(texture), "mipmap"):
        program.wait_for("shown", field=str(texture), left="mipmap")
    program.key("j")
    figures = program.wait_for("measured")["figures"]
    while "neural" not in figures:  # what is shown is measured by itself, perhaps before
        figures = program.wait_for("measured")["figures"]
    assert set(figures) >= {"single", "mipmap", "anisotropic", "supersampled", "neural", "shader"}
    assert figures["mipmap"]["psnr"] > figures["single"]["psnr"] > 5
    assert figures["supersampled"]["psnr"] is None and 0 <= figures["mipmap"]["flip"] <= 1


def test_a_model_trains_its_texture_in_view(start: Start, tmp_path: Path) -> None:
    program, before = start(str(FISH))
    assert before["left"] == "mipmap"
    seen = program.wait_for("shown", scene="textured_mesh", left="neural")
    assert Path(seen["field"]).name == "fish-pyramid.safetensors"
    if not any(event["event"] == "trained" for event in program.events):
        program.wait_for("trained")
    written = tmp_path / "data" / "fieldscope" / "fish-pyramid.safetensors"
    assert not written.exists(), "it is large, and nobody has asked for it"
