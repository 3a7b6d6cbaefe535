"""Settings of repeated integrals, solved for or trained."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as setting
from typing import Any, ClassVar, Literal

from ..recipe import Precision, Recipe
from ..signals import SignalFacts
from ..validation import ADDED_LATER


@dataclass(frozen=True, kw_only=True)
class IntegralRecipe(Recipe):
    """How to make an ``Integral``, or to build and train an ``IntegralNetwork``.

    Attributes:
        method: ``solved`` from samples and their running sums, or a ``network`` as in the publication.
        formula_cells: cells along the longer side of a signal that is a formula and has no samples; 0 for what suits
            its number of coordinates. A network is trained on what these say.
        held: how a solved field keeps samples in memory: as ``floats``, or as ``bytes``, a quarter as many, where they
            are whole steps of 1/255.
        degree: of the kernels that a network answers: 0, 1 or 2.
        half_size: of the least kernel that a network answers, in domain units.
        most_half_size: of the largest that it is trained on, where ``sizes`` are ``log-uniform``.
        sizes: that a network is trained on: the ``minimal`` one alone, as published, or ``log-uniform`` ones.
        sampling: of training points: anywhere (``points``, as published), or on randomly shifted lattices of the
            Diracs' own spacing (``lattice``), so that neighbours share them.
        start: of a network: at its random weights (``weights``, as published), or at the ``mean`` of the signal.
        width, hidden_layers: of the network.
        frequencies: octaves of sines and cosines of each coordinate that the network sees beside it.
        schedule: how a network's learning rate falls: ``halved``, as published, or ``linear`` to ``learning_rate_end``.
        halvings: of the learning rate over a ``halved`` schedule, in equal steps.
        adam_beta2: Adam's second decay rate.
    """

    kind: ClassVar[str] = "integral"

    steps: int = 1
    precision: Precision = "float32"
    method: Literal["solved", "network"] = "solved"
    formula_cells: int = 0
    held: Literal["floats", "bytes"] = "floats"
    degree: int = 1
    half_size: float = 0.05
    most_half_size: float = 0.5
    sizes: Literal["minimal", "log-uniform"] = "log-uniform"
    sampling: Literal["points", "lattice"] = "lattice"
    start: Literal["weights", "mean"] = "mean"
    width: int = 256
    hidden_layers: int = 5
    frequencies: int = 4
    halvings: int = 5
    schedule: Literal["halved", "linear"] = setting(default="halved", metadata=ADDED_LATER)
    adam_beta2: float = setting(default=0.999, metadata=ADDED_LATER)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require("formula_cells", self.formula_cells == 0 or 4 <= self.formula_cells <= 8192, "0, or 4 to 8192")
        for name, known in (
            ("method", ("solved", "network")),
            ("held", ("floats", "bytes")),
            ("sizes", ("minimal", "log-uniform")),
            ("sampling", ("points", "lattice")),
            ("start", ("weights", "mean")),
            ("schedule", ("halved", "linear")),
        ):
            self._require_one_of(name, known)
        self._require("degree", 0 <= self.degree <= 2, "0, 1 or 2")
        self._require("half_size", 0 < self.half_size <= 1, "above 0, at most 1")
        self._require("most_half_size", self.half_size <= self.most_half_size <= 10, "from half_size to 10")
        self._require("width", 1 <= self.width <= 4096, "from 1 to 4096")
        self._require("hidden_layers", 1 <= self.hidden_layers <= 16, "from 1 to 16")
        self._require("frequencies", 0 <= self.frequencies <= 16, "from 0 to 16")
        self._require("halvings", 0 <= self.halvings <= 1000, "from 0 to 1000")
        self._require("adam_beta2", 0 <= self.adam_beta2 < 1, "from 0 to below 1")

    def remarks(self, facts: SignalFacts) -> tuple[str, ...]:
        """That a network of one size fails near borders."""
        if self.method != "network" or self.sizes != "minimal":
            return ()
        return (
            f"sizes minimal: kernels wider than the half size {self.half_size:g} will fail within their reach of the "
            "border, where the network is not trained; preview trains all sizes, and solved needs no network",
        )

    def learning_rate_at(self, progress: float) -> float:
        """Halved in equal steps over the schedule, or falling along a straight line."""
        if self.schedule == "linear":
            return self.linear_rate_at(progress)
        return self.learning_rate * 0.5 ** min(int(self.halvings * progress), self.halvings)


PRESETS = {
    "solved": IntegralRecipe(preset="solved"),
    "preview": IntegralRecipe(
        preset="preview",
        method="network",
        steps=2000,
        points_per_step=256,
        learning_rate=4e-3,
        learning_rate_end=1e-3,
        schedule="linear",
        adam_beta2=0.99,
    ),
    "paper": IntegralRecipe(
        preset="paper",
        method="network",
        steps=300_000,
        halvings=30,
        sizes="minimal",
        sampling="points",
        start="weights",
    ),
}
"""``paper`` is the publication's network and schedule, taught by exact convolutions in place of Monte-Carlo ones.

Its kernels wider than the minimal one fail within their reach of the border, where it was not trained. ``preview`` is
what was found better in a minute or two.
"""

SUITED: dict[tuple[str, str], dict[str, Any]] = {
    ("solved", "video"): {"held": "bytes"},
    ("paper", "shape"): {"degree": 0, "learning_rate": 1e-4},
}
"""Settings that presets change by type of signal; shapes have boxes in the publication."""
