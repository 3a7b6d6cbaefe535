"""The filter before the present one: what somebody had rested at."""

from __future__ import annotations

from typing import Any

from ..history import TOGETHER_S

Values = dict[str, Any]
"""By name the entries that say the filter."""


class Before:
    """The filter that is there, and the one that was there before; those that were only passed by do not count.

    Args:
        values: of the first.
    """

    def __init__(self, values: Values) -> None:
        self._now = self._seen = values
        self._before: Values | None = None
        self._changed_at = 0.0

    def note(self, values: Values, now: float, in_hand: bool) -> None:
        """Note the filter of this pass.

        Args:
            values: of it.
            now: in seconds.
            in_hand: whether a drag, a held key or a path is changing it.
        """
        if values != self._seen:
            self._seen, self._changed_at = values, now
        elif values != self._now and not in_hand and now - self._changed_at >= TOGETHER_S:
            self._before, self._now = self._now, values

    def of(self, values: Values) -> Values | None:
        """The one before that; None where there is none."""
        return self._before if values == self._now else self._now

    def swap(self, values: Values) -> Values:
        """Go back to the one before, after which ``values`` is the one before."""
        other = self.of(values) or values
        self._before, self._now, self._seen = values, other, other
        return other
