"""The commands for shapes: fit, mesh, score, info, and what they refuse."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import trimesh

from fieldcore import cli, shape_scoring
from fieldcore.errors import InputError
from fieldcore.shape_truth import ShapeTruth
from fieldcore.signals import Shape
from fieldcore.signals.mesh_file import read_mesh

pytestmark = pytest.mark.usefixtures("coarse_shapes", "coarse_distances")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, coarse_shapes: None, coarse_distances: None) -> Path:
    """A ball of radius 3 around (10, 20, 30), and the pyramid that is solved for it."""
    folder = tmp_path_factory.mktemp("shapes")
    ball = trimesh.creation.icosphere(subdivisions=3, radius=3.0)
    ball.apply_translation((10, 20, 30))
    ball.export(folder / "ball.ply")
    fit = ["fit", "shape", str(folder / "ball.ply"), "--out", str(folder / "ball.safetensors")]
    assert cli.run(fit) == 0
    return folder


def result_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert cli.run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def error_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.run(list(arguments)) == 2
    return capsys.readouterr().err


def test_mesh_writes_the_ball_where_it_was(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    field, out = str(folder / "ball.safetensors"), folder / "out.ply"
    result = result_of(capsys, "mesh", field, "--variance", "1e-3", "--resolution", "40", "--out", str(out))
    assert result["watertight"]
    mesh = read_mesh(out)
    assert len(mesh.triangles) == result["triangles"]
    np.testing.assert_allclose(mesh.vertices.mean(0), (10, 20, 30), atol=0.3)
    np.testing.assert_allclose(np.linalg.norm(mesh.vertices - (10, 20, 30), axis=1).mean(), 3, atol=0.3)


@pytest.fixture
def coarse_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a fourth of the cells, so 64 times quicker."""
    monkeypatch.setattr(Shape, "truth", lambda shape: ShapeTruth(shape, cells=64))


@pytest.mark.usefixtures("coarse_truth")
def test_mesh_takes_the_exact_distances_of_a_mesh(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "exact.ply"
    words = ["--level", "0.1", "--resolution", "24", "--out", str(out)]
    assert result_of(capsys, "mesh", "--truth", str(folder / "ball.ply"), *words)["watertight"]
    radii = np.linalg.norm(read_mesh(out).vertices - (10, 20, 30), axis=1)
    np.testing.assert_allclose(radii, 3.3, atol=0.02)
    assert "no such file" in error_of(capsys, "mesh", "--truth", str(folder / "none.ply"))


def test_mesh_takes_a_covariance_and_a_level(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    field, out = str(folder / "ball.safetensors"), str(folder / "level.obj")
    covariance = "1e-3,0,0,1e-3,0,1e-3"
    result_of(capsys, "mesh", field, "--covariance", covariance, "--level", "-0.2", "--resolution", "32", "--out", out)
    radii = np.linalg.norm(read_mesh(out).vertices - (10, 20, 30), axis=1)
    assert radii.mean() == pytest.approx(3 * 0.8, abs=0.3)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--level", "9", "--resolution", "16", "--out", "m.ply"], "there is no surface at level 9"),
        (["--out", "m.png"], "the suffix '.png' is no mesh format"),
        (["--covariance", "1,2,3", "--out", "m.ply"], "expected six numbers xx,xy,xz,yy,yz,zz"),
        (["--variance", "-1", "--out", "m.ply"], "variance: expected 0 or more"),
    ],
)
def test_mesh_refuses(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert expected in error_of(capsys, "mesh", "ball.safetensors", *options)


def test_info_says_where_the_shape_was(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    signal = result_of(capsys, "info", str(folder / "ball.safetensors"))["signal"]
    assert signal["type"] == "shape"
    assert signal["source_center"] == pytest.approx([10, 20, 30])
    assert signal["value_scale"] == pytest.approx(3)


def test_evaluate_points_to_mesh(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sentence = error_of(capsys, "evaluate", str(folder / "ball.safetensors"), "--out", str(folder / "x.png"))
    assert "which has no picture; write its surface with 'fieldcore mesh'" in sentence


def test_score_has_the_keys_of_shapes(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Shape, "truth", lambda shape: ShapeTruth(shape, cells=32))
    monkeypatch.setattr(shape_scoring, "RESOLUTION", 24)
    few = partial(shape_scoring.chamfer_distance, points=500)
    monkeypatch.setattr(shape_scoring, "chamfer_distance", few)
    field, mesh = str(folder / "ball.safetensors"), str(folder / "ball.ply")
    result = result_of(capsys, "score", field, "--signal", mesh)
    assert result["same_signal"]
    assert [row["variance"] for row in result["variances"]] == pytest.approx([0, 1e-4, 1e-3, 1e-2, 1e-1])
    assert len(result["covariances"]) == 20
    assert np.array(result["covariances"][0]["covariance"]).shape == (3, 3)
    keys = {"mse", "iou", "chamfer", "standard_error", "border_px"}
    assert set(result["variances"][0]) == {"variance", *keys}
    assert set(result["covariances"][0]) == {"covariance", *keys}
    assert result["variances"][0]["iou"] > 0.7
    assert result["mean_iou"] == pytest.approx(np.mean([r["iou"] for r in result["variances"] if r["iou"] is not None]))
    monkeypatch.setattr(shape_scoring, "RESOLUTION", 16)
    assert cli.run(["score", field, "--signal", mesh]) == 0
    assert "variance      IoU      MSE  Chamfer" in capsys.readouterr().out


def test_fit_refuses_what_is_no_mesh(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.ply").write_bytes(b"")
    out = str(tmp_path / "f.safetensors")
    assert "the file is empty" in error_of(capsys, "fit", "shape", str(tmp_path / "empty.ply"), "--out", out)


def test_what_was_done_to_a_mesh_whose_triangles_disagree_is_said(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ball = trimesh.creation.icosphere(subdivisions=2, radius=3.0)
    ball.faces[::2] = ball.faces[::2, ::-1]
    ball.export(tmp_path / "mixed.ply")
    mixed = str(tmp_path / "mixed.ply")
    said = "note: mesh 'mixed.ply': 160 triangles that faced the other way than their neighbours turned"
    monkeypatch.setattr(Shape, "to", refuse)
    assert said in error_of(capsys, "fit", "shape", mixed, "--out", str(tmp_path / "mixed.safetensors"))
    assert said in error_of(capsys, "score", str(folder / "ball.safetensors"), "--signal", mixed)


def refuse(shape: Shape, device: object) -> Shape:
    """What comes after the reading is tested elsewhere, and takes its time."""
    raise InputError("enough")
