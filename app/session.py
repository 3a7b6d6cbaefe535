"""The session: what the instrument shows and does at a moment, and everything that can be done with it.

Keys, the panel and the command line all act by calling it; the window draws what it says. It knows neither OpenGL
nor a windowing library, so it can be tried out without either.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from fieldcore.checkpoint import TrainingFacts
from fieldcore.errors import InputError
from fieldcore.signals import Picture
from fieldcore.spectrum import Spectrum

from .agreement import Agreement, judged, spectrum_of
from .background import Background
from .controls import Comparison, Controls
from .document import Document, open_document, open_picture
from .engine import Engine, Evaluated, Failed, FrameEvaluated, Notice, Request, Trained
from .layout_file import Layout
from .messages import Messages
from .path_editor import PathEditor
from .principal_axes import LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE, PrincipalAxes
from .recording_desk import RecordingDesk
from .resources import asset_path
from .training_desk import TrainingDesk
from .view import Size, View, pane_size, panned, zoomed_at

ASSETS = asset_path("pyramid.safetensors").parent
"""Shipped fields are always at hand, so they are not listed among those opened lately."""

JUDGE_AFTER_S = 0.35
"""How long the view must have been at rest before the whole picture is judged."""

ANSWER_WITHIN_S = 0.025
"""For how long the view waits for the first picture of a new request before it draws without it."""

PICTURE_SUFFIXES = frozenset(".png .jpg .jpeg .tif .tiff .bmp .gif .webp .exr .hdr .ppm .pgm".split())
FIELD_SUFFIX = ".safetensors"


@dataclass(frozen=True)
class Question:
    """Something to be answered by a key before anything else happens."""

    text: str
    answers: tuple[tuple[str, str, Callable[[], None]], ...]
    """Of each answer: its key, its meaning, what it does."""


class Session:
    """The state of the instrument.

    Args:
        device: where fields are evaluated and trained.
        layout: how the last session left the window and the panel.
        trained_folder: where the fields trained here are written.
        wake: called from other threads when there is something to do.

    Attributes:
        controls: what the scene shows.
        documents: what is open, by path.
        evaluated: the latest stage of the view that has arrived.
        agreement: of the field shown with the truth at the filter shown, None while it is not known.
        spectrum: of the field shown, None while it is not known.
        training, recording, path: the desks.
        messages: for the status line.
        framebuffer_px: size of the view.
        renderer: what draws, for people.
        help_shown, panel_shown: whether the overlay and the panel are there.
        when_shown: done once, when the first field is shown.
        question: what must be answered first, if anything.
        ended: whether the program is to end.
    """

    def __init__(
        self, device: torch.device, layout: Layout, trained_folder: Path, wake: Callable[[], None] = lambda: None
    ) -> None:
        self.device, self.layout = device, layout
        self.engine, self.background = Engine(wake), Background(wake)
        self.controls = Controls("")
        self.documents: dict[str, Document] = {}
        self.evaluated: Evaluated | None = None
        self.agreement: Agreement | None = None
        self.spectrum: Spectrum | None = None
        self.training = TrainingDesk(self.engine, trained_folder)
        self.recording = RecordingDesk(layout.recording)
        self.path = PathEditor()
        self.messages = Messages()
        self.framebuffer_px: Size = (1, 1)
        self.renderer = ""
        self.help_shown, self.panel_shown = False, layout.panel_open
        self.question: Question | None = None
        self.screenshot_asked = self.ended = False
        self._axes = PrincipalAxes()
        self.when_shown: Callable[[], None] | None = None
        self._asked: tuple[Any, ...] | None = None
        self._judged: tuple[Any, ...] | None = None
        self._spectrum_of: tuple[Any, ...] | None = None
        self._changed_at = 0.0

    # What is shown

    @property
    def document(self) -> Document | None:
        """The field shown."""
        return self.documents.get(self.controls.field)

    @property
    def other(self) -> Document | None:
        """The field on the right of a two-up."""
        return self.documents.get(self.controls.other)

    @property
    def view(self) -> View | None:
        """Where the picture lies in a pane; None where there is nothing to show."""
        document = self.document
        if document is None:
            return None
        return View.of(self.controls, document.field.facts, pane_size(self.controls, self.framebuffer_px))

    def change(self, **values: Any) -> None:
        """Change some of the controls; a path that is being played lets go."""
        self.path.pause()
        self.controls = replace(self.controls, **values)

    @property
    def axes(self) -> PrincipalAxes:
        """The filter's size and shape; a shape that was set is remembered where the filter does not show it."""
        if self._axes.covariance != self.controls.covariance:
            self._axes = PrincipalAxes.of(self.controls.covariance)
        return self._axes

    def set_axes(self, **values: float) -> None:
        """Change the filter's log10 variance, anisotropy or angle."""
        axes = replace(self.axes, **values)
        self.change(covariance=axes.covariance)
        self._axes = axes

    def step_variance(self, decades: float) -> None:
        """Smooth more, or less."""
        size = self.axes.log10_variance + decades
        self.set_axes(log10_variance=min(max(size, LEAST_LOG10_VARIANCE), MOST_LOG10_VARIANCE))

    def show_field(self, path: str) -> None:
        """Show another of the open fields."""
        if self.recording.noting and path != self.controls.field:
            self.toggle_recording()
        other = self.controls.other
        if other == path or other not in self.documents:
            other = next((name for name in self.documents if name != path), "")
        self.change(field=path, other=other)
        if self.compare_refusal(self.controls.comparison):
            self.change(comparison="field")
        self.agreement = None

    def next_field(self, step: int = 1) -> None:
        """Show the next of the open fields."""
        names = list(self.documents)
        if names:
            self.show_field(names[(names.index(self.controls.field) + step) % len(names)])

    def compare(self, comparison: Comparison) -> None:
        """Show that comparison, or the plain field again if it is shown already."""
        chosen = "field" if comparison == self.controls.comparison else comparison
        reason = self.compare_refusal(chosen)
        if reason:
            self.messages.notice(reason, self.now)
            return
        self.change(comparison=chosen)

    def compare_refusal(self, comparison: Comparison) -> str:
        """Why that comparison cannot be shown now; empty where it can."""
        document = self.document
        if comparison == "field":
            return ""
        if document is None:
            return "nothing is open: drop a picture or a field here"
        if comparison == "two_up":
            return "" if self.other else "a two-up needs a second field: open one"
        if document.truth is None:
            return f"the truth is not known: drop the picture '{document.field.facts.name}' was trained on here"
        return "the truth has one filter for all points: switch foveation off" if self.controls.foveated else ""

    def set_foveated(self, foveated: bool) -> None:
        """Let the variance grow away from the cursor, or not."""
        if foveated and self.controls.comparison not in ("field", "two_up"):
            self.change(comparison="field")
        self.change(foveated=foveated)

    def fit_view(self) -> None:
        """Show the whole picture."""
        self.change(center=(0.0, 0.0), zoom=1.0)

    def zoom(self, factor: float, position: Sequence[float]) -> None:
        """Zoom, the point under ``position`` (in pixels) staying where it is."""
        if self.view is not None:
            self.path.pause()
            self.controls = zoomed_at(self.controls, self.view, self._in_pane(position), factor)

    def pan(self, shift_px: Sequence[float]) -> None:
        """Move the picture by so many pixels."""
        if self.view is not None:
            self.path.pause()
            self.controls = panned(self.controls, self.view, shift_px)

    def look_at(self, position: Sequence[float]) -> None:
        """The cursor is there: a foveated picture is sharpest under it."""
        if self.controls.foveated and self.view is not None:
            x, y = self.view.domain_from_frame(self._in_pane(position))
            self.change(gaze=(x, y))

    def _in_pane(self, position: Sequence[float]) -> tuple[float, float]:
        width = pane_size(self.controls, self.framebuffer_px)[0]
        inside = position[0] - width if position[0] > width else position[0]
        return inside, position[1]

    # Opening

    def open(self, sources: Sequence[str]) -> None:
        """Open fields, of which the first is shown, and pictures, which start to be trained; in the background."""
        for index, source in enumerate(sources):
            suffix = Path(source).suffix.lower()
            if suffix == FIELD_SUFFIX:
                work: Callable[[], Any] = lambda source=source: self._opened_document(source)
                self.background.submit(work, partial(self._add, show=index == 0), self._fail)
            elif suffix == ".json":
                self._attempt(lambda source=source: self.load_path(Path(source)))
            elif suffix in PICTURE_SUFFIXES or source.startswith("sample:"):
                work = lambda source=source: (source, open_picture(source, self.device))
                self.background.submit(work, self._take_picture, self._fail)
            else:
                self.messages.error(
                    f"'{Path(source).name}' cannot be opened: give a picture (PNG, JPEG, TIFF, EXR, HDR), a field "
                    "(.safetensors) or a path (.json)"
                )

    def _opened_document(self, source: str) -> Document:
        pictures = [name for name in self.layout.recent if Path(name).suffix.lower() != FIELD_SUFFIX]
        return open_document(Path(source), self.device, pictures)

    def _add(self, document: Document, show: bool = True) -> None:
        name = str(document.path)
        self.documents[name] = document
        if ASSETS not in document.path.parents:
            self.layout = self.layout.with_recent(str(document.path.absolute()))
        if self.controls.other not in self.documents and name != self.controls.field and self.controls.field:
            self.change(other=name)
        if show or not self.controls.field:
            self.show_field(name)
        if self.when_shown is not None:
            act, self.when_shown = self.when_shown, None
            act()

    def _take_picture(self, opened: tuple[str, Picture]) -> None:
        """A picture was opened: the truth of fields that were trained on it, else something to train on."""
        source, picture = opened
        source = source if source.startswith("sample:") else str(Path(source).absolute())
        self.layout = self.layout.with_recent(source)
        untold = [d for d in self.documents.values() if d.truth is None and d.field.facts.digest == picture.facts.digest]
        for document in untold:
            document.attach(picture, source)
        if untold:
            self.messages.notice(f"{picture.facts.name} is the truth of {untold[0].name}: press G", self.now)
        elif self.training.state != "idle":
            self.messages.notice("a training is under way: stop it, then drop the picture again", self.now)
        else:
            self.train(picture, source)

    def close_document(self, path: str) -> None:
        """Forget an open field, unless it is being trained."""
        document = self.documents.get(path)
        if document is None or (self.training.state != "idle" and document is self.training.document):
            return
        if path == self.controls.field:
            self.next_field()
        del self.documents[path]
        if self.controls.field == path:
            self.controls = Controls("")
            self.evaluated = None
        if self.controls.other == path:
            self.show_field(self.controls.field)

    # Training

    def train(self, signal: Any = None, source: str = "") -> None:
        """Train a new field: on ``signal``, or on the picture of the field shown."""
        document = self.document
        if signal is None and document is not None:
            signal, source = document.signal, document.signal_source
        if signal is None:
            self.messages.notice("there is no picture to train on: open one, or drop it here", self.now)
            return
        self._attempt(lambda: self._add(self.training.start(signal, source)))

    def _take_trained(self, event: Trained) -> None:
        self.training.take(event)
        if event.ended in ("", "failed"):
            self.training.state = "idle" if event.ended else self.training.state
            return
        self.background.submit(self.training.conclusion(event.ended), self._training_concluded, self._conclusion_failed)

    def _training_concluded(self, facts: TrainingFacts) -> None:
        self.training.concluded(facts)
        document = self.training.document
        if document is not None:
            self.layout = self.layout.with_recent(str(document.path.absolute()))
            self.messages.notice(f"trained {facts.steps} steps; saved as {document.path}", self.now)

    def _conclusion_failed(self, error: Exception) -> None:
        self.training.concluded(None)
        self._fail(error)

    # Recording, screenshots and paths

    def toggle_recording(self) -> None:
        """Start or stop recording what is shown."""
        if self.recording.noting:
            self._attempt(self.recording.stop)
        elif self.recording.take is not None:
            self.messages.notice("the last recording is still being written", self.now)
        elif self.document is None:
            self.messages.notice("there is nothing to record: open a field first", self.now)
        else:
            self._attempt(self._start_recording)

    def _start_recording(self) -> None:
        document = self.document
        assert document is not None
        settings = self.recording.settings
        origin = {
            "field": {"file": str(document.path.absolute()), "kind": document.field.kind},
            "signal": document.field.facts.name,
            "size": list(settings.size_px or self.framebuffer_px),
            "frames_per_second": settings.frames_per_second,
            "device": str(self.device),
            "renderer": self.renderer,
        }
        if not document.path.exists():
            self.messages.notice("this field is still in training: its recording cannot be rendered again", self.now)
        self.recording.start(self.controls, document.signal_source, self.framebuffer_px, origin, self.now)

    def toggle_playing(self) -> None:
        """Let the path lead what is shown, or stop that."""
        if self.path.playing:
            self.path.pause()
        else:
            self._attempt(lambda: self.path.play(self.controls, self.now))

    def add_keyframe(self) -> None:
        """Append what is shown to the path."""
        if self.document is not None:
            self.path.add(self.controls)
            self.messages.notice(f"keyframe {len(self.path.keyframes)} at {self.path.keyframes[-1].time:g} s", self.now)

    def save_path(self, file: Path) -> None:
        """Write the path."""
        truth = self.document.signal_source if self.document else ""
        if self._attempt(lambda: self.path.save(file, self.controls, truth)):
            self.messages.notice(f"path saved as {file}", self.now)

    def load_path(self, file: Path) -> None:
        """Take the keyframes of a path, and open its field if need be."""
        path = self.path.load(file)
        wanted = [str(path.field), *([str(path.other)] if path.other else [])]
        self.open([name for name in wanted if name not in self.documents and Path(name).exists()])
        self.messages.notice(f"{len(path.keyframes)} keyframes from {file.name}: play them with P", self.now)

    # Asking and ending

    def dismiss(self) -> None:
        """What Escape does: the uppermost thing goes; at last, ask before leaving."""
        if self.help_shown:
            self.help_shown = False
        elif not self.messages.dismiss():
            self.leave()

    def leave(self) -> None:
        """End, but ask first if something would be lost."""
        reasons = [reason for reason, holds in self._unfinished().items() if holds]
        if not reasons:
            self.ended = True
            return
        self.question = Question(
            f"{'; '.join(reasons)}. Leave?",
            (("Enter", "leave", self._end), ("Escape", "stay", lambda: None)),
        )

    def _unfinished(self) -> dict[str, bool]:
        document = self.training.document
        name = document.field.facts.name if document else ""
        return {
            f"The training on {name} is not finished; what it has learned is kept": self.training.state != "idle",
            "A recording is still being written; its frames so far are kept": self.recording.take is not None,
            "The path is not saved": self.path.unsaved and len(self.path.keyframes) > 1,
        }

    def answer(self, key: str) -> None:
        """Answer the question by a key; others leave it open."""
        if self.question is None:
            return
        for answer_key, _, act in self.question.answers:
            if key == answer_key:
                self.question = None
                act()
                return

    def _end(self) -> None:
        self.ended = True

    def close(self) -> list[str]:
        """End the threads, keeping what was trained and recorded; returns sentences about what was kept."""
        kept = []
        written = self.recording.abandon()
        if written:
            kept.append(f"{written} frames of an unfinished recording were kept")
        self.engine.close()
        self.background.close()
        self.background.deliver()
        try:
            path = self.training.keep()
        except InputError as error:
            kept.append(str(error))
        else:
            if path is not None:
                kept.append(f"the unfinished training was kept as '{path}'")
        return kept

    # The passage of time

    @property
    def now(self) -> float:
        """Seconds of a clock that never goes back."""
        return time.perf_counter()

    @property
    def answer_is_near(self) -> bool:
        """Whether what was asked for a moment ago will be there in another: not worth drawing the old picture for."""
        answered = self.evaluated is not None and self.evaluated.request.asked_at >= self._changed_at
        return not answered and self.now - self._changed_at < ANSWER_WITHIN_S

    def advance(self) -> list[Evaluated | FrameEvaluated]:
        """One pass: take what the threads have done, move what moves, ask for what is to be shown.

        Returns:
            layers that arrived, for the window to show and the recorder to draw.
        """
        self.background.deliver()
        arrived = [event for event in self.engine.events() if not self._take(event)]
        if self.path.playing:
            self.controls = self.path.shown(self.controls, self.now)
        self._ask()
        self._record()
        self._judge()
        return arrived  # type: ignore[return-value]

    def _take(self, event: object) -> bool:
        """Take an event of the engine; False for those that bring layers to draw."""
        if isinstance(event, Trained):
            self._take_trained(event)
        elif isinstance(event, Failed):
            self.messages.error(f"{event.what}: {event.sentence}")
            if event.what == "recording":
                self.recording.abandon()
            elif event.what == "training":
                self.training.state = "idle"
        elif isinstance(event, Notice):
            self.messages.notice(event.sentence, self.now)
        elif isinstance(event, Evaluated):
            self.evaluated = event
            return False
        else:
            return False
        return True

    def _ask(self) -> None:
        """Ask the engine for the view, if it has changed."""
        document = self.document
        seen = replace(self.controls, caption=True, error_range=1.0)
        if self.controls.comparison != "wipe":
            seen = replace(seen, divider=0.5)
        asked = (seen, self.framebuffer_px, id(document), document and document.training, document and document.truth)
        if document is None or asked == self._asked or 0 in self.framebuffer_px:
            return
        self._asked, self._changed_at = asked, self.now
        self.engine.show(Request(self.controls, self.framebuffer_px, document, self.other))

    def _record(self) -> None:
        self.recording.note(self.controls, self.now)
        if not self.engine.frame_pending and self.document is not None:
            shown = self.recording.next_frame()
            if shown is not None and self.recording.take is not None:
                documents = self.documents[shown.field], self.documents.get(shown.other)
                self.engine.evaluate_frame(Request(shown, self.recording.take.size, *documents))
        try:
            take = self.recording.advance()
        except InputError as error:
            self.messages.error(str(error))
            return
        if take is not None:
            self.messages.notice(f"recorded into {take.folder}", self.now)

    def _judge(self) -> None:
        """When all is at rest, see how far the whole picture is from the truth."""
        document = self.document
        at_rest = self.evaluated is not None and self.evaluated.stage.final and not self.training.state == "running"
        if document is None or not at_rest or self.background.pending or self.now - self._changed_at < JUDGE_AFTER_S:
            return
        if self._spectrum_of != (id(document), document.version):
            self._spectrum_of = (id(document), document.version)
            self.background.submit(lambda: spectrum_of(document), self._take_spectrum, self._fail)
            return
        key = (id(document), document.version, self.controls.covariance, id(document.truth))
        if document.truth is None or self.controls.foveated or key == self._judged:
            return
        self._judged, gaussian = key, self.controls.gaussian
        self.agreement = None
        self.background.submit(lambda: judged(document, gaussian), self._take_agreement, self._fail)

    def _take_agreement(self, agreement: Agreement) -> None:
        self.agreement = agreement

    def _take_spectrum(self, spectrum: Spectrum) -> None:
        self.spectrum = spectrum

    def _fail(self, error: Exception) -> None:
        text = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        self.messages.error(text)

    def _attempt(self, work: Callable[[], None]) -> bool:
        """Do it; what is wrong with the input is shown as an error. Returns whether all was well."""
        try:
            work()
        except (InputError, OSError) as error:
            self._fail(error)
            return False
        return True
