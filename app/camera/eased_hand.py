"""Motion by keys that are held: it begins and ends softly, and in all goes as far as without that."""

from __future__ import annotations

import math

import numpy as np

from .piloting import Hand

EASE_S = 0.08
"""Time in which two thirds of a change are done."""

_STILL = 0.01


class EasedHand:
    """What held keys ask for, followed as a mass on a damper follows a force.

    The way over any time is the exact integral, so that it does not depend on how many passes that has.
    """

    def __init__(self) -> None:
        self._speed: Hand = np.zeros(5)

    @property
    def moves(self) -> bool:
        """Whether anything still moves, though no key may be held."""
        return bool(self._speed.any())

    def stop(self) -> None:
        """Stand still at once."""
        self._speed = np.zeros(5)

    def over(self, asked: Hand, seconds: float) -> Hand:
        """The way of the next seconds while that is asked for, in seconds of full speed."""
        behind, left = self._speed - asked, math.exp(-max(seconds, 0.0) / EASE_S)
        self._speed = asked + left * behind
        way: Hand = asked * seconds + EASE_S * (1 - left) * behind
        if not asked.any() and np.abs(self._speed).max() < _STILL:  # what is left is gone at once
            way = way + EASE_S * self._speed
            self.stop()
        return way
