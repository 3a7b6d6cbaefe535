"""A field as a picture in an array."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

import numpy as np
from jaxtyping import Float

from .errors import InputError
from .evaluation import evaluate
from .fields.field import Field
from .filters import Filter
from .filters.filter import Numbers
from .grid import Grid

_LONGER_SIDE = 512


def image(
    field: Field, filter: Filter | Numbers | None = None, *, size: int | Sequence[int] | None = None
) -> Float[np.ndarray, "h w c"]:
    """A field over its whole box, smoothed, as an array of pixels.

    Args:
        field: of a picture, a texture or any other signal in 2-D.
        filter: what to average over; a number is a Gaussian's variance, a matrix its covariance, in squared domain
            units; None for the unfiltered field.
        size: pixels along the longer side, or (width, height); by default the signal's own, of a formula 512.

    Returns:
        (height, width, channels) float32 in the signal's own encoding and range, rows from the top. ``write_image``
        writes it.

    Raises:
        InputError: the field is not 2-D, the size is not positive, or the field cannot be filtered so.

    Example:
        >>> from fieldcore import Ackley, train
        >>> field = train("spectral", Ackley(), steps=2, width=16, points_per_step=64)
        >>> image(field, 1e-2, size=(8, 4)).shape
        (4, 8, 1)
    """
    facts = field.facts
    if field.dim != 2:
        raise InputError(f"image: the field of '{facts.name}' is {field.dim}-D; evaluate it on a Grid")
    if size is None:
        size = facts.resolution or _LONGER_SIDE
    sides = (size,) if isinstance(size, Integral) else tuple(size) if isinstance(size, Sequence) else ()
    if len(sides) not in (1, 2) or not all(isinstance(side, Integral) and int(side) >= 1 for side in sides):
        raise InputError(f"size: expected a number of pixels or (width, height), got {size}")
    if len(sides) == 1:
        grid = Grid.covering(facts.half_extent, int(sides[0]))
    else:
        grid = Grid((int(sides[0]), int(sides[1])), tuple(-half for half in facts.half_extent), facts.half_extent)
    return evaluate(field, grid, filter).float().cpu().numpy()
