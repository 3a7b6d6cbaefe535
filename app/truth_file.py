"""The truth that a path names, opened before anything is rendered."""

from __future__ import annotations

from pathlib import Path

from fieldcore.errors import InputError
from fieldcore.files import explained
from fieldcore.progress_lines import note
from fieldcore.provenance import data_as_seen
from fieldcore.signals import Signal, SignalFacts


def open_truth(facts: SignalFacts, source: str | Path, field_file: Path) -> Signal:
    """The signal that a path names as the truth of a field, as the field saw it; what there is to know of it is noted.

    Args:
        facts: of the field.
        source: what the path's entry ``truth`` says.
        field_file: of the field, for messages.

    Raises:
        InputError: it cannot be read, or is not what the field was trained on; the message names both files.
    """
    signal = known_truth(facts, source, field_file)
    if signal is None:
        raise InputError(
            f"truth '{source}': there is no truth of a {facts.type} to compare with; photographs have one where "
            "their folder has a truth.ply"
        )
    note(*getattr(signal, "notices", ()))
    return signal


def known_truth(facts: SignalFacts, source: str | Path, field_file: Path) -> Signal | None:
    """As ``open_truth``, but None where what a field was trained on knows of no truth."""
    try:
        data = data_as_seen(facts, source)
    except InputError as error:
        raise InputError(f"truth: {error}") from error
    except OSError as error:
        raise InputError(f"truth '{source}': {explained(error)}") from error
    if data.facts.digest != facts.digest:
        raise InputError(
            f"truth: the field '{field_file}' was trained on '{facts.name}', and '{source}' is another one"
            f"{_sizes(data.facts, facts)}; name the file it was trained on"
        )
    return data.known_truth()


def _sizes(got: SignalFacts, expected: SignalFacts) -> str:
    if got.resolution == expected.resolution:
        return ""
    named = (" x ".join(map(str, facts.resolution)) or "no samples" for facts in (got, expected))
    return ", of {} instead of {}".format(*named)
