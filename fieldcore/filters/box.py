"""The box filter: the mean over an axis-aligned rectangle."""

from __future__ import annotations

from .filter import Numbers
from .profile import Profile
from .spline_kernel import SplineKernel

_PROFILE = Profile.box()


class Box(SplineKernel):
    """The mean over ``[-h, h]`` along each axis: over a rectangle in 2-D, a cuboid in 3-D.

    Args:
        lengths: the half widths ``h`` in domain units: one for all axes, one an axis (d), or one an axis for each
            point (n, d).
        axes: orthonormal axes of a box that is turned, one a column, (d, d) or (n, d, d).

    Raises:
        InputError: a half width is negative, NaN or infinite, or sizes do not match.

    Example:
        >>> Box([0.1, 0.2]).reach(2)
        tensor([0.1000, 0.2000])
    """

    name = "box"
    length_noun = "half widths"

    def __init__(self, lengths: Numbers, axes: Numbers | None = None) -> None:
        super().__init__(_PROFILE, lengths, axes)
