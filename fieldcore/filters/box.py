"""The box filter: the mean over an axis-aligned rectangle."""

from __future__ import annotations

import torch
from torch import Tensor

from ..errors import InputError
from .filter import Diracs, parsed_numbers
from .separable import Separable


class Box(Separable):
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
    kernel_second_moment = 1 / 3
    kernel_reach = 1.0

    def kernel_offsets(self, noise: Tensor) -> Tensor:
        """Uniform in (-1, 1)."""
        return 2 * noise - 1

    def kernel_response(self, frequency: Tensor) -> Tensor:
        """``sin(2 pi t)/(2 pi t)``."""
        return torch.sinc(2 * frequency)

    def diracs(self, dim: int | None = None) -> Diracs:
        """The rectangle's corners, of degree 0: along an axis ``1/(2h)`` at ``-h`` and ``-1/(2h)`` at ``h``.

        Raises:
            InputError: a half width is 0, the box is turned, or one number is given for all axes and ``dim`` is not.
        """
        if self._axes is not None:
            raise InputError("box: turned, it leaves no Diracs along the axes")
        if dim is None and self._lengths.ndim == 0:
            raise InputError("box: give dim, the number of axes, as one half width is given for all")
        lengths = self.lengths(self._lengths.shape[-1] if dim is None else dim)
        if bool((lengths == 0).any()):
            raise InputError("box: expected half widths above 0; one of 0 is a Dirac itself")
        sides = torch.tensor([-1.0, 1.0], dtype=lengths.dtype, device=lengths.device)
        corners = torch.cartesian_prod(*[sides] * lengths.shape[-1]).reshape(-1, lengths.shape[-1])
        weights = (-corners).prod(-1) / (2 * lengths).prod(-1, keepdim=True)
        return Diracs(corners * lengths[..., None, :], weights, degree=0)

    @classmethod
    def parse(cls, text: str) -> Box:
        """Half widths: ``0.1`` for all axes or ``0.1,0.2``."""
        numbers = parsed_numbers(text, "filter box", "half widths such as 0.1 or 0.1,0.2")
        return cls(numbers[0] if len(numbers) == 1 else numbers)
