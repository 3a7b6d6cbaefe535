"""What a recording notes of what is shown, and the path that comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..entries import Controls, copied, entries_of, with_values
from ..path.keyframes import Keyframe, KeyframePath, keyframe_of, still_of


class Log:
    """The log of one recording.

    Args:
        controls: what is shown when it begins, with the files that its path is to name.
    """

    def __init__(self, controls: Controls) -> None:
        self.controls = controls.in_sight()

    def fits(self, controls: Controls) -> bool:
        """Whether the recording can go on with what is shown: from when it has one, a path has one file of a kind."""
        if type(controls) is not type(self.controls):
            return False
        seen = controls.in_sight()
        return all(self._named(name) in ("", file) for name, file in _files(seen).items() if file)

    def noted(self, controls: Any) -> Any:
        """What the frame shows that is made of this."""
        for name, file in _files(controls.in_sight()).items():
            if file and not self._named(name):
                self.learn(name, file)
        return copied(controls, self.controls, ("constant", "file"))

    def learn(self, name: str, file: str) -> None:
        """Take note of a file that was not known when the recording began."""
        self.controls = with_values(self.controls, {(name,): self._named(name) or file})

    def keyframe(self, controls: Controls, time: float) -> Keyframe:
        """What is keyed of it at that moment."""
        return keyframe_of(controls, time)

    def path(self, keyframes: Sequence[Keyframe], frames_per_second: float) -> KeyframePath[Any]:
        """The path through all that was noted."""
        return KeyframePath(still_of(self.controls), tuple(keyframes), frames_per_second)

    def _named(self, name: str) -> str:
        return _files(self.controls)[name]


def _files(controls: Controls) -> dict[str, str]:
    return {e.name: e.of(controls) for e in entries_of(type(controls)) if e.facts.along == "file"}
