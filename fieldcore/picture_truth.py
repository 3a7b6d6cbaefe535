"""The truth of pictures: what a Gaussian or a kernel really makes of one, at its pixel centres and between them."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import csr_array
from torch import Tensor

from .borders import Border, folded_index
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
from .fields.gaussian_profile import along_a_line
from .fields.repeated_integral import RepeatedIntegral
from .fields.sample_lines import sampled_lines
from .filters import Filter, Gaussian, Kernel, Profile, as_filter
from .filters.filter import Numbers
from .filters.profile import tents_under
from .grid import Grid
from .signals.picture import Picture
from .splines import quintic_spline, spline_response, tent_weights
from .truth import Truth

NEAR_GAUSSIAN = 2e-4
"""Root mean square by which photographs differ under Gaussians and under the kernels near to them."""


def smooth_picture(picture: Picture, gaussian: Gaussian | Numbers) -> Float[np.ndarray, "h w c"]:
    """Exact Gaussian smoothing of a picture at its pixel centres, float64 inside, (height, width, channels).

    The bilinear picture is ``sum_k p_k tent(x - k)``, so smoothing it and reading it at pixel centres is a discrete
    convolution with ``w_j = (g * tent)(j)``. Isotropic and diagonal covariances are separable, and each axis is
    diagonal in a transform: the type-II cosine transform where the border is a mirror, the Fourier transform where the
    picture repeats. A rotated covariance is convolved as a whole on a torus (of twice the size for mirrors). A clamped
    border is continued as far as the filter reaches, and then mirrored, which nobody sees.

    Raises:
        InputError: the filter is no Gaussian, or differs from point to point (use ``smooth_points``).

    Example:
        >>> smooth = smooth_picture(Picture(np.eye(8, dtype=np.float32)[..., None]), Gaussian(1e-2))
        >>> smooth.shape, round(float(smooth.mean()), 3)
        ((8, 8, 1), 0.125)
    """
    gaussian = as_filter(gaussian)
    if not isinstance(gaussian, Gaussian):
        raise InputError(
            f"filter: expected a Gaussian, got {type(gaussian).__name__}; picture.truth() takes any filter"
        )
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


class PictureTruth(Truth):
    """A picture, smoothed, on any grid.

    Under an axis-aligned Gaussian it is exact to 5e-7 of its value range (float32) at every point. Where the
    standard deviation along an axis is below 3 pixels, that axis sums smoothed tents; else a quintic spline through the
    exact values at the pixel centres, from which the smoothed picture no longer differs.

    Under a rotated Gaussian that spline serves both axes, and between the pixel centres it is off by more the thinner
    the Gaussian. The greatest error on photographs, for a smaller standard deviation of 3, 1.5, 1, 0.5 and 0 pixels:
    4e-7, 2e-5, 2e-4, 4e-3 and 3e-2 of the value range; on black and white noise 5 times more.

    Under a ``Kernel`` along the axes, such as a box, it is exact to float32 at every point, also if its half sizes
    differ from cell to cell. Gaussians that differ so are taken for kernels near to them, askew ones for means of such
    along a line, which is 70 dB or more from them on photographs. Under any other filter it is sampled.

    The last filter's picture is kept, so that another grid costs interpolation only.

    Args:
        picture: what to smooth.

    Example:
        >>> truth = Picture(np.eye(8, dtype=np.float32)[..., None]).truth()
        >>> from fieldcore.filters import Box
        >>> truth.values(Box(0.1), Grid.covering((1.0, 1.0), 4)).shape
        (4, 4, 1)
    """

    def __init__(self, picture: Picture) -> None:
        super().__init__(picture)
        self._picture = picture
        self._last: tuple[Hashable, tuple[_Series, ...]] | None = None
        self._integral: RepeatedIntegral | None = None

    def _estimated(self, filter: Filter, grid: Grid, samples: int) -> tuple[Float[np.ndarray, "h w c"], float]:
        if filter.per_point is not None and self.knows_each(filter):
            return self._each_at(grid.exact_points(), filter, grid)
        series = self._series_of(filter)
        if series is None:
            return super()._estimated(filter, grid, samples)
        first, *others = (part.on(grid, self._picture.facts.half_extent) for part in series)
        return sum(others, start=first), 0.0

    def at_cells(self, filter: Filter, grid: Grid, cells: Int[Tensor, "n"]) -> Float[Tensor, "n c"]:
        """As ``Truth.at_cells``."""
        if self._series_of(filter) is None:
            return super().at_cells(filter, grid, cells)
        return torch.from_numpy(self.estimate(filter, grid)[0]).flatten(0, 1)[cells]

    def knows_each(self, filter: Filter) -> bool:
        """As ``Truth.knows_each``: kernels along the axes, and Gaussians."""
        known = isinstance(filter, Gaussian) or (isinstance(filter, Kernel) and not filter.turned)
        return known and not self._picture.facts.smooth_axes

    def _each_at(self, x: Float[Tensor, "n 2"], filter: Filter, grid: Grid) -> tuple[Float[np.ndarray, "h w c"], float]:
        """Under a kernel a point exactly; under a Gaussian a point by the kernels near to it, and how far these are."""
        if isinstance(filter, Kernel):
            return self._kernels_at(x, filter).reshape(*grid.shape, -1), 0.0
        assert isinstance(filter, Gaussian)
        finest = max(self._picture.facts.half_extent) / max(self._picture.facts.resolution)
        kernel, vector, nodes, weights = along_a_line(filter.to("cpu"), finest)
        parts = (float(w) * self._kernels_at(x + t * vector, kernel) for t, w in zip(nodes, weights, strict=True))
        return sum(parts, start=np.float32(0)).reshape(*grid.shape, -1), NEAR_GAUSSIAN

    def _kernels_at(self, x: Float[Tensor, "n 2"], filter: Filter) -> Float[np.ndarray, "n c"]:
        """Directly, or through repeated integrals of the pixels, which are right to many digits."""
        assert isinstance(filter, Kernel)
        if self._integral is None:
            facts = self._picture.facts
            self._integral = RepeatedIntegral(sampled_lines(facts), self._picture.own_samples().cpu())
        sizes = filter.to("cpu").lengths(2).double()
        return self._integral.at(x, filter.term_profiles(2), sizes).float().numpy()

    def _series_of(self, filter: Filter) -> tuple[_Series, ...] | None:
        """The smoothed picture, a sum; None where it must be sampled."""
        if filter.per_point is not None or self._picture.facts.smooth_axes:
            return None
        if isinstance(filter, Gaussian):
            covariance = _covariance_px(self._picture, filter)
            axes = picture_axes(self._picture, covariance)
            return self._kept(covariance.tobytes(), lambda pixels: (_series(pixels, covariance, axes),))
        if isinstance(filter, Kernel) and not filter.turned:
            sizes = (filter.lengths(2).double().cpu().numpy() * _pixels_per_unit(self._picture)).tolist()
            terms, borders = filter.term_profiles(2), self._picture.facts.borders
            key = (
                *sizes,
                *(profile for profiles in terms for profile in profiles),
            )  # profiles are compared by identity
            return self._kept(
                key,
                lambda pixels: tuple(
                    _kernel_series(pixels * np.float32(filter.unfiltered_mass(along)), along, sizes, borders)
                    for along in terms
                ),
            )
        return None

    def _kept(self, key: Hashable, computed: Callable[[np.ndarray], tuple[_Series, ...]]) -> tuple[_Series, ...]:
        last = self._last  # read once: another thread may replace it meanwhile
        if last is None or last[0] != key:
            self._last = last = key, computed(self._picture.pixels)
        return last[1]


def _pixels_per_unit(picture: Picture) -> float:
    """The same along both axes, because pixels are square."""
    return max(picture.facts.resolution) / 2


def _covariance_px(picture: Picture, gaussian: Gaussian) -> Float[np.ndarray, "2 2"]:
    """The covariance in squared pixels."""
    if gaussian.per_point is not None:
        raise InputError("a picture is smoothed by one filter for all pixels; use smooth_points for one a point")
    return gaussian.covariance(2).double().cpu().numpy() * _pixels_per_unit(picture) ** 2


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


def _kernel_series(
    pixels: np.ndarray, profiles: Sequence[Profile], half_sizes: Sequence[float], borders: Sequence[Border]
) -> _Series:
    """What a product of profiles makes of a picture: pixels times tents under them, exact everywhere."""
    height, width = pixels.shape[:2]
    bases = [
        _Basis(partial(tents_under, profile, half_size=size), math.ceil(size) + 1)
        for profile, size in zip(profiles, half_sizes, strict=True)
    ]
    sizes = (width, height)
    indices = [partial(folded_index, size=n, border=border) for n, border in zip(sizes, borders, strict=True)]
    coefficients = np.ascontiguousarray(pixels.transpose(1, 0, 2), dtype=np.float32)
    return _Series(coefficients, (bases[0], bases[1]), sizes, (indices[0], indices[1]))


def _axis_series(values: np.ndarray, axis: Axis) -> tuple[np.ndarray, _Basis, _IndexOf]:
    if axis.std < WIDE:
        index_of = partial(folded_index, size=axis.size, border=axis.border)
        return values, _Basis(partial(tent_weights, std=axis.std), axis.reach), index_of
    line = axis.continued(values.astype(np.float64))
    size = line.shape[axis.array_axis]
    transfer = line_transfer(size, axis) / spline_response(TRANSFORMS[axis.border].frequencies(size))
    return convolved_along(line, axis, transfer), _QUINTIC, axis.line_index


_QUINTIC = _Basis(quintic_spline, 3)
