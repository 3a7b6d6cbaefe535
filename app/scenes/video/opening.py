"""Opening clips: films, animated pictures and folders of frames, and which fields are of videos."""

from __future__ import annotations

from pathlib import Path

import torch

from fieldcore.commands.fit_video import FIELD_BYTES
from fieldcore.errors import InputError
from fieldcore.signals import SignalFacts
from fieldcore.signals.video import Video

from ...document import Document, open_document
from ...opening import is_field
from ...plane.own_document import document_of


def check_is_video(facts: SignalFacts) -> None:
    """Raise InputError if a video scene cannot show a field of such a signal."""
    if not facts.has_time or len(facts.half_extent) != 3 or facts.channels not in (1, 3):
        raise InputError(
            f"field of '{facts.name}': a video scene shows fields over a plane and time of 1 or 3 channels, got a "
            f"{facts.type} in {len(facts.half_extent)}-D of {facts.channels}"
        )


def open_video(file: Path, device: torch.device) -> Document:
    """Read a field of a video, or a clip. Raises InputError if it cannot be read."""
    if is_field(str(file)):
        return open_document(file, device, [])
    clip = Video.open(file, most_bytes=FIELD_BYTES, shrink=True)  # as a field is fitted
    return document_of(file, clip.to(device))
