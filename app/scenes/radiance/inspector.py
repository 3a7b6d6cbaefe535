"""What is told of a point that is seen of a radiance field or a surface: where it is, how it faces, and its colours."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from fieldcore.views.camera import Camera

from ...camera.sight import Rows, SeenPoint, vector_words
from ...compare import ERROR_KINDS
from ...frame_size import Size, fitted
from ...gl.overlays import signed_number
from .pictures import RadiancePictures

_MAPS = ("depth", "normals", "density", "flip", "agreement", *ERROR_KINDS)
"""Outputs whose colours stand for numbers."""


def seen_at(pictures: RadiancePictures, pane_px: Size, output: str, share: tuple[float, float]) -> SeenPoint | None:
    """What pictures show at a place of a pane; None where nothing is.

    Args:
        pictures: of the frame.
        pane_px: size of the pane, in whose middle they are.
        output: what it shows.
        share: of its width from the left, and of its height from the top.
    """
    camera, depth = pictures.camera, pictures.depth
    left, top, width, height = fitted((camera.width, camera.height), pane_px)
    at = (share[0] * pane_px[0] - left) / width, (share[1] * pane_px[1] - top) / height
    if depth is None or output == "density" or not all(0 <= one < 1 for one in at):
        return None
    away = float(_at(depth, at))
    if away <= 0:
        return None
    point = point_at(camera, at, away)
    normal = (0.0, 0.0, 0.0)
    rows = [("point", vector_words(point)), ("distance", f"{away:.4f}")]
    if "normals" in pictures.images:
        normal = tuple((2 * _at(pictures.images["normals"], at) - 1).tolist())
        rows.append(("normal", vector_words(np.array(normal))))
    rows.append(("pixel there", f"{away / camera.fy:.2g}"))
    x, y, z = point.tolist()
    return SeenPoint((x, y, z), normal, (*rows, *_colours(pictures, output, at)))


def point_at(camera: Camera, at: tuple[float, float], away: float) -> Float[np.ndarray, "3"]:
    """The point that a camera sees at a share of its width and height, so far along the view direction."""
    column, row = at[0] * camera.width, at[1] * camera.height
    y = -(row - camera.cy) / camera.fy
    x = (column - camera.cx + camera.skew * y) / camera.fx
    found: Float[np.ndarray, "3"] = camera.centre.numpy() + away * (camera.rotation.numpy() @ np.array([x, y, -1.0]))
    return found


def _colours(pictures: RadiancePictures, output: str, at: tuple[float, float]) -> Rows:
    """Of what the pane shows, and of the photograph; where both are there, the error."""
    shown = "colour" if output in _MAPS else output
    names = [name for name in dict.fromkeys((shown, "photo")) if name in pictures.images]
    values = {name: _at(pictures.images[name], at) for name in names}
    rows = [(name, "  ".join(f"{value:.3f}" for value in colour)) for name, colour in values.items()]
    if len(values) == 2:
        rows.append(("error", signed_number(float((values[shown] - values["photo"]).mean()))))
    return tuple(rows)


def _at(image: np.ndarray, at: tuple[float, float]) -> np.ndarray:
    height, width = image.shape[:2]
    return np.asarray(image[int(at[1] * height), int(at[0] * width)])
