"""A training from start to finished file: resume, checkpoints, interrupts, calibration and the closing scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from .checkpoint import TrainingFacts, load_checkpoint, save_field
from .command import deferred_interrupts
from .errors import InputError
from .fields import build_field
from .fields.field import Field
from .files import refuse_overwriting
from .fitting import Progress, Stop, Training, fit
from .recipe import Recipe
from .scoring import psnr_at_points
from .signals import Signal


@dataclass(frozen=True)
class TrainingRun:
    """One training that ends in a field's file.

    Attributes:
        signal: the truth, on the device to train on.
        recipe: what to build and how to train it.
        stop: when to stop.
        out: the field's file. The state of the unfinished training lies beside it, see ``state_path``.
        resume: continue where an earlier run with the same settings was interrupted.
        overwrite: replace what is there.
        checkpoint_seconds: training time between two writes of the state.
    """

    signal: Signal
    recipe: Recipe
    stop: Stop
    out: Path
    resume: bool = False
    overwrite: bool = False
    checkpoint_seconds: float = 10.0

    @property
    def state_path(self) -> Path:
        """Where the unfinished training is kept: ``photo.training.safetensors`` for ``photo.safetensors``."""
        return self.out.with_name(f"{self.out.stem}.training{self.out.suffix}")

    def run(self, report: Callable[[Progress], None]) -> tuple[Field, TrainingFacts]:
        """Train, calibrate, score and write the field; ``report`` is called after every step.

        Raises:
            InputError: a file is in the way or cannot be written, or the state does not belong to these settings.
            KeyboardInterrupt: after the state was saved, with a sentence saying how to go on.
        """
        if self.out.suffix != ".safetensors":
            raise InputError(f"--out '{self.out}': a field's file ends in .safetensors")
        refuse_overwriting(self.out, self.overwrite or self.resume)
        if self.resume and self.out.exists() and not self.state_path.exists():
            return self._already_finished()
        training = self._start()
        progress = self._train(training, report)
        training.save(self.state_path)  # an interrupt while calibrating or scoring loses nothing either
        facts = self._finish(training, progress)
        return training.field, facts

    def _already_finished(self) -> tuple[Field, TrainingFacts]:
        finished = load_checkpoint(self.out, self.signal.device)
        self._check_belongs(finished.field, self.out)
        return finished.field, finished.training

    def _start(self) -> Training:
        device = self.signal.device
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

    def _check_belongs(self, field: Field, path: Path) -> None:
        for what, theirs, ours in (
            ("recipe", field.recipe, self.recipe),
            ("signal", field.facts, self.signal.facts),
        ):
            if theirs != ours:
                raise InputError(
                    f"--resume: '{path}' was trained with another {what} (kind, preset, steps, seed, size or "
                    "picture differ); repeat the same options, or choose another --out"
                )

    def _train(self, training: Training, report: Callable[[Progress], None]) -> Progress | None:
        progress = None
        steps: Iterator[Progress] = fit(
            training,
            self.signal,
            stop=self.stop,
            checkpoint=self.state_path,
            checkpoint_seconds=self.checkpoint_seconds,
        )
        if training.step == 0:  # what comes before the first step may take long, and an interrupt loses nothing yet
            steps = chain([next(steps)], steps)
        with deferred_interrupts() as interrupted:
            for progress in steps:
                report(progress)
                if progress.stopped_by is not None:
                    break  # what follows may be interrupted at once: the state is saved first
                if interrupted():
                    training.save(self.state_path)
                    raise KeyboardInterrupt(
                        f"interrupted after {training.step} steps; the training is kept in '{self.state_path}', "
                        "continue it with --resume"
                    )
        return progress

    def _finish(self, training: Training, progress: Progress | None) -> TrainingFacts:
        stopped_by = (progress.stopped_by if progress else None) or "steps"
        facts = conclude(training, self.signal, stopped_by, timed=self.stop.seconds is not None)
        save_field(self.out, training.field, facts)
        self.state_path.unlink(missing_ok=True)
        return facts


def conclude(training: Training, signal: Signal, stopped_by: str, *, timed: bool) -> TrainingFacts:
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
    training.finish()
    field = training.field
    return TrainingFacts(
        steps=training.step,
        seconds=round(training.elapsed, 3) if timed else None,
        device=field.device.type,
        stopped_by=stopped_by,
        psnr=psnr_at_points(field, signal),
    )
