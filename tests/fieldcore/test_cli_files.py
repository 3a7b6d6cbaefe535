"""What commands read and write: several inputs, default names, standard output, files that are replaced."""

from __future__ import annotations

import io
import json
import stat
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fieldcore import cli
from fieldcore.checkpoint import load_checkpoint
from fieldcore.fitting import Training
from fieldcore.images import read_image, write_image
from fieldcore.progress_lines import progress_lines_shown

STEPS = ["--kind", "spectral", "--steps", "2", "--size", "8", "--quiet"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A folder with two pictures and a field of the first, trained for a moment."""
    folder = tmp_path_factory.mktemp("files")
    for number, name in enumerate(("one", "two")):
        pixels = np.random.default_rng(number).random((16, 24, 3)).astype(np.float32)
        write_image(folder / f"{name}.png", pixels)
    words = [
        "fit",
        "picture",
        str(folder / "one.png"),
        *STEPS,
        "--keep-state",
        "--out",
        str(folder / "one.safetensors"),
    ]
    assert cli.run(words) == 0
    return folder


@pytest.fixture
def here(shared, tmp_path, monkeypatch):
    """The current folder, a copy of ``shared``."""
    for path in shared.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def answers(capsys, *words: str) -> list[dict]:
    capsys.readouterr()
    assert cli.run([*words, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def refusal(capsys, *words: str) -> str:
    capsys.readouterr()
    assert cli.run(list(words)) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("error: ") and err.count("\n") == 1, err
    return err


def test_several_pictures_become_a_field_each(here, capsys):
    (here / "one.safetensors").unlink()
    (here / "one.training.safetensors").unlink()
    found = answers(capsys, "fit", "picture", "one.png", "two.png", *STEPS)
    assert [entry["out"] for entry in found] == ["one.safetensors", "two.safetensors"]
    assert [entry["kind"] for entry in found] == ["spectral", "spectral"]
    assert "'two.safetensors' exists" in refusal(capsys, "fit", "picture", "two.png", "one.png", *STEPS)
    found = answers(capsys, "info", "one.safetensors", "two.safetensors")
    assert [entry["signal"]["name"] for entry in found] == ["one.png", "two.png"]
    found = answers(capsys, "evaluate", "one.safetensors", "two.safetensors", "--variance", "1e-3", "-o", "out/")
    assert [entry["out"] for entry in found] == ["out/one_smooth.png", "out/two_smooth.png"]
    assert "give a folder" in refusal(capsys, "fit", "picture", "one.png", "two.png", "--out", "x.safetensors")
    assert "two inputs would both be written to 'one.safetensors'" in refusal(
        capsys, "fit", "picture", "one.png", "./one.png", *STEPS
    )


def test_a_picture_has_its_own_size_and_name_by_default(here, capsys):
    (found,) = answers(capsys, "evaluate", "one.safetensors")
    assert found == {"out": "one_field.png", "width": 8, "height": 5}
    assert (here / "one.png").read_bytes() != (here / "one_field.png").read_bytes()


@pytest.mark.parametrize(("suffix", "bits"), [("png", 16), ("tif", 16), ("tiff", 16), ("jpeg", 8), ("webp", 8)])
def test_pictures_of_16_bits_and_by_every_suffix(here, capsys, suffix, bits):
    words = ["evaluate", "one.safetensors", "-o"]
    answers(capsys, *words, f"a.{suffix}", *(["--bits", "16"] if bits == 16 else []))
    answers(capsys, *words, "a.exr")
    fine, coarse = read_image(here / f"a.{suffix}").values, read_image(here / "a.exr").values
    assert fine.shape == coarse.shape == (5, 8, 3)
    levels = np.unique(np.rint(fine * 65535).astype(int) % 257)
    assert (len(levels) > 1) == (bits == 16), "8 bits are multiples of 257"


def test_bits_without_effect_are_refused(here, capsys):
    for name in ("a.exr", "a.jpg"):
        assert "16" in refusal(capsys, "evaluate", "one.safetensors", "-o", name, "--bits", "16") or name == "a.exr"
    assert "--bits: expected 8 or 16, got 12" in refusal(capsys, "evaluate", "one.safetensors", "--bits", "12")
    assert "--out - or --json" in json.loads(_json_error(capsys, "evaluate", "one.safetensors", "-o", "-"))["error"]


def _json_error(capsys, *words: str) -> str:
    capsys.readouterr()
    assert cli.run([*words, "--json"]) == 2
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_errors_are_json_where_results_are(here, capsys):
    for words in (
        ["info", "no.safetensors"],
        ["evaluate", "--variance", "big", "x"],
        ["fit", "pictures"],
        ["--nothing"],
    ):
        assert list(json.loads(_json_error(capsys, *words))) == ["error"]


def test_a_picture_goes_to_standard_output(here, monkeypatch):
    class Binary(io.StringIO):
        buffer = io.BytesIO()

    monkeypatch.setattr(sys, "stdout", Binary())
    assert cli.run(["evaluate", "one.safetensors", "-o", "-", "--bits", "16"]) == 0
    assert np.asarray(Image.open(io.BytesIO(Binary.buffer.getvalue()))).shape == (5, 8, 3)
    assert sys.stdout.getvalue() == "", "nothing but the picture"


def test_a_picture_comes_from_standard_input(here, capsys, monkeypatch):
    class Input:
        buffer = io.BytesIO((here / "two.png").read_bytes())

    monkeypatch.setattr(sys, "stdin", Input())
    (found,) = answers(capsys, "fit", "picture", "-", *STEPS)
    assert found["out"] == "stdin.safetensors"
    two = load_checkpoint(here / "stdin.safetensors").field.facts
    answers(capsys, "fit", "picture", "two.png", *STEPS)
    assert two.digest == load_checkpoint(here / "two.safetensors").field.facts.digest


def test_filters_are_read_by_name(here, capsys):
    answers(capsys, "evaluate", "one.safetensors", "--filter", "gaussian:1e-2", "-o", "a.png")
    answers(capsys, "evaluate", "one.safetensors", "--variance", "1e-2", "-o", "b.png")
    answers(capsys, "evaluate", "one.safetensors", "--filter", "box:0.3,0.1", "-o", "c.png")
    assert (here / "a.png").read_bytes() == (here / "b.png").read_bytes() != (here / "c.png").read_bytes()
    assert "give --variance or --filter, not both" in refusal(
        capsys, "evaluate", "one.safetensors", "--filter", "box:0.3", "--variance", "1"
    )
    assert "did you mean box?" in refusal(capsys, "evaluate", "one.safetensors", "--filter", "bax:0.3")


@pytest.mark.usefixtures("narrow_networks")
def test_calibrate_writes_where_it_is_told_and_keeps_mode_and_link(here, capsys):
    answers(capsys, "fit", "picture", "two.png", "--kind", "scale_space", *STEPS[2:])
    field, link = here / "two.safetensors", here / "link.safetensors"
    field.chmod(0o600)
    link.symlink_to(field)
    before = field.read_bytes()
    answers(capsys, "calibrate", "link.safetensors", "--seed", "7")
    assert field.read_bytes() == before
    (found,) = answers(capsys, "calibrate", "link.safetensors", "--seed", "7", "--overwrite")
    assert found["stored"] and link.is_symlink() and stat.S_IMODE(field.stat().st_mode) == 0o600
    assert field.read_bytes() != before
    (found,) = answers(capsys, "calibrate", "link.safetensors", "--out", "other.safetensors")
    assert found["out"] == "other.safetensors" and (here / "other.safetensors").is_file()
    assert "'other.safetensors' exists" in refusal(capsys, "calibrate", "link.safetensors", "-o", "other.safetensors")
    assert "keeps no calibration" in refusal(capsys, "calibrate", "one.safetensors", "--overwrite")
    assert "no file of yours" in refusal(capsys, "calibrate", "sample:scale_space", "--overwrite")


def test_a_finished_training_goes_on_as_if_it_had_been_longer(here, capsys):
    words = ["fit", "picture", "one.png", "--continue", "one.safetensors"]
    (found,) = answers(capsys, *words, "--steps", "3")
    assert (found["steps"], found["out"]) == (5, "one.safetensors")
    state = Training.load(here / "one.training.safetensors")
    assert state.step == 5 and len(state.optimizer.state) > 0, "what was kept is kept on"
    (here / "one.training.safetensors").unlink()
    with progress_lines_shown():
        assert cli.run([*words, "--steps", "1", "--out", "six.safetensors"]) == 0
    assert "note: there is no state beside 'one.safetensors'" in capsys.readouterr().err
    assert load_checkpoint(here / "six.safetensors").training.steps == 6
    assert load_checkpoint(here / "one.safetensors").training.steps == 5
    assert not (here / "six.training.safetensors").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "--continue: add --steps or --seconds"),
        (["--steps", "2", "--kind", "pyramid"], "--kind: has no effect with --continue"),
        (["--steps", "2", "--size", "9"], "--size: has no effect with --continue"),
        (["--steps", "2", "--resume"], "--resume: has no effect with --continue"),
        (["--steps", "2", "two.png"], "--continue: expected one input"),
    ],
)
def test_what_a_field_says_already_is_refused(here, capsys, options, sentence):
    assert sentence in refusal(capsys, "fit", "picture", "one.png", "--continue", "one.safetensors", *options)


def test_a_training_goes_on_only_with_its_own_picture(here, capsys):
    sentence = refusal(capsys, "fit", "picture", "two.png", "--continue", "one.safetensors", "--steps", "1")
    assert "was trained on another picture, 'one.png' (the digest differs)" in sentence
    Path("renamed.png").write_bytes(Path("one.png").read_bytes())
    answers(capsys, "fit", "picture", "renamed.png", "--continue", "one.safetensors", "--steps", "1")


def test_a_renamed_picture_is_the_same_to_resume(here, capsys):
    Path("renamed.png").write_bytes(Path("one.png").read_bytes())
    words = ["fit", "picture", "renamed.png", *STEPS[:-1], "--out", "one.safetensors", "--resume"]
    assert answers(capsys, *words)[0]["steps"] == 2


def test_a_finished_training_says_that_nothing_is_left(here, capsys):
    (here / "one.training.safetensors").unlink()
    words = ["fit", "picture", "one.png", *STEPS[:-1], "--out", "one.safetensors", "--resume"]
    before = (here / "one.safetensors").read_bytes()
    assert cli.run(words) == 0
    assert "is finished, after 2 steps; nothing was left to do" in capsys.readouterr().err
    sentence = refusal(capsys, *words, "--seconds", "3")
    assert "--seconds: the training in 'one.safetensors' is finished" in sentence and "--continue" in sentence
    assert (here / "one.safetensors").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--background", "nan", "0", "0"], "--background: expected from 0 to 1, got nan"),
        (["--background", "0", "2", "0"], "--background: expected from 0 to 1, got 2"),
        (["--background", "0", "-5", "0"], "--background: expected from 0 to 1, got -5"),
        (["--checkpoint-seconds", "nan"], "--checkpoint-seconds: expected a number above 0, got nan"),
        (["--checkpoint-seconds", "-1"], "--checkpoint-seconds: expected a number above 0, got -1"),
        (["--steps", "0"], "--steps: expected a number above 0, got 0"),
        (["--steps", "1.5"], "--steps: expected a whole number, got '1.5'"),
        (["--plateau", "-3"], "--plateau: expected a number above 0"),
        (["--target-psnr", "inf"], "--target-psnr: expected a number above 0, got inf"),
        (["--seed", "-1"], "--seed: expected from 0 to 2147483647, got -1"),
        (["--size", "1"], "--size: expected at least 2 pixels"),
        (["--kind", "pyramids"], "--kind: expected one of"),
        (["--device", "gpu"], "--device: expected one of auto, cpu, cuda, mps"),
        (["--resume", "--overwrite"], "give --resume to go on with a training or --overwrite"),
        (["--out", "loop.safetensors"], "its links lead round in a circle"),
        (["--out", "folder.safetensors"], "is a folder"),
        (["--out", "one.png/x.safetensors"], "is a file, not a folder"),
        (["--out", "-"], "a field's file ends in .safetensors"),
        (["--out", "x.pt"], "a field's file ends in .safetensors"),
    ],
)
def test_options_are_checked_before_the_work(here, capsys, monkeypatch, options, sentence):
    (here / "loop.safetensors").symlink_to("loop.safetensors")
    (here / "folder.safetensors").mkdir()
    monkeypatch.setattr("fieldcore.images.reading.read_image", lambda path: pytest.fail("began to work"))
    assert sentence in refusal(capsys, "fit", "picture", "two.png", *options)


@pytest.mark.parametrize("words", [["--checkpoint-seconds", "3"], ["--keep-state"]])
def test_what_has_no_effect_on_a_field_that_is_solved_for_is_refused(here, capsys, words):
    sentence = refusal(capsys, "fit", "picture", "two.png", *words)
    assert f"{words[0]}: has no effect on a pyramid, which is solved for in one step" in sentence


def test_limits_of_a_training_are_never_reached_by_a_field_that_is_solved_for(here, capsys):
    assert cli.run(["fit", "picture", "two.png", "--steps", "3", "--seconds", "9", "--json"]) == 0
    assert "a pyramid is solved for in one step, well within --steps and --seconds" in capsys.readouterr().err
    (found,) = answers(capsys, "info", "two.safetensors")
    assert found["training"]["stopped_by"] == "solved"
    sentence = refusal(capsys, "fit", "picture", "two.png", "--continue", "two.safetensors", "--steps", "3")
    assert "was solved for; there is nothing to train" in sentence


def test_two_trainings_into_one_file(here, capsys):
    from fieldcore.files import locked

    with locked("two.safetensors"):
        assert "another process is writing" in refusal(capsys, "fit", "picture", "two.png", *STEPS)
    assert sorted(path.name for path in here.iterdir()) == [
        "one.png",
        "one.safetensors",
        "one.training.safetensors",
        "two.png",
    ]


def test_quiet_says_nothing_on_standard_error(here, capsys, monkeypatch):
    monkeypatch.setattr("fieldcore.progress_lines._is_terminal", lambda: True)
    assert cli.run(["fit", "picture", "two.png", *STEPS]) == 0
    assert capsys.readouterr().err == ""
    assert cli.run(["fit", "picture", "two.png", *STEPS[:-1], "--overwrite"]) == 0
    assert "preparing" in capsys.readouterr().err
