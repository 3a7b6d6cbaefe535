"""What all scenes share: messages, a question, threads, the training, recordings, and how the window is."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from fieldcore.checkpoint import TrainingFacts
from fieldcore.errors import InputError
from fieldcore.files import check_writable_folder
from fieldcore.signals import Dataset

from .document import Document, open_document
from .frame_size import Size
from .layout_file import Layout
from .messages import Messages
from .opening import FIELD_SUFFIX
from .record.film import Film
from .record.recorder import Recorder
from .resources import asset_path
from .scene import SceneName
from .work.background import Background
from .work.engine import Engine, Trained
from .work.file_asking import FileAsking, FileWish
from .work.trainer import PlannedTraining, Trainer, bytes_of

_MOST_FRAMES_A_SECOND = 240

_ASSETS = asset_path("pyramid.safetensors").parent.resolve()


@dataclass(frozen=True)
class Question:
    """Something to be answered by a key before anything else happens."""

    text: str
    answers: tuple[tuple[str, str, Callable[[], None]], ...]
    """Of each answer: its key, its meaning, what it does."""


def say_nothing(event: str, **facts: Any) -> None:
    """Report to nobody."""


def nothing() -> None:
    """What an answer does that leaves everything as it is."""


class Services(ABC):
    """What a session has whatever it shows.

    Args:
        device: where fields are evaluated and trained.
        layout: how the last session left the window and the panel.
        trained_folder: where the fields trained here are written.
        wake: called from other threads when there is something to do.
        report: called with the name and facts of what happens, for a program that drives the instrument.
        clock: seconds of a clock that never goes back.

    Attributes:
        engine: the thread that evaluates and trains.
        background: the thread for what nothing waits for.
        truths: the thread for the truth of shapes, whose first answer may take half a minute.
        training, recording, film: what trains, what records, and what renders the path.
        files: asks a person for files.
        messages: for the status line.
        framebuffer_px: size of the view.
        panel_held: whether a mouse button is down on the panel.
        cursor: where the mouse is in it, None before it was there.
        renderer: what draws, for people.
        draws_in_software: whether that is the processor.
        help_shown, panel_shown: whether the overlay and the panel are there.
        greeting: whether the hint of the first start is shown.
        question: what must be answered first, if anything.
        screenshot_asked: whether what is drawn next is to be written as a picture: by the suffix of its file.
        copy_asked, paste_asked: whether it is to be put into the clipboard, or what is there is to be opened.
        presented_at: when the latest frames were presented, in seconds of ``now``.
        seen_document: the field that was shown last in another scene; None where there was none.
        seen_source: what the field was trained on that was shown in the scene before this one; empty where that is not
            known.
        ended: whether the program is to end.
    """

    layout: Layout

    def __init__(
        self,
        device: torch.device,
        layout: Layout,
        trained_folder: Path,
        wake: Callable[[], None] = lambda: None,
        report: Callable[..., None] = say_nothing,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.device, self.layout, self.report, self.clock = device, layout, report, clock
        self.engine = Engine(wake, clock)
        self.background, self.truths = Background(wake), Background(wake)
        self.files = FileAsking(wake, self.attempt)
        self.training = Trainer(self.engine, trained_folder)
        self._doing: list[tuple[str, float]] = []
        self._preparing = ""
        self._in_line: deque[tuple[str, Callable[[], None]]] = deque()
        self.recording = Recorder(layout.recording, clock)
        self.film = Film(layout.film, wake, clock)
        self.messages = Messages()
        self.framebuffer_px: Size = (1, 1)
        self.cursor: tuple[float, float] | None = None
        self.renderer, self.draws_in_software, self.seen_source = "", False, ""
        self.seen_document: Document | None = None
        self.help_shown, self.panel_shown = False, layout.panel_open
        self.panel_held = False
        self.greeting = False
        self.question: Question | None = None
        self.screenshot_asked = ""
        self.copy_asked = self.paste_asked = self.ended = False
        self.presented_at: deque[float] = deque(maxlen=_MOST_FRAMES_A_SECOND)

    @property
    def now(self) -> float:
        """Seconds of a clock that never goes back."""
        return self.clock()

    @property
    def frames_a_second(self) -> int:
        """How many frames were presented in the last second."""
        return sum(self.now - presented < 1.0 for presented in self.presented_at)

    @property
    def queue(self) -> int:
        """How much waits in the background, or is done there."""
        return self.background.pending + self.truths.pending + len(self._in_line)

    # Telling and asking

    def notice(self, text: str) -> None:
        """Show something worth knowing for some seconds."""
        self.messages.notice(text, self.now)

    def fail(self, error: Exception) -> None:
        """Show what went wrong until it is dismissed."""
        text = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        self.messages.error(text)
        self.report("error", text=text)

    def attempt(self, work: Callable[[], Any]) -> bool:
        """Do it; what goes wrong is shown as an error. Returns whether all was well."""
        try:
            work()
        except Exception as error:
            self.fail(error)
            return False
        return True

    def ask(self, text: str, *answers: tuple[str, str, Callable[[], None]]) -> None:
        """Ask a question; of each answer: its key, its meaning, what it does."""
        self.question = Question(text, answers)
        self.report("asked", question=text)

    def ask_file(self, wish: FileWish) -> None:
        """Ask for a file, in a dialogue of the desktop or else of the panel, which is brought back for it."""
        if self.files.wish is None:
            self.attempt(lambda: self.files.ask(wish))
        self.panel_shown = self.panel_shown or self.files.wish is not None

    def answer(self, key: str) -> None:
        """Answer the question by a key; others leave it open."""
        if self.question is None:
            return
        for answer_key, _, act in self.question.answers:
            if key == answer_key:
                self.question = None
                act()
                return

    # Opening

    def open_field(self, file: Path, done: Callable[[Document], Any], truth: str = "") -> None:
        """Read a field in the background, and what it was trained on if that is ``truth`` or one opened lately."""
        known = [name for name in (truth, *self.layout.recent) if name and not name.lower().endswith(FIELD_SUFFIX)]
        opening = partial(open_document, named(file), self.device, known)
        self.meanwhile(f"reading {file.name}", opening, done)

    def note_recent(self, file: Path) -> None:
        """List it among what was opened lately; what comes with the program is always at hand, so it is not."""
        if _ASSETS not in file.absolute().parents and file.exists():
            self.layout = self.layout.with_recent(str(file.absolute()))

    def warn_of_missing(self, document: Document) -> None:
        """Say of a field that is to be recorded what its path lacks."""
        if self.training.state != "idle" and document is self.training.document:
            self.notice("the training is filmed as it is seen; the path shows the field that comes of it")
        elif document in self.training.unwritten:  # which the path of a recording names
            self.keep(document)
        elif not document.path.exists():
            self.notice(f"'{document.path}' is not there: without it the path cannot be rendered")

    def keep(self, document: Document) -> None:
        """Write a field that is in memory only, in the background."""

        def kept(path: Path) -> None:
            self.training.unwritten.discard(document)
            self.note_recent(path)
            self.notice(f"saved as {path}")

        self.meanwhile(f"writing {document.path.name}", partial(self.training.write, document), kept)

    def use_of(self, documents: Collection[Document | None], file: str) -> str:
        """What is being done with what is open as that file: ``trained``, ``recorded``, or nothing."""
        if self.training.state != "idle" and self.training.document in documents:
            return "trained"
        return "recorded" if self.recording.uses(file) else ""

    @abstractmethod
    def open_in(self, scene: SceneName, source: str, beside: Sequence[str] = ()) -> None:
        """Show that scene, and open a file there that is no field."""

    # What takes a while

    def meanwhile(
        self,
        words: str,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Do something in the background, saying so until it is done."""
        entry = words, self.now
        self._doing.append(entry)

        def ended(act: Callable[[Any], None], result: Any) -> None:
            self._doing.remove(entry)
            act(result)

        self.background.submit(work, partial(ended, done), partial(ended, failed or self.fail))

    @property
    def doing(self) -> list[str]:
        """What is being done in the background, in words, and for how long it has been."""
        return [_with_seconds(words, self.now - since) for words, since in self._doing]

    @property
    def working(self) -> list[str]:
        """All that takes longer than a moment: what is done in the background, the training, a render of the path."""
        waiting = f"waiting: {', '.join(name for name, _ in self._in_line)}" if self._in_line else ""
        return [*self.doing, *filter(None, [self.training.words, self.film.words, waiting])]

    def is_doing(self, words: str) -> bool:
        """Whether that is being done in the background."""
        return any(doing == words for doing, _ in self._doing)

    # Training

    @property
    def can_train(self) -> bool:
        """Whether no training is under way, nor being prepared."""
        return self.training.is_free and not self.is_doing(self._preparing)

    def wait_in_line(self, name: str, act: Callable[[], None]) -> None:
        """Do something that may begin a training when those are over that are under way or were asked for before."""
        self._in_line.append((name, act))

    def let_next_in(self) -> None:
        """Do what has waited longest, if a training can begin."""
        if self._in_line and self.can_train:
            _, act = self._in_line.popleft()
            act()

    def make_room(self) -> None:
        """See that a training can begin, and say at once if its field could not be written.

        Raises:
            InputError: as ``Trainer.start``.
        """
        self.training.make_room()
        try:
            check_writable_folder(self.training.folder)
        except InputError as error:
            self.fail(InputError(f"{error}; what is trained now will be lost unless that changes before the end"))

    def prepare(self, words: str, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Prepare a training in the background, which no other may begin meanwhile."""
        self._preparing = words
        self.meanwhile(words, work, done)

    def begin_training(
        self,
        signal: Dataset,
        source: str,
        take: Callable[[Document], Any],
        asked: bool = True,
        kind: str = "",
        **settings: Any,
    ) -> None:
        """Begin a training after the plan, or of another kind, and hand over the document of its field.

        ``settings`` are those of its recipe that are other than the preset's.

        What is solved for, not trained, is solved for in the background and handed over finished. A large one that
        nobody has ``asked`` for, only to look at the signal, is not written.

        Raises:
            InputError: as ``Trainer.start``.
        """
        self.make_room()
        planned = self.training.planned(signal, source, asked, kind, **settings)
        if not planned.training.solved:
            take(self.training.begin(planned))
            return
        words = f"solving for {signal.facts.name}"
        if self.is_doing(words):
            self.notice(f"already {words}")
            return

        def begin(solved: PlannedTraining) -> None:
            self.attempt(lambda: take(self.training.begin(solved)))

        self.prepare(words, planned.take_first_step, begin)

    def take_trained(self, event: Trained) -> None:
        """Note what the engine says of the training, and conclude it where it has ended."""
        if event.document is not self.training.document:  # another has taken its place
            return
        self.training.take(event)
        if self.training.state == "idle":
            return
        if event.ended == "failed" and self.training.steps_done == 0:
            self.training.concluded(None)
        elif event.ended:
            work = self.training.conclusion(event.ended)
            self.background.submit(work, self._training_concluded, self._conclusion_failed)

    def _training_concluded(self, facts: TrainingFacts) -> None:
        self.training.concluded(facts)
        document = self.training.document
        if document is not None:
            self.note_recent(document.path)
            done = "solved" if facts.stopped_by == "solved" else f"trained {facts.steps} steps"
            megabytes = f"{bytes_of(document) / 1e6:.0f} MB"
            unwritten = f"{done}, in memory only: {megabytes} are written if you press Keep, in Training"
            self.notice(unwritten if document in self.training.unwritten else f"{done}; saved as {document.path}")
            self.report("trained", field=str(document.path), steps=facts.steps, stopped_by=facts.stopped_by)

    def _conclusion_failed(self, error: Exception) -> None:
        self.training.concluded(None)
        self.fail(error)

    def close(self) -> list[str]:
        """End the threads, keeping what was trained and recorded; returns sentences about what was kept."""
        kept = []
        self.engine.close()
        self.files.close()
        for thread in (self.background, self.truths):
            thread.close()
            thread.deliver()
        try:
            path = self.training.keep()
        except (InputError, RuntimeError) as error:
            kept.append(f"the training is lost: {error}")
        else:
            if path is not None:
                kept.append(f"the unfinished training was kept as '{path}'")
        if self.film.under_way and (rendered := self.film.close()):
            kept.append(f"{_frames(rendered)} of an unfinished film kept in '{self.film.folder}'")
        written = self.recording.abandon()
        if written:
            kept.append(f"{_frames(written)} of an unfinished recording kept")
        return kept


def _frames(count: int) -> str:
    return "1 frame" if count == 1 else f"{count} frames"


def _with_seconds(words: str, seconds: float) -> str:
    """What is being done, and for how long it has been where that is worth saying."""
    return f"{words}: {seconds:.0f} s" if seconds >= 1 else words


def named(file: Path) -> Path:
    """The one name of a file, however it was given."""
    return file.parent.resolve() / file.name
