"""The command line of ``fieldscope``: what it takes, what it refuses, and its help."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest

import app.cli
from app.cli import understood
from app.modes import CALLED, EVERY, PATHS
from app.opening import opened_scenes, refuse_other_scenes
from app.program_options import EXAMPLES, Options, given_settings
from app.scene_names import ALL, scene_named
from app.setting import Setting
from app.settings import SETTINGS
from fieldcore.arguments import options_of
from fieldcore.errors import InputError

ROOT = Path(__file__).parents[2]
FLAGS = [setting for setting in SETTINGS if setting.flag]
PATH = {"format": "fieldscope-path", "version": 1, "scene": "picture", "field": "f", "keyframes": [{"time": 0}]}
FLIGHT = PATH | {"scene": "textured_mesh", "model": "m.glb"}


def words_for(setting: Setting) -> list[str]:
    """The setting's flag, with its usual value where it takes one."""
    option = next(one for one in options_of(Options) if one.name == setting.option_name)
    if option.is_switch:
        return [option.flag]
    values = {
        "slider": f"{setting.least}",
        "log": f"{setting.least}",
        "number": f"{setting.least}",
        "whole": f"{round(setting.least)}",
        "text": "0",
    }
    return [f"{option.flag}={get_args(setting.flag_type)[0] if setting.widget == 'choice' else values[setting.widget]}"]


def refusal(words: list[str], capsys: pytest.CaptureFixture) -> str:
    assert app.cli.run(words) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.startswith("error: ") and captured.err.count("\n") == 1
    return captured.err


@pytest.mark.parametrize("setting", FLAGS, ids=lambda setting: setting.name)
def test_a_setting_of_the_window_is_refused_where_it_does_nothing(
    setting: Setting, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    assert given_settings(understood(words_for(setting))).keys() == {setting}
    for scene, path in (("picture", PATH), ("textured_mesh", FLIGHT), ("shape", PATH | {"scene": "shape"})):
        if scene not in setting.renders:
            path = {name: entry for name, entry in path.items() if name != "field" or scene != "textured_mesh"}
            (tmp_path / "path.json").write_text(json.dumps(path))
            words = ["--render-path", str(tmp_path / "path.json"), "--out", str(tmp_path / "out"), *words_for(setting)]
            assert " does not go with " in (
                sentence := refusal(words, capsys)
            ) and f"--{setting.name}" in sentence.replace("--no-", "--")
    assert " does not go with --uv-sequence" in refusal(["--uv-sequence", "uv", *words_for(setting)], capsys)
    assert " does not go with --benchmark" in refusal(["--benchmark", *words_for(setting)], capsys)


@pytest.mark.parametrize("option", options_of(Options), ids=lambda option: option.name)
def test_every_option_goes_with_something(option: Any) -> None:
    entry = next(entry for entry in dataclasses.fields(Options) if entry.name == option.name)
    assert set(entry.metadata["serves"]) <= set(EVERY) and entry.metadata["serves"]
    assert option.details.help and option.default is not dataclasses.MISSING


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["--render-path", "p.json", "photo.png"],
            "'photo.png' does not go with --render-path; it goes with the window",
        ),
        (["--out", "f"], "--out does not go with the window; it goes with --render-path or --uv-sequence"),
        (["photo.png", "--size", "64x64"], "--size does not go with the window; it goes with --render-path"),
        (["--overwrite"], "--overwrite does not go with the window"),
        (["--benchmark", "photo.png"], "'photo.png' does not go with --benchmark"),
        (["--benchmark", "--require-gpu"], "--require-gpu does not go with --benchmark"),
        (["--benchmark", "--render-path", "p"], "--benchmark does not go with --render-path"),
        (["--uv-sequence", "uv", "--size", "8x8"], "--size does not go with --uv-sequence"),
        (["--uv-sequence", "uv", "--require-gpu"], "--require-gpu does not go with --uv-sequence"),
        (["--quiet"], "--quiet does not go with the window"),
    ],
)
def test_an_option_without_effect_is_refused(words: list[str], sentence: str, capsys: pytest.CaptureFixture) -> None:
    assert sentence in refusal(words, capsys)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--variance", "big"], "--variance: expected a number, got 'big'"),
        (["--variance", "101"], "--variance: expected a number from 0 to 100, got 101.0"),
        (["--samples", "2.5"], "--samples: expected a whole number, got '2.5'"),
        (["--samples", "0"], "--samples: expected a whole number from 1 to 16, got 0"),
        (["--slice", "w"], "--slice: expected one of none, x, y, z, got 'w'"),
        (["--zoom"], "--zoom: expected a value (NUMBER), got none"),
        (["--zom", "2"], "there is no option --zom; did you mean --zoom?"),
        (["--shadows"], "there is no option --shadows; did you mean --no-shadows?"),
    ],
)
def test_what_cannot_be_understood_is_one_sentence(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture
) -> None:
    assert sentence in refusal(words, capsys)


def test_the_flags_of_older_programs_still_work_and_no_help_names_them(capsys: pytest.CaptureFixture) -> None:
    for former, now in (
        (["--shape-divider", "0.25"], ["--divider", "0.25"]), (["--shading-divider=0.5"], ["--divider=0.5"]),
        (["--distance-range", "0.01"], ["--error-range", "0.01"]), (["--shading", "uv"], ["--left", "uv"]),
        (["--beside", "neural"], ["--right", "neural"]), (["--shadings", "error"], ["--comparison", "error"]),
        (["--floor"], ["--grid"]), (["--no-floor"], ["--no-grid"]),
    ):  # fmt: skip
        assert given_settings(understood(former)) == given_settings(understood(now)) != {}
        app.cli.run(["--help"])
        assert f"{former[0].split('=')[0]} " not in capsys.readouterr().out


def test_an_error_is_json_where_that_is_asked_for(capsys: pytest.CaptureFixture) -> None:
    assert app.cli.run(["--json", "--zoom", "big"]) == 2
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"error": "--zoom: expected a number, got 'big'"} and captured.err == ""


def test_the_help_names_everything_once_under_its_scene(capsys: pytest.CaptureFixture) -> None:
    assert app.cli.run(["--help"]) == 0
    page = capsys.readouterr().out
    assert all(len(line) <= 80 for line in page.splitlines())
    for option in options_of(Options):
        shown = option.metavar if option.details.positional else option.flag
        assert (
            sum(
                line.strip().startswith((f"{shown} ", f"-o, {shown} ", f"-q, {shown} ")) or line.strip() == shown
                for line in page.splitlines()
            )
            == 0
            if option.details.hidden
            else 1
        )
    for example in EXAMPLES:
        assert f"  {example}" in page
    for internal in ("None", "STR", "FLOAT", "INT|", "{"):
        assert internal not in page
    headings = [line for line in page.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings.index("rendering without a window:") < headings.index("in the window: pictures:")
    assert headings.index("in the window: pictures:") < headings.index("in the window: shapes:")


def test_what_is_switched_off_says_so() -> None:
    for setting in FLAGS:
        if setting.widget == "toggle" and setting.usual:
            option = next(one for one in options_of(Options) if one.name == setting.option_name)
            assert option.flag == f"--no-{setting.name}"
            assert setting.switched_off and setting.switched_off.lower() in option.details.help.lower()


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_are_understood(example: str) -> None:
    understood(example.split()[1:])


def test_the_version_is_printed(capsys: pytest.CaptureFixture) -> None:
    assert app.cli.run(["--version"]) == 0
    program, version = capsys.readouterr().out.split()
    assert program == "fieldscope" and version[0].isdigit()


@pytest.mark.parametrize(
    ("sources", "scenes"),
    [
        ([], ("picture",)),
        (["photo.PNG", "sample:camera"], ("picture",)),
        (["assets/pyramid.safetensors"], ("picture",)),
        (["assets/shape.safetensors", "assets/ammonite.ply"], ("shape",)),
        (["assets/ammonite.ply"], ("textured_mesh",)),
        (["assets/fish.glb", "cloth.png"], ("textured_mesh",)),
        (["assets/fish.glb", "assets/pyramid.safetensors"], ("textured_mesh", "picture")),
        (["assets/turntable.json"], ("shape",)),
        (["assets/flight.json", "photo.jpg"], ("textured_mesh", "picture")),
        (["missing.safetensors"], ALL),
        (["missing.json"], ALL),
    ],
)
def test_the_scenes_that_files_open(
    sources: list[str], scenes: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert opened_scenes(sources) == scenes


@pytest.mark.parametrize("setting", FLAGS, ids=lambda setting: setting.name)
def test_a_setting_of_another_scene_is_refused(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for sources, scene in (
        (["photo.png"], "picture"),
        (["assets/shape.safetensors"], "shape"),
        (["assets/fish.glb"], "textured_mesh"),
    ):
        says_which = len(setting.scenes) == 1 and scene_named(setting.scenes[0]).can_open(sources[0])
        if scene in setting.scenes or says_which:
            refuse_other_scenes([setting], sources)
        else:
            with pytest.raises(InputError, match=f"--{setting.name}: goes with the scene .* '{sources[0]}' opens"):
                refuse_other_scenes([setting], sources)


def test_paths_together_are_called_after_their_option() -> None:
    assert set(CALLED) == set(EVERY) and set(PATHS) < set(EVERY)


HEAVY = {"torch", "scipy", "moderngl", "dearpygui", "glfw", "skimage", "trimesh", "cv2", "PIL", "matplotlib"}


@pytest.mark.parametrize(
    "words",
    [["--help"], ["--version"], ["--zom", "2"], ["--render-path", "missing.json", "--out", "o"], ["--size", "2"]],
)
def test_help_and_refusals_import_nothing_heavy(words: list[str]) -> None:
    program = "import json, sys, app.cli\napp.cli.run(sys.argv[1:])\nprint(json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", program, *words],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {name.split(".")[0] for name in json.loads(run.stdout.splitlines()[-1])}
    assert not imported & HEAVY


def test_a_reader_that_leaves_ends_the_help_quietly() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer) as gone:
        run = subprocess.run(
            [sys.executable, "-m", "app", "--help"], stdout=gone, stderr=subprocess.PIPE, text=True, cwd=ROOT
        )
    assert (run.returncode, run.stderr) == (0, "")


def test_a_name_that_the_terminal_cannot_show_is_no_traceback(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "app", "--render-path", str(tmp_path / "für.json"), "--out", str(tmp_path / "ö")],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert run.returncode == 2 and run.stderr.startswith("error: path '") and run.stderr.count("\n") == 1
