"""Flights on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.path.keyframes import KeyframePath
from app.path.path_file import read_path, write_path
from app.path.timeline import Keyframe
from app.scene_names import ALL
from app.scenes.textured_mesh.controls import TexturedMeshControls
from fieldcore.errors import InputError


def document(**more: Any) -> dict[str, Any]:
    return {
        "format": "fieldscope-path",
        "version": 1,
        "scene": "textured_mesh",
        "model": "spot.obj",
        "keyframes": [{"time": 0, "position": [0, 0, 3]}, {"time": 2, "yaw_deg": 30, "shading": "uv"}],
        **more,
    }


def read(folder: Path, entries: dict[str, Any]) -> TexturedMeshPath:
    (folder / "flight.json").write_text(json.dumps(entries))
    path = read_path(folder / "flight.json")
    assert isinstance(path.still, TexturedMeshControls)
    return path


def test_a_flight_is_read_with_its_model_beside_it(tmp_path: Path):
    path = read(tmp_path, document(samples=4, lit=False))
    assert path == KeyframePath(
        TexturedMeshControls(model=str(tmp_path / "spot.obj"), samples=4, lit=False),
        (Keyframe(0.0, position=(0.0, 0.0, 3.0)), Keyframe(2.0, yaw_deg=30.0, layout="one", left="uv", right="single")),
    )
    assert len(path.frame_times()) == 61


def test_writing_and_reading_gives_the_same_flight_back(tmp_path: Path):
    path = KeyframePath(
        TexturedMeshControls(
            model=str(tmp_path / "models" / "a fish.glb"),
            field=str(tmp_path / "fish.safetensors"),
            texture=str(tmp_path / "scales.png"),
            wrap="clamp",
            atlas=True,
            pixel_filter="box",
            samples=16,
            lit=False,
            grid=True,
            caption=False,
            error_range=0.02,
        ),
        (
            Keyframe(
                0.5,
                position=(0.1, -0.2, 1 / 3),
                yaw_deg=170.0,
                pitch_deg=-89.0,
                fov_deg=33.3,
                variance=1e-7,
                left="single",
                right="uv",
                layout="wipe",
                divider=0.3,
            ),
            Keyframe(2.0, left="shader"),
            Keyframe(3.0),
        ),
        frames_per_second=23.976,
        closed=True,
    )
    write_path(tmp_path / "flight.json", path)
    assert read_path(tmp_path / "flight.json") == path
    written = json.loads((tmp_path / "flight.json").read_text())
    assert (written["scene"], written["model"]) == ("textured_mesh", "models/a fish.glb")
    assert written["keyframes"][1:] == [{"time": 2.0, "left": "shader"}, {"time": 3.0}]


def keyed(**entries: Any) -> dict[str, Any]:
    return {"keyframes": [{"time": 0, **entries}]}


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"scene": "sphere"}, f"scene: expected one of {', '.join(map(json.dumps, ALL))[:50]}"),
        ({"truth": "a.png"}, "unknown entry 'truth'; the entries are format, version, scene, model, keyframes, error"),
        ({"model": ""}, 'model: expected the path of a model, got ""'),
        ({"wrap": "tile"}, 'wrap: expected one of "mirror", "repeat", "clamp", got "tile"'),
        ({"samples": 2.5}, "samples: expected a whole number from 1 to 16, got 2.5"),
        ({"samples": 17}, "samples: expected a whole number from 1 to 16, got 17"),
        ({"pixel_filter": "tent"}, 'pixel_filter: expected one of "gaussian", "box"'),
        ({"lit": 1}, "lit: expected true or false, got 1"),
        ({"error_range": 0}, "error_range: expected a finite number, more than 0, got 0"),
        (keyed(center=[0, 0]), "keyframes[0]: unknown entry 'center'; the entries are time, layout, left, right"),
        (keyed(position=[0, 0]), "keyframes[0].position: expected a list of 3 numbers, got [0.0, 0.0]"),
        (keyed(position=[0, 0, "up"]), 'keyframes[0].position[2]: expected a finite number, got "up"'),
        (keyed(pitch_deg=90), "keyframes[0].pitch_deg: expected a finite number, at least -89, at most 89, got 90"),
        (keyed(fov_deg=0), "keyframes[0].fov_deg: expected a finite number, at least 1, at most 170, got 0"),
        (keyed(variance=-1), "keyframes[0].variance: expected a finite number, at least 0, got -1"),
        (keyed(left="nearest"), 'keyframes[0].left: expected one of "single", "mipmap"'),
        (keyed(layout="side"), 'keyframes[0].layout: expected one of "one", "wipe"'),
        (keyed(comparison="truth"), 'keyframes[0].comparison: expected one of "one", "wipe"'),
        (keyed(divider=2), "keyframes[0].divider: expected a finite number, at least 0, at most 1, got 2"),
        (
            {"closed": True, "keyframes": [{"time": 0, "yaw_deg": 1}, {"time": 1, "yaw_deg": 2}]},
            "keyframes[1]: the path is closed, so its last keyframe is the first come round again: expected yaw_deg 1",
        ),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, more: dict[str, Any], sentence: str):
    with pytest.raises(InputError) as caught:
        read(tmp_path, document(**more))
    assert str(caught.value).startswith(f"path '{tmp_path / 'flight.json'}': ") and sentence in str(caught.value)


def test_a_model_must_be_named(tmp_path: Path):
    entries = document()
    del entries["model"]
    with pytest.raises(InputError, match="entry 'model' is missing"):
        read(tmp_path, entries)
