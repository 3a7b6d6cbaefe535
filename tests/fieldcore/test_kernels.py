"""Profiles and kernels against closed forms, quadrature and one another; and their files."""

import json
import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from fieldcore import Ackley, Grid, Picture, smooth_points
from fieldcore.errors import InputError
from fieldcore.fields import build_field, preset_recipe
from fieldcore.filters import Box, BSpline, Kernel, Profile, Tent
from fieldcore.filters.profile import tent_weights_under
from fieldcore.kernel_file import read_kernel, write_kernel


def asymmetric(degree: int) -> Profile:
    """The B-spline through uneven knots of that degree: a divided difference of a truncated power."""
    knots = torch.tensor([-0.9, -0.5, 0.1, 1.0][: degree + 2], dtype=torch.float64)
    weights = [1 / float(np.prod([k - other for other in knots.tolist() if other != k])) for k in knots.tolist()]
    profile = Profile(degree, knots, weights)
    return profile.scaled(1 / profile.mass)


PROFILES = {
    "box": Profile.box(),
    "tent": Profile.tent(),
    "quadratic": Profile.quadratic(),
    "asymmetric box": asymmetric(0),
    "asymmetric tent": asymmetric(1),
    "asymmetric quadratic": asymmetric(2),
    "edge": Profile.quadratic().derivative(),
    "second derivative": Profile.quadratic().derivative().derivative(),
    "difference": Profile.combined((2.0, 0.5, Profile.tent()), (-1.0, 1.0, Profile.tent())),
}
EVERY = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)


def integral(function, profile: Profile, low: float = -2.0, high: float = 2.0, cuts: tuple[float, ...] = ()) -> float:
    """Over every piece by itself, between which polynomials change, by Gauss's 40 points."""
    edges = sorted({low, high, *(knot for knot in (*profile.knots.tolist(), *cuts) if low < knot < high)})
    nodes, weights = np.polynomial.legendre.leggauss(40)
    total = 0.0
    for a, b in pairwise(edges):
        u = torch.from_numpy((a + b) / 2 + (b - a) / 2 * nodes)
        total += (b - a) / 2 * float((torch.from_numpy(weights) * function(u)).sum())
    return total


@EVERY
def test_moments_are_those_of_the_values(profile):
    for power in range(5):
        expected = integral(lambda u, power=power: u**power * profile.values(u), profile)
        assert profile.moment(power) == pytest.approx(expected, abs=1e-12)
    assert profile.mass == pytest.approx(profile.moment(0), abs=1e-12)


def test_b_splines_have_their_moments():
    for profile, variance in ((Profile.box(), 1 / 3), (Profile.tent(), 1 / 6), (Profile.quadratic(), 1 / 9)):
        assert profile.mass == pytest.approx(1, abs=1e-12)
        assert profile.centroid == pytest.approx(0, abs=1e-12)
        assert profile.variance == pytest.approx(variance, abs=1e-12)
        assert profile.is_symmetric and profile.is_density and profile.is_minimal


@EVERY
def test_a_kernel_is_0_beyond_its_knots(profile):
    beyond = torch.tensor([-1.5, -1.0001, 1.0001, 3.0, 100.0], dtype=torch.float64)
    assert profile.values(beyond).abs().max() == 0
    torch.testing.assert_close(
        profile.integral(beyond[2:]), torch.full((3,), profile.mass).double(), atol=1e-12, rtol=0
    )


@EVERY
def test_integral_and_ramp_are_antiderivatives(profile):
    for u in (-1.2, -0.63, -0.11, 0.37, 0.93, 1.7):
        at = torch.tensor([u], dtype=torch.float64)
        assert float(profile.integral(at)) == pytest.approx(
            integral(lambda v: profile.values(v), profile, high=u), abs=1e-11
        )
        expected = integral(lambda v, u=u: (u - v) * profile.values(v), profile, high=u)
        assert float(profile.ramp(at)) == pytest.approx(expected, abs=1e-11)


@EVERY
def test_the_response_is_the_fourier_transform(profile):
    for frequency in (0.0, 1e-3, 0.049, 0.051, 0.4, 1.3, 6.7):
        phase = 2 * math.pi * frequency
        expected = complex(
            integral(lambda u, phase=phase: torch.cos(phase * u) * profile.values(u), profile),
            -integral(lambda u, phase=phase: torch.sin(phase * u) * profile.values(u), profile),
        )
        got = profile.response(torch.tensor([frequency], dtype=torch.float64))[0]
        assert complex(got) == pytest.approx(expected, abs=1e-10)
        assert got.is_complex() == (not profile.is_symmetric)


@pytest.mark.parametrize(
    "name", ["box", "tent", "quadratic", "asymmetric box", "asymmetric tent", "asymmetric quadratic"]
)
def test_samples_are_drawn_by_the_inverse_distribution(name):
    profile = PROFILES[name]
    share = torch.linspace(1e-6, 1 - 1e-6, 1001, dtype=torch.float64)
    torch.testing.assert_close(profile.integral(profile.quantile(share)), share, atol=1e-10, rtol=0)
    middle = (torch.arange(1 << 14, dtype=torch.float64) + 0.5) / (1 << 14)
    assert float(profile.quantile(middle).mean()) == pytest.approx(profile.centroid, abs=1e-6)


def test_what_is_negative_somewhere_is_not_sampled_and_what_has_no_mass_has_no_moments():
    with pytest.raises(InputError, match="it is negative somewhere"):
        PROFILES["edge"].quantile(torch.rand(3))
    with pytest.raises(InputError, match="Kernel: it is negative somewhere"):
        Kernel(PROFILES["edge"], 0.1).offsets(torch.rand(3, 1, 2))
    with pytest.raises(InputError, match="a kernel of mass 0 has no centroid"):
        _ = PROFILES["edge"].centroid


@EVERY
@pytest.mark.parametrize("size", [0.001, 0.3, 1.0, 2.7, 40.0, 300.0])
def test_tents_under_a_kernel_are_their_convolution(profile, size):
    """At whole distances and between them: ``int tent(u - v) k(v / s) / s dv``, and together the mass."""
    offsets = torch.tensor([-0.4 * size, -0.2, 0.0, 0.31, 0.9, 0.45 * size + 0.3], dtype=torch.float64)
    got = tent_weights_under(profile, offsets, torch.tensor(size, dtype=torch.float64))
    for offset, weight in zip(offsets.tolist(), got.tolist(), strict=True):
        cuts = tuple((offset + k) / size for k in (-1, 0, 1))
        expected = integral(
            lambda v, offset=offset: (1 - (offset - size * v).abs()).clamp_min(0) * profile.values(v),
            profile,
            cuts=cuts,
        )
        assert weight == pytest.approx(expected, abs=1e-10)
    whole = torch.arange(-math.ceil(size) - 1, math.ceil(size) + 2, dtype=torch.float64)
    total = tent_weights_under(profile, whole, torch.tensor(size, dtype=torch.float64)).sum()
    assert float(total) == pytest.approx(profile.mass, abs=1e-9)


def test_splines_are_made_of_one_another():
    u = torch.linspace(-1.2, 1.2, 241, dtype=torch.float64) + 1e-4
    box = Profile.box()
    # A tent's derivative is a difference of two boxes of half its size.
    torch.testing.assert_close(
        Profile.tent().derivative().values(u), 2 * (box.values(2 * u + 1) - box.values(2 * u - 1))
    )
    combined = PROFILES["difference"]
    torch.testing.assert_close(combined.values(u), 4 * Profile.tent().values(2 * u) - Profile.tent().values(u))


def test_boxes_after_one_another_are_tents_and_trapezoids():
    a, b = 0.7, 0.3
    twice = Profile.box().response(torch.linspace(0, 3, 7).double() / 2) ** 2
    torch.testing.assert_close(Profile.tent().response(torch.linspace(0, 3, 7).double()), twice)
    trapezoid = Profile(1, [-a - b, b - a, a - b, a + b], np.array([1.0, -1.0, -1.0, 1.0]) / (4 * a * b))
    frequency = torch.linspace(0, 5, 31, dtype=torch.float64)
    expected = Profile.box().response(a * frequency) * Profile.box().response(b * frequency)
    torch.testing.assert_close(trapezoid.response(frequency), expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: Profile(3, [-1, 0, 1], [1, -2, 1]), "degree: expected a whole number from 0 to 2, got 3"),
        (lambda: Profile(1, [-1, 1], [1, -1]), "knots: expected at least 3 for degree 1, got 2"),
        (lambda: Profile(1, [-1, 1, 0], [1, -2, 1]), "knots: expected them to ascend"),
        (lambda: Profile(1, [-1, 0, 1], [1, -2]), "weights: expected 3, one a knot, got 2"),
        (lambda: Profile(1, [-2, 0, 2], [1, -2, 1]), r"knots: expected them in \[-1, 1\]"),
        (lambda: Profile(1, [-1, 0, 1], [0, 0, 0]), "expected some that are not 0"),
        (lambda: Profile(0, [-1, 1], [1, -0.9]), "this kernel does not end: its weights sum to 0.1, expected 0"),
        (lambda: Profile(1, [-1, 0, 1], [1, -3, 2]), "its weights times its knots sum to 1, expected 0"),
        (lambda: Profile(1, [-1, 0, float("nan")], [1, -2, 1]), "knots: expected finite numbers, got nan"),
        (lambda: Profile.box().derivative(), "a kernel of degree 0 has no derivative"),
        (lambda: Profile.combined((1.0, 1.0, Profile.box()), (1.0, 1.0, Profile.tent())), "of one degree"),
        (lambda: Tent(-0.1), "half sizes: expected 0 or more, got -0.1"),
        (lambda: Tent([[0.1, 0.1], [0.1, -0.2]]), "half sizes: expected 0 or more, got -0.2.* at point 1"),
        (lambda: Tent([[0.1, 0.1], [float("inf"), 0.1]]), "half sizes: expected finite numbers, got inf at point 1"),
        (lambda: Tent([0.1, 0.1, 0.1]).reach(2), "half sizes: expected 2 for a 2-D signal, one an axis, got 3"),
        (lambda: Kernel([Profile.tent()] * 2, 0.1).mass(3), "a profile for each of 3 axes, got 2"),
        (lambda: Kernel([Profile.tent()] * 2, [0.1] * 3), "a profile for each of 3 axes, got 2"),
        (lambda: Kernel.sum_of([], 0.1), "a sum of 1 to 16 products, got 0"),
    ],
)
def test_what_is_no_kernel_is_refused_with_a_sentence(make, expected):
    with pytest.raises(InputError, match=expected):
        make()


def test_masses_of_products_and_sums():
    edge = PROFILES["edge"]
    assert float(Kernel(edge, 0.1).mass(2)) == 0
    assert float(Kernel(edge, [0.1, 0.0]).mass(2)) == 0
    assert float(Kernel([Profile.tent().scaled(2.0), Profile.box().scaled(3.0)], [0.1, 0.2]).mass(2)) == pytest.approx(
        6
    )
    assert Kernel(Profile.tent().scaled(2.0), [[0.1, 0.2], [0.0, 0.1], [0.0, 0.0]]).mass(2).tolist() == [4, 2, 1]
    both = Kernel.sum_of([[Profile.tent(), Profile.box()], [Profile.box(), edge]], 0.2)
    assert float(both.mass(2)) == pytest.approx(1)
    assert len(both.diracs(2)) == 2
    assert both.diracs(2)[1].orders == (1, 2)


def test_filtering_is_convolution_and_not_correlation():
    """A kernel that lies to the right of its origin moves a bright spot to the right."""
    right = Profile(0, [0.2, 1.0], [1 / 0.8, -1 / 0.8])
    pixels = np.zeros((3, 65, 1), np.float32)
    pixels[:, 32] = 1
    picture = Picture(pixels)
    kernel = Kernel(right, torch.tensor([0.25, 0.0], dtype=torch.float64))
    grid = Grid.covering(picture.facts.half_extent, 65)
    exact = picture.truth().values(kernel, grid)[1, :, 0]
    centre = float((exact * np.arange(65)).sum() / exact.sum())
    assert centre == pytest.approx(32 + 0.6 * 0.25 * 65 / 2, abs=1e-3)
    sampled = smooth_points(picture, grid.points(0, grid.count), kernel, samples=1 << 12)
    assert np.abs(sampled.mean.numpy().reshape(3, 65)[1] - exact).max() < 2e-3


def test_the_truth_knows_kernels_of_every_form(smooth_pixels):
    picture = Picture(smooth_pixels)
    grid = Grid.covering(picture.facts.half_extent, 9)
    x = grid.points(0, grid.count)
    for kernel in (
        BSpline([0.2, 0.1]),
        Kernel([asymmetric(2), asymmetric(1)], 0.3),
        Kernel(Profile.tent().scaled(2.0), 0.1),
    ):
        exact, standard_error = picture.truth().estimate(kernel, grid)
        assert standard_error == 0
        sampled = smooth_points(picture, x, kernel, samples=1 << 12)
        assert np.abs(sampled.mean.numpy().reshape(exact.shape) - exact).max() < 6e-3
    edge = Kernel([PROFILES["edge"], Profile.quadratic()], 0.2)
    assert abs(Picture(np.full((8, 8), 0.5)).truth().values(edge, grid)).max() < 1e-6
    parts = [[PROFILES["edge"], Profile.quadratic()], [Profile.tent(), Profile.box()]]
    total = picture.truth().values(Kernel.sum_of(parts, 0.2), grid)
    expected = sum(picture.truth().values(Kernel(profiles, 0.2), grid) for profiles in parts)
    np.testing.assert_allclose(total, expected, atol=1e-6)
    # Where a sum is not filtered along an axis, each product counts by its profile's mass there.
    streak = picture.truth().values(Kernel.sum_of(parts, [0.2, 0.0]), grid)
    edges, tents = (picture.truth().values(Kernel(p, [0.2, 0.0]), grid) for p in (PROFILES["edge"], Profile.tent()))
    np.testing.assert_allclose(streak, edges + tents, atol=1e-6)


def test_spectral_fields_take_symmetric_kernels_of_mass_1():
    facts = Ackley().facts
    field = build_field(preset_recipe("spectral", "preview", facts), facts)
    for kernel in (Box(0.1), Tent(0.1), BSpline(0.1), Kernel(PROFILES["difference"], 0.1)):
        assert field.refuses(kernel) is None
        assert field(torch.zeros(3, 2), kernel).shape == (3, 1)
    assert "an asymmetric Kernel, whose Fourier transform is complex" in field.refuses(Kernel(PROFILES["edge"], 0.1))
    assert "a Kernel of mass 4" in field.refuses(Kernel(Profile.tent().scaled(2.0), 0.1))


def test_a_kernels_file_gives_the_same_kernel(tmp_path):
    terms = [[asymmetric(2), Profile.box()], [PROFILES["edge"], Profile.tent()]]
    write_kernel(tmp_path / "k.json", terms, residual=0.007)
    read = read_kernel(tmp_path / "k.json")
    assert read.residual == 0.007
    for profiles, expected in zip(read.terms, terms, strict=True):
        for profile, other in zip(profiles, expected, strict=True):
            assert profile.degree == other.degree
            assert torch.equal(profile.knots, other.knots) and torch.equal(profile.weights, other.weights)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"format": "other"}, "no kernel's file"),
        ({"version": 2}, "version: this Fieldscope reads 1, got 2"),
        ({"terms": []}, "terms: expected a list of products"),
        ({"terms": [{"y": {}}]}, "expected the entries x, or x and y, or x, y and z, got y"),
        (
            {"terms": [{"x": {"degree": 1}}]},
            r"terms\[0\]: x: expected the entries degree, knots and weights, got degree",
        ),
        ({"terms": [{"x": {"degree": 1, "knots": "wide", "weights": [1]}}]}, "knots: expected a list of numbers"),
        (
            {"terms": [{"x": {"degree": 0, "knots": [-1, 1], "weights": [1, 1]}}]},
            r"terms\[0\]: x: this kernel does not end",
        ),
        ({"terms": [{"x": {"degree": 1, "knots": [1, 0, -1], "weights": [1, -2, 1]}}]}, "ascend"),
        ({"residual": "small"}, "residual: expected a number"),
    ],
)
def test_files_that_are_no_kernels_are_refused_with_a_sentence(tmp_path, change, expected):
    path = tmp_path / "k.json"
    write_kernel(path, [[Profile.tent()]])
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(InputError, match=expected):
        read_kernel(path)
    for garbage in ("", "{", "[1, 2]", "\x00\xff"):
        path.write_text(garbage)
        with pytest.raises(InputError, match=r"kernel '.*k\.json'"):
            read_kernel(path)
