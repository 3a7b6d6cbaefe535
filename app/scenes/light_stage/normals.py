"""The normals that a field of a light stage was solved with, as a picture beside the lit ones."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from fieldcore.fields.field import Field
from fieldcore.fields.relight import Relight
from fieldcore.signals import Picture
from fieldcore.truth_field import TruthField

_KEPT: WeakKeyDictionary[Field, Field] = WeakKeyDictionary()

NO_NORMALS = "there are no normals: they come with lobes, a basis that N leads to, or fit --lobes"


def normals_of(field: Field) -> Field | None:
    """What shows them: x, y and z from -1 to 1 as red, green and blue; None of a field without lobes."""
    if not isinstance(field, Relight):
        return None
    normals = field.normals
    if normals is None:
        return None
    if field not in _KEPT:
        colours = ((normals.float() + 1) / 2).clamp(0, 1)
        shown = TruthField(Picture(colours.cpu().numpy()))
        shown.kind = "normals"  # type: ignore[misc]
        _KEPT[field] = shown
    return _KEPT[field]
