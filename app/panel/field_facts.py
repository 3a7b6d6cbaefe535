"""What the panel says of any field."""

from __future__ import annotations

from ..document import Document

FACTS = {
    "kind": "the method, and the settings that it was built by",
    "size": "trained values, and what they take on the disk",
    "trained": "steps, time where the clock ended it, the device, and what ended it",
}
"""What is said of any field, and what that means."""


def facts_of(document: Document) -> dict[str, str]:
    """Kind, size and training of any field, in words."""
    field, training = document.field, document.training
    disk = f", {document.path.stat().st_size / 1e6:.1f} MB" if document.path.is_file() else ", not saved yet"
    seconds = f" in {training.seconds:.3g} s" if training.seconds else ""
    ended = "so far" if training.stopped_by == "unfinished" else f"ended by {training.stopped_by}"
    trained = f"{training.steps} steps{seconds} on {training.device}, {ended}"
    if training.stopped_by == "solved":
        trained = f"solved for{seconds} on {training.device}"
    return {
        "kind": f"{field.kind}, {field.recipe.preset}",
        "size": f"{field.parameter_count / 1e6:.2f} million{disk}",
        "trained": trained if training.steps else "in training",
    }
