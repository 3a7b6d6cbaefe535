"""One network trained on one picture, watched on the way, and judged."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..bands import octave_errors
from ..checkpoint import TrainingFacts
from ..divergence import DivergenceWatch
from ..evaluation import evaluate, evaluate_progressively
from ..fields import build_field
from ..fields.field import Field
from ..fields.training_cells import cell_grid
from ..fitting import Progress, Stop, Training, fit
from ..grid import Grid
from ..images import quantised
from ..measures import VALUES, psnr, shown_values
from ..recipe import Recipe
from ..signals import Picture

PROBES = 30
"""Times a training is measured, more often in the beginning."""

FRAMES = 90
"""Pictures of a training that is filmed, evenly over its time."""


@dataclass(frozen=True)
class Probe:
    """A training on its way.

    Attributes:
        step, seconds, loss: as in ``Progress``.
        psnr: in dB, of all pixels.
        octaves: the error in each octave over the picture's own, see ``octave_errors``.
    """

    step: int
    seconds: float
    loss: float
    psnr: float
    octaves: tuple[float, ...]


@dataclass
class Outcome:
    """What came of a training.

    Attributes:
        field: trained, in evaluation mode.
        training: what its file says.
        seconds: of training.
        probes: on the way; the last is of the finished field.
        frames: (n, h, w, 3) bytes, if it was filmed.
        remark: what went wrong, empty if nothing did.
    """

    field: Field
    training: TrainingFacts
    seconds: float
    probes: list[Probe]
    frames: list[np.ndarray] = dataclasses.field(default_factory=list)
    remark: str = ""


def contest(
    recipe: Recipe,
    picture: Picture,
    stop: Stop,
    *,
    filmed: bool = False,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Outcome:
    """Train a field on a picture and measure it on the way; what that takes is not counted.

    A training that diverges (a loss that is no number, or a PSNR 10 dB below its best) ends there, with its best state.
    """
    one = Contestant(recipe, picture, stop, filmed=filmed)
    while not one.ended:
        report(one.step())
    watch = one.watch
    facts = one.facts_of_training(timed=stop.seconds is not None)
    return Outcome(one.field, facts, one.seconds, watch.probes, watch.frames, one.remark)


class Contestant:
    """A network in training on a picture, a step at a time, measured on the way.

    A training that diverges ends with its best state and a remark.

    Args:
        recipe: what is trained.
        picture: on what.
        stop: the budget.
        name: for people.
        filmed: whether it is filmed.
        probes: how often it is measured.
        clock: seconds of a clock that never goes back, for the training time.
        hurried: whether something else cannot wait; then a measurement is given up between two tiles, and made later.

    Attributes:
        training: its state.
        watch: what was measured.
        progress: of its latest step, None before the first.
        remark: what went wrong, empty if nothing did.
        ended: whether no step is to come.

    Raises:
        InputError: no such network can be built.
    """

    def __init__(
        self,
        recipe: Recipe,
        picture: Picture,
        stop: Stop,
        *,
        name: str = "",
        filmed: bool = False,
        probes: int = PROBES,
        clock: Callable[[], float] = time.perf_counter,
        hurried: Callable[[], bool] = lambda: False,
    ) -> None:
        self.name, self.picture = name, picture
        self.training = Training(build_field(recipe, picture.facts).to(picture.device))
        self.watch = Watch(self.field, picture, filmed, probes, hurried)
        self.progress: Progress | None = None
        self.remark, self.ended = "", False
        self._steps = fit(self.training, picture, stop=stop, clock=clock)

    @property
    def field(self) -> Field:
        """The network, in evaluation mode between two steps."""
        return self.training.field

    @property
    def seconds(self) -> float:
        """Of training so far."""
        return self.training.elapsed

    @property
    def psnr(self) -> float | None:
        """In dB, as last measured; None before that."""
        return self.watch.probes[-1].psnr if self.watch.probes else None

    @property
    def share_done(self) -> float:
        """Of its budget."""
        return 1.0 if self.ended else self.progress.share_done if self.progress else 0.0

    def step(self) -> Progress:
        """Take a step, and after the last one solve for what is solved for."""
        self.progress = progress = next(self._steps)
        self.remark = self.watch.see(progress)
        if self.remark and not self.watch.has_best:
            self.field.load_state_dict(build_field(self.field.recipe, self.field.facts).state_dict())
        if self.remark or progress.stopped_by is not None:
            self.training.finish(self.picture)
            self.watch.probe(progress)
            self.ended = True
        return progress

    def facts_of_training(self, *, timed: bool) -> TrainingFacts:
        """What its file says; the seconds only if ``timed``."""
        progress = self.progress
        assert progress is not None, "a training takes a step"
        stopped_by = "diverged" if self.remark else progress.stopped_by or "steps"
        seconds = round(progress.elapsed, 3) if timed else None
        psnr = {"0": self.psnr} if self.psnr is not None else {}
        return TrainingFacts(progress.step, seconds, self.picture.device.type, stopped_by, psnr)


class Watch:
    """Probes, frames and the best state of a training.

    Attributes:
        probes: what was measured.
        frames: the pictures of a film.
    """

    def __init__(self, field: Field, picture: Picture, filmed: bool, probes: int, hurried: Callable[[], bool]) -> None:
        self._field, self._picture, self._hurried = field, picture, hurried
        self._grid, self._pixels = cell_grid(picture.facts), picture.pixels
        self._to_probe = [((k + 1) / probes) ** 1.5 for k in range(probes - 1)]
        self._to_film = [(k + 1) / FRAMES for k in range(FRAMES)] if filmed else []
        self._divergence = DivergenceWatch(field)
        self.probes: list[Probe] = []
        self.frames: list[np.ndarray] = []
        if filmed:
            self._film(evaluate(field, self._grid).float().cpu().numpy())

    @property
    def has_best(self) -> bool:
        """Whether there is a state to go back to."""
        return self._divergence.has_best

    def see(self, progress: Progress) -> str:
        """Look if it is time to; a sentence if the training has diverged, whose best state is then put back."""
        diverged = self._divergence.see(progress.step, progress.loss)
        if diverged:
            return diverged
        if min([*self._to_probe[:1], *self._to_film[:1]], default=2.0) > progress.share_done:
            return ""
        values = self._values(self._hurried)
        if values is None:
            return ""
        for _ in range(self._due(self._to_film, progress.share_done)):
            self._film(values)
        if not self._due(self._to_probe, progress.share_done):
            return ""
        return self._divergence.see(progress.step, progress.loss, self._add(progress, values))

    def probe(self, progress: Progress) -> None:
        """Measure now."""
        values = self._values()
        assert values is not None, "nothing stops it"
        if self.frames:  # the film ends with the finished network
            self.frames[-1] = quantised(shown_values(values, self._picture.facts))
        self._add(progress, values)

    def _due(self, thresholds: list[float], share: float) -> int:
        count = 0
        while thresholds and share >= thresholds[0]:
            thresholds.pop(0)
            count += 1
        return count

    def _values(self, should_stop: Callable[[], bool] = lambda: False) -> Float[np.ndarray, "h w c"] | None:
        """Of all pixels; None if that was stopped."""
        stages = evaluate_progressively(self._field, self._grid, should_stop=should_stop, factors=(1,))
        found = next(stages, None)
        return None if found is None else found[1].float().cpu().numpy()

    def _film(self, values: Float[np.ndarray, "h w c"]) -> None:
        self.frames.append(quantised(shown_values(values, self._picture.facts)))

    def _add(self, progress: Progress, values: Float[np.ndarray, "h w c"]) -> float:
        found = psnr(values, self._pixels, self._picture.facts.value_range) if np.isfinite(values).all() else math.nan
        octaves = tuple(float(error) for error in octave_errors(values, self._pixels))
        self.probes.append(Probe(progress.step, progress.elapsed, progress.loss, found, octaves))
        return found


def final_measures(field: Field, picture: Picture, held_out: Int[Tensor, "n"] | None = None) -> dict[str, float | None]:
    """What a table says of a trained field.

    * ``psnr``, ``ssim``, ``flip``: of all pixels.
    * ``held_out_psnr``: of the pixels that were left out of the training, None where there are none.
    * ``between_psnr``: on a grid of twice the resolution, against the picture's own interpolation.
    """
    facts, grid = picture.facts, cell_grid(picture.facts)
    values = evaluate(field, grid).float().cpu().numpy()
    found = VALUES.compare(values, picture.pixels, facts, grid)
    fine = Grid(tuple(2 * n for n in grid.resolution), grid.lower, grid.upper)
    truth = picture(fine.points(0, fine.count, picture.device)).reshape(*fine.shape, -1).cpu().numpy()
    between = psnr(evaluate(field, fine).float().cpu().numpy(), truth, facts.value_range)
    left_out = None
    if held_out is not None:
        index = held_out.cpu().numpy()
        flat, true = values.reshape(-1, facts.channels)[index], picture.pixels.reshape(-1, facts.channels)[index]
        left_out = psnr(flat, true, facts.value_range)
    kept = {name: found[name] for name in ("psnr", "ssim", "flip")}
    return {**kept, "held_out_psnr": left_out, "between_psnr": between}


def hold_out(picture: Picture, share: float, seed: int = 0) -> tuple[Picture, Int[Tensor, "n"] | None]:
    """The picture with a random share of its pixels out of reach of a training, and which these are."""
    if share <= 0:
        return picture, None
    count = cell_grid(picture.facts).count
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    kept = picture.to(picture.device)
    cut = max(1, round(share * count))
    kept.training_cells = order[cut:].sort().values
    return kept, order[:cut].sort().values


def mean_of(numbers: Sequence[float | int | None]) -> float | None:
    """Of those that there are."""
    known = [number for number in numbers if number is not None and math.isfinite(number)]
    return sum(known) / len(known) if known else None
