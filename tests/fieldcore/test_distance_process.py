"""Exact distances by another process are those of this one; when it ends, one sentence says so."""

from __future__ import annotations

import gc
import os
import signal

import numpy as np
import pytest
import trimesh
from solids import mesh_of

from fieldcore.errors import InputError
from fieldcore.signals import Shape
from fieldcore.signals.distance_process import DistanceProcess
from fieldcore.signals.mesh_distance import MeshDistance

BALL = mesh_of(trimesh.creation.icosphere(subdivisions=2, radius=1.0))


@pytest.fixture
def asked() -> DistanceProcess:
    return DistanceProcess(BALL.vertices, BALL.triangles)


def places(count: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1.2, 1.2, (count, 3))


def test_it_answers_as_this_process_does_to_the_bit(asked: DistanceProcess) -> None:
    expected = MeshDistance(BALL.vertices, BALL.triangles)
    for count in (1, 0, 20_000, 7):
        assert np.array_equal(asked(places(count)), expected(places(count)))


def test_a_process_that_ends_is_told_of_and_another_one_answers(asked: DistanceProcess) -> None:
    before = asked(places(5))
    assert asked._process is not None
    os.kill(asked._process.pid, signal.SIGKILL)
    with pytest.raises(InputError, match=r"the process that computes them ended \(signal 9\); close other programs"):
        asked(places(5))
    assert np.array_equal(asked(places(5)), before)


def test_it_ends_with_whom_it_serves() -> None:
    asked = DistanceProcess(BALL.vertices, BALL.triangles)
    asked(places(1))
    process = asked._process
    assert process is not None and process.poll() is None
    del asked
    gc.collect()
    assert process.poll() is not None


def test_a_shape_apart_is_the_same_shape() -> None:
    shape = Shape(BALL)
    apart = shape.apart()
    assert isinstance(apart.distance, DistanceProcess) and apart.apart().distance is not shape.distance
    assert shape.apart().distance is apart.distance  # one process for all who ask
    assert np.array_equal(apart.distance(places(100)), shape.distance(places(100)))
    assert apart.facts == shape.facts
