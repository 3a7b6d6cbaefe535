"""Files of pyramids written before the solved and the trained one were two kinds.

What was trained keeps its weights under its new name, ``trained_pyramid``, to the bit. What was solved for held a
Laplacian pyramid: its levels add up to the signal's samples, from which today's levels and weights follow.
"""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import InputError
from ..signals import SignalFacts
from ..validation import dataclass_from_json
from .compact_samples import in_whole_steps
from .grid_levels import CubicLevel, DenseLevel
from .pyramid import Pyramid, PyramidRecipe
from .trained_pyramid import TrainedPyramid

_LAST_VERSION = 2
"""Schema version of the last such files."""

_PADDING = 0.2


def is_old(header: dict[str, Any]) -> bool:
    """Whether a file's description is of such a pyramid."""
    version = header.get("schema_version")
    return header.get("kind") == Pyramid.kind and isinstance(version, int) and version <= _LAST_VERSION


def upgraded(header: dict[str, Any], tensors: dict[str, Tensor]) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Description and tensors of such a file as today's kinds have them.

    Raises:
        InputError: a network was trained on top of solved levels, or the file is damaged.
    """
    recipe = header.get("recipe")
    if not isinstance(recipe, dict):
        return header, tensors  # whoever reads the recipe says what is wrong
    recipe = dict(recipe)
    warm_start = recipe.pop("warm_start", False)
    if not warm_start:
        recipe["kind"] = TrainedPyramid.kind
        if recipe.get("preset") == "paper":
            recipe["preset"] = "best"
        return {**header, "kind": TrainedPyramid.kind, "recipe": recipe}, tensors
    if recipe.get("width"):
        raise InputError(
            "a network trained on top of solved levels, which this version does not read; fit the signal again, which "
            "takes a second"
        )
    facts = dataclass_from_json(SignalFacts, header.get("signal"), "signal")
    try:
        return _solved(header, recipe, facts, tensors)
    except (KeyError, IndexError, RuntimeError, TypeError, ValueError, ZeroDivisionError) as error:
        raise InputError(f"its weights do not fit its recipe ({error}); fit the signal again") from error


def _solved(
    header: dict[str, Any], recipe: dict[str, Any], facts: SignalFacts, tensors: dict[str, Tensor]
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    longest = max(facts.half_extent)
    samples = 2 * longest / max(facts.resolution) if facts.resolution else 0.0
    cells = recipe["max_cells"] if facts.resolution else min(recipe["formula_cells"], recipe["max_cells"])
    finest = max(samples, 2 * (longest + _PADDING) / cells)
    today = PyramidRecipe(
        preset="custom",
        interpolation="cubic" if recipe.get("cubic") else "linear",
        max_cells=max(4, round(2 * longest / finest)),
        formula_cells=0 if facts.resolution else cells,
        probes=recipe["probes"],
        seed=recipe["seed"],
    )
    field = Pyramid(today, facts)
    axes = [line.vertices.float() for line in field.geometry.lines[0]]
    values = torch.zeros_like(field.samples)
    for level in _levels(recipe, facts, finest, tensors):
        values += level.on_lattice(axes).view_as(values)
    field.solve(in_whole_steps(values))
    return {**header, "kind": Pyramid.kind, "recipe": today.to_dict()}, dict(field.state_dict())


def _levels(recipe: dict[str, Any], facts: SignalFacts, finest: float, tensors: dict[str, Tensor]) -> list[DenseLevel]:
    """The levels as they were: nested, the finest cell twice, around one of the samples near the middle."""
    values: list[Float[Tensor, "f 1 *shape"]] = [
        tensors[f"levels.{index}.values"] for index in range(sum(name.startswith("levels.") for name in tensors))
    ]
    counts = facts.resolution or (0,) * len(facts.half_extent)
    centre = [finest / 2 if count % 2 == 0 else 0.0 for count in counts]
    levels = []
    for index, tensor in enumerate(values):
        cell = finest * recipe["growth"] ** max(len(values) - 2 - index, 0)
        level = (CubicLevel if recipe.get("cubic") else DenseLevel)(
            list(reversed(tensor.shape[2:])), cell, centre, len(tensor)
        )
        level.values.data.copy_(tensor)
        levels.append(level.requires_grad_(False))
    return levels
