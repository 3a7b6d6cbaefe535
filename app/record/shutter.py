"""The shutter of a film: for how long it is open for each frame, and when one looks meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from fieldcore.errors import InputError

MOST_SAMPLES = 256
USUAL_SAMPLES = 8


@dataclass(frozen=True)
class Shutter:
    """How long it is open, and how often one looks meanwhile.

    Attributes:
        share: of the time between two frames, from 0, which is a moment, to 1; half of it is the usual film's.
        samples: moments that the mean is taken of.

    Raises:
        InputError: either is out of its bounds.

    Example:
        >>> Shutter(0.5, 2).moments(1.0, 0.1)
        [0.9875, 1.0125]
    """

    share: float = 0.0
    samples: int = USUAL_SAMPLES

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise InputError(
                f"--shutter: expected a share of the time between two frames, from 0 to 1, got {self.share:g}"
            )
        if not 1 <= self.samples <= MOST_SAMPLES:
            raise InputError(f"--shutter-samples: expected 1 to {MOST_SAMPLES}, got {self.samples}")

    def moments(self, middle: float, between: float) -> list[float]:
        """When one looks, evenly about the ``middle``; the middles of as many parts of the time that it is open.

        Args:
            middle: of the time that it is open, in seconds.
            between: seconds between two frames.
        """
        open_for = self.share * between
        return [middle + open_for * ((k + 0.5) / self.samples - 0.5) for k in range(self.samples)]


MOMENTARY = Shutter()
"""Open for a moment."""
