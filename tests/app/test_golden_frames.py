"""The frames that are kept of every comparison of every scene: they must look the same as ever.

Nearly the same: processors and releases of Mesa round differently. All frames to the last bit, and many more of them,
compares ``python -m benchmarks.golden_frames`` on one machine, which also makes the kept ones again (``--stored``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import cv2
import numpy as np
import pytest
from preloaded import run_preloaded

from benchmarks.golden_frames import STORED, compare_folders, picture_of, render_stored

NEAR = 2
"""Levels of 255 that rounding may make."""

SHARE_NEAR, MEAN_OFF = 0.995, 0.5
"""A column of pixels that is drawn otherwise is more than that."""

NAMES = sorted(file.name for file in STORED.glob("*.png"))


def _preloaded(command: Sequence[str], cwd: Path, env: Mapping[str, str], **_: Any) -> CompletedProcess[str]:
    return run_preloaded(command[1:], cwd=cwd, env=env)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same frames as the program draws them now."""
    folder = tmp_path_factory.mktemp("golden")
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("benchmarks.golden_frames.subprocess.run", _preloaded)
            renderer = render_stored(folder)
    except SystemExit as refused:
        if "EGL" in str(refused):
            pytest.skip(str(refused))
        raise
    if "llvmpipe" not in renderer:
        pytest.skip(f"frames are kept as Mesa's llvmpipe draws them, and here {renderer} does")
    return folder


def test_there_is_a_frame_of_everything(rendered: Path) -> None:
    assert sorted(file.name for file in rendered.iterdir()) == NAMES
    assert sum(file.stat().st_size for file in STORED.iterdir()) < 300_000


@pytest.mark.parametrize("name", NAMES)
def test_a_frame_looks_as_it_ever_did(rendered: Path, name: str) -> None:
    kept, drawn = picture_of(STORED / name).astype(int), picture_of(rendered / name)
    assert drawn.shape == kept.shape
    off = np.abs(drawn - kept)
    assert (off.max(-1) <= NEAR).mean() >= SHARE_NEAR
    assert off.mean() <= MEAN_OFF


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two renders of one frame."""
    pixels = np.random.default_rng(0).integers(0, 255, (4, 6, 3), np.uint8)
    for name, milliseconds in (("ours", 1.0), ("theirs", 2.0)):
        (tmp_path / name).mkdir()
        cv2.imwrite(str(tmp_path / name / "frame_000000.png"), pixels)
        report = {"field": {"file": f"/{name}/a.safetensors"}, "frames": [{"zoom": 1.0, "drawn_ms": milliseconds}]}
        (tmp_path / name / "frames.json").write_text(json.dumps(report))
    return tmp_path / "ours", tmp_path / "theirs"


def test_two_renders_of_the_same_are_the_same(folders: tuple[Path, Path]) -> None:
    assert compare_folders(*folders) == (2, [])


def test_one_pixel_is_found_and_where_it_is(folders: tuple[Path, Path]) -> None:
    file = folders[0] / "frame_000000.png"
    pixels = picture_of(file)
    pixels[1, 5, 2] += 3
    cv2.imwrite(str(file), pixels)
    _, (difference,) = compare_folders(*folders)
    assert difference.file == Path(file.name)
    assert difference.what == "1 of 24 pixels, by up to 3 of 255; columns 5 to 5, rows 1 to 1"


def test_another_size_and_what_is_missing_are_told(folders: tuple[Path, Path]) -> None:
    ours, theirs = folders
    cv2.imwrite(str(ours / "frame_000000.png"), np.zeros((4, 7, 3), np.uint8))
    (theirs / "frames.json").unlink()
    _, (picture, report) = compare_folders(ours, theirs)
    assert picture.what == "(4, 7, 3) of uint8 instead of (4, 6, 3) of uint8"
    assert report.what == f"'{theirs / 'frames.json'}' is missing"


def test_an_entry_that_differs_is_named(folders: tuple[Path, Path]) -> None:
    file = folders[0] / "frames.json"
    file.write_text(file.read_text().replace('"zoom": 1.0', '"zoom": 1.0000000000000002'))
    assert compare_folders(*folders) == (2, [])
    file.write_text(file.read_text().replace("1.0000000000000002", "2.0"))
    _, (difference,) = compare_folders(*folders)
    assert difference.what == "frames[0].zoom: 2.0 instead of 1.0"
