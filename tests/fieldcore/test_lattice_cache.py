"""What a field caches of the lattices it is asked for: the same values, never those of weights that were."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest
import torch

from fieldcore.evaluation import Grid, TileSize, evaluate
from fieldcore.fields.grid_levels import CubicLevel, DenseLevel, HashedLevel
from fieldcore.fields.lattice_cache import LatticeCache, Newest
from fieldcore.fields.trained_pyramid import TrainedPyramid
from fieldcore.filters import Gaussian
from fieldcore.signals import SignalFacts

LATTICE = ([5, 6, 7], 0.4, [0.0, 0.1, 0.2])
MAKERS = {
    "linear": lambda: DenseLevel(*LATTICE, 2),
    "cubic": lambda: CubicLevel(*LATTICE, 2),
    "hashed": lambda: HashedLevel(*LATTICE, 2, 10),
}
BOX = Grid((9, 8, 10), (-1.0, -1.0, -1.0), (1.0, 0.9, 1.1))


@pytest.fixture(params=MAKERS)
def level(request):
    made = MAKERS[request.param]()
    with torch.no_grad():
        made.values.uniform_(-1, 1, generator=torch.Generator().manual_seed(0))
    return made


@torch.no_grad()
def test_what_was_asked_for_is_cached_until_the_weights_or_the_places_change(level) -> None:
    cached, axes = LatticeCache(), BOX.axes()
    first = cached.features(level, axes, 1)
    assert torch.equal(first, level.on_lattice(axes))
    assert cached.features(level, [axis.clone() for axis in axes], 1) is first
    moved = cached.features(level, [axis + 0.01 for axis in axes], 1)
    assert torch.equal(moved, level.on_lattice([axis + 0.01 for axis in axes])) and not torch.equal(moved, first)
    level.values.mul_(2)
    torch.testing.assert_close(cached.features(level, axes, 1), 2 * first)


@torch.no_grad()
def test_no_more_is_cached_than_there_is_room_for_and_the_oldest_goes_first() -> None:
    level = MAKERS["linear"]()
    lattices = [[torch.full((4,), float(shift)) for _ in range(3)] for shift in range(3)]
    room = LatticeCache(2 * 4**3 * level.features * 4)
    oldest, second = (room.features(level, axes, 1) for axes in lattices[:2])
    assert room.features(level, lattices[0], 1) is oldest  # asked for last, and so no longer the oldest
    room.features(level, lattices[2], 1)
    assert room.features(level, lattices[0], 1) is oldest
    assert room.features(level, lattices[1], 1) is not second
    layers = [torch.linspace(-1, 1, 8), torch.linspace(-1, 1, 8), torch.zeros(1)]
    assert room.features(level, layers, 1) is not room.features(level, layers, 1), "of 8 such layers there is no room"
    other = [axis + 9 for axis in lattices[0]]
    assert room.features(level, other, 3) is not room.features(level, other, 3), "nor for three levels of one lattice"
    assert room.features(level, other, 1) is room.features(level, other, 1)


def test_what_leads_back_to_the_weights_is_not_cached() -> None:
    level, room = MAKERS["linear"](), LatticeCache()
    for _ in range(2):
        room.features(level, BOX.axes(), 1).sum().backward()
    assert float(level.values.grad.sum()) == pytest.approx(2 * level.features * BOX.count, rel=1e-4)


@torch.no_grad()
def test_a_copy_keeps_nothing_of_the_original() -> None:
    level, room = MAKERS["linear"](), LatticeCache()
    first = room.features(level, BOX.axes(), 1)
    assert copy.deepcopy(room).features(level, BOX.axes(), 1) is not first
    assert pickle.loads(pickle.dumps(room)).features(level, BOX.axes(), 1) is not first


def test_the_newest_results_are_cached_and_made_once() -> None:
    newest: Newest[object] = Newest(2)
    first, second = newest.get("first", object), newest.get("second", object)
    assert newest.get("first", object) is first
    newest.get("third", object)
    assert newest.get("first", object) is first
    assert newest.get("second", object) is not second
    assert copy.deepcopy(newest).get("first", object) is not first


def shape_field(**changes) -> TrainedPyramid:
    facts = SignalFacts("shape", "ball", "0" * 64, (1.0, 1.0, 1.0), 1)
    recipe = dataclasses.replace(TrainedPyramid.presets["standard"].for_signal(facts), formula_cells=24, **changes)
    field = TrainedPyramid(recipe, facts).eval()
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in field.parameters():
            parameter.uniform_(-0.5, 0.5, generator=generator)
    return field


FIELDS = {
    "dense": {},
    "hashed": {"log2_entries": 10},
    "cubic": {"cubic": True},
}


@pytest.mark.parametrize("changes", FIELDS.values(), ids=FIELDS)
@torch.no_grad()
def test_a_lattice_filtered_anew_has_the_values_of_its_points(changes) -> None:
    field = shape_field(**changes)
    points = BOX.points(0, BOX.count)
    for variance in (1e-3, 0.0, 1e-1, 1e-3, 1e-2):
        expected = field(points, Gaussian(variance)).reshape(*reversed(BOX.resolution), 1)
        for size in (None, 200):  # in tiles too
            values = evaluate(field, BOX, Gaussian(variance), tile_size=TileSize(size))
            torch.testing.assert_close(values, expected, rtol=0, atol=2e-5)


@pytest.mark.parametrize("changes", FIELDS.values(), ids=FIELDS)
@torch.no_grad()
def test_a_lattice_smoothed_in_a_direction_has_the_values_of_its_points(changes) -> None:
    field = shape_field(**changes)
    points = BOX.points(0, BOX.count)
    for covariance in (
        torch.diag(torch.tensor([1e-4, 1e-2, 3e-4])),
        torch.tensor([[2.0, 1, 0], [1, 3, 1], [0, 1, 1]]) * 1e-2,
    ):
        gaussian = Gaussian(covariance)
        expected = field(points, gaussian).reshape(*reversed(BOX.resolution), 1)
        for size in (None, 200):
            values = evaluate(field, BOX, gaussian, tile_size=TileSize(size))
            torch.testing.assert_close(values, expected, rtol=0, atol=2e-5)


@torch.no_grad()
def test_a_field_in_training_is_not_shown_as_it_was() -> None:
    field = shape_field()
    before = evaluate(field, BOX, Gaussian(1e-3))
    field.train()
    for level in field.levels:  # as a fused optimiser does it: no tensor counts this
        level.values.data.numpy()[:] *= 2
    after = evaluate(field, BOX, Gaussian(1e-3))
    torch.testing.assert_close(after, field(BOX.points(0, BOX.count), Gaussian(1e-3)).reshape(after.shape))
    assert float((after - before).abs().max()) > 0.1
