"""Provenance: finding the signal a field was trained on, of which its file keeps only the facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .errors import InputError
from .models import MODEL_SUFFIXES, load_model, read_texture
from .signals import Ackley, Picture, Shape, Signal, SignalFacts, Texture
from .signals.picture import sample_path


def open_as_seen(facts: SignalFacts, source: str | Path) -> Signal:
    """A signal as a field saw it: a picture in the same size and colour encoding, on the same background.

    Args:
        facts: of the signal the field was trained on.
        source: a picture file, ``sample:NAME``, a model's file or a picture for a texture, a mesh for a shape, or
            ``ackley`` for the Ackley function.

    Raises:
        InputError: the source cannot be read, or is of another kind than the field was trained on.
    """
    if source == "ackley":
        return Ackley()
    if facts.type not in _OPENERS:
        raise InputError(
            f"signal '{source}': the field was trained on {facts.name}, not on a picture; give {facts.type}"
        )
    return _OPENERS[facts.type](facts, source)


def _open_picture(facts: SignalFacts, source: str | Path) -> Signal:
    encoding: Any = facts.encoding
    return Picture.open(source, max_size=max(facts.resolution), encoding=encoding, background=facts.background)


def _open_texture(facts: SignalFacts, source: str | Path) -> Signal:
    """The sheet of a model, or a picture that was given in place of its own."""
    border: Any = facts.border
    size, path = max(facts.resolution), sample_path(str(source))
    if path.suffix.lower() in MODEL_SUFFIXES:
        # An atlas changes nothing where there are texture coordinates, and where there are none the field saw one.
        return Texture.of(load_model(path, atlas=True), size, border)
    return Texture.fitted(read_texture(path), path.name, border, size)


def _open_shape(facts: SignalFacts, source: str | Path) -> Signal:
    return Shape.open(source)


_OPENERS: dict[str, Callable[[SignalFacts, str | Path], Signal]] = {
    "picture": _open_picture,
    "texture": _open_texture,
    "shape": _open_shape,
}


def matching_signal(facts: SignalFacts, source: str | Path) -> Signal | None:
    """The signal at ``source`` if it is the very one that a field was trained on, by its digest, else None."""
    try:
        signal = open_as_seen(facts, source)
    except (InputError, OSError):
        return None
    return signal if signal.facts.digest == facts.digest else None


def find_signal(facts: SignalFacts, candidates: Sequence[str | Path] = ()) -> Signal | None:
    """The signal that a field was trained on, if it can be found.

    Tries the candidates in turn (files, for a texture those of models, or ``sample:NAME``), then the photograph of
    scikit-image that has the signal's name. Those that cannot be read are passed over; a formula needs no candidate.

    Args:
        facts: what the field's file keeps of its signal.
        candidates: where to look first.
    """
    if facts.type == "ackley":
        candidates = ["ackley"]
    found = (matching_signal(facts, source) for source in (*candidates, f"sample:{Path(facts.name).stem}"))
    return next((signal for signal in found if signal is not None), None)
