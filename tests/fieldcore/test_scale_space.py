"""Scale-space fields: the laws of their damping, and a short training."""

import dataclasses
import math

import pytest
import torch

from fieldcore.calibration import calibrate
from fieldcore.errors import InputError
from fieldcore.evaluation import Grid
from fieldcore.fields import preset_recipe
from fieldcore.fields.scale_space import ScaleSpace, ScaleSpaceRecipe
from fieldcore.filters import Filter, Gaussian
from fieldcore.picture_truth import smooth_picture
from fieldcore.signals import Ackley, Picture, SignalFacts

SMALL = ScaleSpaceRecipe(width=32, points_per_step=256, frequency_variance=20.0)


def small_field(dim: int = 2, channels: int = 2, **changes) -> ScaleSpace:
    facts = SignalFacts(type="picture", name="", digest="", half_extent=(1.0,) * dim, channels=channels)
    field = ScaleSpace(dataclasses.replace(SMALL, **changes), facts).eval()
    field.calibration[1] = 30.0
    return field


def points(count: int = 16, dim: int = 2) -> torch.Tensor:
    return 2 * torch.rand(count, dim, generator=torch.Generator().manual_seed(5)) - 1


def covariances(count: int = 16) -> torch.Tensor:
    root = 0.1 * torch.randn(count, 2, 2, generator=torch.Generator().manual_seed(6))
    return root @ root.mT


@torch.no_grad()
def test_features_are_dampened_by_the_papers_formula():
    field, Sigma = small_field(), torch.tensor([[0.02, 0.01], [0.01, 0.03]])
    A = field.encoding.A
    damping = torch.stack([torch.exp(-torch.sqrt(a @ (30 * Sigma) @ a)) for a in A])
    expected = field.network(field.encoding(points(), damping))
    torch.testing.assert_close(field(points(), Gaussian(Sigma)), expected)


@torch.no_grad()
@pytest.mark.parametrize("nothing", [Gaussian(0.0), Gaussian(torch.zeros(2, 2)), Gaussian(torch.zeros(16))])
def test_zero_variance_is_no_filter(nothing):
    field = small_field()
    torch.testing.assert_close(field(points(), nothing), field(points()))


@torch.no_grad()
def test_infinite_smoothing_leaves_a_constant():
    values = small_field()(points(), Gaussian(1e6))
    torch.testing.assert_close(values, values[:1].expand_as(values))


@torch.no_grad()
def test_one_filter_a_point_equals_one_point_at_a_time():
    field, x, Sigma = small_field(), points(), covariances()
    looped = torch.cat([field(x[i : i + 1], Gaussian(Sigma[i])) for i in range(16)])
    torch.testing.assert_close(field(x, Gaussian(Sigma)), looped, atol=1e-5, rtol=1e-5)
    variances = Sigma[:, 0, 0]
    looped = torch.cat([field(x[i : i + 1], Gaussian(float(variances[i]))) for i in range(16)])
    torch.testing.assert_close(field(x, Gaussian(variances)), looped, atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_isotropic_matrices_equal_variances_also_in_3d():
    field, x = small_field(dim=3), points(dim=3)
    torch.testing.assert_close(field(x, Gaussian(0.02 * torch.eye(3))), field(x, Gaussian(0.02)))


@torch.no_grad()
def test_turning_points_frequencies_and_covariance_together_changes_nothing():
    field, x, Sigma = small_field(), points(), covariances()[0]
    turn = torch.tensor([[math.cos(0.7), -math.sin(0.7)], [math.sin(0.7), math.cos(0.7)]])
    before = field(x, Gaussian(Sigma))
    field.encoding.A.copy_(field.encoding.A @ turn.T)
    turned = turn @ Sigma @ turn.T
    torch.testing.assert_close(field(x @ turn.T, Gaussian((turned + turned.T) / 2)), before, atol=1e-4, rtol=0)


@torch.no_grad()
def test_a_filter_moves_the_output_no_more_than_the_features():
    field = small_field()
    x, Sigma = points(), Gaussian(covariances())
    damping = torch.exp(-((field.encoding.A @ (30 * Sigma.covariance(2)) * field.encoding.A).sum(-1)).sqrt())
    moved = (field.encoding(x, damping) - field.encoding(x, None)).norm(dim=1)
    assert ((field(x, Sigma) - field(x)).abs().amax(1) <= moved * (1 + 1e-5)).all()


@torch.no_grad()
def test_the_calibration_curve_is_read_at_the_mean_variance():
    field, x = small_field(), points(1)
    field.calibration[1] = torch.logspace(0, 3, 16)  # ten times the factor for each tenfold variance

    def at_scale(Sigma_hat):
        return small_field()(x, Gaussian(torch.as_tensor(Sigma_hat) / 30))

    for variance, factor in ((1e-3, 10.0), (10**-2.35, 10**1.65), (1e-6, 1.0), (0.5, 1000.0)):
        torch.testing.assert_close(field(x, Gaussian(variance)), at_scale(variance * factor))
    Sigma = torch.tensor([[5e-4, 3e-4], [3e-4, 1.5e-3]])  # mean variance 1e-3
    torch.testing.assert_close(field(x, Gaussian(Sigma)), at_scale(10 * Sigma))
    torch.testing.assert_close(field(x, Gaussian(Sigma[None])), at_scale(10 * Sigma))


@torch.no_grad()
def test_calibrating_by_factor_uses_the_geometric_mean():
    field, x = small_field(calibrate_by="factor"), points()
    field.calibration[1] = torch.logspace(0, 3, 16) * 30 / 10**1.5
    torch.testing.assert_close(field(x, Gaussian(1e-4)), small_field()(x, Gaussian(1e-4)))


def test_other_filters_are_refused_by_name():
    class Disc(Filter):
        per_point = None
        offsets = response = __getitem__ = to = None

    with pytest.raises(InputError, match="scale_space field cannot be filtered by Disc; it supports Gaussian"):
        small_field()(points(), Disc())


def test_the_state_holds_the_calibration_and_rebuilds_the_field():
    field, copy = small_field(), small_field(seed=1)
    copy.load_state_dict(field.state_dict())
    assert copy.calibration_factor == pytest.approx(30)
    assert torch.equal(copy(points(), Gaussian(0.01)), field(points(), Gaussian(0.01)))


def test_loss_and_start_depend_on_the_seed_alone():
    def first_losses(seed):
        field = ScaleSpace(dataclasses.replace(SMALL, seed=seed), Ackley().facts)
        generator = torch.Generator().manual_seed(3)
        return [field.loss(Ackley(), generator).item() for _ in range(2)]

    assert first_losses(0) == first_losses(0)
    assert first_losses(0) != first_losses(1)
    assert len(set(first_losses(0))) == 2


def test_loss_sends_gradients_everywhere():
    field = ScaleSpace(SMALL, Ackley().facts).train()
    field.loss(Ackley(), torch.Generator().manual_seed(0)).backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() and p.grad.any() for p in field.parameters())


@pytest.mark.parametrize(
    ("entry", "value"), [("width", 7), ("width", 0), ("frequency_variance", -1.0), ("log10_eigenvalue_max", -13.0)]
)
def test_recipes_refuse_nonsense(entry, value):
    with pytest.raises(InputError, match=f"{entry}: expected"):
        dataclasses.replace(SMALL, **{entry: value})


def test_presets_suit_the_signal():
    assert_settings(
        "picture",
        width=1024,
        frequency_variance=2000.0,
        frequency_radii="squared",
        orthogonal_map="matrix_exp",
        calibrate_by="factor",
        value_scaling="signed",
        isotropic_scales=False,
        precision="float32",
        steps=100_000,
        points_per_step=100_000,
        learning_rate=5e-4,
        learning_rate_end=1.0,
        warmup_steps=0,
        log10_eigenvalue_min=-12.0,
        log10_eigenvalue_max=2.0,
    )
    shared = {"learning_rate": 5e-4, "learning_rate_end": 1.0, "value_scaling": "none", "precision": "float32"}
    assert_settings(
        "ackley", frequency_variance=50.0, steps=50_000, points_per_step=100_000, isotropic_scales=True, **shared
    )
    assert_settings(
        "shape", frequency_variance=100.0, steps=50_000, points_per_step=200_000, isotropic_scales=False, **shared
    )
    for preset, narrower in (("preview", 10), ("standard", 10 / 3)):
        assert preset_recipe("scale_space", preset, facts_of("picture")).frequency_variance == pytest.approx(
            2000 / narrower
        )
        assert preset_recipe("scale_space", preset, facts_of("shape")).frequency_variance == pytest.approx(
            100 / narrower
        )
        assert preset_recipe("scale_space", preset, facts_of("ackley")).frequency_variance == 50.0


def facts_of(signal_type: str) -> SignalFacts:
    extent = (1.0,) * (3 if signal_type == "shape" else 2)
    return SignalFacts(type=signal_type, name="", digest="", half_extent=extent, channels=1)


def assert_settings(signal_type: str, **expected) -> None:
    """The preset ``paper`` has exactly these settings for this type of signal, and is read back from a file."""
    recipe = preset_recipe("scale_space", "paper", facts_of(signal_type))
    assert {name: getattr(recipe, name) for name in expected} == expected
    assert ScaleSpaceRecipe.from_dict(recipe.to_dict()) == recipe


def test_a_short_training_learns_to_smooth_without_ever_seeing_it(smooth_pixels):
    signal = Picture(smooth_pixels)
    recipe = ScaleSpaceRecipe(
        width=128, points_per_step=512, frequency_variance=50.0, learning_rate=5e-3, learning_rate_end=0.1
    )
    field = ScaleSpace(recipe, signal.facts).train()
    generator = torch.Generator().manual_seed(0)
    optimizer = field.optimizer()
    for step in range(300):
        for group in optimizer.param_groups:
            group["lr"] = group["scale"] * recipe.learning_rate_at(step / 300)
        optimizer.zero_grad()
        field.loss(signal, generator).backward()
        optimizer.step()
    assert 10 < calibrate(field).factor < 40
    grid = Grid.covering(signal.facts.half_extent, 48)
    x = grid.points(0, grid.count)
    field.eval()
    with torch.no_grad():
        assert psnr(field(x), signal(x)) > 24
        for filter, least in ((Gaussian(1e-3), 24), (Gaussian([[4e-3, 2e-3], [2e-3, 2e-3]]), 22)):
            smoothed = torch.from_numpy(smooth_picture(signal, filter)).float().reshape(-1, 3)

            assert psnr(field(x, filter), smoothed) > max(least, psnr(signal(x), smoothed) + 2)


def psnr(a: torch.Tensor, b: torch.Tensor) -> float:
    return -10 * math.log10((a - b).square().mean().item())
