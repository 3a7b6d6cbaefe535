"""The truth of light stages: photos summed with the weights that their lights have in a light of any size and form.

A stage is linear between lights on triangles, so what a Gaussian makes of it is again a sum of photos. The weight of a
photo is the average of its hat function over the Gaussian, which has a closed form (lights/plane_pieces.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from .errors import InputError
from .filters import Filter, Gaussian, as_filter
from .filters.filter import Numbers
from .grid import Grid
from .lights.photos import counting, resampled
from .signals.light_stage import LightStage, pixel_positions
from .signals.signal import as_points
from .truth import Truth


class LightStageTruth(Truth):
    """A light stage under a light of any size: exact for Gaussians, borders included; sampled under other filters.

    Args:
        stage: what to light.

    Example:
        >>> stage = LightStage(np.zeros((3, 4, 6, 3), np.uint8), [[0, 0, 1], [0.6, 0, 0.8], [0, 0.6, 0.8]])
        >>> grid = Grid((6, 4, 1, 1), (-1.0, -2 / 3, 0.0, 0.0), (1.0, 2 / 3, 0.2, 0.2))  # the light at (0.1, 0.1)
        >>> stage.truth().values(Gaussian(1e-3), grid).shape
        (1, 1, 4, 6, 3)
    """

    def __init__(self, stage: LightStage) -> None:
        super().__init__(stage)
        self._stage = stage
        self._last: tuple[Any, Tensor] | None = None

    def _estimated(self, filter: Filter, grid: Grid, samples: int) -> tuple[Float[np.ndarray, "*shape c"], float]:
        if not _is_exact(filter):
            return super()._estimated(filter, grid, samples)
        x, y, u, v = grid.axes()
        values = np.empty((*grid.shape, self._stage.facts.channels), np.float32)
        for (column, row), light in _crossings(u, v):
            picture = self._picture(light, filter)
            part = resampled(picture, x.to(picture), y.to(picture), self._stage.facts.half_extent)
            values[row, column] = part.cpu().numpy()
        return values, 0.0

    def _picture(self, light: Float[np.ndarray, "2"], filter: Filter) -> Float[Tensor, "h w c"]:
        """The last one is kept, which is asked for again where a view moves or becomes finer."""
        of = light.tobytes(), light_covariance(filter).tobytes()
        last = self._last
        if last is None or last[0] != of:
            last = self._last = of, smooth_lights(self._stage, light, filter)[1]
        return last[1]

    def at_cells(self, filter: Filter, grid: Grid, cells: Int[Tensor, "n"]) -> Float[Tensor, "n c"]:
        """As ``Truth.at_cells``; exact under Gaussians."""
        filter = self._fitted(filter, grid, len(cells))
        if not _is_exact(filter):
            return super().at_cells(filter, grid, cells)
        points = grid.centres(cells).to(self._stage.device)
        values = torch.empty(len(points), self._stage.facts.channels)
        lights, of_point = torch.unique(points[:, 2:], dim=0, return_inverse=True)
        for number, light in enumerate(lights.double().cpu().numpy()):
            there = of_point == number
            weights = torch.from_numpy(light_weights(self._stage, light, filter)).float().to(points)
            used = counting(weights)
            index = used.expand(int(there.sum()), -1)
            position = pixel_positions(points[there, :2], self._stage.facts)
            values[there.cpu()] = self._stage.photos.at(position, index, weights[used].expand(len(index), -1)).cpu()
        return values


def smooth_lights(
    stage: LightStage, light: Numbers, filter: Filter | Numbers = None
) -> tuple[Float[np.ndarray, "l"], Float[Tensor, "h w c"]]:
    """What a stage shows in a light of any size and form: a sum of its photos.

    Args:
        stage: the photos.
        light: (u, v) of its middle, in the chart; see ``light_of``.
        filter: of two axes; a number is a Gaussian's variance, a matrix its covariance, None a point light.

    Returns:
        the weight of each photo, in closed form, which sum to 1, and the picture, in the stage's values.

    Raises:
        InputError: no such point, or a filter other than one Gaussian.

    Example:
        >>> photos = np.zeros((3, 4, 6, 3), np.uint8)
        >>> stage = LightStage(photos, [[0, 0, 1], [0.6, 0, 0.8], [0, 0.6, 0.8]])
        >>> weights, picture = smooth_lights(stage, stage.lights[2], 1e-3)
        >>> picture.shape, bool(weights[2] > 0.9)
        (torch.Size([4, 6, 3]), True)
    """
    point = as_points([list(np.ravel(light))], 2)[0].double().numpy()
    weights = light_weights(stage, point, as_filter(filter))
    return weights, stage.photos.weighted(torch.from_numpy(weights).float())


def light_weights(stage: LightStage, light: Float[np.ndarray, "2"], filter: Filter | None) -> Float[np.ndarray, "l"]:
    """The weight of each photo. Raises InputError for a filter other than one Gaussian of two axes."""
    if filter is None:
        return stage.hats.at(light[None])[0]
    return stage.hats.averaged(light, light_covariance(filter))


def light_covariance(filter: Filter) -> Float[np.ndarray, "2 2"]:
    """Of a Gaussian over the light. Raises InputError if it is another filter, or has other axes."""
    if not isinstance(filter, Gaussian) or filter.per_point is not None:
        raise InputError(f"light: expected one Gaussian, got {type(filter).__name__}")
    covariance: np.ndarray = filter.covariance(2).double().cpu().numpy()
    return covariance


def _is_exact(filter: Filter) -> bool:
    return isinstance(filter, Gaussian) and filter.per_point is None


def _crossings(
    u: Float[Tensor, "m"], v: Float[Tensor, "n"]
) -> Iterator[tuple[tuple[int, int], Float[np.ndarray, "2"]]]:
    """The cells of the last two axes, and the lights there."""
    for row, down in enumerate(v.double().tolist()):
        for column, across in enumerate(u.double().tolist()):
            yield (column, row), np.array([across, down])
