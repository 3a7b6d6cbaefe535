"""What tells open fields or models apart: their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any


def document_names(documents: Mapping[str, Any]) -> dict[str, str]:
    """Of all that is open, by its path: what it is, or else its file, whichever tells it from the others."""
    counts = Counter(name for document in documents.values() for name in _names(document))
    return {
        path: next((name for name in _names(document) if counts[name] == 1), path)
        for path, document in documents.items()
    }


def _names(document: Any) -> tuple[str, str]:
    return document.name, document.path.stem
