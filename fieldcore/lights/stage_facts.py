"""What the facts of a light stage say of its lights."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from ..errors import InputError
from ..filters.filter import Numbers
from ..grid import Grid
from ..signals.signal import SignalFacts
from .chart import (
    FULL_SPHERE_SCALE,
    angles_deg,
    chart_from_direction,
    direction_from_angles,
    direction_from_chart,
)
from .hats import Hats


def stage_directions(facts: SignalFacts) -> Float[np.ndarray, "l 3"]:
    """The unit directions of a stage's lights. Raises InputError of a signal that has none.

    Example:
        >>> from fieldcore import LightStage
        >>> lights = [[0, 0, 1], [0.6, 0, 0.8], [0, 0.6, 0.8]]
        >>> stage_directions(LightStage(np.zeros((3, 4, 6, 3)), lights).facts)[1]
        array([0.6, 0. , 0.8])
    """
    if not facts.has_light:
        raise InputError(f"light: '{facts.name}' has none; expected a light stage")
    return np.array(facts.light_directions).reshape(-1, 3)


def chart_scale(facts: SignalFacts) -> float:
    """Of the chart that a stage's lights are in: smaller where some are below the horizon."""
    return scale_of(stage_directions(facts))


def scale_of(directions: Float[np.ndarray, "l 3"]) -> float:
    """The same of directions."""
    return FULL_SPHERE_SCALE if bool((directions[:, 2] < -1e-6).any()) else 1.0


def stage_lights(facts: SignalFacts) -> Float[np.ndarray, "l 2"]:
    """The points (u, v) of a stage's lights, rounded to single precision, in which fields are asked."""
    directions = stage_directions(facts)
    return chart_from_direction(directions, scale_of(directions)).astype(np.float32).astype(np.float64)


def light_of(facts: SignalFacts, direction: Numbers) -> Float[np.ndarray, "2"]:
    """The point of a stage's chart for a direction x, y, z.

    Raises InputError if that is no direction, or lies below the horizon of a stage that has no lights there.

    Example:
        >>> from fieldcore import LightStage
        >>> stage = LightStage(np.zeros((3, 4, 6, 3)), [[0, 0, 1], [0.6, 0, 0.8], [0, 0.6, 0.8]])
        >>> light_of(stage.facts, [0.0, 0.6, 0.8]).round(3)  # v points down, y up
        array([ 0.   , -0.447])
    """
    scale = chart_scale(facts)
    found = chart_from_direction(direction, scale)
    if scale == 1 and float(np.hypot(*found)) > 1 + 1e-9:
        raise InputError(
            f"light: {', '.join(f'{value:g}' for value in np.ravel(direction))} is below the horizon, where "
            f"'{facts.name}' has no lights; z is towards the camera"
        )
    return found


def parse_light(text: str, facts: SignalFacts) -> Float[np.ndarray, "2"]:
    """The point of the chart for ``x,y,z``. Raises InputError if it is no direction of such a stage's lights."""
    return light_of(facts, _numbers(text, 3, "light: expected x,y,z, as in 0.3,0.4,0.87"))


def parse_angles(text: str, facts: SignalFacts) -> Float[np.ndarray, "2"]:
    """The point of the chart for ``AZIMUTH,ELEVATION`` in degrees; likewise."""
    azimuth, elevation = _numbers(text, 2, "light angles: expected AZIMUTH,ELEVATION in degrees, as in 120,45")
    return light_of(facts, direction_from_angles(azimuth, elevation))


def stage_grid(facts: SignalFacts, light: Float[np.ndarray, "2"], size: int | None = None) -> Grid:
    """The picture's cells at one light.

    Args:
        facts: of the stage.
        light: (u, v).
        size: cells along the longer side; None is the photos' own.
    """
    half = facts.half_extent[:2]
    resolution = facts.resolution if size is None else Grid.covering(half, size).resolution
    cell = 1 / 64  # of no account: its centre is the light
    lower, upper = ((light + sign * cell).tolist() for sign in (-1, 1))
    return Grid((*resolution, 1, 1), (-half[0], -half[1], *lower), (*half, *upper))


def degrees_beyond(facts: SignalFacts, light: Float[np.ndarray, "2"], hats: Hats | None = None) -> float:
    """How far a light is beyond the hull of a stage's lights, in degrees; 0 within."""
    scale = chart_scale(facts)
    nearest = (hats or Hats(stage_lights(facts))).in_hull(light)
    return float(angles_deg(direction_from_chart(light, scale), direction_from_chart(nearest, scale)))


def nearest_photo(facts: SignalFacts, light: Float[np.ndarray, "2"]) -> tuple[int, float]:
    """The number of the photo whose light is nearest, and the angle to it in degrees."""
    angles = angles_deg(stage_directions(facts), direction_from_chart(light, chart_scale(facts)))
    number = int(angles.argmin())
    return number, float(angles[number])


def _numbers(text: str, count: int, expected: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise InputError(f"{expected}, got '{text}'") from error
    if len(numbers) != count:
        raise InputError(f"{expected}, got '{text}'")
    return numbers
