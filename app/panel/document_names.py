"""Names for open fields."""

from __future__ import annotations

from collections import Counter

from ..document import Document
from ..session import Session


def document_names(session: Session) -> dict[str, str]:
    """Of every open field, by its path: what it is, or else its file, whichever tells it from the others."""
    counts = Counter(name for document in session.documents.values() for name in _names(document))
    return {
        path: next((name for name in _names(document) if counts[name] == 1), path)
        for path, document in session.documents.items()
    }


def _names(document: Document) -> tuple[str, str]:
    return document.name, document.path.stem
