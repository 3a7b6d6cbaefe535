"""What the engine is asked for by the radiance scene: pictures of what a camera sees, coarse to fine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fieldcore.evaluation import TileSize
from fieldcore.fields.field import Field

from ...document import Document
from ...frame_size import Size
from ...work.delivery import Way
from ...work.engine import Evaluated
from .controls import RadianceControls
from .pictures import RadiancePictures, RadianceSubject, picturing

_DIVISORS = (16, 8, 4, 2, 1)
_TILE_SECONDS = 0.04


@dataclass(frozen=True, eq=False)
class RadianceStage:
    """Pictures of what was asked for.

    Attributes:
        pictures: themselves.
        final: whether no finer ones follow.
        divisor: how many times coarser than the pane they are.
    """

    pictures: RadiancePictures
    final: bool
    divisor: int

    @property
    def points(self) -> int:
        """Rays that were followed for them."""
        return self.pictures.rays


@dataclass(eq=False)
class RadianceRequest:
    """A field to be looked at; its finenesses are so many times coarser than the pane's pixels.

    Attributes:
        document: whose field.
        subject: the field with its photographs.
        controls: what to show.
        size: of a pane, in pixels.
        asked_at: when it was asked for, by the session's clock.
        take: called with the pictures.
    """

    document: Document
    subject: RadianceSubject
    controls: RadianceControls
    size: Size
    asked_at: float
    take: Callable[[Evaluated], None]
    tile_seconds = _TILE_SECONDS
    pause_seconds = 0.0

    @property
    def field(self) -> Field:
        """Whose pace tells how coarse to begin."""
        return self.document.field

    def shows(self, document: Document) -> bool:
        """Whether it looks different when that document's weights change."""
        return document is self.document

    def finenesses(self, points: float) -> tuple[int, ...]:
        """From coarse to fine, the first of at most about so many rays."""
        rays = self.size[0] * self.size[1]
        first = next((divisor for divisor in reversed(_DIVISORS) if rays / divisor**2 <= points), _DIVISORS[0])
        return tuple(divisor for divisor in _DIVISORS if divisor <= first)

    def stages(
        self, finenesses: Sequence[int], should_stop: Callable[[], bool], tile_size: TileSize, way: Way
    ) -> Iterator[RadianceStage]:
        """Render it in each of these; all but the first are given up where something newer is wanted."""
        for divisor in finenesses:
            for made in picturing(self.subject, self.controls, self.size, divisor):
                if isinstance(made, RadiancePictures):
                    yield RadianceStage(made, divisor == 1, divisor)
                elif divisor != finenesses[0] and should_stop():
                    return
