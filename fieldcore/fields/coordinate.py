"""Coordinate networks: any mapping of the coordinates into dense layers with any activation.

The networks that everybody compares with: SIREN, FINER and its family, Gauss, WIRE, PEMLP, Fourier features. Mappings
are in mappings.py, activations in activations.py, each beside its formula and its source.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import InputError
from ..filters import Filter
from ..orthogonal_steps import OrthogonalSteps
from ..signals import Signal, SignalFacts
from .coordinate_recipe import CoordinateRecipe
from .dense_network import DenseNetwork
from .field import Field
from .networks import ACTIVATIONS, MAPPINGS, STARTS
from .output_layer import solve_output
from .training_cells import TrainingCells

FILTER_SAMPLES = 16
"""Points that a filter is sampled at, for every point that is asked for."""

_MOST_SOLVED_POINTS = 1 << 18
_SHAPE_POINTS = 1 << 16  # of a signal without samples, where all are asked for

_SHORT: dict[str, Any] = {"learning_rate_end": 1e-3}
_PUBLISHED: dict[str, Any] = {
    "points_per_step": 0,
    "schedule": "exponential",
    "learning_rate_end": 0.1,
    "adam_beta2": 0.999,
    "solve_output": False,
}

_RATES: dict[str, dict[str, float]] = {
    "preview": {"relu": 5e-3, "gauss": 5e-3, "gabor": 5e-3},
    "standard": {"relu": 3e-3},
}
"""Learning rates of the presets that train for a short while, where an activation wants another than the sines."""

_SHAPE_NUMBERS: dict[str, dict[str, Any]] = {
    "relu": {"learning_rate": 5e-3},
    "sine": {"learning_rate": 1e-3, "omega_first": 15.0, "omega_hidden": 30.0},
    "finer": {"learning_rate": 1e-3, "omega_first": 10.0, "omega_hidden": 30.0},
    "gauss": {"learning_rate": 2e-3, "spread": 6.0},
    "gabor": {"learning_rate": 2e-3, "omega_first": 5.0, "omega_hidden": 5.0, "spread": 3.0},
    "gauss_finer": {
        "learning_rate": 2e-3,
        "omega_first": 5.0,
        "omega_hidden": 10.0,
        "spread": 2.0,
        "first_bias": 0.5,
    },
    "gabor_finer": {
        "learning_rate": 1e-3,
        "omega_first": 3.0,
        "omega_hidden": 5.0,
        "spread": 1.0,
        "carrier": 3.0,
        "first_bias": 0.5,
    },
}
"""Of shapes, whose box is twice as wide as the publications': found by a small search on the bunny."""

_PAPER_SHAPES: dict[str, dict[str, Any]] = {"finer": {"first_bias": 1.0}}
"""What was published for shapes, where it is not what was published for pictures."""


class Coordinate(Field):
    """A network from coordinates to values, trained on a signal's own samples, and filtered by sampling only.

    The preset ``paper`` is each activation's publication; ``preview`` and ``standard`` train the same networks with
    what takes less time; ``toy`` is what nerf-toy shows. The buffer ``drawn`` counts the points drawn so far: every
    epoch goes through all cells of a sampled signal in a new random order.
    """

    kind = "coordinate"
    recipe_type = CoordinateRecipe
    filters = (Filter,)
    presets: ClassVar = {
        "preview": CoordinateRecipe(
            preset="preview", width=128, hidden_layers=2, steps=400, points_per_step=4096, learning_rate=2e-3, **_SHORT
        ),
        "standard": CoordinateRecipe(
            preset="standard",
            width=256,
            hidden_layers=3,
            steps=2000,
            points_per_step=4096,
            learning_rate=5e-4,
            **_SHORT,
        ),
        "paper": CoordinateRecipe(
            preset="paper", width=256, hidden_layers=3, steps=5000, learning_rate=5e-4, **_PUBLISHED
        ),
        "toy": CoordinateRecipe(
            preset="toy",
            mapping="gaussian",
            mapping_size=128,
            frequency_variance=25.0,
            activation="relu",
            width=256,
            hidden_layers=2,
            batch_norm=True,
            output="sigmoid",
            steps=500,
            points_per_step=0,
            learning_rate=1e-4,
            adam_beta2=0.999,
            solve_output=False,
        ),
    }

    suited: ClassVar = {
        ("preview", "shape"): {"points_per_step": 8192, "mapping_levels": 5, **_SHAPE_NUMBERS["finer"]},
        ("standard", "shape"): {
            "points_per_step": 8192,
            "mapping_levels": 5,
            **_SHAPE_NUMBERS["finer"],
            "learning_rate": 5e-4,
        },
        ("paper", "shape"): {
            "hidden_layers": 2,
            "steps": 200_000,
            "points_per_step": 10_000,
            "learning_rate_end": 0.2,
            **_PAPER_SHAPES["finer"],
        },
    }

    recipe: CoordinateRecipe
    drawn: Tensor

    def __init__(self, recipe: CoordinateRecipe, facts: SignalFacts) -> None:
        super().__init__(recipe, facts)
        self._start = STARTS[recipe.start]()
        if self._start.needs_samples and not facts.has_samples:
            raise InputError(f"start: '{recipe.start}' looks at a signal's samples, and a {facts.type} has none")
        generator = torch.Generator().manual_seed(recipe.seed)
        self.mapping = MAPPINGS[recipe.mapping](recipe, self.dim)
        self.network = DenseNetwork(recipe, self.mapping.width, facts.channels, generator)
        self.register_buffer("drawn", torch.zeros((), dtype=torch.long))
        self._cells: tuple[Signal, TrainingCells] | None = None

    @classmethod
    def numbers_of(cls, preset: str, activation: str, signal_type: str) -> Mapping[str, Any]:
        """What a preset has for an activation: its own numbers and its learning rate."""
        kind = ACTIVATIONS.named(activation)
        numbers = {"first_bias": None, **kind.published}
        if preset == "paper":
            return {**numbers, **(_PAPER_SHAPES.get(activation, {}) if signal_type == "shape" else {})}
        known = cls.presets.get(preset, cls.presets["preview"])
        numbers["learning_rate"] = _RATES.get(preset, {}).get(activation, known.learning_rate)
        if signal_type == "shape":
            numbers |= _SHAPE_NUMBERS.get(activation, {})
            numbers["learning_rate"] *= known.learning_rate / cls.presets["preview"].learning_rate
        return numbers

    def __getstate__(self) -> dict[str, Any]:
        """Without the signal that it was last trained on, for copies and pickles."""
        return {**super().__getstate__(), "_cells": None}

    @property
    def points_a_step(self) -> int:
        """What ``points_per_step`` comes to: 0 is all cells."""
        if self.recipe.points_per_step:
            return self.recipe.points_per_step
        return math.prod(self.facts.resolution) if self.facts.has_samples else _SHAPE_POINTS

    def _values(self, x: Float[Tensor, "n d"], filter: Filter | None) -> Float[Tensor, "n c"]:
        if filter is not None:
            return self._mean_of_samples(x, filter, FILTER_SAMPLES, seed=0)
        values = self.network(self.mapping(x))
        low, high = self.facts.value_range
        if self.recipe.output == "sigmoid":
            return low + (high - low) * values.sigmoid()
        return (low + high) / 2 + (high - low) / 2 * values

    def _wanted(self, signal_values: Float[Tensor, "n c"]) -> Float[Tensor, "n c"]:
        """What the network is to give: from -1 to 1 for the signal's range, through a sigmoid from 0 to 1."""
        low, high = self.facts.value_range
        if self.recipe.output == "sigmoid":
            return (signal_values - low) / (high - low)
        return (signal_values - (low + high) / 2) * (2 / (high - low))

    @torch.no_grad()
    def prepare(self, signal: Signal) -> None:
        """Change the first weights as the recipe's start says."""
        self._start.change(self.network, self.recipe, signal)

    def loss(self, signal: Signal, generator: torch.Generator) -> Float[Tensor, ""]:
        """Squared error at the signal's samples, or at points of its own choice: mean over points and channels."""
        count = self.points_a_step
        if self.facts.has_samples:
            cells = self._cells_of(signal)
            x, values = cells.drawn(int(self.drawn), count)
        else:
            x, values = signal.examples(count, generator)
        self.drawn += len(x)
        x, wanted = x.to(self.dtype), self._wanted(values.to(self.dtype))
        sigmoid = self.recipe.output == "sigmoid"
        if not self.network.norms:
            return self.network.squared_error(self.mapping, x, wanted, sigmoid)
        given = self.network(self.mapping(x))  # whose gradient is not a sum over points
        return ((given.sigmoid() if sigmoid else given) - wanted).square().mean()

    def _cells_of(self, signal: Signal) -> TrainingCells:
        """The signal's cells, kept from one step to the next."""
        if self._cells is None or self._cells[0] is not signal:
            self._cells = (signal, TrainingCells(signal, self.device, self.recipe.seed))
        return self._cells[1]

    def finish(self, data: Any) -> None:
        """Solve for the last layer, where the recipe says so."""
        if not self.recipe.solve_output or self.recipe.output != "linear" or self.recipe.batch_norm:
            return
        if self.facts.has_samples:
            x, values = self._cells_of(data).all(_MOST_SOLVED_POINTS)
        else:
            generator = torch.Generator(self.device).manual_seed(self.recipe.seed)
            x, values = data.examples(_SHAPE_POINTS, generator)
        solve_output(self.network, self.mapping, x, self._wanted(values))
        self._cells = None

    def optimizer(self) -> torch.optim.Optimizer:
        """The recipe's: Adam, or one that treats square matrices as such."""
        recipe = self.recipe
        betas = (0.9, recipe.adam_beta2)
        if recipe.optimizer == "adam":
            groups = [{"params": list(self.parameters()), "scale": 1.0}]
            return torch.optim.Adam(groups, lr=recipe.learning_rate, betas=betas, fused=True)
        square = self.network.square_matrices
        chosen = {id(parameter) for parameter in square}
        others = [parameter for parameter in self.parameters() if id(parameter) not in chosen]
        return OrthogonalSteps(
            square, others, recipe.optimizer, recipe.learning_rate, betas, others_scale=recipe.adam_rate_share
        )
