"""Work that takes long and that nothing waits for: opening, judging, closing a training, in one thread, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

Done = Callable[[Any], None]
Failed = Callable[[Exception], None]


class Background:
    """A thread for such work, whose results are taken in the thread that calls ``deliver``.

    Args:
        wake: called when a result is there.

    Attributes:
        pending: how much is not done or not delivered yet.
        closed: whether the end has come, which waits for what is being done.
    """

    def __init__(self, wake: Callable[[], None] = lambda: None) -> None:
        self._wake = wake
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="background")
        self._finished: deque[tuple[Future[Any], Done, Failed]] = deque()
        self.closed = False
        self.pending = 0

    @property
    def hurried(self) -> bool:
        """Whether other work waits, or the end: what is done now should be given up if it can be done again."""
        return self.closed or self.pending > 1

    def submit(self, work: Callable[[], Any], done: Done, failed: Failed) -> None:
        """Do ``work`` when all that was submitted before is done; its result or exception goes to one of the two."""
        if self.closed:
            return
        self.pending += 1
        future = self._executor.submit(work)

        def note(future: Future[Any]) -> None:
            self._finished.append((future, done, failed))
            self._wake()

        future.add_done_callback(note)

    def deliver(self) -> None:
        """Hand over the results that are there."""
        while self._finished:
            future, done, failed = self._finished.popleft()
            self.pending -= 1
            if future.cancelled():
                continue
            error = future.exception()
            if error is None:
                done(future.result())
            elif isinstance(error, Exception):
                failed(error)
            else:
                raise error

    def close(self) -> None:
        """Wait for the work under way; what has not begun is dropped."""
        self.closed = True
        self._executor.shutdown(wait=True, cancel_futures=True)
