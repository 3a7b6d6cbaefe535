"""Filters: what to average a signal over, one file a filter, by name in ``FILTERS``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..registry import Registry, lazy_names

if TYPE_CHECKING:
    from .box import Box
    from .ellipsoid import Ellipsoid
    from .filter import Diracs, Filter, full_precision_product
    from .gaussian import Gaussian
    from .kernel import Kernel
    from .lanczos import Lanczos
    from .matrix_filter import MatrixFilter
    from .profile import Profile
    from .separable import Separable
    from .spline_kernel import BSpline, SplineKernel, Tent

_KERNELS = {
    "box": "fieldcore.filters.box:Box",
    "tent": "fieldcore.filters.spline_kernel:Tent",
    "quadratic": "fieldcore.filters.spline_kernel:BSpline",
}

KERNELS: Registry[type[SplineKernel]] = Registry("kernel", _KERNELS)
"""Kernels that half sizes are enough to say, by name; any other one is a file's."""

FILTERS: Registry[type[Filter]] = Registry(
    "filter",
    {
        "gaussian": "fieldcore.filters.gaussian:Gaussian",
        **_KERNELS,
        "kernel": "fieldcore.filters.kernel:Kernel",
        "ellipsoid": "fieldcore.filters.ellipsoid:Ellipsoid",
        "lanczos": "fieldcore.filters.lanczos:Lanczos",
    },
)
"""Every filter by its name; the one place where a new one is entered."""

_MODULES = {
    "BSpline": "spline_kernel",
    "Box": "box",
    "Diracs": "filter",
    "Ellipsoid": "ellipsoid",
    "Filter": "filter",
    "Gaussian": "gaussian",
    "Kernel": "kernel",
    "Lanczos": "lanczos",
    "MatrixFilter": "matrix_filter",
    "Profile": "profile",
    "Separable": "separable",
    "Tent": "spline_kernel",
    "full_precision_product": "filter",
}

__all__ = [
    "FILTERS",
    "KERNELS",
    "BSpline",
    "Box",
    "Diracs",
    "Ellipsoid",
    "Filter",
    "Gaussian",
    "Kernel",
    "Lanczos",
    "MatrixFilter",
    "Profile",
    "Separable",
    "Tent",
    "as_filter",
    "full_precision_product",
    "parse_filter",
]


if not TYPE_CHECKING:  # else type checkers would take any name for granted
    __getattr__ = lazy_names(__name__, _MODULES)


def parse_filter(text: str) -> Filter:
    """The filter that a text stands for: a name, a colon, and what ``parse`` of that filter reads.

    A bare number is a Gaussian's variance.

    Raises:
        InputError: no such filter, or it does not read what follows.

    Example:
        >>> parse_filter("box:0.1,0.2")
        Box(half_widths=[0.1, 0.2])
    """
    name, colon, rest = text.partition(":")
    if not colon:
        if name in FILTERS:
            raise InputError(f"filter: expected its size after a colon, such as {name}:0.001, got '{text}'")
        name, rest = "gaussian", text
    return FILTERS.named(name).parse(rest)


def as_filter(value: Any) -> Filter | None:
    """A filter as it is; a number, a matrix or one a point is a Gaussian's variance or covariance.

    Raises:
        InputError: it is none of these.

    Example:
        >>> as_filter([[1e-2, 0.0], [0.0, 1e-4]])
        Gaussian(covariance=[[0.01, 0], [0, 0.0001]])
    """
    from .filter import Filter
    from .gaussian import Gaussian

    return value if value is None or isinstance(value, Filter) else Gaussian(value)
