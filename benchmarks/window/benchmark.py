"""How the window answers: ``fieldscope --benchmark``, in real windows, with scripted slider drags.

Everything is measured from outside, as a person would with a stopwatch: a slider event is a change of the controls
exactly as the panel makes it, a picture counts as there when it has been presented.
"""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from app.actions import press
from app.frame_size import Size
from app.layout_file import Layout
from app.memory import resident_mb
from app.principal_axes import LEAST_LOG10_VARIANCE
from app.resources import asset_path
from app.scenes.picture.state import pictures
from app.scenes.shape.state import shapes
from app.scenes.textured_mesh.controls import BY_FIELD
from app.scenes.textured_mesh.state import textured_meshes
from app.setting import put
from app.settings import BY_NAME
from app.window.instrument import Instrument, leave_a_core_to_the_window, open_instrument, open_session
from app.window.window import check_display
from app.work.engine import Evaluated
from fieldcore.checkpoint import TrainingFacts, save_field
from fieldcore.fields.field import Field
from fieldcore.progress_lines import hide_progress_lines

from .gpu_figures import FULL_HD, GpuFigures, handover_ms, untrained_spectral, why_not_measured
from .percentiles import Percentiles

VIEW_PX = 512
DRAGS, EVENTS_A_DRAG = 12, 20
TURNS, TURN_S = 5, 2.5
SLIDER_EVENTS = 2000
FLOWN_S, FORWARD_AND_BACK = 20.0, "ws"


@dataclass(frozen=True)
class Result:
    """What was measured.

    Attributes:
        machine, renderer, device, view_px: on what.
        loop_ms: a pass of the loop, sleep not counted, while sliders are dragged.
        loop_while_training_ms: the same while a field trains.
        slider_to_first_picture_ms: from a slider event to the first picture of it (or of a later one) presented.
        slider_to_final_picture_ms: from the last event of a drag to its full resolution presented.
        scrub_to_first_picture_ms: from a move of the timeline's playhead, likewise.
        stop_training_ms: from the button to the last step's end.
        training_slowdown: steps a second with the window open over those without any window.
        rss_growth_mb: of the process's memory over 2,000 slider events.
        shape_loop_ms, shape_slider_to_first_picture_ms, shape_slider_to_final_picture_ms: the same of a shape.
        shape_axis_to_first_picture_ms, shape_axis_to_final_picture_ms: with the slider of one axis of its filter.
        flight_loop_ms: a pass of the loop while a key flies around a textured mesh.
    """

    renderer: str
    device: str
    view_px: tuple[int, int]
    loop_ms: Percentiles
    loop_while_training_ms: Percentiles
    slider_to_first_picture_ms: Percentiles
    slider_to_final_picture_ms: Percentiles
    scrub_to_first_picture_ms: Percentiles
    stop_training_ms: float
    training_slowdown: float
    steps_per_second: tuple[float, float]
    rss_growth_mb: float
    shape_loop_ms: Percentiles
    shape_slider_to_first_picture_ms: Percentiles
    shape_slider_to_final_picture_ms: Percentiles
    shape_axis_to_first_picture_ms: Percentiles
    shape_axis_to_final_picture_ms: Percentiles
    flight_loop_ms: Percentiles


def run_benchmark(device: torch.device, as_json: bool) -> None:
    """Measure and print. Raises InputError where there is no display."""
    check_display()
    leave_a_core_to_the_window()
    hide_progress_lines()
    layout = Layout(view_window=(20, 20, VIEW_PX, VIEW_PX))
    missing = why_not_measured(device)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_session(layout, device, Path(folder)) as session,
        open_instrument(session) as instrument,
    ):
        bench = Bench(instrument)
        result = bench.run()
        figures = None if missing else bench.run_on_gpu(untrained_spectral(device), FULL_HD)
    if as_json:
        print(json.dumps({**asdict(result), **(figures.keys if figures else {})}))
    else:
        print(f"{_table(result)}\n{figures.table() if figures else missing}")


class Bench:
    """Drives an instrument as a person would, with a stopwatch in hand.

    Args:
        instrument: which.
        patience: how many times as long as usual it is waited for.
    """

    def __init__(self, instrument: Instrument, patience: float = 1.0) -> None:
        self._instrument, self._session, self._patience = instrument, instrument.session, patience
        instrument.on_presented = self._presented
        self._passes: list[float] = []
        self._unanswered: list[float] = []
        self._last_event = math.inf
        self._first: list[float] = []
        self._final: list[float] = []
        self._slider = BY_NAME["log10-variance"]
        self._moves = self._put

    def run(self) -> Result:
        """What a person notices, with a shipped field."""
        instrument, session = self._instrument, self._session
        instrument.open([str(asset_path("pyramid.safetensors"))])
        self._until(lambda: pictures(session).agreement is not None, 30.0)
        loop, first, final = self._dragged()
        scrubbed = self._scrubbed()
        growth = self._growth()
        self._passes = []
        beside, alone, stopped = self._training()
        while_training = Percentiles.of(self._passes)
        flying = self._flying()
        instrument.open([str(asset_path("shape.safetensors"))])
        self._until(lambda: shapes(session).baker.settled is not None, 180.0)
        self._slider = BY_NAME["log10-variance"]
        shape_loop, shape_first, shape_final = self._dragged()
        self._slider = BY_NAME["log10-variance-1"]
        _, axis_first, axis_final = self._dragged()
        return Result(
            renderer=session.renderer,
            device=str(session.device),
            view_px=session.framebuffer_px,
            loop_ms=loop,
            loop_while_training_ms=while_training,
            slider_to_first_picture_ms=first,
            slider_to_final_picture_ms=final,
            scrub_to_first_picture_ms=scrubbed,
            stop_training_ms=round(1e3 * stopped, 1),
            training_slowdown=round(beside / alone, 3) if alone else math.nan,
            steps_per_second=(round(alone, 1), round(beside, 1)),
            rss_growth_mb=round(growth, 1),
            shape_loop_ms=shape_loop,
            shape_slider_to_first_picture_ms=shape_first,
            shape_slider_to_final_picture_ms=shape_final,
            shape_axis_to_first_picture_ms=axis_first,
            shape_axis_to_final_picture_ms=axis_final,
            flight_loop_ms=flying,
        )

    def run_on_gpu(self, field: Field, size: Size) -> GpuFigures:
        """What a view of that size takes, whose device is a GPU: to OpenGL, and ``field`` to its final picture."""
        window, session = self._instrument.window, self._session
        window.make_current()
        ways, reasons = handover_ms(window.context, session.device, size)
        window.resize(size)
        # Desktops take their time, and some have not so much room.
        given_up_at = time.perf_counter() + 2.0 * self._patience
        self._until(lambda: window.framebuffer_px == size or time.perf_counter() > given_up_at, 10.0)
        file = session.training.folder / "large.safetensors"
        save_field(file, field, TrainingFacts())
        self._instrument.open([str(file)])
        self._until(lambda: self._shows(file.name), 60.0)
        if session.framebuffer_px != size:
            width, height = session.framebuffer_px
            reasons["spectral_1080p_final_ms"] = f"the display gave a view of {width} x {height} pixels"
            return GpuFigures(ways, None, reasons)
        self._drags(3)  # warming up
        self._final = []
        self._drags(DRAGS)
        return GpuFigures(ways, Percentiles.of(self._final), reasons)

    def _shows(self, name: str) -> bool:
        """Whether the field of that file is there in full, at the view's present size."""
        state = pictures(self._session)
        shown, document = state.evaluated, state.document
        if shown is None or document is None or shown.request.document is not document:
            return False
        is_whole = shown.stage.final and shown.request.framebuffer_px == self._session.framebuffer_px
        return is_whole and document.path.name == name

    def _dragged(self) -> tuple[Percentiles, Percentiles, Percentiles]:
        """Passes of the loop, first pictures and final ones of drags, after some that are not counted."""
        self._drags(3)
        self._passes, self._first, self._final = [], [], []
        self._drags(DRAGS)
        loop, self._passes = Percentiles.of(self._passes), []
        return loop, Percentiles.of(self._first), Percentiles.of(self._final)

    def _put(self, share: float) -> None:
        """Move the slider."""
        put(self._slider, self._session, LEAST_LOG10_VARIANCE * (1 - share) - 1 * share)

    def _scrubbed(self) -> Percentiles:
        """First pictures while the playhead is dragged along a path on which filter and view move."""
        session = self._session
        for log10_variance, zoom in ((-5.0, 1.0), (-2.0, 2.0), (-3.0, 0.8), (-1.5, 3.0)):
            session.path.add(
                replace(session.shown, covariance=(10**log10_variance, 0.0, 10**log10_variance), zoom=zoom)
            )
        self._moves = lambda share: session.state.scrub(share * session.path.end)
        _, first, _ = self._dragged()
        self._moves = self._put
        session.path.forget()
        return first

    def _flying(self) -> Percentiles:
        """Passes of the loop while a key is held and the neural texture is shown."""
        session = self._session
        self._instrument.open([str(asset_path("fish.glb"))])
        self._until(lambda: textured_meshes(session).shading in BY_FIELD, 90.0)
        self._passes, until = [], time.perf_counter() + FLOWN_S
        while time.perf_counter() < until:
            press(session, FORWARD_AND_BACK[int(time.perf_counter()) % 2])
            self._pass()
            session.let_go()
        return Percentiles.of(self._passes)

    def _drags(self, count: int) -> None:
        """Drags of the scale slider, each at rest in the end until the picture is final."""
        for drag in range(count):
            for event in range(EVENTS_A_DRAG):
                share = (event + 1) / EVENTS_A_DRAG
                self._slide(share if drag % 2 == 0 else 1 - 0.9 * share)
            self._until(lambda: self._last_event == math.inf, 10.0)

    def _slide(self, share: float) -> None:
        """One event of a hand, as the panel's callback makes it."""

        def move() -> None:
            self._last_event = time.perf_counter()
            self._unanswered.append(self._last_event)
            self._moves(share)

        self._instrument.touch()
        self._instrument.on_input = move
        self._pass()
        self._instrument.on_input = lambda: None

    def _pass(self) -> None:
        started = time.perf_counter()
        pause = self._instrument.step()
        self._passes.append(time.perf_counter() - started)
        self._instrument.window.wait(pause)

    def _until(self, there: Callable[[], bool], timeout: float) -> None:
        deadline = time.perf_counter() + timeout * self._patience
        while not there():
            if time.perf_counter() > deadline:
                raise RuntimeError("the window did not answer in time")
            self._pass()

    def _presented(self, evaluated: Evaluated) -> None:
        now, asked_at = time.perf_counter(), evaluated.request.asked_at
        answered = [event for event in self._unanswered if event <= asked_at]
        self._unanswered = self._unanswered[len(answered) :]
        self._first += [now - event for event in answered]
        if evaluated.stage.final and asked_at >= self._last_event:
            self._final.append(now - self._last_event)
            self._last_event = math.inf

    def _growth(self) -> float:
        """Growth of the resident set over slider events, in MB, after as many as fill the caches."""
        for event in range(SLIDER_EVENTS // 4):
            self._slide(event % 100 / 100)
        before = resident_mb()
        for event in range(SLIDER_EVENTS):
            self._slide(event % 100 / 100)
        return resident_mb() - before

    def _training(self) -> tuple[float, float, float]:
        """Steps a second beside the window and without one, and seconds from the button to the last step's end.

        The two are taken in turns, because machines get faster and slower: with the loop running, and with the window
        left alone and nothing evaluated for it, which is a training without a window.
        """
        session, trainer = self._session, self._session.training
        usual = trainer.plan
        # The usual kind is solved for, in a single step.
        plan = replace(usual, kind="trained_pyramid", preset="preview")
        trainer.plan = replace(plan, rule="seconds", seconds=100 * TURN_S)
        session.train()
        trainer.plan = usual  # which a model that is opened next is solved by
        self._until(lambda: trainer.steps_done >= 20, 30.0)
        self._passes = []
        steps = {True: 0, False: 0}
        for turn in range(2 * TURNS):
            beside_window = turn % 2 == 0
            first, until = trainer.steps_done, time.perf_counter() + TURN_S
            session.engine.watched = beside_window
            while time.perf_counter() < until:
                if beside_window:
                    self._pass()
                else:
                    time.sleep(max(0.0, until - time.perf_counter()))
            steps[beside_window] += trainer.steps_done - first
        stopped = time.perf_counter()
        trainer.stop()
        self._until(lambda: not session.engine.training, 10.0)
        seconds = time.perf_counter() - stopped
        self._until(lambda: trainer.state == "idle", 60.0)
        return steps[True] / (TURNS * TURN_S), steps[False] / (TURNS * TURN_S), seconds


def _table(result: Result) -> str:
    width, height = result.view_px
    lines = [f"{width} x {height} view of a 512 x 512 pyramid field on {result.device}, drawn by {result.renderer}"]
    for name, value in asdict(result).items():
        if isinstance(value, dict):
            lines.append(f"{name:33} " + "  ".join(f"{p} {ms:7.2f}" for p, ms in value.items()))
        elif name not in ("renderer", "device", "view_px"):
            lines.append(f"{name:33} {value}")
    return "\n".join(lines)
