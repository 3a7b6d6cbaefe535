"""The scale of an error map in the view, whose numbers can be dragged along it."""

from __future__ import annotations

from dataclasses import dataclass

from .frame_size import Box

_LEAST_SHARE = 0.04
"""Of the bar, from its zero: where a number is dragged nearer than that, it stays there."""


@dataclass(frozen=True)
class ScaleBar:
    """Where its colours are.

    Attributes:
        box: left, top, width and height in pixels of the view.
        signed: whether 0 is in the middle, and else on the left.
    """

    box: Box
    signed: bool = False

    def holds(self, position: tuple[float, float], reach: float) -> bool:
        """Whether a place of the view is on it, or so near."""
        left, top, width, height = self.box
        return -reach <= position[0] - left < width + reach and -reach <= position[1] - top < height + reach

    def dragged(self, most: float, start: float, end: float) -> float:
        """The number in the last colour after a number was dragged along the bar.

        Args:
            most: the number in the last colour before.
            start, end: where the drag began and is, in pixels from the view's left.
        """
        left, _, width, _ = self.box
        shares = [(x - left) / width for x in (start, end)]
        if self.signed:
            side = 1.0 if shares[0] >= 0.5 else -1.0
            shares = [side * (2 * share - 1) for share in shares]
        before, after = (max(share, _LEAST_SHARE) for share in shares)
        return most * before / after
