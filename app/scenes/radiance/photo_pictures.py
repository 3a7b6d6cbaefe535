"""Pictures that compare what a field shows with its photographs."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from jaxtyping import Bool, Float

from fieldcore.exclusive import exclusive
from fieldcore.fields.seen_field import SeenField
from fieldcore.fields.surface_looking import SeenSurface
from fieldcore.views.camera import Camera
from fieldcore.views.views import Views

from ...gl.colormap import COLOUR_MAPS

MOST_SPREAD = 0.2
"""Of photographs' colours, in the last colour."""

OF_MASK, OF_FIELD = (0.2, 1.0, 0.3), (1.0, 0.6, 0.15)
"""Colours of the outlines of a photograph's mask, and of what the field covers."""

_HALF = 0.5
_UNKNOWN = 0.35
"""Brightness of a surface that fewer than two photographs show."""

Picture = Float[np.ndarray, "h w 3"]


def photograph(views: Views, number: int, camera: Camera) -> Float[np.ndarray, "h w 4"]:
    """What was photographed, over what is behind, and its alpha, in a size."""
    pixels = views.views[number].pixels().numpy()
    small = cv2.resize(pixels, (camera.width, camera.height), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(small)


def outlined(photo: Float[np.ndarray, "h w 4"], alpha: Float[np.ndarray, "h w"]) -> Picture:
    """A photograph with the outlines of its own mask, in green, and of what a field covers, in orange.

    The one runs around the mask, the other along what is covered, so that both are seen where the two agree.
    """
    picture = photo[..., :3].copy()
    picture[_edge(photo[..., 3] <= _HALF)] = OF_MASK
    picture[_edge(alpha > _HALF)] = OF_FIELD
    return picture


def agreement_map(
    field: SeenField,
    views: Views,
    points: Float[torch.Tensor, "n 3"],
    normals: Float[torch.Tensor, "n 3"],
    shape: tuple[int, int],
) -> Picture:
    """Where the photographs agree on what is seen: how far apart their colours of each pixel's point are, in colours.

    Args:
        field: a surface.
        views: its photographs.
        points: of the surface, a pixel each; NaN where there is none, which stays black.
        normals: there.
        shape: height and width of the picture.
    """
    assert isinstance(field, SeenSurface)
    picture = np.zeros((len(points), 3), np.float32)
    seen = points.isfinite().all(1)
    with torch.no_grad(), exclusive(field, training=False):
        spread = field.agreement(points[seen], normals[seen], views).spread.cpu().numpy()
    colours = coloured(np.nan_to_num(spread) / MOST_SPREAD)
    picture[seen.cpu().numpy()] = np.where(np.isnan(spread)[:, None], _UNKNOWN, colours)
    return picture.reshape(*shape, 3)


def _edge(inside: Bool[np.ndarray, "h w"]) -> Bool[np.ndarray, "h w"]:
    """Pixels of a region that have a neighbour outside of it."""
    within = cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8), borderType=cv2.BORDER_REPLICATE)
    return inside & (within == 0)


def coloured(share: np.ndarray) -> np.ndarray:
    """Numbers from 0 to 1 as colours."""
    colours: np.ndarray = COLOUR_MAPS["absolute"]()[(share.clip(0, 1) * 255 + 0.5).astype(int)].astype(np.float32)
    return colours
