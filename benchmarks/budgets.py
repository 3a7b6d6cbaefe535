"""What the publications' budgets come to in arithmetic, and in hours at a rate that is given.

python -m benchmarks.budgets [--tflops 40]
"""

from __future__ import annotations

from dataclasses import dataclass

import tyro

from fieldcore.fields import KINDS, build_field, preset_recipe
from fieldcore.signals import SignalFacts

_FLOP_A_WEIGHT = 6  # a product and a sum forwards, and twice that backwards
_FACTS = {
    "picture": SignalFacts("picture", "a picture", "", (1.0, 1.0), 3, resolution=(512, 512), encoding="display"),
    "shape": SignalFacts("shape", "a mesh", "", (1.0, 1.0, 1.0), 1, value_range=(-1.0, 1.0)),
}


@dataclass(frozen=True)
class Options:
    """Compute the budgets."""

    tflops: float = 40.0
    """Arithmetic that a GPU reaches in float32, in TFLOP/s."""


def main() -> None:
    """Print a table: for each kind that has the preset ``paper`` and each type of signal what a training comes to."""
    options = tyro.cli(Options)
    print("| kind, signal | weights | points a step | steps | PFLOP | hours |")
    print("|---|---|---|---|---|---|")
    for kind in ("scale_space", "spectral", "integral", "coordinate"):
        for type, facts in _FACTS.items():
            if "paper" in KINDS[kind].presets and len(facts.half_extent) in KINDS[kind].dims:
                print(_row(kind, type, facts, options.tflops))


def _row(kind: str, type: str, facts: SignalFacts, tflops: float) -> str:
    recipe = preset_recipe(kind, "paper", facts)
    field = build_field(recipe, facts)
    points = recipe.points_per_step or 512 * 512
    flop = _FLOP_A_WEIGHT * field.parameter_count * points * recipe.steps
    hours = flop / (tflops * 1e12) / 3600
    numbers = f"{field.parameter_count:,} | {points:,} | {recipe.steps:,} | {flop / 1e15:.3g} | {hours:.2g}"
    return f"| `{kind}`, {type} | {numbers.replace(',', ' ')} |"


if __name__ == "__main__":
    main()
