"""The levels of hashed grids by tiny-cuda-nn, where it is installed and a GPU is there; it is never needed.

Source: T. Müller, tiny-cuda-nn, 2021. Its tables are of half precision, and begin with other random numbers.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..errors import InputError

PACKAGE = "tinycudann"


class FusedLevels(nn.Module):
    """As ``surface_embeddings.Levels``, in one kernel.

    Args:
        count: of levels.
        growth: of their cells.
        coarsest: cells along an axis of the first.
        features: of each level.
        log2_rows: of a table.
        seed: of the first values.

    Raises:
        InputError: there is no such package, or no GPU.
    """

    def __init__(self, count: int, growth: float, coarsest: int, features: int, log2_rows: int, seed: int) -> None:
        super().__init__()
        self.features = features
        config = {
            "otype": "HashGrid",
            "n_levels": count,
            "n_features_per_level": features,
            "log2_hashmap_size": log2_rows,
            "base_resolution": coarsest,
            "per_level_scale": growth,
            "interpolation": "Linear",
        }
        self.tables = _package().Encoding(n_input_dims=3, encoding_config=config, seed=seed)

    def forward(self, x: Float[Tensor, "n 3"]) -> list[Float[Tensor, "n f"]]:
        """The features of each level."""
        values: Tensor = self.tables(((x + 1) / 2).clamp(0, 1))
        return list(values.to(x.dtype).split(self.features, 1))


def _package() -> Any:
    try:
        package = import_module(PACKAGE)
    except (ImportError, OSError):  # what raises OSError finds no GPU it was built for
        package = None
    if package is None or not torch.cuda.is_available():
        raise InputError("backend fused: needs tiny-cuda-nn and a GPU, which are not there; leave it out")
    return package
