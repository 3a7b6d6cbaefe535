"""Layers: the pictures a frame is made of, evaluated where the frame sees them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fieldcore.errors import InputError
from fieldcore.evaluation import Grid, TileSize, evaluate_progressively
from fieldcore.fields.field import Field
from fieldcore.filters import Filter, Gaussian
from fieldcore.signals import SignalFacts
from fieldcore.truth import Truth

from ..frame_size import Size
from ..work.delivery import DELIVERIES, HostValues, Values, Way
from .controls import PlaneControls
from .view import View, filter_seen, samples_across, sliced

LayerName = str
"""An output that is evaluated: all but the error; and what a scene shows beside these."""

_TRUTH_CELLS = 1 << 15  # at once, of a truth that is asked for a filter a cell: a newer request waits for so many
_MOST_CELLS = 1 << 24  # of a layer: a frame of more is shown at a lower resolution, in bounded memory


@dataclass(frozen=True)
class Layer:
    """Values on a part of the domain.

    Attributes:
        values: (height, width, channels), as the signal stores them; still on the GPU where so delivered.
        grid: the cells they belong to.
        facts: of the signal, which say how values are shown.
        label: a word or two for people.
        shown_range: values that are shown black and white, where these are not those of the signal.
        refusal: why there are no values, where the field cannot be filtered so.
    """

    values: Values
    grid: Grid
    facts: SignalFacts
    label: str = ""
    shown_range: tuple[float, float] | None = None
    refusal: str = ""


Layers = dict[LayerName, Layer]


@dataclass(frozen=True)
class Sources:
    """What layers are evaluated from; those that are missing cannot be shown.

    Attributes:
        field, truth, other: where the layers of these names come from.
        version: of the field's weights, where they may change.
    """

    field: Field
    truth: Truth | None = None
    other: Field | None = None
    version: int = 0


def evaluate_layers(
    controls: PlaneControls,
    sources: Sources,
    framebuffer_px: Size,
    *,
    names: Sequence[LayerName] = (),
    factors: Sequence[int] = (1,),
    should_stop: Callable[[], bool] = lambda: False,
    tile_size: TileSize | None = None,
    way: Way = "pinned",
) -> Iterator[Stage]:
    """Yield the layers of a frame, coarse ones first.

    Args:
        names: of the layers, in place of those that the controls need.
        factors: how many times coarser than the frame, one after the other. The last ones are left out where the
            frame has more pixels than memory is meant to hold.
        should_stop: ends the work between two tiles.
        way: how values leave a GPU; only ``interop`` leaves them there.

    Raises:
        InputError: a layer has no source, or the field cannot be filtered as the controls ask; of a second field that
            cannot, the layer says so.
    """
    pane_px = controls.pane_size(framebuffer_px)
    cells = pane_px[0] * pane_px[1]
    # The same ones for all layers, which are therefore there together.
    affordable = [factor for factor in factors if cells <= factor**2 * _MOST_CELLS]
    factors = affordable or [math.ceil(math.sqrt(cells / _MOST_CELLS))]
    progressions = [
        _progression(name, controls, sources, pane_px, factors, should_stop, tile_size, way)
        for name in names or controls.needed
    ]
    for parts in zip(*progressions, strict=False):
        layers: Layers = {name: layer for name, layer, _, _ in parts if layer is not None}
        yield Stage(layers, parts[0][2], all(final for _, _, _, final in parts))


def coarse_to_fine(cells: int, first_cells: float, by_halves: bool = False) -> tuple[int, ...]:
    """Factors for a frame of so many cells, the first as fine as ``first_cells`` allow.

    That one is there in a moment; more than one between it and the last would keep the last one waiting. Where that
    takes seconds, it comes ``by_halves``.
    """
    first = next((factor for factor in _FIRST_FACTORS if cells <= factor**2 * first_cells), _FIRST_FACTORS[-1])
    if by_halves:
        return (first, *(factor for factor in (8, 4, 2) if factor < first), 1) if first > 1 else (1,)
    between = (round(math.sqrt(first)),) if first > 6 else ()
    return (first, *between, 1) if first > 1 else (1,)


_FIRST_FACTORS = (1, 2, 3, 4, 6, 8, 12, 16)


@dataclass(frozen=True)
class Stage:
    """A frame's layers at one resolution.

    Attributes:
        layers: only those that are in sight.
        factor: how many times coarser than the frame.
        final: whether no finer one follows.
        spectra: of what panes show, where they are shown; see ``spectra_of``.
    """

    layers: Layers
    factor: int
    final: bool
    spectra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def points(self) -> int:
        """Evaluated for it."""
        return sum(layer.grid.count for layer in self.layers.values())


def check_has_colours(facts: SignalFacts) -> None:
    """Raise InputError if values of such a signal are neither colours nor grey."""
    if facts.channels not in (1, 3):
        raise InputError(f"field of '{facts.name}': expected 1 or 3 channels, got {facts.channels}")


_Part = tuple[LayerName, Layer | None, int, bool]


def _progression(
    name: LayerName,
    controls: PlaneControls,
    sources: Sources,
    pane_px: Size,
    factors: Sequence[int],
    should_stop: Callable[[], bool],
    tile_size: TileSize | None,
    way: Way,
) -> Iterator[_Part]:
    source = controls.source_of(name, sources)
    if source is None:
        raise InputError(missing(name))
    facts = sources.field.facts if name == "truth" else source.facts
    called = controls.truth_label(facts) if name == "truth" else ""
    controls = controls.of_truth(facts) if name == "truth" else controls.seen_in(name)
    view = View.of(controls, facts, pane_px)
    grid = view.visible_grid()
    if grid is None:
        yield from ((name, None, factor, factor == factors[-1]) for factor in factors)
        return
    seen, cut = filter_seen(controls, view), sliced(grid, controls.further(facts))
    shown_range = None if seen is None else controls.shown_range
    across = min(samples_across(view), max(1, math.isqrt(_MOST_CELLS // grid.count)))
    if name == "truth":
        for factor, true_values, label in _truths(source, seen, cut, factors, should_stop, across):
            stage = grid.coarsened(factor)
            layer = Layer(true_values.reshape(*stage.shape, -1), stage, facts, called or label, shown_range)
            yield name, layer, factor, factor == factors[-1]
        return
    if name == "other" and (reason := _refusal(source, seen, cut)):  # beside which the first field is still shown
        cell = Grid((1, 1), grid.lower, grid.upper)
        nothing = Layer(np.zeros((1, 1, facts.channels), np.float32), cell, facts, source.kind, refusal=reason)
        yield from ((name, nothing, factor, factor == factors[-1]) for factor in factors)
        return
    finer, finer_factors = _refined(cut, across), [1 if factor == 1 else factor * across for factor in factors]
    stages = evaluate_progressively(
        source, finer, seen, should_stop=should_stop, factors=finer_factors, tile_size=tile_size
    )
    for factor, (_, values) in zip(factors, stages, strict=False):
        stage = grid.coarsened(factor)
        values = _averaged(values, stage.shape, across if factor == 1 else 1)
        yield (
            name,
            Layer(DELIVERIES[way](values), stage, facts, source.kind, shown_range),
            factor,
            factor == factors[-1],
        )


def _refined(grid: Grid, times: int) -> Grid:
    """The grid with so many cells in place of one along the two axes that are seen."""
    if times == 1:
        return grid
    width, height, *others = grid.resolution
    return Grid((width * times, height * times, *others), grid.lower, grid.upper)


def _averaged(values: Any, shape: tuple[int, ...], times: int) -> Any:
    """Values of a refined grid as means over what was one cell: of the shape of a plane, with channels."""
    if times == 1:
        return values.reshape(*shape, -1)
    height, width = shape
    return values.reshape(height, times, width, times, -1).mean((1, 3))


_Seen = Filter | Callable[[Grid], Filter] | None


def _refusal(field: Field, seen: _Seen, grid: Grid) -> str | None:
    """Why a field cannot be filtered so, anywhere on a grid; None where it can."""
    filter = seen(grid) if callable(seen) else seen
    return None if filter is None else field.refuses(filter)


def _truths(
    truth: Truth, seen: _Seen, grid: Grid, factors: Sequence[int], should_stop: Callable[[], bool], across: int = 1
) -> Iterator[tuple[int, HostValues, str]]:
    """The truth at each coarseness; where the filter differs from point to point, some rows at a time."""
    for factor in factors:
        if should_stop():
            return
        stage = grid.coarsened(factor)
        if not callable(seen):
            times = across if factor == 1 else 1
            values = truth.values(seen or Gaussian(0.0), _refined(stage, times))
            yield factor, _averaged(values, stage.shape[-2:] if times > 1 else stage.shape, times), "truth"
            continue
        rows, parts = max(1, _TRUTH_CELLS // stage.resolution[0]), []
        for start in range(0, stage.resolution[1], rows):
            band = stage.layers(start, min(start + rows, stage.resolution[1]))
            parts.append(truth.values(known_each(truth, seen(band)), band))
            if should_stop():
                return
        yield factor, np.concatenate(parts), "truth"


def known_each(truth: Truth, filters: Filter) -> Filter:
    """Filters that the truth can compute, one for all or one a point.

    Raises:
        InputError: it cannot.
    """
    if filters.per_point is None:
        return filters
    if not truth.knows_each(filters):
        raise InputError(
            "the truth of a filter that differs from point to point is known of pictures, under Gaussians and under "
            "kernels along the axes; choose one, or switch foveation and map off"
        )
    return filters


def missing(name: LayerName) -> str:
    """What is said where there is nothing that an output comes from."""
    return _MISSING.get(name, f"this field has no {name}")


_MISSING: dict[LayerName, str] = {
    "field": "there is no field to show",
    "truth": "the truth is not known: open the picture that the field was trained on",
    "other": "there is no second field to show: open one",
    "normals": "there are no normals: fit the field with --lobes",
}
