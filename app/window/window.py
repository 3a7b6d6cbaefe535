"""The view's window: GLFW, its OpenGL context, and input as plain events. The only place that knows GLFW."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import glfw
import moderngl
import numpy as np
from jaxtyping import UInt8

from fieldcore.errors import InputError

from ..frame_size import Size
from ..gl.image_overlays import program
from ..gl.owner import Sized, Target
from ..layout_file import Placement, Side
from .placing import view_place

Position = tuple[float, float]
"""In framebuffer pixels from the top left corner."""


@dataclass(frozen=True)
class KeyPressed:
    """A key, by the letter or name on it, as ``G``, ``0``, ``Tab``, ``Shift``; ``Ctrl+S``, ``Alt+1`` with those held.

    ``repeated`` says that it went down before and is held.
    """

    name: str
    repeated: bool = False


@dataclass(frozen=True)
class KeyReleased:
    """A key came up, by the letter or name on it alone."""

    name: str


@dataclass(frozen=True)
class FocusLost:
    """Keys go to another window: what is held here will come up unseen."""


@dataclass(frozen=True)
class Scrolled:
    """The wheel, by so many notches (up is positive), with the cursor at ``position``."""

    notches: float
    position: Position


@dataclass(frozen=True)
class Pressed:
    """A button went down: the left one, or else one of the others."""

    position: Position
    left: bool = True


@dataclass(frozen=True)
class Released:
    """A button came up."""

    position: Position
    left: bool = True


@dataclass(frozen=True)
class Moved:
    """The cursor moved."""

    position: Position


@dataclass(frozen=True)
class Dropped:
    """Files were dropped on the window."""

    files: tuple[Path, ...]


@dataclass(frozen=True)
class Uncovered:
    """The desktop has lost what was drawn: the window was minimised, or another one lay over it."""


@dataclass(frozen=True)
class CloseAsked:
    """A person wants the window to close; it stays until the program ends."""


Event = KeyPressed | KeyReleased | FocusLost | Scrolled | Pressed | Released | Moved | Dropped | Uncovered | CloseAsked

_NAMED_KEYS = {
    glfw.KEY_TAB: "Tab",
    glfw.KEY_ESCAPE: "Escape",
    glfw.KEY_ENTER: "Enter",
    glfw.KEY_KP_ENTER: "Enter",
    glfw.KEY_SPACE: "Space",
    glfw.KEY_DELETE: "Delete",
    glfw.KEY_BACKSPACE: "Backspace",
    glfw.KEY_LEFT: "Left",
    glfw.KEY_RIGHT: "Right",
    glfw.KEY_UP: "Up",
    glfw.KEY_DOWN: "Down",
    glfw.KEY_KP_ADD: "+",
    glfw.KEY_EQUAL: "+",  # without Shift, on many layouts
    glfw.KEY_KP_SUBTRACT: "-",
    glfw.KEY_LEFT_SHIFT: "Shift",
    glfw.KEY_RIGHT_SHIFT: "Shift",
    glfw.KEY_LEFT_CONTROL: "Ctrl",
    glfw.KEY_RIGHT_CONTROL: "Ctrl",
    glfw.KEY_LEFT_ALT: "Alt",
    glfw.KEY_BACKSPACE: "Backspace",
    glfw.KEY_F1: "?",
    **{getattr(glfw, f"KEY_KP_{digit}"): str(digit) for digit in range(10)},
}


class Screen:
    """The window's framebuffer at its present size, which moderngl's own object for it does not follow."""

    def __init__(self, screen: moderngl.Framebuffer, size: Size) -> None:
        self._screen, self.size = screen, size

    viewport = property(lambda self: self._screen.viewport, lambda self, box: setattr(self._screen, "viewport", box))
    scissor = property(lambda self: self._screen.scissor, lambda self, box: setattr(self._screen, "scissor", box))

    def use(self) -> None:
        """Let drawing go here."""
        self._screen.use()

    def clear(self, red: float, green: float, blue: float, alpha: float) -> None:
        """Fill what the viewport covers."""
        self._screen.clear(red, green, blue, alpha, viewport=self._screen.viewport)


class Window:
    """A window with an OpenGL 3.3 context.

    Attributes:
        context: its OpenGL context; current after ``make_current``.
        renderer: the driver's own name, ``GL_RENDERER``.
        inset_px: of its width, what the panel lies over; nothing is drawn there.
        inset_side: on which side that is.
    """

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self.inset_px = 0
        self.inset_side: Side = "right"
        self._beside: list[tuple[Sized[Target], moderngl.Program, moderngl.VertexArray]] = []
        self._events: list[Event] = []
        self._cursor: Position = (0.0, 0.0)
        self._down: dict[int, str] = {}
        self._is_held = False
        glfw.make_context_current(handle)
        glfw.swap_interval(0)  # the loop paces itself: two windows that both wait for the display halve its rate
        self.context = moderngl.create_context(require=330)
        self.renderer = str(self.context.info["GL_RENDERER"])
        self._listen()

    @property
    def framebuffer_px(self) -> Size:
        """Size of its framebuffer but for the inset; (0, 0) while it is minimised."""
        width, height = glfw.get_framebuffer_size(self._handle)
        return max(0, width - self.inset_px), height

    @property
    def pixel_ratio(self) -> float:
        """Framebuffer pixels that a point of text should cover, relative to an ordinary display."""
        return max(1.0, glfw.get_window_content_scale(self._handle)[0])

    @property
    def placement(self) -> Placement:
        """Where it is on the desktop."""
        return (*glfw.get_window_pos(self._handle), *glfw.get_window_size(self._handle))

    @property
    def areas(self) -> list[Placement]:
        """The parts of the monitors that are free for windows, the main monitor's first."""
        return _areas()

    @property
    def x11(self) -> tuple[int, int] | None:
        """X11's display and its own number there; None where it is a window of another system."""
        try:
            display, window = glfw.get_x11_display(), glfw.get_x11_window(self._handle)
        except (AttributeError, glfw.GLFWError):
            return None
        return (display, window) if display and window else None

    @property
    def maximised(self) -> bool:
        """Whether it fills its monitor; it can be set."""
        return bool(glfw.get_window_attrib(self._handle, glfw.MAXIMIZED))

    @maximised.setter
    def maximised(self, maximised: bool) -> None:
        (glfw.maximize_window if maximised else glfw.restore_window)(self._handle)

    @property
    def minimised(self) -> bool:
        """Whether there is nothing to draw into."""
        return bool(glfw.get_window_attrib(self._handle, glfw.ICONIFIED)) or 0 in self.framebuffer_px

    @property
    def _left_px(self) -> int:
        """Where what is drawn begins: right of a panel that lies over the left."""
        return self.inset_px if self.inset_side == "left" else 0

    def make_current(self) -> Screen:
        """Let OpenGL draw here."""
        glfw.make_context_current(self._handle)
        screen = Screen(self._drawn, self.framebuffer_px)
        screen.viewport, screen.scissor = (0, 0, *screen.size), None
        return screen

    def present(self) -> None:
        """Show what has been drawn."""
        if self._left_px:
            self._copy_beside_panel()
        glfw.swap_buffers(self._handle)

    @property
    def _drawn(self) -> moderngl.Framebuffer:
        """Where all is drawn, from its lower left corner on: beside a panel on the left not the window itself."""
        return self._hidden.framebuffer if self._left_px else self.context.screen

    @property
    def _hidden(self) -> Target:
        """What is copied to the right of such a panel."""
        if not self._beside:
            copying = program(self.context, "overlay.vert", "overlay.frag")
            made = Sized(lambda size: Target(self.context, size, "f1"))
            self._beside.append((made, copying, self.context.vertex_array(copying, [])))
        return self._beside[0][0].of(self.framebuffer_px)

    def _copy_beside_panel(self) -> None:
        """Bring that to where it belongs."""
        (width, height), left = self.framebuffer_px, self._left_px
        picture, (_, copying, strip) = self._hidden, self._beside[0]
        screen: Any = self.context.screen
        screen.use()
        screen.viewport, screen.scissor = (0, 0, width + left, height), None
        self.context.enable_only(moderngl.NOTHING)
        copying["framebuffer_px"], copying["overlay_box"] = (width + left, height), (left, height, left + width, 0)
        picture.texture.use()
        strip.render(moderngl.TRIANGLE_STRIP, vertices=4)

    def settle(self) -> None:
        """Return once the display has done all that it was asked for so far, so that others see it too."""
        self.context.finish()
        glfw.get_window_pos(self._handle)  # which it answers after all that came before

    def pixels(self) -> UInt8[np.ndarray, "h w 3"]:
        """What has been drawn and not yet presented, top row first."""
        width, height = self.framebuffer_px
        raw = self._drawn.read(viewport=(0, 0, width, height), components=3, alignment=1)
        return np.ascontiguousarray(np.frombuffer(raw, np.uint8).reshape(height, width, 3)[::-1])

    @property
    def clipboard(self) -> str:
        """The text in the desktop's clipboard; empty where there is none."""
        with suppress(glfw.GLFWError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _decoded(glfw.get_clipboard_string(self._handle) or b"")
        return ""

    def resize(self, size: Size) -> None:
        """Ask the desktop for a view of that size; ``framebuffer_px`` tells what it gives."""
        glfw.set_window_size(self._handle, *size)

    def place(self, placement: Placement) -> None:
        """Ask the desktop to move it there."""
        glfw.set_window_pos(self._handle, *placement[:2])
        glfw.set_window_size(self._handle, *placement[2:])

    def capture_cursor(self, captured: bool) -> None:
        """Hide the cursor and let it move without end, or give it back where it was."""
        mode = glfw.CURSOR_DISABLED if captured else glfw.CURSOR_NORMAL
        if glfw.get_input_mode(self._handle, glfw.CURSOR) != mode:
            if captured:  # only a window that keys go to may keep the cursor
                glfw.focus_window(self._handle)
            glfw.set_input_mode(self._handle, glfw.CURSOR, mode)

    def set_title(self, title: str) -> None:
        """Name it."""
        glfw.set_window_title(self._handle, title)

    def events(self) -> list[Event]:
        """Input since the last call."""
        glfw.poll_events()
        events, self._events = self._events, []
        return events

    def wait(self, seconds: float) -> None:
        """Sleep so long, or until there is input or a ``wake``."""
        if seconds > 0:
            glfw.wait_events_timeout(seconds)

    def _listen(self) -> None:
        handle = self._handle
        glfw.set_key_callback(handle, self._on_key)
        glfw.set_char_callback(handle, self._on_char)
        glfw.set_scroll_callback(handle, lambda _, dx, dy: self._events.append(Scrolled(dy, self._cursor)))
        glfw.set_cursor_pos_callback(handle, self._on_moved)
        glfw.set_mouse_button_callback(handle, self._on_button)
        glfw.set_window_focus_callback(handle, self._on_focus)
        glfw.set_window_refresh_callback(handle, lambda _: self._events.append(Uncovered()))
        glfw.set_drop_callback(handle, self._on_drop)
        glfw.set_window_close_callback(handle, self._on_close)

    def _on_key(self, _: Any, key: int, scancode: int, action: int, modifiers: int) -> None:
        if action == glfw.RELEASE:
            name = self._down.pop(key, "")
            if name and name not in self._down.values():  # there are two of some keys
                self._events.append(KeyReleased(name))
            return
        name = _NAMED_KEYS.get(key) or (glfw.get_key_name(key, scancode) or "").upper()
        if not name:
            return
        self._down[key] = name
        self._is_held = action == glfw.REPEAT
        if modifiers & glfw.MOD_ALT and name not in ("Alt", "Ctrl", "Shift"):
            name = f"Alt+{name}"
        if modifiers & glfw.MOD_CONTROL and name not in ("Ctrl", "Shift"):
            name = ("Ctrl+Shift+" if modifiers & glfw.MOD_SHIFT else "Ctrl+") + name
        self._events.append(KeyPressed(name, action == glfw.REPEAT))

    def _on_char(self, _: Any, codepoint: int) -> None:
        """Where the key of a question mark lies depends on the keyboard; ``_on_key`` knows it by another name."""
        if chr(codepoint) == "?":
            self._events.append(KeyPressed("?", self._is_held))

    def _on_focus(self, _: Any, focused: int) -> None:
        if not focused:
            self._down.clear()
            self._events.append(FocusLost())

    def _on_button(self, _: Any, button: int, action: int, modifiers: int) -> None:
        if button in (glfw.MOUSE_BUTTON_LEFT, glfw.MOUSE_BUTTON_RIGHT, glfw.MOUSE_BUTTON_MIDDLE):
            event = Pressed if action == glfw.PRESS else Released
            self._events.append(event(self._cursor, button == glfw.MOUSE_BUTTON_LEFT))

    def _on_drop(self, _: Any, *paths: Any) -> None:
        self._events.append(Dropped(tuple(Path(path) for path in paths[-1])))

    def _on_close(self, handle: Any) -> None:
        glfw.set_window_should_close(handle, False)
        self._events.append(CloseAsked())

    def _on_moved(self, _: Any, x: float, y: float) -> None:
        # Kept, because asking for the cursor tells where it is by now, not where it was when a button went down.
        width, height = glfw.get_window_size(self._handle)
        fb_width, fb_height = glfw.get_framebuffer_size(self._handle)
        self._cursor = x * fb_width / max(1, width) - self._left_px, y * fb_height / max(1, height)
        self._events.append(Moved(self._cursor))


_is_open = threading.Event()


def wake() -> None:
    """Let a sleeping ``wait`` return; may be called from any thread, also while there is no window."""
    if _is_open.is_set():
        glfw.post_empty_event()


@contextmanager
def open_window(title: str, placement: Placement | None) -> Iterator[Window]:
    """Open the window where it was, if that is still on the desktop, and close it in the end.

    Raises:
        InputError: there is no display, or it has no OpenGL 3.3.
    """
    check_display()
    if not glfw.init():
        raise InputError(f"cannot open a window: {_NO_DISPLAY}")
    _is_open.set()
    try:
        handle = _create(title, placement)
        yield Window(handle)
    finally:
        _is_open.clear()
        glfw.terminate()


def check_display() -> None:
    """Raise InputError if there is no display to open a window on."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise InputError(f"cannot open a window: there is no display; {_NO_DISPLAY}")


_NO_DISPLAY = (
    "run it on a desktop, or under 'xvfb-run -a fieldscope', or render without a window with "
    "'fieldscope --render-path PATH.json --out FRAMES'"
)


def _create(title: str, placement: Placement | None) -> Any:
    left, top, width, height = view_place(placement, _areas())
    for hint, value in (
        (glfw.CONTEXT_VERSION_MAJOR, 3),
        (glfw.CONTEXT_VERSION_MINOR, 3),
        (glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE),
        (glfw.OPENGL_FORWARD_COMPAT, True),
        (glfw.FOCUS_ON_SHOW, True),
        (glfw.VISIBLE, False),
    ):
        glfw.window_hint(hint, value)
    problems: list[str] = []
    glfw.set_error_callback(lambda code, words: problems.append(_decoded(words)))
    handle = glfw.create_window(width, height, title, None, None)
    if not handle:
        raise InputError(
            f"cannot open a window with OpenGL 3.3 ({problems[-1] if problems else 'no reason given'}); "
            "update the graphics driver, or render without a window with --render-path"
        )
    glfw.set_window_pos(handle, left, top)
    glfw.show_window(handle)
    return handle


def _areas() -> list[Placement]:
    areas = [glfw.get_monitor_workarea(monitor) for monitor in glfw.get_monitors() or []]
    return areas or [(0, 0, 1600, 1000)]


def _decoded(words: str | bytes) -> str:
    return words.decode(errors="replace") if isinstance(words, bytes) else words
