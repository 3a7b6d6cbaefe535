"""Photographs of models: three descriptions of the same cameras, pictures that fit them, and the truth."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from trimesh.creation import box, icosphere

import fieldcore as fc
from app.cli import run, understood
from app.record.view_options import views_asked
from app.record.view_rendering import placed_cameras
from fieldcore.errors import InputError
from fieldcore.signals.mesh_file import read_mesh
from fieldcore.views.formats import FORMATS

QUICK = ["--views", "6", "--size", "48x40", "--quiet"]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A box that is no cube, photographed with cameras that are known inexactly."""
    folder = tmp_path_factory.mktemp("views")
    box((2.0, 1.0, 0.5)).export(folder / "brick.obj")
    words = ["--render-views", str(folder / "brick.obj"), "--out", str(folder / "a scene"), "--pose-noise-deg", "1"]
    assert run([*words, *QUICK, "--json"]) == 0
    return folder / "a scene"


def test_three_descriptions_are_of_the_same_cameras(scene: Path) -> None:
    points = torch.randn(10, 3, dtype=torch.float64) * 0.3
    found = {}
    for name, scene_format in FORMATS.items():
        described = scene_format.read(scene_format.find(scene))
        cameras = [each.camera for each in described.photographs if not each.held_out]
        assert len(cameras) == 6
        found[name] = torch.stack([camera.project(points)[0] for camera in cameras])
    for others in found.values():
        assert torch.allclose(others, found["transforms"], atol=1e-5)


def test_pictures_fit_the_exact_cameras(scene: Path) -> None:
    """The surface's corners lie on the masks' borders and inside is inside: nothing is mirrored or half a pixel off."""
    truth = json.loads((scene / "truth.json").read_text())
    mesh = read_mesh(scene / "truth.ply")
    low, high = torch.from_numpy(mesh.vertices.min(0)), torch.from_numpy(mesh.vertices.max(0))
    views = fc.Views.open(scene)
    assert len(views.training) == 6 and len(views.held_out) == 8 and views.has_test_views
    for view in views.views:
        pose = torch.tensor(truth["world_from_camera"][view.name], dtype=torch.float64)
        lens = view.camera
        camera = fc.Camera(lens.width, lens.height, lens.fx, lens.fy, lens.cx, lens.cy, pose)
        origins, directions = camera.rays(camera.pixel_centres().double())
        one, other = (low - origins) / directions, (high - origins) / directions
        hit = torch.minimum(one, other).amax(1) < torch.maximum(one, other).amin(1)
        alpha = view.pixels()[..., 3].reshape(-1)
        assert bool(hit[alpha == 1].all()) and not bool(hit[alpha == 0].any())
        assert float(alpha.mean()) == pytest.approx(float(hit.double().mean()), abs=0.01)
        colours = view.pixels().reshape(-1, 4)[alpha == 1][:, :3]
        assert 0.05 < float(colours.mean()) < 0.9 and float(colours.std()) > 0.03


def test_the_truth_is_the_models_surface(scene: Path) -> None:
    truth = json.loads((scene / "truth.json").read_text())
    mesh = read_mesh(scene / "truth.ply")
    assert mesh.watertight and len(mesh.vertices) == 8
    matrix = np.array(truth["scene_from_file"])
    brick = np.array([[x, y, z] for x in (-1, 1) for y in (-0.5, 0.5) for z in (-0.25, 0.25)])
    placed = brick @ matrix[:3, :3].T + matrix[:3, 3]
    assert sorted(map(tuple, mesh.vertices.round(5))) == sorted(map(tuple, placed.round(5)))
    assert np.ptp(mesh.vertices[:, 0]) <= 1.8 + 1e-6 and truth["pose_noise_deg"] == 1


def test_noise_is_of_the_size_that_was_asked_for(tmp_path: Path) -> None:
    words = ["--render-views", "x.obj", "--out", str(tmp_path), "--views", "400", "--pose-noise-deg", "0.5"]
    cameras = placed_cameras(views_asked(understood(words)))
    turns, shifts = [], []
    for exact, noisy in zip(cameras.exact, cameras.described, strict=True):
        cosine = (float(torch.trace(noisy.rotation @ exact.rotation.T)) - 1) / 2
        turns.append(np.degrees(np.arccos(min(cosine, 1.0))))
        shifts.append(float((noisy.centre - exact.centre).norm()))
        assert 3.04 < float(exact.centre.norm()) < 3.56
    assert np.sqrt(np.mean(np.square(turns))) == pytest.approx(0.5, rel=0.1)
    assert np.sqrt(np.mean(np.square(shifts))) == pytest.approx(0.0115, rel=0.1)
    again = placed_cameras(views_asked(understood(words)))
    assert torch.equal(again.described[7].world_from_camera, cameras.described[7].world_from_camera)


def test_lights_are_what_they_are_called(tmp_path: Path) -> None:
    """Without lights a matte ball is as bright at its rim as in its middle; with one at the camera it is darker."""
    icosphere(3).export(tmp_path / "ball.ply")
    brightness = {}
    for light in ("flat", "head", "sun"):
        out = tmp_path / light
        words = ["--render-views", str(tmp_path / "ball.ply"), "--out", str(out), "--light", light, "--specular", "0"]
        assert run([*words, "--views", "4", "--size", "48x48", "--quiet"]) == 0
        pixels = fc.Views.open(out).views[1].pixels()
        rows, columns = np.mgrid[:48, :48] - 23.5
        radius = np.hypot(rows, columns)
        rim, middle = (
            pixels[..., :3][torch.from_numpy(where)] for where in ((radius > 17) & (radius < 20), radius < 8)
        )
        brightness[light] = float(rim.mean() / middle.mean())
    assert brightness["head"] < 0.9 * brightness["flat"]


@pytest.mark.parametrize(
    "words, message",
    [
        (["--views", "2"], "--views: expected from 3 to 1000, got 2"),
        (["--elevation", "70,-50"], "--elevation: expected LOW,HIGH"),
        (["--fov", "170"], "--fov: expected from 5 to 120"),
        (["--size", "9000x9000"], "--size: expected from 8 to 4096 pixels a side"),
        (["--light", "moon"], "--light: expected one of sun, flat, head"),
        (["--device", "cpu"], "--device does not go with --render-views"),
        (["--variance", "1e-3"], "--variance does not go with --render-views"),
    ],
)
def test_what_cannot_be_is_refused(words: list[str], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        views_asked(understood(["--render-views", "x.obj", "--out", str(tmp_path), *words]))


def test_folders_and_models_that_are_not_fit(tmp_path: Path, scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, message in (
        (["nowhere.obj", "--out", str(tmp_path / "a")], "mesh 'nowhere.obj': no such file"),
        (["nowhere.obj", "--out", str(scene)], "transforms.json' exists; choose another folder or add --overwrite"),
        (["nowhere.obj"], "--out: give the folder"),
    ):
        assert run(["--render-views", *words, "--quiet"]) == 2
        assert message in capsys.readouterr().err
    with pytest.raises(InputError, match="--views does not go with the window; it goes with --render-views"):
        understood(["--views", "5"])
