"""A kind, a signal and a filter of one's own are all that is in this file: everything else takes them as its own."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn

import fieldcore as fc
from fieldcore.cli import run
from fieldcore.commands.fit import FitOptions
from fieldcore.errors import InputError
from fieldcore.filters import FILTERS, Separable, parse_filter
from fieldcore.filters.filter import parsed_numbers
from fieldcore.provenance import find_signal, open_as_seen

# A kind --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class WavesRecipe(fc.Recipe):
    """How to build and train ``Waves``."""

    kind = "waves"

    waves: int = 64
    frequency: float = 1.5


class Waves(fc.Field):
    """A weighted sum of cosines: filtered by multiplying each by the filter's transform."""

    kind = "waves"
    dims = (2,)
    recipe_type = WavesRecipe
    presets: ClassVar = {"preview": WavesRecipe(preset="preview", steps=60, points_per_step=256, learning_rate=0.05)}

    def __init__(self, recipe: WavesRecipe, facts: fc.SignalFacts) -> None:
        super().__init__(recipe, facts)
        generator = torch.Generator().manual_seed(recipe.seed)
        self.register_buffer("A", recipe.frequency * torch.randn(recipe.waves, self.dim, generator=generator))
        self.weight = nn.Parameter(torch.zeros(2 * recipe.waves, facts.channels))
        self.mean = nn.Parameter(torch.zeros(facts.channels))

    def refuses(self, filter: fc.Filter) -> str | None:
        """Filters whose transform is not known."""
        return None if filter.has_response else f"a waves field needs the transform of a {type(filter).__name__}"

    def _values(self, x: Float[Tensor, "n d"], filter: fc.Filter | None) -> Float[Tensor, "n c"]:
        phase = 2 * math.pi * x @ self.A.T
        waves = torch.stack([phase.cos(), phase.sin()], 1)
        if filter is not None:
            waves = waves * filter.response(self.A).unsqueeze(-2)
        return self.mean + waves.flatten(1) @ self.weight

    def loss(self, signal: fc.Signal, generator: torch.Generator) -> Float[Tensor, ""]:
        """Squared error of the unfiltered field."""
        x, values = signal.examples(self.recipe.points_per_step, generator)
        return (self._values(x, None) - values).square().mean()


# A signal ------------------------------------------------------------------------------------------------------------


class Checks(fc.Signal):
    """A soft checkerboard."""

    type = "checks"

    def __init__(self, squares: int = 2) -> None:
        self.squares = squares
        digest = hashlib.sha256(f"checks {squares}".encode()).hexdigest()
        self.facts = fc.SignalFacts(self.type, f"checks{squares}", digest, (1.0, 1.0), 1)

    def __call__(self, x: Float[Tensor, "n 2"]) -> Float[Tensor, "n 1"]:
        return 0.5 + 0.5 * torch.sin(math.pi * self.squares * x / 2).prod(1, keepdim=True)

    @classmethod
    def open_again(cls, facts: fc.SignalFacts, source: str) -> Checks:
        """By its name, such as ``checks2``."""
        if not source.startswith("checks"):
            raise InputError(f"signal '{source}': give {facts.name}")
        return cls(int(source.removeprefix("checks")))

    @classmethod
    def sources(cls, facts: fc.SignalFacts) -> tuple[str, ...]:
        """Its name."""
        return (facts.name,)


@dataclass(frozen=True, kw_only=True)
class FitChecks(FitOptions):
    """Train a field on a checkerboard."""

    what: ClassVar[str] = "checks"
    examples: ClassVar[tuple[str, ...]] = ("fieldcore fit checks --kind waves",)

    def open(self, source: str) -> Checks:
        """The formula."""
        return Checks()


Checks.options = FitChecks

# A filter ------------------------------------------------------------------------------------------------------------


class Tent(Separable):
    """A triangle along each axis, of these half widths."""

    name = "tent"
    length_noun = "half widths"
    kernel_second_moment = 1 / 6
    kernel_reach = 1.0

    def kernel_offsets(self, noise: Tensor) -> Tensor:
        return torch.where(noise < 0.5, (2 * noise).sqrt() - 1, 1 - (2 - 2 * noise).sqrt())

    def kernel_response(self, frequency: Tensor) -> Tensor:
        return torch.sinc(frequency).square()

    @classmethod
    def parse(cls, text: str) -> Tent:
        return cls(parsed_numbers(text, "filter tent", "half widths such as 0.1,0.2"))


# What they get for it ------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(fc.KINDS, "waves", Waves)
    monkeypatch.setitem(fc.SIGNALS, "checks", Checks)
    monkeypatch.setitem(FILTERS, "tent", Tent)
    yield


@pytest.fixture
def field() -> fc.Field:
    return fc.train("waves", Checks(), device="cpu")


def test_it_is_trained_and_gives_the_closed_form(field: fc.Field) -> None:
    x = Checks().draw(torch.rand(64, 2, generator=torch.Generator().manual_seed(0))) / 1.2
    assert field(x).detach() == pytest.approx(Checks()(x).numpy(), abs=0.15)
    assert fc.psnr_at_points(field, Checks())["0.01"] > 20


def test_a_file_keeps_it_bit_for_bit(field: fc.Field, tmp_path: Path) -> None:
    fc.save_field(tmp_path / "f.safetensors", field)
    loaded = fc.load_field(tmp_path / "f.safetensors")
    assert (type(loaded), loaded.recipe, loaded.facts) == (Waves, field.recipe, field.facts)
    assert fc.weights_digest(loaded) == fc.weights_digest(field)


def test_its_truth_its_score_and_its_source_are_found(field: fc.Field) -> None:
    found = find_signal(field.facts)
    assert isinstance(found, Checks)
    assert open_as_seen(field.facts, "checks3").facts.name == "checks3"
    scores = list(fc.score(field, found, [fc.Gaussian(1e-2), Tent([0.1, 0.2]), fc.Box(0.1)]))
    assert [score.psnr > 20 for score in scores] == [True] * 3
    assert scores[1].border_px == (7, 13)


def test_it_is_evaluated_under_the_new_filter(field: fc.Field) -> None:
    grid = fc.Grid.covering((1.0, 1.0), 16)
    values = fc.evaluate(field, grid, Tent(0.3)).numpy()
    sampled = field.sampled(grid.points(0, grid.count), Tent(0.3), 4096).detach().reshape(16, 16, 1)
    assert values[5:-5, 5:-5] == pytest.approx(sampled[5:-5, 5:-5].numpy(), abs=5e-3)


def test_a_picture_is_smoothed_by_the_new_filter(smooth_pixels: np.ndarray) -> None:
    grid = fc.Grid.covering((1.0, 2 / 3), 24)
    values, standard_error = fc.Picture(smooth_pixels).truth().estimate(Tent(0.1), grid)
    box = fc.Picture(smooth_pixels).truth().values(fc.Box(0.1 / math.sqrt(2)), grid)  # as wide, so nearly the same
    assert 0 < standard_error < 1e-2
    assert np.abs(values - box).mean() < 0.02


def test_it_is_calibrated_or_refused(field: fc.Field) -> None:
    assert fc.calibrate(field).factor == pytest.approx(1, rel=0.3)

    class Deaf(Waves):
        def refuses(self, filter: fc.Filter) -> str | None:
            return "a deaf field takes no filter"

    deaf = Deaf(field.recipe, field.facts)
    with pytest.raises(InputError, match="calibration: a deaf field takes no filter"):
        fc.calibrate(deaf)
    with pytest.raises(InputError, match="a deaf field takes no filter"):
        fc.evaluate(deaf, fc.Grid.covering((1.0, 1.0), 4), Tent(0.1))
    assert list(fc.score(deaf, Checks())) == []
    assert list(fc.psnr_at_points(deaf, Checks())) == ["0"]


def test_what_it_does_not_take_is_refused_by_name() -> None:
    line = fc.FunctionSignal(lambda x: x[:, 0], (1.0,))
    with pytest.raises(InputError, match="a waves field takes 2-D signals, got one in 1-D"):
        fc.train("waves", line)
    with pytest.raises(InputError, match="wave: a waves field has no such setting"):
        fc.train("waves", Checks(), wave=3)
    assert isinstance(parse_filter("tent:0.1,0.2"), Tent)


@pytest.mark.usefixtures("few_samples")
def test_the_command_line_knows_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def answer(*words: str) -> Any:
        assert run([*words, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    out = str(tmp_path / "checks.safetensors")
    fitted = answer("fit", "checks", "--kind", "waves", "--steps", "40", "--out", out, "--device", "cpu")
    assert (fitted["kind"], fitted["steps"]) == ("waves", 40)
    picture = str(tmp_path / "smooth.png")
    shown = answer("evaluate", out, "--filter", "tent:0.1,0.2", "--size", "8", "--out", picture)
    assert (shown["width"], Path(picture).is_file()) == (8, True)
    scored = answer("score", out, "--signal", "checks2")
    assert (scored["same_signal"], len(scored["variances"])) == (True, 5)
    assert run(["fit", "--help"]) == 0
    assert "checks" in capsys.readouterr().out
