"""Recording from the instrument: the controls are noted in real time, the frames made from them in their own time.

Thirty times a second, or whatever the rate is, what is shown is noted; each note is then evaluated at full quality
between the evaluations for the view, drawn, and written by a thread. The film therefore runs at the speed of life on
any machine, only it may be finished a little later. What will look otherwise then, because its field is in training, is
filmed as it is seen: its note is a picture. Too many notes waiting, because the disk or the processor is slow,
slow the taking of notes down, which is said; nothing is dropped and nothing grows without bound.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

from fieldcore.errors import InputError
from fieldcore.videos import film_file

from ..durations import in_words
from ..entries import Controls, files_of
from ..frame_size import Size
from ..layout_file import RecordingSettings
from ..path.path_file import AnyPath, write_path
from .claims import claimed
from .frame_folder import FrameFolder, new_recording_folder
from .frame_writer import FrameWriter, MadeFrame
from .log import Log
from .passes import AS_SHOWN, Pass, lit
from .running_report import State

RECORDING = "recording"
"""How the folders of recordings begin."""
PATH_NAME = "path.json"
VIDEO_NAME = "recording.mp4"
MOST_NOTES = 1800
"""Notes that may wait for their frame: a minute at 30 a second."""
PATH_EVERY_S = 1.0
"""Time between two writings of the path; longer by a second for every minute, so that long ones stay cheap."""
MOST_SEEN_BYTES = 1 << 29
"""Of pictures that may wait for the writer."""
_TIMED_FRAMES = 32
"""So many of the latest frames tell how long the others will take."""


@dataclass(frozen=True)
class RunningRecording:
    """A recording from beginning to end.

    Attributes:
        folder: of its frames, video and path.
        size: of its frames in pixels.
        log: what is noted.
        of: what its frames are: pictures, or light.
    """

    folder: Path
    size: Size
    frames_per_second: float
    log: Log
    of: Pass = AS_SHOWN


@dataclass(frozen=True)
class SeenFrame:
    """A frame that shows what the view shows now; ``Recorder.frame_seen`` is to follow.

    Attributes:
        controls: what is shown.
        size: in pixels.
    """

    controls: Any
    size: Size


@dataclass(eq=False)
class _Seen:
    """The note of such a frame, and itself once it is there."""

    made: MadeFrame | None = None


class Recorder:
    """One recording at a time.

    Args:
        settings: of the first recording.
        clock: seconds of a clock that never goes back, by which frames are timed.

    Attributes:
        settings: of the next recording.
        running: the recording under way, else None.
        noting: whether what is shown is being recorded; after that, frames may still be made and written.
        slowed: whether notes wait for the disk or the processor.
    """

    def __init__(self, settings: RecordingSettings, clock: Callable[[], float] = time.perf_counter) -> None:
        self.settings, self._clock = settings, clock
        self.running: RunningRecording | None = None
        self.noting = self.slowed = False
        self._writer: FrameWriter | None = None
        self._notes: deque[Any] = deque()
        self._unseen: list[_Seen] = []
        self._last_seen: MadeFrame | None = None
        self._keyframes: list[Any] = []
        self._in_the_making = False
        self._made: MadeFrame | None = None
        self._started_at = self._path_due = 0.0
        self._path_file: _PathFile | None = None
        self._claim = ExitStack()
        self._made_at: deque[float] = deque(maxlen=_TIMED_FRAMES)
        self._unwanted = False
        self._finishing = False
        self._outcome: State = "complete"

    @property
    def frames_noted(self) -> int:
        """Frames that the recording has, written or not."""
        return len(self._keyframes)

    @property
    def frames_written(self) -> int:
        """Frames that are on the disk."""
        return self._writer.written if self._writer else 0

    @property
    def seconds_left(self) -> float | None:
        """How long the frames that are not on the disk yet will take, as the latest did; None while that is unknown."""
        if len(self._made_at) < 2:
            return None
        each = (self._made_at[-1] - self._made_at[0]) / (len(self._made_at) - 1)
        return each * (self.frames_noted - self.frames_written)

    @property
    def words(self) -> str:
        """How far the recording under way is."""
        frames = f"{self.frames_written} of {self.frames_noted} frames"
        if self.noting:
            seconds = self.frames_noted / self.settings.frames_per_second
            slowed = ", slowed down: waiting for frames to be written" if self.slowed else ""
            return f"recording {seconds:.1f} s, {frames} written{slowed}"
        left = "" if self.seconds_left is None else f", about {in_words(self.seconds_left)} left"
        return f"writing the recording: {frames}{left}"

    def start(self, controls: Controls, shown_px: Size, origin: dict[str, Any], now: float) -> RunningRecording:
        """Begin a recording of what is shown.

        Args:
            controls: what is shown, with the files that the recording's path is to name.
            shown_px: size of the view, for recordings of that size.
            origin: what the report says of all frames.
            now: seconds of any clock that ``note`` goes on with.

        Raises:
            InputError: the folder cannot be written, or the view has no size.
        """
        settings = self.settings
        size = settings.size_px or shown_px
        if 0 in size:
            raise InputError("there is nothing to record while the view is minimised: open it, or choose a size")
        folder = new_recording_folder(Path(settings.folder), RECORDING)
        self._claim.enter_context(claimed(folder, [folder], []))
        of = lit(AS_SHOWN) if settings.exr else AS_SHOWN
        frames = FrameFolder(folder, origin, content=of.content) if settings.png or settings.exr else None
        video = film_file(folder / VIDEO_NAME, size, settings.frames_per_second) if settings.video else None
        self.running, self._outcome = (
            RunningRecording(folder, size, settings.frames_per_second, Log(controls), of),
            "complete",
        )
        self._writer, self._started_at = FrameWriter(frames, video), now
        self._path_file, self._path_due = _PathFile(folder / PATH_NAME), now
        self._notes, self._keyframes, self._made, self._in_the_making = deque(), [], None, False
        self._unseen, self._last_seen = [], None
        self._made_at.clear()
        self.noting, self._unwanted = True, False
        return self.running

    def fits(self, controls: Any) -> bool:
        """Whether the recording can go on with what is shown."""
        return self.running is not None and self.running.log.fits(controls)

    def uses(self, file: str) -> bool:
        """Whether frames are still to be made from that field or model."""
        return self.running is not None and file in files_of(self.running.log.controls)

    def learn_truth(self, kind: type[Controls], field: Path, truth: str) -> None:
        """Take note of what a field was trained on, which was not known when the recording of it began."""
        if self.running is not None and isinstance(self.running.log.controls, kind) and self.uses(str(field)):
            self.running.log.learn("truth", truth)

    def note(self, controls: Any, now: float, as_seen: bool = False) -> SeenFrame | None:
        """Note what is shown, which must fit, as often as the frame rate asks for.

        Args:
            controls: what is shown.
            now: seconds.
            as_seen: whether it cannot be made again later: then the picture that is seen now is asked for.
        """
        if not self.noting or self.running is None:
            return None
        rate = self.running.frames_per_second
        self.slowed = self._too_many_wait
        while self.frames_noted <= (now - self._started_at) * rate:
            if self.slowed:  # time stands still for the recording
                self._started_at = now - (self.frames_noted - 1) / rate
                break
            self._keyframes.append(self.running.log.keyframe(controls, self.frames_noted / rate))
            noted = self.running.log.noted(controls)
            if as_seen:
                noted = _Seen()
                self._unseen.append(noted)
            self._notes.append(noted)
            self.slowed = self._too_many_wait
        self._keep_path(now)
        return SeenFrame(controls, self.running.size) if self._unseen else None

    def frame_seen(
        self,
        pixels: UInt8[np.ndarray, "h w 3"],
        description: dict[str, Any],
        light: Float[np.ndarray, "h w 3"] | None = None,
    ) -> None:
        """Hand in what is seen, for all notes that wait for that; of a recording of light, that too."""
        last = self._last_seen
        if last is not None and np.array_equal(pixels, last.pixels):  # the same picture costs nothing again
            pixels, light = last.pixels, last.light
        made = MadeFrame(pixels, {**description, "seen": True}, light)
        for note in self._unseen:
            note.made = made
        self._unseen, self._last_seen = [], made

    @property
    def _too_many_wait(self) -> bool:
        pictures = {id(note.made.pixels): note.made.nbytes for note in self._notes if _is_seen(note)}
        return len(self._notes) >= MOST_NOTES or sum(pictures.values()) >= MOST_SEEN_BYTES

    def stop(self) -> None:
        """Note no more; the frames that wait are still made.

        Raises:
            InputError: the path, which is written at once, cannot be.
        """
        if self.noting:
            self.noting = self.slowed = False
            self._write_path()

    def next_frame(self) -> Any:
        """What the next frame shows, None where none is to be made now; ``frame_made`` is to follow."""
        if self._in_the_making or self._made is not None or not self._notes or isinstance(self._notes[0], _Seen):
            return None
        self._in_the_making = True
        return self._notes.popleft()

    def frame_made(
        self,
        pixels: UInt8[np.ndarray, "h w 3"],
        description: dict[str, Any],
        light: Float[np.ndarray, "h w 3"] | None = None,
    ) -> None:
        """Hand in a frame, which is kept until the writer has room for it; one that nobody waits for is ignored."""
        if self._in_the_making:
            self._made, self._in_the_making = MadeFrame(pixels, description, light), False
            self._made_at.append(self._clock())

    def advance(self) -> RunningRecording | None:
        """Hand a frame on to the writer, if there is one; returns the recording when all of it is on the disk, or gone.

        Raises:
            InputError: writing failed; the recording is over, and the frames so far are complete.
        """
        if self.running is None or self._writer is None:
            return None
        try:
            while (made := self._to_write()) is not None and self._writer.offer(made):
                self._made = None
        except InputError:
            self._shorten_path()
            self._end()
            raise
        if not (self.noting or self._notes or self._made or self._in_the_making) and not self._finishing:
            self._finishing = True
            self._writer.finish(self._outcome)
        if not self._finishing or not self._writer.finished:
            return None
        take, error = self.running, self._writer.error
        if error is not None or self._outcome == "interrupted":
            self._shorten_path()
        if self._unwanted:
            _remove(take.folder)
        self._end()
        if error is not None:
            raise InputError(str(error)) from error
        return take

    def _to_write(self) -> MadeFrame | None:
        """The next frame for the writer: one that was made, else one that was seen."""
        if self._made is None and not self._in_the_making and self._notes and _is_seen(self._notes[0]):
            self._made = self._notes.popleft().made
            self._made_at.append(self._clock())
        return self._made

    def discard(self) -> None:
        """Make no more frames, and remove those that are there."""
        self.give_up()
        self._unwanted = True

    def give_up(self) -> None:
        """Make no more frames, because one could not be made or nobody waits; those handed in are still written."""
        self.noting = self.slowed = self._in_the_making = False
        self._notes, self._unseen, self._outcome = deque(), [], "interrupted"

    def abandon(self, timeout: float = 20.0) -> int:
        """Leave now: what is written stays, the path shortened to it; returns the frames kept."""
        if self.running is None or self._writer is None:
            return 0
        if not self._finishing:
            self._writer.finish("interrupted")
        self._writer.join(timeout)
        written = self._writer.written
        self._shorten_path()
        self._end()
        return written

    def _shorten_path(self) -> None:
        """Let the path end with the last frame that is on the disk, if the disk takes it; without any it goes."""
        assert self._path_file is not None
        self._keyframes = self._keyframes[: self.frames_written]
        with suppress(InputError):
            if self._keyframes:
                self._write_path()
            else:
                self._path_file.remove()

    def _end(self) -> None:
        self._claim.close()
        self.running, self._writer, self._path_file = None, None, None
        self.noting = self.slowed = self._finishing = self._in_the_making = False
        self._notes, self._made = deque(), None
        self._unseen, self._last_seen = [], None

    def _keep_path(self, now: float) -> None:
        """Have the path so far written behind the frames, if that is due: whatever happens, little of it is lost."""
        assert self.running is not None and self._writer is not None and self._path_file is not None
        if now >= self._path_due:
            self._path_due = now + PATH_EVERY_S * (1 + len(self._keyframes) / MOST_NOTES)
            self._writer.do(self._path_file.writing(self._path))

    def _write_path(self) -> None:
        assert self._path_file is not None
        self._path_file.writing(self._path)()

    @property
    def _path(self) -> AnyPath:
        """Through all that was noted."""
        assert self.running is not None
        return self.running.log.path(self._keyframes, self.running.frames_per_second)


class _PathFile:
    """A path's file that several threads write, of which the latest path remains."""

    def __init__(self, file: Path) -> None:
        self._file, self._lock = file, threading.Lock()
        self._latest: AnyPath | None = None

    def writing(self, path: AnyPath) -> Callable[[], None]:
        """What writes it, whole or not at all, unless a later one has been given meanwhile; it may raise InputError."""
        self._latest = path
        return partial(self._write, path)

    def remove(self) -> None:
        """There is no path."""
        self._latest = None
        with self._lock, suppress(OSError):
            self._file.unlink(missing_ok=True)

    def _write(self, path: AnyPath) -> None:
        with self._lock:
            if path is self._latest:
                write_path(self._file, path)


def _is_seen(note: Any) -> bool:
    return isinstance(note, _Seen) and note.made is not None


def _remove(folder: Path) -> None:
    """Remove a recording's files; the folder goes with the claim on it, if nothing else is in it."""
    FrameFolder(folder, {}).clear()
    for name in (PATH_NAME, VIDEO_NAME):
        (folder / name).unlink(missing_ok=True)
