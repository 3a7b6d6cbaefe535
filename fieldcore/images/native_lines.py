"""Keeping what libraries in C++ print away from people: a fault is told once, in our words."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

_ONE_AT_A_TIME = threading.RLock()
_THEIRS = re.compile(rb"EXR_ERR|^(_?TIFF|Fax|OJPEG|JPEG|LogL|Thunder|NeXT|PixarLog)\w*: ")
"""Lines of OpenEXR and libtiff; others come from another thread, and are passed on."""


@contextmanager
def without_native_lines() -> Iterator[None]:
    """Drop what OpenEXR and libtiff write to standard error and output; what others write goes on to be seen.

    Their handlers of errors write to the descriptor, OpenEXR's wrapper to ``sys.stdout``; neither can be told not to.
    """
    with _ONE_AT_A_TIME, _this_thread_silent(), _descriptor_filtered():
        yield


class _OtherThreads:
    """A stream as all threads but one see it; what that one writes is dropped."""

    def __init__(self, stream: Any) -> None:
        self._stream, self._silent = stream, threading.get_ident()

    def write(self, text: str) -> int:
        return len(text) if threading.get_ident() == self._silent else int(self._stream.write(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _this_thread_silent() -> Iterator[None]:
    stream = sys.stdout
    if stream is None:
        yield
        return
    replaced: Any = _OtherThreads(stream)
    sys.stdout = replaced
    try:
        yield
    finally:
        if sys.stdout is replaced:
            sys.stdout = stream


@contextmanager
def _descriptor_filtered() -> Iterator[None]:
    try:
        kept = os.dup(2)
    except OSError:  # a program without standard error
        yield
        return
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            caught.seek(0)
            for line in caught:
                if _THEIRS.search(line) is None:
                    with suppress(OSError):
                        os.write(2, line)
