"""Provenance: finding the signal a field was trained on, of which its file keeps only the facts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .errors import InputError
from .signals import Dataset, Signal, SignalFacts, signal_type


def open_as_seen(facts: SignalFacts, source: str | Path) -> Signal:
    """A signal as a field saw it: a picture in the same size and colour encoding, on the same background.

    Args:
        facts: of the signal the field was trained on.
        source: a picture file, ``sample:NAME``, a model's file or a picture for a texture, a mesh for a shape, or
            ``ackley`` for the Ackley function.

    Raises:
        InputError: the source cannot be read, is of another kind than the field was trained on, or is no function
            that a field could be compared with.

    Example:
        >>> from fieldcore import Ackley
        >>> open_as_seen(Ackley().facts, "ackley").facts.name
        'ackley'
    """
    signal = data_as_seen(facts, source)
    if not isinstance(signal, Signal):
        raise InputError(f"signal '{source}': there is no truth of a {facts.type} to compare a field with")
    return signal


def data_as_seen(facts: SignalFacts, source: str | Path) -> Dataset:
    """As ``open_as_seen``, also of what is no function but data to train on, such as views."""
    return signal_type(facts).open_again(facts, str(source))


def matching_signal(facts: SignalFacts, source: str | Path) -> Signal | None:
    """The signal at ``source`` if it is the very one that a field was trained on, by its digest, else None."""
    data = matching_data(facts, source)
    return data if isinstance(data, Signal) else None


def matching_data(facts: SignalFacts, source: str | Path) -> Dataset | None:
    """As ``matching_signal``, also of what is no function but data to train on, such as views."""
    try:
        data = data_as_seen(facts, source)
    except (InputError, OSError):
        return None
    return data if data.facts.digest == facts.digest else None


def find_signal(facts: SignalFacts, candidates: Sequence[str | Path] = ()) -> Signal | None:
    """The signal that a field was trained on, if it can be found.

    Tries the candidates in turn (files, for a texture those of models, or ``sample:NAME``), then where signals of this
    type may be found without being told: a formula by its name, a picture among the photographs of scikit-image. Those
    that cannot be read are passed over.

    Args:
        facts: what the field's file keeps of its signal.
        candidates: where to look first.

    Example:
        >>> from fieldcore import Ackley
        >>> find_signal(Ackley().facts).facts.type
        'ackley'
    """
    found = (matching_signal(facts, source) for source in (*candidates, *signal_type(facts).sources(facts)))
    return next((signal for signal in found if signal is not None), None)
