"""How the window asks for values of a field: the worker thread evaluates, the loop goes on meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from jaxtyping import Float
from torch import Tensor

from fieldcore.errors import InputError
from fieldcore.fields.field import Field
from fieldcore.filters import Gaussian

from ..engine import Engine, PointsRequest


class Asking:
    """An ``Evaluate`` for ``FieldShading`` that asks an engine.

    Args:
        engine: who evaluates.
        for_view: whether it is for what is shown, which goes before the frames of a recording.

    Attributes:
        waiting: whether an answer is awaited.
        milliseconds: that the latest answer took to evaluate.
    """

    def __init__(self, engine: Engine, for_view: bool) -> None:
        self._engine, self._for_view = engine, for_view
        self.waiting = False
        self.milliseconds = 0.0

    def __call__(self, field: Field, x: Float[Tensor, "n 2"], gaussian: Gaussian) -> Iterator[Tensor | None]:
        """None while the engine is busy, and last the values; a caller that goes away gives the request up.

        Raises:
            InputError: the field could not be evaluated.
        """
        request = PointsRequest(field, x, gaussian, self._for_view)
        self._engine.evaluate_points(request)
        self.waiting = True
        try:
            while request.values is None and not request.error:
                yield None
        finally:
            self.waiting = False
            request.given_up = True
        if request.error:
            raise InputError(request.error)
        self.milliseconds = request.milliseconds
        yield request.values
