"""Colour as the painters of the fish need it; all display-encoded, in [0, 1]."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

Colour = tuple[float, float, float]


def ramp(x: Float[np.ndarray, "*n"], *stops: tuple[float, Colour]) -> Float[np.ndarray, "*n 3"]:
    """Linear between stops, in rising order."""
    places = [place for place, _ in stops]
    return np.stack([np.interp(x, places, [colour[k] for _, colour in stops]) for k in range(3)], -1)


def mixed(
    under: Float[np.ndarray, "*n 3"],
    over: Colour | Float[np.ndarray, "*n 3"],
    share: Float[np.ndarray, "*n"],
) -> Float[np.ndarray, "*n 3"]:
    """``over`` laid on ``under``, as opaque as ``share`` in [0, 1] says."""
    return under + share[..., None] * (np.asarray(over) - under)


def sheen(phase: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n 3"]:
    """A hue that turns once as ``phase`` grows by 2 pi, about zero: what thin layers add to a colour."""
    return np.cos(phase[..., None] - np.array([0.0, 2.1, 4.2]))


def waves(
    x: Float[np.ndarray, "*n"], y: Float[np.ndarray, "*n"], frequency: float, seed: int
) -> Float[np.ndarray, "*n"]:
    """Smooth noise, mostly in [-1, 1]: a few waves of about ``frequency``, in all directions."""
    random = np.random.default_rng(seed)
    total = np.zeros(np.shape(x))
    for turn, start, size in random.random((7, 3)):
        k = 2 * np.pi * frequency * (0.6 + 0.8 * size)
        total += np.sin(k * (np.cos(2 * np.pi * turn) * x + np.sin(2 * np.pi * turn) * y) + 2 * np.pi * start)
    return total / 2.6
