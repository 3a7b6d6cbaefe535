"""The truth of shapes: what smoothing a signed distance really gives, on any grid.

Distances are sampled on a cubic lattice, exactly wherever they are not smooth, and summed with the Gaussian's
own weights. Beyond the padded box they are interpolated more coarsely, where no surface is near, so there is no border:
space goes on as the distance does, and nothing is mirrored.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.fft
import torch
from jaxtyping import Float

from .errors import InputError
from .filters import Filter, Gaussian, Kernel, Profile
from .filters.profile import tents_under
from .grid import Grid
from .progress_lines import points_line
from .signals.distance_grid import NEAR_HALF_WIDTH, refined_distances
from .signals.shape import Shape
from .splines import quintic_spline, spline_response, tent_weights
from .truth import Truth

LATTICE_CELLS = 256
"""Of the lattice along [-1, 1], unless more are asked for."""

MOST_LATTICE_CELLS = 512

_REACH = 5.0  # standard deviations after which a Gaussian's tail (6e-7) is left out
_FINEST_STD = 2.0  # lattice spacings: a wider Gaussian is summed on a coarser lattice, a narrower one over tents
_VERTICES_A_HALF_SIZE = 16  # of a kernel, at least, unless the lattice has fewer
_SLAB = 1 << 24  # lattice values worked on at once
_MOST_VERTICES = 1 << 27  # of a torus: half a gigabyte, and as much again for its transform


class ShapeTruth(Truth):
    """A shape's signed distance, smoothed, on any grid.

    The lattice has ``cells`` along [-1, 1]. Its vertices near the surface (where the level sets are decided), at strong
    creases and at jumps hold exact distances, the others cubic values between exact ones twice or four times as far
    apart. A Gaussian that is axis-aligned is evaluated at the grid's cell centres themselves, as a sum over vertices
    where its deviation is at least two spacings, and of the trilinear interpolant below. A rotated one is applied by
    the Fourier transform, and read between the vertices by a quintic spline; where it is so long that this would take
    more than 2^27 vertices, of a coarser lattice.

    A kernel along the axes is summed likewise, over vertices that its half size spans 16 of or more.

    Measured against quadrature with exact distances; see tests/fieldcore/test_shape_truth.py. Under other filters, and
    under filters that differ from cell to cell, the shape's grid of distances is sampled.

    Args:
        shape: what to smooth.
        cells: of the lattice along [-1, 1], at most 512 (a gigabyte).

    Raises:
        InputError: more cells than that.
    """

    def __init__(self, shape: Shape, cells: int = LATTICE_CELLS) -> None:
        if not 32 <= cells <= MOST_LATTICE_CELLS or cells % 32:
            raise InputError(f"truth: expected a multiple of 32 cells, at most {MOST_LATTICE_CELLS}, got {cells}")
        super().__init__(shape.to("cpu"))
        self._shape = shape.to("cpu")
        self._spacing = 2 / cells
        self._lattice: Float[np.ndarray, "n n n"] | None = None
        self._last: tuple[bytes, _SplineVolume] | None = None

    def _estimated(
        self, filter: Filter, grid: Grid, samples: int
    ) -> tuple[Float[np.ndarray, "depth height width 1"], float]:
        if isinstance(filter, Kernel) and filter.per_point is None and not filter.turned:
            return self._convolved(filter, grid)[..., None], 0.0
        if not isinstance(filter, Gaussian) or filter.per_point is not None:
            return super()._estimated(filter, grid, samples)
        return self._smoothed(filter.covariance(3).double().cpu().numpy(), grid)[..., None], 0.0

    def _smoothed(self, covariance: Float[np.ndarray, "3 3"], grid: Grid) -> Float[np.ndarray, "d h w"]:
        variances = covariance.diagonal()
        off_diagonal = np.abs(covariance - np.diag(variances)).max()
        if off_diagonal <= 1e-9 * variances.max():
            return self._separable(np.sqrt(variances), grid)
        key = covariance.tobytes()
        last = self._last  # read once: another thread may replace it meanwhile
        if last is None or last[0] != key:
            self._last = last = key, self._rotated(covariance)
        return last[1].on(grid)

    def _separable(self, stds: Float[np.ndarray, "3"], grid: Grid) -> Float[np.ndarray, "d h w"]:
        centres = [_centres(grid, axis) for axis in range(3)]
        strides = [self._stride(std) for std in stds]
        axes, weights = [], []
        for axis in range(3):
            lattice = self._positions(centres[axis], stds[axis], strides[axis])
            axes.append(lattice)
            weights.append(_weights(centres[axis], lattice, self._spacing * strides[axis], stds[axis]))
        return _contracted(lambda z: self._at(axes[0], axes[1], z), axes[2], weights)

    def _convolved(self, kernel: Kernel, grid: Grid) -> Float[np.ndarray, "d h w"]:
        """Under a kernel along the axes: the sum over vertices of what the trilinear interpolant's tents become."""
        centres, sizes = [_centres(grid, axis) for axis in range(3)], kernel.lengths(3).double().tolist()
        strides = [self._stride(size * _FINEST_STD / _VERTICES_A_HALF_SIZE) for size in sizes]
        axes = [self._within(*along, strides[axis]) for axis, along in enumerate(zip(centres, sizes, strict=True))]
        total: np.ndarray | None = None
        for profiles in kernel.term_profiles(3):
            weights = [
                _kernel_weights(profile, centres[axis], axes[axis], self._spacing * strides[axis], sizes[axis])
                for axis, profile in enumerate(profiles)
            ]
            weights[0] *= np.float32(kernel.unfiltered_mass(profiles))
            product = _contracted(lambda z: self._at(axes[0], axes[1], z), axes[2], weights)
            total = product if total is None else total + product
        assert total is not None
        return total

    def _stride(self, std: float) -> int:
        """How many times coarser a lattice may be for a Gaussian of this deviation: a power of two."""
        return 2 ** max(0, math.floor(math.log2(max(std / (_FINEST_STD * self._spacing), 1e-9))))

    def _positions(self, centres: np.ndarray, std: float, stride: int) -> Float[np.ndarray, "n"]:
        """Lattice coordinates that matter at ``centres``: multiples of the spacing, the origin among them."""
        return self._within(centres, _REACH * std, stride)

    def _within(self, centres: np.ndarray, reach: float, stride: int) -> Float[np.ndarray, "n"]:
        """Those within reach of ``centres``, and one more on either side."""
        spacing = self._spacing * stride
        reach += spacing
        first, last = math.floor((centres.min() - reach) / spacing), math.ceil((centres.max() + reach) / spacing)
        return spacing * np.arange(first, last + 1)

    def _at(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> Float[np.ndarray, "d h w"]:
        """Distances at lattice positions, inside and outside of what the lattice covers."""
        if self._lattice is None:
            self._lattice = self._sampled_lattice()
        inside = [_covered(axis) for axis in (z, y, x)]
        if all(part == slice(0, len(axis)) for part, axis in zip(inside, (z, y, x), strict=True)):
            return self._lattice[tuple(self._index(axis) for axis in (z, y, x))]
        zz, yy, xx = np.meshgrid(z, y, x, indexing="ij")
        points = torch.from_numpy(np.stack([xx.ravel(), yy.ravel(), zz.ravel()], -1).astype(np.float32))
        values = torch.cat([self._shape.sampled(part) for part in points.split(_SLAB)]).numpy().reshape(zz.shape)
        covered = (axis[part] for axis, part in zip((z, y, x), inside, strict=True))
        values[tuple(inside)] = self._lattice[tuple(self._index(axis) for axis in covered)]
        return values

    def _index(self, positions: np.ndarray) -> slice:
        """Where evenly spaced positions lie in the lattice's arrays."""
        index = np.rint((positions + NEAR_HALF_WIDTH) / self._spacing).astype(int)
        if len(index) == 0:
            return slice(0, 0)
        step = int(index[1] - index[0]) if len(index) > 1 else 1
        return slice(int(index[0]), int(index[-1]) + 1, step)

    def _sampled_lattice(self) -> Float[np.ndarray, "n n n"]:
        cells = round(2 * NEAR_HALF_WIDTH / self._spacing)
        with points_line("true distances") as report:
            stages = tuple(cells // factor for factor in (4, 2, 1) if cells % factor == 0)
            lattice = refined_distances(self._shape.distance, stages, NEAR_HALF_WIDTH, kinks=True, report=report)
        return lattice.numpy()

    def _rotated(self, covariance: Float[np.ndarray, "3 3"]) -> _SplineVolume:
        """By the Fourier transform, on a lattice as coarse as the thinnest axis allows."""
        eigenvalues = np.linalg.eigvalsh(covariance)
        spacing = self._spacing * self._stride(math.sqrt(max(eigenvalues[0], 0)))
        # A whole period: what reaches around the torus is six deviations away from anything that is not cropped.
        halves = np.maximum(NEAR_HALF_WIDTH, 1 + 3 * np.sqrt(covariance.diagonal()))
        while math.prod(counts := _torus(halves, spacing)) > _MOST_VERTICES:
            spacing *= 2
        x, y, z = (spacing * (np.arange(n) - n // 2) for n in counts)
        values = np.empty(counts[::-1], np.float32)
        rows = max(1, _SLAB // (len(x) * len(y)))
        for start in range(0, len(z), rows):
            values[start : start + rows] = self._at(x, y, z[start : start + rows])
        spectrum = scipy.fft.rfftn(values, workers=-1, overwrite_x=True)
        _apply_gaussian(spectrum, covariance / spacing**2, counts)
        coefficients = scipy.fft.irfftn(spectrum, s=counts[::-1], workers=-1, overwrite_x=True)
        return _SplineVolume(coefficients.astype(np.float32, copy=False), spacing)


def _torus(halves: Float[np.ndarray, "3"], spacing: float) -> list[int]:
    """Vertices along each axis of a lattice that reaches so far, or a little further."""
    return [scipy.fft.next_fast_len(math.ceil(2 * half / spacing) + 1, real=True) for half in halves]


@dataclass(frozen=True)
class _SplineVolume:
    """A smoothed volume as a sum of quintic splines around lattice vertices, the origin in the middle.

    Attributes:
        coefficients: (depth, height, width) float32.
        spacing: of the lattice, in domain units.
    """

    coefficients: Float[np.ndarray, "d h w"]
    spacing: float

    def on(self, grid: Grid) -> Float[np.ndarray, "d h w"]:
        """Values at the cell centres of ``grid``."""
        parts, weights = [], []
        for axis, count in enumerate(reversed(self.coefficients.shape)):
            position = _centres(grid, axis) / self.spacing + count // 2
            first = max(0, math.floor(position.min()) - 2)
            last = min(count - 1, math.floor(position.max()) + 3)
            index = np.arange(first, last + 1)
            parts.append(index)
            weights.append(quintic_spline(position[:, None] - index).astype(np.float32))
        return _contracted(lambda z: self.coefficients[np.ix_(z, parts[1], parts[0])], parts[2], weights)


def _apply_gaussian(spectrum: np.ndarray, covariance: Float[np.ndarray, "3 3"], counts: list[int]) -> None:
    """Multiply the torus's frequencies by the Gaussian's response over the quintic spline's, slice by slice."""
    x = np.fft.rfftfreq(counts[0])[None, :]
    y = np.fft.fftfreq(counts[1])[:, None]
    plane = spline_response(x) * spline_response(y)
    for k, z in enumerate(np.fft.fftfreq(counts[2])):
        form = (
            covariance[0, 0] * x * x
            + covariance[1, 1] * y * y
            + covariance[2, 2] * z * z
            + 2 * (covariance[0, 1] * x * y + covariance[0, 2] * x * z + covariance[1, 2] * y * z)
        )
        spectrum[k] *= np.exp(-2 * np.pi**2 * form) / (plane * spline_response(np.array([z])))


def _centres(grid: Grid, axis: int) -> Float[np.ndarray, "n"]:
    n, low, high = grid.resolution[axis], grid.lower[axis], grid.upper[axis]
    return low + (high - low) * (np.arange(n) + 0.5) / n


def _covered(positions: np.ndarray) -> slice:
    """Which of evenly spaced positions the lattice covers."""
    covered = np.flatnonzero(np.abs(positions) <= NEAR_HALF_WIDTH + 1e-9)
    return slice(int(covered[0]), int(covered[-1]) + 1) if len(covered) else slice(0, 0)


def _weights(centres: np.ndarray, lattice: np.ndarray, spacing: float, std: float) -> Float[np.ndarray, "n m"]:
    """What each lattice value is worth at each centre: the Gaussian itself, or, for a narrow one, smoothed tents."""
    offset = (centres[:, None] - lattice) / spacing
    std = std / spacing
    weights = np.exp(-0.5 * (offset / std) ** 2) if std >= _FINEST_STD else tent_weights(offset, std)
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


def _kernel_weights(
    profile: Profile, centres: np.ndarray, lattice: np.ndarray, spacing: float, half_size: float
) -> Float[np.ndarray, "n m"]:
    """What each lattice value is worth at each centre under a kernel."""
    return tents_under(profile, (centres[:, None] - lattice) / spacing, half_size / spacing).astype(np.float32)


def _contracted(
    slab: Callable[[np.ndarray], np.ndarray], z: np.ndarray, weights: list[np.ndarray]
) -> Float[np.ndarray, "d h w"]:
    """Sum over the values at ``z`` (read in slabs, so that memory stays bounded) with weights along each axis."""
    along_x, along_y, along_z = weights
    result = np.zeros((along_z.shape[0], along_y.shape[0], along_x.shape[0]), np.float32)
    rows = max(1, _SLAB // (along_x.shape[1] * along_y.shape[1]))
    for start in range(0, len(z), rows):
        values = slab(z[start : start + rows])
        reached = np.matmul(along_y, values @ along_x.T)  # (slab, height, width)
        flat = along_z[:, start : start + rows] @ reached.reshape(len(reached), -1)
        result += flat.reshape(result.shape)
    return result
