"""The command line as a person uses it: results, files, exit codes and sentences."""

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
from patience import wait_until
from preloaded import PreloadedProcess, run_preloaded

from fieldcore.cli import run
from fieldcore.commands import COMMANDS
from fieldcore.fields.trained_pyramid import TrainedPyramid
from fieldcore.filters import Gaussian
from fieldcore.fitting import Training
from fieldcore.images import read_image, write_image
from fieldcore.picture_truth import smooth_picture
from fieldcore.scoring import psnr
from fieldcore.signals import Picture

TRAINED = ["--kind", "trained_pyramid", "--size", "32"]
QUICK = [*TRAINED, "--steps", "80"]


@pytest.fixture
def photo(tmp_path, smooth_pixels):
    path = tmp_path / "photo.png"
    write_image(path, smooth_pixels)
    return path


@pytest.fixture(scope="module")
def fitted():
    """The bytes of the field of ``photo``, once it was trained."""
    return []


@pytest.fixture
def field(tmp_path, photo, fitted):
    path = tmp_path / "photo.safetensors"
    if fitted:
        path.write_bytes(fitted[0])
    else:
        assert run(["fit", "picture", str(photo), "--out", str(path), *QUICK]) == 0
        fitted.append(path.read_bytes())
    return path


def output(capsys, *arguments):
    """The JSON object a command prints."""
    capsys.readouterr()
    assert run([*map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refusal(capsys, *arguments):
    """The one sentence a refused command prints."""
    capsys.readouterr()
    assert run([*map(str, arguments)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = [line for line in captured.err.splitlines() if line.strip()]
    assert len(lines) == 1, captured.err
    assert lines[0].startswith("error: ")
    return lines[0]


def test_fit_score_evaluate_info(tmp_path, capsys, photo, field):
    info = output(capsys, "info", field)
    assert (info["kind"], info["training"]["steps"], info["signal"]["resolution"]) == ("trained_pyramid", 80, [32, 21])
    assert info["training"]["stopped_by"] == "steps"
    scores = output(capsys, "score", field, "--signal", photo)
    assert [row["variance"] for row in scores["variances"]] == pytest.approx([0, 1e-4, 1e-3, 1e-2, 1e-1])
    assert len(scores["covariances"]) == 20
    assert scores["same_signal"] is True
    assert scores["mean_psnr"] == pytest.approx(np.mean([row["psnr"] for row in scores["variances"]]))
    assert scores["mean_covariance_psnr"] > 15
    assert {"psnr", "ssim", "flip"} <= scores["variances"][0].keys()
    evaluated = output(capsys, "evaluate", field, "--variance", "1e-3", "--size", "60", "--out", tmp_path / "s.png")
    assert (evaluated["width"], evaluated["height"]) == (60, 39)
    assert read_image(tmp_path / "s.png")[0].shape == (39, 60, 3)
    text = run(["score", str(field), "--signal", str(photo)])
    assert text == 0
    assert "mean over 20 covariances" in capsys.readouterr().out


def test_a_covariance_is_read_as_xx_xy_yy(tmp_path, capsys, photo, field):
    picture = Picture.open(photo, max_size=32)
    streak = tmp_path / "streak.png"
    output(capsys, "evaluate", field, "--covariance", "1e-2,1e-3,2e-4", "--size", 32, "--out", streak)
    values = read_image(streak)[0]
    meant = smooth_picture(picture, Gaussian([[1e-2, 1e-3], [1e-3, 2e-4]]))
    turned = smooth_picture(picture, Gaussian([[2e-4, 1e-3], [1e-3, 1e-2]]))
    assert psnr(values, meant, (0.0, 1.0)) > 22
    assert psnr(values, turned, (0.0, 1.0)) < psnr(values, meant, (0.0, 1.0)) - 4


def test_linear_fields_come_back_in_their_own_units(tmp_path, capsys, smooth_pixels):
    write_image(tmp_path / "bright.exr", 20 * smooth_pixels)
    output(capsys, "fit", "picture", tmp_path / "bright.exr", "--out", tmp_path / "b.safetensors", *QUICK)
    output(capsys, "evaluate", tmp_path / "b.safetensors", "--size", 32, "--out", tmp_path / "out.exr")
    values, encoding, *_ = read_image(tmp_path / "out.exr")
    assert encoding == "linear"
    assert values.mean() == pytest.approx(20 * smooth_pixels.mean(), rel=0.1)


@pytest.mark.parametrize("kind", ["scale_space", "spectral"])
@pytest.mark.usefixtures("few_samples", "narrow_networks")
def test_ackley_and_calibration(tmp_path, capsys, kind):
    path = tmp_path / "ackley.safetensors"
    output(capsys, "fit", "ackley", "--kind", kind, "--preset", "preview", "--steps", "3", "--out", path)
    before = path.read_bytes()
    result = output(capsys, "calibrate", path)
    assert (result["stored"], result["out"]) == (False, None) and result["factor"] > 0
    assert path.read_bytes() == before, "a file is written only if that is asked for"
    if kind == "scale_space":
        result = output(capsys, "calibrate", path, "--overwrite", "--seed", "3")
        assert result["stored"] and path.read_bytes() != before
        assert output(capsys, "info", path)["calibration"] == pytest.approx(result["factor"])
    else:
        sentence = refusal(capsys, "calibrate", path, "--overwrite")
        assert "a spectral field keeps no calibration" in sentence
        assert output(capsys, "score", path, "--signal", "ackley")["variances"][2]["standard_error"] > 0


def test_nothing_is_overwritten_unasked(tmp_path, capsys, photo, field):
    before = field.read_bytes()
    assert "exists; choose another name or add --overwrite" in refusal(
        capsys, "fit", "picture", photo, "--out", field, *QUICK
    )
    picture = tmp_path / "s.png"
    picture.write_bytes(b"mine")
    assert "exists" in refusal(capsys, "evaluate", field, "--out", picture)
    assert picture.read_bytes() == b"mine"
    assert field.read_bytes() == before
    assert run(["evaluate", str(field), "--size", "16", "--out", str(picture), "--overwrite"]) == 0
    assert picture.read_bytes() != b"mine"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["fit", "picture", "no.png", "--out", "OUT.safetensors"], "'no.png': no such file"),
        (["fit", "picture", "PHOTO", "--out", "OUT.pt"], "a field's file ends in .safetensors"),
        (["fit", "picture", "PHOTO", "--out", "PHOTO/x.safetensors"], "is a file, not a folder"),
        (["fit", "picture", "PHOTO", "--out", "OUT.safetensors", "--preset", "huge"], "a pyramid field has picture"),
        (["fit", "picture", "PHOTO", "--out", "OUT.safetensors", "--steps", "0"], "steps: expected"),
        (["fit", "picture", "PHOTO", "--out", "OUT.safetensors", "--seconds", "nan"], "seconds: expected"),
        (["fit", "picture", "PHOTO", "--out", "OUT.safetensors", "--size", "1"], "size: expected at least 2"),
        (["evaluate", "FIELD", "--variance", "-1", "--out", "OUT.png"], "variance: expected 0 or more, got -1"),
        (["evaluate", "FIELD", "--variance", "inf", "--out", "OUT.png"], "variance: expected finite numbers"),
        (["evaluate", "FIELD", "--covariance", "1,2", "--out", "OUT.png"], "expected three numbers xx,xy,yy"),
        (["evaluate", "FIELD", "--covariance", "1e-3,1,1e-3", "--out", "OUT.png"], "positive semi-definite"),
        (["evaluate", "FIELD", "--variance", "1e-3", "--covariance", "1,0,1", "--out", "OUT.png"], "not both"),
        (["evaluate", "FIELD", "--out", "OUT.gif"], "the suffix '.gif' is no picture format"),
        (["evaluate", "FIELD", "--size", "0", "--out", "OUT.png"], "--size: expected at least 1"),
        (["evaluate", "no.safetensors", "--out", "OUT.png"], "field 'no.safetensors': no such file"),
        (["info", "PHOTO"], "not a safetensors file"),
        (["score", "FIELD", "--signal", "no.png"], "'no.png': no such file"),
        (["score", "FIELD", "--signal", "PHOTO", "--device", "cuda"], "this machine has no such device"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_left(tmp_path, capsys, photo, field, arguments, expected):
    import torch

    if "cuda" in arguments and torch.cuda.is_available():
        pytest.skip("this machine has the device that the test wants absent")
    names = {"PHOTO": str(photo), "FIELD": str(field), "OUT": str(tmp_path / "out")}
    for name, value in names.items():
        arguments = [argument.replace(name, value) for argument in arguments]
    before = sorted(tmp_path.rglob("*"))
    assert expected in refusal(capsys, *arguments)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_full_disk_is_one_sentence(capsys, field):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    from fieldcore.images.writing import WRITERS

    def to_full_disk(path, values):
        with Path("/dev/full").open("wb", buffering=0) as full:
            full.write(b"x")

    before = sorted(field.parent.iterdir())
    original = WRITERS[".png"]
    WRITERS[".png"] = to_full_disk
    try:
        out = field.parent / "full.png"
        assert "the disk is full" in refusal(capsys, "evaluate", field, "--size", 16, "--out", out)
    finally:
        WRITERS[".png"] = original
    assert sorted(field.parent.iterdir()) == before


HELD = """
import runpy, signal
from fieldcore.fitting import Training

def save_and_wait(self, path, save=Training.save):
    if self.step == 30:
        save(self, path)
        signal.pause()

Training.save = save_and_wait
runpy.run_module("fieldcore", run_name="__main__", alter_sys=True)
"""
"""Keeps the state of a training in the midst of it, and waits to be killed."""


def fit_process(photo, out, *options, program=("-m", "fieldcore")):
    arguments = ["fit", "picture", str(photo), "--out", str(out), *TRAINED, "--seed", "4", *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return PreloadedProcess([*program, *arguments], env=environment)


def test_killed_and_resumed_gives_the_same_bytes(tmp_path, photo):
    steps = ["--steps", "50"]
    whole = tmp_path / "whole.safetensors"
    assert fit_process(photo, whole, *steps).wait() == 0

    out, state = tmp_path / "killed.safetensors", tmp_path / "killed.training.safetensors"
    process = fit_process(photo, out, *steps, "--checkpoint-seconds", "1e-9", program=("-c", HELD))
    wait_until(state.exists, lambda: process.poll() is None)
    process.kill()
    process.communicate()
    assert not out.exists()

    same = ["fit", "picture", str(photo), "--out", str(out), *TRAINED, "--seed", "4", *steps]
    assert run(same) == 2
    assert run([*same[:-1], "60", "--resume"]) == 2
    assert fit_process(photo, out, *steps, "--resume").wait() == 0
    assert out.read_bytes() == whole.read_bytes()
    assert not state.exists()
    assert run([*same, "--resume"]) == 0  # nothing left to do
    assert out.read_bytes() == whole.read_bytes()


def test_a_terminated_training_is_kept_and_says_how_to_go_on(tmp_path, photo):
    out, state = tmp_path / "stopped.safetensors", tmp_path / "stopped.training.safetensors"
    process = fit_process(photo, out, "--steps", "1000000000", "--checkpoint-seconds", "0.05")
    wait_until(state.exists, lambda: process.poll() is None)
    process.send_signal(signal.SIGTERM)
    _, message = process.communicate()
    assert process.returncode == 130
    assert "continue it with --resume" in message
    assert Training.load(state).step > 0


def test_what_comes_before_the_first_step_is_interrupted_at_once(tmp_path, photo, monkeypatch, capsys):
    def preparing(field, signal_to_learn):
        os.kill(os.getpid(), signal.SIGINT)
        raise AssertionError("went on")

    monkeypatch.setattr(TrainedPyramid, "prepare", preparing)
    out = tmp_path / "never.safetensors"
    assert run(["fit", "picture", str(photo), "--out", str(out), *TRAINED]) == 130
    assert "interrupted" in capsys.readouterr().err
    assert not list(tmp_path.glob("never*")), "there is nothing to keep"


def test_help_names_every_command():
    text = run_preloaded(["-m", "fieldcore", "--help"]).stdout
    assert all(f"\n  {command} " in text for command in COMMANDS)
