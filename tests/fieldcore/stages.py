"""Light stages for tests: made of functions, and as folders of files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

import fieldcore as fc
from fieldcore.images import write_image


def spread_lights(count: int, least_z: float = 0.3) -> np.ndarray:
    """Directions spread evenly over the cap above ``least_z``, by the golden angle."""
    number = np.arange(count) + 0.5
    z = 1 - (1 - least_z) * number / count
    angle = np.pi * (3 - np.sqrt(5)) * number
    flat = np.sqrt(1 - z * z)
    return np.stack([flat * np.cos(angle), flat * np.sin(angle), z], 1)


def stage_of(function: Callable[[np.ndarray], np.ndarray], directions: np.ndarray, size: int = 4) -> fc.LightStage:
    """A stage all of whose pixels are the same function of the light's place (n, 2), scaled a little by column."""
    values = function(fc.chart_from_direction(directions))
    columns = np.linspace(0.5, 1.0, size + 2)
    photos = values[:, None, None, None] * columns[None, None, :, None]
    return fc.LightStage(np.repeat(np.broadcast_to(photos, (len(values), size, size + 2, 1)), 3, 3), directions)


def noise_stage(count: int = 12, size: int = 8, seed: int = 0, **settings: object) -> fc.LightStage:
    """A stage of random bytes."""
    pixels = np.random.default_rng(seed).integers(0, 256, (count, size, size + 2, 3), np.uint8)
    return fc.LightStage(pixels, spread_lights(count), **settings)  # type: ignore[arg-type]


def write_stage(folder: Path, lines: Sequence[str] | None = None, count: int = 5, size: int = 6) -> Path:
    """A folder of photos ``0.png`` and so on, with an ``.lp`` of these lines, or of good ones."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    for number in range(count):
        write_image(folder / f"{number}.png", rng.integers(1, 256, (size, size + 2, 3), np.uint8))
    write_lights(folder / "lights.lp", lines, count)
    return folder


def write_lights(path: Path, lines: Sequence[str] | None = None, count: int = 5) -> Path:
    """An ``.lp`` of these lines, or of good ones."""
    path.write_text("\n".join(good_lines(count) if lines is None else lines) + "\n")
    return path


def good_lines(count: int = 5) -> list[str]:
    """The lines of an ``.lp``."""
    lights = spread_lights(count)
    return [str(count), *(f"{number}.png {x:.9f} {y:.9f} {z:.9f}" for number, (x, y, z) in enumerate(lights))]
