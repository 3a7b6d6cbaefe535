"""What holds for fields of every kind: what they take at their border, and that they copy, pickle and convert."""

import copy
import dataclasses
import io
import pickle

import numpy as np
import pytest
import torch

from fieldcore.errors import InputError
from fieldcore.fields import KINDS, build_field, default_preset, field_type, kinds_for, preset_recipe
from fieldcore.fields.field import Field
from fieldcore.filters import Box, Filter, Gaussian, Lanczos
from fieldcore.recipe import Recipe
from fieldcore.signals import SignalFacts

EVERY_KIND = pytest.mark.parametrize("kind", kinds_for(2))


def facts(dim: int = 2, channels: int = 2) -> SignalFacts:
    return SignalFacts(type="made", name="", digest="", half_extent=(1.0,) * dim, channels=channels)


def field_of(kind: str, dim: int = 2) -> Field:
    built = facts(dim)
    return build_field(preset_recipe(kind, default_preset(kind, built.type), built), built).eval()


def points(count: int = 16, dim: int = 2) -> torch.Tensor:
    return 2 * torch.rand(count, dim, generator=torch.Generator().manual_seed(5)) - 1


@EVERY_KIND
@torch.no_grad()
def test_points_of_any_form_are_taken(kind):
    field, x = field_of(kind), points()
    expected = field(x, Gaussian(1e-2))
    assert expected.shape == (16, 2)
    for other in (x.numpy(), x.double(), x.double().numpy(), x.tolist(), x.to(torch.float64).numpy().tolist()):
        for mode in (field.eval(), field.train(), field.eval()):
            values = mode(other, Gaussian(1e-2))
            assert values.dtype == torch.float32
        torch.testing.assert_close(values, expected)
    whole = torch.tensor([[0, 1], [-1, 0]])
    torch.testing.assert_close(field(whole), field(whole.float()))
    torch.testing.assert_close(field(whole.numpy()), field(whole.float()))
    assert field(torch.zeros(0, 2)).shape == (0, 2)


@EVERY_KIND
@torch.no_grad()
def test_numbers_and_matrices_are_gaussians(kind):
    field, x = field_of(kind), points()
    matrix = [[2e-2, 1e-2], [1e-2, 1e-2]]
    if field.refuses(Gaussian(matrix)):
        matrix = [[2e-2, 0.0], [0.0, 1e-2]]
    for given, meant in (
        (1e-2, Gaussian(1e-2)),
        (0, Gaussian(0.0)),
        (np.float64(1e-2), Gaussian(1e-2)),
        (torch.tensor(1e-2, dtype=torch.float64), Gaussian(1e-2)),
        (matrix, Gaussian(matrix)),
        (np.array(matrix), Gaussian(matrix)),
        (torch.full((16,), 1e-2), Gaussian(torch.full((16,), 1e-2))),
    ):
        torch.testing.assert_close(field(x, given), field(x, meant), atol=1e-5, rtol=1e-5)


@EVERY_KIND
@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([0.0, 0.0], r"points: expected shape \(n, 2\), got \(2,\)"),
        (np.zeros((4, 3)), r"points: expected shape \(n, 2\), got \(4, 3\)"),
        (torch.zeros(4, 2, 1), r"points: expected shape \(n, 2\), got \(4, 2, 1\)"),
        (torch.zeros(4, 2, dtype=torch.complex64), r"points: expected shape \(n, 2\), got \(4, 2\) of complex64"),
        ("here", r"points: expected numbers of shape \(n, 2\), got 'here'"),
        ([[0.0], [0.0, 0.0]], r"points: expected numbers of shape \(n, 2\)"),
        (None, r"points: expected numbers of shape \(n, 2\), got None"),
    ],
)
def test_points_that_are_none_are_refused_with_a_sentence(kind, x, expected):
    with pytest.raises(InputError, match=expected):
        field_of(kind)(x)


@EVERY_KIND
@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (np.eye(3), "expected a 2 x 2 matrix for a 2-D signal, got 3 x 3"),
        (np.eye(1), "expected a 2 x 2 matrix for a 2-D signal, got 1 x 1"),
        (torch.zeros(16, 3, 3), "expected a 2 x 2 matrix for a 2-D signal, got 3 x 3"),
        (torch.zeros(17), "filter: expected one for each of the 16 points, got 17"),
        (torch.zeros(15, 2, 2), "filter: expected one for each of the 16 points, got 15"),
        (-1.0, "variance: expected 0 or more, got -1"),
        ("wide", "covariance: expected numbers, got 'wide'"),
    ],
)
def test_filters_that_do_not_fit_are_refused_with_a_sentence(kind, filter, expected):
    with pytest.raises(InputError, match=expected):
        field_of(kind)(points(), filter)


def test_a_matrix_of_another_size_is_refused_also_where_scales_follow_by_a_factor():
    """A 3 x 3 covariance was once taken by a 2-D field, of whose entries four were used."""
    paper = preset_recipe("scale_space", "paper", facts())
    field = build_field(type(paper)(width=16, calibrate_by="factor"), facts()).eval()
    with pytest.raises(InputError, match="expected a 2 x 2 matrix"):
        field(points(), np.eye(3))


@EVERY_KIND
@torch.no_grad()
def test_a_filter_that_is_refused_can_be_sampled(kind):
    class Cross(Filter):
        def offsets(self, noise):
            return torch.where(noise.argmax(-1, keepdim=True) == torch.arange(noise.shape[-1]), 0.2 * noise - 0.1, 0)

    field, x = field_of(kind), points(4)
    assert field.refuses(Gaussian(1e-3)) is None
    assert field.sampled(x, Cross()).shape == (4, 2)
    if field.refuses(Cross()) is None:  # one that is filtered by sampling alone takes whatever has samples
        assert field(x, Cross()).shape == (4, 2) and Filter in field.filters
        return
    assert f"{kind} field cannot be filtered by Cross" in field.refuses(Cross())
    with pytest.raises(InputError, match="cannot be filtered by Cross"):
        field(x, Cross())


@EVERY_KIND
@torch.no_grad()
def test_sampling_is_the_mean_of_the_unfiltered_field(kind):
    field, x = field_of(kind), 0.5 * points(3)
    torch.testing.assert_close(field.sampled(x, None), field(x))
    torch.testing.assert_close(field.sampled(x, 0.0, samples=4), field(x), atol=1e-5, rtol=1e-5)
    # The mean over a small box, by the midpoint rule.
    steps = (torch.arange(32) + 0.5) / 32 * 0.2 - 0.1
    offsets = torch.cartesian_prod(steps, 0.5 * steps)
    mean = torch.stack([field(point + offsets).mean(0) for point in x])
    torch.testing.assert_close(field.sampled(x, Box([0.1, 0.05]), samples=1 << 12), mean, atol=3e-3, rtol=0)
    sharp = field.sampled(x, Lanczos(0.01), samples=1 << 10)
    torch.testing.assert_close(sharp, field.sampled(x, Lanczos(0.01), samples=1 << 12), atol=3e-2, rtol=0)
    one_a_point = Gaussian(torch.tensor([0.0, 1e-3, 1e-2]))
    each = torch.cat([field.sampled(x[i : i + 1], float(one_a_point.variance[i])) for i in range(3)])
    torch.testing.assert_close(field.sampled(x, one_a_point), each, atol=1e-5, rtol=1e-5)
    with pytest.raises(InputError, match="expected one for each of the 3 points, got 4"):
        field.sampled(x, torch.zeros(4))


@EVERY_KIND
def test_values_have_a_finite_gradient_in_the_variance_also_at_0(kind):
    field = field_of(kind)
    for start in (torch.zeros(()), torch.zeros(16), torch.zeros(2, 2), torch.tensor([[1e-2, 0.0], [0.0, 0.0]])):
        value = start.clone().requires_grad_()
        field(points(), Gaussian(value)).sum().backward()
        assert value.grad is not None
        assert torch.isfinite(value.grad).all()


@pytest.mark.parametrize("kind", ["spectral", "scale_space"])
def test_values_have_the_right_gradient_in_the_covariance_and_the_points(kind):
    built = facts(channels=1)
    recipe = type(preset_recipe(kind, "preview", built))(width=8, frequency_variance=2.0)
    field = build_field(recipe, built).eval().double()
    x = points(3).double().requires_grad_()
    factor = 0.3 * torch.randn(3, 2, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    factor.requires_grad_()
    assert torch.autograd.gradcheck(lambda x, L: field(x, Gaussian.unchecked(L @ L.mT)), (x, factor))


@EVERY_KIND
@torch.no_grad()
def test_fields_copy_pickle_and_save(kind):
    field, x = field_of(kind), points()
    expected = field(x, Gaussian(1e-2))
    stream = io.BytesIO()
    torch.save(field, stream)
    stream.seek(0)
    for other in (copy.deepcopy(field), pickle.loads(pickle.dumps(field)), torch.load(stream, weights_only=False)):
        assert torch.equal(other(x, Gaussian(1e-2)), expected)
        assert other.recipe == field.recipe


@EVERY_KIND
@torch.no_grad()
def test_a_field_in_double_precision_answers_in_it(kind):
    field, x = field_of(kind), points()
    single = field(x, Gaussian(1e-2))
    double = field.double()(x, Gaussian(1e-2))
    assert double.dtype == torch.float64
    torch.testing.assert_close(double.float(), single, atol=1e-4, rtol=0)


@EVERY_KIND
def test_building_a_field_leaves_the_random_stream_alone(kind):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    built = facts()
    recipe = preset_recipe(kind, default_preset(kind, built.type), built)
    field = build_field(recipe, built)
    if kind in ("spectral", "scale_space"):
        KINDS[kind](recipe, built)
    assert torch.equal(torch.rand(3), expected)
    torch.manual_seed(8)
    again = build_field(recipe, built)
    assert all(torch.equal(a, b) for a, b in zip(field.state_dict().values(), again.state_dict().values(), strict=True))


@EVERY_KIND
def test_a_signal_with_other_dimensions_than_it_takes_is_refused(kind):
    field = KINDS[kind]
    for dim in {1, 2, 3, 4, 5, 6} - set(field.dims):
        with pytest.raises(InputError, match=rf"kind: a {kind} field takes .* signals, got one in {dim}-D"):
            build_field(preset_recipe(kind, default_preset(kind, "made"), facts(dim)), facts(dim))


@pytest.mark.parametrize("kind", ["spectral", "scale_space"])
@pytest.mark.parametrize("dim", [1, 2, 3, 4, 5])
@torch.no_grad()
def test_fourier_kinds_take_every_dimension(kind, dim):
    field = field_of(kind, dim)
    assert field(points(4, dim), 1e-2).shape == (4, 2)
    assert field.on_lattice([torch.linspace(-1, 1, 2 + axis) for axis in range(dim)]).shape[1] == 2


@pytest.mark.parametrize("kind", ["spectral", "scale_space"])
def test_filters_smooth_along_the_axes_that_the_signal_names_alone(kind):
    built = SignalFacts(type="made", name="", digest="", half_extent=(1.0,) * 3, channels=1, smooth_axes=(0, 2))
    field = build_field(type(preset_recipe(kind, "preview", built))(width=16, points_per_step=64), built)
    matrix, x = torch.tensor([[2e-2, 1e-2], [1e-2, 3e-2]]), points(4, 3)
    whole = torch.tensor([[2e-2, 0.0, 1e-2], [0.0, 0.0, 0.0], [1e-2, 0.0, 3e-2]])
    everywhere = dataclasses.replace(built, smooth_axes=())
    same = build_field(field.recipe, everywhere)
    same.load_state_dict(field.state_dict())
    torch.testing.assert_close(field(x, matrix), same(x, whole))
    torch.testing.assert_close(field(x, 1e-2), same(x, torch.diag(torch.tensor([1e-2, 0.0, 1e-2]))))
    torch.testing.assert_close(field(x, matrix.expand(4, 2, 2)), same(x, whole))
    torch.testing.assert_close(field(x, whole), field(x, matrix))
    with pytest.raises(InputError, match="is filtered over its axes 0, 2 alone, and this one also over axis 1"):
        field(x, whole + 1e-3 * torch.eye(3))
    random = field._random_gaussians(torch.Generator().manual_seed(0)).covariance(3)
    assert random.shape == (64, 3, 3)
    assert not random[:, 1].any()
    assert random[:, [0, 2]][:, :, [0, 2]].all()


def test_complex_weights_are_trained_by_an_optimizer_that_takes_them():
    class Wave(Field):
        kind, recipe_type, presets, filters = "wave", Recipe, {"only": Recipe()}, ()

        def __init__(self, recipe, facts):
            super().__init__(recipe, facts)
            self.weight = torch.nn.Parameter(torch.ones(self.dim, facts.channels, dtype=torch.complex64))

        def _values(self, x, filter):
            return (x.to(torch.complex64) @ self.weight).real

        def loss(self, signal, generator):
            return self._values(torch.ones(4, self.dim), None).square().mean()

    field = Wave(Recipe(), facts())
    assert field.dtype == torch.float32
    optimizer = field.optimizer()
    before = field.weight.detach().clone()
    field.loss(None, torch.Generator()).backward()
    optimizer.step()
    assert not torch.equal(field.weight, before)
    assert field([[0.5, 0.5]]).dtype == torch.float32


def test_kinds_and_presets_that_there_are_not_are_refused_by_name():
    with pytest.raises(InputError, match=f"kind: expected one of {', '.join(KINDS)}, got 'fourier'"):
        field_type("fourier")
    with pytest.raises(InputError, match="preset: a spectral field has preview, standard, paper, got 'best'"):
        preset_recipe("spectral", "best", facts())
    assert default_preset("spectral", "picture") == "preview"
