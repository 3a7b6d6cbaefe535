"""The repeated integral against closed forms, direct sums, an unfolded torus and the truth."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from fieldcore import Ackley, Gaussian, Grid, Picture, Texture, evaluate, load_field, save_field, smooth_points, train
from fieldcore.errors import InputError
from fieldcore.fields import build_field, preset_recipe
from fieldcore.fields.axis_map import AxisMap
from fieldcore.fields.gaussian_profile import HALF_SIZE_DEVIATIONS, gaussian_profile
from fieldcore.fields.integral import Integral
from fieldcore.fields.kernel_taps import RunningSums, Samples, direct_reach, direct_taps
from fieldcore.fields.repeated_integral import RepeatedIntegral
from fieldcore.fields.smooth_lattice import Line
from fieldcore.filters import Box, BSpline, Kernel, Profile, Tent
from fieldcore.filters.profile import tent_weights_under

SKEW = Profile(1, [-0.9, -0.1, 0.8], [1.0, -17 / 9, 8 / 9])  # a triangle whose peak lies to the left
PROFILES = {
    "box": Profile.box(),
    "tent": Profile.tent(),
    "quadratic": Profile.quadratic(),
    "edge": Profile.quadratic().derivative(),
    "skew": SKEW,
}
SIZES = (0.0, 0.3, 1.0, 3.0, 7.5, 40.0, 300.0)
BORDERS = ("mirror", "repeat", "clamp")


def noise(height: int = 14, width: int = 20, channels: int = 2) -> np.ndarray:
    return np.random.default_rng(3).random((height, width, channels)).astype(np.float32)


def lines(shape: tuple[int, ...], border: str) -> list[Line]:
    """Samples at whole numbers."""
    return [Line(0.0, 1.0, n, n / 2, border, sampled=True) for n in reversed(shape)]


def integral_of(values: torch.Tensor, border: str) -> RepeatedIntegral:
    return RepeatedIntegral(lines(tuple(values.shape[1:]), border), values.double())


def summed_directly(values: torch.Tensor, border: str, axes: list, profiles: list, sizes: list) -> torch.Tensor:
    """Every sample under the kernel, one axis after the other."""
    result = values.double()
    for axis, (x, profile, size) in enumerate(zip(axes, profiles, sizes, strict=True)):
        taps = direct_taps(
            Samples(values.shape[-1 - axis], border), x, profile, torch.full_like(x, size), direct_reach(size)
        )
        result = AxisMap.of(taps, result)(result, -1 - axis)
    return result


@pytest.mark.long
@pytest.mark.parametrize("border", BORDERS)
def test_tables_matrices_and_direct_sums_agree_for_every_degree_size_and_border(border):
    values = torch.from_numpy(noise()).permute(2, 0, 1)
    integral, generator = integral_of(values, border), torch.Generator().manual_seed(0)
    axes = [torch.rand(9, generator=generator, dtype=torch.float64) * 3 * n - n for n in (20, 14)]
    x = torch.cartesian_prod(axes[1], axes[0]).flip(-1)
    for names in (("box", "box"), ("tent", "tent"), ("quadratic", "quadratic"), ("skew", "edge"), ("box", "quadratic")):
        profiles = [PROFILES[name] for name in names]
        for sizes in [(size, size) for size in SIZES] + [(40.0, 0.0), (0.0, 40.0), (300.0, 1.0), (2.0, 90.0)]:
            expected = summed_directly(values, border, axes, profiles, list(sizes))
            on_lattice = integral.on_lattice(axes, [profiles], list(sizes))
            at_points = integral.at(x, [profiles], torch.tensor([sizes], dtype=torch.float64).expand(len(x), 2))
            torch.testing.assert_close(on_lattice, expected, rtol=0, atol=2e-10)
            torch.testing.assert_close(at_points.T.reshape(expected.shape), expected, rtol=0, atol=2e-10)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_half_a_mirrored_torus_holds_all_of_it(order):
    """Folded running sums against those of the whole torus, wherever they are read."""
    values = torch.from_numpy(noise(1, 11, 1))[0].double()
    whole = torch.cat([values, values.flip(0)])
    table = whole - whole.mean(0)
    for _ in range(order):
        table = table.cumsum(0)
        table = table - table.mean(0)
    sums = RunningSums(Samples(11, "mirror"), order)
    folded = sums.summed(values)
    index, sign = sums._folded(torch.arange(-30, 50)[:, None])
    found = folded[index[:, 0]] * sign
    torch.testing.assert_close(found, table[torch.arange(-30, 50) % 22], rtol=0, atol=1e-12)
    assert float(folded[-1]) == pytest.approx(float(values.mean()))


@pytest.mark.parametrize("border", BORDERS)
def test_a_constant_is_multiplied_by_the_mass(border):
    integral = integral_of(torch.full((1, 9, 12), 0.75), border)
    x = torch.tensor([[-30.0, 4.0], [0.0, 0.0], [5.5, 8.2], [11.9, -0.5], [1e4, 2e4]], dtype=torch.float64)
    for name, profile in PROFILES.items():
        for size in SIZES[1:]:
            got = integral.at(x, [[profile, Profile.tent()]], torch.full((5, 2), size, dtype=torch.float64))
            assert (got - 0.75 * profile.mass).abs().max() < 1e-9, (name, size)


def test_ramps_are_unchanged_and_parabolas_grow_by_the_variance():
    n = 400
    u = torch.arange(n, dtype=torch.float64)
    integral = integral_of(torch.stack([u, u**2])[:, None].expand(2, 2, n), "mirror")
    x = torch.tensor([[200.0, 0.0], [180.25, 0.5]], dtype=torch.float64)
    for profile in (Profile.box(), Profile.tent(), Profile.quadratic()):
        for size in (1.0, 6.0, 50.0):
            got = integral.at(x, [[profile, profile]], torch.tensor([[size, 0.0]] * 2, dtype=torch.float64))
            torch.testing.assert_close(got[:, 0], x[:, 0], rtol=0, atol=1e-7)
            # Between samples the parabola is made of chords, which lie 1/6 above it in the mean of a wide kernel.
            chords = float(got[0, 1])
            offsets = torch.arange(-60, 61, dtype=torch.float64)
            weights = tent_weights_under(profile, offsets, torch.tensor(size, dtype=torch.float64))
            assert chords == pytest.approx(float((weights * (200 - offsets) ** 2).sum()), abs=1e-6)
            assert chords - 200**2 == pytest.approx(profile.variance * size**2 + 1 / 6, abs=1e-2)


@pytest.mark.parametrize("name", ["box", "tent", "quadratic"])
def test_a_cosine_of_the_mirror_is_damped_and_stays_one(name):
    """Type-II cosines are what a mirrored border leaves alone: the same, times the kernel's transfer."""
    n, profile = 32, PROFILES[name]
    pixel = torch.arange(n, dtype=torch.float64)
    for k in (1, 3, 17):
        wave = torch.cos(math.pi * k * (pixel + 0.5) / n)
        integral = integral_of(wave.expand(1, 2, n), "mirror")
        for size in (0.3, 2.0, 11.0, 96.0):
            offsets = torch.arange(-math.ceil(size) - 1, math.ceil(size) + 2, dtype=torch.float64)
            weights = tent_weights_under(profile, offsets, torch.tensor(size, dtype=torch.float64))
            transfer = float((weights * torch.cos(math.pi * k / n * offsets)).sum())
            x = torch.stack([pixel, torch.zeros(n)], -1)
            sizes = torch.tensor([[size, 0.0]], dtype=torch.float64).expand(n, 2)
            got = integral.at(x, [[profile, profile]], sizes)[:, 0]
            torch.testing.assert_close(got, transfer * wave, rtol=0, atol=1e-10)


def test_one_bright_pixel_shows_the_kernel():
    values = torch.zeros(1, 41, 41)
    values[0, 20, 25] = 1
    integral = integral_of(values, "mirror")
    profiles, sizes = [SKEW, PROFILES["edge"]], (5.0, 8.0)
    axes = [torch.arange(41, dtype=torch.float64)] * 2
    got = integral.on_lattice(axes, [profiles], list(sizes))[0]
    along_x, along_y = (
        tent_weights_under(p, axes[0] - c, torch.tensor(s, dtype=torch.float64))
        for p, c, s in zip(profiles, (25, 20), sizes, strict=True)
    )
    torch.testing.assert_close(got, along_y[:, None] * along_x, rtol=0, atol=1e-12)
    assert float(integral.on_lattice(axes, [[SKEW, SKEW]], [5.0, 5.0]).sum()) == pytest.approx(SKEW.mass**2)


def test_sums_of_products_add_up():
    values = torch.from_numpy(noise()).permute(2, 0, 1)
    integral, terms = integral_of(values, "mirror"), [[Profile.box(), SKEW], [PROFILES["edge"], Profile.tent()]]
    axes = [torch.linspace(0, 19, 7).double(), torch.linspace(-3, 13, 5).double()]
    x = torch.cartesian_prod(axes[1], axes[0]).flip(-1)
    for size in (0.8, 30.0):
        expected = sum(integral.on_lattice(axes, [term], [size, size]) for term in terms)
        torch.testing.assert_close(integral.on_lattice(axes, terms, [size, size]), expected)
        at_points = integral.at(x, terms, torch.full((35, 2), size, dtype=torch.float64))
        torch.testing.assert_close(at_points.T.reshape(expected.shape), expected, rtol=0, atol=1e-10)


@pytest.fixture(scope="module")
def picture() -> Picture:
    return Picture((noise(24, 36, 3) * 255).round() / 255)


@pytest.fixture(scope="module")
def field(picture: Picture) -> Integral:
    return train("integral", picture, device="cpu")


def test_unfiltered_it_is_the_picture(field, picture):
    assert torch.equal(field.samples, torch.from_numpy(picture.pixels).permute(2, 0, 1))
    x = 3 * torch.rand(200, 2, generator=torch.Generator().manual_seed(1)) - 1.5
    torch.testing.assert_close(field(x), picture(x), rtol=0, atol=4e-6)
    torch.testing.assert_close(field(x, Tent(0.0)), field(x))
    assert (field.training, field.kind, field.recipe.preset) == (False, "integral", "solved")


def test_every_filter_agrees_with_the_truth(field, picture):
    grid = Grid.covering(picture.facts.half_extent, 23)
    kernels = [Box(0.2), Tent([0.3, 0.0]), BSpline(1.7), Kernel([SKEW, PROFILES["edge"]], 0.4)]
    for kernel in kernels:
        exact = picture.truth().values(kernel, grid)
        torch.testing.assert_close(evaluate(field, grid, kernel), torch.from_numpy(exact), rtol=0, atol=2e-6)
    sizes = torch.rand(grid.count, 2, generator=torch.Generator().manual_seed(0)) * 0.8
    sizes[::5] = 0
    each = Tent(sizes)
    exact, standard_error = picture.truth().estimate(each, grid)
    assert standard_error == 0
    torch.testing.assert_close(evaluate(field, grid, each), torch.from_numpy(exact), rtol=0, atol=2e-6)
    sampled = smooth_points(picture, grid.points(0, 40), each[:40], samples=1 << 12).mean.numpy()
    assert np.abs(exact.reshape(-1, 3)[:40] - sampled).max() < 8e-3


def test_a_kernel_a_point_is_each_point_on_its_own(field):
    generator = torch.Generator().manual_seed(2)
    x, sizes = 2 * torch.rand(30, 2, generator=generator) - 1, torch.rand(30, 2, generator=generator) ** 3
    together = field(x, BSpline(sizes))
    for point in range(0, 30, 7):
        torch.testing.assert_close(
            field(x[point : point + 1], BSpline(sizes[point]))[0], together[point], rtol=0, atol=1e-6
        )
    order = torch.randperm(30, generator=generator)
    torch.testing.assert_close(field(x[order], BSpline(sizes[order])), together[order], rtol=0, atol=1e-7)
    same = field(x, Box(torch.full((30, 1), 0.3)))
    torch.testing.assert_close(same, field(x, Box(0.3)), rtol=0, atol=1e-6)
    lattice = [torch.linspace(-1, 1, 6), torch.linspace(-0.6, 0.6, 5)]
    points = torch.cartesian_prod(lattice[1], lattice[0]).flip(-1)
    torch.testing.assert_close(field.on_lattice(lattice, Tent(0.2)), field(points, Tent(0.2)), rtol=0, atol=1e-6)
    torch.testing.assert_close(field.on_lattice(lattice, Tent(sizes)), field(points, Tent(sizes)), rtol=0, atol=1e-6)


def test_values_stay_within_the_signals_range(field, picture):
    """A box by running sums of floats turns negative elsewhere (opencv 7124)."""
    low, high = picture.pixels.min() - 1e-6, picture.pixels.max() + 1e-6
    x = 2 * torch.rand(400, 2, generator=torch.Generator().manual_seed(3)) - 1
    for kernel in (Box, Tent, BSpline):
        for size in (0.01, 0.1, 0.7, 5.0):
            values = field(x, kernel(torch.full((400, 1), size)))
            assert low <= float(values.min()) <= float(values.max()) <= high


def test_values_have_the_right_gradient_in_points_and_half_sizes():
    small = train("integral", Picture(noise(8, 8, 1)), device="cpu").double()
    x = torch.tensor([[0.13, -0.41], [0.77, 0.2]], dtype=torch.float64, requires_grad=True)
    for start in (0.11, 0.83):
        sizes = torch.tensor([[start, 0.5 * start], [0.3, start]], dtype=torch.float64, requires_grad=True)
        assert torch.autograd.gradcheck(lambda x, s: small(x, BSpline(s)), (x, sizes), atol=1e-5)


def test_a_gaussian_is_taken_for_a_kernel_near_it(picture):
    profile = gaussian_profile()
    assert profile.mass == pytest.approx(1, abs=1e-12)
    assert profile.variance == pytest.approx(HALF_SIZE_DEVIATIONS**-2, abs=1e-12)
    y, x = np.mgrid[:96, :96] / 96
    smooth = Picture(0.5 + 0.3 * np.sin(9 * x + 3 * y) * np.cos(20 * y * x))
    field, grid = train("integral", smooth, device="cpu"), Grid.covering((1.0, 1.0), 96)
    for covariance in (1e-3, 1e-2, [[2e-2, 0.0], [0.0, 1e-4]]):
        exact = smooth.truth().values(Gaussian(covariance), grid)
        error = evaluate(field, grid, Gaussian(covariance)).numpy() - exact
        assert -10 * math.log10(float((error**2).mean())) > 66


def test_what_it_does_not_take_is_refused_by_name(field):
    assert "not one that is askew" in field.refuses(Gaussian([[2e-2, 1e-2], [1e-2, 1e-2]]))
    turned = torch.tensor([[0.8, -0.6], [0.6, 0.8]])
    assert "another angle at every point for boxes, not for a Tent" in field.refuses(
        Tent(torch.tensor([[0.1, 0.2]]), axes=turned[None])
    )
    with pytest.raises(InputError, match="half widths: expected numbers above 0 for a Box that is turned"):
        field(torch.zeros(1, 2), Box([0.1, 0.0], axes=turned))
    facts = replace(Ackley().facts, half_extent=(1.0, 1.0, 1.0))
    assert "in 3-D takes kernels along the axes, not a Box that is turned" in build_field(
        replace(preset_recipe("integral", "solved", facts), formula_cells=32), facts
    ).refuses(Box([0.1, 0.2, 0.1], axes=np.eye(3)))
    volume = build_field(replace(preset_recipe("integral", "solved", facts), formula_cells=32), facts)
    with pytest.raises(InputError, match=r"another kernel at every point would read \d+ values for each in 3-D"):
        volume(torch.zeros(2, 3), BSpline(torch.full((2, 3), 0.9)))
    assert volume(torch.zeros(2, 3), Box(torch.full((2, 3), 0.9))).shape == (2, 1)


def test_a_table_that_would_not_fit_is_refused_before_it_is_made(field, monkeypatch):
    monkeypatch.setattr("fieldcore.fields.repeated_integral.MOST_TABLE_BYTES", 1 << 12)
    fresh = RepeatedIntegral(field.lines, field.samples)
    with pytest.raises(InputError, match=r"order 2 and 2 would take 0 MB, more than 0; fit a smaller signal"):
        fresh.at(torch.zeros(2, 2), [[Profile.tent()] * 2], torch.full((2, 2), 0.9))


def test_what_is_read_directly_needs_no_table(field, monkeypatch):
    x = torch.rand(40, 2)
    expected = field(x), field(x, Box(torch.full((40, 1), 0.02)))
    monkeypatch.setattr("fieldcore.fields.repeated_integral.MOST_TABLE_BYTES", 1 << 8)
    fresh = RepeatedIntegral(field.lines, field.samples)
    for size, values in zip((0.0, 0.02), expected, strict=True):
        found = fresh.at(x, [[Profile.box()] * 2], torch.full((40, 2), size))
        torch.testing.assert_close(found.float(), values, rtol=0, atol=1e-6)


def test_how_much_a_point_reads_is_known_before(monkeypatch):
    """Else one Gaussian for all scattered points in 3-D is refused, which a lattice of smoothed values answers."""
    values = RepeatedIntegral(lines((6, 5, 4), "mirror"), torch.rand(1, 6, 5, 4))
    profiles, x = [gaussian_profile()] * 3, torch.rand(1, 3)
    for sizes in 10 ** torch.empty(60, 3).uniform_(-1, 1.2, generator=torch.Generator().manual_seed(0)):
        most = values.reads(profiles, sizes.tolist())
        monkeypatch.setattr("fieldcore.fields.repeated_integral.MOST_LOOKUPS", most)
        values.at(x, [profiles], sizes[None])
        monkeypatch.setattr("fieldcore.fields.repeated_integral.MOST_LOOKUPS", most - 1)
        with pytest.raises(InputError, match=f"would read {most} values"):
            values.at(x, [profiles], sizes[None])


def test_a_file_holds_a_byte_a_sample_and_no_sums(field, tmp_path):
    x = torch.rand(20, 2)
    before = field(x, Box(torch.full((20, 1), 0.4)))
    save_field(tmp_path / "f.safetensors", field)
    assert (tmp_path / "f.safetensors").stat().st_size < 24 * 36 * 3 + 4000
    save_field(tmp_path / "again.safetensors", load_field(tmp_path / "f.safetensors"))
    assert (tmp_path / "f.safetensors").read_bytes() == (tmp_path / "again.safetensors").read_bytes()
    assert torch.equal(load_field(tmp_path / "f.safetensors")(x, Box(torch.full((20, 1), 0.4))), before)


def test_textures_continue_as_their_borders_say():
    texture = Texture(noise(12, 16, 3), border=("repeat", "clamp"))
    field = train("integral", texture, device="cpu")
    grid = Grid((13, 11), (-3.0, -2.0), (3.0, 2.0))
    for kernel in (Box(0.3), BSpline(2.5)):
        exact = torch.from_numpy(texture.truth().values(kernel, grid))
        torch.testing.assert_close(evaluate(field, grid, kernel), exact, rtol=0, atol=2e-6)
        each = type(kernel)(kernel.lengths(2).expand(grid.count, 2))
        torch.testing.assert_close(evaluate(field, grid, each), exact, rtol=0, atol=2e-6)


def test_a_formula_is_filtered_on_a_lattice_of_its_own():
    field, x = train("integral", Ackley(), device="cpu"), torch.tensor([[0.3, -0.2], [0.0, 0.0]])
    sampled = smooth_points(Ackley(), x, BSpline(0.2), samples=1 << 14)
    torch.testing.assert_close(field(x, BSpline(0.2)), sampled.mean, rtol=0, atol=2e-3)


@pytest.mark.long
def test_turned_boxes_are_near_to_the_exact_ones():
    """One for all points as a sum of products, and another one at each as a row of squares."""
    y, x = np.mgrid[:128, :128] / 128
    picture = Picture(0.5 + 0.25 * np.sin(40 * x + 9 * y) + 0.2 * np.cos(60 * x * y))
    field, angle = train("integral", picture, device="cpu"), math.radians(30)
    turned = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    points = 1.4 * torch.rand(100, 2, generator=torch.Generator().manual_seed(0)) - 0.7
    box = Box([0.3, 0.04], axes=turned)
    exact = smooth_points(picture, points, box, samples=1 << 13).mean
    axes = [torch.linspace(-0.7, 0.7, 9), torch.linspace(-0.6, 0.6, 7)]
    crossings = torch.cartesian_prod(axes[1], axes[0]).flip(-1)
    each = Box(torch.tensor([[0.3, 0.04]] * 100), axes=turned.expand(100, 2, 2))
    for found in (field(points, box), field(points, each)):
        assert -10 * math.log10(float((found - exact).square().mean())) > 45
    torch.testing.assert_close(field.on_lattice(axes, box), field(crossings, box), rtol=0, atol=2e-3)
    tent = Tent([0.3, 0.1], axes=turned)
    sampled = smooth_points(picture, points, tent, samples=1 << 13).mean
    assert -10 * math.log10(float((field(points, tent) - sampled).square().mean())) > 50


def test_an_axis_with_more_samples_than_tables_are_kept_for_is_summed_directly(monkeypatch):
    values = torch.from_numpy(noise(2, 90, 1)).permute(2, 0, 1)
    x, profiles = [torch.linspace(-3, 95, 150).double(), torch.zeros(1).double()], [SKEW, Profile.tent()]
    expected = integral_of(values, "mirror").on_lattice(x, [profiles], [60.0, 0.0])
    monkeypatch.setattr("fieldcore.fields.kernel_taps._MOST_IN_A_TABLE", 64)
    monkeypatch.setattr("fieldcore.fields.kernel_taps._ROWS_AT_ONCE", 32)
    directly = integral_of(values, "mirror").on_lattice(x, [profiles], [60.0, 0.0])
    torch.testing.assert_close(directly, expected, rtol=0, atol=1e-10)
