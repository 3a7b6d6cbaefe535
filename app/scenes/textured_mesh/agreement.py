"""How well a frame agrees with the judge, and with the frame before it.

All figures are of the texture alone, display-encoded and unlit, over the pixels that the model covers by more than
half.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import flip_evaluator
import numpy as np
from jaxtyping import Bool, Float, Int

from fieldcore import scoring

from ...camera.camera import NEAR, Camera, view_from_world
from .geometry_pass import GeometryArrays

Albedo = Float[np.ndarray, "h w 4"]
"""Display-encoded colours, not multiplied, and coverage; top row first."""

COVERED = 0.5
"""Of a pixel that counts, more than that is covered."""

_FLIP_REACH_PX = 32
"""How far pixels lend anything to others, and more."""

_LEAST_WEIGHT = 1e-3
"""Of a neighbour in interpolation; what weighs less need not agree."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A frame as a way of shading shows it.

    Attributes:
        albedo: the texture's colours, and coverage.
        geometry: what the frame sees of the model.
        camera: that saw it.
    """

    albedo: Albedo
    geometry: GeometryArrays
    camera: Camera

    @property
    def covered(self) -> Bool[np.ndarray, "h w"]:
        """The pixels that count."""
        return self.albedo[..., 3] > COVERED


def compared(now: Seen | None, judge: Seen | None, before: Seen | None) -> dict[str, float | None]:
    """All figures by name; None where there is nothing to compare with."""
    return {
        "psnr": psnr(now.albedo, judge.albedo) if now is not None and judge is not None else None,
        "flip": flip(now.albedo, judge.albedo) if now is not None and judge is not None else None,
        "flicker": flicker(now, before) if now is not None and before is not None else None,
    }


def psnr(albedo: Albedo, judge: Albedo) -> float | None:
    """Peak signal-to-noise ratio in dB, at most 200; None where no pixel is covered in both."""
    both = _both(albedo, judge)
    return scoring.psnr(_colours(albedo)[both], _colours(judge)[both], (0.0, 1.0)) if both.any() else None


def flip(albedo: Albedo, judge: Albedo) -> float | None:
    """Mean perceptual difference, in [0, 1]; None where no pixel is covered in both.

    What is not covered in both is made equal before the difference is taken, so that it lends nothing to the pixels
    beside it.

    Source: P. Andersson et al., FLIP: a difference evaluator for alternating images (2020), by its own package.
    """
    both = _both(albedo, judge)
    if not both.any():
        return None
    part = _around(both, _FLIP_REACH_PX)  # farther away nothing differs, and it is slow
    both, truth = both[part], _colours(judge[part])
    shown = np.where(both[..., None], _colours(albedo[part]), truth)
    differences = flip_evaluator.evaluate(truth, shown, "LDR", applyMagma=False)[0]
    return float(differences.reshape(both.shape)[both].mean())


def flicker(now: Seen, before: Seen) -> float | None:
    """Mean absolute difference between two frames where they see the same points of the surface.

    The surface point of each covered pixel is projected into the frame before, and compared with the colour there. That
    is interpolated, cubically, since a linear mean would blur a sharp picture and call the difference flicker. It
    counts only where all pixels that it is made of are covered, of the same material, and see the texture where it
    should be, within the footprint: what was hidden, and what lies at a seam, is left out.

    Returns:
        None where the frames have no point in common.
    """
    rows, columns = np.nonzero(now.covered)
    x, y, ahead = _projected(_points(now, rows, columns), before)
    rows, columns, x, y = (part[ahead] for part in (rows, columns, x, y))
    corner_x, corner_y = np.floor(x), np.floor(y)
    colours, agrees = np.zeros((len(x), 3)), np.ones(len(x), bool)
    for dx in (-1, 0, 1, 2):
        for dy in (-1, 0, 1, 2):
            column, row = (corner_x + dx).astype(np.int64), (corner_y + dy).astype(np.int64)
            weight = _cubic(x - column) * _cubic(y - row)
            inside = _inside(before, row, column)
            row, column = np.where(inside, row, 0), np.where(inside, column, 0)
            same = inside & _same_point(now, before, (rows, columns), (row, column), (x - column, y - row))
            agrees &= same | (np.abs(weight) < _LEAST_WEIGHT)
            colours += weight[:, None] * _colours(before.albedo)[row, column]
    if not agrees.any():
        return None
    difference = np.abs(_colours(now.albedo)[rows, columns] - colours)
    return float(difference[agrees].mean())


def _cubic(distance: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    """Weight of a pixel at a distance within 2 in cubic interpolation, which blurs far less than a linear one.

    Source: R. Keys, Cubic Convolution Interpolation for Digital Image Processing (1981), third order.
    """
    d = np.abs(distance)
    return np.where(d <= 1, (1.5 * d - 2.5) * d**2 + 1, ((2.5 - 0.5 * d) * d - 4) * d + 2)


def _both(albedo: Albedo, judge: Albedo) -> Bool[np.ndarray, "h w"]:
    return (albedo[..., 3] > COVERED) & (judge[..., 3] > COVERED)


def _around(mask: Bool[np.ndarray, "h w"], margin: int) -> tuple[slice, slice]:
    """The rows and columns of what is true, and some more on every side."""
    places = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    rows, columns = (slice(max(0, int(where[0]) - margin), int(where[-1]) + margin + 1) for where in places)
    return rows, columns


def _colours(albedo: Albedo) -> Float[np.ndarray, "h w 3"]:
    return np.ascontiguousarray(albedo[..., :3].clip(0, 1), np.float32)


def _by_pixel(seen: Seen) -> float:
    """How far apart two pixels' rays are at distance 1."""
    return 2 * math.tan(math.radians(seen.camera.fov_deg) / 2) / seen.albedo.shape[0]


def _points(seen: Seen, rows: Int[np.ndarray, "n"], columns: Int[np.ndarray, "n"]) -> Float[np.ndarray, "n 3"]:
    """The surface points that pixels see, in the world."""
    height, width = seen.albedo.shape[:2]
    right, up, forward = seen.camera.axes
    across, down = (columns + 0.5 - width / 2) * _by_pixel(seen), (rows + 0.5 - height / 2) * _by_pixel(seen)
    rays = forward + across[:, None] * right - down[:, None] * up
    return np.array(seen.camera.position) + seen.geometry.distance[rows, columns, None].astype(np.float64) * rays


def _projected(
    points: Float[np.ndarray, "n 3"], seen: Seen
) -> tuple[Float[np.ndarray, "n"], Float[np.ndarray, "n"], Bool[np.ndarray, "n"]]:
    """Columns and rows where a frame sees points of the world, counted from pixel centres; whether they are ahead."""
    height, width = seen.albedo.shape[:2]
    x, y, z = view_from_world(seen.camera)[:3] @ np.vstack([points.T, np.ones(len(points))])
    ahead = -z > NEAR
    scale = np.where(ahead, -z, 1) * _by_pixel(seen)
    return x / scale + width / 2 - 0.5, -y / scale + height / 2 - 0.5, ahead


def _inside(seen: Seen, row: np.ndarray, column: np.ndarray) -> Bool[np.ndarray, "n"]:
    height, width = seen.albedo.shape[:2]
    return (row >= 0) & (row < height) & (column >= 0) & (column < width)


def _same_point(
    now: Seen,
    before: Seen,
    here: tuple[np.ndarray, np.ndarray],
    there: tuple[np.ndarray, np.ndarray],
    offset: tuple[np.ndarray, np.ndarray],
) -> Bool[np.ndarray, "n"]:
    """Whether pixels of the frame before, followed by an offset along their Jacobian, see the same of the texture."""
    jacobian = before.geometry.jacobian[there]
    uv = before.geometry.uv[there] + np.einsum("nij,nj->ni", jacobian, np.stack(offset, -1))
    footprint = (_size(now.geometry.jacobian[here]) + _size(jacobian)) / 2
    near = np.linalg.norm(uv - now.geometry.uv[here], axis=1) <= footprint
    same_material = before.geometry.material[there] == now.geometry.material[here]
    return before.covered[there] & same_material & near


def _size(jacobian: Float[np.ndarray, "n 2 2"]) -> Float[np.ndarray, "n"]:
    return np.linalg.norm(jacobian, axis=(1, 2))
