"""Which frequencies a field has learned: its error octave by octave."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from scipy.fft import dctn

from .errors import InputError


def octave_names(shape: tuple[int, int]) -> list[str]:
    """The octaves of a picture of (height, width) pixels, in cycles along its longer side.

    Example:
        >>> octave_names((8, 16))
        ['0-1', '1-2', '2-4', '4-8', '8-16']
    """
    last = int(_octaves(shape).max())
    return ["0-1", *(f"{2 ** (k - 1)}-{2**k}" for k in range(1, last + 1))]


def octave_errors(
    values: Float[np.ndarray, "h w c"], truth: Float[np.ndarray, "h w c"]
) -> Float[np.ndarray, "octaves"]:
    """The error's amplitude in each octave over that of the truth's variation there: 1 where nothing is learned.

    By the cosine transform, which has no jumps at the borders; the truth's mean counts as no variation. An octave in
    which the truth has nothing is NaN.

    Args:
        values: of a field, on the pixels of a picture.
        truth: the picture.

    Raises:
        InputError: the shapes differ.
    """
    if values.shape != truth.shape:
        raise InputError(f"bands: expected values of shape {truth.shape}, that of the truth, got {values.shape}")
    octaves = _octaves(truth.shape[:2]).ravel()
    error, power = (_power(each) for each in (values - truth, truth))
    power[0] = 0
    error_in, power_in = (np.bincount(octaves, each) for each in (error, power))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(power_in > 1e-12 * power_in.sum(), np.sqrt(error_in / power_in), np.nan)


def dominating_frequency(values: Float[np.ndarray, "h w"]) -> float:
    """The frequency, in cycles along the longer side, at which a picture has most power apart from its mean."""
    power = _power(values[..., None])
    power[0] = 0
    return float(_radii(values.shape).ravel()[int(power.argmax())])


def _power(values: Float[np.ndarray, "h w c"]) -> Float[np.ndarray, "n"]:
    transformed = dctn(values.astype(np.float64), axes=(0, 1), norm="ortho")
    power: np.ndarray = np.square(transformed).sum(2).ravel()
    return power


def _radii(shape: tuple[int, ...]) -> Float[np.ndarray, "h w"]:
    """Of each coefficient of the cosine transform its frequency, in cycles along the longer side."""
    height, width = shape
    longer = max(shape)
    return np.hypot(np.arange(height)[:, None] * longer / height, np.arange(width) * longer / width) / 2


def _octaves(shape: tuple[int, ...]) -> Int[np.ndarray, "h w"]:
    """0 below one cycle, k from 2^(k - 1) to 2^k."""
    radii = _radii(shape)
    return np.where(radii < 1, 0, np.floor(np.log2(np.maximum(radii, 1))).astype(int) + 1)
