"""How a command of ours ends: bad input is one sentence and exit code 2, an interrupt is 130, never a traceback.

Only light modules are imported here: a program comes here first, so that an interrupt is clean from then on.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from types import FrameType
from typing import NoReturn

from .errors import InputError, is_out_of_memory
from .files import are_unfinished, explained
from .progress_lines import progress_lines_shown

BAD_INPUT, INTERRUPTED = 2, 130
"""Exit codes beside 0."""

_STOPPING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


def run_program(address: str) -> NoReturn:
    """Run the function at ``package.module:function``, which returns an exit code, as this process's program.

    Ctrl-C while it is imported, before there is anything to lose, ends the process at once.
    """
    _listen(_leave_at_once)
    from . import _threads  # noqa: F401 (before torch)

    module, _, function = address.partition(":")
    code = getattr(import_module(module), function)()
    _listen(_leave_at_once)  # what is left, threads and libraries that end, may take a moment
    sys.exit(code)


def run_command(command: Callable[[], object], *, as_json: bool = False, quiet: bool = False) -> int:
    """Run ``command`` and return the process's exit code.

    SIGTERM and SIGHUP are turned into KeyboardInterrupt, so that a kill or a lost terminal leaves as orderly as Ctrl-C.

    Args:
        command: what to do; it prints its results.
        as_json: print an error as ``{"error": "..."}`` on standard output, in place of a sentence on standard error.
        quiet: show no progress lines; outside of commands there are none anyway.
    """
    fail = _fail_as_json if as_json else _fail
    before = _listen(_interrupt)
    try:
        with progress_lines_shown(not quiet):
            _take_any_characters()
            command()
            if sys.stdout is not None:
                sys.stdout.flush()
    except InputError as error:
        return fail(str(error), BAD_INPUT)
    except BrokenPipeError:  # the reader of our output left, as `| head` does
        _abandon_standard_output()
        return 0
    except OSError as error:
        if error.filename is None:  # most likely of standard output
            _abandon_standard_output()
        return fail(f"{error.filename or 'a file or standard output'}: {explained(error)}", BAD_INPUT)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        return fail("out of memory; choose a smaller size, preset or number of points", BAD_INPUT)
    except KeyboardInterrupt as error:
        return fail(str(error) or "interrupted", INTERRUPTED)
    finally:
        _restore(before)
    return 0


@contextmanager
def deferred_interrupts() -> Iterator[Callable[[], bool]]:
    """Inside, Ctrl-C, SIGTERM and SIGHUP only make the yielded function return True: no step is cut in half.

    A second one interrupts at once.
    """
    received = False

    def receive(signum: int, frame: FrameType | None) -> None:
        nonlocal received
        if received:
            raise KeyboardInterrupt
        received = True

    before = _listen(receive)
    try:
        yield lambda: received
    finally:
        _restore(before)


Handler = Callable[[int, FrameType | None], object]


def _listen(handler: Handler) -> dict[int, object]:
    """Set what stops the process; returns what was set before. What is ignored, as under nohup, stays so."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    wanted = [number for number in _STOPPING if signal.getsignal(number) is not signal.SIG_IGN]
    return {number: signal.signal(number, handler) for number in wanted}


def _restore(handlers: dict[int, object]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)  # type: ignore[arg-type]


def _interrupt(signum: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt; but while a library is imported, whose half cannot be left orderly, leave at once."""
    while frame is not None and not are_unfinished():
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            _leave_at_once(signum, frame)
        frame = frame.f_back
    raise KeyboardInterrupt


def _leave_at_once(signum: int, frame: FrameType | None) -> None:
    with suppress(OSError):
        os.write(2, b"interrupted\n")
    os._exit(INTERRUPTED)


def _take_any_characters() -> None:
    """A name that standard output cannot encode is printed with escapes instead of failing after the work is done."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _abandon_standard_output() -> None:
    """Send what is left in its buffer nowhere, so that it does not fail again when the process ends."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _fail(sentence: str, code: int) -> int:
    with suppress(OSError):  # the terminal may be gone
        print(sentence if code == INTERRUPTED else f"error: {sentence}", file=sys.stderr, flush=True)
    return code


def _fail_as_json(sentence: str, code: int) -> int:
    with suppress(OSError):
        print(json.dumps({"error": sentence}), flush=True)
    return code
