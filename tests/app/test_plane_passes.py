"""Passes of what lies on a plane: one output each, evaluated once, and how far fields are from the truth."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import field_file, picture_file

import app.cli
from app.gl.offscreen import Offscreen
from fieldcore.images import read_image
from fieldcore.measures import psnr

SurfaceOf = Callable[[int, int], Offscreen]
KEYFRAMES = [{"time": 0, "variance": 1e-3}, {"time": 1, "zoom": 2, "comparison": "wipe"}]


@pytest.fixture
def render(tmp_path: Path, capsys: pytest.CaptureFixture) -> Callable[..., tuple[int, str]]:
    """Render a path of an untrained field, with its picture beside it: exit code, and all that was printed."""
    picture = picture_file(tmp_path, np.random.default_rng(0).random((24, 32, 3)).astype(np.float32))
    field_file(tmp_path, picture)
    field_file(tmp_path, picture, "other.safetensors")

    def run(*arguments: str, folder: str = "out", keyframes: Any = KEYFRAMES, **entries: Any) -> tuple[int, str]:
        path = {"format": "fieldscope-path", "version": 1, "scene": "picture", "field": "field.safetensors"}
        path |= {"truth": "picture.png", "frames_per_second": 1, "caption": False, "keyframes": keyframes, **entries}
        path = {name: value for name, value in path.items() if value is not None}
        (tmp_path / "path.json").write_text(json.dumps(path))
        given = ["--render-path", str(tmp_path / "path.json"), "--out", str(tmp_path / folder), "--size", "32x24"]
        code = app.cli.run([*given, "--device", "cpu", *arguments])
        return code, "".join(capsys.readouterr())

    return run


def frames(folder: Path) -> list[np.ndarray]:
    return [read_image(file).values for file in sorted(folder.glob("*.png"))]


@pytest.mark.long
def test_each_pass_is_what_a_keyframe_of_it_shows(render, surface_of: SurfaceOf, tmp_path: Path) -> None:
    surface_of(8, 8)
    code, said = render(
        "--passes", "error,truth,field,other", "--video", str(tmp_path / "film.mp4"), other="other.safetensors"
    )
    assert code == 0, said
    for name in ("field", "truth", "error"):
        keyframes = [{**keyframe, "comparison": name} for keyframe in KEYFRAMES]
        assert render(folder=f"as_{name}", keyframes=keyframes)[0] == 0
    render(folder="as_other", field="other.safetensors", keyframes=[{**k, "comparison": "field"} for k in KEYFRAMES])
    for name in ("field", "truth", "error", "other"):
        shown, alone = frames(tmp_path / "out" / name), frames(tmp_path / f"as_{name}")
        assert len(shown) == len(alone) == 2
        assert all(np.array_equal(one, other) for one, other in zip(shown, alone, strict=True)), name
    films = {"film.mp4", "film_truth.mp4", "film_field.mp4", "film_other.mp4"}
    assert {file.name for file in tmp_path.glob("*.mp4")} == films


def test_the_report_is_of_the_fields_against_the_truth(render, surface_of: SurfaceOf, tmp_path: Path) -> None:
    surface_of(8, 8)
    keyframes = [{"time": 0, "variance": 1e-2}]
    code, said = render("--passes", "truth,field", "--report", "--json", keyframes=keyframes)
    assert code == 0, said
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert (report["format"], report["state"], report["passes"]) == (
        "fieldscope-plane-report", "complete", ["truth", "field"],
    )  # fmt: skip
    ((of_truth,), (of_field,)) = (frames(tmp_path / "out" / name) for name in ("truth", "field"))
    (frame,) = report["frames"]
    assert frame["variance"] == 1e-2 and "other_psnr" not in frame
    assert frame["psnr"] == pytest.approx(psnr(of_field, of_truth, (0.0, 1.0)), abs=0.5)
    means = json.loads(said.splitlines()[-1])["means"]
    assert means == report["means"] and means["psnr"] == frame["psnr"]
    assert set(means["milliseconds"]) == {"truth", "field"}


def test_what_a_pass_lacks_is_said_before_the_first_frame(render) -> None:
    for arguments, entries, sentence in (
        (("--passes", "other"), {}, "--passes other shows a second field; name its file in the path's entry 'other'"),
        (("--passes", "error"), {"truth": None}, "--passes error shows the truth, and the path names none"),
        (("--passes", "field", "--report"), {"truth": None}, "--report shows the truth, and the path names none"),
        (
            ("--passes", "wipe"),
            {},
            "expected some of field, truth, other, error, side_by_side, with commas between, got 'wipe'",
        ),
    ):
        code, said = render(*arguments, **entries)
        assert code == 2 and sentence in said and said.count("\n") == 1, said
