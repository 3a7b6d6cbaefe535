"""The path being made: keyframes added from what is shown, moved, deleted, played, saved and loaded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fieldcore.errors import InputError

from ..entries import Controls
from .keyframes import KeyframePath, keyframe_of, led, still_of
from .path_file import write_path
from .timeline import Keyframe, with_keyframe, with_time, without_keyframe

SECONDS_BETWEEN_KEYFRAMES = 2.0


class PathEditor:
    """A path of one scene, and its playing.

    Attributes:
        keyframes: in order of time.
        closed: whether it is a loop.
        loop_seconds: how long a loop takes from the last keyframe back to the first.
        frames_per_second: of the frames rendered along it.
        file: where it was last saved or loaded, if anywhere.
        unsaved: whether it was changed since.
        playing: whether the path leads what is shown.
    """

    def __init__(self) -> None:
        self.keyframes: tuple[Keyframe, ...] = ()
        self.closed = False
        self.loop_seconds = SECONDS_BETWEEN_KEYFRAMES
        self.frames_per_second = 30.0
        self.file: Path | None = None
        self.unsaved = False
        self.playing = False
        self._played: KeyframePath[Any] | None = None
        self._played_from = 0.0

    @property
    def next_time(self) -> float:
        """When the next keyframe added comes: some time after the last one."""
        return self.keyframes[-1].time + SECONDS_BETWEEN_KEYFRAMES if self.keyframes else 0.0

    def add(self, controls: Any) -> None:
        """Append what is shown as a keyframe."""
        self._change(with_keyframe(self.keyframes, keyframe_of(controls, self.next_time)))

    def replace(self, index: int, controls: Any) -> None:
        """Make the keyframe show what is shown now."""
        self._change(with_keyframe(self.keyframes, keyframe_of(controls, self.keyframes[index].time)))

    def delete(self, index: int) -> None:
        """Remove a keyframe."""
        self._change(without_keyframe(self.keyframes, index))

    def move(self, index: int, time: float) -> None:
        """Put a keyframe at another moment. Raises InputError where there is one already, or if it is no moment."""
        if not math.isfinite(time):
            raise InputError(f"a keyframe's time is a number of seconds, not {time}")
        self._change(with_time(self.keyframes, index, time))

    def close_loop(self, closed: bool) -> None:
        """Let the path return to its first keyframe, or not."""
        self.closed = closed
        self.pause()
        self.unsaved = bool(self.keyframes)

    def play(self, controls: Any, now: float) -> None:
        """Let the path lead what is shown, from its start. Raises InputError if it has no two keyframes."""
        if len(self.keyframes) < 2:
            raise InputError("a path needs two keyframes to be played: add them with K")
        self._played, self._played_from, self.playing = self._path(controls), now, True

    def pause(self) -> None:
        """Let go of what is shown."""
        self.playing = False

    def moment(self, now: float) -> float:
        """Seconds into the path while it is played; an open one ends at its last keyframe, a loop begins again."""
        if not self.playing:
            return 0.0
        seconds, duration = now - self._played_from, self.keyframes[-1].time - self.keyframes[0].time
        return seconds % (duration + self.loop_seconds) if self.closed else min(seconds, duration)

    def shown(self, controls: Any, now: float) -> Any:
        """The controls while the path is played, which ends by itself unless the path is closed."""
        assert self._played is not None
        shown = self._played.at(self.keyframes[0].time + self.moment(now))
        if not self.closed and self.moment(now) >= self.keyframes[-1].time - self.keyframes[0].time:
            self.pause()
        return led(controls, shown)

    def save(self, file: Path, controls: Controls) -> None:
        """Write the path, with the files that the controls name.

        Raises:
            InputError: there is nothing to write, or it cannot be written.
        """
        if not self.keyframes:
            raise InputError("there are no keyframes to save: add them with K")
        self.write(file, controls)
        self.file, self.unsaved = file, False

    def write(self, file: Path, controls: Controls) -> None:
        """Write the path to be rendered, which does not save it. Raises InputError as above."""
        write_path(file, self._path(controls))

    def take(self, path: KeyframePath[Any], file: Path) -> None:
        """Take the keyframes of a path that was read from ``file``."""
        keyframes = path.keyframes
        if path.closed:  # the last keyframe is the first one come round again, each saying what the other leaves out
            *others, last = keyframes
            self.loop_seconds = last.time - others[-1].time
            keyframes = (others[0].filled(last), *others[1:])
        self._change(keyframes)
        self.closed, self.frames_per_second = path.closed, path.frames_per_second
        self.file, self.unsaved = file, False

    def forget(self) -> None:
        """Be empty again."""
        self._change(())
        self.file, self.unsaved, self.closed = None, False, False

    def _change(self, keyframes: Sequence[Keyframe]) -> None:
        self.keyframes, self.unsaved = tuple(keyframes), True
        self.pause()

    def _path(self, controls: Controls) -> KeyframePath[Any]:
        keyframes = self.keyframes
        closed = self.closed and len(keyframes) > 1
        if closed and not self.loop_seconds > 0:
            raise InputError(f"a loop takes some time back to its start, not {self.loop_seconds:g} s")
        if closed:
            keyframes = (*keyframes, keyframes[0].at(keyframes[-1].time + self.loop_seconds))
        return KeyframePath(still_of(controls), keyframes, self.frames_per_second, closed)
