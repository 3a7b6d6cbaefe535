"""The bases of all signals: what a field is trained on, and the truth that judges it."""

from __future__ import annotations

import builtins
import copy
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, get_args

import numpy as np
import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor

from ..borders import Border, folded_axis
from ..errors import InputError
from ..filter_sets import standard_filters
from ..filters import Filter, Gaussian
from ..filters.filter import Numbers
from ..grid import Grid
from ..monitor import Monitor
from ..registry import deferred
from ..sampling import sobol
from ..validation import ADDED_LATER

if TYPE_CHECKING:  # these know signals, so signals import them only when they are asked for
    from ..fields.field import Field
    from ..measures import Measures
    from ..truth import Truth
else:
    Field = Measures = Truth = Any

PADDING = 0.2
"""Fields train this far beyond the signal's own box, so that smoothing near the border stays right."""


@dataclass(frozen=True)
class SignalFacts:
    """What a checkpoint keeps of the signal, so that a field can be shown without its training data.

    Attributes:
        type: ``picture``, ``texture``, ``shape``, ``video``, ``light_stage``, ``views`` or ``ackley``.
        name: file name or formula.
        digest: SHA-256 of the values, hexadecimal.
        half_extent: half the side of the signal's box along each axis, in domain units.
        channels: number of channels.
        resolution: samples along each axis (width, height), or () for a formula; of a light stage its photos' alone.
        source_resolution: the same of the file it came from, before any resizing.
        encoding: ``display`` (sRGB-encoded) or ``linear`` colours, or ``none``.
        background: display-encoded colour that transparent parts were composited on.
        value_range: the lowest and highest value shown, black and white; PSNR is relative to their difference.
        value_scale: stored values times this are source values (HDR pictures are stored with peak 1). A shape's
            lengths are scaled with its distances: a domain unit is ``value_scale`` source units.
        source_center: where the domain's origin lies in a shape's source, in source units; () for other signals.
        layer: of the file that holds several, the one that was asked for by name.
        border: how the signal continues beyond its box, one an axis; () is mirrored along all.
        smooth_axes: the axes that filters smooth along, in rising order, if not all: a filter then has as many
            dimensions as there are of these. () is all axes.
        duration_seconds: of what the last axis shows, where that is time; 0 where it is not.
        first_frame: of a video: number of its first frame in the file that it came from.
        photos: of a light stage: the names of its photos.
        light_directions: of a light stage: x, y and z of each photo's light, one after the other; see lights/chart.py.
        light_disc: of a light stage: u, v and radius of the part of the chart that a field is trained on; () is all.
        photo_numbers: of a light stage: what the files' numbers are, ``srgb`` or ``linear``.
        exposure_stops: of a light stage: by how much it is shown brighter.
        source_axes: of views: the domain's axes in the scene's own coordinates, row by row.
        views: of a scene: the names of its photographs.
        held_out_views: of a scene: which of them were kept for testing.
        longest_side_px: of a scene: pixels of the longest side of its photographs, as they were read.

    Raises:
        InputError: naming the entry that no signal can have.

    Example:
        >>> SignalFacts("wave", name="a wave", digest="", half_extent=(1.0, 0.5), channels=1).borders
        ('mirror', 'mirror')
    """

    type: str
    name: str
    digest: str
    half_extent: tuple[float, ...]
    channels: int
    resolution: tuple[int, ...] = ()
    source_resolution: tuple[int, ...] = ()
    encoding: str = "none"
    background: tuple[float, ...] = ()
    value_range: tuple[float, float] = (0.0, 1.0)
    value_scale: float = 1.0
    border: tuple[Border, ...] = field(default=(), metadata=ADDED_LATER)
    source_center: tuple[float, ...] = field(default=(), metadata=ADDED_LATER)
    smooth_axes: tuple[int, ...] = field(default=(), metadata=ADDED_LATER)
    layer: str = field(default="", metadata=ADDED_LATER)
    duration_seconds: float = field(default=0.0, metadata=ADDED_LATER)
    first_frame: int = field(default=0, metadata=ADDED_LATER)
    photos: tuple[str, ...] = field(default=(), metadata=ADDED_LATER)
    light_directions: tuple[float, ...] = field(default=(), metadata=ADDED_LATER)
    light_disc: tuple[float, ...] = field(default=(), metadata=ADDED_LATER)
    photo_numbers: str = field(default="", metadata=ADDED_LATER)
    exposure_stops: float = field(default=0.0, metadata=ADDED_LATER)
    source_axes: tuple[float, ...] = field(default=(), metadata=ADDED_LATER)
    views: tuple[str, ...] = field(default=(), metadata=ADDED_LATER)
    held_out_views: tuple[str, ...] = field(default=(), metadata=ADDED_LATER)
    longest_side_px: int = field(default=0, metadata=ADDED_LATER)
    masks: str = field(default="", metadata=ADDED_LATER)
    recentred: bool = field(default=False, metadata=ADDED_LATER)

    def __post_init__(self) -> None:
        for entry in fields(self):
            if isinstance(getattr(self, entry.name), list):  # as of whoever writes one by hand
                object.__setattr__(self, entry.name, tuple(getattr(self, entry.name)))
        try:
            expectations = self._expectations()
        except TypeError as error:
            raise InputError(f"facts: expected numbers and tuples of numbers ({error})") from error
        for name, holds in expectations.items():
            if not holds:
                raise InputError(f"{name}: no signal has {getattr(self, name)!r}")

    def _expectations(self) -> dict[str, bool]:
        dim = len(self.half_extent)
        return {
            "half_extent": all(0 < half <= 1 for half in self.half_extent) and 1 <= dim <= 6,
            "channels": 1 <= self.channels <= 64,
            "resolution": all(1 <= n <= 2**20 for n in self.resolution)
            and len(self.resolution) in (0, dim, dim - self._light_axes),
            "encoding": self.encoding in ("display", "linear", "none"),
            "background": all(0 <= value <= 1 for value in self.background),
            "value_range": -math.inf < self.value_range[0] < self.value_range[1] < math.inf,
            "value_scale": 0 < self.value_scale < math.inf,
            "border": len(self.border) in (0, dim) and set(self.border) <= set(get_args(Border)),
            "source_center": len(self.source_center) in (0, dim) and all(map(math.isfinite, self.source_center)),
            "smooth_axes": set(self.smooth_axes) <= set(range(dim))
            and sorted({*self.smooth_axes}) == [*self.smooth_axes],
            "duration_seconds": 0 <= self.duration_seconds < math.inf,
            "first_frame": self.first_frame >= 0,
            "light_directions": len(self.light_directions) == 3 * len(self.photos)
            and (not self.photos or (dim == 4 and len(self.photos) > 2)),
            "light_disc": len(self.light_disc) in (0, 3) and all(map(math.isfinite, self.light_disc)),
            "photo_numbers": self.photo_numbers in ("srgb", "linear") if self.photos else self.photo_numbers == "",
            "exposure_stops": abs(self.exposure_stops) <= 32,
            "held_out_views": set(self.held_out_views) <= set(self.views),
            "longest_side_px": self.longest_side_px >= 0,
            "source_axes": len(self.source_axes) in (0, dim * dim) and all(map(math.isfinite, self.source_axes)),
        }

    @property
    def _light_axes(self) -> int:
        """How many of the last axes are the light's."""
        return 2 if self.photos else 0

    @property
    def has_samples(self) -> bool:
        """Whether it is a lattice of samples along all axes, which a formula is not, nor a light stage in its light."""
        return len(self.resolution) == len(self.half_extent)

    @property
    def has_light(self) -> bool:
        """Whether the last two axes are the light's place in the chart."""
        return bool(self.photos)

    @property
    def borders(self) -> tuple[Border, ...]:
        """``border`` with its default written out: one an axis."""
        default: Border = "mirror"
        return self.border or (default,) * len(self.half_extent)

    @property
    def smoothed_axes(self) -> tuple[int, ...]:
        """``smooth_axes`` with its default written out: all of them."""
        return self.smooth_axes or tuple(range(len(self.half_extent)))

    @property
    def has_time(self) -> bool:
        """Whether the last axis is time."""
        return self.duration_seconds > 0

    def of_smoothed_axes(self, filter: Filter) -> Filter:
        """A Gaussian of all axes as one of the smoothed axes alone; whatever has as many axes as these stays as it is.

        Raises InputError if it smooths along another axis as well.
        """
        count, dim = len(self.smoothed_axes), len(self.half_extent)
        if count == dim or not isinstance(filter, Gaussian) or filter.isotropic or filter.matrix_size != dim:
            return filter
        covariance = filter.covariance(dim)
        for axis in set(range(dim)) - set(self.smoothed_axes):
            if bool(covariance[..., axis, axis].any()):
                over = "its light" if self.has_light else f"its axes {', '.join(map(str, self.smoothed_axes))}"
                raise InputError(
                    f"filter: '{self.name}' is filtered over {over} alone, and this one also over axis {axis}"
                )
        kept = torch.tensor(self.smoothed_axes)
        return Gaussian.unchecked(covariance[..., kept[:, None], kept])

    def embedded(self, filter: Filter) -> Filter:
        """A filter of the smoothed axes as one of all axes, which leaves the others alone."""
        return filter.on_axes(self.smooth_axes, len(self.half_extent)) if self.smooth_axes else filter


AnyDataset = TypeVar("AnyDataset", bound="Dataset")


class Dataset(ABC):
    """What a field is trained on: the base of signals, and of what is no function of coordinates.

    ``fit`` asks for no more than this, and the field's own ``loss`` for what it needs besides.

    Class attributes:
        type: the name of the type, which ``SIGNALS`` knows and a field's file keeps.
        options: the dataclass of ``fieldcore fit TYPE``, for types that are registered at run time; its ``run`` trains.
        calibration_log10_variances: between which variances a field of this type is calibrated.

    Attributes:
        facts: what a field's file keeps.
    """

    type: ClassVar[str]
    options: ClassVar[Any] = None
    calibration_log10_variances: ClassVar[tuple[float, float]] = (-4.0, -1.0)
    facts: SignalFacts
    _device: torch.device = torch.device("cpu")

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return len(self.facts.half_extent)

    @property
    def device(self) -> torch.device:
        """Where the signal answers; of a formula, where it was moved to."""
        return self._device

    def to(self: AnyDataset, device: torch.device | str) -> AnyDataset:
        """The same data, answering on ``device``."""
        moved = copy.copy(self)
        moved._device = torch.device(device)
        return moved

    def known_truth(self) -> Signal | None:
        """What fields of the data are compared with, a function of coordinates; None where none is known."""
        return None

    def prepare(self) -> None:  # noqa: B027 (most signals have nothing to do)
        """Compute what training is going to need, so that its first step takes no longer than the others."""

    @abstractmethod
    def monitor(self, field: Field) -> Callable[[], float]:
        """A function that says how good ``field`` is by now, as a PSNR in dB; ``fit`` asks it every 50 steps.

        It draws nothing from the training's noise.
        """

    @classmethod
    def open_again(cls, facts: SignalFacts, source: str) -> Dataset:
        """The data as a field saw it, from the file or name that it came from; see ``open_as_seen``.

        Raises:
            InputError: it cannot be read, or cannot be opened again at all.
        """
        raise InputError(f"signal '{source}': '{facts.name}', which the field was trained on, is no file to open")

    @classmethod
    def sources(cls, facts: SignalFacts) -> tuple[str, ...]:
        """Where the data may be found without being told; see ``find_signal``."""
        return ()

    @classmethod
    def calibration_points(cls, field: Field, seed: int) -> Float[Tensor, "n d"]:
        """Where a field of this type is calibrated: 64 points spread over the box. See ``calibrate``."""
        return points_in_box(field.facts, CALIBRATION_POINTS, seed)


class Signal(Dataset):
    """A function from a box around the origin to ``channels`` values, answered anywhere.

    The box's longest side is [-1, 1]; see docs/conventions.md. A subclass sets ``type`` and ``facts`` and gives
    ``__call__``; all else has a default that serves any function.

    Class attributes:
        truth_type: what smooths the signal; the default samples it.
        measures: how a field is compared with the truth; see measures.py.
    """

    training_cells: Int[Tensor, "n"] | None = None
    """Of a sampled signal: the cells of its own grid that may be trained on, as flat indices; None is all of them."""
    truth_type: ClassVar[builtins.type[Truth]] = deferred("fieldcore.truth:Truth")
    measures: ClassVar[Measures] = deferred("fieldcore.measures:VALUES")

    @abstractmethod
    def __call__(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n c"]:
        """Values at the points ``x``, in domain units."""

    def at_cells(self, cells: Int[Tensor, "n"]) -> Float[Tensor, "n c"]:
        """Of a sampled signal: values at the centres of cells of its own grid, given as flat indices on its device."""
        own = self.own_samples()
        if own is not None:  # themselves, into which no neighbour comes by rounding
            values = own.flatten(1)[:, cells].T
            return values / 255 if values.dtype == torch.uint8 else values
        half = self.facts.half_extent
        return self(Grid(self.facts.resolution, tuple(-side for side in half), half).centres(cells))

    def known_truth(self) -> Signal | None:
        """See the base: the signal is its own truth."""
        return self

    def truth(self) -> Truth:
        """What judges fields: this signal, smoothed; see truth.py."""
        return self.truth_type(self)

    def standard_filters(self) -> list[Filter]:
        """The filters that scores of such a signal are quoted for."""
        return [*standard_filters()]

    def monitor(self, field: Field) -> Monitor:
        """PSNR of the unfiltered field on fixed points inside the signal's box."""
        x = points_in_box(self.facts, MONITORED_POINTS, seed=0)
        low, high = self.facts.value_range
        return Monitor(field, x.to(field.device), self(x.to(self.device)).to(field.device), high - low)

    def draw(self, noise: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        """Points to train on from ``noise`` in [0, 1): uniform over the padded box, unless a signal knows better."""
        return scaled_axes(2 * noise - 1, [half + PADDING for half in self.facts.half_extent])

    def examples(self, count: int, generator: torch.Generator) -> tuple[Float[Tensor, "n d"], Float[Tensor, "n c"]]:
        """Points to train on, drawn on the generator's device, with the signal's values there."""
        x = self.draw(torch.rand(count, self.dim, generator=generator, device=generator.device))
        return x, self(x)

    def sampled(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n c"]:
        """Values for the many Monte-Carlo samples of a training step: those of ``signal(x)``, or nearly, but quick."""
        return self(x)

    def own_samples(self) -> Shaped[Tensor, "c *shape"] | None:
        """The samples that the signal is linear between, in whole steps of 1/255 where they are bytes.

        None where they are not at hand; ``on_lattice`` then has its values.
        """
        return None

    def on_lattice(self, size: Sequence[int], cell: float, centre: Float[Tensor, "d"]) -> Float[Tensor, "c *shape"]:
        """Values at the vertices of a lattice, on the device of its ``centre``.

        Args:
            size: odd numbers of vertices along each axis.
            cell: from one vertex to the next, in domain units.
            centre: the vertex in the middle.
        """
        count = math.prod(size)
        values = torch.empty(self.facts.channels, count, device=centre.device)
        for start in range(0, count, _TILE):
            stop = min(start + _TILE, count)
            values[:, start:stop] = self(lattice_points(start, stop, size, cell, centre)).T
        return values.unflatten(1, tuple(reversed(size)))


MONITORED_POINTS = 4096
CALIBRATION_POINTS = 64

_TILE = 1 << 18
"""Vertices that a signal is asked for at once."""


def as_points(x: Numbers, dim: int | None = None, device: torch.device | None = None) -> Float[Tensor, "n d"]:
    """What a caller hands over as points, as a tensor of floating-point numbers.

    Args:
        x: a tensor, an array or nested lists of n points with ``dim`` coordinates each.
        dim: number of coordinates, where it is known.
        device: where they are wanted; None is where they are.

    Raises:
        InputError: another shape, or no numbers.

    Example:
        >>> as_points([[0, 1], [2, 3]], 2).dtype
        torch.float32
    """
    if not isinstance(x, Tensor):
        try:
            x = torch.from_numpy(np.asarray(x, dtype=np.float32))
        except (TypeError, ValueError) as error:
            raise InputError(f"points: expected numbers of shape (n, {dim or 'd'}), got {type(x).__name__}") from error
    if x.ndim != 2 or x.shape[1] != (dim or x.shape[1]):
        raise InputError(f"points: expected shape (n, {dim or 'd'}), got {tuple(x.shape)}")
    return (x if x.is_floating_point() else x.float()).to(x.device if device is None else device)


def check_fits(of_field: SignalFacts, of_signal: SignalFacts) -> None:
    """Raise InputError unless a signal's box, channels and smoothed axes are those that a field was made for."""
    for what in ("half_extent", "channels", "smooth_axes"):
        expected, got = getattr(of_field, what), getattr(of_signal, what)
        if expected != got:
            raise InputError(
                f"signal '{of_signal.name}': its {what.replace('_', ' ')} is {got}, "
                f"but the field was made for '{of_field.name}' with {expected}"
            )


def same_signal(one: SignalFacts, other: SignalFacts) -> bool:
    """Whether two signals are the same function: the same values on the same box, whatever they were made from.

    Example:
        >>> from dataclasses import replace
        >>> facts = SignalFacts("wave", name="a wave", digest="5eed", half_extent=(1.0,), channels=1)
        >>> same_signal(facts, replace(facts, name="renamed"))
        True
    """
    return differing_fact(one, other) is None


def differing_fact(one: SignalFacts, other: SignalFacts) -> str | None:
    """The name of the first fact by which two signals are different functions; None if they are the same."""
    return next((name for name in _DECISIVE if getattr(one, name) != getattr(other, name)), None)


_DECISIVE = (
    *("type", "digest", "half_extent", "channels", "resolution", "encoding"),
    *("value_range", "value_scale", "border", "smooth_axes"),
)
"""Facts that make a signal the same; a file that was renamed or copied holds the same picture."""


def points_in_box(facts: SignalFacts, count: int, seed: int) -> Float[Tensor, "n d"]:
    """Sobol points spread over a signal's box, in domain units."""
    return ((2 * sobol(count, len(facts.half_extent), seed) - 1) * torch.tensor(facts.half_extent)).float()


def lattice_points(
    start: int, stop: int, size: Sequence[int], cell: float, centre: Float[Tensor, "d"]
) -> Float[Tensor, "n d"]:
    """The vertices ``start`` up to ``stop`` of a flattened lattice around a centre; axis 0 varies fastest."""
    index = torch.arange(start, stop, device=centre.device)
    columns = []
    for axis, n in enumerate(size):
        columns.append((index % n - (n - 1) // 2) * cell + centre[axis])
        index = index // n
    return torch.stack(columns, -1)


def folded(x: Float[Tensor, "n d"], facts: SignalFacts) -> Float[Tensor, "n d"]:
    """``x`` folded back into the box of a sampled signal as its borders continue it; a formula has no border."""
    if not facts.resolution:
        return x
    axes = zip(x.unbind(-1), facts.half_extent, facts.borders, strict=True)
    return torch.stack([folded_axis(column, half, border) for column, half, border in axes], -1)


def mirrored(x: Float[Tensor, "n d"], half_extent: Sequence[float]) -> Float[Tensor, "n d"]:
    """``x`` folded back into the box of that half extent, as if its sides were mirrors."""
    axes = zip(x.unbind(-1), half_extent, strict=True)
    return torch.stack([folded_axis(column, half, "mirror") for column, half in axes], -1)


def scaled_axes(x: Float[Tensor, "n d"], factors: Sequence[float]) -> Float[Tensor, "n d"]:
    """``x`` times one factor an axis, which no copy from host to device makes a GPU's queue wait for."""
    return torch.stack([x[:, axis] * factor for axis, factor in enumerate(factors)], -1)
