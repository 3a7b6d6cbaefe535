"""What the engine is asked for by the shape scene: bakes of a field, coarse to fine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from fieldcore.evaluation import TileSize
from fieldcore.fields.field import Field

from ...document import Document
from ...filter.controls import Smoothing
from ...work.delivery import Way
from ...work.engine import Evaluated
from .bake import Bake, ColourBake
from .baking import baked_tiles
from .colour_bake import FieldColours

COARSEST_CELLS = 32
"""Along each axis of a first bake: what a thumbnail of a shape needs."""

_HURRIED_CELLS = 16
"""Of one so slow that even the coarsest would keep a person waiting: of a field that is best asked for fewer points."""

_HURRIED_POINTS = 2500
"""How many such a field must give at once for the coarsest bake not to be hurried."""

_FIRST_BAKE = 3
"""How many times as long as a first picture a first bake may take: drawing it takes longer, and coarse is ugly."""

_PATIENCE_S = 0.1
"""For how long a first bake goes on although something newer is asked for."""

TILE_SECONDS = 0.04
"""Smaller tiles of a field in space cost much more a point: its levels are read for each tile anew."""

PAUSE_SECONDS = 0.04
"""Drawing a first bake keeps the processor as busy as baking does, and a slider's next event is soon there."""


@dataclass(frozen=True, eq=False)
class BakeStage:
    """A bake of what was asked for.

    Attributes:
        bake: itself.
        final: whether no finer one follows.
        colours: the field's own, where it has any that are known by now.
    """

    bake: Bake
    final: bool
    colours: ColourBake | None = None

    @property
    def points(self) -> int:
        """Evaluated for it."""
        return self.bake.values.size


@dataclass(eq=False)
class BakeRequest:
    """A field to be baked; its finenesses are cells along each axis.

    Attributes:
        document: whose field.
        smoothing: the filter.
        cells: of the finest bake.
        take: called with each bake.
        asked_at: ``clock()`` when it was asked for.
        clock: seconds of a clock that never goes back.
        colours: who knows the field's own.
        under_way: cells of the bake under way, and the share of it that is there.
    """

    document: Document
    smoothing: Smoothing
    cells: int
    take: Callable[[Evaluated], None]
    asked_at: float = dataclass_field(default_factory=time.perf_counter)
    clock: Callable[[], float] = time.perf_counter
    colours: FieldColours = dataclass_field(default_factory=FieldColours)
    under_way: tuple[int, float] = (0, 0.0)
    tile_seconds = TILE_SECONDS
    pause_seconds = PAUSE_SECONDS

    @property
    def field(self) -> Field:
        """Whose pace tells how coarse to begin."""
        return self.document.field

    def shows(self, document: Document) -> bool:
        """Whether it looks different when that document's weights change."""
        return document is self.document

    def finenesses(self, points: float) -> tuple[int, ...]:
        """From coarse to fine, the first as fine as about so many points allow."""
        is_hurried = points < _HURRIED_POINTS and self.field.tile_points(None) < COARSEST_CELLS**3
        return coarse_to_fine(self.cells, _FIRST_BAKE * points, _HURRIED_CELLS if is_hurried else COARSEST_CELLS)

    def stages(
        self, finenesses: Sequence[int], should_stop: Callable[[], bool], tile_size: TileSize, way: Way
    ) -> Iterator[BakeStage]:
        """Evaluate it in each of these. Raises InputError as ``baked_tiles``.

        The first is not given up at once: while a slider is dragged something newer is always wanted.
        """
        until = self.clock() + _PATIENCE_S
        for cells in finenesses:
            for made in baked_tiles(self.field, self.smoothing, cells, tile_size):
                if isinstance(made, Bake):
                    colours = self.colours.of(self.field, self.document.version, cells)
                    yield BakeStage(made, cells == self.cells, colours)
                else:
                    self.under_way = cells, made
                is_first = cells == finenesses[0] and not isinstance(made, Bake) and self.clock() < until
                if should_stop() and not is_first:
                    return


def coarse_to_fine(cells: int, points: float, coarsest: int) -> tuple[int, ...]:
    """Cells along an axis of bakes that lead to one of ``cells``: the first of at most so many points, not too coarse.

    Each is twice as fine as the one before, whatever the pace, so that a field that keeps what it was asked for finds
    the same lattices again.
    """
    sides = [cells]
    while sides[0] ** 3 > points and sides[0] >= 2 * coarsest:
        sides.insert(0, sides[0] // 2)
    return tuple(sides)
