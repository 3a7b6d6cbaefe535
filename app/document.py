"""Documents: what is open, a field with all that is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from fieldcore.checkpoint import TrainingFacts, load_checkpoint
from fieldcore.errors import InputError
from fieldcore.fields.field import Field
from fieldcore.models import MODEL_SUFFIXES
from fieldcore.provenance import matching_signal
from fieldcore.signals import Picture, Signal, SignalFacts, signal_type
from fieldcore.truth import Truth

from .scenes.picture.checks import check_is_picture


@dataclass(eq=False)
class Document:
    """An open field.

    Attributes:
        path: its file, which for a field that is still in training need not exist yet; also its name in controls.
        field: the network.
        training: how it was trained.
        signal: what it was trained on, where that could be found.
        signal_source: where that was found, a file or ``sample:NAME``; empty where it was not.
        version: raised whenever the weights change.
        truth: the signal, smoothed; None where there is no signal.
    """

    path: Path
    field: Field
    training: TrainingFacts
    signal: Signal | None = None
    signal_source: str = ""
    version: int = 0
    truth: Truth | None = None

    def __post_init__(self) -> None:
        self.attach(self.signal, self.signal_source)

    @property
    def name(self) -> str:
        """The document in two words: its kind and what it shows."""
        return f"{self.field.kind} · {self.field.facts.name}"

    def attach(self, signal: Signal | None, source: str) -> None:
        """Take ``signal`` as the truth."""
        self.signal, self.signal_source = signal, source if signal else ""
        self.truth = signal.truth() if signal else None


def open_document(path: Path, device: torch.device, known: Sequence[str]) -> Document:
    """Read a field and find what it was trained on, among ``known`` pictures and meshes and scikit-image's samples.

    Raises:
        InputError: the file cannot be read, or its field is neither a picture nor a shape.
    """
    checkpoint = load_checkpoint(path, device)
    facts = checkpoint.field.facts
    if facts.type != "shape" and not facts.has_time:
        check_is_picture(facts)
    document = Document(path, checkpoint.field, checkpoint.training)
    stem = Path(facts.name).stem
    # Those of the same name first: to try one is to read a whole picture, or a mesh.
    for source in sorted(
        _candidates(path, facts, known),
        key=lambda source: Path(source.removeprefix("sample:")).stem != stem,
    ):
        signal = matching_signal(facts, source)
        if signal is not None:
            document.attach(signal.to(device), source)
            break
    return document


def _candidates(path: Path, facts: SignalFacts, known: Sequence[str]) -> list[str]:
    """Where what the field in a file was trained on may be; a mesh's copy often lies beside it."""
    if facts.type == "shape":
        beside = path.parent / Path(facts.name).name
        meshes = [source for source in known if Path(source).suffix.lower() in MODEL_SUFFIXES]
        return [*meshes, str(beside)] if beside.is_file() else meshes
    return [*known, *signal_type(facts).sources(facts)]


def trained_on(documents: Sequence[Document], source: str, device: torch.device) -> dict[Document, Signal]:
    """Those of the documents whose field was trained on the picture ``source``, with the picture as it was seen."""
    found = {document: matching_signal(document.field.facts, source) for document in documents}
    return {document: signal.to(device) for document, signal in found.items() if signal is not None}


def open_picture(source: str, device: torch.device) -> Picture:
    """Read a picture to train on, a file or ``sample:NAME``. Raises InputError if it cannot be shown."""
    picture = Picture.open(source)
    check_is_picture(picture.facts)
    return picture.to(device)


def any_is_shape(fields: Sequence[Path]) -> bool:
    """Whether one of these fields is of a shape; those that cannot be read are none."""
    for file in fields:
        try:
            if load_checkpoint(file).field.facts.type == "shape":
                return True
        except (InputError, OSError):
            continue
    return False
