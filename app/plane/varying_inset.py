"""The inset of a filter that differs from point to point: its size and form at points all over the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, UInt8

from ..gl.canvas import ACCENT, BACKING, Mask, Paint, canvas_of, lines_mask
from .controls import Point

if TYPE_CHECKING:
    from fieldcore.signals import SignalFacts
else:  # it imports torch, which a page of help should not wait for
    SignalFacts = Any

_PLATE_SHARE = 0.9
_PX_APART, _FEWEST, _MOST = 26, 3, 9
_EDGE: Paint = (0.66, 0.69, 0.74), 0.35
_SQUARE = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]], float)

Form = tuple[float, float, float, float]
"""Rows of the matrix that takes a circle, or a square, of radius 1 to an outline, in domain units."""


def varying_arguments(controls: Any, facts: SignalFacts, size_px: int) -> tuple[Any, ...]:
    """What ``varying_image`` draws of controls of a plane whose filter varies; see ``PlaneControls.filters_at``."""
    import torch

    half = facts.half_extent[0], facts.half_extent[1]
    places = _places(half, size_px)
    filters = controls.filters_at(facts, torch.tensor(places), 0.0)
    forms = tuple(tuple(form.ravel().tolist()) for form in _forms(filters, len(places)))
    return places, forms, bool(controls.is_gaussian), half, size_px


def _places(half: Point, size_px: int) -> tuple[Point, ...]:
    """Points evenly over the picture, odd numbers along its sides: one is in the middle."""
    longer = max(_FEWEST, min(_MOST, size_px // _PX_APART))
    counts = (2 * (round(longer * side / max(half)) // 2) + 1 for side in half)
    xs, ys = (side * ((2 * np.arange(count) + 1) / count - 1) for side, count in zip(half, counts, strict=True))
    return tuple((float(x), float(y)) for y in ys for x in xs)


def _forms(filters: Any, count: int) -> Float[np.ndarray, "n 2 2"]:
    """Of Gaussians one standard deviation, of kernels along the axes their half sizes."""
    from fieldcore.filters import Gaussian

    if isinstance(filters, Gaussian):
        covariances = filters.covariance(2).double().cpu().numpy()
        variances, axes = np.linalg.eigh(np.broadcast_to(covariances, (count, 2, 2)))
        return np.asarray(axes * np.sqrt(variances.clip(0))[:, None, :])
    lengths = np.broadcast_to(filters.lengths(2).double().cpu().numpy(), (count, 2))
    return np.asarray(lengths[:, :, None] * np.eye(2))


def varying_image(
    places: tuple[Point, ...], forms: tuple[Form, ...], is_round: bool, half_extent: Point, size_px: int
) -> UInt8[np.ndarray, "h w 4"]:
    """The picture's edge, and in it the outline of the filter at points, all true to scale; colours times alpha.

    Args:
        places: the points, in domain units.
        forms: of the filter at each.
        is_round: of Gaussians, whose outline is an ellipse of one standard deviation; of kernels it is a box.
        half_extent: of the picture.
        size_px: sides of the plate.
    """
    canvas = canvas_of(size_px, size_px, 0.06 * size_px, BACKING)
    unit = _PLATE_SHARE * size_px / (2 * max(half_extent))
    stroke = max(1.0, size_px / 160)
    turn = np.linspace(0, 2 * np.pi, 49)
    outline = np.stack([np.cos(turn), np.sin(turn)], -1) if is_round else _SQUARE
    canvas.lay(lines_mask([size_px / 2 + _SQUARE * half_extent * unit], size_px, stroke), 0, 0, _EDGE)
    shapes = np.einsum("np,kqp->knq", outline, np.reshape(forms, (-1, 2, 2))) * unit
    shapes[np.abs(shapes).max((1, 2)) < stroke] = outline * stroke / 2  # a dot says that it is almost none
    middles = size_px / 2 + np.array(places)[:, None] * unit
    drawn = lines_mask(middles + shapes, size_px, stroke)
    canvas.lay(_within(drawn, half_extent, unit), 0, 0, ACCENT)
    return canvas.pixels()


def _within(mask: Mask, half_extent: Point, unit: float) -> Mask:
    """The part of it that is on the picture."""
    middle = len(mask) / 2
    (left, right), (top, bottom) = (
        (max(0, round(middle - side * unit)), round(middle + side * unit)) for side in half_extent
    )
    found = np.zeros_like(mask)
    found[top:bottom, left:right] = mask[top:bottom, left:right]
    return found
