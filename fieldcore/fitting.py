"""Training: a generator that does one optimiser step each time it is asked for the next progress.

    for progress in fit(field, signal, stop=Stop(seconds=15)):
        print(progress.step, progress.loss)

Pausing is not asking for the next step; stopping is leaving the loop. Between two steps the field is in evaluation
mode, so it may be shown at any time. ``train`` (training.py) is the same in one call.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from numbers import Real
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from .calibration import calibrate
from .checkpoint import checked_header, field_from, field_header, read_tensors, write_tensors
from .devices import choose_device, full_precision
from .errors import InputError
from .exclusive import exclusive
from .fields.field import Field
from .signals.signal import Dataset, check_fits

MONITOR_EVERY_STEPS = 50
_STEPS_AHEAD = 8  # how far the CUDA queue may run ahead of the losses read back
_PLATEAU_GAIN_DB = 0.05


@dataclass(frozen=True)
class Stop:
    """When to stop: at whichever of these comes first. With none, after the recipe's steps.

    Attributes:
        steps: optimiser steps.
        seconds: training time, pauses and checkpoints not counted.
        target_psnr: PSNR in dB of the unfiltered field on fixed points.
        plateau: steps without a gain of at least 0.05 dB in that PSNR.

    Raises:
        InputError: one of them is not above 0.

    Example:
        >>> Stop(seconds=15.0, target_psnr=40.0).seconds
        15.0
    """

    steps: int | None = None
    seconds: float | None = None
    target_psnr: float | None = None
    plateau: int | None = None

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            is_number = isinstance(value, Real) and not isinstance(value, bool)
            if value is not None and not (is_number and 0 < value < float("inf")):
                raise InputError(f"{name.replace('_', '-')}: expected a number above 0, got {value}")


@dataclass(frozen=True)
class Progress:
    """The state of a training after a step.

    Attributes:
        step: steps done so far.
        loss: of a recent step (of this one on the CPU; on CUDA up to eight steps ago, so that nothing waits).
        learning_rate: of this step.
        points_per_second: training points drawn in this call of ``fit``, over its training time.
        elapsed: training time in seconds, earlier runs that were resumed included.
        psnr: in dB, of the unfiltered field on fixed points, when last measured; None before that.
        share_done: of the schedule, in [0, 1].
        stopped_by: why this is the last step, else None.
    """

    step: int
    loss: float
    learning_rate: float
    points_per_second: float
    elapsed: float
    psnr: float | None
    share_done: float
    stopped_by: str | None


class Training:
    """What changes while a field is trained, and all that is needed to go on exactly where it was left.

    Attributes:
        field, optimizer, generator: the weights, Adam's moments, the source of every random number.
        step, elapsed: steps done and seconds spent on them.
        best_psnr, best_step: for the plateau rule.

    Example:
        >>> from fieldcore import Ackley, build_field, preset_recipe
        >>> field = build_field(preset_recipe("spectral", "preview", Ackley().facts), Ackley().facts)
        >>> Training(field).step
        0
    """

    def __init__(self, field: Field) -> None:
        self.field = field
        self.optimizer = field.optimizer()
        self.generator = torch.Generator(field.device).manual_seed(field.recipe.seed)
        self.step = 0
        self.elapsed = 0.0
        self.best_psnr = -1000.0
        self.best_step = 0
        self._finished_at: int | None = None

    def finish(self, data: Dataset) -> None:
        """What comes after the last step on ``data``, calibration where a kind needs it, unless it was done since."""
        if self._finished_at == self.step:
            return
        with exclusive(self.field, training=False), torch.no_grad():
            self.field.finish(data)
        if self.field.calibrated:
            calibrate(self.field, seed=self.field.recipe.seed)
        self._finished_at = self.step

    @property
    def solved(self) -> bool:
        """Whether nothing is trained: the field has its weights from its preparation."""
        return not any(parameter.requires_grad for parameter in self.field.parameters())

    def save(self, path: str | Path) -> None:
        """Write everything to ``path``, whole or not at all. Raises InputError if it cannot be written."""
        path = Path(path)
        tensors = {f"field.{name}": tensor for name, tensor in self.field.state_dict().items()}
        for index, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{name}": torch.as_tensor(value) for name, value in state.items()}
        tensors["generator"] = self.generator.get_state()
        position = {name: getattr(self, name) for name in ("step", "elapsed", "best_psnr", "best_step")}
        write_tensors(path, tensors, {**field_header(self.field), "position": position})

    @classmethod
    def load(cls, path: str | Path, device: torch.device | str = "cpu") -> Training:
        """Read what ``save`` wrote. Raises InputError if it is damaged, or there is no such device."""
        path, device = Path(path), choose_device(device)
        tensors, header = read_tensors(path)
        weights = {name.removeprefix("field."): t for name, t in tensors.items() if name.startswith("field.")}
        training = cls(field_from(path, header, weights).to(device))
        try:
            training._restore(tensors, header["position"])
        except (KeyError, ValueError, RuntimeError, TypeError) as error:
            raise InputError(f"'{path}': not a training state, or a damaged one; delete it and start again") from error
        return training

    def _restore(self, tensors: dict[str, Tensor], position: dict[str, Any]) -> None:
        states: dict[int, dict[str, Tensor]] = {}
        for name, tensor in tensors.items():
            if name.startswith("optimizer."):
                _, index, entry = name.split(".")
                states.setdefault(int(index), {})[entry] = tensor
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": states})
        self.generator.set_state(tensors["generator"])
        self.step, self.best_step = int(position["step"]), int(position["best_step"])
        self.elapsed, self.best_psnr = float(position["elapsed"]), float(position["best_psnr"])


def fit(
    field: Field | Training,
    data: Dataset,
    *,
    stop: Stop | None = None,
    checkpoint: str | Path | None = None,
    checkpoint_seconds: float = 10.0,
    checkpoint_failed: Callable[[InputError], None] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Iterator[Progress]:
    """Train ``field`` on ``data`` in place, a step at a time.

    Args:
        field: what to train, or a ``Training`` to continue.
        data: the signal, or whatever else the field's ``loss`` draws from, on the field's device.
        stop: when to stop.
        checkpoint: where to keep the training's state while it runs, if anywhere; ``Training.load`` reads it.
        checkpoint_seconds: training time between two such writes.
        checkpoint_failed: told of a write that went wrong, after which the training goes on; without it, that ends it.
        clock: seconds of a clock that never goes back, for the training time.

    On the CPU, the same recipe gives the same weights bit for bit, also if the training was killed and resumed in
    between, as long as the clock is no part of the stopping rule. A field that is solved for takes a single step.

    After every step the field is ready to be evaluated. When the training has come to its end and the generator is
    asked once more, as a ``for`` loop does, a kind that needs it is calibrated. A loop that is left earlier does not.

    Raises:
        InputError: at the first step: the data are not what the field was made for, are on another device, or the
            facts could not be kept in a file.

    Example:
        >>> from fieldcore import Ackley, build_field, preset_recipe
        >>> field = build_field(preset_recipe("spectral", "preview", Ackley().facts), Ackley().facts)
        >>> [progress.step for progress in fit(field, Ackley(), stop=Stop(steps=2))]
        [1, 2]
    """
    training = field if isinstance(field, Training) else Training(field)
    stop = stop or Stop()
    if not isinstance(stop, Stop):
        raise InputError(f"stop: expected a Stop, such as Stop(steps=500), got {stop!r}")
    _check_trainable(training.field, data)
    if not training.solved:
        data.prepare()
    training.field.eval()
    checkpoints = _Checkpoints(training, checkpoint, checkpoint_seconds, checkpoint_failed)
    yield from _steps(training, data, stop, checkpoints, clock)
    training.finish(data)


def _steps(
    training: Training, data: Dataset, stop: Stop, checkpoints: _Checkpoints, clock: Callable[[], float]
) -> Iterator[Progress]:
    field = training.field
    monitor, losses = data.monitor(field), _LossReader(field.device)
    first_step, first_elapsed, psnr = training.step, training.elapsed, None
    _prepare(training, data, clock)
    checkpoints.begin()
    # A new training takes one step at least, however long its preparation took.
    stopped_by = _reason_to_stop(training, stop, None) if training.step else None
    while stopped_by is None:
        started = clock()
        learning_rate = field.scheduled(training.step, _share_done(training, stop))
        loss = losses.newest(_take_step(training, data, learning_rate))
        training.step += 1
        training.elapsed += clock() - started

        if training.step % MONITOR_EVERY_STEPS == 0 or training.solved:
            psnr = monitor()
            if psnr >= training.best_psnr + _PLATEAU_GAIN_DB:
                training.best_psnr, training.best_step = psnr, training.step
        stopped_by = _reason_to_stop(training, stop, psnr)
        checkpoints.advance()
        drawn = (training.step - first_step) * field.points_a_step
        rate = drawn / max(training.elapsed - first_elapsed, 1e-9)
        share_done = 1.0 if stopped_by else _share_done(training, stop)
        yield Progress(training.step, loss, learning_rate, rate, training.elapsed, psnr, share_done, stopped_by)


@dataclass
class _Checkpoints:
    """Keeps a training's state every so often; see ``fit``."""

    training: Training
    file: str | Path | None
    seconds: float
    failed: Callable[[InputError], None] | None
    saved_at: float = 0.0

    def begin(self) -> None:
        self.saved_at = self.training.elapsed

    def advance(self) -> None:
        """Keep it if that is due."""
        if self.file is None or self.training.elapsed - self.saved_at < self.seconds:
            return
        try:
            self.training.save(self.file)
        except InputError as error:
            if self.failed is None:
                raise
            self.failed(error)
        self.saved_at = self.training.elapsed


def _check_trainable(field: Field, data: Dataset) -> None:
    if not isinstance(data, Dataset):
        raise InputError(f"data: expected a signal, got {type(data).__name__}; see FunctionSignal for functions")
    check_fits(field.facts, data.facts)
    if field.device.type != data.device.type:
        raise InputError(
            f"signal '{data.facts.name}': it is on {data.device.type}, but the field on {field.device.type}; "
            "move one of them with .to(...)"
        )
    checked_header(field_header(field), f"signal '{data.facts.name}'")


def _prepare(training: Training, data: Dataset, clock: Callable[[], float]) -> None:
    """What a field does before its first step counts as training time."""
    if training.step > 0:
        return
    started = clock()
    with exclusive(training.field, training=True):
        training.field.prepare(data)
    training.elapsed += clock() - started


def _take_step(training: Training, data: Dataset, learning_rate: float) -> Float[Tensor, ""]:
    for group in training.optimizer.param_groups:
        group["lr"] = group["scale"] * learning_rate
    training.optimizer.zero_grad()
    exactly = training.field.recipe.precision == "float32"  # the gradients' products too
    with exclusive(training.field, training=True), full_precision(exactly):
        loss = training.field.loss(data, training.generator)
        if loss.requires_grad:
            loss.backward()
            training.optimizer.step()
            training.field.after_step()
    return loss.detach()


def _share_done(training: Training, stop: Stop) -> float:
    """Share of the schedule done: by steps, by the clock, or by whichever is further."""
    steps = stop.steps or (None if stop.seconds else training.field.recipe.steps)
    by_steps = training.step / steps if steps else 0.0
    by_clock = training.elapsed / stop.seconds if stop.seconds else 0.0
    return min(1.0, max(by_steps, by_clock))


def _reason_to_stop(training: Training, stop: Stop, psnr: float | None) -> str | None:
    if training.solved:
        return "solved"
    if stop.seconds and training.elapsed >= stop.seconds:
        return "seconds"
    if _share_done(training, stop) >= 1:
        return "steps"
    if stop.target_psnr and psnr is not None and psnr >= stop.target_psnr:
        return "target"
    if stop.plateau and training.step - training.best_step >= stop.plateau:
        return "plateau"
    return None


class _LossReader:
    """Reads losses back without stalling: on CUDA the loss of some steps ago, once the device has long computed it.

    Waiting for that old step also keeps the queue, and so the time between Stop and standstill, short. The first loss
    is waited for, so that there always is one.
    """

    def __init__(self, device: torch.device) -> None:
        self._asynchronous = device.type == "cuda"
        self._pending: deque[tuple[Tensor, torch.cuda.Event]] = deque()
        self._last: float | None = None

    def newest(self, loss: Float[Tensor, ""]) -> float:
        """Hand in this step's loss, get the newest that has arrived."""
        if not self._asynchronous:
            return float(loss)
        event = torch.cuda.Event()
        copy = loss.to("cpu", non_blocking=True)
        event.record()
        self._pending.append((copy, event))
        first = self._last is None
        if first or len(self._pending) > _STEPS_AHEAD:
            copy, event = self._pending[0] if first else self._pending.popleft()
            event.synchronize()
            self._last = float(copy)
        assert self._last is not None
        return self._last
