"""What X11 is told of the panel: that it belongs to the view, so that it is raised, minimised and restored with it.

Neither GLFW nor Dear PyGui, whose window the panel is, can say so; both have done all else by then.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_REVERT_TO_PARENT, _CURRENT_TIME, _CARDINAL = 2, 0, 6
_DEEPEST = 3  # window managers put windows into frames of theirs
_Handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
_ignore = _Handler(lambda display, event: 0)


class Companion:
    """A window of this process that belongs to another one. ``companion`` finds it."""

    def __init__(self, library: Any, display: int, window: int) -> None:
        self._x11, self._display, self._window = library, ctypes.c_void_p(display), window

    def belong_to(self, owner: int) -> None:
        """Let window managers keep it over ``owner``, whatever happens to that."""
        with _errors_ignored(self._x11, self._display):
            self._x11.XSetTransientForHint(self._display, self._window, owner)

    def lift(self) -> None:
        """Lay it over all other windows."""
        with _errors_ignored(self._x11, self._display):
            self._x11.XRaiseWindow(self._display, self._window)

    def take_keyboard(self) -> None:
        """Let keys go to it."""
        with _errors_ignored(self._x11, self._display):
            self._x11.XSetInputFocus(self._display, self._window, _REVERT_TO_PARENT, _CURRENT_TIME)


def companion(display: int, title: str) -> Companion | None:
    """The window of this process of that title; None where it cannot be found."""
    library = _library()
    if library is None:
        return None
    pointer = ctypes.c_void_p(display)
    with _errors_ignored(library, pointer):
        root = library.XDefaultRootWindow(pointer)
        for window in _windows(library, pointer, root, _DEEPEST):
            if _name(library, pointer, window) == title and _process(library, pointer, window) == os.getpid():
                return Companion(library, display, window)
    return None


def _library() -> Any:
    name = ctypes.util.find_library("X11") or "libX11.so.6"
    try:
        library = ctypes.CDLL(name)
    except OSError:
        return None
    window, pointer = ctypes.c_ulong, ctypes.c_void_p
    library.XDefaultRootWindow.restype, library.XDefaultRootWindow.argtypes = window, [pointer]
    library.XSetErrorHandler.restype, library.XSetErrorHandler.argtypes = pointer, [pointer]
    library.XInternAtom.restype = ctypes.c_ulong
    library.XInternAtom.argtypes = [pointer, ctypes.c_char_p, ctypes.c_int]
    library.XSetTransientForHint.argtypes = [pointer, window, window]
    library.XRaiseWindow.argtypes = [pointer, window]
    library.XSetInputFocus.argtypes = [pointer, window, ctypes.c_int, ctypes.c_ulong]
    library.XFetchName.argtypes = [pointer, window, pointer]
    library.XQueryTree.argtypes = [pointer, window, pointer, pointer, pointer, pointer]
    library.XGetWindowProperty.argtypes = [
        pointer, window, ctypes.c_ulong, ctypes.c_long, ctypes.c_long, ctypes.c_int, ctypes.c_ulong, *[pointer] * 5,
    ]  # fmt: skip
    library.XFree.argtypes, library.XSync.argtypes = [pointer], [pointer, ctypes.c_int]
    return library


@contextmanager
def _errors_ignored(library: Any, display: ctypes.c_void_p) -> Iterator[None]:
    """Windows of others may go at any moment; without a handler Xlib ends the process then."""
    before = library.XSetErrorHandler(ctypes.cast(_ignore, ctypes.c_void_p))
    try:
        yield
        library.XSync(display, 0)
    finally:
        library.XSetErrorHandler(before)


def _windows(library: Any, display: ctypes.c_void_p, parent: int, depth: int) -> Iterator[int]:
    """All windows in another one, down to that depth."""
    root, above, count = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_uint()
    found = ctypes.POINTER(ctypes.c_ulong)()
    given = [ctypes.byref(place) for place in (root, above, found, count)]
    if not depth or not library.XQueryTree(display, parent, *given):
        return
    windows = [found[index] for index in range(count.value)]
    if windows:
        library.XFree(found)
    for window in windows:
        yield window
        yield from _windows(library, display, window, depth - 1)


def _name(library: Any, display: ctypes.c_void_p, window: int) -> str:
    name = ctypes.c_char_p()
    if not library.XFetchName(display, window, ctypes.byref(name)) or name.value is None:
        return ""
    words = name.value.decode(errors="replace")
    library.XFree(name)
    return words


def _process(library: Any, display: ctypes.c_void_p, window: int) -> int | None:
    """Which process a window says it is of."""
    kind, form, count, left = ctypes.c_ulong(), ctypes.c_int(), ctypes.c_ulong(), ctypes.c_ulong()
    value = ctypes.POINTER(ctypes.c_ulong)()
    given = [ctypes.byref(place) for place in (kind, form, count, left, value)]
    atom = library.XInternAtom(display, b"_NET_WM_PID", 0)
    if library.XGetWindowProperty(display, window, atom, 0, 1, 0, _CARDINAL, *given) or not count.value:
        return None
    process = int(value[0])
    library.XFree(value)
    return process
