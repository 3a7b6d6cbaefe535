"""What a field is filtered by, as a person writes it: a variance, a covariance, a filter, or a kernel and its size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..arguments import option, unknown_word
from ..errors import InputError
from ..kernel_names import FORMS, check_kernel_name, kernel_names, kernel_of
from .common import ComputingOptions

if TYPE_CHECKING:
    from ..filters import Filter

GROUP = "smoothing (none if nothing is given)"
_ENTRIES = {2: ("xx", "xy", "yy"), 3: ("xx", "xy", "xz", "yy", "yz", "zz")}
_COUNTS = {3: "three", 6: "six"}


@dataclass(frozen=True, kw_only=True)
class FilteringOptions(ComputingOptions):
    """What every command takes that smooths."""

    variance: float | None = option(
        "Smooth by a Gaussian of this variance, in squared domain units.",
        default=None,
        metavar="VARIANCE",
        group=GROUP,
    )
    covariance: str | None = option(
        "Smooth by a Gaussian of this covariance: xx,xy,yy, in 3-D xx,xy,xz,yy,yz,zz, of a video xx,xy,xt,yy,yt,tt, "
        "of a light stage uu,uv,vv.",
        default=None,
        metavar="NUMBERS",
        group=GROUP,
    )
    filter: str | None = option(
        "Smooth by any filter, such as gaussian:1e-3 or box:0.1,0.1.",
        default=None,
        metavar="NAME:NUMBERS",
        more=lambda: f"Filters: {', '.join(_filters())}.",
        group=GROUP,
    )
    kernel: str | None = option(
        "Convolve with a piecewise polynomial kernel, by name or from a file that 'fieldcore kernel fit' wrote.",
        default=None,
        metavar="NAME",
        more=lambda: f"Kernels: {', '.join((*kernel_names(), *FORMS))} (edge:30 is one at 30 degrees), or FILE.json.",
        group=GROUP,
    )
    half_size: str | None = option(
        "Half size of the kernel in domain units, one for all axes or one an axis, as in 0.2,0; 0 is no filter there.",
        default=None,
        metavar="NUMBERS",
        group=GROUP,
    )

    def __post_init__(self) -> None:
        known = ("variance", "covariance", "filter", "kernel")
        given = [f"--{name}" for name in known if getattr(self, name) is not None]
        if len(given) > 1:
            raise InputError(f"give {' or '.join(given)}, not both")
        if self.variance is not None and not 0 <= self.variance < math.inf:
            expected = "0 or more" if self.variance < 0 else "finite numbers"
            raise InputError(f"variance: expected {expected}, got {self.variance:g}")
        name, colon, _ = (self.filter or "").partition(":")
        if colon and name not in _filters():
            raise unknown_word("--filter", name, _filters())
        self._check_kernel()

    def _check_kernel(self) -> None:
        """Refuse a kernel that there is not, or one without a size and a size without one."""
        if self.kernel is None:
            for name in self._sizes():
                if getattr(self, name) is not None:
                    raise InputError(f"--{name.replace('_', '-')}: has no effect without --kernel; add one")
            return
        check_kernel_name(self.kernel, "--kernel")
        sizes = [f"--{name.replace('_', '-')}" for name in self._sizes()]
        if all(getattr(self, name) is None for name in self._sizes()):
            raise InputError(f"--kernel {self.kernel}: how large? add {' or '.join(sizes)}")
        if self.half_size is not None:
            _parsed_sizes(self.half_size)

    def _sizes(self) -> tuple[str, ...]:
        """The options that say how large a kernel is."""
        return ("half_size",)

    @property
    def smooths(self) -> bool:
        """Whether any filter is given."""
        return not self.variance == self.covariance == self.filter == self.kernel is None

    def chosen_filter(self, dim: int) -> Filter | None:
        """The filter for fields of ``dim`` dimensions, None for none. Raises InputError if it is not understood."""
        from .. import filters

        if self.variance is not None:
            return filters.Gaussian(self.variance)
        if self.kernel is not None:
            assert self.half_size is not None, "checked before"
            return kernel_of(self.kernel, _parsed_sizes(self.half_size), dim)
        if self.covariance is not None:
            return filters.Gaussian(_matrix(self.covariance, dim))
        return None if self.filter is None else filters.parse_filter(self.filter)


def _filters() -> tuple[str, ...]:
    from .. import filters

    return tuple(filters.FILTERS)


def _parsed_sizes(text: str) -> float | list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise InputError(f"--half-size: expected numbers such as 0.1 or 0.2,0, got '{text}'") from error
    for number in numbers:
        if not 0 <= number < math.inf:
            raise InputError(f"--half-size: expected finite numbers from 0, got '{text}'")
    return numbers[0] if len(numbers) == 1 else numbers


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
