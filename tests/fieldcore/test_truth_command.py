"""``fieldcore truth``: signals themselves, smoothed, in files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from solids import cube
from suite_plans import write_pictures

from fieldcore.cli import run
from fieldcore.filters import Gaussian
from fieldcore.images import quantised, read_image
from fieldcore.picture_truth import smooth_picture
from fieldcore.shape_truth import ShapeTruth
from fieldcore.signals import Picture, Shape
from fieldcore.signals.mesh_file import read_mesh


def told(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, object]:
    assert run(["truth", *map(str, words), "--json"]) in (0, 2)
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_a_pictures_truth_is_exact_where_it_can_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_pictures(tmp_path)
    source, out = tmp_path / "one.png", tmp_path / "exact.png"
    assert told(capsys, source, "--variance", 1e-2, "-o", out)["standard_error"] == 0
    expected = quantised(smooth_picture(Picture.open(source), Gaussian(1e-2)))
    assert np.abs(read_image(out).values * 255 - expected).max() <= 1
    sampled = told(capsys, source, "--filter", "ellipsoid:0.1", "--samples", 256, "-o", tmp_path / "sampled.png")
    assert 0 < float(str(sampled["standard_error"])) < 0.1
    more = told(capsys, source, "--filter", "ellipsoid:0.1", "--samples", 8192, "-o", tmp_path / "more.png")
    assert float(str(more["standard_error"])) < float(str(sampled["standard_error"]))


@pytest.mark.long
def test_a_meshs_truth_is_a_mesh_and_a_formulas_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Shape, "truth_type", staticmethod(lambda shape: ShapeTruth(shape, 32)))
    cube().export(tmp_path / "box.ply")
    found = told(capsys, tmp_path / "box.ply", "--variance", 3e-2, "--resolution", 24, "-o", tmp_path / "smooth.ply")
    assert int(str(found["vertices"])) > 100
    farthest = np.linalg.norm(read_mesh(tmp_path / "smooth.ply").vertices, axis=1).max()
    assert farthest < 0.97 * 3**0.5  # the corners are rounded
    assert told(capsys, "ackley", "--size", 8, "-o", tmp_path / "ackley.png")["width"] == 8


def test_what_has_no_truth_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.ply").write_text("")
    (tmp_path / "a.xyz").write_text("")
    refused = {
        (tmp_path / "none.png",): "no such file",
        (tmp_path / "a.xyz",): "its name does not say what it is",
        (tmp_path / "a.ply", "-o", "a.png"): "is a mesh; its surface is written as .ply",
        ("ackley", "--samples", 0): "--samples: expected from 1",
    }
    for words, sentence in refused.items():
        assert sentence in str(told(capsys, *words)["error"])
