"""The solved pyramid: near the exact truth for one filter or one a point, on lattices and at points, in 1 to 3-D."""

from __future__ import annotations

import copy
import dataclasses
import io
import math
import pickle
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from fieldcore.borders import Border
from fieldcore.checkpoint import TrainingFacts, load_field, save_field
from fieldcore.errors import InputError
from fieldcore.evaluation import Grid, TileSize, evaluate
from fieldcore.fields import KINDS, default_preset
from fieldcore.fields.pyramid import Pyramid, PyramidRecipe
from fieldcore.filters import Gaussian
from fieldcore.fitting import Stop, fit
from fieldcore.picture_truth import smooth_picture
from fieldcore.signals import Ackley, Picture, Signal, SignalFacts, Texture
from fieldcore.truth import smooth_points

RECIPE = dataclasses.replace(Pyramid.presets["picture"], points_per_step=512)
STREAK = [[1e-2, 0.0], [0.0, 1e-5]]


def noise(width: int, height: int) -> Picture:
    """Detail at every scale, down to single pixels, in steps of 8 bits."""
    random = np.random.default_rng(0)
    pixels = np.zeros((height, width, 3))
    for size in (1, 2, 4, 16):
        coarse = random.standard_normal((-(-height // size), -(-width // size), 3))
        pixels += 0.1 * np.kron(coarse, np.ones((size, size, 1)))[:height, :width]
    return Picture((np.round((0.5 + pixels).clip(0, 1) * 255) / 255).astype(np.float32), "noise")


def prepared(signal: Signal, **entries: object) -> Pyramid:
    field = Pyramid(dataclasses.replace(RECIPE, **entries), signal.facts)
    field.prepare(signal)
    return field.eval()


def inside(signal: Signal, count: int) -> torch.Tensor:
    noise = torch.rand(count, signal.dim, generator=torch.Generator().manual_seed(1))
    return (2 * noise - 1) * torch.tensor(signal.facts.half_extent)


def turned(major: float, minor: float, angle_deg: float) -> torch.Tensor:
    cosine, sine = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    axes = torch.tensor([[cosine, -sine], [sine, cosine]])
    return axes @ torch.diag(torch.tensor([major, minor])) @ axes.T


@pytest.fixture(scope="module")
def solved() -> Pyramid:
    return prepared(noise(256, 192))


@pytest.fixture(scope="module")
def mixed() -> Pyramid:
    return prepared(noise(256, 192), interpolation="linear")


def psnr(field: Pyramid, signal: Picture, gaussian: Gaussian, *, per_point: bool = False) -> float:
    """In dB against the exact truth, up to the border."""
    grid = Grid.covering(signal.facts.half_extent, max(signal.facts.resolution))
    filter = Gaussian(gaussian.covariance(2).float().expand(grid.count, 2, 2)) if per_point else gaussian
    error = evaluate(field, grid, filter).numpy() - smooth_picture(signal, gaussian)
    return -10 * math.log10(max(np.square(error).mean(), 1e-20))


@pytest.mark.parametrize("size", [(64, 48), (65, 24), (33, 47)])
def test_what_is_not_smoothed_is_the_signal_itself_everywhere(size: tuple[int, int]) -> None:
    signal = noise(*size)
    x = 1.5 * inside(signal, 2000)  # beyond the border too
    torch.testing.assert_close(prepared(signal)(x), signal(x), rtol=0, atol=2e-5)


@pytest.mark.parametrize("pixels", [0.2, 0.5, 1, 1.4, 2, 3, 5, 13, 40])
def test_one_filter_for_all_is_nearly_exact_up_to_the_border(solved: Pyramid, pixels: float) -> None:
    assert psnr(solved, noise(256, 192), Gaussian((pixels * 2 / 256) ** 2)) > 62


@pytest.mark.parametrize("ratio", [1.2, 8, 40])
@pytest.mark.parametrize("angle_deg", [0, 20, 45, 90, 110])
def test_so_is_a_thin_one_in_any_direction(solved: Pyramid, ratio: float, angle_deg: float) -> None:
    minor = 0.9 * 2 / 256
    gaussian = Gaussian(turned((ratio * minor) ** 2, minor**2, angle_deg))
    assert psnr(solved, noise(256, 192), gaussian) > 52


def test_a_line_without_width_is_smoothed_along(solved: Pyramid) -> None:
    for matrix in ([[1e-2, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 1e-3]]):
        assert psnr(solved, noise(256, 192), Gaussian(matrix)) > 70
    assert psnr(solved, noise(256, 192), Gaussian(turned(1e-2, 1e-12, 30))) > 40


@pytest.mark.parametrize("pixels", [1, 1.4, 2, 3, 5, 8, 13])
@pytest.mark.parametrize("interpolation", ["cubic", "linear"])
def test_one_filter_a_point_is_near_the_exact_one(
    solved: Pyramid, mixed: Pyramid, pixels: float, interpolation: str
) -> None:
    field = solved if interpolation == "cubic" else mixed
    decibels = psnr(field, noise(256, 192), Gaussian((pixels * 2 / 256) ** 2), per_point=True)
    assert decibels > (50 if interpolation == "cubic" else 43)


@pytest.mark.parametrize("ratio", [2, 8, 16])
@pytest.mark.parametrize("angle_deg", [0, 20, 45, 110])
def test_the_same_for_footprints_at_grazing_angles(
    solved: Pyramid, mixed: Pyramid, ratio: float, angle_deg: float
) -> None:
    minor = 1.2 * 2 / 256
    gaussian = Gaussian(turned((ratio * minor) ** 2, minor**2, angle_deg))
    assert psnr(solved, noise(256, 192), gaussian, per_point=True) > 60
    assert psnr(mixed, noise(256, 192), gaussian, per_point=True) > 49


@pytest.mark.parametrize("border", ["mirror", "repeat", "clamp"])
def test_every_border_is_continued_by_shared_filters_and_single_ones(border: Border) -> None:
    signal = Texture(noise(64, 48).pixels, border=(border, border))
    field = prepared(signal)
    for matrix in (1e-2 * torch.eye(2), 5e-2 * torch.eye(2), torch.tensor([[5e-2, 3e-2], [3e-2, 2e-2]])):
        assert psnr(field, signal, Gaussian(matrix)) > 75, "shared"
        assert psnr(field, signal, Gaussian(matrix), per_point=True) > 62, "one a point"


@pytest.mark.parametrize(
    "gaussian",
    [None, Gaussian(1e-5), Gaussian(2e-3), Gaussian(STREAK), Gaussian([[2e-3, 1e-3], [1e-3, 2e-3]])],
    ids=["none", "small", "round", "aligned", "slanted"],
)
def test_lattices_and_points_have_the_same_values(solved: Pyramid, gaussian: Gaussian | None) -> None:
    axes = [torch.linspace(-1.1, 1.0, 31), torch.linspace(-0.7, 0.8, 17)]
    points = torch.cartesian_prod(axes[1], axes[0]).flip(-1)
    on_lattice = solved.on_lattice(axes, gaussian)
    torch.testing.assert_close(on_lattice, solved(points, gaussian), rtol=0, atol=2e-3)
    unsorted = [axis[torch.randperm(len(axis))] for axis in axes]
    points = torch.cartesian_prod(unsorted[1], unsorted[0]).flip(-1)
    torch.testing.assert_close(solved.on_lattice(unsorted, gaussian), solved(points, gaussian), rtol=0, atol=2e-3)
    few = solved(points[:5], gaussian)
    torch.testing.assert_close(few, solved(points, gaussian)[:5], rtol=0, atol=3e-4)


@pytest.mark.parametrize("gaussian", [Gaussian(1e-3), Gaussian(STREAK), Gaussian([[2e-3, 1e-3], [1e-3, 2e-3]])])
def test_tiles_do_not_show(solved: Pyramid, gaussian: Gaussian) -> None:
    grid = Grid.covering((1.0, 0.75), 60)
    whole = evaluate(solved, grid, gaussian)
    torch.testing.assert_close(evaluate(solved, grid, gaussian, tile_size=TileSize(200)), whole, rtol=0, atol=2e-4)


@pytest.mark.parametrize("matrix", [STREAK, [[5e-2, 0.0], [0.0, 1e-4]]])
def test_a_lattice_is_as_exact_at_its_ends_as_in_its_middle(solved: Pyramid, matrix: list[list[float]]) -> None:
    """Along a wide filter few positions are summed, and splines through them need some beyond the ends."""
    long, few = torch.linspace(-0.4, 0.4, 801), torch.linspace(-0.1, 0.1, 3)
    whole = solved.on_lattice([long, few], Gaussian(matrix)).view(3, 801, 3)
    part = solved.on_lattice([long[200:601], few], Gaussian(matrix)).view(3, 401, 3)
    torch.testing.assert_close(part, whole[:, 200:601], rtol=0, atol=3e-4)


@pytest.mark.parametrize("border", ["mirror", "repeat", "clamp"])
@pytest.mark.parametrize("interpolation", ["cubic", "linear"])
def test_between_the_last_sample_and_the_border_it_is_the_signal_too(border: Border, interpolation: str) -> None:
    signal = Texture(noise(32, 24).pixels, border=(border, border))
    x = torch.tensor([1.0, 0.75]) * (1 + torch.linspace(-0.04, 0.04, 41))[:, None] * torch.tensor([[1.0, -1.0]])
    torch.testing.assert_close(prepared(signal, interpolation=interpolation)(x), signal(x), rtol=0, atol=1e-5)


def test_a_constant_stays_that_constant() -> None:
    signal = Picture((np.full((40, 40, 3), [51, 128, 230]) / 255).astype(np.float32), "plain")
    field, x = prepared(signal), inside(signal, 50)
    for matrix in (1e-5 * torch.eye(2), 1e-2 * torch.eye(2), torch.tensor(STREAK), torch.tensor([[2.0, 1], [1, 1]])):
        torch.testing.assert_close(field(x, Gaussian(matrix)), signal(x), rtol=0, atol=2e-6)
        torch.testing.assert_close(field(x, Gaussian(matrix.expand(50, 2, 2))), signal(x), rtol=0, atol=2e-6)


def test_smoothing_by_all_of_the_picture_gives_its_mean_colour() -> None:
    signal = noise(64, 64)
    for gaussian in (Gaussian(4.0), Gaussian(torch.full((10,), 4.0))):
        values = prepared(signal)(inside(signal, 10), gaussian)
        np.testing.assert_allclose(values.mean(0), signal.pixels.mean((0, 1)), atol=0.01)


def test_no_filter_is_a_filter_of_no_variance(solved: Pyramid) -> None:
    x = inside(noise(256, 192), 50)
    for zero in (Gaussian(0.0), Gaussian(torch.zeros(2, 2)), Gaussian(torch.zeros(50))):
        torch.testing.assert_close(solved(x, zero), solved(x), rtol=0, atol=1e-5)


def test_values_change_little_where_points_get_filters_of_their_own(solved: Pyramid) -> None:
    x = inside(noise(256, 192), 200)
    for covariance in (2e-3 * torch.eye(2), torch.tensor([[2e-3, 1e-3], [1e-3, 2e-3]])):
        apart = solved(x, Gaussian(covariance.expand(200, 2, 2)))
        assert float((apart - solved(x, Gaussian(covariance))).square().mean().sqrt()) < 5e-3


def test_it_can_be_differentiated_by_positions_and_by_the_filter(solved: Pyramid) -> None:
    x = (0.5 * inside(noise(256, 192), 20)).requires_grad_()
    step = torch.tensor([1e-3, 0.0])
    with torch.no_grad():
        exact = (solved(x + step, Gaussian(1e-3)) - solved(x - step, Gaussian(1e-3)))[:, 0] / 2e-3
    (slope,) = torch.autograd.grad(solved(x, Gaussian(1e-3))[:, 0].sum(), x)
    torch.testing.assert_close(slope[:, 0], exact, rtol=0.05, atol=0.05)
    (slope,) = torch.autograd.grad(solved(x, Gaussian(torch.full((20,), 1e-3)))[:, 0].sum(), x)
    assert error(slope[:, 0], exact) < 0.15
    variance = torch.tensor(1e-3, requires_grad=True)
    (by_variance,) = torch.autograd.grad(solved(x, Gaussian.unchecked(variance)).square().sum(), variance)
    assert torch.isfinite(by_variance) and by_variance != 0


@pytest.mark.parametrize("axis", [0, 1])
def test_it_can_be_differentiated_by_covariances_of_single_points(solved: Pyramid, axis: int) -> None:
    x, matrix, step = 0.5 * inside(noise(256, 192), 50), turned(4e-3, 1e-3, 30), torch.zeros(2, 2)
    step[axis, axis] = 0.02 * matrix[axis, axis]
    exact = (solved(x, Gaussian(matrix + step)) - solved(x, Gaussian(matrix - step))).sum(1) / (2 * step.sum())
    covariance = matrix.expand(50, 2, 2).clone().requires_grad_()
    (slope,) = torch.autograd.grad(solved(x, Gaussian.unchecked(covariance)).sum(), covariance)
    assert error(slope[:, axis, axis], exact) < 0.15


def error(values: torch.Tensor, exact: torch.Tensor) -> float:
    """Root mean square, as a share of the exact values'."""
    return float((values - exact).norm() / exact.norm())


def test_every_vertex_is_one_of_the_next_coarser_level_or_between_them() -> None:
    for size in ((64, 48), (65, 24)):
        for finer, coarser in pairwise(prepared(noise(*size)).geometry.lines):
            for fine, coarse in zip(finer, coarser, strict=True):
                index = (coarse.vertices - fine.first) / fine.cell
                assert float((index - index.round()).abs().max()) < 1e-9


def test_a_picture_with_more_pixels_than_cells_is_averaged_not_picked() -> None:
    stripes = np.tile((np.arange(256) % 2).astype(np.float32)[None, :, None], (256, 1, 3))
    signal = Picture(stripes, "stripes")
    values = prepared(signal, max_cells=50)(0.9 * inside(signal, 500))
    assert float((values - 0.5).abs().max()) < 0.2  # a pixel picked at each vertex would give 0 and 1


def test_a_formula_is_solved_for_and_smoothed() -> None:
    signal = Ackley()
    field, x = prepared(signal), inside(signal, 1000)
    assert float((field(x) - signal(x)).square().mean().sqrt()) < 0.01
    for variance in (1e-2, 1e-1):  # the second reaches far beyond the box
        truth = smooth_points(signal, x[:50], Gaussian(variance), samples=4096).mean
        error = field(x[:50], Gaussian(variance)) - truth
        assert float(error.square().mean().sqrt()) < 2e-3


class Waves(Signal):
    """A cosine along the first axis of any number of coordinates, which a Gaussian only makes smaller."""

    def __init__(self, dim: int) -> None:
        self.facts = SignalFacts("waves", "waves", "0" * 64, (1.0,) * dim, 1, value_range=(-1.0, 1.0))

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cos(5 * x[:, :1])

    def to(self, device: torch.device | str) -> Signal:
        return self


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_it_takes_signals_of_one_to_three_coordinates(dim: int) -> None:
    signal = Waves(dim)
    field = prepared(signal, formula_cells=48)
    x = 0.5 * inside(signal, 100)
    torch.testing.assert_close(field(x), signal(x), rtol=0, atol=1e-3)
    filters = [Gaussian(1e-2), Gaussian(1e-2 * torch.eye(dim)), Gaussian(torch.full((100,), 1e-2))]
    if dim > 1:
        thin = 1e-4 * torch.eye(dim)
        thin[0, 0], thin[0, 1], thin[1, 0] = 1e-2, 5e-4, 5e-4
        filters += [Gaussian(thin), Gaussian(thin.expand(100, dim, dim))]
    for gaussian in filters:
        expected = math.exp(-25 * 1e-2 / 2) * signal(x)
        torch.testing.assert_close(field(x, gaussian), expected, rtol=0, atol=1e-2)
    axes = [torch.linspace(-0.5, 0.5, 5 + axis) for axis in range(dim)]
    points = torch.cartesian_prod(*reversed(axes)).reshape(-1, dim).flip(-1)
    for gaussian in [None, *filters[:2]]:
        torch.testing.assert_close(field.on_lattice(axes, gaussian), field(points, gaussian), rtol=0, atol=1e-3)


def test_signals_of_more_coordinates_are_refused_before_anything_is_allocated() -> None:
    for kind, dim in (("pyramid", 4), ("trained_pyramid", 1), ("trained_pyramid", 5)):
        recipe = next(iter(KINDS[kind].presets.values()))
        with pytest.raises(InputError, match=f"got one in {dim}-D"):
            KINDS[kind](recipe, Waves(dim).facts)


def test_solving_takes_one_step_and_says_so() -> None:
    signal = noise(64, 48)
    field = Pyramid(RECIPE, signal.facts)
    (progress,) = fit(field, signal, stop=Stop(seconds=1e9))
    assert (progress.step, progress.stopped_by) == (1, "solved")
    assert progress.loss < 1e-9


def test_solving_is_reproducible() -> None:
    first, second = (prepared(noise(64, 48)).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_it_leaves_the_random_stream_alone() -> None:
    signal = noise(64, 48)
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    for kind in ("pyramid", "trained_pyramid"):
        field = KINDS[kind](next(iter(KINDS[kind].presets.values())), signal.facts)
        field.prepare(signal)
    assert torch.equal(torch.rand(3), expected)


def test_a_saved_field_answers_the_same_from_a_byte_a_sample(tmp_path: Path, solved: Pyramid) -> None:
    path = tmp_path / "noise.safetensors"
    save_field(path, solved, TrainingFacts())
    loaded = load_field(path)
    x = inside(noise(256, 192), 100)
    for gaussian in (None, Gaussian(1e-3), Gaussian(STREAK), Gaussian(torch.logspace(-7, 0, 100))):
        assert torch.equal(loaded(x, gaussian), solved(x, gaussian))
    assert path.stat().st_size < 256 * 192 * 3 + 10_000


@pytest.mark.parametrize("scale", [0.7, 3.0])
def test_samples_that_are_no_bytes_are_kept_in_half_precision(tmp_path: Path, scale: float) -> None:
    signal = Picture(scale * noise(64, 48).pixels, "no bytes", encoding="linear")
    field, path = prepared(signal), tmp_path / "f.safetensors"
    save_field(path, field, TrainingFacts())
    x = inside(signal, 100)
    assert torch.equal(load_field(path)(x), field(x))
    assert float((field(x) - signal(x)).abs().max()) < 5e-4 * scale
    assert 2 * 64 * 48 * 3 <= path.stat().st_size < 2 * 64 * 48 * 3 + 10_000


def test_values_too_large_for_half_precision_are_kept_whole(tmp_path: Path) -> None:
    signal = Picture(1e6 * noise(64, 48).pixels, "large", encoding="linear")
    field = prepared(signal)
    save_field(tmp_path / "f.safetensors", field, TrainingFacts())
    x = inside(signal, 100)
    torch.testing.assert_close(load_field(tmp_path / "f.safetensors")(x), signal(x), rtol=0, atol=30)


def test_copies_pickles_and_torch_files_answer_the_same(solved: Pyramid) -> None:
    x = inside(noise(256, 192), 20)
    expected = solved(x, Gaussian(1e-3))
    buffer = io.BytesIO()
    torch.save(solved, buffer)
    buffer.seek(0)
    for other in (copy.deepcopy(solved), pickle.loads(pickle.dumps(solved)), torch.load(buffer, weights_only=False)):
        assert torch.equal(other(x, Gaussian(1e-3)), expected)


def test_changed_samples_are_seen_at_once(solved: Pyramid) -> None:
    field, x = copy.deepcopy(solved), inside(noise(256, 192), 20)
    before = field(x, Gaussian(1e-3))
    field.samples.mul_(0.5)
    torch.testing.assert_close(field(x, Gaussian(1e-3)), 0.5 * before, rtol=0, atol=1e-6)


def test_no_points_have_no_values(solved: Pyramid) -> None:
    for gaussian in (
        None,
        Gaussian(1e-3),
        Gaussian.unchecked(torch.zeros(0)),
        Gaussian.unchecked(torch.zeros(0, 2, 2)),
    ):
        assert solved(torch.zeros(0, 2), gaussian).shape == (0, 3)


def test_presets_are_named_after_signals() -> None:
    assert [default_preset("pyramid", name) for name in ("picture", "texture", "shape")] == [
        "picture",
        "texture",
        "shape",
    ]
    assert default_preset("pyramid", "ackley") == "picture"
    for name, recipe in Pyramid.presets.items():
        assert recipe.preset == name
        assert PyramidRecipe.from_dict(recipe.to_dict()) == recipe


@pytest.mark.parametrize("entry", [{"probes": 0}, {"probes": 201}, {"max_cells": 1}, {"formula_cells": 3}])
def test_bad_settings_are_refused_by_name(entry: dict[str, int]) -> None:
    with pytest.raises(InputError, match=next(iter(entry))):
        dataclasses.replace(RECIPE, **entry)
