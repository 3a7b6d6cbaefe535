"""Kernels as text: a name, a name with numbers after a colon, or a file. What a command line and a path write."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import InputError
from .samples import PREFIX

if TYPE_CHECKING:
    from .filters import Kernel
    from .filters.filter import Numbers
    from .filters.profile import Profile

    Terms = list[tuple[Profile, ...]]

USUAL_RATIO = 1.6
"""Of the half sizes of a difference, near to the second derivative (Marr and Hildreth, Theory of Edge Detection,
1980)."""

MOST_HEIGHTS = 63


@dataclass(frozen=True)
class Form:
    """A kernel that numbers after its name say more of.

    Attributes:
        numbers: what they are, for people.
        terms: from the numbers and the number of axes, the profiles of each product.
    """

    numbers: str
    terms: Callable[[list[float], int], Terms]


def _edge(numbers: list[float], dim: int) -> Terms:
    """The derivative of a B-spline along a direction: cos times that along x and sin times that along y."""
    from .filters.profile import Profile

    smooth = Profile.quadratic()
    slope = smooth.derivative()
    turn = math.radians(numbers[0] if numbers else 0.0)
    shares = [round(share, 12) for share in (math.cos(turn), -math.sin(turn))]  # angles turn towards the top
    # The integral of |k| is made 1: along its axis it falls as far as it rises.
    half = float(slope.integral(slope.knots.new_zeros(())))
    along = [(axis, share) for axis, share in enumerate(shares[:dim]) if share]
    return [
        tuple(slope.scaled(share / (2 * half)) if axis == at else smooth for at in range(dim)) for axis, share in along
    ]


def _difference(numbers: list[float], dim: int) -> Terms:
    """A B-spline less one that is wider; the wide one has the half size."""
    from .filters.profile import Profile

    ratio = numbers[0] if numbers else USUAL_RATIO
    if not 1 < ratio <= 100:
        raise InputError(f"kernel 'difference': expected a ratio above 1 and up to 100, got {ratio:g}")
    wide = Profile.quadratic()
    narrow = Profile(2, wide.knots / ratio, wide.weights * ratio**3)
    return [(narrow,) * dim, (wide.scaled(-1.0), *(wide,) * (dim - 1))]


def _drawn(numbers: list[float], dim: int) -> Terms:
    return [(drawn_profile(numbers),) * dim]


FORMS: dict[str, Form] = {
    "edge": Form("an angle in degrees, 0 unless given", _edge),
    "difference": Form(f"how many times wider the wide one is, {USUAL_RATIO} unless given", _difference),
    "drawn": Form("heights at even distances", _drawn),
}
"""Kernels by name and numbers; an edge and a difference have mass 0."""


def drawn_profile(heights: Sequence[float]) -> Profile:
    """The profile that is linear between heights at even distances, and 0 at both ends.

    Its mass is made 1, or where its parts cancel, the integral of ``|k|``.

    Raises:
        InputError: no heights, too many, or all 0.

    Example:
        >>> drawn_profile([0.0, 1.0, 0.0]).knots.tolist()
        [-1.0, -0.5, 0.0, 0.5, 1.0]
    """
    import numpy as np

    from .filters.profile import Profile

    if not 1 <= len(heights) <= MOST_HEIGHTS:
        raise InputError(f"kernel 'drawn': expected 1 to {MOST_HEIGHTS} heights, got {len(heights)}")
    if not any(heights):
        raise InputError("kernel 'drawn': expected heights that are not all 0; a kernel of zeros filters nothing")
    knots = np.linspace(-1, 1, len(heights) + 2)
    step = 2 / (len(heights) + 1)
    values = np.array([0.0, *heights, 0.0])
    total, mass = float(np.abs(values).sum()) * step, float(values.sum()) * step
    weights = np.diff(np.concatenate([[0.0], values, [0.0]]), 2) / step
    return Profile(1, knots, weights / (mass if abs(mass) > 0.02 * total else total))


def check_kernel_name(text: str, what: str) -> None:
    """Raise InputError, which begins with ``what``, unless that is a kernel by name, or may be a file's."""
    from .arguments import unknown_word

    name, _, rest = text.partition(":")
    if name in FORMS:
        _numbers(text)
        if name == "drawn" and not rest:
            raise InputError(f"{what} drawn: expected heights after a colon, as in drawn:0.5,1,0.5")
    elif text not in kernel_names() and not _is_file(text):
        raise unknown_word(what, text, (*kernel_names(), *FORMS, "FILE.json"))


def kernel_names() -> tuple[str, ...]:
    """Those that half sizes are enough to say."""
    from .filters import KERNELS

    return tuple(KERNELS)


def kernel_of(text: str, half_size: Numbers, dim: int = 2) -> Kernel:
    """The kernel of that name or file, so large.

    Args:
        text: such as ``tent``, ``edge:30``, ``drawn:0.5,1,0.5``, ``my.json`` or ``sample:disc``.
        half_size: as in ``Kernel``.
        dim: number of axes, of what is not the same along all.

    Raises:
        InputError: it cannot be read, or not be so large.

    Example:
        >>> kernel_of("tent", 0.1)
        Tent(half_sizes=0.1)
    """
    from .filters import KERNELS, Kernel

    if text in KERNELS:
        return KERNELS[text].of_size(half_size)
    return Kernel.sum_of(_terms(text, dim), half_size)


def _terms(text: str, dim: int) -> Terms:
    """Those of a file are read anew where it has changed."""
    if text.partition(":")[0] in FORMS:
        return _formed(text, dim)
    from .samples import sample_path

    path = sample_path(text)
    changed = path.stat().st_mtime_ns if path.is_file() else 0
    return _read(text, changed)


@lru_cache(maxsize=64)
def _formed(text: str, dim: int) -> Terms:
    name = text.partition(":")[0]
    return FORMS[name].terms(_numbers(text), dim)


@lru_cache(maxsize=16)
def _read(text: str, changed: int) -> Terms:
    from .kernel_file import read_kernel

    return list(read_kernel(text).terms)


def _numbers(text: str) -> list[float]:
    name, _, rest = text.partition(":")
    try:
        numbers = [float(part) for part in rest.split(",")] if rest else []
    except ValueError:
        numbers = [math.nan]
    if not all(map(math.isfinite, numbers)) or (name != "drawn" and len(numbers) > 1):
        raise InputError(f"kernel '{name}': expected {FORMS[name].numbers}, after a colon, got '{rest}'")
    return numbers


def _is_file(text: str) -> bool:
    """Whether that is the name of a file, or of a sample, rather than of a kernel."""
    return text.startswith(PREFIX) or Path(text).suffix != "" or Path(text).is_file()
