"""A training from start to finished file: resume, checkpoints, interrupts, calibration and the closing scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import torch

from .checkpoint import Checkpoint, TrainingFacts, load_checkpoint, read_tensors, save_field
from .command import deferred_interrupts
from .divergence import DivergenceWatch
from .errors import InputError
from .fields import build_field
from .fields.field import Field
from .files import refuse_overwriting
from .fitting import MONITOR_EVERY_STEPS, Progress, Stop, Training, fit
from .progress_lines import note, waiting_line
from .recipe import Recipe
from .scoring import psnr_at_points
from .signals import Dataset, SignalFacts
from .signals.signal import differing_fact
from .validation import dataclass_from_json

CHECKPOINT_SECONDS = 10.0
"""Training time between two writes of the state, unless it is said otherwise."""


@dataclass(frozen=True)
class TrainingRun:
    """One training that ends in a field's file.

    Attributes:
        signal: the truth, on the device to train on.
        recipe: what to build and how to train it; of a field that is trained further its own is taken.
        stop: when to stop; of a field that is trained further how much more.
        out: the field's file. The state of the unfinished training lies beside it, see ``state_path``.
        resume: continue where an earlier run with the same settings was interrupted.
        overwrite: replace what is there.
        checkpoint_seconds: training time between two writes of the state; None is 10.
        continued: the file of a field to train further, by ``stop.steps`` or ``stop.seconds``.
        keep_state: keep the state of the finished training, for a later ``continued``; one that was kept is kept on.

    Paths may be text. ``train`` is the same without a file.

    Example:
        >>> import tempfile
        >>> from fieldcore import Ackley, SpectralRecipe, load_field
        >>> recipe = SpectralRecipe(width=16, steps=2, points_per_step=64)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     out = f"{folder}/ackley.safetensors"
        ...     field, facts = TrainingRun(Ackley(), recipe, Stop(steps=2), out).run(lambda progress: None)
        ...     load_field(out).kind, facts.stopped_by
        ('spectral', 'steps')
    """

    signal: Dataset
    recipe: Recipe
    stop: Stop
    out: Path
    resume: bool = False
    overwrite: bool = False
    checkpoint_seconds: float | None = None
    continued: Path | None = None
    keep_state: bool = False

    def __post_init__(self) -> None:
        for name in ("out", "continued"):
            if isinstance(getattr(self, name), str):
                object.__setattr__(self, name, Path(getattr(self, name)))

    @property
    def state_path(self) -> Path:
        """Where the unfinished training is kept: ``photo.training.safetensors`` for ``photo.safetensors``."""
        return state_beside(self.out)

    def run(self, report: Callable[[Progress], None]) -> tuple[Field, TrainingFacts]:
        """Train, calibrate, score and write the field; ``report`` is called after every step.

        Raises:
            InputError: a file is in the way or cannot be written, the state does not belong to these settings, or a
                setting would have no effect.
            KeyboardInterrupt: after the state was saved, with a sentence saying how to go on.
        """
        if self.out.suffix != ".safetensors":
            raise InputError(f"--out '{self.out}': a field's file ends in .safetensors")
        refuse_overwriting(self.out, self.overwrite or self.resume or self.out == self.continued)
        if self.resume and self.out.exists() and not self.state_path.exists():
            return self._already_finished()
        training = self._start()
        keep_state = self.keep_state or (self.continued is not None and self.state_path.exists())
        self._refuse_what_has_no_effect(training)
        stop = self._further(training) if self.continued is not None else self.stop
        try:
            progress = self._train(training, stop, report)
        except KeyboardInterrupt as interrupt:
            if interrupt.args or training.step == 0 or not self.state_path.exists():
                raise
            raise KeyboardInterrupt(self._how_to_go_on(training, stop)) from None  # it came between two steps
        if not training.solved:
            training.save(self.state_path)  # an interrupt while calibrating or scoring loses nothing either
        facts = self._finish(training, stop, progress)
        if not keep_state:
            self.state_path.unlink(missing_ok=True)
        return training.field, facts

    def _already_finished(self) -> tuple[Field, TrainingFacts]:
        finished = load_checkpoint(self.out, self.signal.device)
        self._check_belongs(finished.field, self.out)
        done = f"the training in '{self.out}' is finished, after {finished.training.steps} steps"
        for name in ("seconds", "target_psnr", "plateau"):
            if getattr(self.stop, name) is not None:
                raise InputError(
                    f"--{name.replace('_', '-')}: {done}, so there is nothing to resume; train it further with "
                    f"--continue '{self.out}'"
                )
        note(f"{done}; nothing was left to do (--continue trains it further)")
        return finished.field, finished.training

    def _start(self) -> Training:
        device = self.signal.device
        if self.continued is not None:
            return self._loaded(self.continued)
        if not self.state_path.exists():
            return Training(build_field(self.recipe, self.signal.facts).to(device))
        if self.resume:
            training = Training.load(self.state_path, device)
            self._check_belongs(training.field, self.state_path)
            return training
        if not self.overwrite:
            raise InputError(
                f"'{self.state_path}' holds an unfinished training; add --resume to continue it or --overwrite to "
                "start again"
            )
        return Training(build_field(self.recipe, self.signal.facts).to(device))

    def _loaded(self, path: Path) -> Training:
        """The training of a finished field: as it was left if its state lies beside it, else from its weights."""
        device = self.signal.device
        finished = load_checkpoint(path, device)
        _check_same_signal(finished.field.facts, self.signal.facts, f"--continue: '{path}'")
        for state in (self.state_path, state_beside(path)):
            training = _state_of(finished, state, device) if state.exists() else None
            if training is not None:
                return training
        training = Training(finished.field)
        training.step, training.best_step = finished.training.steps, finished.training.steps
        training.elapsed = finished.training.seconds or 0.0
        training.generator.manual_seed(finished.field.recipe.seed + training.step)
        if not training.solved:
            note(f"there is no state beside '{path}': the optimiser starts anew from its weights (see --keep-state)")
        return training

    def _further(self, training: Training) -> Stop:
        """The stopping rule of a whole training of which ``stop`` is what is still to come."""
        steps, seconds = self.stop.steps, self.stop.seconds
        if steps is not None:
            training.field.recipe = replace(training.field.recipe, steps=training.step + steps)
        return replace(
            self.stop,
            steps=None if steps is None else training.step + steps,
            seconds=None if seconds is None else training.elapsed + seconds,
        )

    def _refuse_what_has_no_effect(self, training: Training) -> None:
        if training.solved and self.continued is not None:
            raise InputError(f"--continue: the field in '{self.continued}' was solved for; there is nothing to train")

    def _check_belongs(self, field: Field, path: Path) -> None:
        if field.recipe != self.recipe:
            raise InputError(
                f"--resume: '{path}' was trained with another recipe (kind, preset, steps or seed differ); repeat the "
                "same options, choose another --out, or train it further with --continue"
            )
        _check_same_signal(field.facts, self.signal.facts, f"--resume: '{path}'")

    def _train(self, training: Training, stop: Stop, report: Callable[[Progress], None]) -> Progress | None:
        progress = None
        steps: Iterator[Progress] = fit(
            training,
            self.signal,
            stop=stop,
            checkpoint=self.state_path,
            checkpoint_seconds=self.checkpoint_seconds or CHECKPOINT_SECONDS,
        )
        if training.step == 0:
            steps = chain([self._first(training, steps)], steps)
        watch = DivergenceWatch(training.field)
        with deferred_interrupts() as interrupted:
            for progress in steps:
                report(progress)
                if not training.solved and self._diverged(watch, progress):
                    return replace(progress, stopped_by="diverged")
                if progress.stopped_by is not None:
                    break  # what follows may be interrupted at once: the state is saved first
                if interrupted():
                    training.save(self.state_path)
                    raise KeyboardInterrupt(self._how_to_go_on(training, stop))
        return progress

    def _diverged(self, watch: DivergenceWatch, progress: Progress) -> bool:
        """Whether a training has diverged. Raises InputError if it has no better state than that."""
        measured = progress.psnr if progress.step % MONITOR_EVERY_STEPS == 0 else None
        sentence = watch.see(progress.step, progress.loss, measured)
        advice = "choose a lower learning rate or other settings"
        if sentence and not watch.has_best:
            raise InputError(f"the training {sentence}; nothing was written; {advice}")
        if sentence:
            note(f"the training {sentence}; {advice}")
        return bool(sentence)

    def _first(self, training: Training, steps: Iterator[Progress]) -> Progress:
        """The first step; what comes before it may take long, and an interrupt, which loses nothing yet, ends it."""
        with waiting_line("solving" if training.solved else "preparing"):
            return next(steps)

    def _how_to_go_on(self, training: Training, stop: Stop) -> str:
        sentence = f"interrupted after {training.step} steps; the training is kept in '{self.state_path}', "
        if self.continued is None:
            return sentence + "continue it with --resume"
        left = f"--steps {stop.steps - training.step}" if stop.steps else f"--seconds {_left(training, stop):.1f}"
        out = "" if self.out == self.continued else f" --out '{self.out}'"
        return sentence + f"go on with --continue '{self.continued}'{out} {left}"

    def _finish(self, training: Training, stop: Stop, progress: Progress | None) -> TrainingFacts:
        stopped_by = (progress.stopped_by if progress else None) or "steps"
        with waiting_line("closing score"):
            facts = conclude(training, self.signal, stopped_by, timed=stop.seconds is not None)
        save_field(self.out, training.field, facts)
        return facts


def state_beside(field: Path) -> Path:
    """Where the state of a training lies that ends in the file ``field``."""
    return field.with_name(f"{field.stem}.training{field.suffix}")


def _state_of(finished: Checkpoint, path: Path, device: torch.device) -> Training | None:
    """The training state at ``path`` if it is that of a finished field, or of what came after it."""
    training = Training.load(path, device)
    recipe = finished.field.recipe
    belongs = training.field.kind == finished.field.kind and training.step >= finished.training.steps
    belongs = belongs and replace(training.field.recipe, steps=recipe.steps) == recipe
    return training if belongs and training.field.facts == finished.field.facts else None


def facts_of(path: Path | str) -> SignalFacts:
    """Of the signal that the field in a file was trained on. Raises InputError if it cannot be read."""
    header = read_tensors(Path(path))[1]
    return dataclass_from_json(SignalFacts, header.get("signal"), f"field '{path}': signal")


def conclude(training: Training, signal: Dataset, stopped_by: str, *, timed: bool) -> TrainingFacts:
    """Calibrate a trained field, where its kind needs that, and score it.

    Args:
        training: which has come to its end; its field is ready to be used afterwards.
        signal: the truth.
        stopped_by: why it ended, as in ``Progress``.
        timed: whether the clock had a part in when it ended, so that the seconds are to be kept.

    Example:
        >>> from fieldcore import Ackley, SpectralRecipe, build_field
        >>> training = Training(build_field(SpectralRecipe(width=16, steps=2), Ackley().facts))
        >>> *_, last = fit(training, Ackley())
        >>> facts = conclude(training, Ackley(), last.stopped_by, timed=False)
        >>> facts.steps, list(facts.psnr)
        (2, ['0', '0.0001', '0.001', '0.01', '0.1'])
    """
    training.finish(signal)
    field = training.field
    return TrainingFacts(
        steps=training.step,
        seconds=round(training.elapsed, 3) if timed else None,
        device=field.device.type,
        stopped_by=stopped_by,
        psnr=psnr_at_points(field, signal),
    )


def _left(training: Training, stop: Stop) -> float:
    return max((stop.seconds or 0.0) - training.elapsed, 0.1)


def _check_same_signal(theirs: SignalFacts, ours: SignalFacts, what: str) -> None:
    if name := differing_fact(theirs, ours):
        raise InputError(
            f"{what} was trained on another {theirs.type}, '{theirs.name}' (the {name.replace('_', ' ')} differs); "
            "give the one that it was trained on, in the same size and colours"
        )
