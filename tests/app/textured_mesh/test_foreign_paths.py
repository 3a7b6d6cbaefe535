"""Camera paths of nerfstudio and instant-ngp: read, written, and refused in a sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import app.cli
from app.camera.camera import Camera
from app.camera.foreign_paths import foreign_format, read_foreign, write_foreign
from app.path.keyframes import KeyframePath
from app.path.path_file import write_path
from app.path.timeline import Keyframe
from app.scenes.picture.controls import Controls
from app.scenes.shape.controls import ShapeControls
from fieldcore.errors import InputError

STILL = ShapeControls(field="shape.safetensors")
PATH = KeyframePath(
    STILL,
    (
        Keyframe(0.0, position=(1.0, 0.5, 3.0), yaw_deg=20.0, pitch_deg=-10.0, fov_deg=40.0),
        Keyframe(1.0, position=(-2.0, 0.2, 1.0), yaw_deg=-70.0, pitch_deg=5.0),
        Keyframe(3.0, position=(0.0, 2.0, -3.0), yaw_deg=-175.0, pitch_deg=-35.0, fov_deg=60.0),
    ),
    frames_per_second=4.0,
)


def assert_same(got: Camera, expected: Camera, within: float = 1e-9) -> None:
    assert np.allclose(got.position, expected.position, atol=within)
    assert np.allclose(got.axes, expected.axes, atol=within)
    assert got.fov_deg == pytest.approx(expected.fov_deg, abs=100 * within)


@pytest.mark.parametrize("name", ["nerfstudio", "instant-ngp"])
def test_what_is_written_is_read_again(name: str, tmp_path: Path) -> None:
    file = tmp_path / "path.json"
    write_foreign(file, PATH, name)
    found = foreign_format(file)
    assert found is not None and found.name == name
    path, said = read_foreign(file, STILL)
    assert said == "" and path.start == 0.0 and path.duration == pytest.approx(3.0)
    keys = [keyframe.time for keyframe in PATH.keyframes]
    if name == "instant-ngp":
        assert [keyframe.time for keyframe in path.keyframes] == pytest.approx(keys)
    for time in PATH.frame_times() if name == "nerfstudio" else keys:
        assert_same(path.at(time).camera, PATH.at(time).camera, 2e-3 if name == "nerfstudio" else 1e-9)


def test_what_is_given_frame_by_frame_has_few_keyframes(tmp_path: Path) -> None:
    """A straight flight two, a smooth one some, one that shakes all; and every frame is where it was."""
    ends = Keyframe(0.0, position=(0.0, 0.0, 3.0)), Keyframe(4.0, position=(2.0, 1.0, 3.0))
    straight = KeyframePath(STILL, ends, 12.0)
    dice = np.random.default_rng(0)
    places = [tuple(map(float, place)) for place in dice.normal(size=(13, 3))]
    shaken = KeyframePath(STILL, tuple(Keyframe(i / 12, position=place) for i, place in enumerate(places)), 12.0)
    smooth = replace(PATH, frames_per_second=12.0)
    for path, most in ((straight, 2), (smooth, 24), (shaken, 13)):
        file = tmp_path / "path.json"
        write_foreign(file, path, "nerfstudio")
        read, _ = read_foreign(file, STILL)
        assert len(read.keyframes) <= most < len(path.frame_times()) + (path is shaken)
        for time in path.frame_times():
            assert_same(read.at(time).camera, path.at(time).camera, 2e-3)


def test_nerfstudio_has_z_up_and_matrices_row_by_row(tmp_path: Path) -> None:
    level = KeyframePath(STILL, (Keyframe(0.0, position=(1.0, 2.0, 3.0), yaw_deg=0.0, pitch_deg=0.0),))
    write_foreign(tmp_path / "path.json", level, "nerfstudio", aspect=2.0)
    document = json.loads((tmp_path / "path.json").read_text())
    matrix = np.array(document["camera_path"][0]["camera_to_world"]).reshape(4, 4)
    assert matrix[:3, 3].tolist() == [1.0, -3.0, 2.0] and matrix[3].tolist() == [0, 0, 0, 1]
    assert matrix[:3, 1].tolist() == [0, 0, 1] and (-matrix[:3, 2]).tolist() == [0, 1, 0], "up, and ahead"
    assert (document["render_width"], document["camera_path"][0]["aspect"]) == (2160, 2.0)
    assert document["keyframes"][0]["matrix"] == matrix.reshape(-1).tolist()


@pytest.mark.parametrize("legacy", [False, True])
def test_keyframes_alone_are_a_path_of_nerfstudio(tmp_path: Path, legacy: bool) -> None:
    write_foreign(tmp_path / "path.json", PATH, "nerfstudio")
    document = json.loads((tmp_path / "path.json").read_text())
    document["camera_path"] = []
    if legacy:  # its first viewer
        for keyframe in document["keyframes"]:
            keyframe["matrix"] = json.dumps(np.array(keyframe["matrix"]).reshape(4, 4).T.reshape(-1).tolist())
    (tmp_path / "path.json").write_text(json.dumps(document))
    path, _ = read_foreign(tmp_path / "path.json", STILL)
    assert [keyframe.time for keyframe in path.keyframes] == [0.0, 1.0, 3.0] and path.frames_per_second == 4.0
    for keyframe in PATH.keyframes:
        assert_same(path.at(keyframe.time).camera, PATH.at(keyframe.time).camera)


def test_a_file_as_nerfstudio_s_viewer_saves_it(tmp_path: Path) -> None:
    """Two seconds of it, written by hand after what its viewer writes: no camera type and no crop."""
    poses = [[1, 0, 0, 0.4 * k, 0, 0, -1, -3, 0, 1, 0, 0.5, 0, 0, 0, 1] for k in range(4)]
    keys = [
        {
            "matrix": pose,
            "fov": 75.0,
            "aspect": 1.78,
            "override_transition_enabled": False,
            "override_transition_sec": None,
        }
        for pose in (poses[0], poses[-1])
    ]
    frames = [{"camera_to_world": pose, "fov": 75.0, "aspect": 16 / 9, "render_time": 0.0} for pose in poses]
    document = {
        "default_fov": 75.0, "default_transition_sec": 2.0, "keyframes": keys, "render_height": 1080,
        "render_width": 1920, "fps": 2.0, "seconds": 2.0, "is_cycle": False, "smoothness_value": 0.0,
        "camera_path": frames,
    }  # fmt: skip
    (tmp_path / "path.json").write_text(json.dumps(document))
    path, said = read_foreign(tmp_path / "path.json", STILL)
    assert said == "" and path.frame_times() == pytest.approx([0.0, 0.5, 1.0, 1.5])
    first, last = path.at(0.0).camera, path.at(1.5).camera
    assert first.position == pytest.approx((0.0, 0.5, 3.0)) and last.position == pytest.approx((1.2, 0.5, 3.0))
    assert (first.fov_deg, first.yaw_deg, first.pitch_deg) == pytest.approx((75.0, 0.0, 0.0))


@pytest.mark.parametrize("by_rows", [False, True])
def test_a_file_as_nerfstudio_s_first_viewer_saves_it(tmp_path: Path, by_rows: bool) -> None:
    """Three keyframes in its layout: matrices and properties are texts, in which times are shares of all seconds."""
    keys = []
    for number, share in enumerate((0, 0.25, 1)):
        pose = np.array([[1, 0, 0, 0.4 * number], [0, 0, -1, -3], [0, 1, 0, 0.5], [0, 0, 0, 1]])
        matrix = json.dumps((pose if by_rows else pose.T).reshape(-1).tolist())
        properties = json.dumps([["FOV", 50], ["NAME", f"Camera {number}"], ["TIME", share]])
        keys.append({"matrix": matrix, "fov": 50, "aspect": 1, "properties": properties})
    document = {
        "keyframes": keys, "camera_type": "perspective", "render_height": 1080, "render_width": 1920,
        "camera_path": [], "fps": 24, "seconds": 4, "smoothness_value": 0.5, "is_cycle": False, "crop": None,
    }  # fmt: skip
    (tmp_path / "path.json").write_text(json.dumps(document))
    path, said = read_foreign(tmp_path / "path.json", STILL)
    assert said == "" and [keyframe.time for keyframe in path.keyframes] == [0.0, 1.0, 4.0]
    assert [path.at(time).camera.position[0] for time in (0.0, 1.0, 4.0)] == pytest.approx([0.0, 0.4, 0.8])
    document["keyframes"] = [{**key, "properties": "[]"} for key in keys]
    (tmp_path / "path.json").write_text(json.dumps(document))
    path, _ = read_foreign(tmp_path / "path.json", STILL)
    assert [keyframe.time for keyframe in path.keyframes] == [0.0, 0.5, 1.0], "as its viewer of today takes them"


@pytest.mark.parametrize(
    ("more", "closed"),
    [
        ({"loop": True, "time": 1.0}, True),
        ({"loop": False, "time": 0.0}, False),
        ({}, False),
    ],
)
def test_a_file_as_instant_ngp_saves_it(tmp_path: Path, more: dict[str, Any], closed: bool) -> None:
    """Three keyframes in its layouts: without times, and of its first window with ``dof`` and no loop."""
    lens = {"aperture_size": 0.0, "glow_mode": 0, "glow_y_cutoff": 0.0} if more else {"dof": 0.0}
    keys = [
        {"R": [0.70710678, 0.0, 0.70710678, 0.0], "T": [x, 0.5, 0.5], **lens, "fov": 50.625, "scale": 1.5, "slice": 0.0}
        for x in (-0.49, -0.16, 0.17)
    ]
    (tmp_path / "base_cam.json").write_text(json.dumps({"path": keys, **more}))
    path, said = read_foreign(tmp_path / "base_cam.json", STILL)
    assert path.closed is closed and len(path.keyframes) == 3 + closed
    first = path.at(0.0).camera
    # Its z, which is ahead of this camera, is the cube's x and so ahead of one that stands at z = 3 here.
    assert first.position == pytest.approx((0.0, 0.0, 3.0)) and first.axes[2] == pytest.approx((0.0, 0.0, -1.0))
    assert first.fov_deg == pytest.approx(50.625) and path.at(2.0).camera.position == pytest.approx((0.0, 0.0, 1.0))
    assert said == "", "half a turn about x and z is upright, since its y is down"


def test_instant_ngp_has_its_own_cube_and_axes(tmp_path: Path) -> None:
    level = KeyframePath(STILL, (Keyframe(0.0, position=(0.0, 0.0, 1.0), yaw_deg=0.0, pitch_deg=0.0),))
    write_foreign(tmp_path / "path.json", level, "instant-ngp")
    (key,) = json.loads((tmp_path / "path.json").read_text())["path"]
    # Here at z = 1 is at y = -1 of a world with z up, which is -x of the cube.
    assert key["T"] == pytest.approx([0.5 - 0.33, 0.5, 0.5])
    from scipy.spatial.transform import Rotation

    right, down, ahead = Rotation.from_quat(key["R"]).as_matrix().T
    assert right == pytest.approx([0, 0, 1]) and down == pytest.approx([0, -1, 0]) and ahead == pytest.approx([1, 0, 0])


def test_older_keys_without_times_lie_evenly_and_a_loop_comes_back(tmp_path: Path) -> None:
    write_foreign(tmp_path / "path.json", PATH, "instant-ngp")
    document = json.loads((tmp_path / "path.json").read_text())
    for key in document["path"]:
        del key["timestamp"]
    document = {"path": document["path"], "loop": True}
    (tmp_path / "path.json").write_text(json.dumps(document))
    path, _ = read_foreign(tmp_path / "path.json", STILL)
    assert [keyframe.time for keyframe in path.keyframes] == [0.0, 1.0, 2.0, 3.0] and path.closed
    assert_same(path.at(3.0).camera, PATH.at(0.0).camera)


def test_cameras_stand_upright_and_that_is_said(tmp_path: Path) -> None:
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(0.5), -np.sin(0.5)], [np.sin(0.5), np.cos(0.5)]]
    pose = np.array([[1, 0, 0, 0.0], [0, 0, -1, -3], [0, 1, 0, 0], [0, 0, 0, 1]]) @ turn
    frames = [{"camera_to_world": pose.tolist(), "fov": 50, "aspect": 1}]
    (tmp_path / "path.json").write_text(json.dumps({"camera_path": frames, "fps": 24}))
    path, said = read_foreign(tmp_path / "path.json", STILL)
    assert "tilted by up to 29 degrees" in said and path.at(0.0).camera.position == pytest.approx((0, 0, 3))


EYE = np.eye(4).reshape(-1).tolist()


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"camera_path": []}, "camera_path: expected a list of frames"),
        ({"camera_path": [], "keyframes": [{"fov": 50}]}, r"keyframes\[0\]: expected an object with matrix"),
        ({"camera_path": [], "keyframes": [{"matrix": "[1, 2]"}]}, "expected 16 numbers"),
        ({"camera_path": [{"fov": 50}]}, r"camera_path\[0\]: expected an object with camera_to_world"),
        ({"camera_path": [{"camera_to_world": [1, 2]}]}, "expected 16 numbers"),
        ({"camera_path": [{"camera_to_world": [0] * 16}]}, "expected a camera's pose"),
        ({"camera_path": [{"camera_to_world": EYE, "fov": 190}]}, "vertical angle of view"),
        ({"camera_path": [{"camera_to_world": EYE}], "fps": 0}, "fps: expected"),
        ({"camera_path": [{"camera_to_world": EYE}], "camera_type": "fisheye"}, "only perspective cameras"),
        ({"path": [{"R": [0, 0, 0, 0], "T": [0, 0, 0], "fov": 50}]}, "expected a quaternion"),
        ({"path": [{"R": [0, 0, 0, 1], "T": [0, 0], "fov": 50}]}, r"path\[0\]\.T: expected a list of 3"),
        ({"path": [{"R": [0, 0, 0, 1], "T": [0, 0, 0]}]}, r"path\[0\]\.fov: expected"),
    ],
)
def test_what_is_wrong_is_named(document: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    (tmp_path / "path.json").write_text(json.dumps(document))
    with pytest.raises(InputError, match=rf"path '.*path\.json', of (nerfstudio|instant-ngp): .*{sentence}"):
        read_foreign(tmp_path / "path.json", STILL)


def test_the_command_line_writes_and_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    write_path(tmp_path / "own.json", PATH)
    out = tmp_path / "for.json"
    words = ["--render-path", str(tmp_path / "own.json"), "--export-path", str(out), "--to", "instant-ngp"]
    assert app.cli.run(words) == 0 and foreign_format(out) is not None
    assert app.cli.run(words) == 2 and "is there already" in capsys.readouterr().err
    assert app.cli.run(["--render-path", str(out), "--out", str(tmp_path / "o")]) == 2
    assert "of instant-ngp: says nothing of what is seen; give it by --field" in capsys.readouterr().err
    assert foreign_format(tmp_path / "own.json") is None and foreign_format(tmp_path / "none.json") is None
    with pytest.raises(InputError, match="show a shape, a model or a scene"):
        read_foreign(out, Controls())
    with pytest.raises(InputError, match="moves no camera"):
        write_foreign(out, KeyframePath(Controls(), (Keyframe(0.0),)), "nerfstudio")
