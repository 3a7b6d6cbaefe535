"""The truth of videos: what a Gaussian or a kernel along the axes really makes of one, exactly, on any grid.

A video is linear between the centres of its pixels and frames along each axis, so that it is a sum of tents; smoothed
tents have closed forms (splines.py), and each axis is a sum of its own. Time comes first: one moment reads the frames
within reach of it and no others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from .borders import Border, folded_index
from .convolution import REACH
from .fields.axis_map import AxisMap
from .filters import Filter, Gaussian, Kernel, Profile
from .filters.profile import tents_under
from .grid import Grid
from .signals.signal import SignalFacts
from .signals.video import Video
from .splines import tent_weights
from .truth import Truth

_ROWS = 64
_SLAB = 1 << 25  # values of smoothed moments held at once
_AS_FLOATS = 1 << 24  # bytes of frames turned into floats at once


@dataclass(frozen=True)
class _Kernel:
    """A smoothed tent along one axis.

    Attributes:
        function: its value at a distance, in samples.
        reach: samples beyond which it is 0.
    """

    function: Callable[[np.ndarray], np.ndarray]
    reach: int


class VideoTruth(Truth):
    """A video, smoothed, on any grid.

    Under a Gaussian or a kernel along the axes it is exact to float32 at every point, borders included. Under any other
    filter, and under one that differs from cell to cell, it is sampled.

    A grid of one moment (one cell along time) costs what its frames within reach do, six standard deviations of a
    Gaussian on either side.

    Args:
        video: what to smooth.

    Example:
        >>> video = Video(np.eye(8, dtype=np.uint8).repeat(6, 0).reshape(8, 6, 8) * 255)
        >>> moment = Grid((8, 6, 1), (-1.0, -0.75, 0.2), (1.0, 0.75, 0.3))  # t = 0.25
        >>> video.truth().values(Gaussian(1e-2), moment).shape
        (1, 6, 8, 3)
    """

    def __init__(self, video: Video) -> None:
        super().__init__(video)
        self._video = video

    def _estimated(self, filter: Filter, grid: Grid, samples: int) -> tuple[Float[np.ndarray, "d h w 3"], float]:
        products = products_of(filter, self._video.facts)
        if products is None:
            return super()._estimated(filter, grid, samples)
        return self._summed(products, grid), 0.0

    def at_cells(self, filter: Filter, grid: Grid, cells: Int[Tensor, "n"]) -> Float[Tensor, "n 3"]:
        """As ``Truth.at_cells``; exact, for which every moment that has a cell is smoothed as a whole."""
        filter = self._fitted(filter, grid, len(cells))
        products = products_of(filter, self._video.facts)
        if products is None:
            return super().at_cells(filter, grid, cells)
        cells = cells.cpu()
        area = grid.resolution[0] * grid.resolution[1]
        values = torch.empty(len(cells), self._video.facts.channels)
        at_once = max(1, _SLAB // (area * values.shape[1]))
        for start in range(0, grid.resolution[2], at_once):
            stop = min(start + at_once, grid.resolution[2])
            there = ((cells >= start * area) & (cells < stop * area)).nonzero()[:, 0]
            if len(there):
                moments = torch.from_numpy(self._summed(products, grid.layers(start, stop)))
                values[there] = moments.flatten(0, 2)[cells[there] - start * area]
        return values

    def _summed(self, products: Sequence[_Product], grid: Grid) -> Float[np.ndarray, "d h w 3"]:
        parts = [self._smoothed(product.along, grid) * np.float32(product.factor) for product in products]
        return sum(parts[1:], start=parts[0])

    def _smoothed(self, kernels: list[_Kernel], grid: Grid) -> Float[np.ndarray, "d h w 3"]:
        """Some moments at a time, each of which is smoothed along its rows and columns after time."""
        along_x, along_y = (self._sums(kernels[axis], grid, axis, _ROWS) for axis in (0, 1))
        columns = slice(along_x.least_vertex, along_x.most_vertex + 1)
        rows = slice(along_y.least_vertex, along_y.most_vertex + 1)
        along_x, along_y = _moved(along_x, -columns.start), _moved(along_y, -rows.start)
        frames = self._video.frame_tensor[:, rows, columns]
        along_t = self._sums(kernels[2], grid, 2, self._moments_at_once(kernels[2], grid, frames[0].numel()))
        values = torch.empty(*grid.shape, frames.shape[3])
        for start, first, matrix in along_t.blocks:
            moments = _summed_frames(frames[first : first + matrix.shape[1]], matrix)  # (m, h, w, 3)
            moments = along_y(moments.flatten(2), 1).unflatten(2, moments.shape[2:])
            planes = along_x(moments.movedim(-1, 1).contiguous(), -1)
            values[start : start + len(matrix)] = planes.movedim(1, -1)
        return values.numpy()

    def _moments_at_once(self, kernel: _Kernel, grid: Grid, frame_values: int) -> int:
        """As many as read the same frames, nearly, and are not too much to hold."""
        spacing = self._video.facts.resolution[2] * (grid.upper[2] - grid.lower[2]) / (2 * grid.resolution[2])
        return max(1, min(_ROWS, _SLAB // frame_values, round(2 * kernel.reach / spacing)))

    def _sums(self, kernel: _Kernel, grid: Grid, axis: int, rows: int) -> AxisMap:
        """What each sample along an axis is worth at the grid's centres, so many of them in a block."""
        facts = self._video.facts
        size, half = facts.resolution[axis], facts.half_extent[axis]
        n, low, high = grid.resolution[axis], grid.lower[axis], grid.upper[axis]
        centres = low + (high - low) * (np.arange(n) + 0.5) / n
        position = ((centres / half + 1) * size - 1) / 2
        blocks = [
            (start, *_block(kernel, position[start : start + rows], size, facts.borders[axis]))
            for start in range(0, n, rows)
        ]
        device = self._video.device
        return AxisMap(n, tuple((start, low, matrix.to(device)) for start, low, matrix in blocks))


@dataclass(frozen=True)
class _Product:
    """What a filter makes of the tent along each axis, and what that counts for."""

    along: list[_Kernel]
    factor: float = 1.0


def products_of(filter: Filter, facts: SignalFacts) -> list[_Product] | None:
    """The products that a filter is the sum of; None where it is no such sum."""
    if filter.per_point is not None or facts.smooth_axes:
        return None
    per_unit = np.array([n / (2 * half) for n, half in zip(facts.resolution, facts.half_extent, strict=True)])
    if isinstance(filter, Gaussian):
        covariance = filter.covariance(3).double().cpu().numpy()
        variances = covariance.diagonal()
        if np.abs(covariance - np.diag(variances)).max() > 1e-9 * variances.max():
            return None
        deviations = np.sqrt(variances) * per_unit
        return [_Product([_Kernel(partial(tent_weights, std=s), math.ceil(REACH * s) + 1) for s in deviations])]
    if isinstance(filter, Kernel) and not filter.turned:
        sizes = (filter.lengths(3).double().cpu().numpy() * per_unit).tolist()
        return [_product(profiles, sizes, filter.unfiltered_mass(profiles)) for profiles in filter.term_profiles(3)]
    return None


def _product(profiles: Sequence[Profile], sizes: Sequence[float], factor: float) -> _Product:
    along = zip(profiles, sizes, strict=True)
    kernels = [_Kernel(partial(tents_under, p, half_size=size), math.ceil(size) + 1) for p, size in along]
    return _Product(kernels, factor)


def _block(kernel: _Kernel, position: np.ndarray, size: int, border: Border) -> tuple[int, Tensor]:
    """The first sample that counts at some positions, and what it and those after it are worth there."""
    sample = np.floor(position).astype(np.int64)[:, None] + np.arange(1 - kernel.reach, kernel.reach + 1)
    weights = kernel.function(position[:, None] - sample)
    index = folded_index(sample, size, border)
    low, width = int(index.min()), int(np.ptp(index)) + 1
    cell = np.arange(len(position))[:, None] * width + index - low
    matrix = np.bincount(cell.ravel(), weights.ravel(), len(position) * width).reshape(-1, width)
    return low, torch.from_numpy(matrix.astype(np.float32))


def _moved(axis_map: AxisMap, by: int) -> AxisMap:
    """The same for samples of which the first ones are not there."""
    return AxisMap(axis_map.rows, tuple((start, low + by, matrix) for start, low, matrix in axis_map.blocks))


def _summed_frames(frames: UInt8[Tensor, "k h w 3"], weights: Float[Tensor, "m k"]) -> Float[Tensor, "m h w 3"]:
    """Sums of frames, as floats in [0, 1]."""
    at_once = max(1, _AS_FLOATS // max(frames[:, 0].numel(), 1))
    values = [torch.tensordot(weights / 255, rows.float(), 1) for rows in frames.split(at_once, 1)]
    return torch.cat(values, 1)
