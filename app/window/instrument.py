"""The instrument: the loop that holds window, panel, scenes and session together.

No pass of it waits for a network, a disk or a display: it takes input, lets the session move on, uploads a slice of
what has arrived, draws what has changed, and sleeps until there is something to do.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from fieldcore.errors import InputError
from fieldcore.files import check_writable_folder
from fieldcore.images import write_image
from fieldcore.machine import usable_cores
from fieldcore.progress_lines import hide_progress_lines

from ..actions import help_sections, press, release
from ..explain.registry import explanation_of
from ..gl.hidden_surface import HiddenSurface
from ..gl.offscreen import is_software, read_pixels
from ..gl.overlays import Tone
from ..last_session import load_session
from ..layout_file import Layout, layout_file, load_layout
from ..opening import opened_scenes
from ..panel import TITLE as PANEL_TITLE
from ..panel import Panel, open_panel
from ..record.frame_folder import new_screenshot_path
from ..record.killed import put_in_order
from ..record.recorder import SeenFrame
from ..record.view_recording import FilmedFrame
from ..scene import Presenter, SceneName
from ..scene_names import IN_SPACE, scene_named
from ..services import say_nothing
from ..session import Session
from ..settings import Setting
from ..work.engine import Evaluated
from ..work.file_asking import FileWish
from ..work.trainer import recovered
from . import window as windows
from .companion import Companion, companion
from .dock import Dock
from .hud_scene import Hud, HudScene
from .placing import GAP_PT, panel_place
from .remembering import Remembering
from .telling import Teller
from .window import Window, open_window

ACTIVE_PASS_S, IDLE_PASS_S = 1 / 60, 1 / 15
"""Time between two passes of the loop while a person or a result is busy, and else."""

ACTIVE_FOR_S = 0.5
"""How long after the last input the loop stays fast."""


_HINT = (
    "New here? Turn a slider of the panel, or drag the picture and turn the wheel.",
    (("?", "explains what is pointed at"), ("H", "shows all keys"), ("Escape", "hides this")),
)


def run_instrument(
    sources: Sequence[str],
    settings: dict[Setting, Any],
    device: torch.device,
    require_gpu: bool = False,
    as_json: bool = False,
    last: bool = False,
) -> None:
    """Open the window and stay until it is closed.

    Args:
        sources: fields, pictures and paths to open; the shipped fields if there are none.
        settings: what to begin with, by setting.
        device: where to evaluate and train.
        require_gpu: refuse to let OpenGL draw in software.
        as_json: print an object on standard output for each thing that happens.
        last: go on with the last session instead of opening ``sources``.

    Raises:
        InputError: there is no display or no OpenGL 3.3, a setting is out of bounds, or there is no last session.
    """
    leave_a_core_to_the_window()
    hide_progress_lines()
    teller = Teller()
    with open_session(load_layout(), device, trained_folder(), teller if as_json else say_nothing) as session:
        session.last = load_session()
        if last and session.last is None:
            raise InputError("--last: nothing is known of a last session; leave it out")
        last = last or (session.layout.go_on and session.last is not None and not (sources or settings))
        session.show_scene(session.last.scene if last and session.last else opened_scenes(sources, settings)[0])
        set_the_rest = _begin_with(settings, session)
        session.greet(not session.layout.greeted)
        with open_instrument(session, require_gpu) as instrument:
            teller.settle = instrument.window.settle
            instrument.open(sources, set_the_rest, last)
            remembering = Remembering(session, lambda: instrument.layout, only_changes=not sources and not last)
            with _ending_on_signals(session):
                while not session.ended:
                    pause = instrument.step()
                    teller.tell()
                    remembering.advance()
                    instrument.window.wait(pause)
            instrument.settle()
            remembering.close()


def leave_a_core_to_the_window() -> None:
    """Let torch use all cores but one, or both of two; the engine says for itself what its steps and pictures take."""
    cores = usable_cores()
    torch.set_num_threads(min(cores, max(2, cores - 1)))


@contextmanager
def open_session(
    layout: Layout, device: torch.device, folder: Path, report: Callable[..., None] = say_nothing
) -> Iterator[Session]:
    """Begin a session and end it in good order: what was trained and recorded is kept, and said on standard error."""
    session = Session(device, layout, folder, windows.wake, report)
    try:
        yield session
    finally:
        for kept in session.close():
            print(kept, file=sys.stderr)


def _begin_with(settings: dict[Setting, Any], session: Session) -> Callable[[], None]:
    """Set what can be set before anything is open; returns what sets the rest."""
    later = {
        setting: value
        for setting, value in settings.items()
        if setting.group == "Compare" or set(setting.scenes) <= set(IN_SPACE)
    }
    for setting, value in settings.items():  # in the table's order
        if setting not in later:
            setting.set(session, value)

    def set_the_rest() -> None:
        for setting, value in later.items():
            setting.set(session, value)

    return set_the_rest


@contextmanager
def open_instrument(session: Session, require_gpu: bool = False) -> Iterator[Instrument]:
    """Open the windows, and close them in the end. Raises InputError if they cannot be opened."""
    layout = session.layout
    with ExitStack() as stack:
        window = stack.enter_context(open_window("Fieldscope", layout.view_window))
        if require_gpu and is_software(window.renderer):
            raise InputError(f"--require-gpu: OpenGL draws in software here ({window.renderer}); install the driver")
        session.renderer, session.draws_in_software = window.renderer, is_software(window.renderer)
        look = layout.look
        place = panel_place(
            layout.panel_window, window.placement, window.areas, window.pixel_ratio, look.panel_side, look.scale
        )
        panel = stack.enter_context(open_panel(session, place, layout.open_groups, window.pixel_ratio))
        instrument = Instrument(window, panel, session)
        if layout.view_maximised:
            window.maximised = True
        stack.callback(instrument.release)
        yield instrument


def trained_folder() -> Path:
    """Where fields trained in the window are written."""
    data = os.environ.get("XDG_DATA_HOME", "")
    return (Path(data) if data else Path.home() / ".local" / "share") / "fieldscope"


class Instrument:
    """One pass after the other.

    Attributes:
        session: the model.
        window, panel: the two windows.
        on_input: called when input is taken, for scripts that stand for a person.
        on_presented: called with what has just become visible, for measuring.
    """

    def __init__(self, window: Window, panel: Panel, session: Session) -> None:
        self.window, self.panel, self.session = window, panel, session
        look, gap = session.layout.look, round(GAP_PT * window.pixel_ratio)
        self._dock = Dock(window, panel, gap, look.panel_side, look.scale)
        self._companion = _companion_of(window)
        self._wished: FileWish | None = None
        self.on_input: Callable[[], None] = lambda: None
        self.on_presented: Callable[[Evaluated], None] = lambda evaluated: None
        window.make_current()  # the panel, opened last, has a context of its own
        self._hud = HudScene(window.context)
        self._frame_surface = HiddenSurface(window.context)
        self._drawn: tuple[Any, ...] | None = None
        self._active_until = self._panel_due = 0.0
        self._ready = self._said_first = False
        self._presenters: dict[SceneName, Presenter] = {}

    @property
    def layout(self) -> Layout:
        """How the windows are now, for the next session."""
        return replace(
            self.session.layout,
            view_window=self._dock.view_place,
            view_maximised=self._dock.maximised,
            panel_window=self._dock.panel_place,
            panel_open=self.session.panel_shown,
            open_groups=self.panel.open_groups,
            recording=self.session.recording.settings,
            film=self.session.film.settings,
        )

    def open(self, sources: Sequence[str], when_open: Callable[[], None] | None = None, last: bool = False) -> None:
        """Open what is to be open at first, and trainings that were cut short; do something once that is done."""
        session = self.session
        session.when_open = when_open
        if session.last is not None and not sources and not last:
            session.notice("Ctrl+L brings the last session back")
        kept = recovered(session.training.folder, session.device)
        for path in kept:
            session.layout = session.layout.with_recent(str(path))
        if kept:
            names = ", ".join(path.name for path in kept)
            session.messages.notice(f"kept of trainings that were cut short: {names}, in {kept[0].parent}", session.now)
        with suppress(RuntimeError):  # there is no home
            session.attempt(partial(check_writable_folder, layout_file().parent))
        recordings = Path(session.recording.settings.folder)
        session.background.submit(partial(put_in_order, recordings), self._tell_of_killed, session.fail)
        if last:
            session.restore()
        elif sources:
            session.open(sources)
        else:
            session.state.open_shipped()

    def _tell_of_killed(self, recordings: Sequence[Path]) -> None:
        if recordings:
            names = ", ".join(folder.name for folder in recordings)
            self.session.notice(f"kept of recordings that were cut short: {names}, in {recordings[0].parent}")

    def step(self) -> float:
        """One pass of the loop: input, session, upload, drawing; returns for how long it may sleep then, in seconds."""
        started = time.perf_counter()
        busy = started < self._active_until
        self.window.make_current()  # a click asks what was drawn
        for event in self.window.events():
            self._active_until = started + ACTIVE_FOR_S
            self.take_input(event)
        self._draw_panel(started)  # which takes input too
        self.on_input()
        if self.session.paste_asked:
            self.session.paste_asked = False
            self.session.clipboard.paste(self.window.clipboard)
        self.session.framebuffer_px = self.window.framebuffer_px
        self.session.engine.watched = not self.window.minimised
        for frame in self.session.advance():
            self._film(frame)
            busy = True
        self.session.attend()
        state = self.session.state
        self.window.capture_cursor(state.captured)
        if self._draw():
            return 0.0
        busy = busy or state.under_way
        return max(0.0, (ACTIVE_PASS_S if busy else IDLE_PASS_S) - (time.perf_counter() - started))

    def touch(self) -> None:
        """Stay fast for a while, as after input."""
        self._active_until = time.perf_counter() + ACTIVE_FOR_S

    def settle(self) -> None:
        """Let the windows be where the last key or button wants them, though no pass comes after it."""
        self._dock.keep(self.session.panel_shown)

    def release(self) -> None:
        """Give everything back to the driver."""
        self.window.make_current()
        self._hud.release()
        self._frame_surface.release()
        for presenter in self._presenters.values():
            presenter.release()

    # Input

    def take_input(self, event: windows.Event) -> None:
        """Do what a key, the mouse or a drop asks for."""
        session = self.session
        match event:
            case windows.KeyPressed(name, repeated):
                press(session, name, repeated)
            case windows.KeyReleased(name):
                release(session, name)
            case windows.FocusLost():
                session.let_go()
            case windows.Scrolled(notches, position):
                session.state.scroll(notches, position)
            case windows.Pressed(position, left):
                if left:
                    session.state.press_button(position, self.window.pixel_ratio)
                else:
                    session.state.press_other(position)
            case windows.Released():
                session.state.release_button()
            case windows.Moved(position):
                session.cursor = position
                session.explaining.point_at(None)
                session.state.move(position)
            case windows.Dropped(files):
                session.open([str(file) for file in files])
            case windows.Uncovered():
                self._drawn = None
            case windows.CloseAsked():
                session.leave()

    # Drawing

    def _presenter(self, scene: SceneName) -> Presenter:
        """What draws a scene, made when it is first shown."""
        if scene not in self._presenters:
            session = self.session
            made = scene_named(scene).presenter(self.window.context, session, session.state_of(scene))
            self._presenters[scene] = made
        return self._presenters[scene]

    def _draw(self) -> bool:
        """Draw the scene shown, go on with what the others have left to do; returns whether more is to be done."""
        scene = self.session.scene
        is_seen = not self.window.minimised
        if is_seen:
            self._draw_scene(scene)
        is_busy = False
        for of, presenter in self._presenters.items():
            seen = of == scene and is_seen
            if not seen:
                self.window.make_current()
                presenter.advance_unseen()
            is_busy = presenter.busy(seen) or is_busy
        return is_busy

    def _draw_scene(self, scene: SceneName) -> None:
        """Go on with the frames of the scene shown, and draw if anything looks different from before."""
        session, state = self.session, self.session.state
        ratio = self.window.pixel_ratio * session.layout.look.scale
        self.window.make_current()
        presenter = self._presenter(scene)
        # Nothing is drawn while a first picture is made, which may take a while: that is said before it begins.
        says_so, self._said_first = self._said_first, state.waits_for_picture
        is_new = (says_so or not self._said_first) and presenter.advance(ratio)
        hud = self._hud_now()
        looks = (scene, session.framebuffer_px, hud, ratio)
        if not is_new and looks == self._drawn and not (session.screenshot_asked or session.copy_asked):
            return
        surface = self.window.make_current()
        presenter.draw(surface)
        if (
            state.frame_facts
            and state.controls.layout == "one"
            and session.thumbnails.wants_view(scene, state.opened_shown, session.now)
        ):
            session.thumbnails.see(scene, state.opened_shown, self.window.pixels(), session.now)
        if session.screenshot_asked:
            suffix, session.screenshot_asked = session.screenshot_asked, ""
            self._write_screenshot(suffix, presenter)
            surface = self.window.make_current()
        if session.copy_asked:
            session.copy_asked = False
            session.clipboard.copy(self.window.pixels())
        self._hud.draw(surface, hud, ratio)
        self.window.present()
        session.presented_at.append(session.now)
        self._drawn = looks
        if is_new and state.frame_facts:
            self._tell_ready()
        if is_new and presenter.shown is not None:
            self.on_presented(presenter.shown)

    def _hud_now(self) -> Hud:
        session, recording = self.session, self.session.recording
        banners: list[tuple[str, Tone]] = []
        if recording.running is not None:
            hint = "" if recording.noting else "  (R stops that)"
            banners.append((recording.words + hint, "recording"))
        if session.nothing_shown and not session.background.pending:
            banners.append((scene_named(session.scene).invitation, "info"))
        if session.state.waits_for_picture:
            banners.append(("making the first picture", "info"))
        if session.state.working:
            banners.append((session.state.working, "info"))
        message = session.messages.shown(session.now)
        if message is not None:
            hint = "  (Esc dismisses)" if message.tone == "error" else ""
            banners.append((message.text + hint, message.tone))
        question = session.question
        prompt = None
        if question is not None:
            prompt = (question.text, tuple((key, meaning) for key, meaning, _ in question.answers))
        found = help_sections(session.scene, session.search.words) if session.help_shown else []
        return Hud(
            tuple(banners),
            prompt,
            tuple((heading, tuple(entries)) for heading, entries in found),
            session.shown.drawn_layout,
            session.state.inspected,
            self._card,
            session.state.marks,
            session.search.line,
            _HINT if session.greeting and prompt is None else None,
            session.layout.look.panel_side,
            path=session.state.path_strokes,
        )

    @property
    def _card(self) -> tuple[Any, ...]:
        """What is explained, if anything is."""
        topic = self.session.explaining.topic
        if topic is None:
            return ()
        one = explanation_of(topic)
        return one.title, one.text, one.draw, one.values(self.session), "? or Esc closes · point at something else"

    def _draw_panel(self, now: float) -> None:
        was_visible = self.panel.visible
        self._dock.suit(self.session.layout.look.scale)
        self._dock.lie(self.session.layout.look.panel_side)
        self._dock.keep(self.session.panel_shown)
        if self._companion is None:  # the view would cover it
            self.panel.on_top = self._dock.maximised
        elif self.panel.visible and not was_visible:
            self._companion.lift()
        self._lend_keyboard()
        if self.panel.in_use:
            self._active_until = now + ACTIVE_FOR_S
        if now >= self._panel_due:
            self.panel.draw()
            self._panel_due = now + (ACTIVE_PASS_S if now < self._active_until else IDLE_PASS_S)

    def _lend_keyboard(self) -> None:
        """Let the panel have the keyboard once it asks for a file."""
        wish = self.session.files.wish
        if wish is not self._wished and wish is not None and self._companion is not None:
            self._companion.lift()
            self._companion.take_keyboard()
        self._wished = wish

    # Recording

    def _film(self, frame: FilmedFrame | SeenFrame) -> None:
        self.window.make_current()
        if isinstance(frame, FilmedFrame):
            self._presenter(frame.scene).film(frame.subject, frame.controls, frame.size, frame.of)
        elif not self.session.attempt(partial(self._see_frame, frame)):
            self.session.recording.give_up()

    def _see_frame(self, frame: SeenFrame) -> None:
        """Hand what the view shows, without what is laid over it, to the recording."""
        surface, presenter = self._frame_surface.of(frame.size), self._presenter(self.session.scene)
        recording = self.session.recording
        description = presenter.see(surface, frame.controls)
        pixels = read_pixels(surface)
        is_light = recording.running is not None and recording.running.of.content == "light"
        recording.frame_seen(pixels, description, presenter.light(pixels) if is_light else None)

    def _write_screenshot(self, suffix: str, presenter: Presenter) -> None:
        session, pixels = self.session, self.window.pixels()
        try:
            path = new_screenshot_path(Path(session.recording.settings.folder), suffix)
            write_image(path, presenter.light(pixels) if suffix == ".exr" else pixels)
        except (InputError, OSError, MemoryError) as error:
            session.messages.error(str(error))
        else:
            session.messages.notice(f"screenshot written as {path}", session.now)
            session.report("screenshot", path=str(path))

    def _tell_ready(self) -> None:
        if not self._ready:
            self._ready = True
            widgets = self.panel.widget_boxes()
            self.session.report("ready", view=self.window.placement, panel=self.panel.placement, widgets=widgets)


def _companion_of(window: Window) -> Companion | None:
    """The panel as X11 knows it, told that it belongs to the view; None where that cannot be said."""
    if window.x11 is None:
        return None
    display, view = window.x11
    panel = companion(display, PANEL_TITLE)
    if panel is not None:
        panel.belong_to(view)
    return panel


_ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


def _is_ignored(number: int) -> bool:
    """As a lost terminal is under ``nohup``."""
    return signal.getsignal(number) is signal.SIG_IGN


@contextmanager
def _ending_on_signals(session: Session) -> Iterator[None]:
    """Ctrl-C in the terminal, SIGTERM and a terminal that goes end the session in good order."""

    def end(number: int, frame: Any) -> None:
        session.ended = True

    previous = {number: signal.signal(number, end) for number in _ENDING if not _is_ignored(number)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
