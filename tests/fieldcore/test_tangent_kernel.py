"""The tangent kernel against Jacobians and a closed form, error per octave, and neurons."""

import math

import numpy as np
import pytest
import torch
from torch.func import functional_call, jacrev, vmap

from fieldcore.bands import dominating_frequency, octave_errors, octave_names
from fieldcore.errors import InputError
from fieldcore.fields import build_field, preset_recipe
from fieldcore.fields.coordinate import Coordinate
from fieldcore.fields.networks import ACTIVATIONS
from fieldcore.grid import Grid
from fieldcore.kernel_size import MOST_POINTS
from fieldcore.neurons import neuron_pictures
from fieldcore.signals import SignalFacts
from fieldcore.tangent_kernel import kernel_profile, kernel_spectrum, tangent_kernel


def field_of(activation: str, dim: int = 2, **changes) -> Coordinate:
    facts = SignalFacts("made", name="", digest="", half_extent=(1.0,) * dim, channels=3)
    recipe = preset_recipe("coordinate", "preview", facts).changed({"activation": activation, "width": 16}, "made")
    return build_field(recipe.changed(changes, "made"), facts)


def test_the_kernel_is_that_of_the_jacobian():
    x = 2 * torch.rand(12, 2, generator=torch.Generator().manual_seed(0)) - 1
    for activation in ACTIVATIONS:
        field = field_of(activation)
        parameters = dict(field.network.named_parameters())

        def value(parameters, point, field=field):
            return functional_call(field.network, parameters, (field.mapping(point[None]),))[0, 1]

        jacobians = vmap(jacrev(value), (None, 0))(parameters, x)
        J = torch.cat([one.flatten(1) for one in jacobians.values()], dim=1)
        expected = (J @ J.T).detach()
        most = float(expected.max())
        kernel = tangent_kernel(field, x, channel=1)
        torch.testing.assert_close(kernel, expected, rtol=1e-4, atol=1e-4 * most, msg=activation)
        torch.testing.assert_close(kernel, kernel.T, rtol=1e-5, atol=1e-5 * float(kernel.max()))
        eigenvalues = kernel_spectrum(kernel).eigenvalues
        assert eigenvalues[-1] >= -1e-6 * eigenvalues[0]


def test_the_kernel_of_one_wide_layer_of_sines_has_a_closed_form():
    """Weights uniform within a, biases within c, output weights within o: means of products of waves are sincs."""
    width, w = 10_000, 8.0
    field = field_of("sine", dim=1, width=width, hidden_layers=0, omega_first=w, omega_hidden=w)
    x = torch.linspace(-1, 1, 9)[:, None]
    kernel = tangent_kernel(field, x).double().numpy() / width
    a, c, o = 1.0, 1.0, math.sqrt(6 / width) / w
    s, t = np.meshgrid(x[:, 0].numpy(), x[:, 0].numpy())

    def mean_cos(along, offset):  # of cos(w (W along + b offset))
        return np.sinc(w * a * along / np.pi) * np.sinc(w * c * offset / np.pi)

    products = (mean_cos(s - t, 0) - mean_cos(s + t, 2)) / 2
    slopes = (mean_cos(s - t, 0) + mean_cos(s + t, 2)) / 2
    expected = products + w**2 * o**2 / 3 * slopes * (s * t + 1) + 1 / width
    np.testing.assert_allclose(kernel, expected, atol=0.03)


def test_the_kernel_does_not_depend_on_the_order_of_neurons():
    field, x = field_of("finer"), torch.rand(10, 2)
    before = tangent_kernel(field, x)
    order = torch.randperm(16)
    network = field.network
    with torch.no_grad():
        network.weights[1].copy_(network.weights[1][order])
        network.biases[1].copy_(network.biases[1][order])
        network.weights[2].copy_(network.weights[2][:, order])
    torch.testing.assert_close(tangent_kernel(field, x), before, rtol=1e-4, atol=1e-4 * float(before.max()))


def test_larger_biases_narrow_the_kernel_and_a_relu_has_next_to_one_direction():
    x = torch.linspace(0, 1, 256)[:, None]
    ranks = {}
    for name, changes in (
        ("relu", {"activation": "relu"}),
        ("k 1", {"activation": "finer", "omega_first": 1.0, "first_bias": 1.0}),
        ("k 20", {"activation": "finer", "omega_first": 1.0, "first_bias": 20.0}),
    ):
        field = field_of(changes.pop("activation"), dim=1, width=256, hidden_layers=0, **changes)
        ranks[name] = kernel_spectrum(tangent_kernel(field, x)).effective_rank
    assert 1 <= ranks["relu"] < 2 and ranks["k 1"] < 2 < ranks["k 20"]


def test_a_spectrum_says_where_energy_lies_and_how_the_error_falls():
    spectrum = kernel_spectrum(torch.diag(torch.tensor([4.0, 1.0, 2.0])))
    np.testing.assert_allclose(spectrum.eigenvalues, [4, 2, 1])
    assert spectrum.count_99 == 3 and spectrum.effective_rank == pytest.approx(49 / 21)
    shares = spectrum.shares(np.array([1.0, 0.0, -1.0]))
    np.testing.assert_allclose(shares, [0.5, 1.0, 1.0], atol=1e-12)
    falling = spectrum.predicted_errors(np.array([3.0, 0.0, 0.0]), np.array([0.0, 1.0]))
    np.testing.assert_allclose(falling, [3.0, 3.0 * math.exp(-4 * 4 / 3)])
    alone = kernel_spectrum(torch.diag(torch.tensor([4.0, 1.0, 2.0])), vectors=False)
    np.testing.assert_allclose(alone.eigenvalues, spectrum.eigenvalues)
    assert (alone.effective_rank, alone.count_99) == (spectrum.effective_rank, 3) and alone.eigenvectors.shape == (3, 0)


def test_a_profile_has_the_quantiles_of_every_range_of_distances():
    random = np.random.default_rng(0)
    x, kernel = random.random((20, 2)), random.random((20, 20))
    distances = np.linalg.norm(x[:, None] - x[None], axis=2)
    for middle, low, mean, high in zip(*kernel_profile(kernel, x, bins=4), strict=True):
        part = kernel[np.abs(distances - middle) <= distances.max() / 8 + 1e-9]
        below, above = np.quantile(part, (0.05, 0.95))
        np.testing.assert_allclose((low, mean, high), (below, part.mean(), above))


def test_kernels_that_cannot_be_are_refused_with_a_sentence():
    field = field_of("sine")
    with pytest.raises(InputError, match=r"at most 4096 points, got 4097, which would take 0.4 GB"):
        tangent_kernel(field, torch.zeros(MOST_POINTS + 1, 2))
    with pytest.raises(InputError, match="channel: expected from 0 to 2, got 3"):
        tangent_kernel(field, torch.zeros(2, 2), channel=3)
    with pytest.raises(InputError, match="without batch normalisation"):
        tangent_kernel(field_of("relu", batch_norm=True), torch.zeros(2, 2))


def test_errors_are_found_in_their_octave():
    assert octave_names((8, 16)) == ["0-1", "1-2", "2-4", "4-8", "8-16"]
    x = (np.arange(64) + 0.5) / 64
    waves = {f: np.cos(2 * np.pi * f * x)[None, :, None].repeat(64, 0) for f in (3, 20)}
    truth = 0.5 + waves[3] + waves[20]
    errors = octave_errors(0.5 + 0.75 * waves[3], truth)
    assert errors[octave_names((64, 64)).index("2-4")] == pytest.approx(0.25)
    assert errors[octave_names((64, 64)).index("16-32")] == pytest.approx(1.0)
    assert np.isnan(errors[octave_names((64, 64)).index("4-8")])
    assert dominating_frequency(waves[20][..., 0]) == pytest.approx(20)


def test_neurons_are_shown_by_frequency():
    field = field_of("sine")
    grid = Grid.covering((1.0, 1.0), 32)
    shown = neuron_pictures(field, grid)
    assert shown.pictures.shape == (16, 32, 32) and shown.frequencies == sorted(shown.frequencies)
    again = neuron_pictures(field, grid, order="index")
    np.testing.assert_array_equal(shown.pictures, again.pictures[shown.index])
    assert neuron_pictures(field_of("gabor"), grid, layer=2).pictures.shape == (11, 32, 32)
    assert neuron_pictures(field_of("finer", dim=3), grid).pictures.shape == (16, 32, 32)
    with pytest.raises(InputError, match="layer: expected from 1 to 3, got 4"):
        neuron_pictures(field, grid, layer=4)
