"""How large a kernel is, and how what it makes is shown: ``--half-size-map``, ``--half-size-frames``, ``--gain``."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..arguments import option
from ..errors import InputError
from ..kernel_names import kernel_of
from .filtering import GROUP, FilteringOptions

if TYPE_CHECKING:
    import numpy as np

    from ..evaluation import Grid
    from ..fields.field import Field
    from ..filters import Filter

_NO_MASS = 1e-6
_USUAL_RANGE = "0.002,0.2"


@dataclass(frozen=True, kw_only=True)
class KernelOptions(FilteringOptions):
    """What is smoothed on pictures and films."""

    half_size_map: str | None = option(
        "A picture of half sizes, another one at every point: black is the least, white the most. Its longer side "
        "spans the picture's. Or linear:X,Y,X,Y,FEATHER or radial:..., from where it is least to where it is most.",
        default=None,
        metavar="PICTURE",
        group=GROUP,
    )
    half_size_range: str | None = option(
        "What black and white of the map stand for, in domain units; between them sizes grow by equal factors. White "
        "may stand for one size an axis, as in 0.002,0.2,0.05; one of 0 is no filter there.",
        default=None,
        metavar="LEAST,MOST[,MOST]",
        group=GROUP,
        usual=_USUAL_RANGE,
    )
    half_size_frames: float | None = option(
        "Half size in frames, along a video's time alone.", default=None, metavar="FRAMES", group=GROUP
    )
    gain: float | None = option(
        "What values are multiplied by; those of kernels of mass 0, such as edges, are shown about mid-grey.",
        default=None,
        metavar="FACTOR",
        group=GROUP,
        usual="1",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        given = [f"--{name.replace('_', '-')}" for name in self._sizes() if getattr(self, name) is not None]
        if len(given) > 1:
            raise InputError(f"give {' or '.join(given)}, not both")
        if self.half_size_map is None and self.half_size_range is not None:
            raise InputError("--half-size-range: has no effect without --half-size-map; add one")
        self._size_range()
        if self.half_size_frames is not None and not 0 <= self.half_size_frames < math.inf:
            raise InputError(f"--half-size-frames: expected a finite number from 0, got {self.half_size_frames}")
        if self.gain is not None:
            if self.kernel is None:
                raise InputError("--gain: has no effect without --kernel; add one")
            if not math.isfinite(self.gain):
                raise InputError(f"--gain: expected a finite number, got {self.gain}")

    def _sizes(self) -> tuple[str, ...]:
        return (*super()._sizes(), "half_size_map", "half_size_frames")

    def _size_range(self) -> tuple[float, list[float]]:
        """The least size, and the most along both axes, or along each."""
        text = self.half_size_range or _USUAL_RANGE
        try:
            least, *mosts = (float(part) for part in text.split(","))
        except ValueError:
            mosts = []
        if len(mosts) not in (1, 2):
            raise InputError(
                f"--half-size-range: expected two numbers such as {_USUAL_RANGE}, or a third for the other axis, "
                f"got '{text}'"
            )
        off = [0.0] if len(mosts) == 2 and any(mosts) else []
        if not all(most in off or 0 < least <= most < math.inf for most in mosts):
            raise InputError(f"--half-size-range: expected numbers above 0, the least first, got '{text}'")
        return least, mosts

    def check_field(self, source: str, field: Field) -> None:
        """Refuse filters that are not understood and sizes that a field's signal does not have, before the work."""
        if self.half_size_frames is not None and not field.facts.has_time:
            raise InputError(f"--half-size-frames: '{source}' is of a {field.facts.type}, which has no time")
        if self.half_size_map is not None and field.dim != 2:
            raise InputError(
                f"--half-size-map: '{source}' is of a {field.facts.type} in {field.dim}-D; a map has two axes"
            )
        if self.half_size_map is None:
            self.filter_on(field, None)

    def filter_on(self, field: Field, grid: Grid | None) -> Filter | None:
        """The filter for a grid, with a map another one at each cell; None for none.

        Raises:
            InputError: it is not understood, or the map is another one than the picture's.
        """
        if self.kernel is not None and self.half_size_frames is not None:
            along_time = 2 * self.half_size_frames / field.facts.resolution[-1]
            return kernel_of(self.kernel, [0.0] * (field.dim - 1) + [along_time], field.dim)
        if self.kernel is None or self.half_size_map is None:
            return self.chosen_filter(len(field.facts.smoothed_axes))
        from ..size_map import SizeMap, parse_ramp, sizes_along

        assert grid is not None, "a map has two axes"
        map = parse_ramp(self.half_size_map) or SizeMap.open(self.half_size_map, (1.0, 1.0), field.facts.half_extent)
        return kernel_of(self.kernel, sizes_along(map.shares_at(grid.points(0, grid.count)), *self._size_range()))

    def shown_values(self, field: Field, filter: Filter | None) -> Callable[[np.ndarray], np.ndarray] | None:
        """How values become what is shown of them, from 0 to 1; None where they are shown as they are."""
        if self.kernel is None or filter is None:
            return None
        has_mass = bool(filter.mass(field.dim).abs().max() > _NO_MASS)
        if has_mass and self.gain is None:
            return None
        gain, middle = 1.0 if self.gain is None else self.gain, 0.0 if has_mass else 0.5
        return lambda values: (middle + gain * values).astype("float32")
