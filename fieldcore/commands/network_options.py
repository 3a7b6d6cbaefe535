"""Options that say what a coordinate network is made of."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from ..arguments import option
from ..errors import InputError
from ..fields.networks import ACTIVATIONS, MAPPINGS, STARTS

_GROUP = "coordinate networks (--kind coordinate)"
_KIND = "coordinate"


def _number(help: str, metavar: str = "NUMBER", **details: Any) -> Any:
    return option(help, default=None, metavar=metavar, group=_GROUP, **details)


def _switch(help: str) -> Any:
    return _number(help, "yes|no", choices=lambda: tuple(_SWITCH))


_SWITCH = {"yes": True, "no": False}


@dataclass(frozen=True, kw_only=True)
class NetworkOptions:
    """Settings of a ``CoordinateRecipe``; what is not given is as the preset has it for the activation."""

    activation: str | None = _number("What layers end with.", "NAME", choices=lambda: tuple(ACTIVATIONS))
    mapping: str | None = _number("What the network sees of its coordinates.", "NAME", choices=lambda: tuple(MAPPINGS))
    start: str | None = _number("What is done to the first weights.", "NAME", choices=lambda: tuple(STARTS))
    omega: str | None = _number("Omega of all layers, or of the first and of all others, as in 30,10.", "W[,W]")
    first_bias: float | None = _number("The first layer's biases are uniform within this (finer and its family).", "K")
    spread: float | None = _number("Spread s of the activation's Gaussian.", "S")
    carrier: float | None = _number("Omega of the wave of gabor_finer.", "W")
    finer_gradient: str | None = _number(
        "Whether FINER's factor is a constant for the gradient, as published, or not.",
        "NAME",
        choices=lambda: ("detached", "exact"),
    )
    mapping_levels: int | None = _number("Octaves of the mapping positional.", "COUNT")
    mapping_base: float | None = _number(
        "The first frequency of the mapping positional, in radians per domain unit.", "NUMBER"
    )
    mapping_identity: str | None = _switch("Whether the mapping positional gives the coordinates as well.")
    mapping_size: int | None = _number("Frequencies of the mapping gaussian.", "COUNT")
    frequency_variance: float | None = _number(
        "Of the mapping gaussian, in squared cycles per domain unit.", "VARIANCE"
    )
    width: int | None = _number("Units of each hidden layer.", "COUNT")
    hidden_layers: int | None = _number("Hidden layers after the first one.", "COUNT")
    batch_norm: str | None = _switch("Normalise every hidden layer's outputs over the points of a step.")
    output: str | None = _number("What the last layer ends with.", "NAME", choices=lambda: ("linear", "sigmoid"))
    optimizer: str | None = _number("Who takes the steps.", "NAME", choices=lambda: ("adam", "muon", "soap"))
    learning_rate: float | None = _number("Learning rate at its highest.", "RATE")
    adam_rate_share: float | None = _number("Beside muon or soap: the share of it that Adam takes.", "SHARE")
    schedule: str | None = _number("How it falls.", "NAME", choices=lambda: ("linear", "exponential"))
    points_per_step: int | None = _number("Points of a step; 0 is all pixels.", "COUNT")

    @classmethod
    def flags(cls) -> tuple[str, ...]:
        """The names of these options."""
        return tuple(one.name for one in dataclasses.fields(NetworkOptions))

    def network_changes(self) -> dict[str, Any]:
        """What was given, as settings of the recipe."""
        names = [name for name in self.flags() if name != "omega" and getattr(self, name) is not None]
        given = {name: getattr(self, name) for name in names}
        given |= {name: _SWITCH[given[name]] for name in ("mapping_identity", "batch_norm") if name in given}
        if self.omega is not None:
            given["omega_first"], given["omega_hidden"] = parse_omega(self.omega)
        return given

    def check_network(self, kind: str) -> None:
        """Raise InputError for settings of a network where there is none, or before anything heavy is imported."""
        changes = self.network_changes()
        if changes and kind != _KIND:
            name = "omega" if self.omega is not None else next(iter(changes))
            raise InputError(
                f"--{name.replace('_', '-')}: has no effect on a {kind} field; leave it out, or give --kind {_KIND}"
            )


def parse_omega(text: str) -> tuple[float, float]:
    """The first layer's omega and that of all others. Raises InputError unless they are one or two numbers above 0."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2) or not all(0 < number < math.inf for number in numbers):
        raise InputError(f"--omega: expected one or two numbers above 0, as in 30 or 30,10, got '{text}'")
    return numbers[0], numbers[-1]
