"""Radiance fields: the grid beside the dense networks of FINER's comparison, on views whose truth is known. Markdown.

    python -m benchmarks.radiance [--steps 300] [--encodings grid finer sine gauss gabor relu] [--size 100]

The scene is drawn by ray-sphere intersection: six chequered balls over a chequered floor, on white, without masks. As
in the comparison, 25 views are learned, and others are compared. Every field has the same renderer, the same grid of
what is empty, the same steps and the same rays a step; one thread, whose own time is counted, so that what else runs
disturbs it less.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch
import tyro
from jaxtyping import Float

from benchmarks.machine import machine_description
from fieldcore import Stop, build_field, fit, preset_recipe
from fieldcore.fields.networks import RADIANCE_ENCODINGS
from fieldcore.fields.radiance import Radiance
from fieldcore.views.camera import Camera
from fieldcore.views.views import Views
from fieldcore.views_scoring import mean_view_score, view_scores

LEARNED, COMPARED = 25, 4
_SUPERSAMPLING = 3
_RADIUS, _FOCAL = 2.6, 1.3
_FLOOR = -0.5


@dataclass(frozen=True)
class Options:
    """Compare radiance fields."""

    steps: int = 300
    """Of each field."""
    encodings: tuple[str, ...] = tuple(RADIANCE_ENCODINGS)
    """Which."""
    size: int = 100
    """Of the views, in pixels a side."""
    width: int = 64
    """Of the dense networks; published are 182."""


def main() -> None:
    """Measure and print."""
    options = tyro.cli(Options)
    torch.set_num_threads(1)
    views = balls_on_a_floor(options.size)
    print(f"Machine: {machine_description()}, one thread\n")
    print(
        f"{LEARNED} views of {options.size} x {options.size}, {options.steps} steps; means of {COMPARED} other views\n"
    )
    print("| encoding | parameters | PSNR dB | SSIM | FLIP | ms a step | occupied | s a view |")
    print("|---|---|---|---|---|---|---|---|")
    for encoding in options.encodings:
        print(row(encoding, views, options), flush=True)


def row(encoding: str, views: Views, options: Options) -> str:
    """Train one, and what came of it."""
    recipe = preset_recipe("radiance", "preview", views.facts, steps=options.steps)
    changes = {"encoding": encoding, "width": options.width, "background": "white"}
    field = build_field(recipe.changed(changes, "views"), views.facts)
    assert isinstance(field, Radiance)
    started = time.thread_time()
    for _ in fit(field, views, stop=Stop(steps=options.steps)):
        pass
    trained = time.thread_time()
    score = mean_view_score(list(view_scores(field, views).values()))
    rendered = (time.thread_time() - trained) / COMPARED
    milliseconds = 1e3 * (trained - started) / options.steps
    share = field.occupancy.share
    return (
        f"| {encoding} | {field.parameter_count:,} | {score.psnr:.2f} | {score.ssim or 0:.3f} | {score.flip:.3f} | "
        f"{milliseconds:.0f} | {share:.2f} | {rendered:.2f} |"
    )


def balls_on_a_floor(size: int, masks: bool = False) -> Views:
    """The scene, seen from the upper half of a sphere, the views that are compared between the others.

    With masks all that is not white is the object.
    """
    count = LEARNED + COMPARED
    cameras = [_camera(number, count, size) for number in range(count)]
    held_out = [number % (count // COMPARED) == count // COMPARED // 2 for number in range(count)]
    pictures = [_picture(camera, masks) for camera in cameras]
    unit = torch.eye(4, dtype=torch.float64)
    return Views(cameras, pictures, "balls on a floor", held_out=held_out, has_masks=masks, source_from_scene=unit)


def _camera(number: int, count: int, size: int) -> Camera:
    height = 0.15 + 0.75 * (number + 0.5) / count
    angle = number * np.pi * (3 - np.sqrt(5))
    back = np.array([np.sqrt(1 - height**2) * np.sin(angle), height, np.sqrt(1 - height**2) * np.cos(angle)])
    right = np.cross([0.0, 1.0, 0.0], back)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3] = np.stack([right, np.cross(back, right), back, _RADIUS * back], 1)
    focal = _FOCAL * size
    return Camera(size, size, focal, focal, size / 2, size / 2, torch.tensor(pose))


def _picture(camera: Camera, masked: bool) -> np.ndarray:
    fine = camera.resized(camera.width * _SUPERSAMPLING, camera.height * _SUPERSAMPLING)
    origins, directions = (part.numpy() for part in fine.rays(fine.pixel_centres().double()))
    colours, nearest = _seen(origins, directions)
    alpha = np.isfinite(nearest)[:, None] if masked else np.ones((len(colours), 1))
    values = np.concatenate([colours * alpha, alpha], 1)
    blocks = values.reshape(camera.height, _SUPERSAMPLING, camera.width, _SUPERSAMPLING, 4)
    return (blocks.mean((1, 3)) * 255 + 0.5).astype(np.uint8)


def _seen(
    origins: Float[np.ndarray, "n 3"], directions: Float[np.ndarray, "n 3"]
) -> tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, "n"]]:
    """The colour of the first ball or of the floor that rays meet, and where; white and infinity where none is met."""
    colours, nearest = np.ones_like(origins), np.full(len(origins), np.inf)
    t = (_FLOOR - origins[:, 1]) / np.minimum(directions[:, 1], -1e-9)
    points = origins + t[:, None] * directions
    hit = (t > 0) & (np.abs(points[:, [0, 2]]).max(1) < 0.9)
    _paint(colours, nearest, hit, t, 0.3 + 0.5 * _chequered(points[:, [0, 2]], 4), np.array([0.9, 0.85, 0.8]))
    for number in range(6):
        angle = number * np.pi / 3
        centre = np.array([0.5 * np.sin(angle), -0.25 + 0.25 * (number % 2), 0.5 * np.cos(angle)])
        offset = origins - centre
        along = (offset * directions).sum(1)
        square = along**2 - (offset**2).sum(1) + 0.22**2
        t = -along - np.sqrt(square.clip(0))
        normal = (offset + t[:, None] * directions) / 0.22
        light = 0.35 + 0.65 * (normal @ np.array([0.36, 0.8, 0.48])).clip(0)
        hue = 0.55 + 0.45 * np.cos(number + np.array([0.0, 2.1, 4.2]))
        _paint(colours, nearest, square > 0, t, light * (0.4 + 0.6 * _chequered(normal, 3)), hue)
    return colours, nearest


def _paint(
    colours: np.ndarray, nearest: np.ndarray, hit: np.ndarray, t: np.ndarray, brightness: np.ndarray, hue: np.ndarray
) -> None:
    front = hit & (t < nearest)
    nearest[front] = t[front]
    colours[front] = (brightness[front, None] * hue).clip(0, 1)


def _chequered(points: np.ndarray, fields: int) -> np.ndarray:
    return (np.floor(points * fields).sum(1) % 2).astype(np.float64)


if __name__ == "__main__":
    main()
