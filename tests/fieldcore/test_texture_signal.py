"""Textures as signals: borders, coordinates and the truth beyond a mirror, against wrapping by hand and sampling."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from model_files import write_obj, write_quadrants

from fieldcore.borders import folded_index
from fieldcore.checkpoint import TrainingFacts, load_checkpoint, save_field
from fieldcore.cli import run
from fieldcore.errors import InputError
from fieldcore.evaluation import Grid
from fieldcore.fields import build_field, default_preset, preset_recipe
from fieldcore.filters import Gaussian
from fieldcore.images import write_image
from fieldcore.models import load_model
from fieldcore.picture_truth import smooth_picture
from fieldcore.provenance import find_signal, matching_signal
from fieldcore.signals import Picture, SignalFacts, Texture, domain_from_uv
from fieldcore.signals.signal import folded
from fieldcore.signals.texture import domain_by_uv
from fieldcore.truth import smooth_points
from fieldcore.validation import dataclass_from_json

BORDERS = [("repeat", "repeat"), ("clamp", "clamp"), ("mirror", "mirror"), ("repeat", "clamp"), ("clamp", "mirror")]
ROTATED = [[6e-2, 2.5e-2], [2.5e-2, 3e-2]]
NARROW = [[2e-3, 1e-3], [1e-3, 1e-3]]


@pytest.fixture
def noise() -> np.ndarray:
    """A picture whose opposite sides differ much, (24, 36, 3)."""
    return np.random.default_rng(2).random((24, 36, 3), np.float32)


def by_hand(pixels, border, x):
    """Bilinear interpolation of four pixels, each looked up by its continued index."""
    height, width = pixels.shape[:2]
    half = np.array([width, height]) / max(width, height)
    position = ((x / half + 1) * [width, height] - 1) / 2
    first = np.floor(position).astype(int)
    share = position - first
    total = np.zeros((len(x), pixels.shape[2]))
    for right in (0, 1):
        for down in (0, 1):
            column = folded_index(first[:, 0] + right, width, border[0])
            row = folded_index(first[:, 1] + down, height, border[1])
            weight = (share[:, 0] if right else 1 - share[:, 0]) * (share[:, 1] if down else 1 - share[:, 1])
            total += weight[:, None] * pixels[row, column]
    return total


@pytest.mark.parametrize("border", BORDERS)
def test_beyond_the_border_it_goes_on_as_its_index_does(noise, border):
    x = np.random.default_rng(3).uniform(-4, 4, (4000, 2))
    values = Texture(noise, border=border)(torch.from_numpy(x).float()).numpy()
    assert values == pytest.approx(by_hand(noise, border, x), abs=2e-4)


def test_indices_continue_as_numpy_pads():
    line = np.arange(5)
    for border, mode in (("mirror", "symmetric"), ("repeat", "wrap"), ("clamp", "edge")):
        padded = np.pad(line, 12, mode=mode)
        assert folded_index(np.arange(-12, 17), 5, border).tolist() == padded.tolist()


def test_a_repeated_texture_is_periodic_across_its_seam(noise):
    texture = Texture(noise)
    x = torch.rand(500, 2, generator=torch.Generator().manual_seed(0)) * 2 - 1
    x[:100, 0] = torch.linspace(0.97, 1.03, 100)  # the seam
    period = torch.tensor([2.0, 2 * 24 / 36])
    for shift in ([1, 0], [0, 1], [-2, 3]):
        assert texture(x + torch.tensor(shift) * period).numpy() == pytest.approx(texture(x).numpy(), abs=1e-4)
    seam = texture(torch.tensor([[1.0, 24 / 36 * (1 / 24 - 1)]]))[0].numpy()  # half-way between the outer columns
    assert seam == pytest.approx((noise[0, 0] + noise[0, -1]) / 2, abs=1e-5)


def test_mirrored_textures_are_pictures_with_another_name(noise):
    x = torch.rand(500, 2, generator=torch.Generator().manual_seed(0)) * 6 - 3
    texture = Texture(noise, border=("mirror", "mirror"))
    assert texture(x).numpy() == pytest.approx(Picture(noise)(x).numpy(), abs=1e-5)
    assert np.array_equal(texture.pixels, noise) and np.array_equal(texture.to("cpu").pixels, noise)
    assert texture.to("cpu").facts == texture.facts


@pytest.mark.parametrize("border", BORDERS)
def test_folded_points_lie_in_the_box_and_have_the_same_value(noise, border):
    texture = Texture(noise, border=border)
    x = torch.rand(500, 2, generator=torch.Generator().manual_seed(1)) * 8 - 4
    inside = folded(x, texture.facts)
    assert bool((inside.abs() <= torch.tensor(texture.facts.half_extent) + 1e-6).all())
    assert texture(inside).numpy() == pytest.approx(texture(x).numpy(), abs=1e-4)
    assert torch.equal(folded(x, SignalFacts("f", "f", "", (1.0, 1.0), 1)), x)  # a formula has no border


def test_coordinates_lead_to_the_domain_with_v_up(noise):
    facts = Texture(noise).facts
    uv = torch.tensor([[[0.0, 1.0], [1.0, 0.0]], [[0.5, 0.5], [2.0, -1.0]]])
    expected = [[[-1, -2 / 3], [1, 2 / 3]], [[0, 0], [3, 2]]]
    assert domain_from_uv(uv, facts).numpy() == pytest.approx(np.array(expected), abs=1e-6)
    assert domain_by_uv(facts) == pytest.approx((2, -4 / 3))
    first_pixel = domain_from_uv(torch.tensor([[0.5 / 36, 1 - 0.5 / 24]]), facts)
    assert Texture(noise)(first_pixel)[0].numpy() == pytest.approx(noise[0, 0], abs=1e-5)


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("covariance", [1e-4, 3e-2, [[8e-2, 0.0], [0.0, 1e-4]], ROTATED, NARROW])
def test_exact_smoothing_agrees_with_sampling_at_every_border(noise, border, covariance):
    texture, gaussian = Texture(noise, border=border), Gaussian(covariance)
    half = np.array(texture.facts.half_extent)
    row, column = np.array([0, 0, 23, 12, 23, 5]), np.array([0, 35, 0, 20, 17, 1])
    x = torch.from_numpy(half * ((2 * np.stack([column, row], -1) + 1) / [36, 24] - 1))
    sampled = smooth_points(lambda p: texture(p.float()).double(), x, gaussian, samples=2**15)
    error = (torch.from_numpy(smooth_picture(texture, gaussian)[row, column]) - sampled.mean).abs()
    assert float((error / (sampled.standard_error + 1e-6)).square().mean()) < 2.5
    assert float(error.max()) < 5e-3


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("covariance", [0.0, 1e-3, 5e-2, [[8e-2, 0.0], [0.0, 1e-4]], ROTATED])
def test_the_truth_on_a_grid_far_over_the_border_agrees_with_sampling(noise, border, covariance):
    texture, gaussian = Texture(noise, border=border), Gaussian(covariance)
    grid = Grid((7, 5), (-2.9, -2.3), (2.4, 2.7))
    values = texture.truth().values(gaussian, grid).reshape(-1, 3)
    sampled = smooth_points(
        lambda p: texture(p.float()).double(), grid.points(0, grid.count).double(), gaussian, samples=2**14
    )
    error = np.abs(values - sampled.mean.numpy())
    assert (error < 5 * sampled.standard_error.numpy() + 1e-4).all()


@pytest.mark.parametrize("covariance", [1e-3, 4e-2, ROTATED])
def test_smoothing_a_repeated_texture_moves_along_with_it(noise, covariance):
    """Rolling and smoothing may be exchanged on a torus, and the mean stays."""
    gaussian = Gaussian(covariance)
    smooth = smooth_picture(Texture(noise), gaussian)
    rolled = smooth_picture(Texture(np.roll(noise, (7, -11), (0, 1))), gaussian)
    assert rolled == pytest.approx(np.roll(smooth, (7, -11), (0, 1)), abs=1e-6)
    assert smooth.mean((0, 1)) == pytest.approx(noise.mean((0, 1)), abs=1e-6)


def test_a_wave_that_repeats_is_an_eigenfunction():
    """cos(2 pi k (i + 1/2) / N) is only scaled, by the Gaussian's response at its frequency (and the tent's)."""
    n, k, variance = 64, 5, 2e-3
    wave = np.cos(2 * np.pi * k * (np.arange(n) + 0.5) / n + 0.7)
    pixels = np.repeat(wave[None, :, None], n, axis=0).astype(np.float32)
    expected = np.exp(-2 * np.pi**2 * (k / 2) ** 2 * variance) * np.sinc(k / n) ** 2
    smooth = smooth_picture(Texture(pixels), Gaussian(variance))[0, :, 0]
    assert smooth == pytest.approx(expected * wave, abs=2e-4)


def test_a_clamped_ramp_far_outside_keeps_its_border():
    ramp = np.repeat(np.linspace(0, 1, 32, dtype=np.float32)[None, :, None], 32, axis=0)
    grid = Grid((2, 1), (-30.0, -0.1), (30.0, 0.1))
    values = Texture(ramp, border=("clamp", "clamp")).truth().values(Gaussian(1e-2), grid)
    assert values[0, :, 0] == pytest.approx([0, 1], abs=1e-6)


def test_a_texture_shrinks_as_it_continues():
    """Columns far apart are neighbours where a texture repeats: shrinking must blend them as it does all others."""
    pixels = np.zeros((16, 16, 1), np.float32)
    pixels[:, 0] = 1
    shrunk = Texture.fitted(pixels, "t", ("repeat", "mirror"), 8)
    rolled = Texture.fitted(np.roll(pixels, 4, 1), "t", ("repeat", "mirror"), 8)
    assert np.roll(shrunk.pixels, 2, 1) == pytest.approx(rolled.pixels, abs=1e-5)
    assert shrunk.facts.source_resolution == (16, 16)
    with pytest.raises(InputError, match="at least 2 pixels"):
        Texture.fitted(pixels, "t", ("repeat", "repeat"), 1)


def test_the_digest_tells_borders_apart(noise):
    digests = {Texture(noise, border=border).facts.digest for border in BORDERS} | {Picture(noise).facts.digest}
    assert len(digests) == len(BORDERS) + 1


def test_facts_of_before_have_mirrors(noise):
    entries = dataclasses.asdict(Picture(noise).facts)
    del entries["border"]
    facts = dataclass_from_json(SignalFacts, entries, "facts")
    assert facts == Picture(noise).facts and facts.borders == ("mirror", "mirror")
    for wrong in (("repeat",), ("repeat", "wrap")):
        with pytest.raises(InputError, match="border"):
            dataclass_from_json(SignalFacts, {**entries, "border": wrong}, "facts")
    with pytest.raises(InputError, match="entry 'background' is missing"):
        dataclass_from_json(SignalFacts, {"border": ()}, "facts")


def test_a_field_keeps_its_borders_in_its_file(noise, tmp_path):
    texture = Texture(noise, border=("clamp", "repeat"))
    recipe = preset_recipe("pyramid", default_preset("pyramid", "texture"), texture.facts)
    save_field(tmp_path / "f.safetensors", build_field(recipe, texture.facts), TrainingFacts())
    assert load_checkpoint(tmp_path / "f.safetensors").field.facts == texture.facts


@pytest.fixture
def model_path(tmp_path):
    write_quadrants(tmp_path / "cow_texture.png", 16)
    return write_obj(tmp_path / "cow.obj")


def test_a_model_is_found_as_the_field_saw_it(model_path, tmp_path):
    for options, size in (({}, None), ({"wrap": "mirror"}, 20), ({"wrap": "clamp"}, None)):
        seen = Texture.of(load_model(model_path, **options), size)
        assert find_signal(seen.facts, [tmp_path / "gone.obj", model_path]).facts == seen.facts
    write_image(tmp_path / "other.png", np.random.default_rng(0).integers(0, 256, (9, 8, 3)).astype(np.uint8))
    given = Texture.of(load_model(model_path, texture=tmp_path / "other.png"))
    assert matching_signal(given.facts, model_path) is None
    assert matching_signal(given.facts, tmp_path / "other.png").facts.digest == given.facts.digest
    assert matching_signal(Picture.open(tmp_path / "other.png").facts, model_path) is None


def test_fit_score_and_info_of_a_texture(model_path, tmp_path, capsys):
    out = tmp_path / "cow.safetensors"
    fit = ["fit", "texture", str(model_path), "--kind", "pyramid", "--size", "16", "--wrap", "clamp"]
    assert run([*fit, "--out", str(out), "--json", "--device", "cpu"]) == 0
    captured = capsys.readouterr()
    assert "note: model 'cow.obj': it names no texture; 'cow_texture.png' beside it is taken" in captured.err
    assert json.loads(captured.out)["preset"] == default_preset("pyramid", "texture")
    facts = load_checkpoint(out).field.facts
    assert (facts.type, facts.name, facts.resolution, facts.border) == (
        "texture", "cow.obj", (16, 16), ("clamp", "clamp"))  # fmt: skip
    assert run(["score", str(out), "--signal", str(model_path), "--json", "--device", "cpu"]) == 0
    assert json.loads(capsys.readouterr().out)["same_signal"] is True
    bare = write_obj(tmp_path / "bare.obj", uv=None)
    assert run(["fit", "texture", str(bare), "--out", str(tmp_path / "bare.safetensors")]) == 2
    assert "add --atlas" in capsys.readouterr().err
