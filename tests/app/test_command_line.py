"""``fieldscope`` as a person calls it; what it takes and refuses is in test_options.py."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import moderngl
import numpy as np
import pytest
from preloaded import run_preloaded
from waves import COLOUR_FACTS, Waves

import app.cli
import app.document
import app.gl.offscreen
from app.document import Document
from app.gl.offscreen import Offscreen
from fieldcore.checkpoint import TrainingFacts, save_field
from fieldcore.fields import build_field, preset_recipe
from fieldcore.images import read_image

ROOT = Path(__file__).parents[2]
SurfaceOf = Callable[[int, int], Offscreen]


@pytest.fixture
def call(
    path_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> Callable[..., tuple[int, str, str]]:
    """Run the command line on the test's path and a field in closed form: exit code, output, errors."""
    monkeypatch.setattr(app.document, "open_document", lambda path, *_: Document(path, Waves(), TrainingFacts()))

    def run(*arguments: str) -> tuple[int, str, str]:
        given = ["--render-path", str(path_file), "--out", str(tmp_path / "out"), "--size", "64x40"]
        code = app.cli.run([*given, *arguments])
        return code, *capsys.readouterr()

    return run


def test_a_render_says_what_it_did(call, surface_of: SurfaceOf, tmp_path: Path) -> None:
    surface_of(8, 8)
    code, output, errors = call()
    assert code == 0
    assert output.startswith(f"7 frames in '{tmp_path / 'out'}', ")
    assert output.count("\n") == 1 and errors == "", "a log file has a line each ten seconds"


def test_json_is_one_object_and_alone_on_standard_output(call, surface_of: SurfaceOf, tmp_path: Path) -> None:
    renderer = surface_of(8, 8).renderer
    code, output, _ = call("--json", "--video", str(tmp_path / "out.mp4"))
    result = json.loads(output)
    assert code == 0 and result.pop("seconds") > 0
    assert result == {
        "frames": 7,
        "folder": str(tmp_path / "out"),
        "video": str(tmp_path / "out.mp4"),
        "renderer": renderer,
    }


def test_a_real_field_is_loaded_from_beside_its_path(
    surface_of: SurfaceOf, path_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    surface_of(8, 8)
    recipe = preset_recipe("spectral", "preview", COLOUR_FACTS)
    save_field(tmp_path / "waves.safetensors", build_field(recipe, COLOUR_FACTS), TrainingFacts())
    code = app.cli.run(["--render-path", str(path_file), "--out", str(tmp_path / "out"), "--size", "32x20"])
    assert code == 0, capsys.readouterr().err
    assert read_image(tmp_path / "out" / "frame_000006.png")[0].shape == (20, 32, 3)


def test_the_same_path_gives_the_same_bytes(call, surface_of: SurfaceOf, tmp_path: Path) -> None:
    surface_of(8, 8)
    call()
    first = [file.read_bytes() for file in sorted((tmp_path / "out").glob("*.png"))]
    code, _, _ = call("--overwrite")
    assert code == 0
    assert [file.read_bytes() for file in sorted((tmp_path / "out").glob("*.png"))] == first


@pytest.mark.parametrize("arguments", [[], ["photo.png"], ["--benchmark"]])
def test_without_a_display_it_says_what_to_run(arguments: list[str], tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(tmp_path)}
    environment = {name: value for name, value in environment.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    result = run_preloaded(["-m", "app", *arguments], env=environment, cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr.startswith("error: cannot open a window: there is no display; run it on a desktop")
    assert "--render-path PATH.json --out FRAMES" in result.stderr and result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--covariance", "1,2"], "covariance: expected 3 numbers with commas between, got '1,2'"),
        (["--covariance", "1,5,1"], "expected a positive semi-definite matrix"),
        (["--variance", "-1"], "variance: expected a number from 0 to 100, got -1.0"),
        (["--center", "left"], "center: expected a number, a number with commas between, got 'left'"),
    ],
)
def test_a_setting_out_of_bounds_is_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture
) -> None:
    assert app.cli.run(arguments) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--size", "12x"), "--size: expected a width and a height in pixels such as 1280x720, got '12x'"),
        (("--size", "0x0"), "got '0x0'"),
        (("--size", "-4x4"), "got '-4x4'"),
        (("--size", "999999x4"), "--size 999999x4: this driver draws at most"),
        (("--video", "out.avi"), "expected a name ending in .mp4, .webm or .gif, got '.avi'"),
        (("--require-gpu",), "--require-gpu: OpenGL draws in software here (llvmpipe"),
        (("--render-path", "missing.json"), "path 'missing.json': cannot be read (No such file"),
        (("--out", "/dev/null/frames"), "cannot write into '/dev/null/frames': '/dev/null' is a file"),
        (("--out", "/proc/frames"), "cannot write into '/proc/frames'"),
    ],
    ids=lambda value: " ".join(value)[:24] if isinstance(value, tuple) else "",
)
def test_bad_input_is_one_sentence_and_leaves_nothing(
    call, surface_of: SurfaceOf, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    if "--require-gpu" in arguments and "llvmpipe" not in surface_of(8, 8).renderer:
        pytest.skip("this machine draws with a GPU")
    surface_of(8, 8)
    code, output, errors = call(*arguments)
    assert code == 2 and output == ""
    last = errors.splitlines()[-1]
    assert last.startswith("error: ") and sentence in last
    assert {file.name for file in tmp_path.iterdir()} == {"path.json", "waves.safetensors"}


def test_frames_and_videos_are_not_overwritten(call, surface_of: SurfaceOf, tmp_path: Path) -> None:
    surface_of(8, 8)
    call()
    before = (tmp_path / "out" / "frames.json").read_bytes()
    code, _, errors = call()
    assert code == 2 and "add --overwrite" in errors
    assert (tmp_path / "out" / "frames.json").read_bytes() == before
    (tmp_path / "kept.mp4").write_bytes(b"mine")
    code, _, errors = call("--out", str(tmp_path / "other"), "--video", str(tmp_path / "kept.mp4"))
    assert code == 2 and "kept.mp4' exists" in errors
    assert (tmp_path / "kept.mp4").read_bytes() == b"mine" and not (tmp_path / "other").exists()


def test_a_missing_field_is_one_sentence(
    surface_of: SurfaceOf, path_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    surface_of(8, 8)
    (tmp_path / "waves.safetensors").unlink()
    assert app.cli.run(["--render-path", str(path_file), "--out", str(tmp_path / "out")]) == 2
    assert "waves.safetensors': no such file" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_no_egl_is_one_sentence_naming_the_packages(call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(**options: object) -> None:
        raise Exception("libEGL.so not loaded")

    monkeypatch.setattr(moderngl, "create_context", fail)
    code, _, errors = call()
    assert code == 2 and not (tmp_path / "out").exists()
    assert "EGL with OpenGL 3.3 is missing (libEGL.so not loaded)" in errors
    assert "apt install libegl1 libegl-mesa0 libgl1 libgl1-mesa-dri libgles2" in errors


def test_a_machine_without_a_driver_is_told_so(path_file: Path, tmp_path: Path, surface_of: SurfaceOf) -> None:
    surface_of(8, 8)
    recipe = preset_recipe("spectral", "preview", COLOUR_FACTS)
    save_field(tmp_path / "waves.safetensors", build_field(recipe, COLOUR_FACTS), TrainingFacts())
    render = run_preloaded(
        ["-m", "app", "--render-path", str(path_file), "--out", str(tmp_path / "out")],
        cwd=ROOT,
        env={**os.environ, "__EGL_VENDOR_LIBRARY_FILENAMES": "/nonexistent.json"},
    )
    assert render.returncode == 2 and render.stderr.startswith("error: cannot draw without a window: EGL")
    assert render.stderr.count("\n") == 1


def test_every_driver_limit_is_respected(surface_of: SurfaceOf) -> None:
    surface = surface_of(8, 8)
    limit = int(np.min([surface.context.info["GL_MAX_TEXTURE_SIZE"], *surface.context.info["GL_MAX_VIEWPORT_DIMS"]]))
    with pytest.raises(app.gl.offscreen.InputError, match=f"at most {limit} pixels a side"):
        app.gl.offscreen._framebuffer(surface.context, (limit + 1, 1))
