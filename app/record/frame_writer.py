"""Writing frames in the background, so that what makes them never waits for a disk or an encoder."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

from fieldcore.errors import InputError
from fieldcore.files import explained

from .frame_folder import FrameFolder
from .running_report import State

_Pixels = UInt8[np.ndarray, "h w 3"]
_Append = Callable[[_Pixels], None]


@dataclass(frozen=True, eq=False)
class MadeFrame:
    """A frame to be written.

    Attributes:
        pixels: display-encoded, top row first; kept, not copied, so they must not change any more.
        description: plain JSON values for the report.
        light: what its file holds, where that is linear light; a video still shows the pixels.
    """

    pixels: UInt8[np.ndarray, "h w 3"]
    description: dict[str, Any]
    light: Float[np.ndarray, "h w 3"] | None = None

    @property
    def nbytes(self) -> int:
        """That it holds in memory."""
        return self.pixels.nbytes + (0 if self.light is None else self.light.nbytes)


class FrameWriter:
    """A thread that writes the frames it is offered, in order, as files, into a video or both.

    All methods are for one thread, and none but ``join`` waits. A frame that was accepted is written, unless writing
    fails: then the files so far remain, the report says ``interrupted``, there is no video, and ``error`` says
    why. A writer that was offered nothing leaves no file.

    Args:
        frames: the folder for files and the report; None for none.
        video: a ``film_file``, not yet entered; None for none.
        most_waiting: frames held in memory at once, including the one that is being written.

    Attributes:
        written: frames that are safely in the folder and have been handed to the video's encoder.
        error: why writing failed, or None.
    """

    def __init__(
        self, frames: FrameFolder | None, video: AbstractContextManager[_Append] | None = None, most_waiting: int = 4
    ) -> None:
        self.written = 0
        self.error: InputError | None = None
        self._frames, self._video, self._most_waiting = frames, video, most_waiting
        self._accepted = 0
        self._finishing = False
        self._queue: SimpleQueue[MadeFrame | Callable[[], None] | State] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="frame writer", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Frames that were accepted and are not written yet."""
        return self._accepted - self.written

    @property
    def finished(self) -> bool:
        """Whether all is written and complete, or failed."""
        return not self._thread.is_alive()

    def offer(self, frame: MadeFrame) -> bool:
        """Accept the next frame, or return False if too many are waiting: then offer it again later.

        Raises:
            InputError: writing failed.
        """
        if self.error is not None:
            raise InputError(str(self.error)) from self.error
        if self._finishing:
            raise RuntimeError("a frame was offered after finish()")
        if self.waiting >= self._most_waiting:
            return False
        self._accepted += 1
        self._queue.put(frame)
        return True

    def do(self, work: Callable[[], None]) -> None:
        """Do something else that waits for the disk, after the frames that wait; what it raises ends the writing."""
        self._queue.put(work)

    def finish(self, state: State) -> None:
        """Ask for the frames that wait to be written, the video completed and ``state`` reported."""
        self._finishing = True
        self._queue.put(state)

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end that ``finish`` asked for, at most ``timeout`` seconds; return whether it has come."""
        self._thread.join(timeout)
        return self.finished

    def _run(self) -> None:
        try:
            state = self._write_all()
            if self._frames:
                self._frames.finish(state)
        except Exception as error:  # a thread that dies silently would leave its user offering for ever
            with suppress(Exception):  # the report too may find no room; the last one written stays valid
                if self._frames:
                    self._frames.finish("interrupted")
            self.error = _as_input_error(error)  # last: who sees it finds the folder as it stays

    def _write_all(self) -> State:
        with ExitStack() as stack:
            append: _Append | None = None
            while not isinstance(item := self._queue.get(), str):
                if callable(item):
                    item()
                    continue
                if self._video is not None and append is None:
                    append = stack.enter_context(self._video)
                if self._frames is not None:
                    self._frames.add(item.pixels if item.light is None else item.light, item.description)
                if append is not None:
                    append(item.pixels)
                self.written += 1
        return item


def _as_input_error(error: Exception) -> InputError:
    if isinstance(error, InputError):
        return error
    reason = explained(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
    sentence = InputError(f"the frames cannot be written: {reason}")
    sentence.__cause__ = error
    return sentence
