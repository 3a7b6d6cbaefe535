"""Silhouettes: which points of space all masks of a scene cover."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor

from .camera import Camera

INSIDE = 0.5
"""Alpha from which a point counts as covered."""

_TOUCHED = 0.1
"""Alpha from which a pixel sees something of the object, though it may be mostly background."""

THICKER_CELLS = 0.75
"""By which masks are thickened where a sheet must not slip between the vertices of a lattice."""

_FEWEST_IN_FRAME = 3

_AT_ONCE = 1 << 19
"""Points that are projected together."""


class Silhouette:
    """A mask and its camera, asked at points of space.

    Beyond the picture's border a mask goes on as it is there, so that an object which the picture cuts off is not cut
    off in space. What is behind the camera is not covered.

    Args:
        camera: in the coordinates that points are given in.
        alpha: (height, width) in [0, 1], of any number of pixels.
    """

    def __init__(self, camera: Camera, alpha: Float[Tensor, "h w"]) -> None:
        self.camera = camera.resized(alpha.shape[1], alpha.shape[0])
        self.alpha = alpha
        self._matrix = self.camera.matrix.float()
        self._scale = torch.tensor([2 / alpha.shape[1], 2 / alpha.shape[0]])

    def __call__(self, points: Float[Tensor, "n 3"]) -> Float[Tensor, "n"]:
        """Alpha where points are seen, bilinear between pixels' centres."""
        places, depth = self._places(points)
        values = F.grid_sample(self.alpha[None, None], places[None, None], padding_mode="border", align_corners=False)
        return torch.where(depth > 0, values[0, 0, 0], 0.0)

    def has_in_frame(self, points: Float[Tensor, "n 3"]) -> Bool[Tensor, "n"]:
        """Which points lie within the picture, whatever is seen there."""
        places, depth = self._places(points)
        return (depth > 0) & (places.abs() <= 1).all(1)

    @property
    def is_cut_off(self) -> bool:
        """Whether the mask reaches the picture's border."""
        rows, columns = self.alpha[[0, -1]], self.alpha[:, [0, -1]]
        return max(float(rows.max()), float(columns.max())) >= INSIDE

    def _places(self, points: Float[Tensor, "n 3"]) -> tuple[Float[Tensor, "n 2"], Float[Tensor, "n"]]:
        """Where points are seen, from -1 to 1 across the picture, and their depths."""
        seen = torch.addmm(self._matrix[:, 3], points, self._matrix[:, :3].T)
        return seen[:, :2] / seen[:, 2:] * self._scale - 1, seen[:, 2]


class Silhouettes:
    """All masks of a scene.

    Args:
        cameras: in the coordinates that points are given in.
        pixels: of each camera, with alpha.
        cell: between neighbouring points that are going to be asked; masks of many more pixels are shrunk, so that the
            edge of a mask is no narrower than half of that.
        centre: near which the points are.
    """

    def __init__(
        self,
        cameras: Sequence[Camera],
        pixels: Sequence[UInt8[Tensor, "_ _ 4"]],
        cell: float,
        centre: Float[Tensor, "3"],
    ) -> None:
        self.each = [Silhouette(*pair) for pair in _fitted(cameras, pixels, cell, centre)]

    def thickened(self, width: float, centre: Float[Tensor, "3"]) -> Silhouettes:
        """Masks whose borders, as they are seen at ``centre``, lie further out by ``width``, with all that they touch.

        So not even a sheet that is thinner than a pixel, seen edge-on, is too thin for a lattice of that width.
        """
        thick = copy.copy(self)
        thick.each = [
            Silhouette(
                each.camera, _grown(each.alpha, width * each.camera.fx / float((each.camera.centre - centre).norm()))
            )
            for each in self.each
        ]
        return thick

    def least(self, points: Float[Tensor, "n 3"]) -> Float[Tensor, "n"]:
        """The least alpha that any mask has there: of the hull's points it is at least a half.

        A point that is within fewer than three pictures is not covered: where masks are cut off, nothing else would
        end what they allow.

        Masks are asked in an order in which neighbours are far apart, and only where the others leave anything.
        """
        return torch.cat([self._least(part) for part in points.split(_AT_ONCE)])

    def _least(self, points: Float[Tensor, "n 3"]) -> Float[Tensor, "n"]:
        values = torch.ones(len(points))
        left = torch.arange(len(points))
        order = np.random.default_rng(0).permutation(len(self.each))
        for number in order:
            if not len(left):
                break
            least = torch.minimum(values[left], self.each[number](points[left]))
            values[left] = least
            left = left[least > 0]
        if any(silhouette.is_cut_off for silhouette in self.each):
            views = sum(silhouette.has_in_frame(points[left]).int() for silhouette in self.each)
            values[left[views < _FEWEST_IN_FRAME]] = 0
        return values

    def dissent(self, points: Float[Tensor, "n 3"]) -> tuple[Int[Tensor, "n"], Int[Tensor, "n"]]:
        """How many masks do not cover each point, and the sum of these masks' numbers: where it is one, its number."""
        counts, numbers = torch.zeros(2, len(points), dtype=torch.long)
        for number, silhouette in enumerate(self.each):
            outside = torch.cat([silhouette(part) for part in points.split(_AT_ONCE)]) < INSIDE
            counts += outside
            numbers += outside * number
        return counts, numbers


def _grown(alpha: Float[Tensor, "h w"], pixels: float) -> Float[Tensor, "h w"]:
    """A mask whose border lies so many pixels further out."""
    import cv2

    untouched = (alpha < _TOUCHED).numpy().astype(np.uint8)
    if untouched.all():
        return alpha
    away = torch.from_numpy(cv2.distanceTransform(untouched, cv2.DIST_L2, cv2.DIST_MASK_PRECISE))
    return torch.maximum(alpha, (1 + pixels - away).clamp(0, 1))


def _fitted(
    cameras: Sequence[Camera], pixels: Sequence[UInt8[Tensor, "_ _ 4"]], cell: float, centre: Float[Tensor, "3"]
) -> list[tuple[Camera, Float[Tensor, "_ _"]]]:
    """Cameras and masks, shrunk where two of their pixels are smaller than a cell."""
    import cv2

    pairs = []
    for camera, stored in zip(cameras, pixels, strict=True):
        alpha = np.ascontiguousarray(stored[..., 3].numpy())
        depth = float((camera.centre - centre).norm())
        times = int(cell / 2 / (depth / max(camera.fx, camera.fy)))
        if times > 1:
            size = (max(2, camera.width // times), max(2, camera.height // times))
            alpha = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
        pairs.append((camera, torch.from_numpy(alpha).float() / 255))
    return pairs
