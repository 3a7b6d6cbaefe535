"""How a radiance field is built and trained, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from ..recipe import Recipe
from .networks import RADIANCE_ENCODINGS

Background = Literal["auto", "white", "black", "learned"]
"""What rays meet behind the box: ``learned`` is a colour for each direction; ``auto`` is learned, but where views have
masks nothing, and training puts random colours there."""


@dataclass(frozen=True, kw_only=True)
class RadianceRecipe(Recipe):
    """Settings of a radiance field; ``points_per_step`` counts rays.

    Attributes:
        encoding: ``grid``, or the activation of dense networks, a name in ``RADIANCE_ENCODINGS``.
        coarsest_cells: of the grid's first level, along each axis.
        finest_cells: of its last one; those between grow by one factor.
        levels: of the grid.
        level_steps: a level joins so many steps after the one before, coarse to fine.
        level_features: that a level gives the colour network, beside its part of the density.
        log2_entries: levels with more vertices than this power of two are hashed into a table of that size.
        kappa: how strongly levels are dampened, 1 being a Gaussian's response at half their Nyquist frequency.
        colour_width: of the grid's colour network.
        width: of the dense networks' layers.
        layers: of each dense network, its output included.
        omega: of the sines and waves.
        spread: of the activations that have a Gaussian.
        first_bias: of ``finer``: bound of the first layer's biases.
        mapping_levels: octaves of ``relu``, which sees its coordinates through a positional mapping.
        density_rate: the learning rate of the grids' part of the density as a share of the others'.
        network_rate: the networks' learning rate as a share of the grids'.
        intervals: of a ray along the cube's side.
        near: rays begin so far from their camera, in domain units.
        occupancy_cells: of the grid that says what is empty, along each axis.
        background: what rays meet behind the box.
    """

    kind = "radiance"

    encoding: str = "grid"
    coarsest_cells: int = 20
    finest_cells: int = 160
    levels: int = 3
    level_steps: int = 100
    level_features: int = 4
    log2_entries: int = 18
    kappa: float = 1.0
    colour_width: int = 32
    width: int = 64
    layers: int = 4
    omega: float = 30.0
    spread: float = 1.0
    first_bias: float | None = None
    mapping_levels: int = 10
    density_rate: float = 3.0
    network_rate: float = 0.2
    intervals: int = 128
    near: float = 0.05
    occupancy_cells: int = 48
    background: Background = "auto"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_one_of("encoding", RADIANCE_ENCODINGS)
        self._require_one_of("background", get_args(Background))
        for name, least, most in _BOUNDS:
            self._require(name, least <= getattr(self, name) <= most, f"from {least} to {most}")
        self._require("finest_cells", self.coarsest_cells <= self.finest_cells, f"{self.coarsest_cells} or more")
        for name in ("kappa", "omega", "spread", "density_rate", "network_rate"):
            self._require(name, getattr(self, name) > 0, "more than 0")
        self._require("near", 0 <= self.near <= 1, "from 0 to 1")
        self._require("first_bias", self.first_bias is None or self.first_bias >= 0, "0 or more")

    @property
    def step(self) -> float:
        """Length of a ray's intervals, in domain units."""
        return 2 / self.intervals

    @property
    def level_cells(self) -> tuple[int, ...]:
        """Cells of each level along each axis."""
        growth = (self.finest_cells / self.coarsest_cells) ** (1 / max(1, self.levels - 1))
        return tuple(round(self.coarsest_cells * growth**level) for level in range(self.levels))

    def levels_at(self, step: int) -> int:
        """How many levels are on after so many steps."""
        return self.levels if not self.level_steps else min(self.levels, 1 + step // self.level_steps)

    def changed(self, changes: Mapping[str, Any], signal_type: str) -> RadianceRecipe:
        """As ``Recipe.changed``; with another encoding come its own numbers, but for the publication's rate."""
        encoding = changes.get("encoding", self.encoding)
        own = dict(RADIANCE_ENCODINGS[encoding]) if encoding in RADIANCE_ENCODINGS else {}
        if encoding == self.encoding:
            own = {}
        elif self.preset == "paper":
            own.pop("learning_rate", None)
        named = self.preset if changes.keys() <= {"steps", "seed", "encoding"} else "custom"
        return replace(super().changed({**own, **changes}, signal_type), preset=named)


_BOUNDS = (
    ("coarsest_cells", 2, 256),
    ("finest_cells", 2, 1024),
    ("levels", 1, 12),
    ("level_steps", 0, 1 << 20),
    ("level_features", 1, 32),
    ("log2_entries", 8, 24),
    ("colour_width", 1, 1024),
    ("width", 2, 4096),
    ("layers", 2, 32),
    ("mapping_levels", 1, 32),
    ("intervals", 8, 4096),
    ("occupancy_cells", 2, 512),
)
"""Whole numbers, each with its least and its greatest value."""
