"""Coordinate networks: first weights, training to the letter, presets, and what is refused."""

import dataclasses
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.stats import kstest

from benchmarks.plain_network import PlainNetwork
from fieldcore.errors import InputError
from fieldcore.fields import affine_layers, build_field, preset_recipe
from fieldcore.fields.coordinate import Coordinate
from fieldcore.fields.coordinate_recipe import CoordinateRecipe
from fieldcore.fields.networks import ACTIVATIONS, MAPPINGS
from fieldcore.fields.output_layer import solve_output
from fieldcore.fields.starts import chosen_periods, spectral_centroid
from fieldcore.fields.training_cells import TrainingCells
from fieldcore.filters import Box, Gaussian
from fieldcore.fitting import Stop, Training, fit
from fieldcore.orthogonal_steps import orthogonalised
from fieldcore.signals import FunctionSignal, Picture, SignalFacts
from fieldcore.training import train


def facts(dim: int = 2, channels: int = 3) -> SignalFacts:
    return SignalFacts(type="made", name="", digest="", half_extent=(1.0,) * dim, channels=channels)


def recipe_of(activation: str, **changes) -> CoordinateRecipe:
    """The published one, small."""
    start = preset_recipe("coordinate", "paper", facts())
    return start.changed({"activation": activation}, "picture").changed({"width": 16, **changes}, "picture")


def field_of(activation: str, dim: int = 2, **changes) -> Coordinate:
    built = facts(dim)
    return build_field(recipe_of(activation, **changes), built)


@pytest.fixture
def picture(smooth_pixels) -> Picture:
    return Picture(smooth_pixels[:12, :16])


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_published_training_is_that_of_a_slow_twin(activation, picture):
    recipe = recipe_of(activation, steps=20).changed({"learning_rate": 1e-3}, "picture")
    field = build_field(recipe, picture.facts).double()
    twin = PlainNetwork(field)
    optimizer = torch.optim.Adam(twin.parameters(), lr=1e-3)
    x, values = TrainingCells(picture, torch.device("cpu"), 0).all(1 << 20)
    x, values = x.double(), values.double()
    losses = []
    for step in range(20):
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * 0.1 ** (step / 20)
        optimizer.zero_grad()
        loss = (twin(x) - (2 * values - 1)).square().mean()
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    found = [progress.loss for progress in fit(field, picture)]
    np.testing.assert_allclose(found, losses, rtol=1e-6)


def test_chunked_gradients_are_those_of_the_whole(monkeypatch):
    x, wanted = torch.rand(100, 2).double(), torch.rand(100, 3).double()
    for activation in ACTIVATIONS:
        for sigmoid in (False, True):
            field = field_of(activation).double()
            gradients = []
            for numbers in (1 << 20, 7 * 16):
                monkeypatch.setitem(affine_layers.CHUNK_NUMBERS, "cpu", numbers)
                field.zero_grad()
                loss = field.network.squared_error(field.mapping, x, wanted, sigmoid)
                loss.backward()
                gradients.append([loss.detach(), *(parameter.grad for parameter in field.parameters())])
            for whole, chunked in zip(*gradients, strict=False):
                torch.testing.assert_close(
                    chunked, whole, atol=1e-9 * float(whole.abs().max()), rtol=1e-6, msg=activation
                )
            with torch.no_grad():
                given = field.network(x)
            plain = ((given.sigmoid() if sigmoid else given) - wanted).square().mean()
            torch.testing.assert_close(plain, gradients[0][0], rtol=1e-5, atol=0)


def test_first_weights_are_uniform_within_the_published_bounds():
    for activation, first, hidden in (
        ("sine", 1 / 2, math.sqrt(6 / 320) / 30),
        ("finer", 1 / 2, math.sqrt(6 / 320) / 30),
        ("gauss_finer", 1 / 2, math.sqrt(6 / 320) / 10),
        ("gabor_finer", 1 / 2, math.sqrt(6 / 226) / 20),
        ("sinh_sine", 1 / 2, math.sqrt(6 / 320) / 30),
        ("relu", 2**-0.5, 320**-0.5),
        ("gauss", 2**-0.5, 320**-0.5),
        ("gabor", 2**-0.5, 226**-0.5),
    ):
        network = field_of(activation, width=320).network
        for weight, within in (
            (network.weights[0], first),
            (network.weights[1], hidden),
            (network.weights[-1], hidden),
        ):
            flat = weight.detach().flatten().numpy()
            assert np.abs(flat).max() <= within, activation
            assert kstest(flat, "uniform", (-within, 2 * within)).pvalue > 1e-3, activation
        assert network.weights[1].numel() > 1e5 - 2000
        bias = ACTIVATIONS[activation].published.get("first_bias", 2**-0.5)
        assert 0.9 * bias < float(network.biases[0].detach().abs().max()) <= bias, activation


def test_a_first_bias_is_kept_to():
    biases = field_of("finer", width=4096, first_bias=20.0).network.biases[0].detach().numpy()
    assert kstest(biases, "uniform", (-20, 40)).pvalue > 1e-3


def prepared(picture: Picture, **changes) -> Coordinate:
    field = build_field(recipe_of("sine", width=64).changed(changes, "picture"), picture.facts)
    field.prepare(picture)
    return field


def test_a_frequency_grid_begins_with_whole_periods_of_which_none_is_another(picture):
    field = prepared(picture, start="frequency_grid", omega_first=12.0)
    periods = 12 / math.pi * field.network.weights[0].detach()
    torch.testing.assert_close(periods, periods.round(), rtol=0, atol=1e-5)
    whole = [tuple(each) for each in periods.round().int().tolist()]
    assert whole[:2] == [(1, 0), (0, 1)] and (0, 0) not in whole
    assert len({max(each, (-each[0], -each[1])) for each in whole}) == 64
    assert max(map(max, whole)) <= 8, "16 pixels hold no more than 8 periods"
    x = torch.rand(20, 2) - 0.5
    torch.testing.assert_close(field(x + torch.tensor([0.0, 2.0])), field(x), rtol=0, atol=1e-3)
    assert float(12 * field.network.biases[0].detach().abs().max()) <= math.pi / 2
    for dim in (1, 3):
        found = chosen_periods(40, dim, 5, torch.Generator().manual_seed(0))
        assert found.shape == (40, dim) and found.abs().max() <= 5


def test_noise_of_the_first_layers_grows_with_the_centroid_of_the_spectrum(picture):
    column = torch.arange(64) + 0.5
    for periods in (2, 16):
        wave = 0.5 + 0.4 * torch.cos(2 * math.pi * periods * column / 64)
        waves = Picture(wave.expand(64, 64)[..., None].numpy())
        assert spectral_centroid(waves) == pytest.approx(periods / 32, rel=1e-4)
    noisy, plain = prepared(picture, start="centroid_noise", width=2000), prepared(picture, width=2000)
    share = spectral_centroid(picture) / 3
    for layer, deviation in ((0, 50 * (1 - math.exp(-5 * share)) / 30), (1, 0.4 * share / 30), (2, 0.0)):
        change = noisy.network.weights[layer] - plain.network.weights[layer]
        assert float(change.detach().std()) == pytest.approx(deviation, rel=0.05)
    seen = Picture(picture.pixels)
    seen.training_cells = torch.arange(100)
    changed = picture.pixels.reshape(-1, 3).copy()
    changed[100:] = 1.0
    other = Picture(changed.reshape(picture.pixels.shape))
    other.training_cells = seen.training_cells
    assert spectral_centroid(seen) == spectral_centroid(other), "pixels that are held out say nothing"


def test_starts_are_refused_where_they_mean_nothing(picture):
    with pytest.raises(InputError, match="start: expected one of published, frequency_grid, centroid_noise"):
        recipe_of("sine", start="warm")
    with pytest.raises(InputError, match="is for sines without a mapping, got the activation 'relu'"):
        recipe_of("relu", start="frequency_grid")
    with pytest.raises(InputError, match="looks at a signal's samples, and a made has none"):
        build_field(recipe_of("sine", start="centroid_noise"), facts())


def test_phases_of_a_siren_have_the_same_spread_at_any_depth():
    field = field_of("sine", width=512, hidden_layers=6)
    h = 2 * torch.rand(2000, 2) - 1
    deviations = []
    with torch.no_grad():
        matrices = field.network.matrices()
    for layer, (matrix, bias) in enumerate(matrices[:-1]):
        phase = h @ matrix.T
        if layer > 0:
            deviations.append(float(phase.std()))
        h = (phase + bias).sin()
    np.testing.assert_allclose(deviations, 1.0, rtol=0.05)


def test_the_same_seed_gives_the_same_first_weights():
    one, other = (build_field(recipe_of("gabor", seed=5), facts()).state_dict() for _ in range(2))
    assert all(torch.equal(one[name], other[name]) for name in one)
    different = build_field(recipe_of("gabor", seed=6), facts()).state_dict()
    assert not torch.equal(one["network.weights.0"], different["network.weights.0"])


def test_parameters_are_as_many_as_in_the_publications_code():
    for activation, mapping, count in (
        ("sine", "none", 33795),
        ("finer", "none", 33795),
        ("gauss", "none", 33795),
        ("relu", "positional", 38915),
        ("gabor", "none", 33576 - 3),  # the imaginary part of the output's bias never mattered
        ("gabor_finer", "none", 33576 - 3),
    ):
        recipe = recipe_of(activation, width=128, hidden_layers=2, mapping=mapping)
        assert build_field(recipe, facts()).parameter_count == count, activation


def test_a_toy_has_as_many_values_as_its_own_test_says():
    recipe = preset_recipe("coordinate", "toy", facts()).changed({"mapping": "none", "width": 16}, "picture")
    field = build_field(recipe, SignalFacts("made", name="", digest="", half_extent=(1.0,) * 3, channels=3))
    running = [one for name, one in field.named_buffers() if "running" in name]
    assert field.parameter_count + sum(one.numel() for one in running) == 851


def test_batch_normalisation_is_folded_into_what_comes_after(picture):
    field = train("coordinate", picture, preset="toy", steps=5, width=16)
    x = 2 * torch.rand(64, 2) - 1
    network = field.network
    h = field.mapping(x)
    with torch.no_grad():
        for one, weight, bias, norm in zip(
            network.activations, network.weights, network.biases, network.norms, strict=False
        ):
            h = norm(one(F.linear(h, weight, bias)))
        unfolded = F.linear(h, network.weights[-1], network.biases[-1]).sigmoid()
        torch.testing.assert_close(field(x), unfolded, atol=1e-5, rtol=0)


def test_mappings_have_the_widths_and_periods_that_are_said():
    x = 2 * torch.rand(200, 2) - 1
    recipe = CoordinateRecipe(mapping_levels=10, mapping_size=50, mapping_identity=False)
    for name, width in (("none", 2), ("basic", 4), ("positional", 40), ("gaussian", 100)):
        mapping = MAPPINGS[name](recipe, 2)
        features = mapping(x)
        assert mapping.width == width and features.shape == (200, width) and features.dtype == torch.float32
        assert float(features.abs().max()) <= 1
    assert MAPPINGS["positional"](dataclasses.replace(recipe, mapping_identity=True), 2).width == 42
    basic = MAPPINGS["basic"](recipe, 2)
    torch.testing.assert_close(basic(x + torch.tensor([2.0, -2.0])), basic(x), atol=1e-5, rtol=0)
    positional = MAPPINGS["positional"](recipe, 2)
    # Every octave is the one before at twice the coordinates.
    torch.testing.assert_close(positional(2 * x)[:, :-4], positional(x)[:, 4:], atol=1e-4, rtol=0)


def test_gaussian_features_have_a_gaussian_for_a_kernel():
    mapping = MAPPINGS["gaussian"](CoordinateRecipe(mapping_size=10_000, frequency_variance=0.5), 2)
    x, y = torch.zeros(8, 2), torch.stack([torch.linspace(0, 0.5, 8), torch.zeros(8)], dim=1)
    kernel = (mapping(x) * mapping(y)).sum(1) / 10_000
    torch.testing.assert_close(kernel, torch.exp(-2 * math.pi**2 * 0.5 * y[:, 0] ** 2), atol=0.02, rtol=0)


def test_an_epoch_goes_through_all_cells_once(picture):
    cells = TrainingCells(picture, torch.device("cpu"), seed=3)
    seen = [cells.drawn(start, 48)[0] for start in range(0, 192, 48)]
    centres = cells.all(1000)[0]
    order = [int((centres == x).all(1).nonzero()) for x in torch.cat(seen)]
    assert sorted(order) == list(range(192)) and order != sorted(order)
    across, whole = cells.drawn(180, 24)[0], cells.drawn(192, 12)[0]
    assert torch.equal(across[12:], whole)
    torch.testing.assert_close(cells.all(1000)[1], torch.from_numpy(picture.pixels).reshape(-1, 3), atol=1e-6, rtol=0)


def test_only_cells_that_may_be_trained_on_are(picture):
    picture.training_cells = torch.arange(0, 192, 5)
    cells = TrainingCells(picture, torch.device("cpu"), seed=3)
    assert cells.count == 39 and len(cells.drawn(0, 4096)[0]) == 39


def test_orthogonal_steps_have_singular_values_near_1_and_the_gradients_vectors():
    G = torch.randn(2, 24, 24, generator=torch.Generator().manual_seed(1))
    X = orthogonalised(G)
    values = torch.linalg.svdvals(X)
    assert float(values.median()) == pytest.approx(1, abs=0.3) and float(values.max()) < 1.3
    U, _, Vt = torch.linalg.svd(G)
    inner = U.mT @ X @ Vt.mT
    assert float((inner - torch.diag_embed(inner.diagonal(dim1=-2, dim2=-1))).abs().max()) < 1e-3


def test_beside_orthogonal_steps_adam_takes_its_share_of_the_rate(picture):
    moved = []
    for share in (1.0, 0.25):
        recipe = recipe_of("sine", optimizer="muon", learning_rate=1e-3, adam_rate_share=share, steps=1, width=8)
        field = build_field(recipe, picture.facts)
        before = [one.detach().clone() for one in field.network.weights]
        list(fit(field, picture))
        moved.append([float((b - a).detach().abs().max()) for a, b in zip(before, field.network.weights, strict=True)])
    (first, second, *_), (quarter, same, *_) = moved
    assert first == pytest.approx(1e-3, rel=1e-2) and quarter == pytest.approx(0.25e-3, rel=1e-2)
    assert same == pytest.approx(second)


@pytest.mark.parametrize("optimizer", ["adam", "muon", "soap"])
def test_a_training_that_was_interrupted_ends_in_the_same_bytes(optimizer, picture, tmp_path):
    recipe = recipe_of(
        "gabor", optimizer=optimizer, adam_rate_share=0.5, points_per_step=50, steps=24, solve_output=True
    )
    whole, halves = Training(build_field(recipe, picture.facts)), Training(build_field(recipe, picture.facts))
    list(fit(whole, picture))
    for progress in fit(halves, picture):
        if progress.step == 13:
            break
    halves.save(tmp_path / "half.safetensors")
    resumed = Training.load(tmp_path / "half.safetensors")
    list(fit(resumed, picture))
    for name, value in whole.field.state_dict().items():
        assert torch.equal(value, resumed.field.state_dict()[name]), name


def test_a_linear_problem_of_fixed_features_is_solved_exactly():
    field = field_of("sine", hidden_layers=0, width=32).eval()
    x = 2 * torch.rand(500, 2) - 1
    other = field_of("sine", hidden_layers=0, width=32, seed=9)
    with torch.no_grad():
        for name in ("weights", "biases"):
            getattr(other.network, name)[0].copy_(getattr(field.network, name)[0])
        wanted = other.network(x)
        solve_output(field.network, field.mapping, x, wanted)
        assert float((field.network(x) - wanted).square().mean() / wanted.square().mean()) < 1e-6


def test_solving_for_the_output_never_raises_the_error(picture):
    x, values = TrainingCells(picture, torch.device("cpu"), 0).all(1 << 20)
    for activation in ACTIVATIONS:
        field = train("coordinate", picture, steps=10, activation=activation, width=16, solve_output=False)
        wanted = 2 * values - 1
        with torch.no_grad():
            before = (field.network(x) - wanted).square().mean()
            solve_output(field.network, field.mapping, x, wanted)
            after = (field.network(x) - wanted).square().mean()
        assert float(after) <= (1 + 1e-4) * float(before), activation


def test_a_filter_is_the_mean_over_its_samples(picture):
    field = train("coordinate", picture, steps=5, width=16)
    x = 0.5 * (2 * torch.rand(20, 2) - 1)
    for filter in (Gaussian(1e-3), Gaussian(torch.full((20,), 1e-3)), Box([0.1, 0.05])):
        assert field.refuses(filter) is None
        with torch.no_grad():
            torch.testing.assert_close(field(x, filter), field.sampled(x, filter, samples=16))


def test_a_preset_takes_the_chosen_activations_published_numbers():
    start = preset_recipe("coordinate", "paper", facts())
    wire = start.changed({"activation": "gabor"}, "picture")
    assert (wire.preset, wire.omega_first, wire.spread, wire.learning_rate) == ("paper", 20.0, 10.0, 5e-3)
    own = start.changed({"activation": "gabor", "omega_first": 7.0}, "picture")
    assert (own.preset, own.omega_first, own.omega_hidden) == ("custom", 7.0, 20.0)
    back = start.changed({"activation": "gauss_finer"}, "picture").changed({"activation": "relu"}, "picture")
    assert back.first_bias is None
    assert start.changed({"steps": 7}, "picture").preset == "paper"
    shape = SignalFacts("shape", name="", digest="", half_extent=(1.0,) * 3, channels=1)
    published = preset_recipe("coordinate", "paper", shape)
    assert (published.first_bias, published.omega_first, published.steps) == (1.0, 30.0, 200_000)
    again = published.changed({"activation": "sine"}, "shape").changed({"activation": "finer"}, "shape")
    assert again == published
    quick = preset_recipe("coordinate", "preview", shape)
    assert quick == quick.changed({"activation": "sine"}, "shape").changed({"activation": "finer"}, "shape")
    assert quick.omega_first == 10.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mapping": "fourier"}, "mapping: expected one of none, basic, positional, gaussian, got fourier"),
        ({"activation": "tanh"}, "activation: expected one of relu, sine, .*, got tanh"),
        ({"omega_first": 0.0}, "omega_first: expected more than 0, got 0.0"),
        ({"omega_hidden": -1.0}, "omega_hidden: expected more than 0"),
        ({"spread": math.inf}, "spread: expected finite numbers"),
        ({"frequency_variance": 0.0}, "frequency_variance: expected more than 0"),
        ({"width": 0}, "width: expected from 1 to 16384, got 0"),
        ({"activation": "gabor", "width": 1}, "width: expected from 2 to 16384, got 1"),
        ({"mapping_size": 0}, "mapping_size: expected from 1 to 16384"),
        ({"mapping_levels": 0}, "mapping_levels: expected from 1 to 64"),
        ({"activation": "sine", "first_bias": 2.0}, "first_bias: the activation 'sine' has none.*finer, gauss_finer"),
        ({"steps": 0}, "steps: expected more than 0"),
        ({"adam_rate_share": 0.0}, "adam_rate_share: expected more than 0"),
        ({"points_per_step": -1}, "points_per_step: expected 0"),
        ({"optimizer": "sgd"}, "optimizer: expected"),
        ({"depth": 3}, "depth: a coordinate field has no such setting"),
    ],
)
def test_what_no_network_can_have_is_refused_with_a_sentence(changes, message):
    with pytest.raises(InputError, match=message):
        preset_recipe("coordinate", "preview", facts()).changed(changes, "picture")


def test_an_omega_beyond_what_pixels_hold_is_remarked_on():
    seen = SignalFacts("picture", name="", digest="", half_extent=(1.0, 1.0), channels=3, resolution=(128, 128))
    start = preset_recipe("coordinate", "preview", seen).changed({"activation": "sine"}, "picture")
    assert start.nyquist_omega(seen) == pytest.approx(math.pi * 64 * 2)
    assert start.remarks(seen) == ()
    (remark,) = start.changed({"omega_first": 500.0}, "picture").remarks(seen)
    assert "up to 402 the pixels hold them" in remark
    assert start.changed({"omega_first": 500.0}, "picture").remarks(facts()) == ()


@pytest.mark.parametrize(
    "pixels",
    [
        np.linspace(0, 1, 63).reshape(7, 9),
        np.random.default_rng(0).integers(0, 65535, (5, 6, 3)).astype(np.uint16),
        np.random.default_rng(0).random((2, 2, 4)),
    ],
)
def test_pictures_of_any_kind_train(pixels):
    picture = Picture(pixels)
    field = train("coordinate", picture, steps=3, width=8)
    assert bool(torch.isfinite(field([[0.0, 0.0]])).all())


def test_formulas_and_volumes_train_at_points_of_their_own():
    wave = FunctionSignal(lambda x: torch.sin(4 * x[:, :1]) * x[:, 2:], (1.0, 0.5, 1.0), name="wave")
    field = train("coordinate", wave, Stop(steps=3), width=8)
    assert field(torch.zeros(5, 3), 1e-3).shape == (5, 1)


@pytest.mark.long
def test_low_frequencies_are_learned_first_without_a_mapping_and_the_high_ones_sooner_with_larger_biases():
    frequencies = (1.0, 4.0, 16.0, 64.0)

    def waves(x):
        return sum(torch.sin(2 * math.pi * f / 2 * x) for f in frequencies)

    signal = FunctionSignal(waves, (1.0,), name="four waves")
    x = torch.linspace(-1, 1, 1025)[:-1, None]
    basis = torch.cat([torch.sin(math.pi * f * x) for f in frequencies], dim=1)

    def times_to_half_error(steps=300, **changes):
        field = build_field(
            preset_recipe("coordinate", "preview", signal.facts).changed(
                {"width": 32, "points_per_step": 256, "learning_rate": 1e-3, "steps": steps, **changes}, "function"
            ),
            signal.facts,
        )
        times = [steps + 1] * 4
        for progress in fit(field, signal):
            if progress.step % 5:
                continue
            with torch.no_grad():
                shares = (basis * field(x)).mean(0) / basis.square().mean(0)
            for index, share in enumerate(shares):
                if abs(float(share) - 1) < 0.5 and times[index] > steps:
                    times[index] = progress.step
        return times

    relu = times_to_half_error(activation="relu")
    assert relu[0] <= 300 and relu[0] < relu[1] and relu[1] <= relu[2] <= relu[3]
    small = times_to_half_error(activation="finer", omega_first=5.0, omega_hidden=30.0, first_bias=0.1)
    large = times_to_half_error(activation="finer", omega_first=5.0, omega_hidden=30.0, first_bias=10.0)
    assert large[3] < small[3]
