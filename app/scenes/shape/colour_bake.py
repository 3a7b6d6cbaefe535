"""Colours of a surface on a grid: everywhere those of the nearest place of the unfiltered surface."""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import torch
from scipy import ndimage

from fieldcore.fields.field import Field

from .bake import Bake, ColourBake
from .baking import bake_grid, baked_tiles

COLOUR_CELLS = 128
"""Along each axis."""

_BAND_CELLS = 1.75
"""How far from the surface colours are asked for: eight cells around any place of it have their own."""

_AT_ONCE = 1 << 15


def bake_colours(field: Field, cells: int = COLOUR_CELLS) -> ColourBake | None:
    """The colours of a field's surface, each as it is seen along the normal; None where it has no surface.

    A filtered surface lies elsewhere, and finds there the colours of the nearest place of the unfiltered one.
    """
    (distances,) = (made for made in baked_tiles(field, (0.0,) * 6, cells) if isinstance(made, Bake))
    near = np.abs(distances.values) < _BAND_CELLS * distances.cell
    if not near.any():
        return None
    points = bake_grid(cells).centres(torch.from_numpy(np.flatnonzero(near)))
    colours = torch.cat([field.colours_at(some) for some in points.float().to(field.device).split(_AT_ONCE)])
    values = np.zeros((*near.shape, 3), np.uint8)
    values[near] = (255 * colours.clamp(0, 1)).round().byte().cpu().numpy()
    nearest = ndimage.distance_transform_edt(~near, return_distances=False, return_indices=True)
    return ColourBake(values[tuple(nearest)])


class FieldColours:
    """The colours of fields that have any, baked for all filters."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Field, _Known] = WeakKeyDictionary()

    def of(self, field: Field, version: int, cells: int = COLOUR_CELLS) -> ColourBake | None:
        """The colours of a field; None where it has none.

        Args:
            field: of a shape.
            version: raised whenever its weights change.
            cells: those that are known are good enough, even of other weights, where they are finer than this.
        """
        if not field.has_colours:
            return None
        cells = min(cells, COLOUR_CELLS)
        known = self._known.get(field)
        if known is None or known.cells < cells or (known.cells == cells and known.version != version):
            known = self._known[field] = _Known(version, cells, bake_colours(field, cells))
        return known.colours

    def latest(self, field: Field) -> ColourBake | None:
        """Those that are known by now."""
        known = self._known.get(field)
        return known and known.colours


class _Known(NamedTuple):
    version: int
    cells: int
    colours: ColourBake | None
