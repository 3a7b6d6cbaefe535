"""Opening light stages: folders of photos with their lights, and which fields are of them."""

from __future__ import annotations

import math
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

_SHARE = 0.8  # of the memory that is free
_HALF, _DECODED = 2, 4  # bytes of a value


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
    stage = LightStage.open(file, most_values=MOST_VALUES)
    pictures = pictures_that_fit(stage, free_bytes(device))
    if pictures:
        too_many = f"the GPU's memory does not hold all {len(stage.photos)} photos"
        stage.notices = (*stage.notices, f"{too_many}: {pictures} principal pictures stand for them")
    else:
        stage = stage.to(device)
    field = build_field(RelightRecipe(preset="light_stage", pictures=pictures), stage.facts).to(stage.device)
    field.prepare(stage)
    return Document(file, field.to(device), TrainingFacts(stopped_by="solved"), stage, str(file))


def free_bytes(device: torch.device) -> float:
    """What a GPU's memory still takes; a processor's is no matter, as stages are shrunk to ``MOST_VALUES``."""
    return float(torch.cuda.mem_get_info(device)[0]) if device.type == "cuda" else math.inf


def pictures_that_fit(stage: LightStage, free: float) -> int:
    """0 where memory of so many bytes holds all photos and their decoded values, else so many principal pictures."""
    stored = stage.photos.stored
    count, values = len(stored), stored[0].numel()
    if count * values * (stored.element_size() + _DECODED) <= _SHARE * free:
        return 0
    return min(max(2, int(_SHARE * free / (values * (_HALF + _DECODED)))), count - 1)
