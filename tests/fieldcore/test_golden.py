"""Our kinds against what the publications' code gave for the same small weights.

The two ``golden_*.safetensors`` hold numbers only: weights, points, scales, and the outputs, losses and gradients that
the code of Mujkanovic et al. 2024 and Yaldiz et al. 2025 computed from them, once. docs/fidelity.md has the rest.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from fieldcore.fields import build_field, preset_recipe
from fieldcore.fields import fourier as fourier_module
from fieldcore.fields.field import Field
from fieldcore.fields.fourier import fourier_frequencies
from fieldcore.filters import Ellipsoid, Gaussian
from fieldcore.signals import Signal, SignalFacts

WIDTH = 16


def golden(name: str, part: str) -> dict[str, torch.Tensor]:
    tensors = load_file(Path(__file__).parent / f"golden_{name}.safetensors")
    return {key.removeprefix(f"{part}."): tensor for key, tensor in tensors.items() if key.startswith(f"{part}.")}


def under(numbers: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {key.removeprefix(prefix): tensor for key, tensor in numbers.items() if key.startswith(prefix)}


def paper_field(kind: str, dim: int, numbers: dict[str, torch.Tensor]) -> Field:
    """A narrow field by the preset ``paper`` whose network's values are the signal's, in [-1, 1]."""
    facts = SignalFacts(
        type="picture",
        name="",
        digest="",
        half_extent=(1.0,) * dim,
        channels=numbers["targets"].shape[1],
        value_range=(-1.0, 1.0),
    )
    recipe = dataclasses.replace(preset_recipe(kind, "paper", facts), width=WIDTH, points_per_step=12)
    return build_field(recipe, facts)


class Given(Signal):
    """The publication's points and values, whatever is asked for."""

    def __init__(self, facts: SignalFacts, numbers: dict[str, torch.Tensor]) -> None:
        self.facts, self._numbers = facts, numbers

    def __call__(self, x):
        return self._numbers["targets"]

    def examples(self, count, generator):
        return self._numbers["x"], self._numbers["targets"]

    def to(self, device):
        return self


def check_loss_and_gradients(field: Field, numbers: dict[str, torch.Tensor], monkeypatch) -> None:
    """The loss of a batch with the publication's points, scales and targets."""
    signal = Given(field.facts, numbers)
    monkeypatch.setattr(field, "_random_gaussians", lambda generator: Gaussian(numbers["covariances"]))
    loss = field.train().loss(signal, torch.Generator().manual_seed(0))
    torch.testing.assert_close(loss.detach(), numbers["loss"], atol=1e-5, rtol=1e-5)
    loss.backward()
    for name, expected in under(numbers, "gradients.").items():
        name = name.removeprefix("network.")
        torch.testing.assert_close(field.network.get_parameter(name).grad, expected, atol=1e-5, rtol=1e-4)
    field.eval()


def check_outputs(field, numbers, filters):
    outputs = under(numbers, "outputs.")
    assert outputs.keys() == filters.keys()
    with torch.no_grad():
        for name, expected in outputs.items():
            torch.testing.assert_close(field(numbers["x"], filters[name]), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("dim", [2, 3])
def test_scale_space_is_the_publications_network(dim, monkeypatch):
    numbers = golden("scale_space", f"scale_space.{dim}d")
    field = paper_field("scale_space", dim, numbers)
    weights = under(numbers, "weights.")
    field.encoding.A.copy_(weights.pop("A"))
    with torch.no_grad():
        for name, value in weights.items():
            field.network.get_parameter(name).copy_(value)
    check_loss_and_gradients(field, numbers, monkeypatch)
    field.calibration[1] = numbers["calibration_factor"]
    filters = {
        "unfiltered": None,
        "one_covariance": Gaussian(numbers["covariance"]),
        "one_variance": Gaussian(0.02),
        "covariance_each": Gaussian(numbers["covariances"]),
        "variance_each": Gaussian(numbers["variances"]),
    }
    check_outputs(field, numbers, filters)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_spectral_is_the_publications_network(dim, monkeypatch):
    numbers = golden("spectral", f"spectral.{dim}d")
    field = paper_field("spectral", dim, numbers)
    field.load_state_dict(under(numbers, "weights."))
    check_loss_and_gradients(field, numbers, monkeypatch)
    one, each = numbers["covariance"], numbers["covariances"]
    filters = {
        "unfiltered": None,
        "gaussian.one": Gaussian(one),
        "gaussian.each": Gaussian(each),
        "ellipsoid.one": Ellipsoid(one),
        "ellipsoid.each": Ellipsoid(each),
    }
    check_outputs(field, numbers, filters)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_frequencies_follow_from_the_same_points(dim, monkeypatch):
    numbers = golden("scale_space", f"frequencies.{dim}d")
    points = numbers["points"].double()
    monkeypatch.setattr(fourier_module, "sobol", lambda count, dim, seed: points[:count])
    ours = fourier_frequencies(len(points), dim, 100.0, seed=0, radii="squared")
    torch.testing.assert_close(ours, numbers["A"], atol=1e-4, rtol=1e-5)


def test_the_learning_rate_is_the_publications():
    numbers = golden("spectral", "schedule")
    facts = SignalFacts(type="picture", name="", digest="", half_extent=(1.0, 1.0), channels=3)
    recipe = preset_recipe("spectral", "paper", facts)
    ours = [recipe.learning_rate_at(step / recipe.steps) * recipe.warmup_at(step) for step in numbers["steps"].tolist()]
    assert ours == pytest.approx(numbers["learning_rates"].tolist(), rel=1e-9)
