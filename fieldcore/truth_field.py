"""A signal's own truth where a field is expected: shown, meshed and compared as fields are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from .fields.field import Field
from .filters import Filter, Gaussian
from .grid import Grid
from .recipe import Recipe
from .signals import Signal
from .truth import smooth_points

_LEAST_STEP = 2.0**-10
"""Side of a cell along an axis that has one position only, of which nothing but the position counts."""


@dataclass(frozen=True, kw_only=True)
class _NoRecipe(Recipe):
    kind: ClassVar[str] = "truth"


class TruthField(Field):
    """A signal, smoothed by its truth; it has no weights, and every filter is evaluated.

    Args:
        signal: what to show.
        samples: evaluations a cell, where the truth is sampled; None is as many as ``Truth.estimate`` takes.

    Attributes:
        standard_error: the largest root mean square of the truth's own error so far; 0 where it is exact.
    """

    kind = "truth"
    recipe_type = _NoRecipe
    presets: ClassVar[dict[str, Any]] = {}
    filters = (Filter,)

    def __init__(self, signal: Signal, samples: int | None = None) -> None:
        super().__init__(_NoRecipe(preset="exact"), signal.facts)
        self.kind = signal.type  # type: ignore[misc]
        self._signal, self._truth, self._samples = signal, signal.truth(), samples
        self.standard_error = 0.0

    @property
    def device(self) -> torch.device:
        """Where the signal is."""
        return self._signal.device

    @property
    def dtype(self) -> torch.dtype:
        """Of the values."""
        return torch.float32

    def tile_points(self, filter: Filter | None) -> int:
        """See the base; the truth smooths a tile as a whole, and small ones cost nearly as much as large ones."""
        return 1 << 17

    def on_lattice(self, axes: Sequence[Float[Tensor, "_"]], filter: Filter | None = None) -> Float[Tensor, "n c"]:
        """See the base."""
        spans = [_span(axis.tolist()) for axis in axes]
        grid = Grid(tuple(map(len, axes)), tuple(low for low, _ in spans), tuple(high for _, high in spans))
        values, error = self._truth.estimate(Gaussian(0.0) if filter is None else filter, grid, self._samples)
        self.standard_error = max(self.standard_error, error)
        return torch.from_numpy(values.reshape(-1, values.shape[-1]))

    def _values(self, x: Float[Tensor, "n d"], filter: Any) -> Float[Tensor, "n c"]:
        return self._signal(x) if filter is None else smooth_points(self._signal.sampled, x, filter).mean

    def loss(self, signal: Any, generator: torch.Generator) -> Float[Tensor, ""]:
        """See the base."""
        raise NotImplementedError("a truth is not trained")


def _span(centres: Sequence[float]) -> tuple[float, float]:
    """The ends of cells with these centres."""
    first, last, count = centres[0], centres[-1], len(centres)
    step = (last - first) / (count - 1) if count > 1 else _LEAST_STEP
    return first - step / 2, last + step / 2
