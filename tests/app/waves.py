"""A field in closed form, so that tests know every pixel: cosines, which a Gaussian only scales."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from fieldcore.fields.field import Field
from fieldcore.filters import Gaussian
from fieldcore.recipe import Recipe
from fieldcore.signals import Signal, SignalFacts

COLOUR_FACTS = SignalFacts(
    type="picture",
    name="waves",
    digest="0" * 64,
    half_extent=(1.0, 0.5),
    channels=3,
    resolution=(64, 32),
    encoding="display",
)
GREY_FACTS = dataclasses.replace(COLOUR_FACTS, channels=1)
LINEAR_FACTS = dataclasses.replace(COLOUR_FACTS, encoding="linear")

_FREQUENCIES = torch.tensor([[1.0, 0.5], [2.0, -3.0], [0.0, 5.0], [11.0, 4.0]])
_AMPLITUDES = torch.tensor([[0.20, 0.05, 0.10, 0.08], [0.05, 0.20, 0.08, 0.10], [0.10, 0.10, 0.20, 0.05]])


@dataclass(frozen=True, kw_only=True)
class WavesRecipe(Recipe):
    kind: ClassVar[str] = "waves"


class Waves(Field):
    kind = "waves"
    recipe_type = WavesRecipe
    presets: ClassVar[dict[str, Any]] = {}
    filters = (Gaussian,)

    def __init__(self, facts: SignalFacts = COLOUR_FACTS) -> None:
        super().__init__(WavesRecipe(), facts)
        self.mean = torch.nn.Parameter(torch.tensor(0.5))

    def _values(self, x: Tensor, filter: Gaussian | None) -> Tensor:
        waves = torch.cos(2 * math.pi * x @ _FREQUENCIES.T)
        if filter is not None:
            waves = waves * filter.response(_FREQUENCIES)
        return self.mean + waves @ _AMPLITUDES[: self.facts.channels].T

    def loss(self, signal: Signal, generator: torch.Generator) -> Tensor:
        raise NotImplementedError


class Spot(Waves):
    """A white spot on black, at a place of the domain."""

    def __init__(self, place: tuple[float, float], radius: float) -> None:
        super().__init__(GREY_FACTS)
        self.place, self.radius = torch.tensor(place), radius

    def _values(self, x: Tensor, filter: Gaussian | None) -> Tensor:
        return ((x - self.place).norm(dim=1, keepdim=True) < self.radius).float()
