"""What the neurons of a coordinate network show: one layer's outputs as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float

from .bands import dominating_frequency
from .errors import InputError
from .fields.coordinate import Coordinate
from .grid import Grid

NeuronOrder = Literal["frequency", "energy", "index"]


@dataclass(frozen=True)
class Neurons:
    """One layer's outputs.

    Attributes:
        pictures: (k, h, w), what each gives; of complex layers the real part.
        frequencies: of each the one that dominates, in cycles along the longer side.
        index: of each the number of its neuron, from 0.
    """

    pictures: Float[np.ndarray, "k h w"]
    frequencies: list[float]
    index: list[int]


@torch.no_grad()
def neuron_pictures(field: Coordinate, grid: Grid, layer: int = 1, order: NeuronOrder = "frequency") -> Neurons:
    """The outputs of a layer on a grid, those of volumes on their middle slice.

    Args:
        field: a coordinate network.
        grid: a plane, which fills up with 0 for the coordinates that it has not.
        layer: from 1.
        order: rising frequency, falling energy, or as they are.

    Raises:
        InputError: there is no such layer.
    """
    network = field.network
    if not 1 <= layer <= len(network.activations):
        raise InputError(f"layer: expected from 1 to {len(network.activations)}, got {layer}")
    plane = grid.points(0, grid.count, field.device)
    x = torch.cat([plane, plane.new_zeros(len(plane), field.dim - grid.dim)], dim=1).to(field.dtype)
    parts = [network.layer_outputs(field.mapping(part), layer - 1) for part in x.split(1 << 14)]
    outputs = torch.cat(parts)
    if network.activations[layer - 1].is_complex:
        outputs = outputs[:, : outputs.shape[1] // 2]
    pictures = outputs.T.reshape(-1, *grid.shape).float().cpu().numpy()
    frequencies = [dominating_frequency(picture) for picture in pictures]
    keys = {
        "frequency": np.array(frequencies),
        "energy": -pictures.var(axis=(1, 2)),
        "index": np.arange(len(pictures)),
    }
    index = np.argsort(keys[order], kind="stable")
    return Neurons(pictures[index], [frequencies[k] for k in index], [int(k) for k in index])
