"""Photographs of a model whose truth is known: a scene's folder with pictures, masks, cameras and the surface."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from fieldcore.errors import InputError
from fieldcore.files import check_writable_folder
from fieldcore.meshing import write_mesh
from fieldcore.progress_lines import ProgressLine, note
from fieldcore.version import version
from fieldcore.views.camera import Camera
from fieldcore.views.format_names import FORMATS
from fieldcore.views.orbit import looking_at, spiral_directions, with_noise
from fieldcore.views.written import WrittenScene, WrittenView

from ..gl.lit_model import Lighting, LitModel
from ..gl.offscreen import is_software, offscreen
from .view_options import ViewRequest, views_asked
from .view_subject import ViewSubject, read_subject

DISTANCE, DISTANCE_SPREAD = 3.3, 0.25
TEST_VIEWS = 8
_TEST_TURN = 1.0
_AT_CAMERA = (0.0, 0.0, 0.0)


def _light(*way: float) -> tuple[float, float, float]:
    x, y, z = (part / math.hypot(*way) for part in way)
    return x, y, z


_LIGHTS = {
    "sun": ((_light(0.5, 0.8, 0.6), _light(-0.7, 0.2, -0.5)), (0.8, 0.35), 0.25),
    "flat": ((_AT_CAMERA, _AT_CAMERA), (0.0, 0.0), 1.0),
    "head": ((_AT_CAMERA, _AT_CAMERA), (0.85, 0.0), 0.15),
}
"""By name: the ways to two lights, their strengths, and light from everywhere."""


@dataclass(frozen=True)
class PlacedCameras:
    """Cameras of a scene: those that photograph, and those that the files describe."""

    exact: tuple[Camera, ...]
    described: tuple[Camera, ...]
    test: tuple[Camera, ...]


def render_views(options: Any) -> None:
    """Do what ``--render-views`` asks for, and print what was written.

    Raises:
        InputError: an option is wrong, the model cannot be read, or the scene cannot be drawn or written.
    """
    request = views_asked(options)
    _check_folder(request.folder, options.overwrite)
    started = time.perf_counter()
    cameras = placed_cameras(request)
    subject = read_subject(request.model, (*cameras.exact, *cameras.test))
    note(*subject.notices)
    lighting = _lighting(request)
    with offscreen((16, 16)) as screen:
        if options.require_gpu and is_software(screen.renderer):
            raise InputError(f"--require-gpu: OpenGL draws in software here ({screen.renderer})")
        model = LitModel(screen.context, subject.triangles, lighting, request.size)
        views = tuple(_photographed(model, cameras))
        model.release()
        renderer = screen.renderer
    _write(request, subject, lighting, cameras, views)
    result = {
        "out": str(request.folder),
        "views": request.views,
        "test_views": TEST_VIEWS,
        "width": request.size[0],
        "height": request.size[1],
        "textured": subject.textured,
        "seconds": round(time.perf_counter() - started, 2),
        "renderer": renderer,
    }
    print(json.dumps(result) if options.json else _summary(result))


def placed_cameras(request: ViewRequest) -> PlacedCameras:
    """Cameras on a spiral, at distances that differ, all looking at the origin; and test cameras in between."""
    generator = np.random.default_rng(request.seed)
    width, height = request.size
    focal = height / 2 / math.tan(math.radians(request.fov) / 2)

    def at(directions: np.ndarray) -> tuple[Camera, ...]:
        distances = generator.uniform(DISTANCE - DISTANCE_SPREAD, DISTANCE + DISTANCE_SPREAD, len(directions))
        lens = (width, height, focal, focal, width / 2, height / 2)
        return tuple(Camera(*lens, looking_at(centre)) for centre in directions * distances[:, None])

    exact = at(spiral_directions(request.views, request.elevations))
    test = at(spiral_directions(TEST_VIEWS, request.elevations, _TEST_TURN))
    poses = [with_noise(camera.world_from_camera, request.pose_noise_deg, generator) for camera in exact]
    described = tuple(replace(camera, world_from_camera=pose) for camera, pose in zip(exact, poses, strict=True))
    return PlacedCameras(exact, described if request.pose_noise_deg else exact, test)


def _lighting(request: ViewRequest) -> Lighting:
    ways, strengths, ambient = _LIGHTS[request.lighting]
    return Lighting(ways, strengths, ambient, request.specular)


def _photographed(model: LitModel, cameras: PlacedCameras) -> Iterator[WrittenView]:
    total = len(cameras.exact) + len(cameras.test)
    with ProgressLine("photographs", total=float(total)) as line:
        for number, (camera, described) in enumerate(zip(cameras.exact, cameras.described, strict=True)):
            yield WrittenView(f"{number:03d}", described, model.photograph(camera))
            line.show(float(number + 1), note=f"{number + 1} of {total}")
        for number, camera in enumerate(cameras.test):
            yield WrittenView(f"test_{number:03d}", camera, model.photograph(camera), held_out=True)


def _check_folder(folder: Path, overwrite: bool) -> None:
    if folder.is_file():
        raise InputError(f"--out '{folder}': expected a folder, and it is a file")
    there = next((folder / name for name in ("transforms.json", "cameras.npz") if (folder / name).exists()), None)
    if there is not None and not overwrite:
        raise InputError(f"'{there}' exists; choose another folder or add --overwrite")
    check_writable_folder(folder)


def _write(
    request: ViewRequest,
    subject: ViewSubject,
    lighting: Lighting,
    cameras: PlacedCameras,
    views: tuple[WrittenView, ...],
) -> None:
    request.folder.mkdir(parents=True, exist_ok=True)
    radius = float(np.linalg.norm(subject.surface.vertices, axis=1).max())
    scene = WrittenScene(views, True, (0.0, 0.0, 0.0), 1.02 * radius)
    for scene_format in FORMATS.values():
        scene_format.write(request.folder, scene)
    write_mesh(request.folder / "truth.ply", subject.surface)
    truth = {
        "program": f"fieldscope {version()}",
        "model": request.model.name,
        "scene_from_file": subject.scene_from_file.tolist(),
        "textured": subject.textured,
        "lighting": {"name": request.lighting, **vars(lighting)},
        "fov_deg": request.fov,
        "pose_noise_deg": request.pose_noise_deg,
        "seed": request.seed,
        "world_from_camera": {
            view.name: camera.world_from_camera.tolist()
            for view, camera in zip(views, (*cameras.exact, *cameras.test), strict=True)
        },
    }
    (request.folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", "utf-8")


def _summary(result: dict[str, Any]) -> str:
    return (
        f"{result['views']} photographs and {result['test_views']} to test with in '{result['out']}', "
        f"{result['seconds']:.1f} s, drawn by {result['renderer']}"
    )
