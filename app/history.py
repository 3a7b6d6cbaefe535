"""Undo and redo of a scene's controls and of its path: what each step has changed, one for each drag."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from .entries import Entry, entries_of

MOST_STEPS = 200

TOGETHER_S = 0.6
"""Changes of the same entries that follow one another so soon are one step, as of a wheel or of a key that is held."""


PATH = "the path"
"""What steps know the path by, which no entry is called."""


@dataclass
class _Step:
    """What changed: by name the values before and after."""

    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


class History:
    """The steps that somebody has taken.

    Args:
        controls: as they are before the first.
        path: likewise.
    """

    def __init__(self, controls: Any, path: Any = None) -> None:
        self._last, self._last_path = controls, path
        self._steps: deque[_Step] = deque(maxlen=MOST_STEPS)
        self._undone: list[_Step] = []
        self._open: _Step | None = None
        self._changed_at = 0.0

    def note(self, controls: Any, now: float, in_hand: bool, path: Any = None) -> None:
        """Note the controls of this pass.

        Args:
            controls: as they are now.
            now: in seconds.
            in_hand: whether a drag, a held key or a path is moving them: all that changes meanwhile is one step.
            path: the path's keyframes and all else of it.
        """
        changed = self._changed(controls)
        if changed or path != self._last_path:
            before = {entry.name: entry.of(self._last) for entry in changed}
            after = {entry.name: entry.of(controls) for entry in changed}
            if path != self._last_path:
                before[PATH], after[PATH] = self._last_path, path
            goes_on = PATH not in before and self._open is not None and set(before) == set(self._open.before)
            if self._open is None or not (in_hand or goes_on):
                self._open = _Step()
                self._steps.append(self._open)
                self._undone.clear()
            self._open.before = before | self._open.before
            self._open.after |= after
            self._changed_at = now
            if PATH in before and not in_hand:
                self._open = None
        self._last, self._last_path = controls, path
        if not in_hand and now - self._changed_at > TOGETHER_S:
            self._open = None

    def end_step(self) -> None:
        """A button came up: what follows is another step."""
        self._open = None

    def undo(self) -> dict[str, Any]:
        """By name the values before the latest step; none where there is no step."""
        return self._taken(self._steps, self._undone).before

    def redo(self) -> dict[str, Any]:
        """By name the values after the step that was undone last; none where there is none."""
        return self._taken(self._undone, self._steps).after

    def settle(self, controls: Any, path: Any = None) -> None:
        """Controls and path are as ``undo`` or ``redo`` wanted them, or as nobody's step has made them."""
        self._last, self._last_path = controls, path

    def settle_path(self, path: Any) -> None:
        """The path is as nobody's step has made it."""
        self._last_path = path

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to be taken back."""
        return bool(self._steps)

    @property
    def can_redo(self) -> bool:
        """Whether there is one that was taken back."""
        return bool(self._undone)

    def _taken(self, source: Any, target: Any) -> _Step:
        self._open = None
        if not source:
            return _Step()
        step: _Step = source.pop()
        target.append(step)
        return step

    def _changed(self, controls: Any) -> list[Entry]:
        """The entries that somebody has changed: none where other files are shown, for which all is chosen anew."""
        if controls is self._last:
            return []
        entries = entries_of(type(controls))
        changed = [entry for entry in entries if entry.of(controls) != entry.of(self._last)]
        if any(entry.facts.along == "file" for entry in changed):
            return []
        return [entry for entry in changed if entry.facts.undone]
