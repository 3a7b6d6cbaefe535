"""The truth: what smoothing a signal really gives. The judge of every field.

Two ways, each with its accuracy stated:

* ``smooth_picture``: exact at the pixel centres of a picture, by discrete convolution with the Gaussian integrated
  against the bilinear interpolant's own tent, so it smooths the very function ``Picture`` is, mirrored border included.
* ``smooth_points``: randomised quasi-Monte-Carlo for any signal, filter and point, with its standard error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.fft
import torch
from jaxtyping import Float
from scipy.special import ndtr
from torch import Tensor

from .errors import InputError
from .filters import Filter, Gaussian
from .sampling import sobol
from .signals import Picture

_REACH = 6.0  # standard deviations after which a Gaussian's tail (2e-9) is left out


def smooth_picture(picture: Picture, gaussian: Gaussian) -> Float[np.ndarray, "h w c"]:
    """Exact Gaussian smoothing of a picture at its pixel centres, float64 inside, (height, width, channels).

    The bilinear picture is ``sum_k p_k tent(x - k)``, so smoothing it and reading it at pixel centres is a discrete
    convolution with ``w_j = (g * tent)(j)``. Isotropic and diagonal covariances are separable, and with a mirrored
    border each axis is diagonal in the type-II cosine transform; a rotated covariance is convolved as a whole on the
    mirrored torus.

    Raises:
        InputError: the filter differs from point to point (use ``smooth_points``).
    """
    if gaussian.per_point is not None:
        raise InputError("smooth_picture takes one filter for all pixels; use smooth_points for one a point")
    pixels = picture.pixels
    # Domain units to pixels: the same factor on both axes, because pixels are square.
    pixels_per_unit = max(pixels.shape[:2]) / 2
    covariance = gaussian.covariance(2).double().cpu().numpy() * pixels_per_unit**2
    if covariance[0, 1] ** 2 <= 1e-18 * covariance[0, 0] * covariance[1, 1]:
        return _smooth_separable(pixels, covariance[0, 0], covariance[1, 1])
    return _smooth_rotated(pixels, covariance)


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


def _sobol_mean(
    signal: Callable[[Tensor], Tensor], x: Float[Tensor, "n d"], filter: Filter, count: int, seed: int
) -> Float[Tensor, "n c"]:
    n, dim = x.shape
    noise = sobol(count, dim, seed).to(x)[:, None].expand(count, n, dim)
    total: Tensor | None = None
    chunk = max(1, 2_000_000 // n)  # bounds memory to a few hundred MB
    for start in range(0, count, chunk):
        part = noise[start : start + chunk]
        values = signal((x + filter.offsets(part)).reshape(-1, dim))
        subtotal = values.reshape(len(part), n, -1).sum(0)
        total = subtotal if total is None else total + subtotal
    assert total is not None
    return total / count


def _gaussian_ramp(u: np.ndarray, std: float) -> np.ndarray:
    """Second antiderivative of a centred normal density: max(u, 0) smoothed by it."""
    if std == 0:
        return np.maximum(u, 0)
    z = u / std
    return u * ndtr(z) + std * np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)


def _tent_weights(offset: np.ndarray, std: float) -> np.ndarray:
    """``(g * tent)(offset)``: the second difference of the smoothed ramp, since tent'' is [1, -2, 1]."""
    return _gaussian_ramp(offset + 1, std) - 2 * _gaussian_ramp(offset, std) + _gaussian_ramp(offset - 1, std)


def _smooth_separable(pixels: np.ndarray, variance_x: float, variance_y: float) -> np.ndarray:
    smooth = pixels.astype(np.float64)
    for axis, variance in ((1, variance_x), (0, variance_y)):
        if variance > 0:
            transfer = _cosine_transfer(smooth.shape[axis], np.sqrt(variance))
            spectrum = scipy.fft.dct(smooth, axis=axis)
            spectrum *= transfer.reshape([-1 if a == axis else 1 for a in range(3)])
            smooth = scipy.fft.idct(spectrum, axis=axis)
    return smooth


def _cosine_transfer(size: int, std: float) -> np.ndarray:
    """``sum_j w_j cos(pi k j / size)``: the kernel's transfer for each cosine the border's mirror allows."""
    period = 2 * size
    reach = int(np.ceil(_REACH * std)) + 1
    offsets = np.arange(-reach, reach + 1)
    folded = np.bincount(offsets % period, weights=_tent_weights(offsets.astype(np.float64), std), minlength=period)
    return np.fft.rfft(folded).real[:size]


def _smooth_rotated(pixels: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    height, width, channels = pixels.shape
    kernel = _folded_kernel(covariance, 2 * width, 2 * height)
    transfer = scipy.fft.rfft2(kernel)
    smooth = np.empty(pixels.shape)
    for channel in range(channels):
        mirrored = np.pad(pixels[..., channel].astype(np.float64), ((0, height), (0, width)), mode="symmetric")
        smooth[..., channel] = scipy.fft.irfft2(scipy.fft.rfft2(mirrored) * transfer, s=mirrored.shape)[:height, :width]
    return smooth


def _folded_kernel(covariance: np.ndarray, period_x: int, period_y: int) -> np.ndarray:
    """The 2-D tent-integrated Gaussian, (period_y, period_x), wrapped around the torus.

    ``w(j, k) = E[tent(u - j) tent(v - k)]`` for (u, v) normal: along the axis of larger variance by Gauss-Legendre
    nodes in every half pixel, along the other, given the first, in closed form.
    """
    if covariance[0, 0] > covariance[1, 1]:
        return _folded_kernel(covariance[::-1, ::-1], period_y, period_x).T
    reach_x, reach_y = (int(np.ceil(_REACH * np.sqrt(covariance[a, a]))) + 1 for a in (0, 1))
    slope = covariance[0, 1] / covariance[1, 1]
    std = np.sqrt(max(covariance[0, 0] - slope * covariance[0, 1], 0))
    columns = np.arange(-reach_x, reach_x + 1)
    kernel = np.zeros((period_y, period_x))
    nodes, weights = np.polynomial.legendre.leggauss(8)
    for row in range(-reach_y, reach_y + 1):
        v = np.concatenate(
            [row - 0.75 + 0.25 * nodes, row - 0.25 + 0.25 * nodes, row + 0.25 + 0.25 * nodes, row + 0.75 + 0.25 * nodes]
        )
        density = np.exp(-0.5 * v * v / covariance[1, 1]) / np.sqrt(2 * np.pi * covariance[1, 1])
        row_weights = np.tile(weights, 4) * 0.25 * density * (1 - np.abs(v - row))
        line = row_weights @ _tent_weights(columns[None, :] - slope * v[:, None], std)
        kernel[row % period_y] += np.bincount(columns % period_x, weights=line, minlength=period_x)
    return kernel / kernel.sum()
