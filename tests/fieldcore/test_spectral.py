"""Spectral fields: exact where the network is a cosine, the filter's laws, and a short training."""

import dataclasses
import math

import pytest
import torch

from fieldcore.errors import InputError
from fieldcore.evaluation import Grid
from fieldcore.fields import build_field, preset_recipe
from fieldcore.fields.fourier import fourier_frequencies
from fieldcore.fields.spectral import Spectral, SpectralRecipe
from fieldcore.filters import Box, Ellipsoid, Filter, Gaussian, Lanczos
from fieldcore.fitting import Stop, fit
from fieldcore.picture_truth import smooth_picture
from fieldcore.sampling import sobol
from fieldcore.signals import Ackley, Picture, SignalFacts
from fieldcore.truth import smooth_points

SMALL = SpectralRecipe(width=32, points_per_step=256, frequency_variance=2.0)


def small_field(dim: int = 2, channels: int = 2) -> Spectral:
    facts = SignalFacts(type="picture", name="", digest="", half_extent=(1.0,) * dim, channels=channels)
    return Spectral(SMALL, facts).eval()


def points(count: int = 16, dim: int = 2) -> torch.Tensor:
    return 2 * torch.rand(count, dim, generator=torch.Generator().manual_seed(5)) - 1


def covariances(count: int = 16) -> torch.Tensor:
    root = 0.1 * torch.randn(count, 2, 2, generator=torch.Generator().manual_seed(6))
    return root @ root.mT


@torch.no_grad()
def cosine_field() -> Spectral:
    """A field whose network hands on the first feature, ``cos 2 pi a x``; the bias keeps it above every ReLU's 0."""
    field = small_field(channels=1)
    for layer in field.network:
        if isinstance(layer, torch.nn.Linear):
            layer.weight.zero_()
            layer.bias.zero_()
            layer.weight[0, 0] = 1
    field.network[0].bias[0] = 1
    field.network[-1].bias[0] = -1
    return field


@torch.no_grad()
@pytest.mark.parametrize("gaussian", [Gaussian(0.03), Gaussian([[0.05, 0.02], [0.02, 0.01]]), Gaussian(covariances())])
def test_a_cosine_is_smoothed_in_closed_form(gaussian):
    field, x = cosine_field(), points()
    a = field.encoding.A[0]
    quadratic = torch.stack([a @ Sigma @ a for Sigma in gaussian.covariance(2).expand(16, 2, 2)])
    expected = torch.cos(2 * math.pi * x @ a) * torch.exp(-2 * math.pi**2 * quadratic)
    torch.testing.assert_close(field(x, gaussian)[:, 0], expected, atol=1e-5, rtol=0)
    sampled = smooth_points(lambda y: torch.cos(2 * math.pi * y @ a)[:, None], x, gaussian, samples=1 << 14)
    torch.testing.assert_close(field(x, gaussian), sampled.mean, atol=1e-3, rtol=0)


@torch.no_grad()
@pytest.mark.parametrize("nothing", [Gaussian(0.0), Gaussian(torch.zeros(2, 2)), Gaussian(torch.zeros(16))])
def test_zero_variance_is_no_filter(nothing):
    torch.testing.assert_close(small_field()(points(), nothing), small_field()(points()))


@torch.no_grad()
def test_infinite_smoothing_leaves_a_constant():
    values = small_field()(points(), Gaussian(1e6))
    torch.testing.assert_close(values, values[:1].expand_as(values))


@torch.no_grad()
def test_one_filter_a_point_equals_one_point_at_a_time():
    field, x, Sigma = small_field(), points(), covariances()
    looped = torch.cat([field(x[i : i + 1], Gaussian(Sigma[i])) for i in range(16)])
    torch.testing.assert_close(field(x, Gaussian(Sigma)), looped, atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_isotropic_matrices_equal_variances_also_in_3d():
    field, x = small_field(dim=3), points(dim=3)
    torch.testing.assert_close(field(x, Gaussian(0.02 * torch.eye(3))), field(x, Gaussian(0.02)))


def test_loss_and_start_depend_on_the_seed_alone():
    def first_losses(seed):
        field = Spectral(dataclasses.replace(SMALL, seed=seed), Ackley().facts)
        generator = torch.Generator().manual_seed(3)
        return [field.loss(Ackley(), generator).item() for _ in range(2)]

    assert first_losses(0) == first_losses(0)
    assert first_losses(0) != first_losses(1)


def test_loss_sends_gradients_everywhere():
    field = Spectral(SMALL, Ackley().facts).train()
    field.loss(Ackley(), torch.Generator().manual_seed(0)).backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() and p.grad.any() for p in field.parameters())


@pytest.mark.parametrize("log10_eigenvalue", [-12.0, -2.0])
def test_the_target_is_the_smoothed_signal_on_average(log10_eigenvalue):
    # For a field that is 0 everywhere, the gradient at the output bias is -2 times the mean target.
    recipe = dataclasses.replace(
        SMALL,
        precision="float32",
        points_per_step=1 << 16,
        log10_eigenvalue_min=log10_eigenvalue,
        log10_eigenvalue_max=log10_eigenvalue + 1e-6,
    )
    field = Spectral(recipe, Ackley().facts)
    with torch.no_grad():
        for parameter in field.parameters():
            parameter.zero_()
    field.loss(Ackley(), torch.Generator().manual_seed(0)).backward()
    x = Ackley().draw(sobol(1 << 12, 2, seed=0))
    smoothed = smooth_points(Ackley(), x, Gaussian(10**log10_eigenvalue), samples=64).mean.mean().item()
    assert -field.network[-1].bias.grad.item() / 2 == pytest.approx(smoothed, abs=4e-3)


def test_presets_suit_the_signal():
    facts = dataclasses.replace(Ackley().facts, type="picture")
    paper = preset_recipe("spectral", "paper", facts)
    expected = {
        "width": 1024,
        "frequency_variance": 2000.0,
        "frequency_radii": "squared",
        "value_scaling": "signed",
        "zero_output_bias": True,
        "isotropic_scales": False,
        "precision": "float32",
        "steps": 10_000,
        "points_per_step": 100_000,
        "learning_rate": 5e-4,
        "learning_rate_end": 1.0,
        "warmup_steps": 100,
        "log10_eigenvalue_min": -12.0,
        "log10_eigenvalue_max": 2.0,
    }
    assert {name: getattr(paper, name) for name in expected} == expected
    assert SpectralRecipe.from_dict(paper.to_dict()) == paper
    ackley = preset_recipe("spectral", "paper", Ackley().facts)
    assert (ackley.frequency_variance, ackley.value_scaling) == (50.0, "none")
    assert preset_recipe("spectral", "preview", Ackley().facts).frequency_variance == 50.0


def test_the_papers_learning_rate_warms_up_for_100_steps_and_stays():
    recipe = dataclasses.replace(preset_recipe("spectral", "paper", Ackley().facts), width=4, points_per_step=4)
    rates = [
        progress.learning_rate for progress in fit(build_field(recipe, Ackley().facts), Ackley(), stop=Stop(steps=130))
    ]
    expected = [5e-4 * (1e-3 + (1 - 1e-3) * step / 100) for step in range(100)] + [5e-4] * 30
    assert rates == pytest.approx(expected, rel=1e-9)


def test_a_recipe_from_before_a_setting_means_what_it_meant():
    older = SpectralRecipe(preset="paper", width=64).to_dict()
    for added in ("warmup_steps", "isotropic_scales", "frequency_radii", "value_scaling", "zero_output_bias"):
        del older[added]
    read = SpectralRecipe.from_dict(older)
    assert (read.warmup_steps, read.isotropic_scales, read.frequency_radii) == (0, False, "uniform")
    assert (read.value_scaling, read.zero_output_bias) == ("none", False)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"learning_rate": float("inf")}, "learning_rate: expected a finite number, got inf"),
        ({"frequency_variance": float("nan")}, "frequency_variance: expected a finite number, got nan"),
        ({"warmup_steps": -1}, "warmup_steps: expected 0 or more, got -1"),
        ({"frequency_radii": "cubed"}, "frequency_radii: expected one of uniform, squared, got cubed"),
        ({"value_scaling": "bytes"}, "value_scaling: expected one of none, signed, got bytes"),
        ({"precision": "int8"}, "precision: expected one of auto, float32, bfloat16, got int8"),
    ],
)
def test_settings_that_there_are_not_are_refused(changes, expected):
    with pytest.raises(InputError, match=expected):
        SpectralRecipe(**changes)


def test_the_last_bias_starts_at_0_where_the_recipe_says_so():
    facts = SignalFacts(type="picture", name="", digest="", half_extent=(1.0, 1.0), channels=2)
    assert not Spectral(dataclasses.replace(SMALL, zero_output_bias=True), facts).network[-1].bias.any()
    assert Spectral(SMALL, facts).network[-1].bias.all()


@torch.no_grad()
def test_signed_values_are_the_range_seen_from_its_middle():
    facts = SignalFacts(type="picture", name="", digest="", half_extent=(1.0, 1.0), channels=2, value_range=(1.0, 5.0))
    plain = Spectral(SMALL, facts).eval()
    signed = Spectral(dataclasses.replace(SMALL, value_scaling="signed"), facts).eval()
    torch.testing.assert_close(signed(points(), 0.01), 3 + 2 * plain(points(), 0.01))
    values = torch.tensor([[1.0, 3.0], [5.0, 4.0]])
    torch.testing.assert_close(signed._wanted(values), torch.tensor([[-1.0, 0.0], [1.0, 0.5]]))
    torch.testing.assert_close(signed._displayed(signed._wanted(values)), values)


@torch.no_grad()
def test_filters_never_trained_on_are_taken_by_their_transform():
    field, x = cosine_field(), points()
    a = field.encoding.A[0]
    turn = torch.tensor([[0.8, -0.6], [0.6, 0.8]])
    for filter in (
        Box([0.1, 0.2]),
        Box([0.1, 0.2], axes=turn),
        Ellipsoid([[0.05, 0.02], [0.02, 0.03]]),
        Lanczos(0.2),
        Lanczos([0.1, 0.2], lobes=2, axes=turn),
    ):
        assert field.refuses(filter) is None
        sampled = smooth_points(lambda y: torch.cos(2 * math.pi * y @ a)[:, None], x, filter, samples=1 << 14)
        torch.testing.assert_close(field(x, filter), sampled.mean, atol=2e-3, rtol=0)


@torch.no_grad()
def test_samples_of_negative_lobes_count_with_their_sign():
    field, x = cosine_field(), 0.3 * points()  # so far inside that no sample is folded back at the border
    field.encoding.A[0] = torch.tensor([2.0, 1.0])
    for filter in (Lanczos(0.2), Lanczos([0.2, 0.1], lobes=2)):
        expected = field(x, filter)
        assert expected.abs().max() > 0.5
        torch.testing.assert_close(field.sampled(x, filter, samples=1 << 12), expected, atol=2e-2, rtol=0)


def test_a_filter_without_a_transform_is_refused_by_name():
    class Disc(Filter):
        def offsets(self, noise):
            return noise - 0.5

    with pytest.raises(InputError, match="spectral field cannot be filtered by Disc; it supports Gaussian, Kernel"):
        small_field()(points(), Disc())


def test_frequencies_come_from_the_recipe():
    field = small_field()
    assert torch.equal(field.encoding.A, fourier_frequencies(16, 2, 2.0, SMALL.seed))


def test_a_short_training_learns_to_smooth(smooth_pixels):
    signal = Picture(smooth_pixels)
    recipe = SpectralRecipe(
        width=128,
        points_per_step=2048,
        frequency_variance=50.0,
        learning_rate=3e-3,
        learning_rate_end=0.05,
        log10_eigenvalue_min=-6.0,
        log10_eigenvalue_max=0.0,
    )
    field = Spectral(recipe, signal.facts).train()
    generator = torch.Generator().manual_seed(0)
    optimizer = field.optimizer()
    for step in range(300):
        for group in optimizer.param_groups:
            group["lr"] = group["scale"] * recipe.learning_rate_at(step / 300)
        optimizer.zero_grad()
        field.loss(signal, generator).backward()
        optimizer.step()
    grid = Grid.covering(signal.facts.half_extent, 48)
    x = grid.points(0, grid.count)
    field.eval()
    for filter, least_psnr in (
        (Gaussian(1e-3), 27),
        (Gaussian(1e-2), 28),
        (Gaussian([[0.02, 0.01], [0.01, 0.006]]), 28),
    ):
        truth = torch.from_numpy(smooth_picture(signal, filter)).float().reshape(-1, 3)
        with torch.no_grad():
            error = (field(x, filter) - truth).square().mean().item()
        assert -10 * math.log10(error) > least_psnr
    # Filters that the training never saw, against samples of the picture itself.
    unseen = ((Box([0.1, 0.05]), 27), (Ellipsoid([[0.02, 0.01], [0.01, 0.01]]), 27), (Lanczos(0.1), 24))
    for filter, least_psnr in unseen:
        truth = smooth_points(signal, x, filter, samples=512).mean
        with torch.no_grad():
            error = (field(x, filter) - truth).square().mean().item()
        assert -10 * math.log10(error) > least_psnr
