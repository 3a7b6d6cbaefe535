"""Scenes on the command line: what they are, other formats, the hull as a mesh, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sphere_scenes import cameras_around, write_ball_scene, write_transforms

import fieldcore as fc
from fieldcore.cli import command_of
from fieldcore.errors import InputError
from fieldcore.signals.mesh_file import read_mesh
from fieldcore.views.formats import FORMATS, read_description


@pytest.fixture(scope="module")
def ball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ball_scene(tmp_path_factory.mktemp("with a blank") / "a ball", 10, 32)


@pytest.fixture(autouse=True)
def _coarse_hulls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldcore.views.views.VERTICES", 41)
    monkeypatch.setattr("fieldcore.views.views._COARSE_VERTICES", 33)


def run(words: list[str], capsys: pytest.CaptureFixture[str]) -> dict:
    command_of([*words, "--json"]).run()
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.mark.long
def test_a_scene_is_said(ball: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = run(["views", str(ball)], capsys)
    assert (facts["scene"], facts["format"], facts["views"], facts["masks"]) == ("a ball", "transforms", 10, True)
    assert facts["sizes"] == ["32 x 32"] and facts["held_out"] == ["000", "008"]
    assert facts["hull"]["size"] == pytest.approx([1.2, 1.2, 1.2], rel=0.15)
    assert facts["hull"]["masks_covered"] > 0.95 and facts["directions_seen"] > 0.5
    assert run(["views", str(ball), "--size", "16", "--holdout", "0"], capsys)["held_out"] == []
    command_of(["views", str(ball)]).run()
    assert "masks: yes" in capsys.readouterr().out


@pytest.mark.long
def test_a_scene_in_every_format(ball: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in FORMATS:
        out = tmp_path / f"in {name}"
        words = ["views", "convert", str(ball), "--to", name, "--out", str(out)]
        assert run(words, capsys) == {"out": str(out), "format": name, "views": 10}
        assert read_description(out).format == name
        assert fc.Views.open(out).views[3].pixels().shape == (32, 32, 4)
        with pytest.raises(InputError, match="exists; choose another folder or add --overwrite"):
            command_of(words).run()
    command_of([*words, "--overwrite", "--size", "16"]).run()
    assert fc.Views.open(out).views[3].camera.width == 16
    with np.load(tmp_path / "in idr" / "cameras.npz") as matrices:  # the ball just fits into the unit sphere
        assert 0.6 < matrices["scale_mat_0"][0, 0] < 0.75 and np.abs(matrices["scale_mat_0"][:3, 3]).max() < 0.03
    three = write_ball_scene(tmp_path / "three", 3, 24)
    normalised = run(["views", "normalise", str(three), "--out", str(tmp_path / "normalised")], capsys)
    assert normalised["views"] == 3 and normalised["radius"] > 0.6 and max(map(abs, normalised["centre"])) < 0.2
    assert read_description(tmp_path / "normalised").format == "idr"
    with pytest.raises(InputError, match="that is the scene itself"):
        command_of(["views", "convert", str(ball), "--to", "idr", "--out", str(ball)]).run()
    with pytest.raises(InputError, match="--to: expected one of transforms, idr, colmap"):
        command_of(["views", "convert", str(ball), "--to", "blender", "--out", "x"])


def test_rough_cameras_come_from_another_file_of_the_scene(ball: Path, tmp_path: Path, monkeypatch) -> None:
    scene = tmp_path / "in idr"
    command_of(["views", "convert", str(ball), "--to", "idr", "--out", str(scene)]).run()
    with np.load(scene / "cameras.npz") as archive:
        matrices = dict(archive)
    moved = np.eye(4)
    moved[0, 3] = 0.01
    matrices["world_mat_4"] = matrices["world_mat_4"] @ moved
    np.savez(scene / "cameras_linear_init.npz", **matrices)
    command = command_of(["fit", "surface", str(scene), "--cameras", "cameras_linear_init.npz"])
    views = command.open(str(scene))  # type: ignore[attr-defined]
    rough = np.stack([view.camera.moved(views.source_from_scene).centre for view in views.views])
    usual = np.stack([photograph.camera.centre for photograph in read_description(scene).photographs])
    assert np.linalg.norm(rough - usual, axis=1) == pytest.approx([0, 0, 0, 0, 0.01, 0, 0, 0, 0, 0], abs=1e-5)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"--cameras 'gone\.npz': no such file, neither in"):
        command_of(["fit", "surface", str(scene), "--cameras", "gone.npz", "--out", "no.safetensors"]).run()
    assert not (tmp_path / "no.safetensors").exists()


def test_a_hull_as_a_mesh_in_the_scenes_units(ball: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "hull.ply"
    made = run(["views", "hull", str(ball), "--out", str(out), "--resolution", "48"], capsys)
    assert made["watertight"]
    radii = np.linalg.norm(read_mesh(out).vertices, axis=1)
    assert radii.min() > 0.58 and radii.mean() == pytest.approx(0.62, abs=0.02)
    with pytest.raises(InputError, match="exists"):
        command_of(["views", "hull", str(ball), "--out", str(out)]).run()
    with pytest.raises(InputError, match="no mesh format"):
        command_of(["views", "hull", str(ball), "--out", "hull.png"]).run()


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    photos = [np.full((8, 8, 3), 90, np.uint8)] * 3
    bare = str(write_transforms(tmp_path / "bare", cameras_around(3, 8), photos))
    for words, message in (
        (["views", "nowhere"], "scene 'nowhere': no such file or folder"),
        (["views", "hull", bare], "these views have no masks; give --masks DIR, RGBA pictures, or --mask-from"),
        (["views", bare, "--size", "2"], "--size: expected from 4"),
        (["views", bare, "--holdout", "1"], "--holdout: expected 0 or a number from 2"),
        (["views", bare, "--masks", "a", "--mask-from-background"], "not both"),
        (["views"], "SCENE: nothing given"),
    ):
        with pytest.raises(InputError, match=message):
            command_of(words).run()
