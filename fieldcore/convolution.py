"""Convolving a picture's pixels with a Gaussian: along one axis by a transform its border suits, or on a torus.

Kernels are the Gaussian integrated against the bilinear interpolant's own tent. Lengths are in pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.fft

from .borders import Border, continued, folded_index
from .signals.picture import Picture
from .splines import tent_weights

REACH = 6.0  # standard deviations after which a Gaussian's tail (2e-9) is left out

# Standard deviation in pixels from which a smoothed picture is band-limited: at the Nyquist frequency the Gaussian
# lets through 5e-20, and a quintic spline through the pixel centres is off by less than float32 can hold.
WIDE = 3.0


@dataclass(frozen=True)
class Axis:
    """One axis of a picture: how long it is, how it goes on, and how far a filter reaches along it.

    Attributes:
        array_axis: 1 along the width, 0 down the height.
        size: pixels.
        border: how they continue.
        std: the filter's standard deviation along the axis, in pixels.
    """

    array_axis: int
    size: int
    border: Border
    std: float

    @property
    def reach(self) -> int:
        """Pixels after which the filter's tail is left out."""
        return math.ceil(REACH * self.std) + 1

    @property
    def margins(self) -> tuple[int, int]:
        """Pixels before and after the picture on its torus, in the middle of which it lies.

        A clamped picture needs the filter's reach twice: once where the smoothed picture still changes, and as much
        beyond for what the filter sees from there.
        """
        half = self.size // 2
        return {"mirror": (half, self.size - half), "repeat": (0, 0), "clamp": (2 * self.reach,) * 2}[self.border]

    @property
    def period(self) -> int:
        """The torus' length in pixels."""
        return self.size + sum(self.margins)

    @property
    def on_torus(self) -> slice:
        """Where the picture lies on its torus."""
        return slice(self.margins[0], self.margins[0] + self.size)

    def torus_index(self, pixel: np.ndarray) -> np.ndarray:
        """Where on the torus a pixel's index lies, which may be beyond the picture."""
        return (self._settled(pixel) + self.margins[0]) % self.period

    def continued(self, values: np.ndarray) -> np.ndarray:
        """The values as far as a transform of their own border wants them: clamped ones go on for the reach."""
        margin = [(self._line_margin,) * 2 if axis == self.array_axis else (0, 0) for axis in range(2)]
        return continued(values, margin, (self.border, self.border))

    def cropped(self, line: np.ndarray) -> np.ndarray:
        """Inverse of ``continued``."""
        inside = slice(self._line_margin, self._line_margin + self.size)
        return line[inside] if self.array_axis == 0 else line[:, inside]

    def line_index(self, pixel: np.ndarray) -> np.ndarray:
        """Where in ``continued`` values a pixel's index lies, which may be beyond the picture."""
        return folded_index(pixel + self._line_margin, self.size + 2 * self._line_margin, self.border)

    @property
    def _line_margin(self) -> int:
        return self.reach if self.border == "clamp" else 0

    def _settled(self, pixel: np.ndarray) -> np.ndarray:
        """Beyond its reach a smoothed, clamped picture no longer changes."""
        return pixel.clip(-self.reach, self.size + self.reach - 1) if self.border == "clamp" else pixel


def picture_axes(picture: Picture, covariance: np.ndarray) -> tuple[Axis, Axis]:
    """Along the width and down the height, in the order of coordinates."""
    (width, height), (along_x, along_y) = picture.facts.resolution, picture.facts.borders
    std_x, std_y = (float(deviation) for deviation in np.sqrt(np.diag(covariance)))
    return Axis(1, width, along_x, std_x), Axis(0, height, along_y, std_y)


@dataclass(frozen=True)
class _Transform:
    """What makes a convolution along one axis a product, for one kind of border.

    Attributes:
        forward, backward: ``forward(values, axis=...)`` and ``backward(spectrum, size, axis=...)``.
        periods: after how many lengths of the picture its continuation repeats.
        waves: how many waves there are for so many pixels.
    """

    forward: Callable[..., np.ndarray]
    backward: Callable[..., np.ndarray]
    periods: int
    waves: Callable[[int], int]

    def frequencies(self, size: int) -> np.ndarray:
        """Of each wave, in cycles per pixel."""
        return np.arange(self.waves(size)) / (self.periods * size)


_COSINE = _Transform(
    scipy.fft.dct, lambda spectrum, size, axis: scipy.fft.idct(spectrum, axis=axis), 2, lambda size: size
)
_FOURIER = _Transform(scipy.fft.rfft, scipy.fft.irfft, 1, lambda size: size // 2 + 1)
TRANSFORMS: dict[Border, _Transform] = {
    "mirror": _COSINE,
    "repeat": _FOURIER,
    "clamp": _COSINE,  # far enough beyond the border a mirror shows the same
}


def convolved_along(line: np.ndarray, axis: Axis, transfer: np.ndarray) -> np.ndarray:
    """Values, as ``axis.continued`` gives them, times ``transfer`` along that axis."""
    transform = TRANSFORMS[axis.border]
    spectrum = transform.forward(line, axis=axis.array_axis)
    spectrum *= transfer.reshape([-1 if a == axis.array_axis else 1 for a in range(3)])
    return transform.backward(spectrum, line.shape[axis.array_axis], axis=axis.array_axis)


def line_transfer(size: int, axis: Axis) -> np.ndarray:
    """``sum_j w_j cos(2 pi k j / period)``: the kernel's transfer for each wave that the border allows."""
    transform = TRANSFORMS[axis.border]
    period = transform.periods * size
    offsets = np.arange(-axis.reach, axis.reach + 1)
    weights = tent_weights(offsets.astype(np.float64), axis.std)
    wrapped = np.bincount(offsets % period, weights=weights, minlength=period)
    return np.fft.rfft(wrapped).real[: transform.waves(size)]


def convolved_on_torus(pixels: np.ndarray, axes: tuple[Axis, Axis], transfer: np.ndarray) -> np.ndarray:
    """The continued picture times ``transfer``, on the whole torus, with the picture in the middle."""
    x, y = axes
    torus = np.empty((y.period, x.period, pixels.shape[2]))
    for channel in range(pixels.shape[2]):
        plane = continued(pixels[..., channel].astype(np.float64), (y.margins, x.margins), (x.border, y.border))
        torus[..., channel] = scipy.fft.irfft2(scipy.fft.rfft2(plane) * transfer, s=plane.shape)
    return torus


def torus_transfer(covariance: np.ndarray, period_x: int, period_y: int) -> np.ndarray:
    """What a tent-integrated Gaussian multiplies each frequency of the torus with, as ``rfft2`` orders them."""
    if np.linalg.eigvalsh(covariance)[0] < WIDE**2:
        return scipy.fft.rfft2(_folded_kernel(covariance, period_x, period_y))
    # Wide enough that only frequencies below Nyquist get through: the continuous transforms, without aliases.
    x, y = np.fft.rfftfreq(period_x)[None, :], np.fft.fftfreq(period_y)[:, None]
    form = covariance[0, 0] * x * x + 2 * covariance[0, 1] * x * y + covariance[1, 1] * y * y
    return np.exp(-2 * np.pi**2 * form) * (np.sinc(x) * np.sinc(y)) ** 2


def _folded_kernel(covariance: np.ndarray, period_x: int, period_y: int) -> np.ndarray:
    """The 2-D tent-integrated Gaussian, (period_y, period_x), wrapped around the torus.

    ``w(j, k) = E[tent(u - j) tent(v - k)]`` for (u, v) normal: along the axis of larger variance by Gauss-Legendre
    nodes, along the other, given the first, in closed form in the columns that it reaches.
    """
    if covariance[0, 0] > covariance[1, 1]:
        return _folded_kernel(covariance[::-1, ::-1], period_y, period_x).T
    slope = covariance[0, 1] / covariance[1, 1]
    std_x = np.sqrt(max(covariance[0, 0] - slope * covariance[0, 1], 0))
    v, weights = _gaussian_nodes(np.sqrt(covariance[1, 1]))
    row, centre = np.floor(v), slope * v
    reach = int(np.ceil(REACH * std_x)) + 2
    columns = np.rint(centre)[:, None] + np.arange(-reach, reach + 1)
    line = weights[:, None] * tent_weights(columns - centre[:, None], std_x)
    kernel = np.zeros(period_y * period_x)
    for rows, share in ((row, 1 - (v - row)), (row + 1, v - row)):
        cells = (rows[:, None] % period_y) * period_x + columns % period_x
        kernel += np.bincount(cells.astype(np.int64).ravel(), (share[:, None] * line).ravel(), period_y * period_x)
    return (kernel / kernel.sum()).reshape(period_y, period_x)


def _gaussian_nodes(std: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights that integrate a normal density times what bends at whole numbers only.

    Gauss-Legendre in panels that are no wider than half a pixel, nor than the standard deviation where the mass is.
    """
    reach = math.ceil(REACH * std) + 1
    edges = np.union1d(np.arange(-2 * reach, 2 * reach + 1) / 2, std * np.arange(-REACH, REACH + 1))
    nodes, weights = np.polynomial.legendre.leggauss(8)
    half = np.diff(edges)[:, None] / 2
    v = edges[:-1, None] + half * (1 + nodes)
    density = np.exp(-0.5 * (v / std) ** 2) / (std * np.sqrt(2 * np.pi))
    return v.ravel(), (half * weights * density).ravel()
