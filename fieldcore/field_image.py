"""A field as a picture in an array."""

from __future__ import annotations

from collections.abc import Sequence

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
    if isinstance(size, int):
        if size < 1:
            raise InputError(f"size: expected at least 1 pixel, got {size}")
        grid = Grid.covering(facts.half_extent, size)
    elif len(size) == 2:
        grid = Grid((int(size[0]), int(size[1])), tuple(-half for half in facts.half_extent), facts.half_extent)
    else:
        raise InputError(f"size: expected a number or (width, height), got {size}")
    return evaluate(field, grid, filter).float().cpu().numpy()
