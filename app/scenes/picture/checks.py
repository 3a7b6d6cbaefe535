"""Which fields are pictures."""

from __future__ import annotations

from fieldcore.errors import InputError
from fieldcore.signals import SignalFacts


def check_is_picture(facts: SignalFacts) -> None:
    """Raise InputError if a picture scene cannot show a field of such a signal."""
    if len(facts.half_extent) != 2 or facts.channels not in (1, 3):
        raise InputError(
            f"field of '{facts.name}': a picture scene shows 2-D fields of 1 or 3 channels, "
            f"got {len(facts.half_extent)}-D of {facts.channels}"
        )
