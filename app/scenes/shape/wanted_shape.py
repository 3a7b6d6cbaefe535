"""A shape that is asked beside a window: in another process, and only as long as somebody waits for the answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float

from fieldcore.signals import Shape


class NotWantedError(Exception):
    """Nobody waits for the distances any more."""


class WantedShape(Shape):
    """The same shape; its exact distances, asked some thousands at a time, are the place to give long work up.

    Args:
        shape: whose distances.
        wanted: whether anybody waits for them.
    """

    def __init__(self, shape: Shape, wanted: Callable[[], bool]) -> None:
        vars(self).update(vars(shape.apart()))
        self._wanted = wanted

    @property
    def distance(self) -> Any:
        """As of the shape, but raises NotWantedError where nobody waits."""
        exact = super().distance

        def asked(points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n"]:
            if not self._wanted():
                raise NotWantedError
            return exact(points)

        return asked
