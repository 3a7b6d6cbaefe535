"""Keyframes of any scene, and the controls at any moment between them.

Every entry that can move is a track of its own, keyed only at the keyframes that name it; see tracks.py. Some entries
move together, as the center and the zoom of a view do. What cannot move is held from key to key.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from ..entries import Controls, Entry, copied, entries_of, with_values
from .timeline import Keyframe, Timeline
from .tracks import Curve, Space, Track, come_round, held, moving

AnyControls = TypeVar("AnyControls", bound=Controls)


@dataclass(frozen=True)
class KeyframePath(Timeline, Generic[AnyControls]):
    """What a scene shows over time; ``path_file`` reads and writes it.

    Attributes:
        still: the controls where nothing is keyed: the files shown, and what is one from beginning to end.
        keyframes: in order of time.
        frames_per_second: of the frames rendered along it.
        closed: whether the last keyframe is the first one come round again.
        speed: seconds of the path that pass in a second of its frames.
    """

    still: AnyControls
    keyframes: tuple[Keyframe, ...]
    frames_per_second: float = 30.0
    closed: bool = False
    speed: float = 1.0

    def at(self, time: float) -> AnyControls:
        """What is shown at ``time``, in seconds; on a closed path, time wraps around."""
        time = self.eased(self.wrapped(time))
        values: dict[tuple[str, ...], Any] = {}
        for together, track in self._tracks:
            value = track(time)
            values |= zip((entry.parts for entry in together), value if len(together) > 1 else (value,), strict=True)
        return with_values(self.still, values)

    @cached_property
    def _tracks(self) -> list[tuple[tuple[Entry, ...], Track]]:
        """The entries that move together, with what tells their values at a time."""
        keyed = [entry for entry in entries_of(type(self.still)) if entry.facts.along == "keyed"]
        joints = {id(entry.facts.joint): entry.facts.joint for entry in keyed if entry.facts.joint is not None}
        found = [(tuple(e for e in keyed if e.facts.joint is joint), joint) for joint in joints.values()]
        tracks = [(together, self._joint(together, space)) for together, space in found]
        return tracks + [((entry,), self._single(entry)) for entry in keyed if entry.facts.joint is None]

    def _single(self, entry: Entry) -> Track:
        still = entry.of(self.still)
        return held(self, entry.name, still) if entry.space is None else moving(self, entry.name, entry.space, still)

    def _joint(self, together: tuple[Entry, ...], space: Space) -> Track:
        """Where one of the entries is keyed and another is not, that one is as at the key before."""
        last = tuple(entry.of(self.still) for entry in together)
        keys: dict[float, Any] = {}
        for keyframe in self.keyframes:
            named = [keyframe.values.get(entry.name) for entry in together]
            if any(value is not None for value in named):
                last = tuple(old if new is None else new for old, new in zip(last, named, strict=True))
                keys[keyframe.time] = last
        still = tuple(entry.of(self.still) for entry in together)
        return Curve(come_round(self, keys) or {self.start: still}, self.period, space)


def keyframe_of(controls: Controls, time: float) -> Keyframe:
    """A keyframe at ``time``, in seconds, that keys all that a path can change, and that is written."""
    keyed = [(entry, entry.of(controls)) for entry in entries_of(type(controls)) if entry.facts.along == "keyed"]
    return Keyframe(time, **{entry.name: value for entry, value in keyed if entry.facts.written(value) is not None})


def still_of(controls: AnyControls) -> AnyControls:
    """What a path through these controls has from beginning to end."""
    return copied(type(controls)(), controls, ("constant", "file"))


def led(controls: AnyControls, by: AnyControls) -> AnyControls:
    """The controls with all that a path changes as ``by`` has it."""
    return copied(controls, by, ("keyed",))


def with_keyed(controls: AnyControls, keyframe: Keyframe) -> AnyControls:
    """The controls with what a keyframe keys."""
    entries = [entry for entry in entries_of(type(controls)) if entry.facts.along == "keyed"]
    return with_values(controls, {e.parts: keyframe.values[e.name] for e in entries if e.name in keyframe.values})
