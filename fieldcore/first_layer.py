"""What the first layer of a coordinate network sees: the range of its ``z``, and its activation over that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from .fields.coordinate import Coordinate

_SHOWN = (0.0005, 0.9995)  # quantiles


@dataclass(frozen=True)
class FirstLayer:
    """The activation where it is used.

    Attributes:
        z: (n), over the range that occurs, but for a thousandth.
        values: (n, 1), of complex activations (n, 2), the real and the imaginary part.
        density: (n), how often ``z`` is there, relative to where it is most often.
    """

    z: Float[np.ndarray, "n"]
    values: Float[np.ndarray, "n parts"]
    density: Float[np.ndarray, "n"]


@torch.no_grad()
def first_layer(field: Coordinate, x: Float[Tensor, "p d"], count: int = 256) -> FirstLayer:
    """The first layer's activation over the ``z`` that it sees at some points.

    Args:
        field: a network.
        x: the points, on its device.
        count: how many ``z`` are shown.

    Example:
        >>> from fieldcore import Ackley, build_field, preset_recipe
        >>> field = build_field(preset_recipe("coordinate", "preview", Ackley().facts), Ackley().facts)
        >>> first_layer(field, torch.rand(8, 2), 5).values.shape
        (5, 1)
    """
    one, (matrix, bias) = field.network.activations[0], field.network.matrices()[0]
    u = torch.addmm(bias, field.mapping(x.to(field.dtype)), matrix.T)
    seen = (u / one.fold).flatten().double().cpu().numpy()
    low, high = np.quantile(seen, _SHOWN)
    z = np.linspace(low, max(high, low + 1e-6), count)
    values = one(torch.from_numpy(one.fold * z)[:, None].to(u)).double().cpu().numpy()
    half = (z[1] - z[0]) / 2
    density = np.histogram(seen, np.append(z - half, z[-1] + half))[0].astype(float)
    return FirstLayer(z, values, density / max(density.max(), 1.0))
