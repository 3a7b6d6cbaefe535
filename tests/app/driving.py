"""Sessions and engines without a window: what a loop does with them, and fields whose every tile can be held up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from clocks import Clock
from patience import HANG_S, hangs_in
from torch import Tensor
from waves import COLOUR_FACTS, Waves

from app.action import Action, perform
from app.document import Document
from app.frame_size import Size
from app.layout_file import Layout, RecordingSettings
from app.plane.layers import Sources, evaluate_layers
from app.record.recorder import SeenFrame
from app.record.view_recording import FilmedFrame
from app.scenes.picture.state import pictures
from app.session import Session
from app.setting import NUMBERS, Setting, put
from app.work.asking import Asking
from app.work.engine import Engine, Event
from app.work.slices import Slices, Work
from fieldcore.checkpoint import TrainingFacts, save_field
from fieldcore.fields import build_field, preset_recipe
from fieldcore.fields.field import Field
from fieldcore.images import write_image
from fieldcore.signals import Picture, SignalFacts

CPU = torch.device("cpu")
PASS_S = 1 / 60


class AtGate(Field):
    """Of another field, every tile waits at a gate; ``tiles`` have come to it so far."""

    def close(self, is_open: bool = False) -> None:
        """Begin to wait, unless the gate is open."""
        self.tiles, self.is_open = 0, is_open
        self.entered, self.gate = threading.Semaphore(0), threading.Semaphore(0)

    def _values(self, x: Tensor, filter: Any) -> Tensor:
        self.tiles += 1
        self.entered.release()
        if not self.is_open:
            assert self.gate.acquire(timeout=HANG_S)
        return super()._values(x, filter)  # type: ignore[safe-super]

    def wait(self) -> None:
        """Until a tile is at the gate."""
        assert self.entered.acquire(timeout=HANG_S)

    def open(self) -> None:
        self.is_open = True
        self.gate.release()


class Gated(AtGate, Waves):
    def __init__(self, facts: SignalFacts = COLOUR_FACTS, is_open: bool = False) -> None:
        super().__init__(facts)
        self.close(is_open)


def document_of(field: Any, name: str = "waves.safetensors") -> Document:
    return Document(Path(name), field, TrainingFacts())


def ignore(_: Event) -> None:
    """What takes the answers of requests whose events a test finds in the engine's log."""


class WatchedEngine(Engine):
    """An engine whose every event is kept the moment it happens, and for which all evaluating takes a look's time."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self.log: list[Event] = []
        self._happened = threading.Condition()
        super().__init__(self._keep, clock or Clock())

    def _keep(self) -> None:
        with self._happened:
            self.log.extend(self.events())
            self._happened.notify_all()

    def until(self, there: Callable[[], Any]) -> None:
        """Wait until something holds, be it told by an event or not."""
        hanging = hangs_in(HANG_S)
        with self._happened:
            while not there():
                assert not hanging(), self.log
                self._happened.wait(0.02)

    def logged(self, kind: type) -> list[Any]:
        return [event for event in self.log if isinstance(event, kind)]


@contextmanager
def watched_engine(clock: Callable[[], float] | None = None) -> Iterator[WatchedEngine]:
    engine = WatchedEngine(clock)
    try:
        yield engine
    except BaseException:
        engine.close()  # which a test that has failed may have left at a gate
        raise
    engine.close(HANG_S)
    assert not engine._thread.is_alive()


class DrivenSession(Session):
    """A session with a loop around it that draws every frame of a recording grey; every pass takes as long.

    Attributes:
        reported: what happened.
        seen: frames of what the view showed, each of another, dark grey.
    """

    def __init__(self, folder: Path, **layout: Any) -> None:
        self._woken = threading.Event()
        self._time = Clock(look_s=1e-6)
        self.seen: list[SeenFrame] = []
        self.reported: list[tuple[str, dict[str, Any]]] = []
        recording = RecordingSettings(folder=str(folder / "recordings"), video=False)
        layout = {"recording": recording, **layout}
        super().__init__(CPU, Layout(**layout), folder / "trained", self._woken.set, self._report, self._time)
        self.framebuffer_px = (64, 48)
        self._asking = Asking(self.engine, for_view=False)
        self._filming = Slices(lambda: self._asking.waiting)

    def _report(self, event: str, **facts: Any) -> None:
        self.reported.append((event, facts))

    def step(self) -> list[Any]:
        self._time.seconds += PASS_S
        frames = self.advance()
        for frame in frames:
            if isinstance(frame, SeenFrame):
                self.seen.append(frame)
                self.recording.frame_seen(_grey(frame.size, 1 + len(self.seen) % 64), {})
            elif isinstance(frame.subject, Sources):
                self._filming.begin("frame", self._film(frame))
            else:
                self.recording.frame_made(_grey(frame.size, 128), {})
        if not self.attempt(self._filming.advance):
            self.recording.give_up()
        return frames

    def _film(self, frame: FilmedFrame) -> Work:
        """Evaluate a frame as the window does, and draw it grey."""

        def layers(turn: Any) -> Any:
            return list(evaluate_layers(frame.controls, frame.subject, frame.size, should_stop=turn.stops))

        for stages in self._asking.doing(layers):
            if stages:
                self.recording.frame_made(_grey(frame.size, 128), {})
            yield

    def until(self, there: Callable[[], Any]) -> None:
        """Go on until something holds."""
        hanging = hangs_in(HANG_S)
        while True:
            self._woken.clear()
            self.step()
            if there():
                return
            assert not hanging(), self.told
            self._woken.wait(0.02)

    def until_quiet(self) -> None:
        """Go on until nothing is being opened and the view is there."""
        self.until(lambda: not self.background.pending and (pictures(self).document is None or self._answered_fully))

    def close(self) -> list[str]:
        """As a session does, however long the tile or step takes that is under way."""
        self.engine.close(HANG_S)
        return super().close()

    @property
    def _answered_fully(self) -> bool:
        state = pictures(self)
        return state._answered and state.evaluated is not None and state.evaluated.stage.final

    @property
    def told(self) -> list[str]:
        """All errors, oldest first, and the notice."""
        notice = self.messages._notice
        return [error.text for error in self.messages._errors] + ([notice.text] if notice else [])


def ask_for_all(session: DrivenSession, actions: Sequence[Action]) -> None:
    """Each action, forward and backward: what is refused is told and changes nothing, and nothing goes wrong."""
    for action in (*actions, *reversed(actions)):
        action.active(session)
        refused = action.refusal(session)
        before = session.shown
        perform(action, session)
        if refused:
            assert session.shown == before and refused in session.told
        session.step()
    assert not [told for told in session.told if "Error" in told or "Exception" in told]


def put_nonsense(session: DrivenSession, settings: Sequence[Setting], nonsense: Sequence[Any]) -> None:
    """Each setting is put to each value: numbers stay within their bounds, choices are among those that there are."""
    for setting in settings:
        for value in nonsense:
            put(setting, session, value)
            now = setting.get(session)
            if setting.widget in NUMBERS:
                assert setting.least <= now <= setting.most, (setting.name, value)
            elif setting.widget == "choice":
                assert now in setting.choices(session), (setting.name, value)
        session.step()
    assert not session.messages.errors


def _grey(size: Size, value: int) -> np.ndarray:
    return np.full((size[1], size[0], 3), value, np.uint8)


@contextmanager
def driven(folder: Path, **layout: Any) -> Iterator[DrivenSession]:
    session = DrivenSession(folder, **layout)
    try:
        yield session
    finally:
        for document in pictures(session).documents.values():
            if isinstance(document.field, Gated):
                document.field.open()
        with suppress(Exception):
            session.close()


def picture_file(folder: Path, pixels: np.ndarray, name: str = "picture.png") -> Path:
    write_image(folder / name, pixels)
    return folder / name


def field_file(folder: Path, picture: Path, name: str = "field.safetensors", **opening: Any) -> Path:
    """An untrained pyramid of a picture."""
    facts = Picture.open(picture, **opening).facts
    save_field(folder / name, build_field(preset_recipe("trained_pyramid", "preview", facts), facts), TrainingFacts())
    return folder / name
