"""The base of fields that are solved for: the signal's own samples, or those of a lattice, and nothing to train."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from ..filters import Filter
from ..signals import Signal
from .compact_samples import STEPS, compacted, expanded
from .field import Field, Optimizer
from .smooth_lattice import Line

_TILE_POINTS = 1 << 18


class _Idle:
    """An optimiser of nothing. The first of PyTorch's own imports its compiler, which takes longer than solving."""

    def __init__(self) -> None:
        self.param_groups: list[dict[str, Any]] = []

    def zero_grad(self) -> None:
        """Nothing."""

    def step(self) -> None:
        """Nothing."""

    def state_dict(self) -> dict[str, Any]:
        """See torch.optim.Optimizer."""
        return {"state": {}}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Nothing."""


class SolvedField(Field):
    """A field whose weights are samples, in a buffer of that name: ``prepare`` is all of its training."""

    is_solved = True
    whole_rows = True

    samples: Tensor

    @property
    def device(self) -> torch.device:
        """Where the samples are."""
        return self.samples.device

    @property
    def dtype(self) -> torch.dtype:
        """Of what it gives, for which bytes are made numbers."""
        return self.samples.dtype if self.samples.is_floating_point() else torch.float32

    @property
    def parameter_count(self) -> int:
        """Number of solved values."""
        return sum(buffer.numel() for buffer in self.buffers())

    @property
    def _state(self) -> tuple[Any, ...]:
        """Changes with the samples."""
        return self.samples.device, self.samples.data_ptr(), self.samples._version

    @abstractmethod
    def prepare(self, signal: Signal) -> None:
        """Solve for all of it."""

    def tile_points(self, filter: Filter | None) -> int:
        """More than a network's: looking up takes little memory, but every tile and every group of points its time."""
        return max(super().tile_points(filter), _TILE_POINTS)

    def optimizer(self) -> Optimizer:
        """One that has nothing to do."""
        return _Idle()

    @torch.no_grad()
    def loss(self, signal: Signal, generator: torch.Generator) -> Float[Tensor, ""]:
        """Squared error of what is not smoothed, at random points."""
        noise = torch.rand(self.recipe.points_per_step, self.dim, generator=generator, device=generator.device)
        x = signal.draw(noise)
        return (self._values(x, None) - signal(x)).square().mean()

    # In a file, samples take as few bytes as hold them exactly.

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        super()._save_to_state_dict(destination, prefix, keep_vars)
        destination[f"{prefix}samples"] = compacted(destination[f"{prefix}samples"])

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
        name = f"{prefix}samples"
        if name in state_dict:
            stored = state_dict[name]
            state_dict[name] = stored if stored.dtype == self.samples.dtype else expanded(stored)
        super()._load_from_state_dict(state_dict, prefix, *rest)


def lattice_samples(signal: Signal, lines: Sequence[Line], device: torch.device) -> Shaped[Tensor, "c *shape"]:
    """A signal at the vertices of a lattice with cells of one size, from its own samples where it has them."""
    own = signal.own_samples() if all(line.sampled for line in lines) else None
    if own is not None:
        return own.to(device)
    middle = [line.count // 2 for line in lines]
    centre = torch.tensor([line.first + line.cell * m for line, m in zip(lines, middle, strict=True)])
    values = signal.on_lattice([2 * index + 1 for index in middle], lines[0].cell, centre.to(device))
    for axis, line in enumerate(lines):  # an even number of samples has none in the middle
        values = values.narrow(-1 - axis, 0, line.count)
    return values


def as_floats(samples: Shaped[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Samples as numbers; bytes are steps of 1/255."""
    return samples.float() / STEPS if samples.dtype == torch.uint8 else samples
