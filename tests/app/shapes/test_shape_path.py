"""Paths of shapes on disk."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import assets.turntable
from app.camera.camera import Camera
from app.path.editor import PathEditor
from app.path.keyframes import KeyframePath
from app.path.path_file import read_path, write_path
from app.path.timeline import Keyframe
from app.record.log import Log
from app.resources import asset_path
from app.scenes.picture.controls import Controls
from app.scenes.shape.controls import ShapeControls
from fieldcore.errors import InputError


def document(**more: Any) -> dict[str, Any]:
    return {
        "format": "fieldscope-path",
        "version": 1,
        "scene": "shape",
        "field": "bunny.safetensors",
        "keyframes": [{"time": 0, "variance": 1e-3}, {"time": 2, "level": 0.1, "slice": "x"}],
        **more,
    }


def read(folder: Path, entries: dict[str, Any]) -> ShapePath:
    (folder / "shape.json").write_text(json.dumps(entries))
    path = read_path(folder / "shape.json")
    assert isinstance(path.still, ShapeControls)
    return path


def test_a_path_is_read_with_its_field_beside_it(tmp_path: Path) -> None:
    path = read(tmp_path, document(cells=64, exact=True, truth="../meshes/bunny.obj"))
    assert path == KeyframePath(
        ShapeControls(
            field=str(tmp_path / "bunny.safetensors"),
            truth=str(tmp_path / ".." / "meshes" / "bunny.obj"),
            exact=True,
            cells=64,
        ),
        (
            Keyframe(0.0, covariance=(1e-3, 0.0, 0.0, 1e-3, 0.0, 1e-3)),
            Keyframe(2.0, level=0.1, slice="x"),
        ),
    )
    assert len(path.frame_times()) == 61


def test_writing_and_reading_gives_the_same_path_back(tmp_path: Path) -> None:
    streak = (1e-2, 1e-3, 0.0, 1e-3, 0.0, 1e-4)
    path = KeyframePath(
        ShapeControls(
            field=str(tmp_path / "fields" / "a bunny.safetensors"),
            truth=str(tmp_path / "bunny.ply"),
            exact=True,
            shadows=False,
            grid=False,
            caption=False,
            cells=256,
            error_range=0.5,
        ),
        (
            Keyframe(
                0.5,
                position=(0.1, -0.2, 1 / 3),
                yaw_deg=170.0,
                pitch_deg=-89.0,
                fov_deg=33.3,
                covariance=streak,
                level=-0.01,
                layout="wipe",
                colouring="normals",
                slice="z",
                slice_position=-1.2,
                light_yaw_deg=9.0,
                light_pitch_deg=-5.0,
                divider=0.3,
            ),
            Keyframe(2.0, covariance=(0.0,) * 6, slice="none"),
            Keyframe(3.0),
        ),
        frames_per_second=23.976,
        closed=True,
    )
    write_path(tmp_path / "shape.json", path)
    assert read_path(tmp_path / "shape.json") == path
    written = json.loads((tmp_path / "shape.json").read_text())
    assert (written["scene"], written["field"], written["truth"]) == (
        "shape",
        "fields/a bunny.safetensors",
        "bunny.ply",
    )
    assert written["keyframes"][0]["covariance"] == list(streak)
    assert written["keyframes"][1:] == [{"time": 2.0, "variance": 0.0, "slice": "none"}, {"time": 3.0}]


def keyed(**entries: Any) -> dict[str, Any]:
    return {"keyframes": [{"time": 0, **entries}]}


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            {"model": "a.glb"},
            "unknown entry 'model'; the entries are format, version, scene, field, keyframes, error, error_range",
        ),
        ({"field": ""}, 'field: expected the path of a field, got ""'),
        ({"truth": 3}, "truth: expected the file of a mesh, got 3"),
        ({"cells": 100}, "cells: expected one of 32, 64, 128, 256, got 100"),
        ({"cells": True}, "cells: expected one of 32, 64, 128, 256, got true"),
        ({"cells": "64"}, 'cells: expected one of 32, 64, 128, 256, got "64"'),
        ({"cells": [64]}, "cells: expected one of 32, 64, 128, 256, got [64.0]"),
        ({"exact": 1}, "exact: expected true or false, got 1"),
        ({"shadows": "no"}, 'shadows: expected true or false, got "no"'),
        ({"grid": 0}, "grid: expected true or false, got 0"),
        ({"caption": None}, "caption: expected true or false, got null"),
        ({"error_range": 0}, "error_range: expected a finite number, more than 0, got 0"),
        (
            keyed(center=[0, 0]),
            "keyframes[0]: unknown entry 'center'; the entries are time, variance, layout, left, right",
        ),
        (keyed(position=[0, 0]), "keyframes[0].position: expected a list of 3 numbers, got [0.0, 0.0]"),
        (keyed(pitch_deg=90), "keyframes[0].pitch_deg: expected a finite number, at least -89, at most 89, got 90"),
        (keyed(fov_deg=0), "keyframes[0].fov_deg: expected a finite number, at least 1, at most 170, got 0"),
        (keyed(variance=-1), "keyframes[0].variance: expected a finite number, at least 0, got -1"),
        (keyed(variance=1, covariance=[0] * 6), "keyframes[0]: both 'variance' and 'covariance' are given; keep one"),
        (keyed(covariance=[1, 0, 1]), "keyframes[0].covariance: expected a list of 6 numbers, got [1.0, 0.0, 1.0]"),
        (keyed(covariance=[1, 2, 0, 1, 0, 1]), "keyframes[0].covariance: expected a positive semi-definite matrix"),
        (keyed(covariance=[1, 0, 0, "a", 0, 1]), 'keyframes[0].covariance[3]: expected a finite number, got "a"'),
        (keyed(level="high"), 'keyframes[0].level: expected a finite number, got "high"'),
        (
            keyed(comparison="two"),
            'keyframes[0].comparison: expected one of "field", "truth", "error", "wipe", "two_up"',
        ),
        (
            keyed(colouring="red"),
            'keyframes[0].colouring: expected one of "material", "normals", "curvature", "colours", got "red"',
        ),
        (keyed(slice="w"), 'keyframes[0].slice: expected one of "none", "x", "y", "z", got "w"'),
        (keyed(slice_position=2), "keyframes[0].slice_position: expected a finite number, at least -1.2, at most 1.2"),
        (keyed(light_yaw_deg=[]), "keyframes[0].light_yaw_deg: expected a finite number, got []"),
        (keyed(light_pitch_deg=91), "keyframes[0].light_pitch_deg: expected a finite number, at least -90, at most 90"),
        (keyed(divider=2), "keyframes[0].divider: expected a finite number, at least 0, at most 1, got 2"),
        (
            {"closed": True, "keyframes": [{"time": 0, "variance": 0}, {"time": 1, "variance": 0.5}]},
            "keyframes[1]: the path is closed, so its last keyframe is the first come round again: expected covariance",
        ),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, document(**more))
    assert str(caught.value).startswith(f"path '{tmp_path / 'shape.json'}': ") and sentence in str(caught.value)


def test_rounding_does_not_make_a_covariance_wrong(tmp_path: Path) -> None:
    a, b = 0.3, math.sqrt(0.3 * 0.7)
    path = read(tmp_path, document(**keyed(covariance=[a, b, 0, 0.7, 0, 0])))
    assert path.keyframes[0].covariance == (a, b, 0.0, 0.7, 0.0, 0.0)


def test_a_field_must_be_named(tmp_path: Path) -> None:
    entries = document()
    del entries["field"]
    with pytest.raises(InputError, match="entry 'field' is missing"):
        read(tmp_path, entries)


def test_the_shipped_turntable_is_what_its_script_makes_and_looks_at_the_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = asset_path("turntable.json")
    monkeypatch.setattr(assets.turntable, "FOLDER", tmp_path)
    assets.turntable.main()
    assert json.loads((tmp_path / "turntable.json").read_text()) == json.loads(shipped.read_text())
    path = read_path(shipped)
    motion = path
    assert path.closed and path.still.field == str(shipped.parent / "shape.safetensors")
    variances = [motion.at(time).covariance[0] for time in path.frame_times()]
    assert (variances[0], max(variances)) == (0.0, 1e-2)
    for time in path.frame_times():
        camera = motion.at(time).camera
        to_middle = -np.array(camera.position) / np.linalg.norm(camera.position)
        assert camera.axes[2] @ to_middle > math.cos(math.radians(2))


def noted(k: int) -> ShapeControls:
    """Controls that are no round numbers, and different in every frame."""
    share = (k * 0.6180339887498949) % 1
    small, large = 1e-9 + 0.01 * share**8, 0.1 * share
    covariance = (large, 0.0, 0.0, large, 0.0, large) if k % 2 else (large + small, small / 3, 0.0, small, 0.0, large)
    return ShapeControls(
        field="field.safetensors",
        camera=Camera((share, -share / 3, 3.0), 360 * share - 180, 178 * share - 89, 20 + 90 * share),
        covariance=covariance,
        level=share / 7,
        layout=("one", "wipe", "two_up", "four")[k % 4],
        left=("field", "truth", "error")[k % 3],
        colouring=("material", "normals", "curvature")[k % 3],
        slice=("none", "x", "y", "z")[k % 4],
        slice_position=2.4 * share - 1.2,
        light_yaw_deg=180 - 360 * share,
        light_pitch_deg=90 * share,
        divider=share,
        exact=True,
        error_range=0.3,
        cells=64,
    )


def test_a_recording_is_read_back_to_the_last_bit(tmp_path: Path) -> None:
    log = Log(noted(0))
    log.learn("truth", "bunny.obj")
    recorded = [log.noted(noted(k)) for k in range(200)]
    rate = 29.97
    path = log.path([log.keyframe(controls, k / rate) for k, controls in enumerate(recorded)], rate)
    assert (path.still.truth, path.still.cells, path.still.exact) == ("bunny.obj", 64, True)
    written = KeyframePath(
        ShapeControls(field=str(tmp_path / "field.safetensors"), exact=True, error_range=0.3, cells=64),
        path.keyframes,
        frames_per_second=rate,
    )
    write_path(tmp_path / "shape.json", written)
    again = read_path(tmp_path / "shape.json")
    motion = again
    shown = [motion.at(moment) for moment in again.frame_times()]
    assert [replace(controls, field="field.safetensors", truth="bunny.obj") for controls in shown] == recorded


def test_a_recording_has_one_field_and_what_is_constant_from_its_beginning() -> None:
    log = Log(replace(noted(0), truth="bunny.obj"))
    log.learn("truth", "another.obj")
    assert log.noted(noted(1)).truth == "bunny.obj"
    assert log.fits(noted(3)) and not log.fits(ShapeControls(field="another.safetensors")) and not log.fits(Controls())
    other = ShapeControls(field="field.safetensors", cells=32, exact=False, shadows=False, level=0.3)
    kept = log.noted(other)
    assert (kept.cells, kept.exact, kept.shadows, kept.level) == (64, True, True, 0.3)


def test_a_path_is_edited_played_and_saved(tmp_path: Path) -> None:
    editor, controls = PathEditor(), ShapeControls(field=str(tmp_path / "field.safetensors"), cells=64)
    editor.add(controls)
    editor.add(
        ShapeControls(field=controls.field, covariance=(1e-2,) + (0.0,) * 5, level=0.2, light_yaw_deg=10.0, cells=64)
    )
    editor.close_loop(True)
    editor.save(tmp_path / "shape.json", replace(controls, truth=str(tmp_path / "bunny.obj")))
    path = read_path(tmp_path / "shape.json")
    assert (path.closed, path.still.cells, len(path.keyframes)) == (True, 64, 3)
    assert path.still.truth == str(tmp_path / "bunny.obj")
    editor.play(controls, 10.0)
    mine = ShapeControls(field=controls.field, exact=True, caption=False, camera=Camera((9.0, 9.0, 9.0)))
    shown = editor.shown(mine, 12.0)
    assert (shown.level, shown.light_yaw_deg, shown.camera) == (0.2, 10.0, controls.camera)
    assert shown.exact and not shown.caption, "a path changes only what it keys"
