"""A training that gets far worse goes back to its best state, and says so."""

import math

import pytest
import torch

from fieldcore import Ackley, build_field, preset_recipe
from fieldcore.cli import run
from fieldcore.divergence import DivergenceWatch

pytestmark = pytest.mark.usefixtures("narrow_networks")


@pytest.fixture
def field():
    return build_field(preset_recipe("spectral", "preview", Ackley().facts), Ackley().facts)


def weights(field):
    return torch.cat([parameter.detach().flatten() for parameter in field.parameters()]).clone()


@pytest.mark.parametrize(("loss", "psnr"), [(0.1, 9.9), (0.1, math.nan), (math.nan, None), (math.inf, 30.0)])
def test_the_best_state_is_put_back(field, loss, psnr):
    watch = DivergenceWatch(field)
    assert watch.see(50, 0.1, 20.0) == ""
    best = weights(field)
    with torch.no_grad():
        for parameter in field.parameters():
            parameter += 1
    assert watch.see(60, 0.1) == "", "nothing was measured"
    assert watch.see(100, 0.1, 10.5) == "", "worse, but not far worse"
    sentence = watch.see(150, loss, psnr)
    assert sentence.startswith("diverged at step 150: ") and sentence.endswith("the state of step 50 is kept")
    assert torch.equal(weights(field), best)


def test_there_may_be_nothing_to_go_back_to(field):
    watch = DivergenceWatch(field)
    assert watch.see(50, 0.1, -10.5) == "diverged at step 50: its PSNR is -10.5 dB"
    assert not watch.has_best


def test_a_file_gets_the_best_state(tmp_path, capsys, monkeypatch):
    """Of a training whose steps are far too large from its fiftieth on."""
    from fieldcore.recipe import Recipe

    usual = Recipe.warmup_at
    monkeypatch.setattr(Recipe, "warmup_at", lambda self, step: usual(self, step) if step <= 50 else 1e5)
    out = tmp_path / "field.safetensors"
    words = ["fit", "ackley", "--kind", "spectral", "--preset", "preview", "--steps", "120", "--out", str(out)]
    assert run([*words, "--json"]) == 0
    told = capsys.readouterr()
    assert "diverged at step 100" in told.err and "the state of step 50 is kept" in told.err
    assert '"stopped_by": "diverged"' in told.out


def test_what_was_never_any_good_is_not_written(tmp_path, capsys, photo):
    out = tmp_path / "field.safetensors"
    words = ["--kind", "coordinate", "--activation", "relu", "--learning-rate", "1e4", "--width", "8", "--steps", "100"]
    assert run(["fit", "picture", str(photo), *words, "--out", str(out)]) == 2
    assert "diverged at step 50: its PSNR is -" in capsys.readouterr().err
    assert not out.exists()


@pytest.fixture
def photo(tmp_path, smooth_pixels):
    from PIL import Image

    file = tmp_path / "photo.png"
    Image.fromarray((smooth_pixels[..., :3] * 255).astype("uint8")).save(file)
    return file
