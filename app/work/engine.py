"""The engine: the worker thread that evaluates and trains, so that the window never waits for a network.

Of what it is asked to show, stage by stage from coarse to fine, the latest wins, and an older request is given up
between two tiles. Between evaluations it takes training steps; while a field trains, what is shown is evaluated again
every so often, for a small share of the time. One thread does both, so nothing is ever evaluated while a step changes
the weights. What shades a model asks for points, each with a filter of its own, and for copies of the weights to draw
with.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol, runtime_checkable
from weakref import WeakKeyDictionary

import torch

from fieldcore.comparison.race import Race
from fieldcore.divergence import DivergenceWatch
from fieldcore.errors import InputError
from fieldcore.evaluation import LEAST_TILE_POINTS, TileSize
from fieldcore.fields.field import Field
from fieldcore.filters import Filter
from fieldcore.fitting import MONITOR_EVERY_STEPS, Progress, Training
from fieldcore.machine import usable_cores

from ..document import Document
from .delivery import Way

WATCH_SHARE = 0.1
"""Share of the time that a training spends on being watched."""

WATCH_EVERY_S = 1.2
"""Time between two looks at it, at most, as far as can be foretold."""

STEPS_WAIT_S = 1.0
"""How long the steps of a training wait for what a person asks to see of it: no longer, however fine it could be."""

TILE_SECONDS = 0.008
"""How long an evaluation that may be given up works on one tile, about, unless it says otherwise."""

TRAINING_THREADS = usable_cores()
EVALUATING_THREADS = max(1, TRAINING_THREADS - 1)
"""A core is left to the window while a person waits for a picture; steps may have it when it is idle."""

LIVE_TRAINING_THREADS = 1
"""Of networks that are looked at while they are trained: chunks of a thousand points are too small to share, and where
another program takes one of the cores, threads that wait for one another make such a step ten times as slow."""

FIRST_PICTURE_S = 0.006
"""How long the first picture of a new request may take to evaluate, as far as can be foretold: it is as coarse as that
asks for, and where a GPU is fast enough, it is the last one at once."""

_FIRST_GUESS = 500_000  # points a second, before a field was measured
_PROGRESS_EVERY_S = 0.1


@runtime_checkable
class Stage(Protocol):
    """What was asked for, at one resolution: a dataclass."""

    @property
    def final(self) -> bool:
        """Whether no finer one follows."""

    @property
    def points(self) -> int:
        """Evaluated for it."""


@runtime_checkable
class Request(Protocol):
    """What the view, or a frame of a recording, is to be drawn from."""

    @property
    def asked_at(self) -> float:
        """``time.perf_counter()`` when it was asked for."""

    @property
    def field(self) -> Field:
        """Whose pace tells how coarse to begin."""

    @property
    def tile_seconds(self) -> float:
        """How long the work on one tile may take, about: what a newer request waits for at most."""

    @property
    def pause_seconds(self) -> float:
        """For how long the first picture stands before a finer one is begun: while a slider is dragged, for nothing."""

    @property
    def take(self) -> Callable[[Evaluated], None]:
        """Called with each stage, in the thread that asks for events: who asked takes the answer."""

    def shows(self, document: Document) -> bool:
        """Whether it looks different when that document's weights change."""

    def finenesses(self, points: float) -> tuple[int, ...]:
        """From coarse to fine, the first as fine as about so many points allow."""

    def stages(
        self, finenesses: Sequence[int], should_stop: Callable[[], bool], tile_size: TileSize, way: Way
    ) -> Iterator[Stage]:
        """Evaluate it in each of these, ending early, between two tiles, when told to stop."""


@dataclass(eq=False)
class Job:
    """Something to be worked out beside what is shown: points for drawing, or a frame of a recording.

    Attributes:
        run: does it in the worker's thread, and returns what is asked for.
        for_view: whether it goes before the frames of a recording.
        waits: whether everything else of the view goes before it.
        result: what is asked for, once it is known.
        error: the sentence that says why it will never be known, or empty.
        milliseconds: that it took.
        done: whether it has ended.
        given_up: whether nobody waits for it any more.
    """

    run: Callable[[Turn], Any]
    for_view: bool = True
    waits: bool = False
    result: Any = None
    error: str = ""
    milliseconds: float = 0.0
    done: bool = False
    given_up: bool = False

    @property
    def urgency(self) -> tuple[bool, bool]:
        """The greater the sooner; of two that are alike, the newer takes the older one's place."""
        return self.for_view, not self.waits


class Turn:
    """What a job may ask while it is done."""

    def __init__(self, engine: Engine, job: Job) -> None:
        self._engine, self._job = engine, job
        self._lent: list[tuple[TileSize, TileSize]] = []

    def stops(self) -> bool:
        """Between two tiles, let others do what cannot wait; returns whether to leave the job."""
        return self._engine._gives_up(self._job)

    def tile_size(self, field: Field) -> TileSize:
        """For evaluating a field.

        Those of a recording are what rendering the path takes, which gives the same pixels then, if they fit.
        """
        of_view = self._engine._tile_size(field)
        lent = of_view if self._job.for_view or of_view.halved else TileSize()
        self._lent.append((of_view, lent))
        return lent

    def suit(self, field: Field, filter: Filter | None, points_per_second: float, tile_seconds: float) -> None:
        """Let tiles for the view take about so long from now on."""
        if self._job.for_view:
            tile_size = self._engine._tile_size(field)
            _suit(tile_size, points_per_second * tile_seconds, field.tile_points(filter))

    def memory_ran_out(self) -> bool:
        """Whether tiles have become smaller, which is kept for the field."""
        shrunk = [(kept, lent) for kept, lent in self._lent if lent.halved and not kept.halved]
        for kept, lent in shrunk:
            kept.points, kept.halved = lent.points, True
        return bool(shrunk)


@dataclass(frozen=True)
class Copied:
    """A copy of what is being trained, to draw with while the training goes on, for ``take`` of who wanted it."""

    document: Document
    field: Field
    take: Callable[[Copied], None]


@dataclass(frozen=True)
class Evaluated:
    """A stage of what the view asked for, ``milliseconds`` after it was taken up."""

    request: Any
    stage: Any
    milliseconds: float


@dataclass(frozen=True)
class Trained:
    """The state of the training.

    Attributes:
        document: what is trained.
        progress: of the latest step, None before the first.
        history: (step, loss, PSNR or None) of the steps since the last event.
        steps_per_second: since then.
        training_share: share of the time since then that went into steps.
        drawing_share: and into evaluating for the view.
        ended: why it ended, or empty.
    """

    document: Document
    progress: Progress | None
    history: tuple[tuple[int, float, float | None], ...]
    steps_per_second: float
    training_share: float
    drawing_share: float
    ended: str = ""


@dataclass(frozen=True)
class Failed:
    """Something went wrong in the worker; ``what`` was being done."""

    what: str
    sentence: str


@dataclass(frozen=True)
class Notice:
    """Something a person should know that is no failure."""

    sentence: str


_LATEST_ONLY = (Evaluated, Copied)

Event = Evaluated | Trained | Copied | Failed | Notice


@dataclass
class _TrainingRun:
    """A training under way."""

    document: Document
    training: Training | Race
    steps: Iterator[Progress]
    reported_at: float
    divergence: DivergenceWatch | None
    paused: bool = False
    history: list[tuple[int, float, float | None]] = field(default_factory=list)
    training_s: float = 0.0
    drawing_s: float = 0.0
    watch_due: float = 0.0
    copy_due: float = 0.0
    progress: Progress | None = None


class Engine:
    """The worker thread: what is to be shown, a job for drawing, one for a recording, and a training, in that order.

    Args:
        wake: called from the worker when there are events, so that a sleeping loop can look.
        clock: seconds of a clock that never goes back, by which paces are measured.

    Attributes:
        watched: whether anyone looks at what is trained; else it is not evaluated again.
        copied: what is to be copied now and then while it is trained, for drawing, and who takes it; None is nothing.
        way: how values leave a GPU.
    """

    def __init__(self, wake: Callable[[], None] = lambda: None, clock: Callable[[], float] = time.perf_counter) -> None:
        self._wake, self.clock = wake, clock
        self.watched = True
        self.copied: tuple[Document, Callable[[Copied], None]] | None = None
        self.way: Way = "pinned"
        self._changed = threading.Condition()
        self._request: Request | None = None
        self._latest: Request | None = None
        self._jobs: dict[tuple[bool, bool], Job] = {}
        self._training_run: _TrainingRun | None = None
        self._stop_asked = False
        self._closing = False
        self._events: list[Event] = []
        self._tile_sizes: WeakKeyDictionary[Field, TileSize] = WeakKeyDictionary()
        self._points_per_second: WeakKeyDictionary[Field, float] = WeakKeyDictionary()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    def show(self, request: Request) -> None:
        """Evaluate for the view, in place of whatever was asked before."""
        with self._changed:
            self._request = self._latest = request
            self._changed.notify()

    def show_nothing(self) -> None:
        """Evaluate nothing again for the view, until something is asked for."""
        with self._changed:
            self._request = self._latest = None

    def do(self, job: Job) -> None:
        """Do a job, in place of the one asked for before for the same purpose, view or recording."""
        with self._changed:
            before = self._jobs.get(job.urgency)
            if before is not None:
                before.given_up = True
            self._jobs[job.urgency] = job
            self._changed.notify()

    def train(self, document: Document, training: Training | Race, steps: Iterator[Progress]) -> None:
        """Take the steps of a training, which an earlier one makes room for."""
        with self._changed:
            watch = None if isinstance(training, Race) else DivergenceWatch(training.field)  # a race sees to itself
            self._training_run = _TrainingRun(document, training, steps, self.clock(), watch)
            self._stop_asked = False
            self._changed.notify()

    def pause(self, paused: bool) -> None:
        """Take no more steps for now, or go on."""
        with self._changed:
            if self._training_run is not None:
                self._training_run.paused = paused
                self._request = self._request or self._latest  # the view may be some steps behind
                self._changed.notify()

    def stop_training(self) -> None:
        """Take no further step; a last ``Trained`` event says so."""
        with self._changed:
            self._stop_asked = self._training_run is not None
            self._changed.notify()

    @property
    def training(self) -> bool:
        """Whether there is a training, be it paused."""
        return self._training_run is not None

    def events(self) -> Iterator[Event]:
        """What has happened since the last call, in order; of the view, only the latest."""
        with self._changed:
            events, self._events = self._events, []
        return iter(events)

    def close(self, timeout: float = 60.0) -> None:
        """End the thread after the tile or step it is at; a program that ends in its midst is aborted."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout)

    def _post(self, event: Event) -> None:
        with self._changed:
            if isinstance(event, _LATEST_ONLY):  # what nobody has taken yet would pile up while the window is busy
                self._events = [earlier for earlier in self._events if type(earlier) is not type(event)]
            self._events.append(event)
        self._wake()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(self._has_work)
                if self._closing:
                    return
            if self._stop_asked:
                self._end_training("hand")
            elif self._request is not None:
                self._guarded("evaluating", self._evaluate_view)
            elif self._jobs:
                self._do(max(self._jobs))
            else:
                self._guarded("training", self._train)

    def _has_work(self) -> bool:
        trains = self._training_run is not None and not self._training_run.paused
        asked = self._request is not None or bool(self._jobs)
        return self._closing or self._stop_asked or asked or trains

    def _guarded(self, what: str, work: Callable[[], None]) -> None:
        """Do it; whatever goes wrong becomes an event, and the thread lives on."""
        try:
            work()
        except Exception as error:
            if what == "training":
                self._end_training("failed")
            self._post(Failed(what, _sentence(error)))

    def hurried(self) -> bool:
        """Whether something waits that is more urgent than what is being done; may be asked in any thread."""
        return self._request is not None or self._stop_asked or self._closing

    def _evaluate_view(self) -> None:
        with self._changed:
            request, self._request = self._request, None
        if request is None:
            return
        finenesses, run = self._finenesses(request, FIRST_PICTURE_S), self._training_run
        if run is not None and not run.paused and request.shows(run.document):
            self._glance(request, STEPS_WAIT_S, finenesses)
        else:
            self._evaluate(request, finenesses)

    def _glance(self, request: Request, seconds: float, before: tuple[int, ...] = ()) -> None:
        """Evaluate what is being trained as finely as it takes so long; the whole follows when steps pause or end.

        Args:
            request: what.
            seconds: about.
            before: finenesses from coarse to fine: all of them where the last is affordable, else only the first.
        """
        finest, *finer = self._finenesses(request, seconds)
        finenesses = tuple(dict.fromkeys((*before[:1], finest))) if finer else before or (finest,)
        self._evaluate(request, finenesses, is_glance=bool(finer))

    def _finenesses(self, request: Request, seconds: float) -> tuple[int, ...]:
        """Coarse to fine, the first to be there in about so many seconds."""
        return request.finenesses(self._points_per_second.get(request.field, _FIRST_GUESS) * seconds)

    def _evaluate(self, request: Request, finenesses: Sequence[int], is_glance: bool = False) -> None:
        started = stage_started = self.clock()
        _use_threads(EVALUATING_THREADS)
        tile_size = self._tile_size(request.field)
        halved = tile_size.halved
        for stage in request.stages(finenesses, self.hurried, tile_size, self.way):
            ended = self.clock()
            shown: Any = stage
            if is_glance:
                shown = replace(shown, final=False)
            self._post(Evaluated(request, shown, 1e3 * (ended - started)))
            rate = stage.points / max(ended - stage_started, 1e-9)
            self._points_per_second[request.field] = rate
            if stage_started == started and not is_glance and request.pause_seconds:
                with self._changed:  # the processor is left to those who draw, unless something newer is asked for
                    self._changed.wait_for(self.hurried, request.pause_seconds)
            _suit(tile_size, rate * request.tile_seconds, request.field.tile_points(None))
            stage_started = self.clock()
        if tile_size.halved and not halved:
            self._post(_MEMORY_RAN_OUT)

    def _do(self, urgency: tuple[bool, bool]) -> None:
        """Do a job, unless it is given up meanwhile; what goes wrong is noted in it."""
        job, started = self._jobs[urgency], self.clock()
        turn = Turn(self, job)
        _use_threads(EVALUATING_THREADS)
        try:
            job.result = job.run(turn)
        except Exception as error:
            job.error = _sentence(error)
        job.milliseconds, job.done = 1e3 * (self.clock() - started), True
        if turn.memory_ran_out():
            self._post(_MEMORY_RAN_OUT)
        with self._changed:
            if self._jobs.get(urgency) is job:
                del self._jobs[urgency]
        self._wake()

    def _gives_up(self, job: Job) -> bool:
        """Between two tiles of a job, do what cannot wait until it is done; returns whether to leave it."""
        if self._stop_asked:
            self._end_training("hand")
        if not job.for_view or job.waits:
            if self._request is not None:
                self._guarded("evaluating", self._evaluate_view)
            if self._jobs and (most := max(self._jobs)) > job.urgency:
                self._do(most)
        return self._closing or job.given_up

    def _tile_size(self, field: Field) -> TileSize:
        return self._tile_sizes.setdefault(field, TileSize())

    def _train(self) -> None:
        run = self._training_run
        if run is None:
            return
        started = self.clock()
        _use_threads(LIVE_TRAINING_THREADS if isinstance(run.training, Race) else TRAINING_THREADS)
        progress = next(run.steps)
        run.document.version += 1
        run.training_s += self.clock() - started
        run.progress = progress
        run.history.append((progress.step, progress.loss, progress.psnr))
        if progress.stopped_by is not None:
            self._end_training(progress.stopped_by)
            return
        measured = progress.psnr if progress.step % MONITOR_EVERY_STEPS == 0 else None
        diverged = run.divergence.see(progress.step, progress.loss, measured) if run.divergence is not None else ""
        if diverged:
            self._post(Notice(f"the training {diverged}; choose a lower learning rate or other settings"))
            self._end_training("diverged")
            return
        self._watch(run)
        self._copy(run)
        if self.clock() - run.reported_at >= _PROGRESS_EVERY_S:
            self._report(run)

    def _watch(self, run: _TrainingRun) -> None:
        """Evaluate what is shown again, if that is due."""
        request, started = self._latest, self.clock()
        if not self.watched or request is None or started < run.watch_due:
            return
        if not request.shows(run.document):
            return
        self._guarded("evaluating", partial(self._glance, request, WATCH_SHARE * WATCH_EVERY_S))
        ended = self.clock()
        run.drawing_s += ended - started
        run.watch_due = ended + (ended - started) * (1 / WATCH_SHARE - 1)

    def _copy(self, run: _TrainingRun) -> None:
        """Copy the weights for drawing, if anyone draws with them and that is due."""
        started, copied = self.clock(), self.copied
        if copied is None or copied[0] is not run.document or not self.watched or started < run.copy_due:
            return
        self._post(Copied(run.document, copy.deepcopy(run.document.field).eval(), copied[1]))
        ended = self.clock()
        run.drawing_s += ended - started
        run.copy_due = ended + max(WATCH_EVERY_S, (ended - started) * (1 / WATCH_SHARE - 1))

    def _report(self, run: _TrainingRun, ended: str = "") -> None:
        now = self.clock()
        span = max(now - run.reported_at, 1e-9)
        history, run.history = tuple(run.history), []
        rates = len(history) / span, run.training_s / span, run.drawing_s / span
        run.reported_at, run.training_s, run.drawing_s = now, 0.0, 0.0
        self._post(Trained(run.document, run.progress, history, *rates, ended))

    def _end_training(self, why: str) -> None:
        with self._changed:
            run, self._training_run, self._stop_asked = self._training_run, None, False
            self._request = self._request or self._latest  # the view may be some steps behind
        if run is not None:
            self._report(run, why)


_MEMORY_RAN_OUT = Notice("the GPU's memory ran out: evaluating in smaller tiles now, which is slower")


def _use_threads(count: int) -> None:
    if torch.get_num_threads() != count:
        torch.set_num_threads(count)


def _suit(tile_size: TileSize, points: float, most: int) -> None:
    """Make tiles as small as a person's patience, unless memory has made them smaller already."""
    if not tile_size.halved and points > 0:
        tile_size.points = min(max(int(points), 4 * LEAST_TILE_POINTS), most)


def _sentence(error: Exception) -> str:
    if isinstance(error, InputError):
        return str(error)
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
