"""Grids, tiles and progressive evaluation, on a field that is a known function."""

import pytest
import torch

from fieldcore.errors import InputError
from fieldcore.evaluation import (
    LEAST_TILE_POINTS,
    Grid,
    Points,
    TileSize,
    evaluate,
    evaluate_progressively,
    evaluate_tiles,
)
from fieldcore.fields.field import Field
from fieldcore.filters import Gaussian
from fieldcore.recipe import Recipe
from fieldcore.signals import SignalFacts

FACTS = SignalFacts("picture", "plane", "", (1.0, 0.5), 2, (64, 32))


class PlaneRecipe(Recipe):
    kind = "plane"


class Plane(Field):
    """values = (x + 10 y, variance): which point and which filter each cell was asked with."""

    kind = "plane"
    filters = (Gaussian,)

    def __init__(self):
        super().__init__(PlaneRecipe(), FACTS)
        self.weight = torch.nn.Parameter(torch.tensor([1.0, 10.0]))

    def _values(self, x, filter):
        variance = torch.zeros(len(x)) if filter is None else filter.variance.expand(len(x))
        return torch.stack([x[:, 0] * self.weight[0] + x[:, 1] * self.weight[1], variance], -1)

    def loss(self, signal, generator):
        raise NotImplementedError


def test_cell_centres_follow_the_conventions():
    grid = Grid.covering((1.0, 0.5), 4)
    assert grid.resolution == (4, 2)
    points = grid.points(0, grid.count)
    assert points[:, 0].tolist() == pytest.approx([-0.75, -0.25, 0.25, 0.75] * 2)
    assert points[:, 1].tolist() == pytest.approx([-0.25] * 4 + [0.25] * 4)


def test_values_land_in_rows_and_columns():
    values = evaluate(Plane(), Grid.covering((1.0, 0.5), 64), Gaussian(1e-3))
    assert values.shape == (32, 64, 2)
    assert values[3, 5, 0].item() == pytest.approx((11 / 64 - 1) + 10 * 0.5 * (7 / 32 - 1), abs=1e-5)
    assert values[..., 1].unique().tolist() == pytest.approx([1e-3])


def test_tiles_are_the_whole_and_a_per_cell_filter_is_cut_with_them():
    grid = Grid.covering((1.0, 0.5), 30)
    variances = torch.linspace(0, 1e-1, grid.count)
    whole = evaluate(Plane(), grid, Gaussian(variances))
    tiled = evaluate(Plane(), grid, Gaussian(variances), tile_size=TileSize(77))
    assert torch.equal(whole, tiled)
    assert torch.equal(whole[..., 1].flatten(), variances)
    spans = [(start, stop) for start, stop, _ in evaluate_tiles(Plane(), grid, tile_size=TileSize(200))]
    assert spans == [(0, 200), (200, 400), (400, 450)]


def test_a_volume_of_one_layer_is_cut_between_its_rows():
    grid = Grid((30, 15, 1), (-1.0, -0.5, 0.1), (1.0, 0.5, 0.3))
    assert [grid.tile_end(start, 200) for start in (0, 180, 360)] == [180, 360, 450]
    x, y, t = grid.lattice(180, 360)
    assert torch.equal(x, grid.axes()[0]) and torch.equal(y, grid.axes()[1][6:12]) and torch.equal(t, grid.axes()[2])
    assert grid.lattice(0, 200) is None
    assert Grid((4, 3, 2), (0.0,) * 3, (1.0,) * 3).tile_end(0, 5) == 12, "others between their layers"


def test_progressive_goes_from_coarse_to_exact():
    grid = Grid.covering((1.0, 0.5), 50)
    stages = list(evaluate_progressively(Plane(), grid, Gaussian(1e-2), factors=(4, 1)))
    assert [stage.resolution for stage, _ in stages] == [(13, 7), (50, 25)]
    assert torch.equal(stages[-1][1], evaluate(Plane(), grid, Gaussian(1e-2)))


def test_progressive_filters_may_depend_on_the_grid():
    grid = Grid.covering((1.0, 0.5), 16)

    def foveated(stage):
        return Gaussian(stage.points(0, stage.count).square().sum(-1))

    for stage, values in evaluate_progressively(Plane(), grid, foveated):
        assert torch.allclose(values[..., 1].flatten(), stage.points(0, stage.count).square().sum(-1))


def test_progressive_stops_between_tiles_when_told():
    asked = 0

    def should_stop():
        nonlocal asked
        asked += 1
        return asked > 3

    grid = Grid.covering((1.0, 0.5), 64)
    stages = list(
        evaluate_progressively(Plane(), grid, should_stop=should_stop, factors=(8, 1), tile_size=TileSize(256))
    )
    assert [stage.resolution for stage, _ in stages] == [(8, 4)]
    assert asked == 4


def test_an_empty_grid_is_refused():
    with pytest.raises(InputError, match="expected at least one cell an axis"):
        Grid((0, 4), (-1.0, -1.0), (1.0, 1.0))


def test_fields_refuse_what_does_not_fit():
    class Box(Gaussian):
        pass

    field = Plane()
    field.filters = ()
    with pytest.raises(InputError, match="a plane field cannot be filtered by Box"):
        field(torch.zeros(3, 2), Box(1e-3))
    with pytest.raises(InputError, match=r"expected shape \(n, 2\), got \(3, 4\)"):
        Plane()(torch.zeros(3, 4))
    with pytest.raises(InputError, match="expected one for each of the 3 points, got 2"):
        Plane()(torch.zeros(3, 2), Gaussian(torch.zeros(2)))


class Hungry(Plane):
    """A plane of which memory holds only so many points at once."""

    def __init__(self, most):
        super().__init__()
        self.most, self.asked = most, []

    def _values(self, x, filter):
        self.asked.append(len(x))
        if len(x) > self.most:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return super()._values(x, filter)


def test_where_memory_runs_out_smaller_tiles_give_the_same_values():
    grid = Grid.covering((1.0, 0.5), 200)
    variances = torch.linspace(0, 1e-1, grid.count)
    field, tile_size = Hungry(5000), TileSize()
    values = evaluate(field, grid, Gaussian(variances), tile_size=tile_size)
    assert torch.equal(values, evaluate(Plane(), grid, Gaussian(variances)))
    assert tile_size == TileSize(4096, halved=True)
    assert field.asked[:4] == [16384, 8192, 4096, 4096] and max(field.asked[2:]) == 4096
    evaluate(field, grid, tile_size=tile_size)
    assert field.asked.count(8192) == 1  # what was learned is remembered


def test_memory_that_runs_out_in_the_midst_loses_no_tile():
    grid, field = Grid.covering((1.0, 0.5), 200), Hungry(10**9)
    spans = []
    for start, stop, _ in evaluate_tiles(field, grid, tile_size=TileSize(8192)):
        spans.append((start, stop))
        field.most = 2048
    assert spans[0] == (0, 8192) and {stop - start for start, stop in spans[1:-1]} == {2048}
    assert [start for start, _ in spans[1:]] == [stop for _, stop in spans[:-1]] and spans[-1][1] == grid.count


def test_where_hardly_any_points_fit_it_gives_up_with_advice():
    field = Hungry(LEAST_TILE_POINTS - 1)
    with pytest.raises(InputError, match="cpu: out of memory; close other programs or choose a smaller field"):
        evaluate(field, Grid.covering((1.0, 0.5), 200))
    assert min(field.asked) == LEAST_TILE_POINTS
    evaluate(Hungry(LEAST_TILE_POINTS), Grid.covering((1.0, 0.5), 200))


def test_a_tile_size_may_be_changed_between_two_tiles():
    tile_size, sizes = TileSize(100), []
    for start, stop, _ in evaluate_tiles(Plane(), Grid.covering((1.0, 0.5), 40), tile_size=tile_size):
        sizes.append(stop - start)
        tile_size.points = 300
    assert sizes == [100, 300, 300, 100]


@pytest.mark.parametrize("count", [5, 4096, 4095, 262144])
def test_more_or_fewer_filters_than_cells_are_refused_before_the_first_tile(count):
    grid = Grid.covering((1.0, 1.0), 128)
    for cells in (grid, Points(grid.points(0, grid.count))):
        with pytest.raises(InputError, match=f"one for each of the 16384 points, got {count}"):
            next(evaluate_tiles(Plane(), cells, Gaussian(torch.full((count,), 1e-3))))


def test_numbers_are_variances():
    grid = Grid.covering((1.0, 1.0), 8)
    expected = evaluate(Plane(), grid, Gaussian(1e-2))
    assert torch.equal(evaluate(Plane(), grid, 1e-2), expected)
    assert torch.equal(evaluate(Plane(), grid, [1e-2] * grid.count), expected)


def test_the_mode_of_a_field_is_left_as_it_was():
    field = Plane()
    for training in (True, False):
        evaluate(field.train(training), Grid.covering((1.0, 1.0), 8))
        assert field.training is training


def test_points_are_evaluated_as_they_are_given():
    grid = Grid.covering((1.0, 0.5), 6)
    points = Points(grid.points(0, grid.count))
    assert torch.equal(evaluate(Plane(), points), evaluate(Plane(), grid).flatten(0, 1))
    assert evaluate(Plane(), Points(torch.zeros(0, 2))).shape == (0, 2)
