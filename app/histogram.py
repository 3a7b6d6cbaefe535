"""Histograms of what is shown, and of how far it is from the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

BINS = 64
MOST_CELLS = 1 << 16
"""Of a picture, that are counted."""

_TAIL = 0.999

Curve = tuple[Float[np.ndarray, "b"], Float[np.ndarray, "b"]]
"""The middles of its bins, and the share of the cells in each."""

_NO_VALUES = np.zeros((0, 1))


@dataclass(frozen=True, eq=False)
class Histograms:
    """Of one frame.

    Attributes:
        values: by channel, from black (0) to white (1); empty of what has no colours.
        error: signed means over the channels, as shares of that range, or distances; None where the truth is not there.
        figures: in words: mean and deviation of the values; mean, root mean square and the 99th percentile of the
            error's size.
    """

    values: Mapping[str, Curve]
    error: Curve | None
    figures: tuple[str, str]


def histograms(
    values: Float[np.ndarray, "n c"] = _NO_VALUES, errors: Float[np.ndarray, "m"] | None = None
) -> Histograms:
    """Count values of cells, 0 where they are black and 1 where they are white, and errors, if they are known."""
    names = "RGB" if values.shape[1] == 3 else ("grey",)
    curves = {name: _curve(values[:, number], 0.0, 1.0) for number, name in enumerate(names) if len(values)}
    said = f"mean {values.mean():.3g}, deviation {values.std():.3g}" if len(values) else ""
    if errors is None or not len(errors):
        return Histograms(curves, None, (said, ""))
    sizes = np.abs(errors)
    reach = max(float(np.quantile(sizes, _TAIL)), 1e-9)
    root, most = np.sqrt((errors**2).mean()), np.quantile(sizes, 0.99)
    told = f"mean {errors.mean():+.2g}, rms {root:.2g}, 99 % < {most:.2g}"
    return Histograms(curves, _curve(errors, -reach, reach), (said, told))


def stride_over(cells: int) -> int:
    """How many rows and columns of a picture of so many cells one is counted of."""
    return max(1, int(np.sqrt(cells / MOST_CELLS)))


def _curve(values: Float[np.ndarray, "n"], low: float, high: float) -> Curve:
    """What lies beyond the ends counts in the bins there."""
    counts, edges = np.histogram(values.clip(low, high), BINS, (low, high))
    return (edges[1:] + edges[:-1]) / 2, counts / max(len(values), 1)
