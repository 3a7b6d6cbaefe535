"""The commands about radiance fields."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sphere_scenes import write_ball_scene

from fieldcore.cli import run
from fieldcore.images import read_image

TINY = ("--steps", "3", "--points-per-step", "64", "--finest-cells", "24", "--levels", "2", "--quiet")


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(words) == 2
    return capsys.readouterr().err


@pytest.mark.long
def test_fit_and_look_at_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scene, field = write_ball_scene(tmp_path / "a scene", 9, 16), str(tmp_path / "field.safetensors")
    assert run(["fit", "radiance", str(scene), "--out", field, "--json", *TINY]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["kind"] == "radiance" and made["steps"] == 3 and set(made["psnr"]) == {"0"}
    assert run(["fit", "radiance", str(scene), "--continue", field, "--steps", "1", "--json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["steps"] == 4
    for number, words in enumerate([("--view", "002", "--size", "8"), ("--view", "2", "--show", "depth"), ()]):
        out = tmp_path / f"{number}.png"
        assert run(["evaluate", field, "--variance", "1e-3", "--out", str(out), "--quiet", *words]) == 0
        assert read_image(out).values.shape[:2] == ((8, 8) if number == 0 else (16, 16))
    from_above = ["--position", "0,3,0", "--show", "alpha", "--out", str(tmp_path / "alpha.exr"), "--quiet"]
    assert run(["evaluate", field, *from_above]) == 0
    capsys.readouterr()
    assert "a number from 0 to 8" in refusal(capsys, "evaluate", field, "--view", "99", "-o", str(tmp_path / "no.png"))
    assert "X,Y,Z" in refusal(capsys, "evaluate", field, "--position", "0,0,0", "-o", str(tmp_path / "no.png"))
    assert not (tmp_path / "no.png").exists()


def test_what_is_refused_before_anything_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scene = str(tmp_path)
    assert "--mapping" in refusal(capsys, "fit", "radiance", scene, "--mapping", "basic")
    assert "--omega" in refusal(capsys, "fit", "radiance", scene, "--omega", "30,10")
    assert "--kind" in refusal(capsys, "fit", "radiance", scene, "--kind", "pyramid")
    assert "--encoding" in refusal(capsys, "fit", "radiance", scene, "--encoding", "cosine")
    assert "--size" in refusal(capsys, "fit", "radiance", scene, "--size", "2")
    assert "no such file" in refusal(capsys, "fit", "radiance", str(tmp_path / "nothing"))
