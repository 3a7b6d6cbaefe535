"""What the engine is asked for by scenes on a plane: the layers of a frame."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field

from fieldcore.evaluation import TileSize
from fieldcore.fields.field import Field

from ..document import Document
from ..frame_size import Size
from ..work.delivery import Way
from ..work.engine import TILE_SECONDS, Evaluated
from .controls import PlaneControls
from .flip import with_flip
from .layers import Sources, Stage, coarse_to_fine, evaluate_layers
from .spectra import spectra_of


@dataclass(frozen=True)
class PlaneRequest:
    """A frame to be evaluated; its finenesses are how many times coarser than its pixels it is.

    Attributes:
        controls: what it shows.
        framebuffer_px: its size.
        document: whose field it shows.
        take: called with what has been evaluated.
        other: the second field, if there is one.
        asked_at: ``time.perf_counter()`` when it was asked for.
        names: of the layers, in place of those that the controls need.
    """

    controls: PlaneControls
    framebuffer_px: Size
    document: Document
    take: Callable[[Evaluated], None]
    other: Document | None = None
    asked_at: float = dataclass_field(default_factory=time.perf_counter)
    names: tuple[str, ...] = ()
    tile_seconds = TILE_SECONDS
    pause_seconds = 0.0

    @property
    def field(self) -> Field:
        """Whose pace tells how coarse to begin."""
        return self.document.field

    @property
    def sources(self) -> Sources:
        """What its layers are evaluated from."""
        return sources_of(self.document, self.other)

    def shows(self, document: Document) -> bool:
        """Whether it looks different when that document's weights change."""
        return document in (self.document, self.other)

    def finenesses(self, points: float) -> tuple[int, ...]:
        """From coarse to fine, the first as fine as about so many points allow."""
        width, height = self.framebuffer_px
        cells = width * height * len(self.names or self.controls.needed)
        return coarse_to_fine(cells, points, by_halves=self.controls.varies)

    def stages(
        self, finenesses: Sequence[int], should_stop: Callable[[], bool], tile_size: TileSize, way: Way
    ) -> Iterator[Stage]:
        """Evaluate it in each of these. Raises InputError as ``evaluate_layers``."""
        for stage in evaluate_layers(
            self.controls, self.sources, self.framebuffer_px, names=self.names,
            factors=finenesses, should_stop=should_stop, tile_size=tile_size, way=way,
        ):  # fmt: skip
            stage = replace(stage, layers=with_flip(stage.layers, self.controls))
            spectra = spectra_of(stage.layers, self.controls, self.framebuffer_px, stage.factor)
            yield replace(stage, spectra=spectra) if spectra else stage


def sources_of(document: Document, other: Document | None) -> Sources:
    """What a document's layers are evaluated from, and those of one beside it."""
    return Sources(document.field, document.truth, other.field if other else None, document.version)
