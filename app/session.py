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
from fieldcore.signals import Picture, Signal
from fieldcore.spectrum import Spectrum

from .agreement import Agreement, judged, spectrum_of
from .background import Background
from .controls import Comparison, Controls
from .document import Document, open_document, open_picture, trained_on
from .engine import Engine, Evaluated, Failed, FrameEvaluated, Notice, Request, Trained
from .keyframes import Keyframe
from .layout_file import Layout
from .messages import Messages
from .path_editor import PathEditor
from .principal_axes import LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE, PrincipalAxes
from .recording_desk import RecordingDesk
from .resources import asset_path
from .training_desk import TrainingDesk
from .view import Size, View, pane_size, panned, zoomed_at

ASSETS = asset_path("pyramid.safetensors").parent.resolve()
"""Shipped fields are always at hand, so they are not listed among those opened lately."""

JUDGE_AFTER_S = 0.35
"""How long the view must have been at rest before the whole picture is judged."""

ANSWER_WITHIN_S = 0.025
"""For how long the view waits for the first picture of a new request before it draws without it."""

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".exr", ".hdr", ".ppm", ".pgm")
FIELD_SUFFIX = ".safetensors"


@dataclass(frozen=True)
class Question:
    """Something to be answered by a key before anything else happens."""

    text: str
    answers: tuple[tuple[str, str, Callable[[], None]], ...]
    """Of each answer: its key, its meaning, what it does."""


def say_nothing(event: str, **facts: Any) -> None:
    """Report to nobody."""


class Session:
    """The state of the instrument.

    Args:
        device: where fields are evaluated and trained.
        layout: how the last session left the window and the panel.
        trained_folder: where the fields trained here are written.
        wake: called from other threads when there is something to do.
        report: called with the name and facts of what happens, for a program that drives the instrument.

    Attributes:
        controls: what the scene shows.
        documents: what is open, by path.
        evaluated: the latest stage of the view that has arrived.
        training, recording, path: the desks.
        messages: for the status line.
        framebuffer_px: size of the view.
        renderer: what draws, for people.
        help_shown, panel_shown: whether the overlay and the panel are there.
        when_open: done once, when all that was asked for at first is open.
        question: what must be answered first, if anything.
        ended: whether the program is to end.
    """

    def __init__(
        self,
        device: torch.device,
        layout: Layout,
        trained_folder: Path,
        wake: Callable[[], None] = lambda: None,
        report: Callable[..., None] = say_nothing,
    ) -> None:
        self.device, self.layout, self.report = device, layout, report
        self.engine, self.background = Engine(wake), Background(wake)
        self.controls = Controls("")
        self.documents: dict[str, Document] = {}
        self.evaluated: Evaluated | None = None
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
        self.when_open: Callable[[], None] | None = None
        self._asked: tuple[Any, ...] | None = None
        self._frame_asked: Request | None = None
        self._judged: tuple[Any, ...] | None = None
        self._agreement: tuple[tuple[Any, ...] | None, Agreement | None] = None, None
        self._spectrum_of: tuple[Any, ...] | None = None
        self._spectrum: tuple[Document | None, Spectrum | None] = None, None
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
        other = self.controls.other
        if other == path or other not in self.documents:
            other = next((name for name in self.documents if name != path), "")
        self.change(field=path, other=other)
        if self.compare_refusal(self.controls.comparison):
            self.change(comparison="field")

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
        """The cursor is there: a foveated picture is sharpest under it, unless a path leads."""
        if self.controls.foveated and self.view is not None and not self.path.playing:
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
                self._open_field(Path(source), partial(self._add, show=index == 0))
            elif suffix == ".json":
                self._attempt(partial(self.load_path, Path(source)))
            elif suffix in PICTURE_SUFFIXES or source.startswith("sample:"):
                reading = partial(open_picture, source, self.device)
                self.background.submit(reading, partial(self._take_picture, source), self._fail)
            else:
                what = "a picture (PNG, JPEG, TIFF, EXR, HDR), a field (.safetensors) or a path (.json)"
                self._fail(InputError(f"'{Path(source).name}' cannot be opened: give {what}"))

    def _open_field(self, file: Path, done: Callable[[Document], None], truth: str = "") -> None:
        """Read a field, and the picture it was trained on if that is ``truth`` or one opened lately."""
        pictures = [name for name in (truth, *self.layout.recent) if name and not name.lower().endswith(FIELD_SUFFIX)]
        self.background.submit(partial(open_document, _named(file), self.device, pictures), done, self._fail)

    def _add(self, document: Document, show: bool = True, beside: bool = False) -> None:
        name = str(document.path)
        self.documents[name] = document
        if ASSETS not in document.path.parents and document.path.exists():
            self.layout = self.layout.with_recent(str(document.path.absolute()))
        lacks_other = self.controls.other not in self.documents and self.controls.field
        if (lacks_other or beside) and name != self.controls.field:
            self.change(other=name)
        if show or not self.controls.field:
            self.show_field(name)

    def _take_picture(self, source: str, picture: Picture) -> None:
        """A picture was opened: see whether it is one that open fields were trained on."""
        source = source if source.startswith("sample:") else str(Path(source).absolute())
        self.layout = self.layout.with_recent(source)
        untold = [document for document in self.documents.values() if document.truth is None]
        looking = partial(trained_on, untold, source, self.device)
        self.background.submit(looking, partial(self._use_picture, source, picture), self._fail)

    def _use_picture(self, source: str, picture: Picture, told: dict[Document, Signal]) -> None:
        """A picture is the truth of the fields that were trained on it, else something to train on."""
        for document, signal in told.items():
            document.attach(signal, source)
            if self.recording.take is not None and self.recording.take.controls.field == str(document.path):
                self.recording.learn(source)
        if told:
            self.messages.notice(f"{picture.facts.name} is the truth of {next(iter(told)).name}: press G", self.now)
        elif self.training.state != "idle":
            self.messages.notice("a training is under way: stop it, then drop the picture again", self.now)
        else:
            self.train(picture, source)

    def close_document(self, path: str) -> None:
        """Forget an open field, unless it is being trained or recorded."""
        document, take = self.documents.get(path), self.recording.take
        if document is None:
            return
        trained = self.training.state != "idle" and document is self.training.document
        if trained or (take is not None and path in (take.controls.field, take.controls.other)):
            doing = "trained" if trained else "recorded"
            self.messages.notice(f"this field is being {doing}: stop that first", self.now)
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
        if event.ended == "failed" and self.training.steps_done == 0:
            self.training.concluded(None)
        elif event.ended:
            work = self.training.conclusion(event.ended)
            self.background.submit(work, self._training_concluded, self._conclusion_failed)

    def _training_concluded(self, facts: TrainingFacts) -> None:
        self.training.concluded(facts)
        document = self.training.document
        if document is not None:
            self.layout = self.layout.with_recent(str(document.path.absolute()))
            self.messages.notice(f"trained {facts.steps} steps; saved as {document.path}", self.now)
            self.report("trained", field=str(document.path), steps=facts.steps, stopped_by=facts.stopped_by)

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
            self.messages.notice(f"'{document.path}' is not there: without it the path cannot be rendered", self.now)
        self._frame_asked = None
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

    def go_to(self, keyframe: Keyframe) -> None:
        """Show what a keyframe shows; what it does not key stays."""
        names = ("covariance", "center", "zoom", "comparison", "divider", "foveated", "gaze")
        values = {name: getattr(keyframe, name) for name in names}
        if keyframe.comparison is not None and self.compare_refusal(keyframe.comparison):
            values["comparison"] = None
        self.change(**{name: value for name, value in values.items() if value is not None})

    def save_path(self, file: Path) -> None:
        """Write the path."""
        truth = self.document.signal_source if self.document else ""
        if self._attempt(lambda: self.path.save(file, self.controls, truth)):
            self.messages.notice(f"path saved as {file}", self.now)
            self.report("saved", path=str(file))

    def load_path(self, file: Path) -> None:
        """Take the keyframes of a path, and open its field if need be."""
        path = self.path.load(file)
        self.change(caption=path.caption, error_range=path.error_range, falloff=path.falloff)
        for field, beside in ((path.field, False), (path.other, True)):
            add = partial(self._add, show=not beside, beside=beside)
            if field is not None and str(_named(field)) in self.documents:
                add(self.documents[str(_named(field))])
            elif field is not None:
                self._open_field(field, add, "" if beside else path.truth)
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
        self.report("asked", question=self.question.text)

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
        self.engine.close()
        self.background.close()
        self.background.deliver()
        try:
            path = self.training.keep()
        except (InputError, RuntimeError) as error:
            kept.append(f"the training is lost: {error}")
        else:
            if path is not None:
                kept.append(f"the unfinished training was kept as '{path}'")
        written = self.recording.abandon()
        if written:
            kept.append(f"{written} frames of an unfinished recording were kept")
        return kept

    # The passage of time

    @property
    def now(self) -> float:
        """Seconds of a clock that never goes back."""
        return time.perf_counter()

    @property
    def answer_is_near(self) -> bool:
        """Whether what was asked for a moment ago will be there in another: not worth drawing the old picture for."""
        return not self._answered and self.now - self._changed_at < ANSWER_WITHIN_S

    @property
    def _answered(self) -> bool:
        return self.evaluated is not None and self.evaluated.request.asked_at >= self._changed_at

    def advance(self) -> list[Evaluated | FrameEvaluated]:
        """One pass: take what the threads have done, move what moves, ask for what is to be shown.

        Returns:
            layers that arrived, for the window to show and the recorder to draw.
        """
        self.background.deliver()
        if self.when_open is not None and self.document is not None and not self.background.pending:
            act, self.when_open = self.when_open, None
            self._attempt(act)
        arrived = [event for event in self.engine.events() if not self._take(event)]
        if self.path.playing:
            self.controls = self.path.shown(self.controls, self.now)
            if self.compare_refusal(self.controls.comparison):
                self.controls = replace(self.controls, comparison="field")
        self._ask()
        self._record()
        self._judge()
        return arrived  # type: ignore[return-value]

    def _take(self, event: object) -> bool:
        """Take an event of the engine; False for those that bring layers to draw."""
        if isinstance(event, Trained):
            self._take_trained(event)
        elif isinstance(event, Failed):
            self._fail(InputError(f"{event.what}: {event.sentence}"))
            if event.what == "recording" and self._frame_asked is not None:
                self.recording.give_up()
        elif isinstance(event, Notice):
            self.messages.notice(event.sentence, self.now)
        elif isinstance(event, Evaluated):
            self.evaluated = event
            return False
        elif isinstance(event, FrameEvaluated):
            return event.request is not self._frame_asked  # but of a recording that has ended already
        return True

    def _ask(self) -> None:
        """Ask the engine for the view, if it has changed."""
        document = self.document
        seen = replace(self.controls, caption=True, error_range=1.0)
        if self.controls.comparison != "wipe":
            seen = replace(seen, divider=0.5)
        told = (document.training, document.truth) if document is not None else ()
        asked = (seen, self.framebuffer_px, document, self.other, *told)
        if document is None or asked == self._asked or 0 in self.framebuffer_px:
            return
        self._asked, self._changed_at = asked, self.now
        self.engine.show(Request(self.controls, self.framebuffer_px, document, self.other))

    def _record(self) -> None:
        if self.recording.noting and not self.recording.fits(self.controls):
            self.toggle_recording()
            self.messages.notice("the recording has ended: it has one field, and one more beside it", self.now)
        self.recording.note(self.controls, self.now)
        if not self.engine.frame_pending:
            shown = self.recording.next_frame()
            if shown is not None and self.recording.take is not None:
                documents = self.documents[shown.field], self.documents.get(shown.other)
                self._frame_asked = Request(shown, self.recording.take.size, *documents)
                self.engine.evaluate_frame(self._frame_asked)
        try:
            take = self.recording.advance()
        except InputError as error:
            self._fail(error)
            return
        if take is not None:
            self.messages.notice(f"recorded into {take.folder}", self.now)
            self.report("recorded", folder=str(take.folder))

    def _judge(self) -> None:
        """When all is at rest, see how far the whole picture is from the truth."""
        document = self.document
        at_rest = self._answered and self.evaluated and self.evaluated.stage.final and self.training.state != "running"
        if document is None or not at_rest or self.background.pending or self.now - self._changed_at < JUDGE_AFTER_S:
            return
        in_a_hurry, to_judge = partial(getattr, self.background, "hurried"), self._to_judge
        if self._spectrum_of != (document, document.version):
            self._spectrum_of = (document, document.version)
            work: Callable[[], Any] = partial(spectrum_of, document, in_a_hurry)
            self.background.submit(work, partial(self._take_spectrum, document), self._fail)
        elif to_judge is not None and to_judge != self._judged:
            self._judged = to_judge
            work = partial(judged, document, self.controls.gaussian, in_a_hurry)
            self.background.submit(work, partial(self._take_agreement, to_judge), self._fail)

    @property
    def _to_judge(self) -> tuple[Any, ...] | None:
        """What an agreement is of; None where there is none."""
        document, controls = self.document, self.controls
        if document is None or document.truth is None or controls.foveated:
            return None
        return document, document.version, document.truth, controls.covariance

    @property
    def agreement(self) -> Agreement | None:
        """Of the field shown with the truth at the filter shown, None while it is not known."""
        of, agreement = self._agreement
        return agreement if of == self._to_judge else None

    @property
    def spectrum(self) -> Spectrum | None:
        """Of the field shown as it was lately, None while it is not known."""
        document, spectrum = self._spectrum
        return spectrum if document is self.document else None

    def _take_agreement(self, of: tuple[Any, ...], agreement: Agreement | None) -> None:
        if agreement is None:  # given up for something else: another time
            self._judged = None
        else:
            self._agreement = of, agreement

    def _take_spectrum(self, document: Document, spectrum: Spectrum | None) -> None:
        if spectrum is None:
            self._spectrum_of = None
        else:
            self._spectrum = document, spectrum

    def _fail(self, error: Exception) -> None:
        text = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        self.messages.error(text)
        self.report("error", text=text)

    def _attempt(self, work: Callable[[], None]) -> bool:
        """Do it; what goes wrong is shown as an error. Returns whether all was well."""
        try:
            work()
        except Exception as error:
            self._fail(error)
            return False
        return True


def _named(file: Path) -> Path:
    """The one name of a file, however it was given."""
    return file.parent.resolve() / file.name
