"""How values of a field are asked for: in a window by the worker thread, while the loop goes on; else here and now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from torch import Tensor

from fieldcore.errors import InputError
from fieldcore.evaluation import Grid, Points, evaluate_tiles
from fieldcore.fields.field import Field
from fieldcore.filters import Gaussian

from .engine import TILE_SECONDS, Engine, PointsRequest


@runtime_checkable
class Evaluate(Protocol):
    """Evaluates fields.

    Attributes:
        waiting: whether an answer of another thread is awaited.
        milliseconds: that the latest answer of another thread took to evaluate.
        shares_time: whether others want to go on between two steps.
    """

    waiting: bool
    milliseconds: float
    shares_time: bool

    def __call__(self, field: Field, x: Tensor | Grid, gaussian: Gaussian | None) -> Iterator[Tensor | None]:
        """None while busy, and last the values, (n, c).

        Args:
            field: the network.
            x: (n, d) points in domain units, at least one, or a grid for its cells' centres.
            gaussian: one a point, or one for all; None is no filter.

        Raises:
            InputError: the field cannot be filtered so, or memory does not even hold a small tile.
        """


class EvaluateHere:
    """Evaluates in tiles, in this thread."""

    waiting, milliseconds, shares_time = False, 0.0, False

    def __call__(self, field: Field, x: Tensor | Grid, gaussian: Gaussian | None) -> Iterator[Tensor | None]:
        """See ``Evaluate``."""
        points = x if isinstance(x, Grid) else Points(x)
        values: Tensor | None = None
        for start, stop, tile in evaluate_tiles(field, points, gaussian):
            if values is None:
                values = tile.new_empty(points.count, tile.shape[1])
            values[start:stop] = tile
            yield None
        yield values


class Asking:
    """Asks an engine.

    Args:
        engine: who evaluates.
        for_view: whether it is for what is shown, which goes before the frames of a recording.
        tile_seconds: how long the work on one tile may take then, about.

    Attributes:
        waiting: whether an answer is awaited.
        milliseconds: that the latest answer took to evaluate.
    """

    shares_time = True

    def __init__(self, engine: Engine, for_view: bool, tile_seconds: float = TILE_SECONDS) -> None:
        self._engine, self._for_view, self._tile_seconds = engine, for_view, tile_seconds
        self.waiting = False
        self.milliseconds = 0.0

    def __call__(self, field: Field, x: Tensor | Grid, gaussian: Gaussian | None) -> Iterator[Tensor | None]:
        """See ``Evaluate``; a caller that goes away gives the request up."""
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
