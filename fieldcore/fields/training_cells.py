"""The cells of a sampled signal as training points: each once an epoch, in a random order that depends on the seed."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..grid import Grid
from ..signals.signal import Signal, SignalFacts

_KEPT_CELLS = 1 << 22
"""Of larger signals the values are looked up as they are drawn."""

_EPOCH_SEED = 0x9E3779B1
"""Multiplies the epoch's number, so that neighbouring seeds share no orders."""


def cell_grid(facts: SignalFacts) -> Grid:
    """The grid of a sampled signal's own samples."""
    return Grid(facts.resolution, tuple(-half for half in facts.half_extent), facts.half_extent)


class TrainingCells:
    """The centres of a sampled signal's cells, those that may be trained on, with the signal's values.

    Args:
        signal: the truth; ``signal.training_cells`` says which cells may be trained on.
        device: where points and values are wanted.
        seed: of the orders.
    """

    def __init__(self, signal: Signal, device: torch.device, seed: int) -> None:
        self._signal, self._device, self._seed = signal, device, seed
        self._grid = cell_grid(signal.facts)
        self._allowed = signal.training_cells
        self.count = self._grid.count if self._allowed is None else len(self._allowed)
        self._order: tuple[int, Tensor] | None = None
        self._kept: tuple[Tensor, Tensor] | None = None
        if self.count <= _KEPT_CELLS:
            self._kept = self._looked_up(torch.arange(self.count))

    def all(self, most: int) -> tuple[Float[Tensor, "n d"], Float[Tensor, "n c"]]:
        """All of them, or, of more than ``most``, so many of a random order that is always the same."""
        index = torch.arange(self.count) if self.count <= most else self._order_of(0)[:most]
        return self._at(index)

    def drawn(self, start: int, count: int) -> tuple[Float[Tensor, "n d"], Float[Tensor, "n c"]]:
        """The next ``count`` after ``start`` that were drawn before; at most an epoch of them."""
        epoch, offset = divmod(start, self.count)
        if count >= self.count:
            return self._at(torch.arange(self.count))
        index = self._order_of(epoch)[offset : offset + count]
        if len(index) < count:
            index = torch.cat([index, self._order_of(epoch + 1)[: count - len(index)]])
        return self._at(index)

    def _order_of(self, epoch: int) -> Int[Tensor, "n"]:
        if self._order is None or self._order[0] != epoch:
            generator = torch.Generator().manual_seed((self._seed + epoch * _EPOCH_SEED) % 2**63)
            self._order = (epoch, torch.randperm(self.count, generator=generator))
        return self._order[1]

    def _at(self, index: Int[Tensor, "n"]) -> tuple[Tensor, Tensor]:
        if self._kept is None:
            return self._looked_up(index)
        x, values = self._kept
        if len(index) == self.count:  # the order of a whole epoch changes nothing
            return x, values
        index = index.to(self._device)
        return x.index_select(0, index), values.index_select(0, index)

    def _looked_up(self, index: Int[Tensor, "n"]) -> tuple[Tensor, Tensor]:
        cells = (index if self._allowed is None else self._allowed[index]).to(self._device)
        return self._grid.centres(cells), self._signal.at_cells(cells)
