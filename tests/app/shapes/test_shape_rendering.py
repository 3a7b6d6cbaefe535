"""Paths of shapes without a window, through the command line: what they leave on disk, and what they refuse."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest
import torch
import trimesh
from ball import SOURCE_CENTER, SOURCE_SCALE, Ball, BallTruth, cell_centres, smoothed_distance, smoothed_radius
from waves import Waves

import app.cli
import app.scenes.shape.rendering
from app.camera.flipping import FlipRenderer
from app.covariance import Covariance
from app.flip import flip_map
from app.gl.colormap import magma
from app.gl.offscreen import Offscreen
from app.path.keyframes import KeyframePath, keyframe_of
from app.path.path_file import read_path, write_path
from app.record.frame import Frame
from app.record.frame_renderer import whole
from app.record.passes import AS_SHOWN, Pass
from app.scenes.shape.baking import ShapeSubject
from app.scenes.shape.controls import ShapeControls
from app.scenes.shape.exact_surface import finding_field
from app.scenes.shape.meshes import ellipsoid_mesh
from app.scenes.shape.renderer import ShapeRenderer
from app.scenes.shape.rendering import _baking
from app.scenes.shape.report import ShapeMeasure
from app.work.asking import EvaluateHere
from app.work.slices import completed
from fieldcore.images import read_image

SurfaceOf = Callable[[int, int], Offscreen]
SIZE = (64, 48)


def ball_of(field: Ball) -> ShapeSubject:
    return ShapeSubject(field, true_bake=_baking(BallTruth()))


def isotropic(variance: float) -> Covariance:
    return (variance, 0.0, 0.0, variance, 0.0, variance)


@pytest.fixture
def field() -> Ball:
    return Ball(error=0.01)


@pytest.fixture
def path(tmp_path: Path) -> dict[str, Any]:
    """A path of five frames that is right in every way, along which a ball melts."""
    (tmp_path / "ball.safetensors").write_bytes(b"ball")
    (tmp_path / "ball.obj").write_bytes(b"its mesh")
    return {
        "format": "fieldscope-path",
        "version": 1,
        "scene": "shape",
        "field": "ball.safetensors",
        "truth": "ball.obj",
        "frames_per_second": 4,
        "cells": 32,
        "caption": False,
        "keyframes": [{"time": 0, "variance": 1e-3}, {"time": 1, "variance": 3e-2, "light_yaw_deg": 20}],
    }


@pytest.fixture
def call(
    path: dict[str, Any],
    field: Ball,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
    surface_of: SurfaceOf,
) -> Callable[..., tuple[int, str, str]]:
    """Run the command line with the test's path, field and truth in closed form: exit code, output, errors."""
    surface_of(8, 8)
    monkeypatch.setattr(
        app.scenes.shape.rendering, "load_checkpoint", lambda file, device: SimpleNamespace(field=field)
    )
    monkeypatch.setattr(
        app.scenes.shape.rendering, "_shape_truth", lambda facts, job: BallTruth() if job.path.still.truth else None
    )

    def run(*arguments: str) -> tuple[int, str, str]:
        (tmp_path / "shape.json").write_text(json.dumps(path))
        given = ["--render-path", str(tmp_path / "shape.json"), "--out", str(tmp_path / "out"), "--size", "64x48"]
        return app.cli.run([*given, *arguments]), *capsys.readouterr()

    return run


def frames(folder: Path) -> list[np.ndarray]:
    return [read_image(file)[0] for file in sorted(folder.glob("frame_*.png"))]


def test_colours_of_its_own_are_refused_of_a_field_without_any(call) -> None:
    code, _, errors = call("--passes", "colours")
    assert code == 2 and "--passes colours asks for colours, but a ball field has none of its own" in errors


def test_without_passes_the_frames_are_what_the_keyframes_show(call, path: dict[str, Any], tmp_path: Path) -> None:
    path["keyframes"][0] |= {"colouring": "normals", "level": 0.1}
    code, output, _ = call()
    assert code == 0 and output.startswith(f"5 frames in '{tmp_path / 'out'}', ")
    report = json.loads((tmp_path / "out" / "frames.json").read_text())
    assert (report["format"], report["state"], report["size"]) == ("fieldscope-frames", "complete", [64, 48])
    assert (report["field"]["kind"], report["cells"], report["truth"]) == ("ball", 32, None)
    motion = read_path(tmp_path / "shape.json")
    for k, frame in enumerate(report["frames"]):
        controls = motion.at(k / 4)
        assert (frame["file"], frame["colouring"], frame["level"]) == (f"frame_{k:06d}.png", "normals", 0.1)
        assert (frame["variance"], frame["light_yaw_deg"]) == (controls.covariance[0], controls.light_yaw_deg)
        assert frame["position"] == list(controls.camera.position) and frame["drawn_ms"] > 0
    shown = frames(tmp_path / "out")
    assert len(shown) == 5 and shown[0].std() > 0.05 and np.abs(shown[4] - shown[0]).max() > 0.2


def test_the_same_path_gives_the_same_bytes(call, path: dict[str, Any], tmp_path: Path) -> None:
    path["exact"] = True
    assert call()[0] == 0
    first = [file.read_bytes() for file in sorted((tmp_path / "out").glob("*.png"))]
    assert call("--overwrite")[0] == 0
    assert [file.read_bytes() for file in sorted((tmp_path / "out").glob("*.png"))] == first


def test_what_was_recorded_renders_to_the_same_pixels_again(
    call, surface_of: SurfaceOf, field: Ball, path: dict[str, Any], tmp_path: Path
) -> None:
    surface = surface_of(*SIZE)
    recorded = [
        replace(
            ShapeControls(field="ball.safetensors", cells=32, covariance=(1e-2, 1e-3 * k, 0.0, 2e-3, 0.0, 1e-4 * k)),
            layout=("one", "wipe", "two_up", "one", "four")[k],
            left=("field", "field", "field", "error", "truth")[k],
            slice=("x", "y", "z", "none", "x")[k],
            slice_position=k / 17,
            light_yaw_deg=31.0 * k,
            divider=0.3 + k / 31,
        )
        for k in range(5)
    ]
    renderer, subject = ShapeRenderer(surface.context, EvaluateHere()), ball_of(field)
    expected = [whole(renderer.render(subject, controls, surface.framebuffer)).pixels for controls in recorded]
    renderer.release()
    keyframes = tuple(keyframe_of(controls, k / 29.97) for k, controls in enumerate(recorded))
    recording = KeyframePath(
        ShapeControls(field=str(tmp_path / "ball.safetensors"), truth=str(tmp_path / "ball.obj"), cells=32),
        keyframes,
        frames_per_second=29.97,
    )
    write_path(tmp_path / "recording.json", recording)
    path.clear()
    path.update(json.loads((tmp_path / "recording.json").read_text()))
    assert call()[0] == 0
    for one, other in zip(frames(tmp_path / "out"), expected, strict=True):
        np.testing.assert_array_equal(np.rint(255 * one).astype(np.uint8), other)


def test_a_bake_serves_as_long_as_the_filter_stays(surface_of: SurfaceOf, field: Ball) -> None:
    surface = surface_of(*SIZE)
    renderer, subject = ShapeRenderer(surface.context, EvaluateHere()), ball_of(field)

    def drawn(controls: ShapeControls, of: Pass = AS_SHOWN) -> Frame:
        return whole(renderer.render(subject, controls, surface.framebuffer, of))

    controls = ShapeControls(field="ball", covariance=isotropic(1e-2), cells=32)
    first = drawn(controls)
    assert field.asked == 32**3
    for changes in ({"level": 0.1}, {"left": "error"}, {"colouring": "curvature"}, {"slice": "x"}):
        assert not np.array_equal(drawn(replace(controls, **changes)).pixels, first.pixels)
    assert drawn(controls, Pass(content="mesh")).stored is not None
    assert ShapeMeasure(renderer, subject)(controls, {})[1]["iou"] is not None
    assert field.asked == 32**3
    np.testing.assert_array_equal(drawn(controls).pixels, first.pixels)
    assert not np.array_equal(drawn(replace(controls, covariance=isotropic(3e-2))).pixels, first.pixels)
    assert field.asked == 2 * 32**3
    renderer.release()


def test_passes_get_a_folder_and_a_video_each(call, tmp_path: Path) -> None:
    passes = ("mesh", "baked", "exact", "truth", "error", "normals", "curvature")
    code, output, _ = call("--passes", ",".join(passes), "--report", "--video", str(tmp_path / "a.mp4"), "--json")
    assert code == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert (report["state"], report["passes"], len(report["frames"])) == ("complete", list(passes), 5)
    assert set(json.loads(output)["means"]["milliseconds"]) == set(passes)
    shown = {}
    for name in passes[1:]:
        shown[name] = frames(tmp_path / "out" / name)
        listed = json.loads((tmp_path / "out" / name / "frames.json").read_text())
        video = tmp_path / ("a.mp4" if name == "baked" else f"a_{name}.mp4")
        assert (listed["pass"], listed["video"], len(shown[name])) == (name, str(video), 5)
        assert sum(1 for _ in imageio_ffmpeg.read_frames(video)) - 1 == 5
        assert report["frames"][2]["passes"][name]["drawn_ms"] > 0
    for name in ("truth", "error", "normals", "curvature"):
        assert np.abs(shown[name][0] - shown["baked"][0]).max() > 0.02
    meshes = json.loads((tmp_path / "out" / "mesh" / "frames.json").read_text())
    assert meshes["video"] is None and not (tmp_path / "a_mesh.mp4").exists()
    assert [frame["file"] for frame in meshes["frames"]] == [f"frame_{k:06d}.ply" for k in range(5)]


def test_the_report_says_how_the_bake_agrees_with_the_truth(call, tmp_path: Path) -> None:
    code, output, _ = call("--report")
    assert code == 0 and "iou" in output and "mse" in output
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["truth"]["file"] == str(tmp_path / "ball.obj")
    motion = read_path(tmp_path / "shape.json")
    for k, frame in enumerate(report["frames"]):
        variance = motion.at(k / 4).covariance[0]
        true = smoothed_distance(torch.from_numpy(cell_centres(32)), variance)
        assert frame["mse"] == pytest.approx(1e-4, rel=1e-3)
        assert frame["iou"] == pytest.approx(float((true < -0.01).sum() / (true < 0).sum()))
        assert frame["passes"]["shown"]["drawn_ms"] > 0
    assert report["means"]["mse"] == pytest.approx(1e-4, rel=1e-3)


def test_without_a_truth_the_report_leaves_its_figures_out(call, path: dict[str, Any], tmp_path: Path) -> None:
    del path["truth"]
    assert call("--report", "--passes", "baked")[0] == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["means"]["iou"] is report["frames"][0]["mse"] is None


def test_meshes_are_watertight_in_source_units_and_shrink_as_the_ball_melts(
    call, path: dict[str, Any], field: Ball, tmp_path: Path
) -> None:
    torch.nn.init.zeros_(field.error)
    path["cells"] = 64
    assert call("--passes", "mesh")[0] == 0
    motion = read_path(tmp_path / "shape.json")
    radii = []
    for k in range(5):
        mesh = trimesh.load_mesh(tmp_path / "out" / "mesh" / f"frame_{k:06d}.ply")
        assert mesh.is_watertight
        radii.append(np.linalg.norm(mesh.vertices - SOURCE_CENTER, axis=1) / SOURCE_SCALE)
        np.testing.assert_allclose(radii[-1], smoothed_radius(motion.at(k / 4).covariance[0]), atol=1e-3)
    assert (np.diff([of_frame.mean() for of_frame in radii]) < 0).all() and radii[4].mean() < 0.55


def test_the_truth_and_the_filter_are_meshes_too(call, path: dict[str, Any], tmp_path: Path) -> None:
    path |= {"cells": 64, "frames_per_second": 1}
    path["keyframes"] = [{"time": 0, "variance": 3e-2}, {"time": 1, "covariance": [4e-2, 1e-2, 0, 3e-2, 0, 0]}]
    assert call("--passes", "truth_mesh,ellipsoid")[0] == 0
    truth = trimesh.load_mesh(tmp_path / "out" / "truth_mesh" / "frame_000000.ply")
    radii = np.linalg.norm(truth.vertices - SOURCE_CENTER, axis=1) / SOURCE_SCALE
    np.testing.assert_allclose(radii, smoothed_radius(3e-2), atol=1e-3)
    round_one, flat = (trimesh.load_mesh(tmp_path / "out" / "ellipsoid" / f"frame_{index:06d}.ply") for index in (0, 1))
    radii = np.linalg.norm(round_one.vertices - SOURCE_CENTER, axis=1) / SOURCE_SCALE
    np.testing.assert_allclose(radii, 3e-2**0.5, rtol=1e-4)
    assert flat.is_watertight and flat.volume > 0, "a filter along two axes is a thin plate"
    path["keyframes"] = [{"time": 0, "variance": 0}]
    assert call("--passes", "ellipsoid", "--overwrite")[0] == 0
    (frame,) = json.loads((tmp_path / "out" / "ellipsoid" / "frames.json").read_text())["frames"]
    assert frame["reason"].startswith("nothing is filtered")


def test_an_ellipsoid_is_one_standard_deviation() -> None:
    turned = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    covariance = turned @ np.diag([1e-2, 4e-2, 9e-3]) @ turned.T
    mesh = ellipsoid_mesh(covariance)
    form = np.einsum("vi,ij,vj->v", mesh.vertices, np.linalg.inv(covariance), mesh.vertices)
    np.testing.assert_allclose(form, 1)
    assert mesh.watertight
    solid = trimesh.Trimesh(mesh.vertices, mesh.triangles)
    expected = 4 / 3 * np.pi * np.linalg.det(covariance) ** 0.5
    assert solid.volume == pytest.approx(expected, rel=5e-3), "outward"


def test_a_frame_without_a_surface_has_no_mesh_and_says_why(call, path: dict[str, Any], tmp_path: Path) -> None:
    path["keyframes"] = [{"time": 0, "variance": 1e-2, "level": 0}, {"time": 0.25, "level": -0.7}]
    assert call("--passes", "mesh,baked", "--report")[0] == 0
    assert [file.name for file in sorted((tmp_path / "out" / "mesh").glob("*.ply"))] == ["frame_000000.ply"]
    for listed in ("mesh/frames.json", "report.json"):
        first, second = json.loads((tmp_path / "out" / listed).read_text())["frames"]
        if "passes" in first:
            first, second = (frame["passes"]["mesh"] for frame in (first, second))
        assert first["surface"]["watertight"] and "reason" not in first
        assert second["reason"].startswith("there is no surface at level -0.7: under this filter the field is from")
    assert second.get("file") is None and len(frames(tmp_path / "out" / "baked")) == 2


@pytest.mark.long
@pytest.mark.parametrize("variance", [0.0, 1e-2])
def test_the_exact_surface_is_the_ball(field: Ball, variance: float) -> None:
    torch.nn.init.zeros_(field.error)
    controls = ShapeControls(field="ball", covariance=isotropic(variance), colouring="curvature", level=0.05)
    surface = completed(finding_field(EvaluateHere(), field, controls, (96, 72)))
    radius = next(r for r in np.linspace(0.3, 0.9, 60001) if radial(r, variance) > 0.05)
    hit = surface.hit
    np.testing.assert_allclose(np.linalg.norm(surface.position[hit], axis=1), radius, atol=1e-4)
    np.testing.assert_allclose(surface.normal[hit], surface.position[hit] / radius, atol=2e-3)
    np.testing.assert_allclose(np.median(surface.curvature[hit]), 1 / radius, rtol=0.02)
    eye = np.array(controls.camera.position)
    away, height = np.linalg.norm(eye), 2 * np.tan(np.radians(20)) / 72
    # A ball's outline is a cone of half angle asin(radius / distance); its middle is nearly that of the frame.
    disc = np.pi * np.tan(np.arcsin(radius / away)) ** 2 / height**2
    assert hit.sum() == pytest.approx(disc, rel=0.02)


def radial(r: float, variance: float) -> float:
    return float(smoothed_distance(torch.tensor([[r, 0.0, 0.0]]), variance))


def test_exact_pictures_and_baked_ones_agree(call, path: dict[str, Any], tmp_path: Path) -> None:
    path |= {"cells": 64, "keyframes": [{"time": 0, "variance": 1e-3}]}
    assert call("--passes", "baked,exact", "--size", "160x120")[0] == 0
    baked, exact = (frames(tmp_path / "out" / name)[0] for name in ("baked", "exact"))
    psnr = -10 * np.log10(np.mean((baked - exact) ** 2))
    assert psnr > 40 and (np.abs(baked - exact).max(-1) > 2 / 255).mean() < 0.02


def test_exact_frames_do_not_depend_on_cells(surface_of: SurfaceOf, field: Ball) -> None:
    """In eight cells a ball is hardly one; asked along every ray it is."""
    surface = surface_of(*SIZE)
    renderer = ShapeRenderer(surface.context, EvaluateHere())
    fine = ShapeControls(field="ball", cells=64, grid=False, caption=False, colouring="normals")
    pictures = {}
    for cells in (8, 64):
        for exact in (False, True):
            frame = whole(
                renderer.render(ShapeSubject(field), replace(fine, cells=cells, exact=exact), surface.framebuffer)
            )
            assert frame.pixels is not None
            pictures[cells, exact] = frame.pixels.astype(int)
    renderer.release()
    np.testing.assert_array_equal(pictures[8, True], pictures[64, True])
    off = {key: np.abs(picture - pictures[64, True]).mean() for key, picture in pictures.items()}
    assert off[8, False] > 10 * off[64, False] > 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--passes", "baked,neural"],
            "--passes: expected some of field, baked, exact, truth, error, other, normals, curvature, colours, mesh",
        ),
        (["--passes", "mesh,mesh"], "--passes: 'mesh' is given twice; keep one"),
        (["--passes", "mesh", "--video", "a.mp4"], "--video: the pass 'mesh' makes no pictures; add another one"),
        (["--samples", "4"], "--samples does not go with a path of a shape"),
        (["--downsample", "2"], "--downsample does not go with --render-path"),
        (["--size", "tall"], "--size: expected a width and a height"),
    ],
)
def test_a_wrong_flag_is_one_sentence(call, arguments: list[str], sentence: str) -> None:
    code, output, errors = call(*arguments)
    assert (code, output) == (2, "") and sentence in errors and errors.count("\n") == 1


def test_what_shows_the_truth_needs_its_mesh(call, path: dict[str, Any], tmp_path: Path) -> None:
    del path["truth"]
    code, _, errors = call("--passes", "baked,error")
    assert code == 2 and "--passes error asks for the truth, but the path names none; add the entry 'truth'" in errors
    path["keyframes"][1]["comparison"] = "wipe"
    code, _, errors = call()
    assert code == 2 and "keyframes[1] asks for the truth" in errors and errors.count("\n") == 1
    assert not (tmp_path / "out").exists() and call("--passes", "baked")[0] == 0


def test_another_mesh_is_no_truth(call, path: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(
        app.scenes.shape.rendering, "load_checkpoint", lambda file, device: SimpleNamespace(field=Ball())
    )
    trimesh.creation.box().export(tmp_path / "ball.obj")
    code, _, errors = call("--passes", "truth")
    assert code == 2 and "was trained on 'ball.obj'" in errors and "is another one" in errors
    (tmp_path / "ball.obj").unlink()
    code, _, errors = call("--passes", "truth")
    assert code == 2 and "ball.obj': no such file" in errors and not (tmp_path / "out").exists()


def test_a_field_of_a_picture_has_no_surface(call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(
        app.scenes.shape.rendering, "load_checkpoint", lambda file, device: SimpleNamespace(field=Waves())
    )
    code, _, errors = call("--field", "waves.safetensors")
    assert code == 2 and "a field of the picture 'waves' has no surface" in errors and errors.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_another_field_can_be_given(call, path: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "other.safetensors").write_bytes(b"other")
    path["keyframes"] = [{"time": 0}]
    assert call("--field", str(tmp_path / "other.safetensors"))[0] == 0
    report = json.loads((tmp_path / "out" / "frames.json").read_text())
    assert report["field"]["file"] == str(tmp_path / "other.safetensors")


def test_frames_that_are_there_are_replaced_only_when_asked(call, tmp_path: Path) -> None:
    assert call("--passes", "mesh", "--report")[0] == 0
    code, _, errors = call("--passes", "mesh")
    assert code == 2 and "mesh' holds 'frame_000000.ply' already" in errors
    code, _, errors = call("--passes", "baked", "--report")
    assert code == 2 and "report.json' exists" in errors
    assert call("--passes", "mesh", "--report", "--overwrite")[0] == 0


def test_an_interrupt_keeps_the_frames_so_far(
    call, field: Ball, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    values = field._values

    def interrupted(x, filter):
        if field.asked == 2 * 32**3:
            os.kill(os.getpid(), signal.SIGINT)
        return values(x, filter)

    monkeypatch.setattr(field, "_values", interrupted)
    code, output, errors = call("--passes", "baked,mesh", "--report")
    assert (code, output) == (130, "") and "interrupted: 3 of 5 frames were kept" in errors
    for file, count in (("baked/frames.json", 3), ("mesh/frames.json", 3), ("report.json", 3)):
        listed = json.loads((tmp_path / "out" / file).read_text())
        assert (listed["state"], len(listed["frames"])) == ("interrupted", count)


def test_an_interrupted_render_goes_on(call, tmp_path: Path) -> None:
    def files() -> dict[str, bytes]:
        found = {file.relative_to(tmp_path / "out"): file for file in (tmp_path / "out").rglob("frame_*")}
        return {str(name): file.read_bytes() for name, file in found.items()}

    given = ("--passes", "baked,mesh", "--video", str(tmp_path / "baked.mp4"))
    assert call(*given)[0] == 0
    whole, video = files(), (tmp_path / "baked.mp4").read_bytes()
    for number, name in ((3, "baked/frame_000003.png"), (4, "mesh/frame_000004.ply")):
        (tmp_path / "out" / name).unlink()
        code, output, _ = call(*given, "--resume")
        assert code == 0 and "5 frames in" in output, number
        assert files() == whole and (tmp_path / "baked.mp4").read_bytes() == video
    code, _, errors = call(*given, "--resume", "--report")
    assert code == 2 and "--report: the figures of frames made before are not kept" in errors


def test_flip_is_that_of_the_lit_pictures(surface_of: SurfaceOf) -> None:
    surface = surface_of(*SIZE)
    subject = ball_of(Ball(error=0.05))
    shown = ShapeControls(field="ball", cells=32, caption=False, grid=False, left="error", metric="flip")
    renderer = FlipRenderer(surface.context, ShapeRenderer(surface.context, EvaluateHere()), EvaluateHere())

    def pixels_of(controls: ShapeControls) -> np.ndarray:
        pixels = whole(renderer.render(subject, controls, surface.framebuffer)).pixels
        assert pixels is not None
        return pixels

    field, truth = (pixels_of(replace(shown, left=output)) / 255.0 for output in ("field", "truth"))
    error = flip_map(field, truth)
    expected = 255 * magma()[(error / 0.5).clip(0, 1).__mul__(255).round().astype(int)]
    assert error.max() > 0.1 and np.abs(pixels_of(shown) - expected).max() <= 3
    assert shown.comparison_described == {"layout": "one", "left": "error", "right": "truth", "error": "signed",
                                          "metric": "flip"}  # fmt: skip
    renderer.release()
