"""Surfaces with the appearance of others, made when they are first looked at."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from fieldcore.exclusive import exclusive
from fieldcore.fields.field import Field
from fieldcore.fields.seen_field import SeenField
from fieldcore.fields.surface import Surface


@dataclass(frozen=True)
class Lender:
    """Whose appearance is borrowed.

    Attributes:
        field: a surface.
        name: for people.
        version: of its weights.
    """

    field: SeenField
    name: str
    version: int = 0


def lending_refusal(field: Field, lender: Field) -> str:
    """Why a field cannot be shown with the appearance of another; empty where it can."""
    if not isinstance(field, Surface) or not isinstance(lender, Surface):
        return "an appearance is borrowed by one surface from photographs from another"
    own, theirs = field.geometry.feature_count, lender.geometry.feature_count
    if own != theirs:
        return f"the appearance of '{lender.facts.name}' takes {theirs} features, and this surface has {own}"
    return ""


@dataclass(eq=False)
class Borrowings:
    """Fields with the appearances of others, of each the latest; may be asked in any thread."""

    _known: WeakKeyDictionary[SeenField, tuple[object, Surface]] = field(default_factory=WeakKeyDictionary)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, borrower: SeenField, version: int, lender: Lender) -> Surface:
        """A field with the lender's appearance. Raises InputError where the two do not fit."""
        key = version, lender.version, id(lender.field)
        with self._lock:
            known = self._known.get(borrower)
            if known is None or known[0] != key:
                assert isinstance(borrower, Surface) and isinstance(lender.field, Surface)
                with exclusive(borrower, training=False), exclusive(lender.field, training=False):
                    known = key, borrower.with_appearance(lender.field)
                self._known[borrower] = known
            return known[1]
