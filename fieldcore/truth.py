"""The truth: what smoothing a signal really gives. The judge of every field.

Each way states its accuracy:

* ``smooth_picture``: exact at the pixel centres of a picture, by discrete convolution with the Gaussian integrated
  against the bilinear interpolant's own tent, so it smooths the very function ``Picture`` is, its border included.
* ``smooth_points``: randomised quasi-Monte-Carlo for any signal, filter and point, with its standard error.
* ``Truth``: one question for every signal, its smoothed values on any grid, fast enough for a window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from jaxtyping import Float
from scipy.sparse import csr_array
from torch import Tensor

from .borders import folded_index
from .convolution import (
    TRANSFORMS,
    WIDE,
    Axis,
    convolved_along,
    convolved_on_torus,
    line_transfer,
    picture_axes,
    torus_transfer,
)
from .errors import InputError
from .evaluation import Grid
from .filters import Filter, Gaussian
from .sampling import sobol
from .shape_truth import ShapeTruth
from .signals import Picture, Shape, Signal
from .splines import quintic_spline, spline_response, tent_weights


def smooth_picture(picture: Picture, gaussian: Gaussian) -> Float[np.ndarray, "h w c"]:
    """Exact Gaussian smoothing of a picture at its pixel centres, float64 inside, (height, width, channels).

    The bilinear picture is ``sum_k p_k tent(x - k)``, so smoothing it and reading it at pixel centres is a discrete
    convolution with ``w_j = (g * tent)(j)``. Isotropic and diagonal covariances are separable, and each axis is
    diagonal in a transform: the type-II cosine transform where the border is a mirror, the Fourier transform where the
    picture repeats. A rotated covariance is convolved as a whole on a torus (of twice the size for mirrors). A clamped
    border is continued as far as the filter reaches, and then mirrored, which nobody sees.

    Raises:
        InputError: the filter differs from point to point (use ``smooth_points``).
    """
    pixels, covariance = picture.pixels, _covariance_px(picture, gaussian)
    x, y = axes = picture_axes(picture, covariance)
    if not _is_separable(covariance):
        torus = convolved_on_torus(pixels, axes, torus_transfer(covariance, x.period, y.period))
        return torus[y.on_torus, x.on_torus].copy()
    smooth = pixels.astype(np.float64)
    for axis in axes:
        if axis.std > 0:
            line = axis.continued(smooth)
            smooth = axis.cropped(convolved_along(line, axis, line_transfer(line.shape[axis.array_axis], axis)))
    return smooth


class Truth:
    """A signal, smoothed, on any grid: the cells of a window at any zoom, inside and outside the signal's box.

    A picture under an axis-aligned Gaussian is exact to 5e-7 of its value range (float32) at every point. Where the
    standard deviation along an axis is below 3 pixels, that axis sums smoothed tents; else a quintic spline through the
    exact values at the pixel centres, from which the smoothed picture no longer differs.

    Under a rotated Gaussian that spline serves both axes, and between the pixel centres it is off by more the thinner
    the Gaussian. The greatest error on photographs, for a smaller standard deviation of 3, 1.5, 1, 0.5 and 0 pixels:
    4e-7, 2e-5, 2e-4, 4e-3 and 3e-2 of the value range; on black and white noise 5 times more.

    A shape is smoothed as ``ShapeTruth`` says, where its accuracy is stated.

    Every other signal is sampled (``smooth_points``), with about four million evaluations but at least 64 a cell.

    The last filter's picture is kept, so that another grid costs interpolation only.

    Args:
        signal: what to smooth.
    """

    def __init__(self, signal: Signal) -> None:
        self._signal = signal
        self._shape = ShapeTruth(signal) if isinstance(signal, Shape) else None
        self._last: tuple[bytes, _Series] | None = None

    def estimate(self, gaussian: Gaussian, grid: Grid) -> tuple[Float[np.ndarray, "*shape c"], float]:
        """Float32 values at the cell centres and the root mean square of their standard error.

        The values are (height, width, c), of shapes (depth, height, width, 1). The standard error is 0 for pictures and
        shapes, whose smoothing is not sampled.

        Raises:
            InputError: the signal is a picture or a shape and the filter differs from point to point.
        """
        if self._shape is not None:
            return self._shape.values(gaussian, grid), 0.0
        if isinstance(self._signal, Picture):
            return self._series_of(self._signal, gaussian).on(grid, self._signal.facts.half_extent), 0.0
        samples = max(_LEAST_SAMPLES, _SAMPLED_VALUES // grid.count)
        values, standard_error = smooth_cells(self._signal, gaussian, grid, samples=samples)
        return values.astype(np.float32), standard_error

    def values(self, gaussian: Gaussian, grid: Grid) -> Float[np.ndarray, "*shape c"]:
        """The values of ``estimate`` alone."""
        return self.estimate(gaussian, grid)[0]

    def _series_of(self, picture: Picture, gaussian: Gaussian) -> _Series:
        covariance = _covariance_px(picture, gaussian)
        last = self._last  # read once: another thread may replace it meanwhile
        if last is None or last[0] != covariance.tobytes():
            self._last = last = (
                covariance.tobytes(),
                _series(picture.pixels, covariance, picture_axes(picture, covariance)),
            )
        return last[1]


_SAMPLED_VALUES = 1 << 22  # evaluations a grid, few enough to be watched
_LEAST_SAMPLES = 64


@dataclass(frozen=True)
class Estimate:
    """A sampled mean and the standard error of each of its values."""

    mean: Float[Tensor, "n c"]
    standard_error: Float[Tensor, "n c"]


def smooth_points(
    signal: Callable[[Tensor], Tensor],
    x: Float[Tensor, "n d"],
    filter: Filter,
    *,
    samples: int = 4096,
    seed: int = 0,
) -> Estimate:
    """Smoothed values at ``x`` by 16 independently scrambled Sobol sets; works for every signal and filter.

    Args:
        signal: what to smooth: a signal, a field, or any function from (n, d) points to (n, c) values.
        x: points, in domain units.
        filter: shared by all points, or one a point.
        samples: evaluations a point, rounded up to 16 powers of two.
        seed: of the scrambling.

    Returns:
        the mean over the sets, and the standard error that their spread implies.
    """
    replicates = 16
    count = 1 << max(0, (samples - 1) // replicates).bit_length()
    means = [_sobol_mean(signal, x, filter, count, seed * replicates + k) for k in range(replicates)]
    stacked = torch.stack(means)
    return Estimate(stacked.mean(0), stacked.std(0) / replicates**0.5)


def smooth_cells(
    signal: Signal, gaussian: Gaussian, grid: Grid, *, samples: int
) -> tuple[Float[np.ndarray, "*shape c"], float]:
    """``smooth_points`` at the cell centres of a grid, (height, width, c), and its root mean square standard error."""
    if not bool(gaussian.covariance(signal.dim).any()):
        samples = 1  # they would all be equal
    estimate = smooth_points(signal, grid.points(0, grid.count, signal.device), gaussian, samples=samples)
    mean = estimate.mean.double().cpu().numpy().reshape(*reversed(grid.resolution), -1)
    return mean, float(estimate.standard_error.square().mean().sqrt())


def _sobol_mean(
    signal: Callable[[Tensor], Tensor], x: Float[Tensor, "n d"], filter: Filter, count: int, seed: int
) -> Float[Tensor, "n c"]:
    n, dim = x.shape
    noise = sobol(count, dim, seed).to(x)[:, None].expand(count, n, dim)
    total: Tensor | None = None
    chunk = max(1, 2_000_000 // n)  # bounds memory to a few hundred MB
    for start in range(0, count, chunk):
        part = noise[start : start + chunk]
        offsets = filter.offsets(part)
        values = signal((x + offsets).reshape(-1, dim)).reshape(len(part), n, -1)
        if filter.has_weights:
            values = values * filter.weights(offsets)[..., None]
        subtotal = values.sum(0)
        total = subtotal if total is None else total + subtotal
    assert total is not None
    return total / count


def _covariance_px(picture: Picture, gaussian: Gaussian) -> Float[np.ndarray, "2 2"]:
    """The covariance in squared pixels."""
    if gaussian.per_point is not None:
        raise InputError("a picture is smoothed by one filter for all pixels; use smooth_points for one a point")
    # The same factor on both axes, because pixels are square.
    pixels_per_unit = max(picture.facts.resolution) / 2
    return gaussian.covariance(2).double().cpu().numpy() * pixels_per_unit**2


def _is_separable(covariance: np.ndarray) -> bool:
    return bool(covariance[0, 1] ** 2 <= 1e-18 * covariance[0, 0] * covariance[1, 1])


_IndexOf = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class _Basis:
    """A function of the distance in pixels, and the whole number of pixels beyond which it is 0."""

    function: Callable[[np.ndarray], np.ndarray]
    reach: int

    def on_axis(self, centres: np.ndarray, index_of: Callable[[np.ndarray], np.ndarray]) -> tuple[slice, csr_array]:
        """Which coefficients matter at ``centres`` (in pixels), and what each of them is worth there."""
        pixel = np.floor(centres).astype(np.int64)[:, None] + np.arange(1 - self.reach, self.reach + 1)
        weights = self.function(centres[:, None] - pixel).astype(np.float32)
        index = index_of(pixel)
        used = slice(int(index.min()), int(index.max()) + 1)
        starts = np.arange(len(centres) + 1) * index.shape[1]
        shape = (len(centres), used.stop - used.start)
        return used, csr_array((weights.ravel(), index.ravel() - used.start, starts), shape=shape)


@dataclass(frozen=True)
class _Series:
    """A smoothed picture as ``sum_jk c_jk a(x - j) b(y - k)``, x and y in pixels.

    Attributes:
        coefficients: float32, the axis of the width first, because a grid is reached along it first.
        bases: ``a`` and ``b``.
        resolution: (width, height) of the picture. There may be more coefficients than pixels: beyond a clamped
            border, or on the torus, as a filter that is askew does not leave a mirrored picture mirrored.
        indices: for either axis, which coefficient belongs to a pixel's index.
    """

    coefficients: Float[np.ndarray, "w h c"]
    bases: tuple[_Basis, _Basis]
    resolution: tuple[int, int]
    indices: tuple[_IndexOf, _IndexOf]

    def on(self, grid: Grid, half_extent: tuple[float, ...]) -> Float[np.ndarray, "rows columns c"]:
        """Values at the cell centres of ``grid``."""
        (used_x, along_x), (used_y, along_y) = (self._on_axis(axis, grid, half_extent[axis]) for axis in (0, 1))
        part = self.coefficients[used_x, used_y]
        columns, rows, channels = along_x.shape[0], part.shape[1], part.shape[2]
        reached = (along_x @ part.reshape(len(part), -1)).reshape(columns, rows, channels)
        turned = reached.transpose(1, 0, 2).reshape(rows, -1)
        return (along_y @ turned).reshape(-1, columns, channels)

    def _on_axis(self, axis: int, grid: Grid, half: float) -> tuple[slice, csr_array]:
        n, low, high, size = grid.resolution[axis], grid.lower[axis], grid.upper[axis], self.resolution[axis]
        centres = low + (high - low) * (np.arange(n) + 0.5) / n
        return self.bases[axis].on_axis(((centres / half + 1) * size - 1) / 2, self.indices[axis])


def _series(pixels: np.ndarray, covariance: np.ndarray, axes: tuple[Axis, Axis]) -> _Series:
    x, y = axes
    if _is_separable(covariance):
        along_x, basis_x, index_x = _axis_series(pixels, x)
        coefficients, basis_y, index_y = _axis_series(along_x, y)
    else:
        basis_x = basis_y = _QUINTIC
        index_x, index_y = x.torus_index, y.torus_index
        transfer = torus_transfer(covariance, x.period, y.period)
        transfer /= np.outer(spline_response(np.fft.fftfreq(y.period)), spline_response(np.fft.rfftfreq(x.period)))
        coefficients = convolved_on_torus(pixels, axes, transfer)
    turned = np.ascontiguousarray(coefficients.transpose(1, 0, 2), dtype=np.float32)
    return _Series(turned, (basis_x, basis_y), (x.size, y.size), (index_x, index_y))


def _axis_series(values: np.ndarray, axis: Axis) -> tuple[np.ndarray, _Basis, _IndexOf]:
    if axis.std < WIDE:
        index_of = partial(folded_index, size=axis.size, border=axis.border)
        return values, _Basis(partial(tent_weights, std=axis.std), axis.reach), index_of
    line = axis.continued(values.astype(np.float64))
    size = line.shape[axis.array_axis]
    transfer = line_transfer(size, axis) / spline_response(TRANSFORMS[axis.border].frequencies(size))
    return convolved_along(line, axis, transfer), _QUINTIC, axis.line_index


_QUINTIC = _Basis(quintic_spline, 3)
