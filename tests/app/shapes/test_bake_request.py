"""Bakes from the worker thread: coarse to fine, the latest wins, and training is watched through coarse ones."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from ball import FACTS, RADIUS, Ball, cell_centres, smoothed_distance
from clocks import Stopwatch
from driving import AtGate, WatchedEngine, document_of, ignore, watched_engine
from torch import Tensor

from app.document import Document
from app.scenes.shape.bake_request import BakeRequest, coarse_to_fine
from app.scenes.shape.baking import bake_grid
from app.work.asking import Asking
from app.work.engine import Evaluated, Failed
from fieldcore.fitting import Progress, Training

NONE = (0.0,) * 6
SMOOTH = (0.01, 0.0, 0.0, 0.01, 0.0, 0.01)


class GatedBall(AtGate, Ball):
    def __init__(self) -> None:
        super().__init__()
        self.close()


class PacedBall(Ball):
    """A ball of which so many points take a second of a stopwatch, on every machine."""

    def __init__(self, stopwatch: Stopwatch, points_per_second: float) -> None:
        super().__init__()
        self.stopwatch, self.points_per_second = stopwatch, points_per_second

    def _values(self, x: Tensor, filter: Any) -> Tensor:
        self.stopwatch.seconds += len(x) / self.points_per_second
        return super()._values(x, filter)


@pytest.fixture
def engine() -> Iterator[WatchedEngine]:
    with watched_engine() as engine:
        yield engine


def bakes(engine: WatchedEngine) -> list[Evaluated]:
    return engine.logged(Evaluated)


@pytest.mark.parametrize("covariance", [NONE, SMOOTH])
def test_bakes_come_coarse_to_fine_with_the_smoothed_distances(engine: WatchedEngine, covariance) -> None:
    request = BakeRequest(document_of(Ball()), covariance, 64, ignore)
    engine.show(request)
    engine.until(lambda: bakes(engine) and bakes(engine)[-1].stage.final)
    sides = [event.stage.bake.cells for event in bakes(engine)]
    assert sides == [32, 64] and [event.stage.final for event in bakes(engine)] == [False, True]
    for event in bakes(engine):
        points = torch.from_numpy(cell_centres(event.stage.bake.cells).reshape(-1, 3))
        expected = smoothed_distance(points, covariance[0]).reshape(event.stage.bake.values.shape)
        np.testing.assert_allclose(event.stage.bake.values, expected, atol=1e-5)
    assert request.under_way == (64, 1.0) and RADIUS < 1


def test_the_latest_bake_wins_and_an_older_one_ends_with_its_first_stage(engine: WatchedEngine) -> None:
    """That is shown, for while a slider is dragged something newer is always asked for; finer ones are given up."""
    old, new = GatedBall(), document_of(Ball(), "new")
    engine.show(BakeRequest(document_of(old), NONE, 128, ignore, clock=Stopwatch()))
    old.wait()
    engine.show(BakeRequest(new, NONE, 32, ignore))
    old.open()
    engine.until(lambda: bakes(engine) and bakes(engine)[-1].request.document is new)
    assert [event.stage.bake.cells for event in bakes(engine) if event.request.document is not new] == [32]
    assert old.tiles == math.ceil(32**3 / old.tile_points(None))


def test_a_first_bake_that_takes_too_long_is_given_up_too(engine: WatchedEngine) -> None:
    old, new, stopwatch = GatedBall(), document_of(Ball(), "new"), Stopwatch()
    engine.show(BakeRequest(document_of(old), NONE, 128, ignore, clock=stopwatch))
    old.wait()
    engine.show(BakeRequest(new, NONE, 32, ignore))
    stopwatch.seconds += 1.0
    old.open()
    engine.until(lambda: bakes(engine))
    assert bakes(engine)[0].request.document is new and old.tiles == 1


def test_a_finer_bake_is_given_up_at_its_next_tile(engine: WatchedEngine) -> None:
    old, new = GatedBall(), document_of(Ball(), "new")
    tiles_of_first = math.ceil(32**3 / old.tile_points(None))
    old.gate.release(tiles_of_first)
    engine.show(BakeRequest(document_of(old), NONE, 128, ignore))
    for _ in range(tiles_of_first + 1):
        old.wait()  # the first is there, and a tile of the next is at the gate
    engine.show(BakeRequest(new, NONE, 32, ignore))
    old.open()
    engine.until(lambda: bakes(engine)[-1].request.document is new)
    assert [event.stage.bake.cells for event in bakes(engine) if event.request.document is not new] == [32]
    assert old.tiles == tiles_of_first + 1


def test_between_two_tiles_for_a_recording_the_view_is_baked(engine: WatchedEngine) -> None:
    slow = GatedBall()
    asked = Asking(engine, for_view=False)(slow, bake_grid(64), None)
    assert next(asked) is None
    slow.wait()
    engine.show(BakeRequest(document_of(Ball()), NONE, 32, ignore))
    slow.gate.release()
    engine.until(lambda: bakes(engine))
    assert next(asked) is None
    slow.open()
    values = []
    engine.until(lambda: values.append(next(asked)) or values[-1] is not None)
    assert values[-1].shape == (64**3, 1)


def test_a_bake_that_goes_wrong_is_told(engine: WatchedEngine) -> None:
    engine.show(BakeRequest(document_of(Ball()), (-1.0, 0.0, 0.0, -1.0, 0.0, -1.0), 32, ignore))
    engine.until(lambda: engine.logged(Failed))
    assert not bakes(engine)


class Growing:
    """A training whose every step makes the ball smaller."""

    def __init__(self, document: Document, stopwatch: Stopwatch) -> None:
        self.document, self.training, self.stopwatch = document, Training(document.field), stopwatch

    def __iter__(self) -> Iterator[Progress]:
        while True:
            with torch.no_grad():
                self.document.field.error += 1e-3  # type: ignore[operator]
            self.training.step += 1
            self.stopwatch.seconds += 0.01
            yield Progress(self.training.step, 1.0, 1e-3, 1.0, 0.0, None, 0.0, None)


def test_what_trains_is_baked_again_more_coarsely_and_as_a_whole_when_it_pauses() -> None:
    stopwatch = Stopwatch()
    with watched_engine(stopwatch) as engine:
        see_it_train(engine, stopwatch)


def see_it_train(engine: WatchedEngine, stopwatch: Stopwatch) -> None:
    """At a pace at which the whole takes five seconds, and the coarsest bake more than half of one."""
    document = document_of(PacedBall(stopwatch, points_per_second=5e4))
    engine.show(BakeRequest(document, NONE, 64, ignore))
    engine.until(lambda: bakes(engine) and bakes(engine)[-1].stage.final)
    shown = len(bakes(engine))
    training = Growing(document, stopwatch)
    engine.train(document, training.training, iter(training))
    engine.until(lambda: len(bakes(engine)) > shown)
    glance = bakes(engine)[shown]
    assert glance.stage.bake.cells == 32 and not glance.stage.final
    assert glance.stage.bake.values.mean() > bakes(engine)[shown - 1].stage.bake.values.mean()
    shown = len(bakes(engine))
    engine.show(BakeRequest(document, SMOOTH, 64, ignore))
    engine.until(lambda: bakes(engine)[-1].request.smoothing == SMOOTH)
    assert not any(event.stage.final for event in bakes(engine)[shown:]), "steps do not wait for the whole"
    engine.pause(True)
    engine.until(lambda: bakes(engine)[-1].stage.final)
    assert bakes(engine)[-1].stage.bake.cells == 64


def test_finenesses_begin_affordable_and_end_with_what_was_asked_for() -> None:
    for cells in (32, 64, 128, 256):
        assert coarse_to_fine(cells, math.inf, 32) == (cells,)
        for points in (0.0, 100.0, 3e3, 7e4, 3e5, 2e6):
            sides = coarse_to_fine(cells, points, 32)
            assert sides[-1] == cells and all(fine == 2 * coarse for coarse, fine in pairwise(sides))
            assert sides[0] ** 3 <= max(points, 32**3)
    assert coarse_to_fine(256, 3e3, 32) == (32, 64, 128, 256)


def test_of_a_field_that_is_slow_whatever_it_is_asked_a_hint_is_there_soon() -> None:
    slow, looking_up = Ball(), Ball()
    slow.tile_points = lambda filter: 1 << 14
    looking_up.tile_points = lambda filter: 1 << 17  # 16^3 points would take it as long as 32^3
    assert BakeRequest(document_of(slow), NONE, 128, ignore).finenesses(100.0) == (16, 32, 64, 128)
    assert BakeRequest(document_of(slow), NONE, 128, ignore).finenesses(1e4) == (32, 64, 128)
    assert BakeRequest(document_of(looking_up), NONE, 128, ignore).finenesses(100.0) == (32, 64, 128)


def test_a_request_is_looked_at_again_only_for_its_own_field() -> None:
    document = document_of(Ball(facts=FACTS))
    request = BakeRequest(document, NONE, 32, ignore)
    assert request.shows(document) and not request.shows(document_of(Ball()))
