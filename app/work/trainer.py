"""Training from the instrument: the plan, the training under way, its curves and its end in a file."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path
from typing import Any, Literal
from weakref import WeakSet

import torch

from fieldcore.checkpoint import TrainingFacts, save_field
from fieldcore.comparison.race import Race
from fieldcore.errors import InputError
from fieldcore.fields import KINDS, build_field, default_preset, preset_recipe
from fieldcore.fitting import Progress, Stop, Training, fit
from fieldcore.setting_text import parse_settings
from fieldcore.signals import Dataset
from fieldcore.training_run import conclude

from ..document import Document
from ..durations import in_words
from .engine import Engine, Trained

StopRule = Literal["seconds", "steps", "target_psnr", "plateau"]

_STATE_SUFFIX = ".training.safetensors"
MOST_UNASKED_BYTES = 10_000_000
"""Of a field's file: of a field that was solved for only to be looked at, a larger one is written when asked for."""
_MOST_CURVE_POINTS = 1000
_SMOOTHING = 0.03  # of what is said ten times a second


@dataclass(frozen=True)
class TrainingPlan:
    """How the next training goes.

    Attributes:
        kind, preset: of the field, as on the command line.
        rule: when to stop, as in ``fieldcore.fitting.Stop``; the schedule is stretched to seconds or steps.
        seconds, steps, target_psnr, plateau: what the rules stop at.
        seed: of every random number.
        changes: further settings of the recipe, ``NAME=VALUE`` with blanks between them.
    """

    kind: str = "pyramid"
    preset: str = "picture"
    rule: StopRule = "seconds"
    seconds: float = 30.0
    steps: int = 1000
    target_psnr: float = 40.0
    plateau: int = 500
    seed: int = 0
    changes: str = ""

    def checked(self) -> TrainingPlan:
        """The plan with a preset that its kind has.

        Raises InputError where a number is none to stop at, or a setting is none of the kind's recipe.
        """
        presets = KINDS[self.kind].presets
        plan = self if self.preset in presets else replace(self, preset=next(iter(presets)))
        _ = plan._stop
        _ = plan.recipe_changes
        return plan

    @property
    def recipe_changes(self) -> dict[str, Any]:
        """``changes`` by name."""
        return parse_settings(KINDS[self.kind].recipe_type, self.changes.split(), "settings")

    @property
    def is_solved(self) -> bool:
        """Whether fields of the kind are solved for, so that nothing has to stop them."""
        return KINDS[self.kind].is_solved

    @property
    def stop(self) -> Stop:
        """The rule with its number; where all is solved for there is none."""
        return Stop() if self.is_solved else self._stop

    @property
    def _stop(self) -> Stop:
        return Stop(**{self.rule: getattr(self, self.rule)})


class Curve:
    """A quantity over steps, in bounded memory: every other point is dropped when there are too many."""

    def __init__(self) -> None:
        self.steps: list[float] = []
        self.values: list[float] = []
        self._every = 1

    def add(self, step: int, value: float) -> None:
        """Append a point; those between the kept ones are left out."""
        if step % self._every or not math.isfinite(value):
            return
        self.steps.append(float(step))
        self.values.append(value)
        if len(self.steps) > _MOST_CURVE_POINTS:
            self._every *= 2
            kept = [k for k, step in enumerate(self.steps) if step % self._every == 0]
            self.steps, self.values = [self.steps[k] for k in kept], [self.values[k] for k in kept]


@dataclass(eq=False)
class PlannedTraining:
    """A training that has not begun.

    Attributes:
        plan: that it goes after.
        document: of the field to be trained.
        training: its state.
        steps: of it, to be taken one by one.
        asked: whether a person has asked for the field, and not only to look at what it is of.
        live: whether it is there to be looked at while it goes on: any other takes its place, and what comes of it is
            in memory only, until a person wants to keep it.
    """

    plan: TrainingPlan
    document: Document
    training: Training | Race
    steps: Iterator[Progress]
    asked: bool = True
    live: bool = False

    def take_first_step(self) -> PlannedTraining:
        """Take one step, whose preparation may take many seconds: for a background thread. Returns itself."""
        self.steps = chain([next(self.steps)], self.steps)
        return self


State = Literal["idle", "running", "paused", "finishing"]


class Trainer:
    """One training at a time, in the engine's thread.

    Attributes:
        plan: how the next one goes.
        under_way: how the one goes that is under way, or has just ended.
        state: ``finishing`` is the calibration, the closing scores and the writing of the file.
        document: what is or was trained last.
        progress: of its latest step.
        losses, psnrs: over its steps; PSNR in dB of the unfiltered field.
        steps_per_second: lately.
        folder: where trained fields are written.
        unwritten: the fields that are in memory only, because they are large and nobody has asked for their files.
        training_share, drawing_share: of the time, lately, that went into steps and into showing them.
    """

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.plan = self.under_way = TrainingPlan()
        self.state: State = "idle"
        self.document: Document | None = None
        self.progress: Progress | None = None
        self.losses, self.psnrs = Curve(), Curve()
        self.steps_per_second = self.training_share = self.drawing_share = 0.0
        self._engine, self.folder = engine, folder
        self._training: Training | Race | None = None
        self._live = False
        self._own_preset = self.plan.preset
        self._timed = self._unsaved = False
        self._asked = True
        self.unwritten: WeakSet[Document] = WeakSet()

    @property
    def steps_done(self) -> int:
        """Of the training under way or just ended."""
        return self._training.step if self._training else 0

    @property
    def solved(self) -> bool:
        """Whether the field under way, or just ended, is solved for, not trained."""
        return self._training is not None and self._training.solved

    @property
    def words(self) -> str:
        """How far the training under way is, for people; empty where there is none.

        Example: ``training 46 % · 14 s left · 31.2 dB``.
        """
        if self.state == "idle" or self.document is None:
            return ""
        name = self.document.field.facts.name
        if self.state == "finishing":
            return f"finishing {name}: scoring, writing the file"
        if self.solved:
            return f"solving for {name}"
        paused = " paused" if self.state == "paused" else ""
        if self.progress is None:
            return f"training{paused}: preparing the first step"
        return " · ".join([f"training{paused}{self._share_in_words}", *self._figures_in_words(self.progress)])

    @property
    def share_done(self) -> float | None:
        """Of the training under way, None where nobody knows when it will end."""
        if self.progress is None or self.under_way.rule not in ("seconds", "steps"):
            return None
        return self.progress.share_done

    @property
    def seconds_left(self) -> float | None:
        """Of its training time, None while that is unknown."""
        share, progress = self.share_done, self.progress
        return progress.elapsed / share - progress.elapsed if share and progress else None

    @property
    def _share_in_words(self) -> str:
        share = self.share_done
        return "" if share is None else f" {100 * share:.0f} %"

    def _figures_in_words(self, progress: Progress) -> list[str]:
        left, psnr = self.seconds_left, progress.psnr
        figures = [f"{in_words(progress.elapsed)} so far" if left is None else f"{in_words(left)} left"]
        aim = f" of {self.under_way.target_psnr:g}" if self.under_way.rule == "target_psnr" else ""
        return [*figures, f"{psnr:.1f}{aim} dB"] if psnr is not None else figures

    def plan_for(self, signal_type: str) -> TrainingPlan:
        """The plan, with the preset made for such a signal where nobody has chosen another."""
        if self.plan.preset != self._own_preset:
            return self.plan
        return replace(self.plan, preset=default_preset(self.plan.kind, signal_type))

    def plan_of_kind(self, kind: str, signal_type: str) -> TrainingPlan:
        """The plan for another kind of field, with the preset made for it and such a signal."""
        changes = self.plan.changes if kind == self.plan.kind else ""
        return replace(self.plan, kind=kind, preset=default_preset(kind, signal_type), changes=changes)

    def start(self, signal: Dataset, source: str) -> Document:
        """Train a new field on ``signal`` after the plan, in the background.

        Returns:
            the document of the new field, whose file is written when the training ends.

        Raises:
            InputError: there is no such preset, or the training before could not be written and still cannot.
        """
        self.make_room()
        return self.begin(self.planned(signal, source))

    @property
    def is_free(self) -> bool:
        """Whether a training can begin: none is under way, or one that makes room."""
        return self.state == "idle" or self._live

    def make_room(self) -> None:
        """See that a training can begin. Raises InputError as ``start``."""
        if not self.is_free:
            raise InputError("a training is under way; stop it first")
        self.keep()

    def planned(
        self, signal: Dataset, source: str, asked: bool = True, kind: str = "", **settings: Any
    ) -> PlannedTraining:
        """A training of a new field after the plan, or of another kind; for any thread, once there is room.

        Raises:
            InputError: there is no such preset, or ``settings`` are not of its recipe.
        """
        plan = self.plan_of_kind(kind, signal.facts.type) if kind else self.plan_for(signal.facts.type)
        steps = plan.steps if plan.rule == "steps" else None
        recipe = preset_recipe(plan.kind, plan.preset, signal.facts, seed=plan.seed, steps=steps)
        recipe = recipe.changed(plan.recipe_changes, signal.facts.type) if plan.changes else recipe
        recipe = replace(recipe, **settings)
        training = Training(build_field(recipe, signal.facts).to(signal.device))
        words = [value if isinstance(value, str) else name for name, value in settings.items()]
        path = self.free_path("-".join([Path(signal.facts.name).stem[:48], plan.kind, *words]))
        document = Document(path, training.field, TrainingFacts(), signal, source)
        # A training whose state cannot be written goes on: it was said at the start, and its end tries again.
        state = _state_path(path)
        steps_taken = fit(training, signal, stop=plan.stop, checkpoint=state, checkpoint_failed=lambda error: None)
        return PlannedTraining(plan, document, training, steps_taken, asked)

    def free_path(self, stem: str) -> Path:
        """Where the next field of that name is written."""
        return _free_path(self.folder, stem, {document.path for document in self.unwritten})

    def begin(self, planned: PlannedTraining) -> Document:
        """Go on with a training in the engine's thread; returns its document. Raises InputError as ``start``."""
        self.make_room()
        self.under_way, self._live = planned.plan, planned.live
        document = planned.document
        if not planned.live and self.plan.kind == planned.plan.kind:
            self.plan = planned.plan
            self._own_preset = default_preset(self.plan.kind, document.field.facts.type)
        self.document, self._training, self.progress = document, planned.training, None
        self.losses, self.psnrs, self.state = Curve(), Curve(), "running"
        self.steps_per_second = self.training_share = self.drawing_share = 0.0
        self._timed, self._unsaved, self._asked = planned.plan.rule == "seconds", not planned.live, planned.asked
        self._engine.train(document, planned.training, planned.steps)
        return document

    def pause(self) -> None:
        """Pause, or go on."""
        if self.state in ("running", "paused"):
            self.state = "paused" if self.state == "running" else "running"
            self._engine.pause(self.state == "paused")

    def stop(self) -> None:
        """Stop after the step under way; what was learned is kept."""
        if self.state in ("running", "paused"):
            self._engine.stop_training()

    def take(self, event: Trained) -> None:
        """Note what the engine says of the training."""
        for step, loss, psnr in event.history:
            self.losses.add(step, loss)
            if psnr is not None and (not self.psnrs.values or self.psnrs.values[-1] != psnr):
                self.psnrs.add(step, psnr)
        for rate in ("steps_per_second", "training_share", "drawing_share"):
            lately, new = getattr(self, rate), getattr(event, rate)
            setattr(self, rate, lately + (new - lately) * (_SMOOTHING if lately else 1.0))
        self.progress = event.progress or self.progress
        if event.ended:
            self.state = "idle" if self._live else "finishing"

    def conclusion(self, stopped_by: str) -> Callable[[], TrainingFacts]:
        """The work that ends a training, for a background thread: calibrate, score, write the file.

        What was learned before a training failed is written as it is.
        """
        training, document, timed = self._training, self.document, self._timed
        assert isinstance(training, Training) and document is not None and document.signal is not None
        signal = document.signal

        def conclude_and_save() -> TrainingFacts:
            if stopped_by == "failed":
                return save_unfinished(training, document.path)
            facts = conclude(training, signal, stopped_by, timed=timed)
            if not self._is_to_be_written:
                return facts
            save_field(document.path, training.field, facts)
            _state_path(document.path).unlink(missing_ok=True)
            return facts

        return conclude_and_save

    def concluded(self, facts: TrainingFacts | None) -> None:
        """Note that the file is written (or could not be, None: then ``keep`` tries again)."""
        if self.document is not None and facts is not None:
            self.document.training = facts
            self.document.version += 1
            self._unsaved = False
            if not self._is_to_be_written:
                self.unwritten.add(self.document)
        self.state = "idle"

    def write(self, document: Document) -> Path:
        """Write the file of a field that has none yet; may be called in any thread. Raises InputError."""
        save_field(document.path, document.field, document.training)
        return document.path

    @property
    def _is_to_be_written(self) -> bool:
        """Whether the field under way, or just ended, gets a file without being asked for one."""
        if self._asked or not self.solved or self.document is None:
            return True
        return bytes_of(self.document) <= MOST_UNASKED_BYTES

    def keep(self) -> Path | None:
        """Write what a training has learned that has no file yet, when no step is taken; returns where, if anything.

        Raises:
            InputError: it cannot be written.
        """
        if not isinstance(self._training, Training) or self.document is None or not self._unsaved:
            return None
        if self._training.step == 0:
            return None
        if not self._is_to_be_written:
            return None
        save_unfinished(self._training, self.document.path)
        self._unsaved = False
        return self.document.path


def bytes_of(document: Document) -> int:
    """How large the file of its field is, about."""
    return sum(tensor.nbytes for tensor in document.field.state_dict().values())


def save_unfinished(training: Training, path: Path) -> TrainingFacts:
    """Write the field of an unfinished training to ``path`` and remove its state."""
    facts = TrainingFacts(steps=training.step, device=training.field.device.type)
    save_field(path, training.field.eval(), facts)
    _state_path(path).unlink(missing_ok=True)
    return facts


def recovered(folder: Path, device: torch.device) -> list[Path]:
    """Make fields of the trainings in ``folder`` that a killed instrument has left behind; returns their files."""
    found = []
    for state in sorted(folder.glob(f"*{_STATE_SUFFIX}")):
        name, _, process = state.name.removesuffix(_STATE_SUFFIX).rpartition(".")
        if not process.isdecimal() or _runs(int(process)):  # without a number it is the command line's
            continue
        try:
            training = Training.load(state, device)
            path = state.with_name(f"{name}.safetensors")
            path = _free_path(folder, name) if path.exists() else path
            save_unfinished(training, path)
            state.unlink(missing_ok=True)
        except (InputError, OSError):
            continue  # damaged: left for a person to look at
        found.append(path)
    return found


def _free_path(folder: Path, stem: str, given: Collection[Path] = ()) -> Path:
    """The first of ``stem.safetensors``, ``stem-2.safetensors``, … that no field or unfinished training has.

    Args:
        folder: of them.
        stem: of their names.
        given: paths of fields that are not written.
    """
    taken = {state.name.removesuffix(_STATE_SUFFIX).rpartition(".")[0] for state in folder.glob(f"*{_STATE_SUFFIX}")}
    stems = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    paths = (folder / f"{name}.safetensors" for name in stems if name not in taken)
    return next(path for path in paths if path not in given and not path.exists())


def _state_path(path: Path) -> Path:
    """Where an unfinished training of this process is kept."""
    return path.with_name(f"{path.stem}.{os.getpid()}{_STATE_SUFFIX}")


def _runs(process: int) -> bool:
    """Whether another process of that number runs; one of our own number has left its state behind before us."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        pass
    return True
