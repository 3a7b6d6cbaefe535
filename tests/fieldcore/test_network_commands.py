"""Networks on the command line: what fit takes, and the pictures that explain them."""

import json

import imageio.v3 as imageio
import numpy as np
import pytest
import torch

from fieldcore.checkpoint import load_field, save_field
from fieldcore.cli import run
from fieldcore.errors import InputError
from fieldcore.fields import build_field, preset_recipe
from fieldcore.fields.networks import ACTIVATIONS
from fieldcore.images import write_image
from fieldcore.images.reading import read_image
from fieldcore.measures import psnr, similarity
from fieldcore.signals import Ackley, Picture, SignalFacts
from fieldcore.training import train


@pytest.fixture
def photo(smooth_pixels, tmp_path):
    path = tmp_path / "waves.png"
    write_image(path, smooth_pixels[:16, :20])
    return path


def saved(path, activation="gabor", dim=2):
    made = {"type": "picture", "channels": 3} if dim == 2 else {"type": "shape", "channels": 1}
    facts = SignalFacts(name="", digest="", half_extent=(1.0, 0.8, 1.0)[:dim], **made)
    recipe = preset_recipe("coordinate", "preview", facts).changed({"activation": activation, "width": 12}, facts.type)
    save_field(path, build_field(recipe, facts))
    return path


def test_a_network_is_fitted_scored_and_told_about(photo, tmp_path, capsys):
    out = tmp_path / "f.safetensors"
    words = ["--activation", "finer", "--omega", "20,10", "--first-bias", "2", "--width", "16", "--steps", "3"]
    assert run(["fit", "picture", str(photo), "--kind", "coordinate", *words, "--out", str(out), "--json"]) == 0
    recipe = load_field(out).recipe
    assert (recipe.omega_first, recipe.omega_hidden, recipe.first_bias, recipe.width) == (20.0, 10.0, 2.0, 16)
    assert json.loads(capsys.readouterr().out)["preset"] == "custom"
    assert run(["info", str(out)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "omega_first 20, omega_hidden 10" in shown and "first_bias 2" in shown
    assert run(["score", str(out), "--signal", str(photo), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["variances"]) == 5  # filtered by sampling
    assert run(["evaluate", str(out), "--variance", "1e-3", "--out", str(tmp_path / "smooth.png")]) == 0


@pytest.mark.long
def test_a_field_of_each_activation_is_told_about_scored_evaluated_and_meshed(photo, tmp_path, capsys):
    for activation in ACTIVATIONS:
        field = tmp_path / f"{activation}.safetensors"
        save_field(field, train("coordinate", Picture.open(photo), steps=1, width=8, activation=activation))
        assert run(["info", str(field), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["recipe"]["activation"] == activation
        if activation in ("relu", "gabor_finer"):  # of real numbers, and of complex ones: it is long
            assert run(["score", str(field), "--signal", str(photo), "--json"]) == 0, activation
        assert run(["evaluate", str(field), "--out", str(field.with_suffix(".png")), "--size", "8"]) == 0, activation
        solid = saved(tmp_path / f"{activation}-3.safetensors", activation, dim=3)
        level = float(load_field(solid)(2 * torch.rand(99, 3) - 1).detach().median())
        words = ["--resolution", "12", "--level", str(level), "--out", str(field.with_suffix(".ply"))]
        assert run(["mesh", str(solid), *words, "--quiet"]) == 0, activation
        capsys.readouterr()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--omega", "30"], "--omega: has no effect on a pyramid field; leave it out, or give --kind coordinate"),
        (["--kind", "spectral", "--width", "9"], "--width: has no effect on a spectral field"),
        (["--kind", "coordinate", "--omega", "0"], "--omega: expected one or two numbers above 0"),
        (["--kind", "coordinate", "--omega", "1,2,3"], "--omega: expected one or two numbers above 0"),
        (["--kind", "coordinate", "--activation", "tanh"], "--activation: expected one of relu, sine"),
        (["--kind", "coordinate", "--mapping", "fourier"], "--mapping: expected one of none, basic"),
        (["--kind", "coordinate", "--spread", "-1"], "spread: expected more than 0, got -1"),
        (["--kind", "coordinate", "--activation", "sine", "--first-bias", "1"], "the activation 'sine' has none"),
        (["--kind", "coordinate", "--activation", "gabor", "--width", "1"], "width: expected from 2"),
        (["--continue", "f.safetensors", "--steps", "3", "--width", "9"], "--width: has no effect with --continue"),
    ],
)
def test_what_no_network_has_is_refused_with_a_sentence(words, message, photo, capsys):
    assert run(["fit", "picture", str(photo), *words]) == 2
    assert message in capsys.readouterr().err


def test_a_training_that_diverges_says_so_and_writes_nothing(photo, tmp_path, capsys):
    out = tmp_path / "f.safetensors"
    words = ["--kind", "coordinate", "--activation", "gauss_finer", "--learning-rate", "1e38", "--steps", "50"]
    assert run(["fit", "picture", str(photo), *words, "--width", "8", "--out", str(out)]) == 2
    assert "the training diverged at step" in capsys.readouterr().err
    assert not out.exists()


def test_a_picture_is_opened_from_bytes(photo):
    data = photo.read_bytes()
    np.testing.assert_array_equal(Picture.open(data).pixels, Picture.open(photo).pixels)
    assert Picture.open(data, max_size=10).facts.resolution == (10, 8)
    with pytest.raises(InputError, match="expected the bytes of a file, got none"):
        Picture.open(b"")
    with pytest.raises(InputError, match="4 bytes"):
        Picture.open(b"none")


def test_measures_of_noise_are_those_that_the_toys_own_test_says(shared_pictures):
    lion, noisy = (Picture.open(shared_pictures / name).pixels for name in ("lion_face.jpg", "noisy_lion_face.jpg"))
    assert psnr(noisy, lion, (0.0, 1.0)) == pytest.approx(17.2, abs=0.05)
    assert similarity(noisy, lion) == pytest.approx(0.85, abs=0.005)


@pytest.mark.long
def test_a_kernel_is_drawn(photo, tmp_path, capsys):
    field = saved(tmp_path / "f.safetensors")
    words = ["--grid", "6x8", "--picture", str(photo), "--json"]
    assert run(["ntk", str(field), "--out", str(tmp_path / "k"), *words]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["points"] == 48 and 1 <= result["effective_rank"] <= 48
    assert 0 < result["picture_in_first"]["10"] <= 1
    names = {path.name for path in (tmp_path / "k").iterdir()}
    assert names == {"kernel.png", "profile.svg", "spectrum.svg", "eigenvectors.png", "predicted.svg"}
    assert run(["ntk", "--activation", "sine", "--width", "8", "--grid", "20", "--out", str(tmp_path / "line")]) == 0
    assert run(["ntk", str(field), "--at-start", "--grid", "4x4", "--out", str(tmp_path / "start")]) == 0


def test_neurons_are_drawn_also_those_of_a_shape(tmp_path, capsys):
    for dim in (2, 3):
        field = saved(tmp_path / f"{dim}.safetensors", "finer", dim)
        words = ["--layer", "2", "--size", "16", "--json"]
        assert run(["neurons", str(field), "--out", str(tmp_path / f"n{dim}"), *words]) == 0
        assert json.loads(capsys.readouterr().out)["neurons"] == 12
        assert read_image(tmp_path / f"n{dim}" / "neurons_layer2.png").values.size


def test_activations_are_drawn(tmp_path, capsys):
    assert run(["activations", "--first-bias", "1,20", "--out", str(tmp_path / "a")]) == 0
    assert {path.name for path in (tmp_path / "a").iterdir()} == {"activations.svg", "first_bias.png"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ntk", "--grid", "5000"], "--grid 5000: expected at most 4096 points, got 5000, which would take 0.6 GB"),
        (["ntk", "--grid", "32by32"], "--grid: expected one to three whole numbers from 2"),
        (["ntk", "--at-start"], "--at-start: an untrained network is at its start"),
        (["ntk", "nothing.safetensors"], "field 'nothing.safetensors': no such file"),
        (["ntk", "{field}", "--grid", "64"], "--grid 64: the field has 2 coordinates; give so many sides, as in 32x32"),
        (["ntk", "{field}", "--omega", "3"], "give a field or what a network is made of, not both"),
        (["ntk", "{field}", "--grid", "4x4", "--channel", "3"], "channel: expected from 0 to 2, got 3"),
        (["ntk", "{other}", "--grid", "4x4"], "expected a coordinate network, got a spectral field"),
        (["ntk", "--grid", "9", "--picture", "{field}"], "--picture: needs a grid of points on a plane"),
        (["neurons", "{field}", "--layer", "4"], "layer: expected from 1 to 3, got 4"),
        (["neurons", "{field}", "--layer", "0"], "--layer: expected a layer from 1, got 0"),
        (["neurons", "{field}", "--order", "size"], "--order: expected one of frequency, energy, index"),
        (["activations", "--first-bias", "-1"], "--first-bias: expected one to eight numbers from 0"),
        (["activations", "--first-bias", "many"], "--first-bias: expected one to eight numbers from 0"),
        (["activations", "--omega", "0"], "--omega: expected a number above 0"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_sentence(words, message, tmp_path, capsys):
    field, other = saved(tmp_path / "f.safetensors"), tmp_path / "s.safetensors"
    facts = Ackley().facts
    save_field(other, build_field(preset_recipe("spectral", "preview", facts), facts))
    words = [word.format(field=field, other=other) for word in words]
    assert run([*words, "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_every_kind_of_picture_trains(tmp_path):
    """One pixel or a line of them, grey, deep, transparent, of high dynamic range."""
    random = np.random.default_rng(0)
    pictures = {
        "one.png": np.full((1, 1, 3), 128, np.uint8),
        "line.png": random.integers(0, 255, (1, 9, 3), np.uint8),
        "grey.png": random.integers(0, 255, (6, 9), np.uint8),
        "deep.png": random.integers(0, 65535, (6, 9), np.uint16),
        "transparent.png": random.integers(0, 255, (6, 9, 4), np.uint8),
    }
    for name, pixels in pictures.items():
        imageio.imwrite(tmp_path / name, pixels)
    write_image(tmp_path / "bright.exr", (5 * random.random((6, 9, 3))).astype(np.float32))
    for file in sorted(tmp_path.iterdir()):
        out = file.with_suffix(".safetensors")
        words = ["--kind", "coordinate", "--preset", "preview", "--steps", "2", "--width", "8", "--out", str(out)]
        assert run(["fit", "picture", str(file), *words, "--quiet"]) == 0, file
        assert run(["evaluate", str(out), "--out", str(file.with_suffix(".out.png")), "--quiet"]) == 0, file
