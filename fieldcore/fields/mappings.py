"""What a coordinate network sees of its coordinates, by name in ``networks.MAPPINGS``."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..filters import full_precision_product

if TYPE_CHECKING:
    from .coordinate_recipe import CoordinateRecipe
else:
    CoordinateRecipe = Any  # which knows the mappings' names


class Mapping(nn.Module):
    """From coordinates to features; always in full precision, since phases reach many turns.

    Args:
        recipe: whose numbers it takes.
        dim: number of coordinates.

    Class attributes:
        numbers: the recipe's entries that it knows.

    Attributes:
        width: number of features.
    """

    numbers: ClassVar[tuple[str, ...]] = ()
    width: int

    def __init__(self, recipe: CoordinateRecipe, dim: int) -> None:
        super().__init__()
        self.width = dim

    @abstractmethod
    def forward(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n w"]:
        """The features of the points ``x``."""


class NoMapping(Mapping):
    """The coordinates themselves."""

    def forward(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n w"]:
        """``x``."""
        return x


class Basic(Mapping):
    """``[sin pi x, cos pi x]``: one period over the domain."""

    def __init__(self, recipe: CoordinateRecipe, dim: int) -> None:
        super().__init__(recipe, dim)
        self.width = 2 * dim

    def forward(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n w"]:
        """See the class."""
        phase = math.pi * x
        return torch.cat([phase.sin(), phase.cos()], dim=1)


class Positional(Mapping):
    """``x`` itself, if ``mapping_identity``, and ``[sin b 2^k x, cos b 2^k x]`` for k = 0 .. L - 1.

    ``L`` is ``mapping_levels``, ``b`` is ``mapping_base``.

    Source: B. Mildenhall et al., NeRF: Representing Scenes as Neural Radiance Fields for View Synthesis, ECCV 2020.
    """

    numbers = ("mapping_levels", "mapping_identity", "mapping_base")
    frequencies: Tensor

    def __init__(self, recipe: CoordinateRecipe, dim: int) -> None:
        super().__init__(recipe, dim)
        self._identity = recipe.mapping_identity
        self.width = dim * (2 * recipe.mapping_levels + self._identity)
        octaves = torch.arange(recipe.mapping_levels, dtype=torch.get_default_dtype())
        self.register_buffer("frequencies", recipe.mapping_base * 2**octaves, persistent=False)

    def forward(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n w"]:
        """Octave by octave, the sines of all coordinates and then their cosines."""
        phase = x[:, None, :] * self.frequencies[:, None]
        waves = torch.cat([phase.sin(), phase.cos()], dim=2).flatten(1)
        return torch.cat([x, waves], dim=1) if self._identity else waves


class GaussianFeatures(Mapping):
    """``[sin 2 pi A x, cos 2 pi A x]``, the rows of ``A`` drawn from N(0, ``frequency_variance``) by the recipe's seed.

    Source: M. Tancik et al., Fourier Features Let Networks Learn High Frequency Functions in Low Dimensional
    Domains, NeurIPS 2020.
    """

    numbers = ("mapping_size", "frequency_variance")
    A: Tensor

    def __init__(self, recipe: CoordinateRecipe, dim: int) -> None:
        super().__init__(recipe, dim)
        self.width = 2 * recipe.mapping_size
        generator = torch.Generator().manual_seed(recipe.seed)
        rows = torch.randn((recipe.mapping_size, dim), generator=generator)
        self.register_buffer("A", math.sqrt(recipe.frequency_variance) * rows)

    def forward(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n w"]:
        """See the class."""
        phase = full_precision_product(x, 2 * math.pi * self.A.T)
        return torch.cat([phase.sin(), phase.cos()], dim=1)
