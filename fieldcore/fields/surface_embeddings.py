"""What networks that are signed distances see of a point, by name in ``EMBEDDINGS``: always the point itself first.

Sources: B. Mildenhall et al., NeRF, ECCV 2020 (``posenc``); M. Tancik et al., Fourier Features Let Networks Learn High
Frequency Functions in Low Dimensional Domains, NeurIPS 2020 (``fourier``); T. Müller et al., Instant Neural Graphics
Primitives, SIGGRAPH 2022 (``hash``); Z. Wu, Y. Jin, K. M. Yi, Neural Fourier Filter Bank, CVPR 2023 (``ffb``).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar, cast

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from .coordinate_recipe import CoordinateRecipe
from .fused_levels import FusedLevels
from .mappings import GaussianFeatures, Positional
from .radiance_volumes import HashedGrid
from .trilinear_levels import TrilinearGrid

_OCTAVES = 6
_FREQUENCIES, _CYCLES = 64, 2.0
"""Of random Fourier features, and their standard deviation in cycles per domain unit."""

_LEVELS, _COARSEST, _GROWTH, _LOG2_ROWS = 8, 16, 1.5, 16
_FEATURES = 2
_TABLE_START = 1e-4
_BANK_LEVELS, _BANK_WIDTH = 6, 32
_BANK_OMEGA = 10.0


class Embedding(nn.Module, ABC):
    """Features of a point for a network.

    Attributes:
        width: how many; the first three are the point.
        is_smooth: whether it has second derivatives; what is linear between vertices has none.
    """

    width: int
    is_smooth: ClassVar[bool] = True

    @abstractmethod
    def forward(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n w"]:
        """The features of the points ``x``."""


class PositionalEmbedding(Embedding):
    """The point, and sines and cosines of it in six octaves from ``pi x``."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        recipe = CoordinateRecipe(mapping="positional", mapping_levels=_OCTAVES, mapping_base=math.pi)
        self.mapping = Positional(recipe, 3)
        self.width = self.mapping.width

    def forward(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n w"]:
        """See the class."""
        features: Tensor = self.mapping(x)
        return features


class FourierEmbedding(Embedding):
    """The point, and sines and cosines at 64 random frequencies of two cycles per domain unit, more or less."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        seed = int(torch.randint(1 << 30, (1,), generator=generator))
        recipe = CoordinateRecipe(
            mapping="gaussian", mapping_size=_FREQUENCIES, frequency_variance=_CYCLES**2, seed=seed
        )
        self.mapping = GaussianFeatures(recipe, 3)
        self.width = 3 + self.mapping.width

    def forward(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n w"]:
        """See the class."""
        return torch.cat([x, self.mapping(x)], 1)


class Levels(nn.Module):
    """Grids of rising resolution, hashed where they have more vertices than a table rows; linear between vertices.

    Args:
        count: of levels.
        growth: of their cells, from 16 along an axis.
        generator: of the first values.
    """

    def __init__(self, count: int, growth: float, generator: torch.Generator) -> None:
        super().__init__()
        cells = [round(_COARSEST * growth**level) for level in range(count)]
        dense = [(n + 1) ** 3 <= 1 << _LOG2_ROWS for n in cells]
        pairs = zip(cells, dense, strict=True)
        self._grids = nn.ModuleList(
            [TrilinearGrid(n) if is_dense else HashedGrid(n, _LOG2_ROWS) for n, is_dense in pairs]
        )
        self.tables = nn.ParameterList([_table(grid.row_count, generator) for grid in self.grids])

    @property
    def grids(self) -> list[TrilinearGrid]:
        """Coarsest first."""
        return cast("list[TrilinearGrid]", [*self._grids])

    def forward(self, x: Float[Tensor, "n 3"]) -> list[Float[Tensor, "n 2"]]:
        """The features of each level."""
        return [grid.corners(x).of(table) for grid, table in zip(self.grids, self.tables, strict=True)]


class HashEmbedding(Embedding):
    """The point, and two features of each of eight levels.

    Args:
        generator: of the first values.
        fused: whether tiny-cuda-nn has the levels.
    """

    is_smooth = False

    def __init__(self, generator: torch.Generator, fused: bool = False) -> None:
        super().__init__()
        self.levels = _levels(_LEVELS, generator, fused)
        self.width = 3 + _FEATURES * _LEVELS

    def forward(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n w"]:
        """See the class."""
        return torch.cat([x, *self.levels(x)], 1)


class FilterBank(Embedding):
    """The point, and the sum of the heads of a chain of sines, to which each level of grids adds its own frequencies.

    ``h_l = sin(omega (W_l (h_(l-1) + e_l) + b_l))``, ``e_l`` being sines and cosines of level l's features at
    frequencies that rise with the level; the output is ``sum_l (V_l h_l + c_l)``. So each band of frequencies has its
    own part of space's features, its own layer and its own head.

    Args:
        generator: of the first weights.
        styled: whether each ``e_l`` is normalised and multiplied by a gain of its level, the gains being a softmax
            over levels of a linear function of the point: attention between levels.
        fused: whether tiny-cuda-nn has the levels.
    """

    frequencies: Tensor
    is_smooth = False

    def __init__(self, generator: torch.Generator, styled: bool = False, fused: bool = False) -> None:
        super().__init__()
        self.styled = styled
        self.levels = _levels(_BANK_LEVELS, generator, fused)
        half = _BANK_WIDTH // 2
        rising = torch.randn(_BANK_LEVELS, _FEATURES, half, generator=generator)
        scales = torch.tensor([_GROWTH**level for level in range(_BANK_LEVELS)])
        self.register_buffer("frequencies", 2 * math.pi * scales[:, None, None] * rising)
        self.first = _sine_layer(3, _BANK_WIDTH, 1 / 3, generator)
        within = math.sqrt(6 / _BANK_WIDTH) / _BANK_OMEGA
        self.chain = nn.ModuleList(
            [_sine_layer(_BANK_WIDTH, _BANK_WIDTH, within, generator) for _ in range(_BANK_LEVELS)]
        )
        within = 1 / math.sqrt(_BANK_WIDTH * _BANK_LEVELS)
        self.heads = nn.ModuleList(
            [_sine_layer(_BANK_WIDTH, _BANK_WIDTH, within, generator) for _ in range(_BANK_LEVELS)]
        )
        self.attention = _sine_layer(3, _BANK_LEVELS, 1e-3, generator) if styled else None
        self.width = 3 + _BANK_WIDTH

    def forward(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n w"]:
        """See the class."""
        gains = self._gains(x)
        h = torch.sin(_BANK_OMEGA * self.first(x))
        total = torch.zeros_like(h)
        for level, features in enumerate(self.levels(x)):
            phase = features @ self.frequencies[level]
            encoded = torch.cat([phase.sin(), phase.cos() - 1], 1)
            if gains is not None:
                encoded = gains[:, level, None] * F.layer_norm(encoded, encoded.shape[1:], eps=1e-3)
            h = torch.sin(_BANK_OMEGA * self.chain[level](h + encoded))
            total = total + self.heads[level](h)
        return torch.cat([x, total], 1)

    def _gains(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n l"] | None:
        if self.attention is None:
            return None
        return _BANK_LEVELS * self.attention(x).softmax(1)


EMBEDDINGS: Mapping[str, Callable[[torch.Generator], Embedding]] = {
    "hash": HashEmbedding,
    "posenc": PositionalEmbedding,
    "fourier": FourierEmbedding,
    "ffb": FilterBank,
    "ffb-style": partial(FilterBank, styled=True),
}


FUSED_EMBEDDINGS: Mapping[str, Callable[[torch.Generator], Embedding]] = {
    "hash": partial(HashEmbedding, fused=True),
    "ffb": partial(FilterBank, fused=True),
    "ffb-style": partial(FilterBank, styled=True, fused=True),
}
"""Those that tiny-cuda-nn can have the levels of."""


def _levels(count: int, generator: torch.Generator, fused: bool) -> nn.Module:
    if not fused:
        return Levels(count, _GROWTH, generator)
    seed = int(torch.randint(1 << 30, (1,), generator=generator))
    return FusedLevels(count, _GROWTH, _COARSEST, _FEATURES, _LOG2_ROWS, seed)


def _table(rows: int, generator: torch.Generator) -> nn.Parameter:
    values = torch.empty(rows, _FEATURES)
    return nn.Parameter(nn.init.uniform_(values, -_TABLE_START, _TABLE_START, generator=generator))


def _sine_layer(inputs: int, outputs: int, within: float, generator: torch.Generator) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    nn.init.uniform_(layer.weight, -within, within, generator=generator)
    nn.init.uniform_(layer.bias, -within, within, generator=generator)
    return layer
