"""What a coordinate network is made of and how it is trained, as data."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as setting
from typing import Any, Literal, get_args

from ..errors import InputError
from ..recipe import Recipe
from ..signals import SignalFacts
from ..validation import ADDED_LATER
from .activations import Activation, FinerGradient
from .networks import ACTIVATIONS, MAPPINGS, STARTS

OutputActivation = Literal["linear", "sigmoid"]
"""What the last layer ends with; values are trained in [-1, 1], of ``sigmoid`` in [0, 1]."""

OptimizerName = Literal["adam", "muon", "soap"]
"""Who takes the steps; see ``orthogonal_steps`` for the two that treat square matrices as such."""

Schedule = Literal["linear", "exponential"]
"""How the learning rate falls to ``learning_rate_end``."""

_POSITIVE = (
    "omega_first", "omega_hidden", "spread", "carrier", "frequency_variance", "mapping_base", "adam_rate_share",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CoordinateRecipe(Recipe):
    """How to build and train a ``Coordinate`` network.

    ``points_per_step`` may be 0: all pixels, or the signal's samples, in every step.

    Attributes:
        mapping: what the network sees of its coordinates, a name in ``MAPPINGS``.
        mapping_levels: octaves of ``positional``.
        mapping_identity: whether ``positional`` gives the coordinates as well.
        mapping_base: the first frequency of ``positional``, in radians per domain unit.
        mapping_size: frequencies of ``gaussian``.
        frequency_variance: of ``gaussian``, in squared cycles per domain unit.
        activation: a name in ``ACTIVATIONS``.
        width: units of each hidden layer; complex activations have ``width / sqrt 2``, so that as much is trained.
        hidden_layers: after the first one.
        omega_first, omega_hidden: what ``z`` is multiplied by inside the sine of the first layer, and of all others.
        spread: of the activation's Gaussian.
        carrier: omega of the wave of ``gabor_finer``.
        first_bias: the first layer's biases are uniform within it; None is ``1/sqrt(inputs)``.
        finer_gradient: whether FINER's factor is a constant for the gradient, as published, or not.
        output: what the last layer ends with.
        batch_norm: normalise every hidden layer's outputs over the points of a step, after the activation.
        optimizer: who takes the steps.
        adam_beta2: Adam's second decay rate.
        adam_rate_share: of the learning rate, in the steps that Adam takes beside ``muon`` or ``soap``: those of the
            first layer, the last and all biases.
        schedule: how the learning rate falls to ``learning_rate_end``, its share at the end.
        solve_output: whether the last layer is solved for by least squares after the last step, where it is linear.
        start: what is done to the first weights before the first step, a name in ``STARTS``.
    """

    kind = "coordinate"
    positive = ("steps", "learning_rate")

    mapping: str = "none"
    mapping_levels: int = 10
    mapping_identity: bool = True
    mapping_base: float = 1.0
    mapping_size: int = 128
    frequency_variance: float = 25.0
    activation: str = "finer"
    width: int = 256
    hidden_layers: int = 3
    omega_first: float = 30.0
    omega_hidden: float = 30.0
    spread: float = 1.0
    carrier: float = 1.0
    first_bias: float | None = None
    finer_gradient: FinerGradient = "detached"
    output: OutputActivation = "linear"
    batch_norm: bool = False
    optimizer: OptimizerName = "adam"
    adam_beta2: float = 0.99
    adam_rate_share: float = setting(default=1.0, metadata=ADDED_LATER)
    schedule: Schedule = "linear"
    solve_output: bool = True
    start: str = setting(default="published", metadata=ADDED_LATER)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_one_of("mapping", MAPPINGS)
        self._require_one_of("activation", ACTIVATIONS)
        for name in _POSITIVE:
            self._require(name, getattr(self, name) > 0, "more than 0")
        self._require("points_per_step", self.points_per_step >= 0, "0 (all) or more")
        least_width = 2 if self.activation_type.is_complex else 1
        self._require("width", least_width <= self.width <= 16384, f"from {least_width} to 16384")
        self._require("hidden_layers", 0 <= self.hidden_layers <= 64, "from 0 to 64")
        self._require("mapping_levels", 1 <= self.mapping_levels <= 64, "from 1 to 64")
        self._require("mapping_size", 1 <= self.mapping_size <= 16384, "from 1 to 16384")
        self._require("adam_beta2", 0 <= self.adam_beta2 < 1, "from 0 to below 1")
        self._require_one_of("finer_gradient", get_args(FinerGradient))
        self._require_one_of("output", get_args(OutputActivation))
        self._require_one_of("optimizer", get_args(OptimizerName))
        self._require_one_of("schedule", get_args(Schedule))
        self._require_one_of("start", STARTS)
        is_sines = self.activation_type.first_weights == "sine" and not self.activation_type.is_complex
        if STARTS[self.start].needs_sines and not (is_sines and self.mapping == "none"):
            raise InputError(
                f"start: '{self.start}' is for sines without a mapping, got the activation '{self.activation}' and the "
                f"mapping '{self.mapping}'"
            )
        if self.first_bias is not None:
            self._require("first_bias", self.first_bias >= 0, "0 or more")
            knowing = [name for name, one in ACTIVATIONS.items() if "first_bias" in one.numbers]
            if self.activation not in knowing:
                raise InputError(
                    f"first_bias: the activation '{self.activation}' has none, got {self.first_bias}; those that have: "
                    f"{', '.join(knowing)}"
                )

    @property
    def activation_type(self) -> type[Activation]:
        """The activation's class."""
        return ACTIVATIONS[self.activation]

    def learning_rate_at(self, progress: float) -> float:
        """Learning rate when the share ``progress`` in [0, 1] of the schedule is done."""
        if self.schedule == "linear":
            return self.linear_rate_at(progress)
        return super().learning_rate_at(progress)

    def remarks(self, facts: SignalFacts) -> tuple[str, ...]:
        """A warning where the first layer begins with frequencies that the signal's cells cannot hold."""
        nyquist = self.nyquist_omega(facts)
        if nyquist is None or self.omega_first <= nyquist:
            return ()
        return (
            f"omega_first {self.omega_first:g}: half a period of the first layer's waves may be less than a pixel; "
            f"up to {nyquist:.3g} the pixels hold them",
        )

    def nyquist_omega(self, facts: SignalFacts) -> float | None:
        """The greatest ``omega_first`` at which no wave of the first layer has less than two cells a period.

        None where there are no cells, no waves, or a mapping before them.
        """
        kind = self.activation_type
        if not facts.resolution or self.mapping != "none" or kind.first_weights != "sine":
            return None
        dim = len(facts.half_extent)
        cells_per_unit = max(facts.resolution) / 2
        bias = dim**-0.5 if self.first_bias is None else self.first_bias
        return math.pi * cells_per_unit * dim / kind.rise(1 + bias)

    def changed(self, changes: Mapping[str, Any], signal_type: str) -> CoordinateRecipe:
        """As ``Recipe.changed``; with another activation come the numbers that the preset has for it."""
        from . import KINDS

        activation = changes.get("activation", self.activation)
        numbers: Mapping[str, Any] = {}
        if activation != self.activation and activation in ACTIVATIONS:
            of_activation = KINDS[self.kind].numbers_of(self.preset, activation, signal_type)  # type: ignore[attr-defined]
            numbers = {"activation": activation, **of_activation}
        named = self.preset if changes.keys() <= {"steps", "seed", "activation"} else "custom"
        changed = super(CoordinateRecipe, dataclasses.replace(self, **numbers)).changed(changes, signal_type)
        return dataclasses.replace(changed, preset=named)
