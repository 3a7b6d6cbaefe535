"""The publication's network for repeated integrals: its identity, its training, its refusals."""

import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from fieldcore import Gaussian, Picture, Stop, Training, load_field, save_field, train, weights_digest
from fieldcore.cli import run
from fieldcore.errors import InputError
from fieldcore.fields import build_field, preset_recipe
from fieldcore.fields.integral import Integral
from fieldcore.fields.integral_network import IntegralNetwork
from fieldcore.filters import Box, BSpline, Kernel, Profile, Tent
from fieldcore.fitting import Progress, fit
from fieldcore.images import write_image
from fieldcore.training_line import TrainingLine

SMALL = {"width": 24, "hidden_layers": 2, "points_per_step": 64, "steps": 40}


@pytest.fixture(scope="module")
def picture() -> Picture:
    y, x = np.mgrid[:32, :48] / 48
    return Picture(np.stack([0.5 + 0.4 * np.sin(6 * x + 4 * y), 0.5 + 0.3 * np.cos(9 * x * y)], -1).astype(np.float32))


def network(picture: Picture, preset: str = "preview", **changes: object) -> IntegralNetwork:
    recipe = replace(preset_recipe("integral", preset, picture.facts), **{**SMALL, **changes})
    field = build_field(recipe, picture.facts)
    assert isinstance(field, IntegralNetwork)
    return field


class Powers(IntegralNetwork):
    """Whose integral is known: of x^2 y, one time more than the degree along each axis."""

    def integral(self, x):
        coefficient = {0: (1 / 3, 1 / 2), 1: (1 / 12, 1 / 6), 2: (1 / 60, 1 / 24)}[self.recipe.degree]
        powers = x[:, :1] ** (2 + self._order) * coefficient[0] * x[:, 1:] ** (1 + self._order) * coefficient[1]
        return powers.expand(-1, self.facts.channels)


@pytest.mark.parametrize("degree", [0, 1, 2])
def test_dirac_sums_of_an_integral_are_convolutions(picture, degree):
    field = Powers(replace(preset_recipe("integral", "preview", picture.facts), degree=degree, **SMALL), picture.facts)
    field = field.double()
    x = 2 * torch.rand(20, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) - 1
    sizes = 0.05 + torch.rand(20, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    kind = (Box, Tent, BSpline)[degree]
    got = field(x, kind(sizes))[:, 0]
    # A symmetric kernel adds its variance to x^2 and leaves y alone.
    torch.testing.assert_close(got, (x[:, 0] ** 2 + Profile.minimal(degree).variance * sizes[:, 0] ** 2) * x[:, 1])
    asymmetric = Kernel([Profile.minimal(degree)] * 2, [0.3, 0.2])
    torch.testing.assert_close(field(x, asymmetric), field(x, kind([0.3, 0.2])))


def test_training_points_on_lattices_are_those_whose_sums_they_claim_to_be(picture):
    field = network(picture, start="weights")
    for size in (0.05, 0.13, 0.5):
        with torch.no_grad():
            x, found = field._on_lattices(size, torch.Generator().manual_seed(3))
            torch.testing.assert_close(found, field(x, Tent(size)), rtol=1e-2, atol=2e-2 * float(found.abs().max()))
        assert (x.abs() <= torch.tensor([1.2, 32 / 48 + 0.2])).all()
        assert len(x) >= 20


@pytest.mark.long
@pytest.mark.parametrize("preset", ["preview", "paper"])
def test_it_learns_and_its_file_answers_the_same(picture, preset, tmp_path):
    field = network(picture, preset, steps=120, half_size=0.2, learning_rate=1e-2)
    solved = train("integral", picture, device="cpu")
    x = torch.rand(200, 2, generator=torch.Generator().manual_seed(0)) * 1.2 - 0.6

    def error() -> float:
        with torch.no_grad():
            return float((field(x, Tent(0.2)) - solved(x, Tent(torch.full((200, 1), 0.2)))).abs().mean())

    field.prepare(picture)
    before = error()
    losses = [progress.loss for progress in fit(field, picture)]
    assert error() < 0.6 * before
    assert np.mean(losses[-20:]) < 0.8 * np.mean(losses[:20])
    save_field(tmp_path / "n.safetensors", field)
    loaded = load_field(tmp_path / "n.safetensors")
    assert isinstance(loaded, IntegralNetwork)
    assert torch.equal(loaded(x, Tent(0.2)), field(x, Tent(0.2)))
    assert loaded.recipe.method == "network"


def test_it_starts_at_the_mean(picture):
    field = network(picture)
    field.prepare(picture)
    values = field(torch.zeros(3, 2), Tent(0.3))
    torch.testing.assert_close(values, torch.from_numpy(picture.pixels.mean((0, 1))).expand(3, 2), rtol=0, atol=1e-3)


def test_a_training_that_is_taken_up_again_ends_in_the_same_bits(picture, tmp_path):
    whole = network(picture)
    for _ in fit(whole, picture, stop=Stop(steps=6)):
        pass
    training = Training(network(picture))
    steps = fit(training, picture, stop=Stop(steps=6))
    for _ in range(3):
        next(steps)
    training.save(tmp_path / "state.safetensors")
    again = Training.load(tmp_path / "state.safetensors")
    for _ in fit(again, picture, stop=Stop(steps=6)):
        pass
    assert weights_digest(again.field) == weights_digest(whole)


def test_the_papers_settings(picture):
    recipe = preset_recipe("integral", "paper", picture.facts)
    assert (recipe.width, recipe.hidden_layers, recipe.frequencies, recipe.degree) == (256, 5, 4, 1)
    assert (recipe.steps, recipe.points_per_step, recipe.learning_rate, recipe.half_size) == (
        300_000,
        16384,
        1e-3,
        0.05,
    )
    assert (recipe.sizes, recipe.sampling, recipe.start, recipe.precision) == (
        "minimal",
        "points",
        "weights",
        "float32",
    )
    assert [recipe.learning_rate_at(share) for share in (0.0, 1 / 30 + 1e-9, 1.0)] == [1e-3, 5e-4, 1e-3 * 0.5**30]
    field = build_field(recipe, replace(picture.facts, channels=3, digest=""))
    assert field.parameter_count == 268_803


def test_what_it_was_not_trained_for_is_refused_by_name(picture):
    field = network(picture)
    assert field.refuses(Tent(0.05)) is None
    assert "takes half sizes from 0.05 along every axis, got 0.01" in field.refuses(Tent(0.01))
    assert "got 0" in field.refuses(Tent([0.1, 0.0]))
    assert "takes kernels of degree 1, got Box of 0" in field.refuses(Box(0.1))
    assert "turned" in field.refuses(Tent([0.1, 0.2], axes=[[0.6, -0.8], [0.8, 0.6]]))
    assert "askew" in field.refuses(Gaussian([[2e-2, 1e-2], [1e-2, 1e-2]]))
    with pytest.raises(InputError, match=r"got 0\.02; the preset solved takes any"):
        field(torch.zeros(2, 2), Tent([[0.1, 0.1], [0.02, 0.1]]))
    torch.testing.assert_close(field(torch.zeros(1, 2), 0.0), field(torch.zeros(1, 2), Tent(0.05)))
    torch.testing.assert_close(field(torch.zeros(1, 2), 1e-2), field(torch.zeros(1, 2), Tent(0.1 * 6**0.5)))


def test_the_command_line_trains_one(picture, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    small = replace(Integral.presets["preview"], width=16, hidden_layers=1)
    monkeypatch.setitem(Integral.presets, "preview", small)
    write_image("p.png", (np.random.default_rng(0).random((12, 12, 3)) * 255).astype(np.uint8))
    words = ["fit", "picture", "p.png", "--kind", "integral", "--preset", "preview", "--steps", "2", "--json", "-q"]
    assert run(words) == 0
    assert '"stopped_by": "steps"' in capsys.readouterr().out
    assert run(["evaluate", "p.safetensors", "--kernel", "tent", "--half-size", "0.01", "--out", "x.png", "-q"]) == 2
    assert "takes half sizes from 0.05" in capsys.readouterr().err
    assert run(["evaluate", "p.safetensors", "--kernel", "tent", "--half-size", "0.2", "--out", "x.png", "-q"]) == 0


def test_the_papers_training_goes_on_with_its_log_where_it_was_interrupted(picture, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    small = replace(Integral.presets["paper"], width=16, hidden_layers=1, points_per_step=32)
    monkeypatch.setitem(Integral.presets, "paper", small)
    write_image("p.png", (np.random.default_rng(0).random((12, 12, 3)) * 255).astype(np.uint8))
    words = ["fit", "picture", "p.png", "--kind", "integral", "--preset", "paper", "--steps", "40"]
    assert run([*words, "--out", "whole.safetensors", "--log", "whole"]) == 0
    assert "will fail within their reach of the border" in capsys.readouterr().err

    def interrupted(line: TrainingLine, progress: Progress) -> None:
        if progress.step == 25:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patched:
        patched.setattr(TrainingLine, "show", interrupted)
        assert run([*words, "--out", "parts.safetensors", "--log", "parts"]) == 130
    assert "--resume" in capsys.readouterr().err
    assert run([*words, "--out", "parts.safetensors", "--log", "parts", "--resume"]) == 0
    whole, parts = (rows_of(Path(folder) / "curve.csv") for folder in ("whole", "parts"))
    assert [row[0] for row in whole] == ["step", "1", "10", "20", "30", "40"]
    assert [row[:3] for row in parts] == [row[:3] for row in whole], "the losses, as if nothing had come between"
    assert weights_digest(load_field("parts.safetensors")) == weights_digest(load_field("whole.safetensors"))


def rows_of(file: Path) -> list[list[str]]:
    return [line.split(",") for line in file.read_text().splitlines()]
