"""Your own function as a signal."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import InputError
from ..filters.filter import Numbers
from ..sampling import sobol
from .signal import Dataset, Signal, SignalFacts, as_points

_MEASURED_POINTS = 1024

Number = float | int


class FunctionSignal(Signal):
    """A function of your own, answered wherever it is asked: nothing is mirrored at the border of its box.

    A field that was trained on it is saved and loaded without it; only ``score`` needs it again.

    Args:
        f: from a tensor of n points (n, d), in domain units, to a tensor or array of values (n, c) or (n). It is
            called with points on the device and of the dtype that the caller chose, up to 0.2 beyond the box.
        half_extent: half the side of the function's box along each axis, in domain units; the longest should be 1.
        channels: number of values a point; by default as many as ``f`` gives.
        value_range: the lowest and highest value, black and white, that PSNR is relative to; by default those among
            1024 points of the box.
        name: for people; by default the function's own.
        smooth_axes: the axes that filters smooth along, if not all; see ``SignalFacts``.

    Raises:
        InputError: ``f`` gives another number of values than points, no numbers, or NaN or infinite ones.

    Example:
        >>> wave = FunctionSignal(lambda x: torch.sin(4 * x[:, 0]) * x[:, 1], (1.0, 0.5), name="wave")
        >>> wave.facts.channels, wave([[0.0, 0.25]]).shape
        (1, torch.Size([1, 1]))
    """

    type = "function"

    def __init__(
        self,
        f: Callable[[Tensor], Any],
        half_extent: Sequence[Number],
        *,
        channels: int | None = None,
        value_range: tuple[Number, Number] | None = None,
        name: str | None = None,
        smooth_axes: Sequence[int] = (),
    ) -> None:
        self._f = f
        halves = _numbers("half_extent", half_extent, "one number an axis, such as (1.0, 1.0)")
        if not callable(f):
            raise InputError(f"function: expected something to call with points, got {type(f).__name__}")
        if channels is not None and channels < 1:
            raise InputError(f"channels: expected at least 1, got {channels}")
        self._name = str(name) if name else str(getattr(f, "__name__", type(f).__name__))
        self._channels = channels
        x = (2 * sobol(_MEASURED_POINTS, len(halves), seed=0) - 1) * torch.tensor(halves)
        values = self._values(x.float()).detach().float().cpu()
        if not bool(torch.isfinite(values).all()):
            raise InputError(f"function '{self._name}': some of its values are NaN or infinite in its box")
        low, high = (
            _range(values) if value_range is None else _numbers("value_range", value_range, "(lowest, highest)", 2)
        )
        self.facts = SignalFacts(
            type=self.type,
            name=self._name,
            digest=hashlib.sha256(values.numpy().tobytes()).hexdigest(),
            half_extent=halves,
            channels=values.shape[1],
            value_range=(low, high),
            smooth_axes=tuple(smooth_axes),
        )

    def __call__(self, x: Numbers) -> Float[Tensor, "n c"]:
        """The function's values at the points ``x`` (n, d).

        Raises InputError: see ``as_points``, and where ``f`` misbehaves.
        """
        return self._values(as_points(x, self.dim))

    def _values(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n c"]:
        given = self._f(x)
        try:
            values = torch.as_tensor(given, device=x.device)
        except (TypeError, ValueError, RuntimeError) as error:
            raise InputError(
                f"function '{self._name}': expected a tensor or array of numbers, got {type(given).__name__}"
            ) from error
        values = values[:, None] if values.ndim == 1 else values
        channels = self._channels or (values.shape[1] if values.ndim == 2 else 1)
        if tuple(values.shape) != (len(x), channels):
            raise InputError(
                f"function '{self._name}': expected values of shape ({len(x)}, {channels}) or ({len(x)}) for {len(x)} "
                f"points, got {tuple(values.shape)}"
            )
        return values if values.is_floating_point() else values.float()

    @classmethod
    def open_again(cls, facts: SignalFacts, source: str) -> Dataset:
        """Refused: no file holds a function."""
        raise InputError(f"signal '{source}': the field was trained on a function of Python's, which no file holds")


def _numbers(name: str, values: Any, expected: str, count: int | None = None) -> tuple[float, ...]:
    """One or more numbers, as floats. Raises InputError for anything else."""
    try:
        numbers = tuple(float(value) for value in values)
    except (TypeError, ValueError):
        numbers = ()
    if not numbers or len(numbers) != (count or len(numbers)):
        raise InputError(f"{name}: expected {expected}, got {values!r}")
    return numbers


def _range(values: Float[Tensor, "n c"]) -> tuple[float, float]:
    """The lowest and highest value; of a constant one that is not empty."""
    low, high = float(values.min()), float(values.max())
    return low, high if high > low else low + 1
