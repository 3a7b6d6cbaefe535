"""The path being made: keyframes added from what is shown, moved, eased, deleted, played, saved and loaded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fieldcore.errors import InputError

from ..entries import Controls
from .easing import USUAL_EASE, Ease
from .keyframes import KeyframePath, keyframe_of, led, still_of
from .path_file import LEAST_SPEED, MOST_SPEED, write_path
from .timeline import Keyframe, with_keyframe, with_time, without_keyframe

SECONDS_BETWEEN_KEYFRAMES = 2.0


class Shape(NamedTuple):
    """All that undo takes back of a path; attributes as of ``PathEditor``."""

    keyframes: tuple[Keyframe, ...] = ()
    closed: bool = False
    loop_seconds: float = SECONDS_BETWEEN_KEYFRAMES
    frames_per_second: float = 30.0
    speed: float = 1.0


class PathEditor:
    """A path of one scene, and its playing.

    Attributes:
        keyframes: in order of time.
        closed: whether it is a loop.
        loop_seconds: how long a loop takes from the last keyframe back to the first.
        frames_per_second: of the frames rendered along it.
        speed: seconds of the path that pass in a second.
        playhead: the moment of the path that is looked at, in seconds.
        selected: the number of the keyframe that buttons are about; None where none is chosen.
        file: where it was last saved or loaded, if anywhere.
        unsaved: whether it was changed since.
        playing: whether the path leads what is shown.
    """

    def __init__(self) -> None:
        self.put_back(Shape())
        self.playhead = 0.0
        self.selected: int | None = None
        self.file: Path | None = None
        self.unsaved = False
        self.playing = False
        self._played: KeyframePath[Any] | None = None
        self._played_from = 0.0
        self._scrubbed: tuple[Any, KeyframePath[Any]] | None = None

    @property
    def shape(self) -> Shape:
        """All that undo takes back."""
        return Shape(self.keyframes, self.closed, self.loop_seconds, self.frames_per_second, self.speed)

    def put_back(self, shape: Shape) -> None:
        """Be of that shape again."""
        self.keyframes, self.closed, self.loop_seconds, self.frames_per_second, self.speed = shape
        self.selected, self.playing, self.unsaved = None, False, True

    @property
    def start(self) -> float:
        """The time of the first keyframe."""
        return self.keyframes[0].time if self.keyframes else 0.0

    @property
    def end(self) -> float:
        """When the path is over: at its last keyframe, or when a loop is back at the first."""
        last = self.keyframes[-1].time if self.keyframes else 0.0
        return last + self.loop_seconds if self.closed and len(self.keyframes) > 1 else last

    @property
    def next_time(self) -> float:
        """When the next keyframe added comes: some time after the last one."""
        return self.keyframes[-1].time + SECONDS_BETWEEN_KEYFRAMES if self.keyframes else 0.0

    def add(self, controls: Any) -> None:
        """Append what is shown as a keyframe."""
        self._change(with_keyframe(self.keyframes, keyframe_of(controls, self.next_time)))

    def insert(self, controls: Any) -> None:
        """Make what is shown a keyframe at the playhead. Raises InputError where there is one already."""
        if any(keyframe.time == self.playhead for keyframe in self.keyframes):
            raise InputError(f"there is a keyframe at {self.playhead:g} s already: move the playhead off it")
        self._change(with_keyframe(self.keyframes, keyframe_of(controls, self.playhead)), self.playhead)

    def duplicate(self, index: int) -> None:
        """Hold a keyframe: another one like it comes half way to the next, or some time after the last one."""
        keyframe, later = self.keyframes[index], self.keyframes[index + 1 : index + 2]
        time = (keyframe.time + later[0].time) / 2 if later else self.next_time
        self._change(with_keyframe(self.keyframes, keyframe.at(time)), time)

    def replace(self, index: int, controls: Any) -> None:
        """Make the keyframe show what is shown now."""
        old = self.keyframes[index]
        self._change(with_keyframe(self.keyframes, keyframe_of(controls, old.time).eased(old.ease)), old.time)

    def ease(self, index: int, ease: Ease) -> None:
        """Let time run otherwise from a keyframe to the next."""
        keyframe = self.keyframes[index].eased(ease)
        self._change(with_keyframe(self.keyframes, keyframe), keyframe.time)

    def delete(self, index: int) -> None:
        """Remove a keyframe."""
        self._change(without_keyframe(self.keyframes, index))

    def move(self, index: int, time: float) -> None:
        """Put a keyframe at another moment. Raises InputError where there is one already, or if it is no moment."""
        if not math.isfinite(time):
            raise InputError(f"a keyframe's time is a number of seconds, not {time}")
        self._change(with_time(self.keyframes, index, time), time)

    def go_at(self, speed: float) -> None:
        """Let so many seconds of the path pass in a second."""
        self.speed = min(max(speed, LEAST_SPEED), MOST_SPEED)
        self._timing_changed()

    def return_in(self, seconds: float) -> None:
        """Let a loop take so long from the last keyframe back to the first. Raises InputError for no time."""
        if not seconds > 0:
            raise InputError(f"a loop takes some time back to its start, not {seconds:g} s")
        self.loop_seconds = seconds
        self._timing_changed()

    def close_loop(self, closed: bool) -> None:
        """Let the path return to its first keyframe, or not."""
        self.closed = closed
        self._timing_changed()

    def play(self, controls: Any, now: float) -> None:
        """Let the path lead what is shown, from the playhead, or from its start where that is at the end.

        Raises:
            InputError: it has no two keyframes.
        """
        if len(self.keyframes) < 2:
            raise InputError("a path needs two keyframes to be played: add them with K")
        self._played, self.playing = self._path(controls), True
        before = self.playhead - self.start if self.start < self.playhead < self.end else 0.0
        self._played_from = now - before / self.speed

    def pause(self) -> None:
        """Let go of what is shown."""
        self.playing = False

    def moment(self, now: float) -> float:
        """Seconds into the path while it is played; an open one ends at its last keyframe, a loop begins again."""
        if not self.playing:
            return 0.0
        seconds, duration = (now - self._played_from) * self.speed, self.end - self.start
        return seconds % duration if self.closed else min(seconds, duration)

    def shown(self, controls: Any, now: float) -> Any:
        """The controls while the path is played, which ends by itself unless the path is closed."""
        assert self._played is not None
        self.playhead = self.start + self.moment(now)
        shown = self._played.at(self.playhead)
        if not self.closed and self.playhead >= self.end:
            self.pause()
        return led(controls, shown)

    def scrubbed(self, time: float, controls: Any) -> Any:
        """The controls as the path has them at a moment, in seconds, to which the playhead moves."""
        self.playhead = min(max(time, self.start), max(self.end, self.start))
        return led(controls, self._kept_path(controls).at(self.playhead)) if self.keyframes else controls

    def camera_at_playhead(self, controls: Any) -> Any:
        """The camera that the path has there, of a scene in space, which must have keyframes."""
        return self._kept_path(controls).at(self.playhead).camera

    def _kept_path(self, controls: Any) -> KeyframePath[Any]:
        """The path, made anew when it has changed."""
        known = (self.shape, still_of(controls))
        if self._scrubbed is None or self._scrubbed[0] != known:
            self._scrubbed = known, self._path(controls)
        return self._scrubbed[1]

    def save(self, file: Path, controls: Controls) -> None:
        """Write the path, with the files that the controls name.

        Raises:
            InputError: there is nothing to write, or it cannot be written.
        """
        if not self.keyframes:
            raise InputError("there are no keyframes to save: add them with K")
        write_path(file, self._path(controls))
        self.file, self.unsaved = file, False

    def made(self, controls: Controls) -> KeyframePath[Any]:
        """The path as it is now. Raises InputError if there is none."""
        if not self.keyframes:
            raise InputError("there is no path yet: add keyframes with K")
        return self._path(controls)

    def take(self, path: KeyframePath[Any], file: Path) -> None:
        """Take the keyframes of a path that was read from ``file``."""
        keyframes = path.keyframes
        if path.closed:  # the last keyframe is the first one come round again, each saying what the other leaves out
            *others, last = keyframes
            self.loop_seconds = last.time - others[-1].time
            keyframes = (others[0].filled(last), *others[1:])
        self._change(keyframes)
        self.closed, self.frames_per_second, self.speed = path.closed, path.frames_per_second, path.speed
        self.playhead, self.file, self.unsaved = self.start, file, False

    def forget(self) -> None:
        """Be empty again."""
        self.put_back(Shape())
        self.file, self.playhead, self.unsaved = None, 0.0, False

    def _change(self, keyframes: Sequence[Keyframe], selected_time: float | None = None) -> None:
        """Have other keyframes; the one at a time is the one that is dealt with now."""
        self.keyframes = tuple(keyframes)
        times = [keyframe.time for keyframe in self.keyframes]
        self.selected = times.index(selected_time) if selected_time in times else None
        self._timing_changed()

    def _timing_changed(self) -> None:
        self.unsaved = True
        self.playhead = min(max(self.playhead, self.start), self.end)
        self.pause()

    def _path(self, controls: Controls) -> KeyframePath[Any]:
        keyframes = self.keyframes
        closed = self.closed and len(keyframes) > 1
        if closed and not self.loop_seconds > 0:
            raise InputError(f"a loop takes some time back to its start, not {self.loop_seconds:g} s")
        if closed:
            keyframes = (*keyframes, keyframes[0].eased(USUAL_EASE).at(self.end))
        return KeyframePath(still_of(controls), keyframes, self.frames_per_second, closed, self.speed)
