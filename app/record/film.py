"""Rendering the path from the window: a process of its own does it, and the window only listens.

So nothing that is drawn waits for it, and what is wrong with it hurts nobody. When the window ends, it ends too, and
its frames are kept.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Literal

from ..durations import in_words
from .film_settings import FilmSettings

FilmState = Literal["idle", "running", "stopping"]

PATH_NAME = "path.json"
_TIMED_FRAMES = 32
"""So many of the latest frames tell how long the others will take."""
_PACKAGES = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-m", "app.record.render_process")
MORE = ("--json", "--quiet")


@dataclass(frozen=True)
class FilmEnd:
    """How a render ended.

    Attributes:
        error: why it is not complete, in a sentence; empty where it is.
        stopped: whether somebody wanted it to end.
    """

    error: str = ""
    stopped: bool = False


class Film:
    """One render at a time.

    Args:
        settings: of the next one.
        wake: called from another thread when there is news.
        clock: seconds of a clock that never goes back.

    Attributes:
        settings: of the next one.
        state: ``running`` or ``stopping`` while one is under way.
        folder: of the latest one.
        video: the latest film, where there is one.
        made, total: frames that are there, and that are to be there; 0 of 0 while that is not known.
        resumable: whether the latest one can be gone on with.
    """

    def __init__(
        self, settings: FilmSettings, wake: Callable[[], None], clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.settings, self._wake, self._clock = settings, wake, clock
        self.state: FilmState = "idle"
        self.folder: Path | None = None
        self.video: Path | None = None
        self.made = self.total = 0
        self.resumable = False
        self._words: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None
        self._news: SimpleQueue[Any] = SimpleQueue()
        self._made_at: deque[tuple[int, float]] = deque(maxlen=_TIMED_FRAMES)

    # What is so

    @property
    def under_way(self) -> bool:
        """Whether a render is under way."""
        return self.state != "idle"

    @property
    def share_done(self) -> float:
        """From 0 to 1."""
        return self.made / self.total if self.total else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long the frames will take that are not there yet, as the latest did; None while that is unknown."""
        if len(self._made_at) < 2:
            return None
        (first, since), (last, until) = self._made_at[0], self._made_at[-1]
        return (until - since) / (last - first) * (self.total - self.made)

    @property
    def words(self) -> str:
        """How far it is; empty where none is under way."""
        if not self.under_way:
            return ""
        if not self.total:
            return "rendering the path: opening what it shows"
        left = "" if self.seconds_left is None else f", about {in_words(self.seconds_left)} left"
        what = "stopping after this frame" if self.state == "stopping" else "rendering the path"
        return f"{what}: {self.made} of {self.total} frames{'' if self.state == 'stopping' else left}"

    # What can be done

    def begin(self, path: Path, words: Sequence[str]) -> None:
        """Render a path.

        Args:
            path: its file, in a folder that only this render writes into.
            words: further options of the command line.
        """
        self.folder = path.parent
        self._start(["--render-path", str(path), *words])

    def go_on(self) -> None:
        """Go on with the latest render, which was cut short."""
        self._start([*(word for word in self._words if word != "--continue"), "--continue"])

    def stop(self) -> None:
        """Let it end after the frame that is being made; asked again, at once."""
        if self._process is not None:
            with suppress(OSError):
                (self._process.kill if self.state == "stopping" else self._process.terminate)()
            self.state = "stopping"

    def advance(self) -> FilmEnd | None:
        """Take the news; returns how it ended, when it did."""
        end = None
        while not self._news.empty():
            news = self._news.get()
            if isinstance(news, FilmEnd):
                end = self._ended(news)
            else:
                self.made, self.total = news
                self._made_at.append((self.made, self._clock()))
        return end

    def close(self, timeout: float = 20.0) -> int:
        """End it, because the window ends; returns how many frames are kept of an unfinished one."""
        if self._process is None:
            return 0
        self.stop()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout)
        if self._process.poll() is None:
            self._process.kill()
        if self._listener is not None:
            self._listener.join(timeout)  # it has the last news
        self.advance()
        return self.made

    def _start(self, words: list[str]) -> None:
        self._words, self.state, self.resumable = words, "running", False
        self.made = self.total = 0
        self._made_at.clear()
        places = os.pathsep.join(filter(None, [str(_PACKAGES), os.environ.get("PYTHONPATH", "")]))
        self._process = subprocess.Popen(
            [*PROGRAM, *words, *MORE],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
            errors="replace", start_new_session=True, env={**os.environ, "PYTHONPATH": places},
        )  # fmt: skip
        self._listener = threading.Thread(target=self._listen, args=(self._process,), name="film", daemon=True)
        self._listener.start()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None and process.stderr is not None
        last: dict[str, Any] = {}
        for line in process.stdout:
            with suppress(ValueError):
                last = json.loads(line)
                if "made" in last:
                    self._news.put((last["made"], last["total"]))
                    self._wake()
        complaint = process.stderr.read().strip().splitlines()
        process.wait()
        silent = complaint[-1] if complaint else f"the process ended with code {process.returncode}"
        error = last.get("error", silent) if process.returncode else ""
        self._news.put(FilmEnd(error))
        self._wake()

    def _ended(self, end: FilmEnd) -> FilmEnd:
        stopped = self.state == "stopping"
        self.state, self._process = "idle", None
        films = [Path(word) for word in _after("--video", self._words)]
        self.video = next(filter(Path.exists, films), self.video)
        if 0 < self.made == self.total and all(map(Path.exists, films)):
            return FilmEnd()  # it was complete before it could be stopped
        self.resumable = bool(end.error) and 0 < self.made < self.total and "--out" in self._words
        return FilmEnd(end.error, stopped)


def _after(flag: str, words: Sequence[str]) -> list[str]:
    """What stands after a flag."""
    return [word for before, word in pairwise(words) if before == flag]
