"""Training in one call: from a signal to a field that is ready to be filtered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from .devices import choose_device
from .errors import InputError
from .fields import build_field, default_preset, preset_recipe
from .fields.field import Field
from .fitting import Progress, Stop, fit
from .signals import Picture
from .signals.signal import Dataset


def train(
    field: Field | str,
    signal: Dataset | Any,
    stop: Stop | None = None,
    *,
    preset: str | None = None,
    seed: int = 0,
    device: str | torch.device = "auto",
    report: Callable[[Progress], None] | None = None,
    **recipe_changes: Any,
) -> Field:
    """Train a field on a signal, and calibrate it where its kind needs that.

    ``fit`` is the same a step at a time.

    Args:
        field: the name of a kind (see ``KINDS``), of which a field is built, or a field to train in place.
        signal: the truth; an array (h, w) or (h, w, c) is a ``Picture``.
        stop: when to stop; by default after the recipe's steps.
        preset: settings by name; by default the kind's own for such a signal.
        seed: of every random number.
        device: where a new field is trained, such as ``cpu`` or ``cuda:1``; ``auto`` takes CUDA where there is one.
        report: called after every step.
        **recipe_changes: settings of the kind's recipe to change, such as ``steps=500`` or ``width=64``.

    Returns:
        the field, in evaluation mode, ready to be asked, filtered and saved.

    Raises:
        InputError: no such kind, preset or setting; a kind that does not take such a signal; a field that was made for
            another signal, or recipe settings for a field that has its recipe already.

    Example:
        >>> from fieldcore import Ackley, Gaussian
        >>> field = train("spectral", Ackley(), steps=2, width=16, points_per_step=64)
        >>> field([[0.0, 0.0]], Gaussian(1e-2)).shape
        torch.Size([1, 1])
    """
    data = _dataset(signal)
    if isinstance(field, str):
        recipe = preset_recipe(field, preset or default_preset(field, data.facts.type), data.facts, seed=seed)
        recipe = recipe.changed(recipe_changes, data.facts.type)
        field = build_field(recipe, data.facts).to(choose_device(device))
    elif preset is not None or recipe_changes:
        raise InputError(f"field: it has its recipe already; give '{field.kind}' to build another one with settings")
    for progress in fit(field, data.to(field.device), stop=stop):
        if report is not None:
            report(progress)
    return field


def _dataset(signal: Any) -> Dataset:
    if isinstance(signal, np.ndarray):
        return Picture(signal)
    if not isinstance(signal, Dataset):
        advice = "; wrap a function as FunctionSignal(f, half_extent)" if callable(signal) else ""
        raise InputError(f"signal: expected a signal or an array of pixels, got {type(signal).__name__}{advice}")
    return signal
