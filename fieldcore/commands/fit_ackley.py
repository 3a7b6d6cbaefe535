"""``fieldcore fit ackley``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from .fit import FitOptions

if TYPE_CHECKING:
    from ..signals import Ackley


@dataclass(frozen=True, kw_only=True)
class FitAckley(FitOptions):
    """Train a field on the Ackley function, the scale-space paper's test function."""

    what: ClassVar[str] = "ackley"
    examples: ClassVar[tuple[str, ...]] = ("fieldcore fit ackley --kind scale_space --steps 1000",)

    def open(self, source: str) -> Ackley:
        """The formula."""
        from ..signals import Ackley

        return Ackley()
