"""The real program on a screen nobody sees, driven by keys and mouse, judged by its pixels and files."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import field_file, picture_file
from preloaded import run_preloaded
from screen import ROOT, Program, lay_out

from app.plane.layers import Sources, evaluate_layers
from app.scene_names import ALL
from app.scenes.picture.controls import Controls
from fieldcore.checkpoint import load_checkpoint, load_field
from fieldcore.images import read_image, write_image
from fieldcore.signals import Picture

PYRAMID = ROOT / "assets" / "pyramid.safetensors"
"""A field that differs visibly from the truth."""

ENDLESS = """
import runpy
from dataclasses import replace
from app.work.trainer import Trainer

def begun(self, *arguments, begin=Trainer.__init__):
    begin(self, *arguments)
    self.plan = replace(self.plan, kind="trained_pyramid", preset="preview", rule="steps", steps=10**9)

def taken(self, event, take=Trainer.take):
    take(self, event)
    if event.progress is not None:
        print('{"event": "stepped"}', flush=True)

Trainer.__init__, Trainer.take = begun, taken
runpy.run_module("app", run_name="__main__", alter_sys=True)
"""
"""The program, whose trainings never end by themselves, and which reports their steps."""

Start = Callable[..., tuple[Program, dict[str, Any]]]


@pytest.fixture
def start(display: str, tmp_path: Path) -> Iterator[Start]:
    """Starts the program with a view of 400 x 400 and waits until it shows something, by itself in full."""
    with ExitStack() as stack:

        def start_program(*arguments: str, in_full: bool = True, **options: Any) -> tuple[Program, dict[str, Any]]:
            lay_out(tmp_path, (400, 400))
            program = Program(display, tmp_path, *arguments, **options)
            stack.callback(program.kill)
            ready = program.wait_for("ready")
            if in_full:  # which a field in training is only on a quick machine
                program.shown_at_first()
            program.xdo("mousemove", 200, 200)
            return program, ready

        yield start_program


def expected(
    controls: Controls, layer: str, field: Path = PYRAMID, source: str | Path = "sample:astronaut"
) -> np.ndarray:
    """What a view of 400 x 400 has to show, in [0, 1]."""
    picture = Picture.open(source)
    sources = Sources(load_field(field), picture.truth())
    (stage,) = evaluate_layers(controls, sources, (400, 400))
    return stage.layers[layer].values.clip(0, 1)  # type: ignore[index]


def roughness(view: np.ndarray) -> float:
    """Mean difference of neighbouring pixels of the part that no label covers."""
    return float(np.abs(np.diff(view[60:320, 20:380].astype(float), axis=1)).mean())


def test_the_picture_smooths_as_the_scale_grows(start: Start) -> None:
    program, ready = start(str(PYRAMID))
    sharp = program.view(ready)
    assert (
        np.abs(sharp[60:320, 20:380] / 255 - expected(Controls(field="f"), "field")[60:320, 20:380]).max() <= 1.5 / 255
    )
    program.key(*["plus"] * 14)
    shown = program.wait_for("shown", variance=pytest.approx(10**-2.5))
    smooth = program.view(ready)
    assert roughness(smooth) < 0.4 * roughness(sharp)
    variance = shown["variance"]
    wanted = expected(Controls(field="f", covariance=(variance, 0.0, variance)), "field")
    assert np.abs(smooth[60:320, 20:380] / 255 - wanted[60:320, 20:380]).max() <= 1.5 / 255


def test_dragging_the_slider_of_the_panel_smooths(start: Start) -> None:
    program, ready = start(str(PYRAMID))
    sharp = program.view(ready)
    left, top, width, height = ready["widgets"]["log10-variance"]
    program.xdo("mousemove", left + 8, top + height // 2)
    program.xdo("mousedown", 1)
    for step in range(1, 9):
        program.xdo("mousemove", left + 8 + step * width // 14, top + height // 2)
    program.wait_for("shown", where=lambda shown: shown["variance"] >= 1e-4)
    program.xdo("mouseup", 1)  # not before, as what comes within one frame ends where the frame before it was
    assert roughness(program.view(ready)) < 0.7 * roughness(sharp)


def test_the_wipe_shows_both_and_its_divider_is_dragged(start: Start, tmp_path: Path) -> None:
    y, x = np.mgrid[0:64, 0:64] / 64
    picture = picture_file(tmp_path, np.stack([0.5 + 0.4 * np.sin(9 * x), y, 1 - y], -1).astype(np.float32))
    untrained = field_file(tmp_path, picture)
    program, ready = start(str(untrained), str(picture), "--variance", "1e-4")
    program.key("x")
    program.wait_for("shown", layout="wipe")
    controls = Controls(field="f", covariance=(1e-4, 0.0, 1e-4), layout="wipe")
    field, truth = (expected(controls, layer, untrained, picture) for layer in ("field", "truth"))
    rows = slice(110, 180)  # above the divider's handle, below the labels and messages
    view = program.view(ready) / 255
    assert np.abs(view[rows, 20:180] - field[rows, 20:180]).max() <= 1.5 / 255
    assert np.abs(view[rows, 220:380] - truth[rows, 220:380]).max() <= 1.5 / 255
    assert np.abs(field - truth)[rows, 220:380].max() > 6 / 255, "the two must differ for this test to mean anything"

    program.xdo("mousemove", 200, 300, "mousedown", 1, "mousemove", 150, 300, "mousemove", 100, 300, "mouseup", 1)
    shown = truth[rows, 120:380]
    program.wait_to_see(lambda view: np.abs(view[rows, 120:380] / 255 - shown).max() <= 1.5 / 255, ready)


def test_a_recording_is_rendered_again_to_the_same_frames(start: Start, tmp_path: Path) -> None:
    program, _ = start(str(PYRAMID))
    program.key("x", "r", "plus", "plus")
    program.xdo("click", 4)
    program.wait_for_frames(4)
    program.xdo("mousemove", 250, 250, "click", 4)
    program.key("plus", "r")
    folder = tmp_path / program.wait_for("recorded")["folder"]
    report = json.loads((folder / "frames.json").read_text())
    recorded = [read_image(folder / frame["file"])[0] for frame in report["frames"]]
    assert report["state"] == "complete" and len(recorded) >= 4
    assert (folder / "recording.mp4").stat().st_size > 1000
    assert max(np.abs(recorded[0] - frame).max() for frame in recorded) > 0.1, "something moved"

    command = ["-m", "app", "--render-path", str(folder / "path.json"), "--out", str(tmp_path / "again")]
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    assert run_preloaded([*command, "--size", "400x400"], env=environment).returncode == 0
    again = [read_image(file)[0] for file in sorted((tmp_path / "again").glob("*.png"))]
    assert len(again) == len(recorded)
    for one, other in zip(again, recorded, strict=True):
        assert np.array_equal(one, other)


def test_keyframes_are_played_and_a_screenshot_is_what_is_shown(start: Start, tmp_path: Path) -> None:
    program, _ = start(str(PYRAMID))
    program.key("k", "plus", "plus", "plus", "plus")
    program.wait_for("shown", variance=pytest.approx(1e-5))
    program.key("k", "p")
    program.wait_for("shown", variance=pytest.approx(1e-5))
    program.key("h", "c")
    file = tmp_path / program.wait_for("screenshot")["path"]
    pixels = read_image(file)[0]
    assert pixels.shape == (400, 400, 3)
    controls = Controls(field="f", covariance=(1e-5, 0.0, 1e-5))
    assert np.abs(pixels - expected(controls, "field"))[60:320, 20:380].max() <= 1.5 / 255, "without the help overlay"
    program.key("Escape")


def test_a_picture_given_is_trained_and_the_window_may_be_closed_meanwhile(start: Start, tmp_path: Path) -> None:
    y, x = np.mgrid[0:64, 0:96] / 64
    write_image(tmp_path / "waves.png", np.stack([0.5 + 0.4 * np.sin(9 * x), y, 1 - y], -1).astype(np.float32))
    program, _ = start("waves.png", program=("-c", ENDLESS))
    program.wait_for("stepped")
    program.process.send_signal(signal.SIGTERM)
    code, errors = program.end()
    assert code == 0
    kept = tmp_path / "data" / "fieldscope" / "waves-trained_pyramid.safetensors"
    assert f"the unfinished training was kept as '{kept}'" in errors
    checkpoint = load_checkpoint(kept)
    assert checkpoint.training.stopped_by == "unfinished" and checkpoint.training.steps > 0
    assert not list(kept.parent.glob("*.training.safetensors"))


def test_it_is_asked_before_a_training_is_left(start: Start, tmp_path: Path) -> None:
    program, _ = start("sample:coffee", in_full=False, program=("-c", ENDLESS))
    program.wait_for("stepped")  # what has taken no step has learned nothing that could be kept
    program.leave()
    program.key("Escape")  # stays
    asked = program.leave()
    assert asked["question"].startswith("The training on coffee.png is not finished")
    program.key("Return")
    code, errors = program.end()
    assert code == 0 and "the unfinished training was kept" in errors


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("notes.txt", "'notes.txt' cannot be opened: give a picture"),
        ("gone.safetensors", "gone.safetensors': no such file; train one with"),
        ("broken.png", "picture 'broken.png': it is text, not a picture"),
    ],
)
def test_what_cannot_be_opened_is_said_and_the_window_lives_on(
    display: str, tmp_path: Path, source: str, sentence: str
) -> None:
    (tmp_path / "notes.txt").write_text("a note")
    (tmp_path / "broken.png").write_text("no picture")
    program = Program(display, tmp_path, str(PYRAMID), source)
    try:
        assert sentence in program.wait_for("error")["text"]
        program.wait_for("shown")
        assert program.process.poll() is None
    finally:
        program.kill()


def test_without_opengl_it_is_one_sentence(display: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESA_GL_VERSION_OVERRIDE", "2.1")
    sentence = Program(display, tmp_path, str(PYRAMID)).refusal()
    assert sentence.startswith("cannot open a window with OpenGL 3.3 (GLX: ") and "--render-path" in sentence


def test_sizes_from_one_pixel_to_very_large(start: Start) -> None:
    program, _ = start(str(PYRAMID))
    window = subprocess.run(
        ["xdotool", "search", "--name", "^Fieldscope$"], env=program.environment, capture_output=True, text=True
    ).stdout.split()[0]
    for size in ((1, 1), (7000, 3000), (2, 900), (400, 400)):
        program.xdo("windowsize", window, *size)
        program.key("plus")
        program.wait_for("shown")
    program.xdo("windowunmap", window)
    program.xdo("windowmap", window)
    program.key("x")
    program.wait_for("shown", layout="wipe")
    program.process.send_signal(signal.SIGINT)
    assert program.end()[0] == 0


def test_the_layout_of_the_last_session_returns(start: Start) -> None:
    program, _ = start(str(PYRAMID))
    program.key("Tab")
    program.wait_for("key", name="Tab", down=False)
    program.process.send_signal(signal.SIGTERM)
    assert program.end()[0] == 0
    layout = json.loads((program.folder / "config" / "fieldscope" / "layout.json").read_text())
    assert layout["view_window"] == [0, 0, 900, 400], "it has the panel's room"
    assert layout["panel_window"] == [420, 0, 480, 980] and layout["panel_open"] is False
    again, ready = start(str(PYRAMID))
    assert ready["view"] == [0, 0, 900, 400] and ready["panel"] == [420, 0, 480, 980]
    again.kill()


@pytest.mark.parametrize("scene", ALL)
def test_random_input_never_breaks_it_and_memory_stays_flat(
    display: str, tmp_path: Path, scene: str, count: int = 250
) -> None:
    program = Path(__file__).parent / "random_input.py"
    environment = {
        "DISPLAY": display, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}:{Path(__file__).parent}", "PATH": "",
        "XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_DATA_HOME": str(tmp_path / "data"),
    }  # fmt: skip
    result = run_preloaded([str(program), str(count), "0", scene], cwd=tmp_path, env=environment)
    assert result.returncode == 0, result.stderr[-2000:]
    report = json.loads(result.stdout.splitlines()[-1])
    assert report["inputs"] == count and report["errors"] == []
    assert report["growth_mb"] < 200, "two more documents and what is kept of them need about 100"
