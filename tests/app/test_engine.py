"""The worker thread: what it evaluates, in which order, and what becomes of what goes wrong in it.

Every tile and every step can be held up, so that what happens meanwhile is certain.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from clocks import Clock
from driving import Gated, WatchedEngine, document_of, ignore, watched_engine
from patience import HANG_S
from torch import Tensor
from waves import Waves

from app.document import Document
from app.frame_size import Size
from app.plane.layers import Sources, Stage, evaluate_layers
from app.plane.request import PlaneRequest
from app.scenes.picture.controls import Controls
from app.work.engine import Engine, Evaluated, Failed, Job, Notice, Trained, Turn
from fieldcore.errors import InputError
from fieldcore.filters import Gaussian
from fieldcore.fitting import Progress, Training

FOUR_TILES: Size = (360, 180)  # of at most 16384 points


@pytest.fixture
def engine() -> Iterator[WatchedEngine]:
    with watched_engine() as engine:
        yield engine


def request_of(document: Document, size: Size = (64, 32), **controls: object) -> PlaneRequest:
    return PlaneRequest(Controls(field=str(document.path), **controls), size, document, ignore)  # type: ignore[arg-type]


class Steps:
    """A training whose every step raises the mean by one, when it is let."""

    def __init__(self, document: Document, is_open: bool = False, ends_after: int = 10**9) -> None:
        self.document, self.training = document, Training(document.field)
        self.is_open, self.ends_after, self.wrong, self.loss = is_open, ends_after, False, 1.0
        self.taken, self.gate = threading.Semaphore(0), threading.Semaphore(0)

    def __iter__(self) -> Iterator[Progress]:
        while True:
            if not self.is_open:
                assert self.gate.acquire(timeout=HANG_S)
            if self.wrong:
                raise RuntimeError("a step went wrong")
            with torch.no_grad():
                self.document.field.mean += 1  # type: ignore[operator]
            self.training.step += 1
            step = self.training.step
            self.taken.release()
            yield Progress(
                step, self.loss / step, 1e-3, 1.0, 0.0, None, 0.0, "steps" if step >= self.ends_after else None
            )

    def begin(self, engine: Engine) -> None:
        engine.train(self.document, self.training, iter(self))

    def wait(self) -> None:
        assert self.taken.acquire(timeout=HANG_S)

    def open(self) -> None:
        self.is_open = True
        self.gate.release()


def final_stages(engine: WatchedEngine) -> list[Evaluated]:
    return [event for event in engine.logged(Evaluated) if event.stage.final]


def frame_of(request: PlaneRequest) -> Job:
    """The work of a frame of a recording."""

    def layers(turn: Turn) -> Stage | None:
        size, tile_size = request.framebuffer_px, turn.tile_size(request.field)
        stages = evaluate_layers(request.controls, request.sources, size, should_stop=turn.stops, tile_size=tile_size)
        return next(stages, None)

    return Job(layers, for_view=False)


def mean_shown(event: Evaluated) -> float:
    return float(event.stage.layers["field"].values.mean())


def test_what_is_asked_for_is_evaluated_to_the_end(engine: WatchedEngine) -> None:
    document = document_of(Waves())
    request = request_of(document, covariance=(1e-3, 0.0, 1e-3), zoom=3.0)
    engine.show(request)
    engine.until(lambda: final_stages(engine))
    (stage,) = evaluate_layers(request.controls, Sources(Waves()), (64, 32))
    shown = final_stages(engine)[0]
    assert shown.request is request and shown.milliseconds > 0
    assert abs(shown.stage.layers["field"].values - stage.layers["field"].values).max() < 1e-5
    assert shown.stage.layers["field"].grid == stage.layers["field"].grid


def test_the_view_comes_from_coarse_to_fine(engine: WatchedEngine) -> None:
    engine.show(request_of(document_of(Waves()), FOUR_TILES))
    engine.until(lambda: final_stages(engine))
    factors = [event.stage.factor for event in engine.logged(Evaluated)]
    assert len(factors) > 1 and factors == sorted(factors, reverse=True) and factors[-1] == 1
    assert [event.stage.final for event in engine.logged(Evaluated)] == [False] * (len(factors) - 1) + [True]


def test_the_latest_request_wins_and_an_older_one_ends_at_its_next_tile(engine: WatchedEngine) -> None:
    old, new = Gated(), document_of(Waves(), "new")
    engine.show(request_of(document_of(old), FOUR_TILES))
    old.wait()
    engine.show(request_of(document_of(old), FOUR_TILES))
    engine.show(request_of(new))
    old.open()
    engine.until(lambda: final_stages(engine))
    assert {event.request.document for event in engine.logged(Evaluated)} == {new}
    assert old.tiles == 1


def test_pictures_that_nobody_took_make_way_for_later_ones() -> None:
    woken = threading.Semaphore(0)
    engine, document = Engine(woken.release, Clock()), document_of(Waves())
    try:
        for center in ((0.0, 0.0), (0.5, 0.0)):
            engine.show(request_of(document, (8, 4), center=center))
            assert woken.acquire(timeout=HANG_S)
        (event,) = engine.events()
        assert isinstance(event, Evaluated) and event.request.controls.center == (0.5, 0.0) and event.stage.final
    finally:
        engine.close()


class Broken(Waves):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def _values(self, x: Tensor, filter: Gaussian | None) -> Tensor:
        raise self.error


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RuntimeError("out of\nluck"), "RuntimeError: out of luck"),
        (InputError("a field cannot be filtered so"), "a field cannot be filtered so"),
        (MemoryError(), "cpu: out of memory; close other programs or choose a smaller field"),
    ],
)
def test_what_goes_wrong_is_told_and_the_thread_lives_on(
    engine: WatchedEngine, error: Exception, sentence: str
) -> None:
    broken = document_of(Broken(error))
    engine.show(request_of(broken))
    engine.until(lambda: engine.logged(Failed))
    frame = frame_of(request_of(broken))
    engine.do(frame)
    engine.until(lambda: frame.done)
    assert engine.logged(Failed) == [Failed("evaluating", sentence)] and frame.error == sentence
    engine.show(request_of(document_of(Waves())))
    engine.until(lambda: final_stages(engine))


class Hungry(Waves):
    """A field of which memory holds only so many points at once."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def _values(self, x: Tensor, filter: Gaussian | None) -> Tensor:
        if len(x) > self.most:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return super()._values(x, filter)


@pytest.mark.parametrize("of", ["view", "recording"])
def test_where_memory_runs_out_tiles_shrink_and_it_is_said_once(engine: WatchedEngine, of: str) -> None:
    document = document_of(Hungry(3000))
    for _ in range(2):
        request = request_of(document, (160, 80))
        frame = frame_of(request)
        if of == "view":
            engine.show(request)
        else:
            engine.do(frame)
        engine.until(lambda request=request, frame=frame: frame.done or shown_of(engine, request))
    stage = frame.result if of == "recording" else shown_of(engine, request)[-1].stage
    (expected,) = evaluate_layers(request.controls, Sources(Waves()), (160, 80))
    assert abs(stage.layers["field"].values - expected.layers["field"].values).max() < 1e-5
    engine.close()
    assert len(engine.logged(Notice)) == 1 and "smaller tiles" in engine.logged(Notice)[0].sentence


def shown_of(engine: WatchedEngine, request: PlaneRequest) -> list[Evaluated]:
    return [event for event in final_stages(engine) if event.request is request]


def test_where_memory_holds_nothing_that_is_said(engine: WatchedEngine) -> None:
    engine.show(request_of(document_of(Hungry(0)), FOUR_TILES))
    engine.until(lambda: engine.logged(Failed))
    assert "out of memory; close other programs" in engine.logged(Failed)[0].sentence


# Frames of a recording


def test_a_frame_is_evaluated_at_full_quality(engine: WatchedEngine) -> None:
    frame = frame_of(request_of(document_of(Waves()), FOUR_TILES))
    engine.do(frame)
    engine.until(lambda: frame.done)
    assert frame.result.layers["field"].values.shape == (*reversed(FOUR_TILES), 3) and not engine.log


def test_between_two_tiles_of_a_frame_the_view_goes_first(engine: WatchedEngine) -> None:
    slow, quick = Gated(), document_of(Waves())
    frame = frame_of(request_of(document_of(slow), FOUR_TILES))
    engine.do(frame)
    slow.wait()
    engine.show(request_of(quick))
    slow.gate.release()
    engine.until(lambda: final_stages(engine))
    assert not frame.done
    slow.open()
    engine.until(lambda: frame.done)
    assert frame.result is not None and slow.tiles == 4  # the frame went on where it was


def test_a_training_stops_between_two_tiles_of_a_frame(engine: WatchedEngine) -> None:
    slow, steps = Gated(), Steps(document_of(Waves()))
    frame = frame_of(request_of(document_of(slow), FOUR_TILES))
    engine.do(frame)
    slow.wait()
    steps.begin(engine)
    engine.stop_training()
    slow.gate.release()
    engine.until(lambda: engine.logged(Trained))
    assert not frame.done and slow.tiles <= 2
    slow.open()
    engine.until(lambda: frame.done)


def test_a_frame_makes_way_for_the_next_one(engine: WatchedEngine) -> None:
    slow = Gated()
    frame, newer = frame_of(request_of(document_of(slow), FOUR_TILES)), frame_of(request_of(document_of(Waves())))
    engine.do(frame)
    slow.wait()
    engine.do(newer)
    slow.open()
    engine.until(lambda: newer.done)
    assert frame.given_up and frame.result is None and slow.tiles == 1 and newer.result is not None


def test_closing_gives_up_a_frame_at_its_next_tile() -> None:
    engine, slow = WatchedEngine(), Gated()
    frame = frame_of(request_of(document_of(slow), FOUR_TILES))
    engine.do(frame)
    slow.wait()
    closing = threading.Thread(target=engine.close)
    closing.start()
    with engine._changed:
        assert engine._changed.wait_for(lambda: engine._closing, HANG_S)
    slow.open()
    closing.join(HANG_S)
    assert not engine._thread.is_alive() and slow.tiles == 1 and frame.result is None


# Training


def test_steps_are_taken_and_what_is_shown_follows_them(engine: WatchedEngine) -> None:
    document = document_of(Waves())
    engine.show(request_of(document))
    engine.until(lambda: final_stages(engine))
    before = mean_shown(final_stages(engine)[-1])
    steps = Steps(document, is_open=True)
    steps.begin(engine)
    engine.until(lambda: mean_shown(final_stages(engine)[-1]) > before + 3)
    assert document.version >= 3 and engine.training
    values = [mean_shown(event) for event in final_stages(engine)]
    assert values == sorted(values)


def test_a_request_comes_between_two_steps(engine: WatchedEngine) -> None:
    steps, shown = Steps(document_of(Waves())), document_of(Waves(), "other")
    steps.begin(engine)
    steps.gate.release()
    steps.wait()  # and the next step waits to be let
    engine.show(request_of(shown))
    steps.gate.release()
    engine.until(lambda: final_stages(engine))
    assert engine.training
    steps.open()


def test_a_paused_training_takes_no_step_and_goes_on(engine: WatchedEngine) -> None:
    document = document_of(Waves())
    steps = Steps(document, is_open=True)
    steps.begin(engine)
    steps.wait()
    engine.pause(True)

    def look() -> int:
        request = request_of(document, (64, 32))
        engine.show(request)
        engine.until(lambda: [event for event in final_stages(engine) if event.request is request])
        return steps.training.step

    taken = look()
    assert [look(), look()] == [taken, taken] and engine.training
    engine.pause(False)
    engine.until(lambda: steps.training.step > taken)


def test_stop_ends_it_with_one_last_event(engine: WatchedEngine) -> None:
    document = document_of(Waves())
    steps = Steps(document)
    steps.begin(engine)
    steps.gate.release()
    steps.wait()
    engine.stop_training()
    steps.open()
    engine.until(lambda: not engine.training)
    engine.close()
    ended = [event for event in engine.logged(Trained) if event.ended]
    assert [(event.document, event.ended) for event in ended] == [(document, "hand")]
    taken = [step for event in engine.logged(Trained) for step, _, _ in event.history]
    assert taken == list(range(1, steps.training.step + 1)) and steps.training.step <= 2
    assert ended[0].progress is not None and ended[0].progress.step == steps.training.step


def test_stop_ends_a_paused_training(engine: WatchedEngine) -> None:
    steps = Steps(document_of(Waves()))
    steps.begin(engine)
    steps.gate.release()
    steps.wait()
    engine.pause(True)
    steps.open()  # one step may have begun by now
    engine.stop_training()
    engine.until(lambda: not engine.training)
    assert steps.training.step <= 2


def test_stop_does_not_wait_for_the_picture_of_the_field_in_training(engine: WatchedEngine) -> None:
    field = Gated(is_open=True)
    document = document_of(field)
    engine.show(request_of(document, FOUR_TILES))
    engine.until(lambda: final_stages(engine))
    field.is_open, field.tiles, field.entered = False, 0, threading.Semaphore(0)
    steps = Steps(document, is_open=True)
    steps.begin(engine)
    field.wait()  # in the midst of showing the first step
    engine.stop_training()
    tiles_at_the_end: list[int] = []
    field.gate.release()
    engine.until(lambda: [e for e in engine.logged(Trained) if e.ended] and not tiles_at_the_end.append(field.tiles))
    assert tiles_at_the_end[0] <= 2  # the one at the gate, and the first of what is shown for good
    field.open()
    engine.until(lambda: mean_shown(final_stages(engine)[-1]) > 1)  # the picture after the last step


def test_stopping_what_does_not_run_holds_up_nothing(engine: WatchedEngine) -> None:
    engine.stop_training()
    document = document_of(Waves())
    engine.show(request_of(document))
    engine.until(lambda: final_stages(engine))
    steps = Steps(document, is_open=True)
    steps.begin(engine)
    steps.wait()
    steps.wait()
    assert engine.training and not [event for event in engine.logged(Trained) if event.ended]


def test_a_training_that_comes_to_its_end_says_why(engine: WatchedEngine) -> None:
    steps = Steps(document_of(Waves()), is_open=True, ends_after=3)
    steps.begin(engine)
    engine.until(lambda: not engine.training)
    engine.close()
    (event,) = [event for event in engine.logged(Trained) if event.ended]
    assert event.ended == "steps" and event.progress is not None and event.progress.step == 3


def test_a_step_that_goes_wrong_ends_the_training_and_the_thread_lives_on(engine: WatchedEngine) -> None:
    document = document_of(Waves())
    steps = Steps(document)
    steps.begin(engine)
    steps.gate.release()
    steps.wait()
    steps.wrong = True
    steps.open()
    engine.until(lambda: engine.logged(Failed))
    assert engine.logged(Failed) == [Failed("training", "RuntimeError: a step went wrong")]
    assert [event.ended for event in engine.logged(Trained) if event.ended] == ["failed"]
    assert not engine.training
    again = Steps(document, is_open=True)
    again.begin(engine)
    again.wait()
    engine.show(request_of(document))
    engine.until(lambda: final_stages(engine))


def test_a_training_that_diverges_ends_with_a_sentence(engine: WatchedEngine) -> None:
    steps = Steps(document_of(Waves()))
    steps.begin(engine)
    steps.gate.release()
    steps.wait()
    steps.loss = math.nan
    steps.open()
    engine.until(lambda: not engine.training)
    engine.close()
    assert [event.ended for event in engine.logged(Trained) if event.ended] == ["diverged"]
    assert "diverged at step 2: its loss is no longer a number" in engine.logged(Notice)[0].sentence


def test_a_picture_that_goes_wrong_does_not_end_the_training(engine: WatchedEngine) -> None:
    broken = Broken(torch.cuda.OutOfMemoryError("CUDA out of memory"))
    document = document_of(broken)
    engine.show(request_of(document))
    engine.until(lambda: engine.logged(Failed))
    steps = Steps(document, is_open=True)
    steps.begin(engine)
    engine.until(lambda: len(engine.logged(Failed)) > 2)
    for _ in range(3):
        steps.wait()
    assert engine.training and {failed.what for failed in engine.logged(Failed)} == {"evaluating"}


def test_a_request_made_while_a_training_ends_is_not_lost(tmp_path: Path) -> None:
    for _ in range(20):
        with watched_engine() as engine:
            document = document_of(Waves())
            engine.show(request_of(document, (8, 4)))
            Steps(document, is_open=True, ends_after=2).begin(engine)
            latest = request_of(document, (8, 4), center=(0.25, 0.0))
            engine.show(latest)
            engine.until(lambda engine=engine: not engine.training)
            engine.until(
                lambda engine=engine, latest=latest: final_stages(engine) and final_stages(engine)[-1].request is latest
            )
