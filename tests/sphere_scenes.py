"""Scenes whose truth is known in closed form: photographs of lit, coloured balls, drawn by ray-sphere intersection."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from fieldcore.images import write_image
from fieldcore.views.camera import Camera
from fieldcore.views.orbit import looking_at, spiral_directions
from fieldcore.views.views import Views

LIGHTS = np.array([[0.5, 0.8, 0.6], [-0.7, 0.2, 0.3]])
LIGHTS /= np.linalg.norm(LIGHTS, axis=1, keepdims=True)
STRENGTHS = (0.55, 0.25)
AMBIENT = 0.2


@dataclass(frozen=True)
class Balls:
    """Balls that may overlap; their union is the object.

    Attributes:
        centres: (b, 3).
        radii: (b,).
    """

    centres: Float[np.ndarray, "b 3"]
    radii: Float[np.ndarray, "b"]

    def distance(self, x: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n"]:
        """Signed distance to the union, exact outside and of one ball everywhere, negative inside."""
        return (np.linalg.norm(x[:, None] - self.centres, axis=2) - self.radii).min(1)

    def hits(
        self, origins: Float[np.ndarray, "n 3"], directions: Float[np.ndarray, "n 3"]
    ) -> tuple[Float[np.ndarray, "n"], Float[np.ndarray, "n 3"]]:
        """Distances along rays to the first surface, infinite where there is none, and normals there."""
        offset = origins[:, None] - self.centres
        along = (offset * directions[:, None]).sum(2)
        square = along**2 - (offset**2).sum(2) + self.radii**2
        with np.errstate(invalid="ignore"):
            first = np.where(square > 0, -along - np.sqrt(square), np.inf)
        first = np.where(first > 0, first, np.inf)
        ball = first.argmin(1)
        depth = first[np.arange(len(ball)), ball]
        points = origins + np.where(np.isfinite(depth), depth, 0)[:, None] * directions
        return depth, (points - self.centres[ball]) / self.radii[ball, None]

    def colours(self, points: Float[np.ndarray, "n 3"], normals: Float[np.ndarray, "n 3"]) -> np.ndarray:
        """What is seen there, from any side: a pattern of products of sines, lit by two lights from afar."""
        waves = np.sin(5 * points + [0.0, 1.0, 2.0]) * np.sin(7 * np.roll(points, 1, axis=1))
        pattern = 0.55 + 0.4 * waves
        light = AMBIENT + sum(s * (normals @ way).clip(0) for s, way in zip(STRENGTHS, LIGHTS, strict=True))
        return (pattern * light[:, None]).clip(0, 1)


BALL = Balls(np.zeros((1, 3)), np.array([0.6]))
THREE = Balls(np.array([[0.0, 0, 0], [0.45, 0.1, 0.1], [-0.3, 0.35, -0.1]]), np.array([0.4, 0.3, 0.25]))


def spiral(count: int, radius: float = 3.3) -> list[np.ndarray]:
    """Camera centres around the origin."""
    return list(radius * spiral_directions(count))


def cameras_around(count: int, size: int = 64, fov_degrees: float = 36.0) -> list[Camera]:
    """Cameras on the spiral, all with the same lens."""
    focal = size / 2 / np.tan(np.radians(fov_degrees / 2))
    return [Camera(size, size, focal, focal, size / 2, size / 2, looking_at(centre)) for centre in spiral(count)]


def photograph(balls: Balls, camera: Camera, supersampling: int = 3) -> np.ndarray:
    """A picture as bytes (height, width, 4): colours times alpha and alpha, means over ``supersampling`` ** 2 rays."""
    fine = camera.resized(camera.width * supersampling, camera.height * supersampling)
    origins, directions = (part.numpy() for part in fine.rays(fine.pixel_centres().double()))
    depth, normals = balls.hits(origins, directions)
    seen = np.isfinite(depth)
    rgba = np.zeros((len(depth), 4))
    points = origins[seen] + depth[seen, None] * directions[seen]
    rgba[seen] = np.concatenate([balls.colours(points, normals[seen]), np.ones((seen.sum(), 1))], 1)
    blocks = rgba.reshape(camera.height, supersampling, camera.width, supersampling, 4)
    return (blocks.mean((1, 3)) * 255 + 0.5).astype(np.uint8)


def ball_views(count: int = 12, size: int = 64, balls: Balls = BALL, holdout: int = 0, **options: object) -> Views:
    """Views of balls in memory, in the scene's own coordinates unless ``source_from_scene`` says otherwise."""
    cameras = cameras_around(count, size)
    pixels = [photograph(balls, camera) for camera in cameras]
    return Views(cameras, pixels, "balls", holdout=holdout, has_masks=True, **options)  # type: ignore[arg-type]


def write_transforms(folder: Path, cameras: list[Camera], pictures: list[np.ndarray], name: str = "images") -> Path:
    """Write a scene with pictures of bytes (height, width, 3 or 4; premultiplied) and a transforms.json."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    frames = []
    for number, (camera, pixels) in enumerate(zip(cameras, pictures, strict=True)):
        write_image(folder / name / f"{number:03d}.png", straight(pixels))
        matrix = camera.world_from_camera.tolist()
        frames.append({"file_path": f"{name}/{number:03d}.png", "transform_matrix": matrix})
    lens = cameras[0]
    entries = {"fl_x": lens.fx, "fl_y": lens.fy, "cx": lens.cx, "cy": lens.cy, "w": lens.width, "h": lens.height}
    (folder / "transforms.json").write_text(json.dumps({**entries, "frames": frames}))
    return folder


def write_ball_scene(folder: Path, count: int = 12, size: int = 64, balls: Balls = BALL) -> Path:
    """A scene's folder with pictures of balls."""
    cameras = cameras_around(count, size)
    return write_transforms(folder, cameras, [photograph(balls, camera) for camera in cameras])


def straight(pixels: np.ndarray) -> np.ndarray:
    """Values in [0, 1] of bytes, whose colours are no longer multiplied by alpha."""
    values = pixels.astype(np.float32) / 255
    if values.shape[2] == 4:
        values[..., :3] /= np.maximum(values[..., 3:], 1e-6)
    return values.clip(0, 1)
