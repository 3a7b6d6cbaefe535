"""Watching a training for divergence: its best state is kept, and put back where it gets far worse."""

from __future__ import annotations

import copy
import math
from typing import Any

from .fields.field import Field

FALL_DB = 10.0
"""A PSNR so far below the best is of a training that has diverged; below ``-FALL_DB`` it is at once."""


class DivergenceWatch:
    """The best state of a training, by its PSNR.

    Args:
        field: what is trained.

    Attributes:
        has_best: whether there is a state to go back to.

    Example:
        >>> from fieldcore import Ackley, build_field, preset_recipe
        >>> watch = DivergenceWatch(build_field(preset_recipe("spectral", "preview", Ackley().facts), Ackley().facts))
        >>> watch.see(50, 0.1, 20.0), watch.see(100, 3.0, 8.0)
        ('', 'diverged at step 100: its PSNR fell from 20.0 to 8.0 dB; the state of step 50 is kept')
    """

    def __init__(self, field: Field) -> None:
        self._field = field
        self._best, self._best_step = 0.0, 0
        self._state: dict[str, Any] | None = None

    @property
    def has_best(self) -> bool:
        """See the class."""
        return self._state is not None

    def see(self, step: int, loss: float, psnr: float | None = None) -> str:
        """Note where a training is.

        Args:
            step: steps done.
            loss: of the last one.
            psnr: in dB, where it was measured just now.

        Returns:
            a sentence if it has diverged, whose best state is then back in the field; else nothing.
        """
        if not math.isfinite(loss):
            return self._back(step, "its loss is no longer a number")
        if psnr is None:
            return ""
        if not psnr >= self._best - FALL_DB:  # so written, it is true of what is no number
            fell = f"fell from {self._best:.1f} to" if self.has_best else "is"
            return self._back(step, f"its PSNR {fell} {psnr:.1f} dB")
        if psnr > self._best or not self.has_best:
            self._best, self._best_step = psnr, step
            self._state = copy.deepcopy(self._field.state_dict())
        return ""

    def _back(self, step: int, why: str) -> str:
        if self._state is None:
            return f"diverged at step {step}: {why}"
        self._field.load_state_dict(self._state)
        return f"diverged at step {step}: {why}; the state of step {self._best_step} is kept"
