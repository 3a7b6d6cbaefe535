"""Kernels of one B-spline along every axis, which a person gives by half sizes alone."""

from __future__ import annotations

from typing import TypeVar

from .filter import Numbers, parsed_numbers
from .kernel import Kernel
from .profile import Profile

AnySpline = TypeVar("AnySpline", bound="SplineKernel")

_TENT, _QUADRATIC = Profile.tent(), Profile.quadratic()


class SplineKernel(Kernel):
    """A kernel with the same profile along all axes; a subclass says which."""

    @classmethod
    def of_size(cls: type[AnySpline], half_size: Numbers) -> AnySpline:
        """The kernel of these half sizes."""
        return cls(half_size)  # type: ignore[call-arg]

    @classmethod
    def parse(cls: type[AnySpline], text: str) -> AnySpline:
        """Half sizes: ``0.1`` for all axes or ``0.1,0.2``."""
        numbers = parsed_numbers(text, f"filter {cls.name}", f"{cls.length_noun} such as 0.1 or 0.1,0.2")
        return cls.of_size(numbers[0] if len(numbers) == 1 else numbers)


class Tent(SplineKernel):
    """A pyramid: along each axis ``(1 - |u| / h) / h`` for ``|u| <= h``, the B-spline of degree 1.

    Args:
        half_size: ``h`` in domain units: a number, (d) one an axis, (n, d) one an axis for each point, or (n, 1).
        axes: orthonormal axes of a tent that is turned, one a column, (d, d) or (n, d, d).

    Raises:
        InputError: a half size is negative, NaN or infinite, or sizes do not match.

    Example:
        >>> Tent(0.3).second_moment(1)
        tensor([[0.0150]])
    """

    name = "tent"

    def __init__(self, half_size: Numbers, axes: Numbers | None = None) -> None:
        super().__init__(_TENT, half_size, axes)


class BSpline(SplineKernel):
    """Along each axis the B-spline of degree 2, near to a Gaussian of variance ``h^2 / 9``, that ends at ``h``.

    Args:
        half_size: ``h`` in domain units: a number, (d) one an axis, (n, d) one an axis for each point, or (n, 1).
        axes: orthonormal axes of a kernel that is turned, one a column, (d, d) or (n, d, d).

    Raises:
        InputError: a half size is negative, NaN or infinite, or sizes do not match.

    Example:
        >>> BSpline(0.3).second_moment(1)
        tensor([[0.0100]])
    """

    name = "quadratic"

    def __init__(self, half_size: Numbers, axes: Numbers | None = None) -> None:
        super().__init__(_QUADRATIC, half_size, axes)
