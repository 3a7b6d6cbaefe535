"""Checkpoints: one self-contained ``.safetensors`` file a field. Nothing is ever unpickled.

The weights are the file's tensors; everything else is one JSON text in its metadata, with sorted keys, so that the
same training by steps gives the same bytes. A file is written beside and renamed: a kill leaves the last good one.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from .devices import choose_device
from .errors import InputError
from .fields import build_field, field_type
from .fields.field import Field
from .fields.old_pyramids import is_old, upgraded
from .fields.weight_shapes import weight_shapes
from .files import written_whole
from .recipe import Recipe
from .signals.signal import SignalFacts
from .validation import dataclass_from_json

SCHEMA_VERSION = 3
_METADATA_KEY = "fieldscope"


@dataclass(frozen=True)
class TrainingFacts:
    """How a field was trained.

    Attributes:
        steps: optimiser steps done.
        seconds: time spent on them where the clock was the stopping rule, else None: a training by steps is
            reproducible to the byte, so nothing of the clock is in its file.
        device: type of the device, such as ``cpu``.
        stopped_by: ``steps``, ``seconds``, ``target``, ``plateau``, ``solved`` (nothing to train), ``hand`` (by a
            person), or ``unfinished`` for a checkpoint on the way.
        psnr: PSNR in dB at the standard variances (as text keys) against the truth, on seeded points.
    """

    steps: int = 0
    seconds: float | None = None
    device: str = "cpu"
    stopped_by: str = "unfinished"
    psnr: dict[str, float] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Checkpoint:
    """A field as it was read from a file, with what the file says about it."""

    field: Field
    training: TrainingFacts


def save_field(path: str | Path, field: Field, training: TrainingFacts | None = None) -> None:
    """Write ``field`` to ``path``, whole or not at all.

    Args:
        path: of the file, which by custom ends in ``.safetensors``.
        field: what to keep: its weights, its recipe and the facts of its signal.
        training: how it was trained, where that is known.

    Raises:
        InputError: the file cannot be written, or could not be read again.

    Example:
        >>> import tempfile
        >>> from fieldcore import Ackley, train
        >>> field = train("spectral", Ackley(), steps=2, width=16, points_per_step=64)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_field(f"{folder}/ackley.safetensors", field)
        ...     load_field(f"{folder}/ackley.safetensors").kind
        'spectral'
    """
    header = {**field_header(field), "training": dataclasses.asdict(training or TrainingFacts())}
    write_tensors(Path(path), dict(field.state_dict()), checked_header(header, f"field '{path}'"))


def load_checkpoint(path: str | Path, device: torch.device | str = "cpu") -> Checkpoint:
    """Read a field with its facts.

    Args:
        path: a file that ``save_field`` wrote.
        device: where to put the weights.

    Raises:
        InputError: no such file, not a Fieldscope file, truncated, of a future version, or inconsistent; or there is
            no such device.

    Example:
        >>> import tempfile
        >>> from fieldcore import Ackley, train
        >>> field = train("spectral", Ackley(), steps=2, width=16, points_per_step=64)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_field(f"{folder}/ackley.safetensors", field, TrainingFacts(steps=2))
        ...     load_checkpoint(f"{folder}/ackley.safetensors").training.steps
        2
    """
    path, device = Path(path), choose_device(device)
    tensors, header = read_tensors(path)
    field = field_from(path, header, tensors)
    training = dataclass_from_json(TrainingFacts, header.get("training"), f"field '{path}': training")
    return Checkpoint(field.to(device).eval(), training)


def load_field(path: str | Path, device: torch.device | str = "cpu") -> Field:
    """Read just the field, in evaluation mode; see ``load_checkpoint``.

    Example:
        >>> load_field("nothing.safetensors")
        Traceback (most recent call last):
        fieldcore.errors.InputError: ...no such file...
    """
    return load_checkpoint(path, device).field


def weights_digest(field: Field) -> str:
    """SHA-256 over names, shapes and bytes of all weights, hexadecimal.

    Example:
        >>> from fieldcore import Ackley, train
        >>> one, other = (train("spectral", Ackley(), steps=1, width=16, seed=seed, device="cpu") for seed in (3, 3))
        >>> weights_digest(one) == weights_digest(other)
        True
    """
    digest = hashlib.sha256()
    for name, tensor in sorted(field.state_dict().items()):
        digest.update(f"{name}{tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def field_header(field: Field) -> dict[str, Any]:
    """What a file says of a field besides its weights: enough to build it again."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": field.kind,
        "recipe": field.recipe.to_dict(),
        "signal": dataclasses.asdict(field.facts),
    }


def checked_header(header: dict[str, Any], what: str) -> dict[str, Any]:
    """The header as its reader will see it, after the reader's own checks: nothing is written that cannot be read.

    Raises:
        InputError: starting with ``what``.
    """
    try:
        read: dict[str, Any] = json.loads(json.dumps(header, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise InputError(f"{what}: its description cannot be kept in a file ({error})") from error
    _described(read, what)
    if "training" in read:
        dataclass_from_json(TrainingFacts, read["training"], f"{what}: training")
    return header


def _described(header: dict[str, Any], what: str) -> tuple[Recipe, SignalFacts]:
    return _recipe(header, what), dataclass_from_json(SignalFacts, header.get("signal"), f"{what}: signal")


def field_from(path: Path, header: dict[str, Any], tensors: dict[str, Tensor]) -> Field:
    """Build the field that ``header`` describes and fill it with ``tensors``, checking that they fit."""
    if is_old(header):
        try:
            header, tensors = upgraded(header, tensors)
        except InputError as error:
            raise InputError(f"field '{path}': {error}") from error
    recipe, facts = _described(header, f"field '{path}'")
    try:
        _check_shapes(recipe, facts, tensors)
        field = build_field(recipe, facts)
        field.load_state_dict(tensors, strict=True)
    except (RuntimeError, MemoryError) as error:
        raise InputError(
            f"'{path}': its weights do not fit its recipe ({' '.join(str(error).split())[:160]}); "
            "the file was edited or damaged, train the field again"
        ) from error
    if not all(bool(torch.isfinite(t).all()) for t in tensors.values() if t.is_floating_point() or t.is_complex()):
        raise InputError(f"'{path}': its weights contain NaN or infinite values; train the field again")
    return field


def _check_shapes(recipe: Recipe, facts: SignalFacts, tensors: dict[str, Tensor]) -> None:
    """Raise RuntimeError unless the tensors fit the recipe, before any memory is taken for a network of its size."""
    for name, shape in (weight_shapes(recipe, facts) or {}).items():
        if name not in tensors:
            raise RuntimeError(f"{name} is missing")
        if tensors[name].shape != shape:
            raise RuntimeError(f"{name}: expected shape {tuple(shape)}, got {tuple(tensors[name].shape)}")


def write_tensors(path: Path, tensors: dict[str, Tensor], header: dict[str, Any]) -> None:
    """Write tensors and a JSON header as one safetensors file, whole or not at all."""
    on_cpu = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    with written_whole(path) as temporary:
        try:
            save_file(on_cpu, temporary, {_METADATA_KEY: json.dumps(header, sort_keys=True)})
        except SafetensorError as error:  # safetensors reports I/O errors, a full disk too, as its own
            number = re.search(r"os error (\d+)", str(error))
            raise OSError(int(number[1]) if number else 0, str(error)) from error


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what ``write_tensors`` wrote. Raises InputError with the reason if it cannot."""
    if not path.is_file():
        raise InputError(f"field '{path}': no such file; train one with 'fieldcore fit'")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:160]
        raise InputError(f"field '{path}': not a safetensors file, or truncated or damaged ({reason})") from error
    if _METADATA_KEY not in metadata:
        raise InputError(f"field '{path}': a safetensors file, but not one that Fieldscope wrote")
    try:
        header = json.loads(metadata[_METADATA_KEY])
        version = header["schema_version"]
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"field '{path}': its description is not readable; the file was edited or damaged") from error
    if not isinstance(version, int) or version < 1:
        raise InputError(f"field '{path}': schema_version: expected a whole number from 1, got {version!r}")
    if version > SCHEMA_VERSION:
        raise InputError(
            f"field '{path}': written by a newer Fieldscope (schema {version}, this one reads up to "
            f"{SCHEMA_VERSION}); update Fieldscope"
        )
    return tensors, header


def _recipe(header: dict[str, Any], what: str) -> Recipe:
    values = header.get("recipe")
    if not isinstance(values, dict) or values.get("kind") != header.get("kind"):
        raise InputError(f"{what}: its recipe is missing or of another kind; the file was edited or damaged")
    try:
        return field_type(str(values["kind"])).recipe_type.from_dict(values)
    except InputError as error:
        raise InputError(f"{what}: {error}") from error
