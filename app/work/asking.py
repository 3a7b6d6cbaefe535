"""How the window asks for values of a field: the worker thread evaluates, the loop goes on meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from fieldcore.errors import InputError
from fieldcore.evaluation import Grid, Points
from fieldcore.fields.field import Field
from fieldcore.filters import Gaussian

from .engine import TILE_SECONDS, Engine, PointsRequest


class Asking:
    """An ``Evaluate`` for ``FieldShading`` that asks an engine.

    Args:
        engine: who evaluates.
        for_view: whether it is for what is shown, which goes before the frames of a recording.
        tile_seconds: how long the work on one tile may take then, about.

    Attributes:
        waiting: whether an answer is awaited.
        milliseconds: that the latest answer took to evaluate.
    """

    def __init__(self, engine: Engine, for_view: bool, tile_seconds: float = TILE_SECONDS) -> None:
        self._engine, self._for_view, self._tile_seconds = engine, for_view, tile_seconds
        self.waiting = False
        self.milliseconds = 0.0

    def __call__(self, field: Field, x: Tensor | Grid, gaussian: Gaussian | None) -> Iterator[Tensor | None]:
        """None while the engine is busy, and last the values; a caller that goes away gives the request up.

        Args:
            field: the network.
            x: (n, d) points in domain units, or a grid for its cells' centres.
            gaussian: one a point, or one for all; None is no filter.

        Raises:
            InputError: the field could not be evaluated.
        """
        points = x if isinstance(x, Grid) else Points(x)
        request = PointsRequest(field, points, gaussian, self._for_view, self._tile_seconds)
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
