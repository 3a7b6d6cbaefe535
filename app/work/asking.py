"""What takes long is asked for: in a window of the worker thread, while the loop goes on; else it is done at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from fieldcore.errors import InputError
from fieldcore.evaluation import Grid, Points, TileSize, evaluate_tiles
from fieldcore.fields.field import Field
from fieldcore.filters import Filter

from .engine import TILE_SECONDS, Engine, Job, Turn


@runtime_checkable
class Turning(Protocol):
    """What work may ask while it is done; see ``engine.Turn``."""

    def stops(self) -> bool:
        """Whether to leave it, asked between two tiles."""

    def tile_size(self, field: Field) -> TileSize:
        """For evaluating a field."""


@runtime_checkable
class Evaluate(Protocol):
    """Evaluates fields, and does what else takes long.

    Attributes:
        waiting: whether an answer of another thread is awaited.
        milliseconds: that the latest answer of another thread took.
        shares_time: whether others want to go on between two steps.
    """

    waiting: bool
    milliseconds: float
    shares_time: bool

    def __call__(self, field: Field, x: Tensor | Grid, filter: Filter | None) -> Iterator[Tensor | None]:
        """None while busy, and last the values, (n, c).

        Args:
            field: the network.
            x: (n, d) points in domain units, at least one, or a grid for its cells' centres.
            filter: one a point, or one for all; None is no filter.

        Raises:
            InputError: the field cannot be filtered so, or memory does not even hold a small tile.
        """

    def doing(self, work: Callable[[Turning], Any]) -> Iterator[Any]:
        """None while busy, and last what ``work`` returns. Raises InputError for what it raises."""


class _AtOnce:
    def stops(self) -> bool:
        return False

    def tile_size(self, field: Field) -> TileSize:
        return TileSize()


class EvaluateHere:
    """Evaluates in tiles, in this thread."""

    waiting, milliseconds, shares_time = False, 0.0, False

    def __call__(self, field: Field, x: Tensor | Grid, filter: Filter | None) -> Iterator[Tensor | None]:
        """See ``Evaluate``."""
        points = x if isinstance(x, Grid) else Points(x)
        values: Tensor | None = None
        for start, stop, tile in evaluate_tiles(field, points, filter):
            if values is None:
                values = tile.new_empty(points.count, tile.shape[1])
            values[start:stop] = tile
            yield None
        yield values

    def doing(self, work: Callable[[Turning], Any]) -> Iterator[Any]:
        """See ``Evaluate``."""
        yield work(_AtOnce())


class Asking:
    """Asks an engine.

    Args:
        engine: the worker.
        for_view: whether it is for what is shown, which goes before the frames of a recording.
        tile_seconds: how long the work on one tile may take then, about.
        waits: whether everything else that is for the view goes before it.

    Attributes:
        waiting: whether an answer is awaited.
        milliseconds: that the latest answer took.
    """

    shares_time = True

    def __init__(self, engine: Engine, for_view: bool, tile_seconds: float = TILE_SECONDS, waits: bool = False) -> None:
        self._engine, self._for_view, self._tile_seconds, self._waits = engine, for_view, tile_seconds, waits
        self.waiting = False
        self.milliseconds = 0.0

    def __call__(self, field: Field, x: Tensor | Grid, filter: Filter | None) -> Iterator[Tensor | None]:
        """See ``Evaluate``; a caller that goes away gives the request up."""
        points = x if isinstance(x, Grid) else Points(x)
        yield from self.doing(partial(self._values, field, points, filter))

    def doing(self, work: Callable[[Any], Any]) -> Iterator[Any]:
        """See ``Evaluate``; a caller that goes away gives the work up."""
        job = Job(work, self._for_view, self._waits)
        self._engine.do(job)
        self.waiting = True
        try:
            while not job.done:
                yield None
        finally:
            self.waiting = False
            job.given_up = True
        if job.error:
            raise InputError(job.error)
        self.milliseconds = job.milliseconds
        yield job.result

    def _values(self, field: Field, points: Points | Grid, filter: Filter | None, turn: Turn) -> Tensor | None:
        """In the worker's thread: tile by tile."""
        tiles, began = [], self._engine.clock()
        for start, stop, values in evaluate_tiles(field, points, filter, tile_size=turn.tile_size(field)):
            tiles.append(values)
            if turn.stops():
                return None
            rate = (stop - start) / max(self._engine.clock() - began, 1e-9)
            turn.suit(field, filter, rate, self._tile_seconds)
            began = self._engine.clock()
        return torch.cat(tiles) if tiles else None
