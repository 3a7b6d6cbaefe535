"""The publication's ablations: each changes what it says and nothing else."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import kstest, qmc

from fieldcore.cli import command_of
from fieldcore.errors import InputError
from fieldcore.fields import build_field, preset_recipe
from fieldcore.fields.fourier import fourier_frequencies
from fieldcore.fields.free_networks import SpectralNormNetwork
from fieldcore.fields.scale_space import ScaleSpace, ScaleSpaceRecipe
from fieldcore.fitting import fit
from fieldcore.signals import Ackley
from fieldcore.suite.plan_file import find_plan, read_plan

SMALL: dict[str, Any] = {"width": 16, "points_per_step": 64, "steps": 12}

DEFAULTS: dict[str, Any] = {
    "frequency_noise": "sobol",
    "length_distribution": "half_normal",
    "amplitude": 1.0,
    "network": "lipschitz",
    "damped_training": True,
    "loss": "squared",
}


def field(**changes: Any) -> ScaleSpace:
    built = build_field(ScaleSpaceRecipe(**{**SMALL, **changes}), Ackley().facts)
    assert isinstance(built, ScaleSpace)
    return built


def trained(**changes: Any) -> ScaleSpace:
    built = field(**changes)
    for _ in fit(built, Ackley()):
        pass
    return built


def test_presets_ablate_nothing_and_each_ablation_changes_one_field_but_for_one_of_two() -> None:
    facts = Ackley().facts
    for preset in ScaleSpace.presets:
        recipe = dataclasses.asdict(preset_recipe("scale_space", preset, facts))
        assert {name: recipe[name] for name in DEFAULTS} == DEFAULTS
    base, *ablations = read_plan(find_plan("ablations")).variants
    usual = preset_recipe(base.kind, base.preset, facts)
    changed = {}
    for variant in ablations:
        recipe = preset_recipe(variant.kind, variant.preset, facts).changed(variant.changes, "picture")
        pairs = zip(dataclasses.asdict(usual).items(), dataclasses.asdict(recipe).values(), strict=True)
        changed[variant.name] = [name for (name, one), other in pairs if one != other and name != "preset"]
    assert changed["free, undamped"] == ["network", "damped_training"]
    assert len(changed) == 7 and [len(names) for names in changed.values()].count(1) == 6


def test_random_frequencies_are_less_even_than_sobol_points_and_lengths_can_be_uniform() -> None:
    def discrepancy(noise: Any) -> float:
        a = fourier_frequencies(1024, 2, 0.25, seed=0, noise=noise, lengths="uniform")
        turn = torch.atan2(a[:, 1], a[:, 0]) / (2 * np.pi) + 0.5
        return float(qmc.discrepancy(torch.stack([turn, a.norm(dim=1)], 1).double().clamp(0, 1).numpy()))

    assert discrepancy("random") > 10 * discrepancy("sobol")
    for dim in (2, 3):
        for noise in ("sobol", "random"):
            for radii in ("uniform", "squared"):
                a = fourier_frequencies(512, dim, 9.0, seed=1, radii=radii, noise=noise, lengths="uniform")
                assert kstest(a.norm(dim=1).numpy() / 6, "uniform").pvalue > 0.01, (dim, noise, radii)
    half_normal = fourier_frequencies(512, 3, 9.0, seed=1, noise="random").norm(dim=1).numpy() / 3
    assert kstest(half_normal, "halfnorm").pvalue > 0.01
    one, other = field(), field(length_distribution="uniform")
    directions = [torch.nn.functional.normalize(each.encoding.A) for each in (one, other)]
    torch.testing.assert_close(*directions)


@torch.no_grad()
def test_an_amplitude_is_the_lipschitz_constant() -> None:
    one, ten = field(), field(amplitude=10.0)
    for each in (one, ten):
        each.network.s.fill_(30.0)  # singular values of 1
        each.network.output_weight.mul_(100)  # rows that are cut to 1
    W, W_output = ten.network.weights()
    product = float(torch.linalg.matrix_norm(W, 2).prod()) * float(W_output.norm(dim=1).max())
    assert ten.recipe.amplitude * product == pytest.approx(10, rel=1e-4)
    x = torch.rand(8, 2)
    features = ten.encoding(x, None)
    torch.testing.assert_close(ten(x), ten.network(10 * features))
    torch.testing.assert_close(one(x), one.network(features))


def test_a_spectral_norm_network_is_bounded_and_goes_on_where_it_was() -> None:
    built = trained(network="spectral_norm")
    assert isinstance(built.network, SpectralNormNetwork)
    W, W_output = built.network.weights()
    assert float(torch.linalg.matrix_norm(W.detach(), 2).max()) <= 1 + 1e-3
    assert float(W_output.detach().norm(dim=1).max()) <= 1 + 1e-6
    assert "network.right" in built.state_dict()


def test_a_free_network_without_damping_never_damps_and_sees_the_same_points(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[torch.Tensor] = []
    examples = Ackley.examples

    def noted(self: Ackley, count: int, generator: torch.Generator) -> Any:
        seen.append(generator.get_state())
        return examples(self, count, generator)

    monkeypatch.setattr(Ackley, "examples", noted)
    damped = build_field(ScaleSpaceRecipe(**SMALL, network="free"), Ackley().facts)
    steps = fit(damped, Ackley())
    for _ in range(3):
        next(steps)
    monkeypatch.setattr("fieldcore.fields.scale_space._damping", _fails)
    undamped = build_field(ScaleSpaceRecipe(**SMALL, network="free", damped_training=False), Ackley().facts)
    steps = fit(undamped, Ackley())
    for _ in range(3):
        next(steps)
    assert len(seen) == 6 and all(torch.equal(one, other) for one, other in zip(seen[:3], seen[3:], strict=True))


def _fails(*arguments: object) -> None:
    raise AssertionError("nothing is damped")


def test_losses_are_of_the_error() -> None:
    signal, generator = Ackley(), torch.Generator()
    x, values = signal.examples(64, generator.manual_seed(1))
    for name, of in (("squared", torch.square), ("absolute", torch.abs)):
        one = field(loss=name, damped_training=False)
        expected = of(one(x).detach() - values).sum(1).mean()
        torch.testing.assert_close(one.loss(signal, generator.manual_seed(1)).detach(), expected)


def test_any_setting_is_set_by_name() -> None:
    words = "fit ackley --kind scale_space --set width=16 --set amplitude=3 damped_training=no"
    command = command_of(words.split())
    assert command._settings("scale_space") == {"width": 16, "amplitude": 3.0, "damped_training": False}
    refused = {
        "wdth=1": "expected one of .*width.*did you mean width",
        "width=wide": "width: expected a whole number, got 'wide'",
        "damped_training=perhaps": "expected yes or no",
        "width": "expected NAME=VALUE",
    }
    for word, sentence in refused.items():
        with pytest.raises(InputError, match=sentence):
            command_of(["fit", "ackley", "--set", word])._settings("scale_space")
    with pytest.raises(InputError, match="--set: has no effect with --continue"):
        command_of(["fit", "ackley", "--continue", "a.safetensors", "--steps", "3", "--set", "width=1"])
