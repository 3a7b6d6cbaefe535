"""Flights without a window, through the command line: what they leave on disk, and what they refuse."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest
from holding import render_until
from scipy.ndimage import minimum_filter
from waves import Waves

import app.cli
import app.record.frame_folder
import app.scenes.textured_mesh.rendering
from app.camera.camera import Camera
from app.gl.offscreen import Offscreen
from app.path.keyframes import KeyframePath, keyframe_of
from app.path.path_file import read_path, write_path
from app.scenes.textured_mesh.agreement import Seen, flicker, flip, psnr
from app.scenes.textured_mesh.controls import TexturedMeshControls
from app.scenes.textured_mesh.geometry_pass import read_geometry
from app.scenes.textured_mesh.shading import Shot, read_albedo
from app.scenes.textured_mesh.shading_set import Shadings
from fieldcore.errors import InputError
from fieldcore.images import read_image, write_image
from fieldcore.models import load_model

SurfaceOf = Callable[[int, int], Offscreen]
SIZE = (48, 32)
QUAD = """mtllib quad.mtl
v -1 -1 0
v 1 -1 0
v 1 1 0
v -1 1 0
vt 0 0
vt 1 0
vt 1 1
vt 0 1
usemtl cloth
f 1/1 2/2 3/3 4/4
"""


def checks(side: int = 64) -> np.ndarray:
    """Squares of three texels, which alias."""
    y, x = np.mgrid[0:side, 0:side] // 3
    return np.repeat(255 * ((x + y) % 2)[..., None], 3, axis=2).astype(np.uint8)


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    (tmp_path / "quad.obj").write_text(QUAD)
    (tmp_path / "quad.mtl").write_text("newmtl cloth\nmap_Kd cloth.png\n")
    write_image(tmp_path / "cloth.png", checks())
    return tmp_path / "quad.obj"


@pytest.fixture
def flight(model_file: Path) -> dict[str, Any]:
    """A flight of five frames that is right in every way, past a wall that the field is trained on."""
    (model_file.parent / "waves.safetensors").write_bytes(b"waves")
    return {
        "format": "fieldscope-path",
        "version": 1,
        "scene": "textured_mesh",
        "model": "quad.obj",
        "field": "waves.safetensors",
        "frames_per_second": 4,
        "lit": False,
        "caption": False,
        "samples": 3,
        "keyframes": [
            {"time": 0, "position": [0, 0, 3], "shading": "mipmap"},
            {"time": 1, "position": [0.9, 0.4, 2.5], "yaw_deg": 20, "pitch_deg": -9},
        ],
    }


@pytest.fixture
def call(
    flight: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> Callable[..., tuple[int, str, str]]:
    """Run the command line with the test's flight and a field in closed form: exit code, output, errors."""
    monkeypatch.setattr(
        app.scenes.textured_mesh.rendering, "load_checkpoint", lambda file, device: SimpleNamespace(field=Waves())
    )

    def run(*arguments: str) -> tuple[int, str, str]:
        (tmp_path / "flight.json").write_text(json.dumps(flight))
        given = ["--render-path", str(tmp_path / "flight.json"), "--out", str(tmp_path / "out"), "--size", "48x32"]
        return app.cli.run([*given, *arguments]), *capsys.readouterr()

    return run


def frames(folder: Path) -> list[np.ndarray]:
    return [read_image(file)[0] for file in sorted(folder.glob("frame_*.png"))]


def test_without_passes_the_frames_are_what_the_keyframes_show(call, surface_of: SurfaceOf, tmp_path: Path):
    surface_of(8, 8)
    code, output, _ = call()
    assert code == 0 and output.startswith(f"5 frames in '{tmp_path / 'out'}', ")
    report = json.loads((tmp_path / "out" / "frames.json").read_text())
    assert (report["format"], report["state"], report["size"]) == ("fieldscope-frames", "complete", [48, 32])
    assert report["field"]["kind"] == "waves" and report["model"]["file"] == str(tmp_path / "quad.obj")
    motion = read_path(tmp_path / "flight.json")
    for k, frame in enumerate(report["frames"]):
        camera = motion.at(k / 4).camera
        assert (frame["file"], frame["left"]) == (f"frame_{k:06d}.png", "mipmap")
        assert (frame["position"], frame["yaw_deg"]) == (list(camera.position), camera.yaw_deg)
    shown = frames(tmp_path / "out")
    assert len(shown) == 5 and shown[0].std() > 0.05 and np.abs(shown[4] - shown[0]).mean() > 0.02


def test_what_was_recorded_renders_to_the_same_pixels_again(
    call, surface_of: SurfaceOf, flight: dict[str, Any], tmp_path: Path, model_file: Path
):
    surface_of(8, 8)
    recorded = [
        TexturedMeshControls(
            model="quad.obj", camera=Camera((0.1 * k, 0.0, 3.0 - 0.1 * k), 7.0 * k), left="single", right="neural",
            layout=("one", "wipe", "two_up", "four", "one")[k], divider=0.3 + k / 31, variance=k / 1e4,
        )
        for k in range(5)
    ]  # fmt: skip
    keyframes = tuple(keyframe_of(controls, k / 29.97) for k, controls in enumerate(recorded))
    path = KeyframePath(
        TexturedMeshControls(model=str(model_file), field=str(tmp_path / "waves.safetensors"), grid=True),
        keyframes,
        frames_per_second=29.97,
    )
    write_path(tmp_path / "recording.json", path)
    flight.update(json.loads((tmp_path / "recording.json").read_text()))
    assert call("--out", str(tmp_path / "once"))[0] == 0
    assert call("--out", str(tmp_path / "again"))[0] == 0
    for one, other in zip(frames(tmp_path / "once"), frames(tmp_path / "again"), strict=True):
        np.testing.assert_array_equal(one, other)
    assert path.at(path.frame_times()[3]) == TexturedMeshControls(
        model=str(model_file), field=str(tmp_path / "waves.safetensors"), camera=recorded[3].camera, left="single",
        right="neural", layout="four", divider=recorded[3].divider, variance=recorded[3].variance, grid=True,
    )  # fmt: skip


def test_passes_get_a_folder_and_a_video_each_and_agree_as_reported(call, surface_of: SurfaceOf, tmp_path: Path):
    surface = surface_of(*SIZE)
    passes = ("neural", "single", "mipmap", "anisotropic", "supersampled", "uv")
    code, output, _ = call(
        "--passes", ",".join(passes), "--report", "--samples", "4", "--video", str(tmp_path / "a.mp4"), "--json"
    )
    assert code == 0
    printed = json.loads(output)
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert (report["state"], report["passes"], report["samples"]) == ("complete", list(passes), 4)
    assert report["renderer"] == surface.renderer and report["device"] == "cpu" and report["machine"]
    assert set(printed["passes"]) == set(passes)
    for k, name in enumerate(passes):
        assert len(frames(tmp_path / "out" / name)) == 5
        listed = json.loads((tmp_path / "out" / name / "frames.json").read_text())
        video = tmp_path / (f"a_{name}.mp4" if k else "a.mp4")
        assert (listed["pass"], listed["video"]) == (name, str(video))
        assert sum(1 for _ in imageio_ffmpeg.read_frames(video)) - 1 == 5
    expected = figures_of(tmp_path / "flight.json", surface, ("neural", "single", "mipmap", "anisotropic"))
    for moment, frame in zip(expected, report["frames"], strict=True):
        for name, values in moment.items():
            got = frame["passes"][name]
            assert [got[figure] for figure in ("psnr", "flip", "flicker")] == pytest.approx(values, abs=1e-5)
            assert got["milliseconds"] > 0
        assert frame["passes"]["uv"]["psnr"] is frame["passes"]["supersampled"]["flip"] is None
    for name in ("single", "supersampled"):
        flickers = [frame["passes"][name]["flicker"] for frame in report["frames"]]
        assert flickers[0] is None and report["means"][name]["flicker"] == pytest.approx(
            np.mean(flickers[1:]), abs=1e-6
        )
    assert report["means"]["mipmap"]["psnr"] > report["means"]["single"]["psnr"] + 2


def figures_of(path_file: Path, surface: Offscreen, names) -> list[dict[str, list]]:
    """PSNR, FLIP and flicker of each frame, each pass shaded on its own."""
    path = read_path(path_file)
    shadings = Shadings(surface.context, load_model(path.still.model), field=Waves())
    result, before = [], {}
    for time_s in path.frame_times():
        controls = TexturedMeshControls(model="", camera=path.at(time_s).camera, samples=4)
        seen = {}
        for name in (*names, "supersampled"):
            shot = Shot(shadings.geometry_pass, controls.camera, SIZE)
            for _ in shadings[name].shade(shot, controls):
                pass
            seen[name] = Seen(read_albedo(shadings[name].albedo), read_geometry(shot.geometry), controls.camera)
        judge = seen["supersampled"].albedo
        result.append(
            {
                name: [
                    psnr(seen[name].albedo, judge),
                    flip(seen[name].albedo, judge),
                    flicker(seen[name], before[name]) if before else None,
                ]
                for name in names
            }
        )
        before = seen
    shadings.release()
    return result


def test_the_uv_pass_is_16_bits_of_u_v_nothing_and_coverage_the_top_row_first(
    call, surface_of: SurfaceOf, flight: dict[str, Any], tmp_path: Path
):
    """Head on, 90 degrees high, from 2 away: the wall, 2 units high, fills the middle half of the height."""
    surface_of(8, 8)
    flight["keyframes"] = [{"time": 0, "position": [0, 0, 2], "fov_deg": 90}]
    assert call("--passes", "uv")[0] == 0
    values = read_image(tmp_path / "out" / "uv" / "frame_000000.png").values
    y, x = np.mgrid[0:32, 0:48] + 0.5
    inside = (np.abs(x - 24) < 8) & (np.abs(y - 16) < 8)
    np.testing.assert_array_equal(values[..., 3], inside)
    np.testing.assert_allclose(values[inside][:, 0], ((x - 16) / 16)[inside], atol=1 / 65535)
    np.testing.assert_allclose(values[inside][:, 1], ((24 - y) / 16)[inside], atol=1 / 65535)
    assert (values[..., 2] == 0).all() and (values[~inside] == 0).all()


def test_a_uv_sequence_of_a_flight_gives_its_neural_pass(call, surface_of: SurfaceOf, tmp_path: Path, capsys):
    surface_of(8, 8)
    assert call("--passes", "neural,uv")[0] == 0
    sequence = ["--uv-sequence", str(tmp_path / "out" / "uv"), "--field", str(tmp_path / "waves.safetensors")]
    assert app.cli.run([*sequence, "--out", str(tmp_path / "shaded"), "--video", str(tmp_path / "shaded.mp4")]) == 0
    assert "5 frames in" in capsys.readouterr().out and (tmp_path / "shaded.mp4").exists()
    for neural, shaded in zip(frames(tmp_path / "out" / "neural"), frames(tmp_path / "shaded"), strict=True):
        whole = minimum_filter(shaded[..., 3], 3) == 1  # at edges a frame of uv does not say all that is seen
        assert whole.sum() > 200
        np.testing.assert_allclose(shaded[whole][:, :3], neural[whole], atol=0.02)
    assert app.cli.run([*sequence, "--out", str(tmp_path / "small"), "--downsample", "4"]) == 0
    assert frames(tmp_path / "small")[0].shape == (8, 12, 4)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--passes", "neural,nearest"],
            "--passes: expected some of single, mipmap, anisotropic, supersampled, neural",
        ),
        (["--passes", "uv,uv"], "--passes: 'uv' is given twice; keep one"),
        (["--passes", ""], "with commas between, got ''"),
        (["--report"], "--report compares passes with the judge: add --passes"),
        (["--samples", "17", "--passes", "single"], "--samples: expected a whole number from 1 to 16, got 17"),
        (["--downsample", "2"], "--downsample does not go with --render-path"),
        (["--uv-sequence", "uv"], "--render-path does not go with --uv-sequence"),
        (["--video", "a.avi", "--passes", "uv"], "expected a name ending in .mp4"),
        (["--size", "tall", "--passes", "uv"], "--size: expected a width and a height"),
    ],
)
def test_a_wrong_flag_is_one_sentence(call, arguments: list[str], sentence: str):
    code, output, errors = call(*arguments)
    assert (code, output) == (2, "") and sentence in errors and errors.count("\n") == 1


@pytest.mark.parametrize("flag", [["--field", "f"], ["--samples", "4"]])
def test_flags_of_flights_are_refused_for_paths_of_pictures(path_file: Path, flag: list[str], capsys):
    assert app.cli.run(["--render-path", str(path_file), "--out", "out", *flag]) == 2
    assert f"{flag[0]} does not go with a path of pictures" in capsys.readouterr().err


def test_a_sequence_needs_a_field(tmp_path: Path, capsys):
    assert app.cli.run(["--uv-sequence", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "--uv-sequence: add --field FILE" in capsys.readouterr().err


def test_neural_without_a_field_says_how_to_train_one(call, flight: dict[str, Any], tmp_path: Path):
    del flight["field"]
    code, _, errors = call("--passes", "single,neural")
    assert code == 2 and f"fieldcore fit texture {tmp_path / 'quad.obj'} --out" in errors
    flight["keyframes"][1]["shading"] = "neural"
    code, _, errors = call()
    assert code == 2 and errors.startswith(
        "error: keyframes[1]: 'neural' needs a field, and the flight names none; add --field FILE"
    )


def test_the_fragment_shader_takes_no_other_kind_of_field(call, surface_of: SurfaceOf):
    surface_of(8, 8)
    code, output, errors = call("--passes", "shader")
    assert (code, output) == (2, "") and "error: " in errors and "waves" in errors and "Traceback" not in errors


def test_frames_that_are_there_are_replaced_only_when_asked(call, surface_of: SurfaceOf, tmp_path: Path):
    surface_of(8, 8)
    given = ("--passes", "single,uv", "--report", "--samples", "2")
    assert call(*given)[0] == 0
    code, _, errors = call(*given)
    assert code == 2 and "holds 'frame_000000.png' already" in errors
    code, _, errors = call("--passes", "mipmap", "--report")
    assert code == 2 and "report.json' exists" in errors
    assert call(*given, "--overwrite")[0] == 0


def test_a_full_disk_keeps_the_frames_and_a_valid_report(
    call, surface_of: SurfaceOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    surface_of(8, 8)

    def write_until_full(path: Path, pixels: np.ndarray) -> None:
        if path.parts[-2:] == ("uv", "frame_000002.png"):
            raise InputError(f"cannot write '{path}': the disk is full")
        write_image(path, pixels)

    monkeypatch.setattr(app.record.frame_folder, "write_image", write_until_full)
    code, _, errors = call("--passes", "single,uv", "--report", "--samples", "2")
    assert code == 2 and "the disk is full; 2 of 5 frames were kept" in errors
    states = [json.loads(file.read_text())["state"] for file in (tmp_path / "out").rglob("*.json")]
    assert states == ["interrupted"] * 3


def test_an_interrupt_keeps_the_frames_the_videos_and_a_valid_report(
    surface_of: SurfaceOf, flight: dict[str, Any], tmp_path: Path
):
    surface_of(8, 8)
    flight["frames_per_second"] = 500
    del flight["field"]
    (tmp_path / "flight.json").write_text(json.dumps(flight))
    out = tmp_path / "out"
    arguments = [
        "--render-path", str(tmp_path / "flight.json"), "--out", str(out), "--size", "48x32",
        "--passes", "supersampled,single", "--report", "--video", str(tmp_path / "a.mp4"),
    ]  # fmt: skip
    code, errors = render_until(signal.SIGINT, arguments, out / "single" / "frame_000002.png", tmp_path)
    assert code == 130 and "Traceback" not in errors
    kept = len(frames(out / "single"))
    assert f"interrupted: {kept} of 501 frames were kept in '{out}'" in errors
    for file in (out / "report.json", out / "single" / "frames.json", out / "supersampled" / "frames.json"):
        report = json.loads(file.read_text())
        assert (report["state"], len(report["frames"])) == ("interrupted", kept)
    for name in ("a.mp4", "a_single.mp4"):
        assert sum(1 for _ in imageio_ffmpeg.read_frames(tmp_path / name)) - 1 == kept


def test_an_interrupted_flight_goes_on(call, surface_of: SurfaceOf, tmp_path: Path):
    surface_of(8, 8)
    given = ("--passes", "neural,uv")
    assert call(*given)[0] == 0
    whole = {file: file.read_bytes() for file in (tmp_path / "out").rglob("frame_*")}
    (tmp_path / "out" / "uv" / "frame_000002.png").unlink()
    assert call(*given, "--resume")[0] == 0
    assert {file: file.read_bytes() for file in (tmp_path / "out").rglob("frame_*")} == whole
    (tmp_path / "out" / "uv" / "frame_000002.png").unlink()
    code, _, errors = call(*given, "--resume", "--video", str(tmp_path / "a.mp4"))
    assert code == 2 and "uv/frame_000000.png' does not hold the picture that a video shows" in errors
    code, _, errors = call("--passes", "neural,uv", "--resume", "--field", str(tmp_path / "flight.json"))
    assert code == 2 and "were made with another 'field'" in errors
