"""The chart of light directions: an equal-area disc with the zenith in its middle, and angles in degrees.

A direction ``(lx, ly, lz)`` is a unit vector with x to the right, y towards the **top** of the photo and z to the
camera, as ``.lp`` files have it. Its point in the chart has its second coordinate **down**, as pictures do:

    u = lx / sqrt(1 + lz),    v = -ly / sqrt(1 + lz),    u^2 + v^2 = 1 - lz

Equal areas of the chart are equal solid angles (Lambert's azimuthal projection, divided by sqrt(2)). The horizon is the
circle of radius 1; a stage with lights below it is stored at ``scale = 1 / sqrt(2)``, so that it stays within [-1, 1].
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from ..errors import InputError
from ..filters.filter import Numbers

FULL_SPHERE_SCALE = math.sqrt(0.5)
"""Of the chart of a stage that has lights below the horizon."""


def chart_from_direction(direction: Numbers, scale: float = 1.0) -> Float[np.ndarray, "*n 2"]:
    """The point of the chart that stands for a direction.

    Args:
        direction: (3) or (n, 3), of any length above 0: x right, y to the photo's top, z to the camera.
        scale: of the chart; 1, or ``FULL_SPHERE_SCALE`` for a stage with lights below the horizon.

    Returns:
        (2) or (n, 2), with v down. The direction away from the camera has no point of its own; it gets (r, 0).

    Raises:
        InputError: a direction of no length, or no three finite numbers.

    Example:
        >>> chart_from_direction([0.0, 0.6, 0.8]).round(4)  # from the top of the photo: v is negative
        array([ 0.    , -0.4472])
    """
    x, y, z = np.moveaxis(unit_directions(direction), -1, 0)
    radius = np.sqrt(np.maximum(1 - z, 0))
    across = np.hypot(x, y)
    turned = np.where(across > 0, across, 1)
    u, v = np.where(across > 0, x / turned, 1.0), np.where(across > 0, -y / turned, 0.0)
    # near the zenith 1 - z cancels, and the quotient of the module's head does not
    radius = np.where(z > 0, across / np.sqrt(1 + np.maximum(z, 0)), radius)
    return scale * radius[..., None] * np.stack([u, v], -1)


def direction_from_chart(light: Numbers, scale: float = 1.0) -> Float[np.ndarray, "*n 3"]:
    """The unit direction of a point of the chart; of a point beyond the sphere, that of its border.

    Args:
        light: (2) or (n, 2).
        scale: of the chart, as in ``chart_from_direction``.

    Example:
        >>> direction_from_chart([0.0, -0.4472]).round(3)
        array([0. , 0.6, 0.8])
    """
    u, v = np.moveaxis(np.asarray(light, np.float64) / scale, -1, 0)
    radius = np.hypot(u, v)
    within = np.minimum(1.0, math.sqrt(2) / np.where(radius > 0, radius, 1))
    u, v = u * within, v * within
    squared = np.minimum(u * u + v * v, 2.0)
    stretch = np.sqrt(2 - squared)
    return np.stack([u * stretch, -v * stretch, 1 - squared], -1)


def direction_from_angles(azimuth_deg: float | int, elevation_deg: float | int) -> Float[np.ndarray, "3"]:
    """The direction of a light by its angles.

    Args:
        azimuth_deg: from the photo's right (0) to its top (90), counter-clockwise as it is seen.
        elevation_deg: above the photo's plane; 90 is the camera.

    Raises:
        InputError: an angle is not finite, or the elevation not from -90 to 90.

    Example:
        >>> direction_from_angles(90, 30).round(3)
        array([0.   , 0.866, 0.5  ])
    """
    if not (math.isfinite(azimuth_deg) and -90 <= elevation_deg <= 90):
        raise InputError(
            f"light angles: expected an azimuth and an elevation from -90 to 90 degrees, "
            f"got {azimuth_deg:g},{elevation_deg:g}"
        )
    azimuth, elevation = math.radians(azimuth_deg), math.radians(elevation_deg)
    flat = math.cos(elevation)
    return np.array([flat * math.cos(azimuth), flat * math.sin(azimuth), math.sin(elevation)])


def angles_deg(one: Float[np.ndarray, "*n 3"], other: Float[np.ndarray, "*m 3"]) -> Float[np.ndarray, "*k"]:
    """Angles between unit directions, in degrees; exact also for small ones."""
    chord = np.linalg.norm(np.asarray(one) - np.asarray(other), axis=-1)
    return np.asarray(np.degrees(2 * np.arcsin(np.clip(chord / 2, 0, 1))))


def unit_directions(direction: Numbers) -> Float[np.ndarray, "*n 3"]:
    """Directions at length 1. Raises InputError for one that has none, or is not three finite numbers."""
    try:
        found = np.asarray(direction, np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"light: expected three numbers x, y and z, got {direction!r:.80}") from error
    if found.shape[-1:] != (3,) or not np.isfinite(found).all():
        raise InputError(f"light: expected three finite numbers x, y and z, got {direction!r:.80}")
    length = np.linalg.norm(found, axis=-1, keepdims=True)
    if not (length > 0).all():
        raise InputError("light: expected a direction, got 0 0 0, which points nowhere")
    return found / length
