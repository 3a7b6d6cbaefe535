"""How a command of ours ends: bad input is one sentence and exit code 2, an interrupt is 130, never a traceback."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from .errors import InputError
from .files import explained


def run_command(command: Callable[[], None]) -> int:
    """Run ``command`` and return the process's exit code.

    SIGTERM is turned into KeyboardInterrupt, so that a kill leaves as orderly as Ctrl-C.
    """
    signal.signal(signal.SIGTERM, _raise_interrupt)
    try:
        command()
    except InputError as error:
        return _fail(f"error: {error}", 2)
    except BrokenPipeError:  # the reader of our output left, as `| head` does
        sys.stderr.close()
        return 0
    except OSError as error:
        return _fail(f"error: {error.filename or 'a file'}: {explained(error)}", 2)
    except MemoryError:
        return _fail("error: out of memory; choose a smaller size, preset or number of points", 2)
    except KeyboardInterrupt as error:
        return _fail(str(error) or "interrupted", 130)
    return 0


@contextmanager
def deferred_interrupts() -> Iterator[Callable[[], bool]]:
    """Inside, Ctrl-C and SIGTERM only make the yielded function return True, so a step is never cut in half.

    A second Ctrl-C interrupts at once.
    """
    received = False

    def receive(signum: int, frame: FrameType | None) -> None:
        nonlocal received
        if received:
            raise KeyboardInterrupt
        received = True

    previous = {number: signal.signal(number, receive) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: received
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _raise_interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _fail(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code
