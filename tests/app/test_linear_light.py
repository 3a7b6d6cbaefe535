"""Frames as linear light: EXR files of a path on a plane, neither clipped nor encoded."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.cli import run
from app.resources import asset_path
from fieldcore.images import linear_from_display, read_image

FIELD = str(asset_path("spectral.safetensors"))


def rendered(folder: Path, *options: str, **shown: object) -> int:
    path = {"format": "fieldscope-path", "version": 1, "scene": "picture", "field": FIELD, "frames_per_second": 1}
    path |= {"caption": False}
    (folder / "path.json").write_text(json.dumps({**path, "keyframes": [{"time": 0.0, "variance": 1e-3, **shown}]}))
    arguments = ["--render-path", str(folder / "path.json"), "--size", "48x48", "--out", str(folder / "out")]
    return run([*arguments, *options])


def test_frames_are_written_as_light(tmp_path: Path) -> None:
    for name, exposure in (("as-it-is", 0.0), ("brighter", 3.0)):
        (tmp_path / name).mkdir()
        assert rendered(tmp_path / name, "--exr", "--passes", "field", exposure=exposure) == 0
    (tmp_path / "png").mkdir()
    assert rendered(tmp_path / "png", "--passes", "field") == 0
    light, brighter = (read_image(tmp_path / name / "out/field/frame_000000.exr") for name in ("as-it-is", "brighter"))
    assert brighter.values == pytest.approx(8 * light.values, rel=1e-3, abs=1e-4)
    assert brighter.values.max() > 1, "it is not clipped"
    shown = read_image(tmp_path / "png/out/field/frame_000000.png").values
    assert light.values == pytest.approx(linear_from_display(shown), abs=0.01)
    report = json.loads((tmp_path / "brighter/out/field/frames.json").read_text())
    assert [frame["file"] for frame in report["frames"]] == ["frame_000000.exr"]


@pytest.mark.parametrize(
    ("options", "told"),
    [(("--exr", "--shutter", "0.5"), "--exr: a shutter"), (("--exr",), "light is not cut")],
)
def test_what_has_no_light_is_refused(
    tmp_path: Path, options: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rendered(tmp_path, *options, layout="cut", left="field", right="field") == 2
    assert told in capsys.readouterr().err
    assert not np.any([file.suffix == ".exr" for file in tmp_path.rglob("*")])
