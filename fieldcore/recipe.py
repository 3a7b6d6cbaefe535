"""Recipes: everything needed to build and train a field again, as frozen, validated dataclasses."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from dataclasses import field as setting
from typing import Any, ClassVar, Literal, TypeVar, get_args

from .errors import InputError
from .signals import SignalFacts
from .validation import ADDED_LATER, dataclass_from_json

Precision = Literal["auto", "float32", "bfloat16"]
"""Arithmetic of the dense layers while training; ``auto`` is bfloat16 where the device has it in hardware."""

AnyRecipe = TypeVar("AnyRecipe", bound="Recipe")

_WARMUP_START = 1e-3
"""Share of the learning rate that a warm-up begins with, as in the publication that has one (Yaldiz et al. 2025)."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What all kinds share. Each kind adds its own fields in the file that holds its method.

    Attributes:
        preset: the name these settings are known by, ``custom`` if none.
        steps: length of the training schedule in optimiser steps.
        points_per_step: training points drawn for each step.
        learning_rate: Adam's, at its highest.
        learning_rate_end: share of ``learning_rate`` left at the end of the schedule (1: constant, as in the
            publications).
        warmup_steps: steps in which the learning rate rises linearly from a thousandth.
        precision: arithmetic of the dense layers while training; ``float32`` also keeps a GPU from evaluating them in
            float16, and from rounding their products to TF32.
        seed: of every random number used.
    """

    kind: ClassVar[str]
    positive: ClassVar[tuple[str, ...]] = ("steps", "points_per_step", "learning_rate")
    """Numbers that have to be more than 0."""

    preset: str = "custom"
    steps: int = 1000
    points_per_step: int = 16384
    learning_rate: float = 1e-3
    learning_rate_end: float = 1.0
    precision: Precision = "auto"
    seed: int = 0
    warmup_steps: int = setting(default=0, metadata=ADDED_LATER)

    def __post_init__(self) -> None:
        for name, value in dataclasses.asdict(self).items():
            self._require(name, not isinstance(value, float) or math.isfinite(value), "a finite number")
        for name in self.positive:
            self._require(name, getattr(self, name) > 0, "more than 0")
        self._require("learning_rate_end", 0 < self.learning_rate_end <= 1, "in (0, 1]")
        self._require_one_of("precision", get_args(Precision))
        self._require("warmup_steps", self.warmup_steps >= 0, "0 or more")
        self._require("seed", 0 <= self.seed < 2**31, "in [0, 2^31)")

    def learning_rate_at(self, progress: float) -> float:
        """Learning rate when the share ``progress`` in [0, 1] of the schedule is done: exponential decay.

        Without the warm-up, which counts steps however the schedule's end is given.
        """
        return self.learning_rate * math.exp(math.log(self.learning_rate_end) * progress)

    def linear_rate_at(self, progress: float) -> float:
        """The same with a rate that falls along a straight line, for kinds that ask for it."""
        return self.learning_rate * (1 - (1 - self.learning_rate_end) * progress)

    def warmup_at(self, step: int) -> float:
        """What the learning rate of a step, the first being 0, is multiplied by: 1 but for the first few."""
        if step >= self.warmup_steps:
            return 1.0
        return _WARMUP_START + (1 - _WARMUP_START) * step / self.warmup_steps

    def for_signal(self: AnyRecipe, facts: SignalFacts) -> AnyRecipe:
        """The recipe adapted to a signal; a kind whose best settings depend on it says so here."""
        return self

    def remarks(self, facts: SignalFacts) -> tuple[str, ...]:
        """What a person should know who has chosen these settings for such a signal, one sentence each."""
        return ()

    def changed(self: AnyRecipe, changes: Mapping[str, Any], signal_type: str) -> AnyRecipe:
        """The recipe with other settings by name; unless only its steps differ, it is ``custom`` then.

        Args:
            changes: values of this dataclass.
            signal_type: of the signal that it is for, such as ``picture``.

        Raises:
            InputError: there is no such setting, or it cannot have such a value.
        """
        names = {one.name for one in dataclasses.fields(self)} - {"preset"}
        unknown = sorted(changes.keys() - names)
        if unknown:
            raise InputError(
                f"{unknown[0]}: a {self.kind} field has no such setting; it has {', '.join(sorted(names))}"
            )
        named = {} if changes.keys() <= {"steps"} else {"preset": "custom"}
        return self.from_dict({**self.to_dict(), **changes, **named})

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with the kind, for a checkpoint."""
        return {"kind": self.kind, **dataclasses.asdict(self)}

    @classmethod
    def from_dict(cls: type[AnyRecipe], values: dict[str, Any]) -> AnyRecipe:
        """Inverse of ``to_dict``. Raises InputError for unknown, missing or mistyped entries."""
        entries = {name: value for name, value in values.items() if name != "kind"}
        return dataclass_from_json(cls, entries, f"{cls.kind} recipe")

    def _require_one_of(self, name: str, known: Collection[str]) -> None:
        self._require(name, getattr(self, name) in known, f"one of {', '.join(known)}")

    def _require(self, name: str, holds: bool, expected: str) -> None:
        if not holds:
            raise InputError(f"{name}: expected {expected}, got {getattr(self, name)}")
