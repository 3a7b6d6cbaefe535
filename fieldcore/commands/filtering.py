"""What a field is smoothed by, as a person writes it: ``--variance``, ``--covariance`` or ``--filter``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..arguments import option, unknown_word
from ..errors import InputError
from .common import ComputingOptions

if TYPE_CHECKING:
    from ..filters import Filter

_GROUP = "smoothing (none if nothing is given)"
_ENTRIES = {2: ("xx", "xy", "yy"), 3: ("xx", "xy", "xz", "yy", "yz", "zz")}
_COUNTS = {3: "three", 6: "six"}


@dataclass(frozen=True, kw_only=True)
class FilteringOptions(ComputingOptions):
    """What every command takes that smooths."""

    variance: float | None = option(
        "Smooth by a Gaussian of this variance, in squared domain units.",
        default=None,
        metavar="VARIANCE",
        group=_GROUP,
    )
    covariance: str | None = option(
        "Smooth by a Gaussian of this covariance: xx,xy,yy, in 3-D xx,xy,xz,yy,yz,zz, of a video xx,xy,xt,yy,yt,tt.",
        default=None,
        metavar="NUMBERS",
        group=_GROUP,
    )
    filter: str | None = option(
        "Smooth by any filter, such as gaussian:1e-3 or box:0.1,0.1.",
        default=None,
        metavar="NAME:NUMBERS",
        more=lambda: f"Filters: {', '.join(_filters())}.",
        group=_GROUP,
    )

    def __post_init__(self) -> None:
        given = [f"--{name}" for name in ("variance", "covariance", "filter") if getattr(self, name) is not None]
        if len(given) > 1:
            raise InputError(f"give {' or '.join(given)}, not both")
        if self.variance is not None and not 0 <= self.variance < math.inf:
            expected = "0 or more" if self.variance < 0 else "finite numbers"
            raise InputError(f"variance: expected {expected}, got {self.variance:g}")
        name, colon, _ = (self.filter or "").partition(":")
        if colon and name not in _filters():
            raise unknown_word("--filter", name, _filters())

    @property
    def smooths(self) -> bool:
        """Whether any filter is given."""
        return not self.variance == self.covariance == self.filter is None

    def chosen_filter(self, dim: int) -> Filter | None:
        """The filter for fields of ``dim`` dimensions, None for none. Raises InputError if it is not understood."""
        from .. import filters

        if self.variance is not None:
            return filters.Gaussian(self.variance)
        if self.covariance is not None:
            return filters.Gaussian(_matrix(self.covariance, dim))
        return None if self.filter is None else filters.parse_filter(self.filter)


def _filters() -> tuple[str, ...]:
    from .. import filters

    return tuple(filters.FILTERS)


def _matrix(text: str, dim: int) -> list[list[float]]:
    names = _ENTRIES.get(dim)
    if names is None:
        raise InputError(f"--covariance: a field in {dim}-D takes --variance or --filter")
    try:
        numbers = dict(zip(names, map(float, text.split(",")), strict=True))
    except ValueError as error:
        wanted = f"{_COUNTS[len(names)]} numbers {','.join(names)}"
        raise InputError(f"--covariance: expected {wanted}, got '{text}'") from error
    axes = "xyz"[:dim]
    return [[numbers[min(a, b) + max(a, b)] for b in axes] for a in axes]
