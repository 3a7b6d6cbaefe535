"""What holds for every filter: unit mass, moments, transforms, and how filters are moved and stretched."""

import copy
import math
import pickle

import numpy as np
import pytest
import torch

from fieldcore.errors import InputError
from fieldcore.filters import (
    FILTERS,
    Box,
    BSpline,
    Ellipsoid,
    Filter,
    Gaussian,
    Kernel,
    Lanczos,
    MatrixFilter,
    Profile,
    Separable,
    Tent,
    as_filter,
    parse_filter,
)
from fieldcore.sampling import sobol

TURN = torch.tensor([[math.cos(0.4), -math.sin(0.4)], [math.sin(0.4), math.cos(0.4)]], dtype=torch.float64)
MATRIX = [[4e-2, 1e-2], [1e-2, 9e-3]]

FREE = Profile.combined((0.7, 1.0, Profile.tent()), (0.3, 0.3, Profile.tent()))

SHARED = {
    "gaussian": Gaussian(MATRIX),
    "isotropic": Gaussian(2e-2),
    "box": Box([0.1, 0.3]),
    "square": Box(0.2),
    "turned box": Box([0.1, 0.3], axes=TURN),
    "tent": Tent([0.2, 0.3]),
    "quadratic": BSpline([0.2, 0.3]),
    "kernel": Kernel([FREE, Profile.quadratic()], [0.2, 0.3]),
    "ellipse": Ellipsoid(MATRIX),
    "disc": Ellipsoid.of_radius(0.2),
    "lanczos": Lanczos([0.06, 0.1]),
    "two lobes": Lanczos(0.1, lobes=2),
    "turned lanczos": Lanczos([0.06, 0.1], lobes=1, axes=TURN),
}
EVERY = pytest.mark.parametrize("filter", SHARED.values(), ids=SHARED)
PER_POINT = {
    "gaussian": Gaussian(torch.tensor([MATRIX, [[1e-3, 0.0], [0.0, 0.0]]])),
    "isotropic": Gaussian([1e-2, 0.0]),
    "ellipse": Ellipsoid(torch.tensor([MATRIX, [[1e-3, 0.0], [0.0, 1e-2]]])),
    "box": Box([[0.1, 0.3], [0.0, 0.2]]),
    "lanczos": Lanczos([[0.1, 0.3], [0.0, 0.2]]),
    "tent": Tent([[0.1, 0.3], [0.0, 0.2]]),
    "turned box": Box(torch.tensor([[0.1, 0.3], [0.2, 0.2]]), axes=torch.stack([TURN, TURN.T])),
}
EACH = pytest.mark.parametrize("filter", PER_POINT.values(), ids=PER_POINT)
FREQUENCIES = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.5, -0.8], [2.0, 1.0], [3.0, -4.0]], dtype=torch.float64)


def samples(filter: Filter, count: int = 1 << 16, dim: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    noise = sobol(count, dim, seed=3)[:, None].expand(-1, filter.per_point or 1, dim)
    offsets = filter.offsets(noise)
    return offsets, filter.weights(offsets)


@EVERY
def test_mass_is_1_and_the_mean_0(filter):
    offsets, weights = samples(filter)
    assert float(weights.mean()) == pytest.approx(1, abs=1e-3)
    assert (weights[..., None] * offsets).mean((0, 1)).abs().max() < 1e-4
    assert filter.has_weights == (not bool((weights == 1).all()) or isinstance(filter, Lanczos))


@EVERY
def test_the_second_moment_is_that_of_the_samples(filter):
    offsets, weights = samples(filter)
    moment = torch.einsum("sn,snd,sne->de", weights, offsets, offsets) / len(offsets)
    assert torch.allclose(moment, filter.second_moment(2).double(), atol=2e-5)


@EVERY
def test_the_response_is_the_mean_of_cosines(filter):
    offsets, weights = samples(filter)
    sampled = (weights[..., None] * torch.cos(2 * math.pi * offsets @ FREQUENCIES.T)).mean((0, 1))
    assert torch.allclose(filter.response(FREQUENCIES), sampled, atol=1e-3)


@EVERY
def test_nothing_lies_beyond_the_reach(filter):
    offsets, _ = samples(filter, 1 << 12)
    inside = (offsets.abs() <= filter.reach(2) * (1 + 1e-6)).double().mean((0, 1))
    assert inside.min() > (0.99 if isinstance(filter, Gaussian) else 0.9999)
    assert (offsets.abs().amax((0, 1)) > 0.7 * filter.reach(2)).all()


@EACH
def test_one_a_point_is_each_on_its_own(filter):
    offsets, weights = samples(filter, 64)
    response = filter.response(FREQUENCIES)
    assert filter.per_point == 2
    assert response.shape == (2, 5)
    for point in (0, 1):
        alone = filter[point : point + 1]
        torch.testing.assert_close(alone.response(FREQUENCIES), response[point : point + 1])
        noise = sobol(64, 2, seed=3)[:, None]
        torch.testing.assert_close(alone.offsets(noise), offsets[:, point : point + 1])
        torch.testing.assert_close(alone.weights(offsets[:, point : point + 1]), weights[:, point : point + 1])
        torch.testing.assert_close(alone.second_moment(2)[0], filter.second_moment(2)[point])
        torch.testing.assert_close(alone.reach(2)[0], filter.reach(2)[point])


@EVERY
def test_a_shared_filter_is_its_own_slice(filter):
    assert filter.per_point is None
    assert filter[2:5] is filter


@pytest.mark.parametrize("filter", [*SHARED.values(), *PER_POINT.values()])
def test_scaled_multiplies_the_second_moment_and_keeps_the_shape(filter):
    for scaled in (filter.scaled(4.0), Filter.scaled(filter, 4.0)):
        torch.testing.assert_close(scaled.second_moment(2), 4 * filter.second_moment(2))
        torch.testing.assert_close(scaled.reach(2), 2 * filter.reach(2))
        torch.testing.assert_close(scaled.response(FREQUENCIES), filter.response(2 * FREQUENCIES))
        offsets, weights = samples(filter, 64)
        torch.testing.assert_close(samples(scaled, 64)[0], 2 * offsets)
        torch.testing.assert_close(samples(scaled, 64)[1], weights)
        assert scaled.has_weights == filter.has_weights
        assert scaled.has_response


@pytest.mark.parametrize("filter", [*SHARED.values(), *PER_POINT.values()])
def test_on_axes_averages_along_these_alone(filter):
    axes, dim = (3, 1), 4
    count = filter.per_point or 1
    embedded = filter.on_axes(axes, dim)
    assert embedded.per_point == filter.per_point
    noise = sobol(64, dim, seed=5)[:, None].expand(-1, count, dim)
    offsets = embedded.offsets(noise)
    assert (offsets[..., [0, 2]] == 0).all()
    if not isinstance(embedded, MatrixFilter):  # whose noise may be used in another order
        torch.testing.assert_close(offsets[..., list(axes)], filter.offsets(noise[..., list(axes)]))
    torch.testing.assert_close(embedded.weights(offsets), filter.weights(offsets[..., list(axes)]))
    frequencies = torch.randn(7, dim, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(embedded.response(frequencies), filter.response(frequencies[:, list(axes)]))
    moment = torch.zeros(count, dim, dim, dtype=torch.float64)
    moment[:, [[3], [1]], [3, 1]] = filter.second_moment(2).double().reshape(-1, 2, 2)
    torch.testing.assert_close(embedded.second_moment(dim).double().reshape(-1, dim, dim), moment)
    reach = torch.zeros(count, dim, dtype=torch.float64)
    reach[:, [3, 1]] = filter.reach(2).double().reshape(-1, 2)
    torch.testing.assert_close(embedded.reach(dim).double().reshape(-1, dim), reach)
    assert embedded[0:1].per_point in (None, 1)


@pytest.mark.parametrize("axes", [(0, 0), (0, 4), (-1, 0)])
def test_axes_that_are_none_are_refused(axes):
    with pytest.raises(InputError, match="axes: expected different ones from 0 to 3"):
        SHARED["gaussian"].on_axes(axes, 4)


@EVERY
def test_another_number_of_axes_is_refused(filter):
    if filter in (SHARED["isotropic"], SHARED["square"], SHARED["disc"], SHARED["two lobes"]):
        assert filter.response(torch.zeros(4, 3)).shape == (4,)
        return
    for use in (
        lambda: filter.response(torch.ones(4, 3)),
        lambda: filter.offsets(torch.full((1, 1, 3), 0.5)),
        lambda: filter.reach(3),
        lambda: filter.second_moment(3),
    ):
        with pytest.raises(InputError, match=r"expected (a 3 x 3 matrix|3) for a 3-D signal"):
            use()


@pytest.mark.parametrize("filter", [*SHARED.values(), *PER_POINT.values()])
def test_filters_move_copy_and_pickle(filter):
    for other in (filter.to("cpu"), copy.deepcopy(filter), pickle.loads(pickle.dumps(filter))):
        assert type(other) is type(filter)
        torch.testing.assert_close(other.response(FREQUENCIES), filter.response(FREQUENCIES))
    assert type(filter).__name__ in repr(filter)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1e-3", Gaussian(1e-3)),
        ("gaussian:1e-3", Gaussian(1e-3)),
        ("gaussian:4e-2,1e-2,9e-3", Gaussian(MATRIX)),
        ("box:0.1", Box(0.1)),
        ("box:0.1,0.3", Box([0.1, 0.3])),
        ("ellipsoid:0.2", Ellipsoid.of_radius(0.2)),
        ("ellipsoid:4e-2,1e-2,9e-3", Ellipsoid(MATRIX)),
        ("tent:0.1,0.3", Tent([0.1, 0.3])),
        ("quadratic:0.1", BSpline(0.1)),
        ("lanczos:0.1", Lanczos(0.1)),
        ("lanczos:0.06,0.1,lobes=2", Lanczos([0.06, 0.1], lobes=2)),
    ],
)
def test_filters_are_read_from_text(text, expected):
    filter = parse_filter(text)
    assert type(filter) is type(expected)
    torch.testing.assert_close(filter.response(FREQUENCIES), expected.response(FREQUENCIES))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hat:0.1", "filter: expected one of gaussian, box, .*, lanczos, got 'hat'"),
        ("tent:wide", "filter tent: expected half sizes such as 0.1 or 0.1,0.2, got 'wide'"),
        ("kernel:missing.json,0.1", "kernel 'missing.json': No such file"),
        ("kernel:missing.json", "filter kernel: expected a file and half sizes"),
        ("box", "filter: expected its size after a colon, such as box:0.001, got 'box'"),
        ("box:wide", "filter box: expected half widths such as 0.1 or 0.1,0.2, got 'wide'"),
        ("box:-0.1", "half widths: expected 0 or more, got -0.1"),
        ("gaussian:1,2", "filter gaussian: expected a variance, or 3 .* got 2 numbers"),
        ("ellipsoid:-1", "squared radius: expected 0 or more|radius: expected 0 or more"),
        ("lanczos:0.1,lobes=two", "filter lanczos: expected spacings .* got '0.1,lobes=two'"),
        ("lanczos:0.1,lobes=0", "lobes: expected a whole number from 1 to 16, got 0"),
        ("", "filter gaussian: expected a variance"),
    ],
)
def test_text_that_is_no_filter_is_refused_with_a_sentence(text, expected):
    with pytest.raises(InputError, match=expected):
        parse_filter(text)


def test_numbers_and_matrices_stand_for_gaussians():
    assert as_filter(None) is None
    box = Box(0.1)
    assert as_filter(box) is box
    for value in (1e-3, np.float64(1e-3), torch.tensor(1e-3), np.eye(2), [[1, 0], [0, 1]]):
        assert isinstance(as_filter(value), Gaussian)
    with pytest.raises(InputError, match="covariance: expected numbers"):
        as_filter("box")


@pytest.mark.parametrize("lengths", [0.25, np.array([0.25, 0.25]), [1, 1], np.array([1, 2], dtype=np.int32)])
@pytest.mark.parametrize("kind", [Box, Lanczos])
def test_lengths_of_any_real_dtype_are_taken(kind, lengths):
    assert kind(lengths).lengths(2).is_floating_point()


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: Box(-1), "half widths: expected 0 or more, got -1"),
        (lambda: Box([0.1, float("nan")]), "half widths: expected finite numbers, got nan"),
        (lambda: Box(np.zeros((2, 2, 2))), r"half widths: expected a number, .* got shape \(2, 2, 2\)"),
        (lambda: Box([0.1, 0.1], axes=np.ones((2, 2))), "axes: expected orthonormal columns"),
        (lambda: Box([0.1, 0.1], axes=np.eye(3)), "axes: expected"),
        (lambda: Box(0.1, axes=np.eye(2)), "axes: expected"),
        (lambda: Lanczos(0.1, lobes=17), "lobes: expected a whole number from 1 to 16, got 17"),
        (lambda: Lanczos(0.1, lobes=True), "lobes: expected a whole number"),
        (lambda: Ellipsoid.of_radius(-1.0), "radius: expected 0 or more, got -1"),
        (lambda: Ellipsoid([[1.0, 2.0], [2.0, 1.0]]), "shape matrix: expected a positive semi-definite matrix"),
        (lambda: Ellipsoid(1.0).response(torch.zeros(1, 4)), "known in 1-D, 2-D and 3-D, not in 4-D"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(make, expected):
    with pytest.raises(InputError, match=expected):
        make()


def test_the_registry_names_every_filter():
    assert {name: FILTERS[name].name for name in FILTERS} == {name: name for name in FILTERS}
    assert all(issubclass(FILTERS[name], Filter) for name in FILTERS)


def test_a_filter_of_a_few_lines_gets_the_rest():
    class Hat(Separable):
        name, length_noun = "hat", "half widths"
        kernel_second_moment, kernel_reach = 1 / 6, 1.0

        def kernel_offsets(self, noise):
            return torch.where(noise < 0.5, (2 * noise).sqrt() - 1, 1 - (2 - 2 * noise).sqrt())

        def kernel_response(self, frequency):
            return torch.sinc(frequency) ** 2

    class Sampled(Filter):
        def __init__(self, widths):
            self.widths = widths

        def offsets(self, noise):
            return (noise - 0.5) * self.widths.to(noise)

    tent = Hat([0.1, 0.2])
    offsets, weights = samples(tent)
    sampled = torch.cos(2 * math.pi * offsets @ FREQUENCIES.T).mean((0, 1))
    assert torch.allclose(tent.response(FREQUENCIES), sampled, atol=1e-4)
    assert (weights == 1).all()
    with pytest.raises(InputError, match="Hat is not a piecewise polynomial kernel"):
        tent.diracs()

    filter = Sampled(torch.tensor([0.2, 0.4]))
    assert not filter.has_response
    assert not filter.has_weights
    assert torch.allclose(filter.second_moment(2), torch.tensor([0.04 / 12, 0.16 / 12]).diag().double(), atol=1e-6)
    assert torch.allclose(filter.reach(2), 3 * torch.tensor([0.04 / 12, 0.16 / 12]).sqrt().double(), atol=1e-4)
    assert filter.to("cpu") is not filter
    with pytest.raises(InputError, match="Sampled: its Fourier transform is not known"):
        filter.response(FREQUENCIES)
    with pytest.raises(InputError, match="Sampled cannot be given as text"):
        Sampled.parse("0.1")
