"""How well a field is its signal, smoothed: the signal's own measures against its truth, under many filters."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from .errors import InputError
from .evaluation import evaluate
from .exclusive import exclusive
from .fields.field import Field
from .filter_sets import standard_filters
from .filters import Filter, Gaussian
from .grid import Grid
from .measures import psnr, shown_values, similarity
from .sampling import sobol
from .signals.signal import Dataset, Signal, SignalFacts, check_fits
from .truth import Truth

_TRUTH_EVALUATIONS = 1 << 24  # of a grid, where a truth is sampled: 1024 a cell of a formula's
_TRUTH_SAMPLES = (64, 1024)  # at least and at most

_CLOSING_POINTS = 2048
_LEAST_SIDE = 16  # cells that cropping always leaves, enough for SSIM's window


@dataclass(frozen=True)
class Score:
    """Agreement of a field with the truth under one filter.

    Each measure is an attribute as well: ``score.psnr`` is ``score.measures["psnr"]``.

    Attributes:
        filter: of the axes that the signal is smoothed along.
        measures: by name, as the signal's ``measures`` define them; None where one is undefined.
        standard_error: root mean square of the truth's own standard error, 0 where the truth is exact.
        border_px: cells cropped at both ends of each axis.
    """

    filter: Filter
    measures: Mapping[str, float | None]
    standard_error: float
    border_px: tuple[int, ...]

    def __getattr__(self, name: str) -> Any:
        if name == "measures" or name not in self.measures:  # the former only while it is being unpickled
            raise AttributeError(f"a score has no '{name}'")
        return self.measures[name]


def score(
    field: Field,
    signal: Signal,
    filters: Sequence[Filter] | None = None,
    *,
    samples: int | None = None,
    names: Sequence[str] | None = None,
    resolution: int | None = None,
    crop: Crop = "axes",
    truth: Truth | None = None,
) -> Iterator[Score]:
    """Score ``field`` against ``signal`` under each filter, by the signal's own measures on its own grid.

    What the filter reaches (three standard deviations of a Gaussian) is cropped at every border, though 16 cells are
    always left: what the truth is there depends on how the border is continued.

    Args:
        field: the field to judge.
        signal: the truth; shapes are compared at 128 cells an axis, pictures at their pixels, formulas on about 16
            thousand cells.
        filters: of the axes that the signal is smoothed along; by default the signal's standard filters.
        samples: where a field refuses a filter, filter it by so many samples a cell. By default such a filter is
            left out.
        names: of the signal's measures, those that are wanted; by default all.
        resolution: cells along the longest side, where the signal's own grid is not wanted.
        crop: by what the filter reaches along each axis, or, as the publication does, along all by its longest reach.
        truth: of the signal, where another object than its own answers for it.

    Raises:
        InputError: the signal's shape or channels are not those the field was trained on.

    Example:
        >>> from fieldcore import Ackley, Gaussian, train
        >>> field = train("spectral", Ackley(), steps=2, width=16, points_per_step=64)
        >>> [s.psnr > 0 for s in score(field, Ackley(), [Gaussian(1e-2)])]
        [True]
    """
    check_fits(field.facts, signal.facts)
    truth, measures = truth or signal.truth(), signal.measures
    for filter in signal.standard_filters() if filters is None else filters:
        if samples is None and field.refuses(filter) is not None:
            continue
        whole = (
            measures.grid(signal.facts, filter)
            if resolution is None
            else Grid.covering(signal.facts.half_extent, resolution)
        )
        border = border_px(signal.facts.embedded(CROPS[crop](filter)), whole)
        grid = whole.cropped(border)
        least, most = _TRUTH_SAMPLES
        true, standard_error = truth.estimate(filter, grid, min(most, max(least, _TRUTH_EVALUATIONS // grid.count)))
        values = _values_on(field, grid, filter, samples)
        found = measures.compare(values, true, signal.facts, grid, names or ())
        yield Score(filter, found, standard_error, border)


Crop = Literal["axes", "paper"]
"""What is cropped at the borders; see ``score``."""


def _longest(filter: Filter) -> Filter:
    """The isotropic Gaussian that reaches as far along every axis as a Gaussian does along its longest; else itself."""
    size = filter.matrix_size if isinstance(filter, Gaussian) else None
    if size is None or filter.per_point is not None:
        return filter
    return Gaussian(float(torch.linalg.eigvalsh(filter.second_moment(size).double().cpu())[-1]))


CROPS: Mapping[Crop, Callable[[Filter], Filter]] = {"axes": lambda filter: filter, "paper": _longest}
"""By which filter's reach is cropped, for each way of cropping."""


def _values_on(field: Field, grid: Grid, filter: Filter, samples: int | None) -> Float[np.ndarray, "*shape c"]:
    if samples is None or field.refuses(filter) is None:
        return evaluate(field, grid, filter).cpu().numpy()
    x = grid.points(0, grid.count, field.device)
    with torch.no_grad(), exclusive(field, training=False):
        values = torch.cat([field.sampled(part, filter, samples) for part in x.split(1 << 12)])
    return values.cpu().numpy().reshape(*reversed(grid.resolution), -1)


def agreement(
    values: Float[np.ndarray, "h w c"],
    truth: Float[np.ndarray, "h w c"],
    facts: SignalFacts,
    filter: Filter,
    grid: Grid,
) -> tuple[float, float | None]:
    """PSNR (dB) and SSIM of values against the truth, both of the whole signal under one filter, border cropped.

    What ``score`` says of the two, without what takes long.

    Args:
        facts: of the signal, which say what black and white are.
        filter: what it reaches is cropped at every border (16 pixels are left).
        grid: the cells of ``values`` and ``truth``.

    Returns:
        PSNR relative to the value range, and mean SSIM, which is None below 7 x 7 pixels.
    """
    border = border_px(facts.embedded(filter), grid)
    values, truth = _cropped(values, border), _cropped(truth, border)
    return psnr(values, truth, facts.value_range), similarity(shown_values(values, facts), shown_values(truth, facts))


def psnr_at_points(field: Field, signal: Dataset, count: int = _CLOSING_POINTS, seed: int = 0) -> dict[str, float]:
    """PSNR in dB at the standard variances on seeded points only: quick enough to close every training with.

    The points are cell centres, of a picture those of its pixels, outside the border that ``score`` crops. A variance
    that the field refuses, or refuses at single points, is left out; unfiltered, every field has a PSNR. Of data that
    are no signal it is what their ``monitor`` says.

    Returns:
        by the variance as text, such as ``"0.001"``.

    Example:
        >>> from fieldcore import Ackley, train
        >>> field = train("spectral", Ackley(), steps=2, width=16, points_per_step=64)
        >>> list(psnr_at_points(field, Ackley(), count=64))
        ['0', '0.0001', '0.001', '0.01', '0.1']
    """
    if not isinstance(signal, Signal):
        return {"0": signal.monitor(field)()}
    facts, truth, result = signal.facts, signal.truth(), {}
    grid = signal.measures.closing_grid(facts)
    for filter in standard_filters():
        variance = float(filter.variance)
        refused = field.refuses(filter) is not None
        if refused and variance > 0:
            continue
        cells = _cells_inside(grid, border_px(facts.embedded(filter), grid), count, seed)
        x = grid.centres(cells).to(field.device)
        try:
            with torch.no_grad(), exclusive(field, training=False):
                values = field(x, None if refused else filter.to(field.device)).cpu()
        except InputError:
            if variance == 0:
                raise
            continue
        true = truth.at_cells(filter, grid, cells)
        result[f"{variance:.6g}"] = psnr(values.numpy(), true.numpy(), facts.value_range)
    return result


def border_px(filter: Filter, grid: Grid) -> tuple[int, ...]:
    """Cells within the filter's reach of the borders across each axis, leaving 16 in the middle.

    Example:
        >>> from fieldcore import Gaussian
        >>> border_px(Gaussian(1e-2), Grid.covering((1.0, 0.5), 512))
        (77, 77)
    """
    reach = filter.reach(len(grid.resolution)).double().cpu()
    farthest = (reach.amax(0) if reach.ndim == 2 else reach).tolist()
    border = []
    for width, n, low, high in zip(farthest, grid.resolution, grid.lower, grid.upper, strict=True):
        wanted = math.ceil(width * n / (high - low))
        border.append(min(wanted, max(0, (n - _LEAST_SIDE) // 2)))
    return tuple(border)


def _cells_inside(grid: Grid, border: tuple[int, ...], count: int, seed: int) -> Int[Tensor, "n"]:
    """Seeded cells of a grid, outside its border, as indices into the flattened grid."""
    noise = sobol(count, len(border), seed)
    index, stride = torch.zeros(count, dtype=torch.long), 1
    for axis, (n, cut) in enumerate(zip(grid.resolution, border, strict=True)):
        index += stride * (cut + (noise[:, axis] * (n - 2 * cut)).long())
        stride *= n
    return index


def _cropped(values: np.ndarray, border: tuple[int, ...]) -> np.ndarray:
    height, width = values.shape[:2]
    return values[border[1] : height - border[1], border[0] : width - border[0]]
