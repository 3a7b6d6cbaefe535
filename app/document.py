"""Documents: what is open, a field with all that is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from fieldcore.checkpoint import TrainingFacts, load_checkpoint
from fieldcore.fields.field import Field
from fieldcore.provenance import matching_data, matching_signal
from fieldcore.signals import Dataset, Signal
from fieldcore.truth import Truth

from .opening import showing_scene


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
        true_signal: what the field is compared with: the signal, or what its data know of the truth; None where that is
            not known.
        truth: the same, smoothed.
    """

    path: Path
    field: Field
    training: TrainingFacts
    signal: Dataset | None = None
    signal_source: str = ""
    version: int = 0
    true_signal: Signal | None = None
    truth: Truth | None = None

    def __post_init__(self) -> None:
        self.attach(self.signal, self.signal_source)

    @property
    def name(self) -> str:
        """The document in two words: its kind and what it shows."""
        return f"{self.field.kind} · {self.field.facts.name}"

    def attach(self, signal: Dataset | None, source: str) -> None:
        """Take what it was trained on, which is the truth where it is a signal, or knows it."""
        self.signal, self.signal_source = signal, source if signal else ""
        self.true_signal = signal.known_truth() if signal else None
        self.truth = self.true_signal.truth() if self.true_signal else None


def open_document(path: Path, device: torch.device, known: Sequence[str]) -> Document:
    """Read a field and find what it was trained on, among ``known`` files and where its scene looks for it.

    Raises:
        InputError: the file cannot be read, or no scene shows its field.
    """
    checkpoint = load_checkpoint(path, device)
    facts = checkpoint.field.facts
    scene = showing_scene(facts.type, kind=checkpoint.field.kind)
    scene.check_field(facts)
    document = Document(path, checkpoint.field, checkpoint.training)
    stem = Path(facts.name).stem
    # Those of the same name first: to try one is to read a whole picture, or a mesh.
    for source in sorted(
        scene.sources(facts, path, known),
        key=lambda source: Path(source.removeprefix("sample:")).stem != stem,
    ):
        signal = matching_data(facts, source)
        if signal is not None:
            document.attach(signal.to(device), source)
            break
    return document


def trained_on(documents: Sequence[Document], source: str, device: torch.device) -> dict[Document, Signal]:
    """Those of the documents whose field was trained on ``source``, with the signal as it was seen."""
    found = {document: matching_signal(document.field.facts, source) for document in documents}
    return {document: signal.to(device) for document, signal in found.items() if signal is not None}
