"""Opening light stages: folders of photos with their lights, and which fields are of them."""

from __future__ import annotations

from pathlib import Path

import torch

from fieldcore.checkpoint import TrainingFacts
from fieldcore.errors import InputError
from fieldcore.fields import build_field
from fieldcore.fields.relight import RelightRecipe
from fieldcore.signals import SignalFacts
from fieldcore.signals.light_stage import LightStage

from ...document import Document, open_document
from ...opening import is_field

MOST_VALUES = 1 << 28
"""Of all photos of a stage that is opened as it is; larger ones are shrunk, which a notice says."""


def check_is_stage(facts: SignalFacts) -> None:
    """Raise InputError if a scene of light stages cannot show a field of such a signal."""
    if not facts.has_light:
        raise InputError(
            f"field of '{facts.name}': a scene of light stages shows fields of light stages, got a {facts.type} in "
            f"{len(facts.half_extent)}-D"
        )


def open_stage(file: Path, device: torch.device) -> Document:
    """Read a field of a light stage, or photos with their lights, of which a field is solved for at once.

    Raises InputError if it cannot be read.
    """
    if is_field(str(file)):
        return open_document(file, device, [])
    stage = LightStage.open(file, most_values=MOST_VALUES).to(device)
    field = build_field(RelightRecipe(preset="light_stage"), stage.facts).to(device)
    field.prepare(stage)
    return Document(file, field, TrainingFacts(stopped_by="solved"), stage, str(file))
