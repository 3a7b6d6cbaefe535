"""``fieldcore fit``: train a field on a signal, or go on with a training."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..arguments import option
from ..errors import InputError
from ..files import locked, refuse_overwriting
from ..progress_lines import note
from ..sources import check_source, local_file, source_name
from . import FIT_OPTIONS
from .command_group import CommandGroup
from .common import ComputingOptions, require_above_zero, require_between
from .network_options import NetworkOptions
from .outputs import planned_outputs
from .preset_names import kind_names, preset_sentences

if TYPE_CHECKING:
    import torch

    from ..fitting import Progress
    from ..signals import Signal
    from ..training_log import TrainingLog

_SUFFIX = ".safetensors"
FIELD_GROUP = "field"
_FIELD, _STOP, _GOING_ON, _OUTPUT = (
    FIELD_GROUP,
    "when to stop a training (by default the preset says)",
    "going on",
    "output",
)
_DEFAULT_KIND = "pyramid"
_LIMITS = ("steps", "seconds", "target_psnr", "plateau")
"""Limits of a training, which a field that is solved for never reaches."""

_OF_TRAININGS = ("checkpoint_seconds", "keep_state", "log")
"""What has no effect where nothing is trained."""

_SETTLED = ("kind", "preset", "settings", "seed", "resume")
"""What a field has already that is trained further."""


@dataclass(frozen=True, kw_only=True)
class FitOptions(NetworkOptions, ComputingOptions):
    """What is common to training on every signal; a subclass says how to open its own.

    Example:
        A formula needs no more than ``open``; what is read from files has an argument ``sources`` as well.

        @dataclass(frozen=True, kw_only=True)
        class FitRamp(FitOptions):
            \"""Train a field on a ramp.\"""

            what = "ramp"
            slope: float = option("How steep it is.", default=1.0)

            def open(self, source: str) -> Ramp:
                return Ramp(self.slope)
    """

    what: ClassVar[str] = "signal"
    """A noun for what is trained on; of a formula also its name."""
    settled: ClassVar[tuple[str, ...]] = ()
    """Names of options that ``--continue`` does not take, since the field has them already."""
    folders: ClassVar[bool] = False
    """Whether a source may be a folder."""
    default_kind: ClassVar[str] = _DEFAULT_KIND
    """The kind that is taken where none is given."""

    out: str | None = option(
        "The field's file, ending in .safetensors; of several inputs a folder.",
        default=None,
        metavar="FILE",
        short="o",
        group=_OUTPUT,
        usual="named after the input, in this folder",
    )
    overwrite: bool = option("Replace an existing file.", default=False, group=_OUTPUT)
    kind: str | None = option(
        "Kind of field.", default=None, metavar="KIND", choices=kind_names, group=_FIELD, usual=_DEFAULT_KIND
    )
    preset: str | None = option(
        "Settings by name; if none, those made for the signal.",
        default=None,
        metavar="NAME",
        more=preset_sentences,
        group=_FIELD,
    )
    settings: tuple[str, ...] = option(
        "Change any setting of the recipe, as 'fieldcore info' prints them; may be given several times.",
        default=(),
        flag="--set",
        metavar="NAME=VALUE",
        group=_FIELD,
    )
    seed: int | None = option("Seed of every random number.", default=None, metavar="SEED", group=_FIELD, usual="0")
    steps: int | None = option(
        "Stop after so many steps; the only rule that gives the same bytes on every run.",
        default=None,
        metavar="COUNT",
        group=_STOP,
    )
    seconds: float | None = option("Stop after so much training time.", default=None, metavar="SECONDS", group=_STOP)
    target_psnr: float | None = option(
        "Stop when the unfiltered field reaches this PSNR.", default=None, metavar="DB", group=_STOP
    )
    plateau: int | None = option(
        "Stop after so many steps without a gain of 0.05 dB.", default=None, metavar="STEPS", group=_STOP
    )
    resume: bool = option(
        "Take up a training that was interrupted or killed, with the same options.", default=False, group=_GOING_ON
    )
    continued: str | None = option(
        "Train this field further, by --steps or --seconds; it is written back, or to --out.",
        default=None,
        flag="--continue",
        metavar="FIELD",
        group=_GOING_ON,
    )
    log: str | None = option(
        "Write the training's course to this folder: curve.csv, and events where tensorboardX is installed.",
        default=None,
        metavar="FOLDER",
        group=_OUTPUT,
    )
    keep_state: bool = option(
        "Keep the training's state beside the field, so that --continue finds the optimiser as it was.",
        default=False,
        group=_GOING_ON,
    )
    checkpoint_seconds: float | None = option(
        "Training time between two writes of the state that --resume needs.",
        default=None,
        metavar="SECONDS",
        group=_GOING_ON,
        usual="10",
    )

    def __post_init__(self) -> None:
        require_above_zero(self, "steps", "seconds", "target_psnr", "plateau", "checkpoint_seconds")
        self.network_changes()
        require_between("--seed", self.seed, 0, 2**31 - 1)
        if self.resume and self.overwrite:
            raise InputError("give --resume to go on with a training or --overwrite to begin anew, not both")
        if self.continued is not None:
            self._check_continued()

    def _check_continued(self) -> None:
        options = {one.name: one for one in dataclasses.fields(self)}
        for name in (*_SETTLED, *self.settled, *self.flags()):
            if getattr(self, name) != options[name].default:
                flag = options[name].metadata["option"].flag or f"--{name.replace('_', '-')}"
                raise InputError(f"{flag}: has no effect with --continue, whose field says it already; leave it out")
        if self.steps is None and self.seconds is None:
            raise InputError("--continue: add --steps or --seconds, how much longer to train")

    def inputs(self) -> tuple[str, ...]:
        """What to train on, as given, a field each; a formula is its own."""
        sources: tuple[str, ...] = getattr(self, "sources", (self.what,))
        return sources

    def recipe_changes(self) -> dict[str, Any]:
        """What was given, as settings of the recipe."""
        return self.network_changes()

    def check_inputs(self) -> None:
        """Raise InputError, before anything heavy is imported, if what is to be opened cannot be read."""
        for source in getattr(self, "sources", ()):
            check_source(self.what, source, folders=self.folders)

    def open(self, source: str) -> Signal:
        """The signal at ``source``, one of ``inputs``."""
        raise NotImplementedError

    def run(self) -> None:
        """Check everything that can be known, then train a field on each input."""
        inputs = self.inputs()
        if self.continued is not None and len(inputs) > 1:
            raise InputError("--continue: expected one input, the one that the field was trained on")
        outs = [Path(self.continued)] if self.continued is not None and self.out is None else self._outs(inputs)
        self.check_inputs()
        self._check_kind()
        for source, out in zip(inputs, outs, strict=True):
            self._fit(source, out)

    def _check_kind(self) -> None:
        """Of a kind that is solved for, note limits that it never reaches, and refuse what it never does."""
        from ..fields import field_type

        kind = self.kind or self.default_kind
        self.check_network(kind)
        self._settings(kind)
        if self.continued is not None or not field_type(kind).is_solved_by(self.preset or ""):
            return
        for name in self._given(_OF_TRAININGS):
            raise InputError(
                f"{name}: has no effect on a {kind}, which is solved for in one step; leave it out, or choose another "
                "--kind"
            )
        if limits := self._given(_LIMITS):
            note(f"a {kind} is solved for in one step, well within {' and '.join(limits)}; other kinds are trained")

    def _settings(self, kind: str) -> dict[str, Any]:
        """``--set`` as settings of a kind's recipe. Raises InputError for one that it does not have."""
        from ..fields import field_type
        from ..setting_text import parse_settings

        return parse_settings(field_type(kind).recipe_type, self.settings, "--set") if self.settings else {}

    def _given(self, names: tuple[str, ...]) -> list[str]:
        """The flags of those options that were given."""
        usual = {one.name: one.default for one in dataclasses.fields(self)}
        return [f"--{name.replace('_', '-')}" for name in names if getattr(self, name) != usual[name]]

    def _outs(self, inputs: tuple[str, ...]) -> list[Path]:
        outs = planned_outputs(self.out, inputs, lambda source: f"{source_name(source)}{_SUFFIX}")
        for out in outs:
            if out.suffix != _SUFFIX:
                raise InputError(f"--out '{out}': a field's file ends in {_SUFFIX}")
            refuse_overwriting(out, self.overwrite or self.resume or self.continued == str(out))
        return outs

    def _fit(self, source: str, out: Path) -> None:
        from ..devices import choose_device

        device = choose_device(self.device)
        with locked(out), self._opened(source, device) as signal:
            self._train(signal, out)

    @contextmanager
    def _opened(self, source: str, device: torch.device) -> Iterator[Signal]:
        """The signal; with ``--continue`` as the field saw it."""
        from ..provenance import data_as_seen
        from ..training_run import facts_of

        if not hasattr(self, "sources"):
            yield self.open(source).to(device)
            return
        with local_file(self.what, source, folders=self.folders) as path:
            signal = self.open(str(path)) if self.continued is None else data_as_seen(facts_of(self.continued), path)
            yield signal.to(device)  # type: ignore[misc]

    def _logging(self, out: Path) -> AbstractContextManager[TrainingLog | None]:
        """What notes the training of a field, where that is asked for; of several each has a folder of its own."""
        from ..training_log import TrainingLog

        if self.log is None:
            return nullcontext()
        folder = Path(self.log) if len(self.inputs()) == 1 else Path(self.log) / out.stem
        goes_on = self.resume or self.continued is not None
        return TrainingLog(folder, resume=goes_on, overwrite=self.overwrite)

    def _train(self, signal: Signal, out: Path) -> None:
        from ..fields import default_preset, field_type, preset_recipe
        from ..fitting import Stop
        from ..training_line import TrainingLine
        from ..training_run import TrainingRun

        kind = self.kind or self.default_kind
        preset = self.preset or default_preset(kind, signal.facts.type)
        steps = None if field_type(kind).is_solved_by(preset) else self.steps
        recipe = preset_recipe(kind, preset, signal.facts, seed=self.seed or 0, steps=steps)
        if changes := {**self.recipe_changes(), **self._settings(kind)}:
            recipe = recipe.changed(changes, signal.facts.type)
        note(*recipe.remarks(signal.facts))
        stop = Stop(self.steps, self.seconds, self.target_psnr, self.plateau)
        run = TrainingRun(
            signal,
            recipe,
            stop,
            out,
            resume=self.resume,
            overwrite=self.overwrite,
            checkpoint_seconds=self.checkpoint_seconds,
            continued=Path(self.continued) if self.continued is not None else None,
            keep_state=self.keep_state,
        )
        with TrainingLine() as line, self._logging(out) as log:

            def report(progress: Progress) -> None:
                line.show(progress)
                if log is not None:
                    log.show(progress)

            field, training = run.run(report)
            if log is not None:
                log.finish(field, signal)
        note(*field.notices)
        made = {"kind": field.kind, "preset": field.recipe.preset, "parameters": field.parameter_count}
        self.print_result({"out": str(out), **made, **dataclasses.asdict(training), **line.summary()})


def _members() -> Mapping[str, Any]:
    """The options by type of signal: those that are known by address, and those of signals that were registered.

    Whoever registered one has imported the registry; it takes a second, so it is not imported to look.
    """
    members: dict[str, Any] = {name: FIT_OPTIONS[name] for name in FIT_OPTIONS}
    registered: Mapping[str, Any] = getattr(sys.modules.get("fieldcore.signals"), "SIGNALS", {})
    for name in registered:
        if name not in members and registered[name].options is not None:
            members[name] = registered[name].options
    return members


FIT = CommandGroup(
    about="Train a field and write it to a file.",
    members=_members,
    what="signal",
    examples=(
        "fieldcore fit picture photo.jpg",
        "fieldcore fit picture *.jpg --out fields/ --kind spectral --seconds 60",
        "fieldcore fit picture photo.jpg --kind coordinate --activation finer",
        "fieldcore fit shape statue.ply --out statue.safetensors",
        "fieldcore fit texture fish.glb --kind trained_pyramid --seconds 30",
        "fieldcore fit video clip.mp4 --frames 0:300",
        "fieldcore fit light-stage stage/ --exposure 3",
    ),
)
