"""What is shown of a file until a field of it is open: the signal itself, which is its own truth."""

from __future__ import annotations

from pathlib import Path

from fieldcore.checkpoint import TrainingFacts
from fieldcore.signals import Signal
from fieldcore.truth_field import TruthField

from ..document import Document


def document_of(file: Path, signal: Signal) -> Document:
    """What is open where a signal itself is shown, which is its own truth."""
    return Document(file, TruthField(signal), TrainingFacts(), signal, str(file))


def shows_itself(document: Document) -> bool:
    """Whether what is open is no field of a signal but was read as the signal itself."""
    return document.signal_source == str(document.path)
