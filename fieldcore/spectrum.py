"""Spectra: how much of a picture lies at each frequency, and what a filter lets through."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from .errors import InputError
from .filters import Gaussian

_LEAST_POWER = 1e-20  # relative to the greatest: what is below it is rounding


@dataclass(frozen=True)
class Spectrum:
    """Power per squared cycle per domain unit, whose integral over all frequencies is the picture's variance.

    Attributes:
        log_power: its log10 over [-f_max, f_max]^2 in square cells, frequency zero in the middle, the first coordinate
            (of the width) growing to the right and the second downwards.
        f_max: the Nyquist frequency of the picture's pixels, in cycles per domain unit, the same on both axes.
        frequencies: radii of rings, in cycles per domain unit, from half a cycle to ``f_max``.
        radial_log_power: log10 of the mean power in each ring.
    """

    log_power: Float[np.ndarray, "size size"]
    f_max: float
    frequencies: Float[np.ndarray, "rings"]
    radial_log_power: Float[np.ndarray, "rings"]


def power_spectrum(values: Float[np.ndarray, "h w c"], size: int = 256) -> Spectrum:
    """The centred power spectrum of a picture whose longer side is [-1, 1], mean over the channels, mean removed.

    Weighted by a Hann window, which removes the cross that the jump from border to border would draw. (Mirroring would
    too, but a mirrored picture has its slanted details in both directions: they could not be held against a filter's
    ellipse.) A cell of the square holds the mean power of what it covers, so that no peak is lost in a small one.

    Args:
        values: (height, width, channels).
        size: cells along each side of ``log_power``.

    Example:
        >>> power_spectrum(np.random.default_rng(0).random((16, 24, 3)), size=32).log_power.shape
        (32, 32)
    """
    height, width, _ = values.shape
    f_max = max(width, height) / 4
    power = _periodogram(values) / (2 * f_max) ** 2
    frequencies, radial = _rings(power, f_max)
    square = _overlaps(size, height) @ power @ _overlaps(size, width).T
    floor = max(float(power.max()) * _LEAST_POWER, np.finfo(np.float64).tiny)
    return Spectrum(np.log10(np.maximum(square, floor)), f_max, frequencies, np.log10(np.maximum(radial, floor)))


def half_power_ellipse(gaussian: Gaussian, points: int = 128, longest: float = math.inf) -> Float[Tensor, "points 2"]:
    """The closed polyline, in cycles per domain unit, on which a Gaussian lets half the power through.

    There ``response^2 = exp(-4 pi^2 a^T Sigma a)`` is 1/2; smaller frequencies pass, larger ones do not.

    Args:
        gaussian: a filter of pictures, one for all points.
        points: of the polyline, the first of which is also the last.
        longest: the semi-axes are cut off here, in cycles per domain unit. Without smoothing they are infinite.

    Raises:
        InputError: the filter differs from point to point, or the ellipse is infinite.
    """
    if gaussian.per_point is not None:
        raise InputError("a filter that differs from point to point has no one ellipse")
    eigenvalues, axes = torch.linalg.eigh(gaussian.covariance(2).double().cpu())
    semi_axes = (math.sqrt(math.log(2)) / (2 * math.pi) / eigenvalues.clamp_min(0).sqrt()).clamp_max(longest)
    if not bool(torch.isfinite(semi_axes).all()):
        raise InputError("a filter that does not smooth along every direction lets all frequencies through along some")
    angle = torch.linspace(0, 2 * math.pi, points, dtype=torch.float64)
    return (torch.stack([angle.cos(), angle.sin()], -1) * semi_axes) @ axes.mT


def _periodogram(values: np.ndarray) -> np.ndarray:
    """Squared magnitudes, frequency zero at n // 2 of each axis; their mean is the picture's variance."""
    height, width, _ = values.shape
    window = np.outer(_hann(height), _hann(width))[..., None]
    centred = values.astype(np.float64)
    centred = (centred - np.average(centred, axis=(0, 1), weights=np.broadcast_to(window, centred.shape))) * window
    power = np.abs(np.fft.fft2(centred, axes=(0, 1))) ** 2 / np.square(window).sum()
    return np.fft.fftshift(power.mean(2))


def _hann(n: int) -> np.ndarray:
    return np.sin(np.pi * (np.arange(n) + 0.5) / n) ** 2


def _rings(power: np.ndarray, f_max: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean power in rings half a cycle wide, as wide as the longer axis resolves. Frequency zero has none left."""
    x, y = (2 * f_max * np.fft.fftshift(np.fft.fftfreq(n)) for n in reversed(power.shape))
    ring = np.rint(2 * np.hypot(x[None, :], y[:, None])).astype(np.int64).ravel()
    index = np.arange(1, max(1, math.floor(2 * f_max)) + 1)
    sums, counts = (np.bincount(ring, weights, minlength=index[-1] + 1) for weights in (power.ravel(), None))
    return index / 2, (sums / np.maximum(counts, 1))[index]


def _overlaps(size: int, n: int) -> np.ndarray:
    """What share of each of ``size`` equal cells over [-1/2, 1/2] lies in each of ``n`` frequencies' bins."""
    bins = (np.arange(n + 1) - n // 2 - 0.5) / n
    # The bin of an even n's Nyquist frequency lies half at either end.
    bins = np.append(bins, bins[-1] + 1 / n)
    cells = np.linspace(-0.5, 0.5, size + 1)
    shared = np.minimum(cells[1:, None], bins[1:]) - np.maximum(cells[:-1, None], bins[:-1])
    shared = np.maximum(shared, 0) * size
    shared[:, 0] += shared[:, n]
    return shared[:, :n]
