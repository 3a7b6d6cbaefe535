"""Names of networks as they are written, checked before anything heavy is imported."""

from __future__ import annotations

from ..errors import InputError
from ..fields.networks import NETWORKS


def check_names(text: str) -> None:
    """Raise InputError, before anything heavy is imported, for a network that does not exist."""
    for word in text.split(","):
        name = word.split(":")[0]
        if word and text not in ("all", "publication") and name not in NETWORKS:
            raise InputError(f"--networks: expected all, publication, or some of {', '.join(NETWORKS)}, got '{name}'")
