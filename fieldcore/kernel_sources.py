"""What kernels are fitted to: curves and pictures in files, and formulas by name."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import InputError

_POINTS = 401  # of a formula's curve
_SUBCELLS = 8  # along each axis, that a formula's picture is averaged over in each cell
_MOST_BYTES = 1 << 24


@dataclass(frozen=True)
class Formula:
    """A kernel by name: a curve along one axis, or a function of the plane.

    Attributes:
        numbers: names of the numbers that follow its own after a colon, all needed.
        curve: values at positions in [-1, 1].
        plane: values at x and y in [-1, 1].
    """

    numbers: tuple[str, ...] = ()
    curve: Callable[..., Any] | None = None
    plane: Callable[..., Any] | None = None


def _gaussian(u: Any, *, derivative: int = 0) -> Any:
    """Its standard deviation is a third of the half size."""
    import numpy as np

    factors = {0: 1.0, 1: -3 * u, 2: 9 * u * u - 1}
    return factors[derivative] * np.exp(-4.5 * u * u)


def _disc(x: Any, y: Any) -> Any:
    return (x * x + y * y <= 1).astype("float64")


def _oriented_box(x: Any, y: Any, angle_deg: float, thickness: float) -> Any:
    """Half as long as fits, and so many times thinner than long, turned by an angle from x towards y."""
    cosine, sine = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    half = 1 / (max(abs(cosine) + thickness * abs(sine), abs(sine) + thickness * abs(cosine)))
    along, across = cosine * x + sine * y, cosine * y - sine * x
    return ((abs(along) <= half) & (abs(across) <= thickness * half)).astype("float64")


FORMULAS: dict[str, Formula] = {
    "gaussian": Formula(curve=_gaussian),
    "gaussian-edge": Formula(curve=lambda u: _gaussian(u, derivative=1)),
    "gaussian-ridge": Formula(curve=lambda u: -_gaussian(u, derivative=2)),
    "disc": Formula(plane=_disc),
    "oriented-box": Formula(numbers=("angle in degrees", "thickness"), plane=_oriented_box),
}
"""Gaussians end at three standard deviations; an edge is its first derivative, a ridge its second, negated."""


def is_curve(source: str) -> bool:
    """Whether a formula is one of a single axis."""
    return FORMULAS[source.partition(":")[0]].curve is not None


def curve_of_formula(source: str) -> tuple[Any, Any]:
    """Positions and values. Raises InputError if numbers follow that it does not take."""
    import numpy as np

    formula, numbers = _parsed(source)
    assert formula.curve is not None
    u = np.linspace(-1, 1, _POINTS)
    return u, formula.curve(u, *numbers)


def picture_of_formula(source: str, side: int) -> Any:
    """Means over the cells of a square, (side, side). Raises InputError for other numbers than it takes."""
    import numpy as np

    formula, numbers = _parsed(source)
    assert formula.plane is not None
    at = (np.arange(side * _SUBCELLS) + 0.5) / (side * _SUBCELLS) * 2 - 1
    values = formula.plane(at[None, :], at[:, None], *numbers)
    return values.reshape(side, _SUBCELLS, side, _SUBCELLS).mean((1, 3))


def _parsed(source: str) -> tuple[Formula, list[float]]:
    name, _, text = source.partition(":")
    formula = FORMULAS[name]
    try:
        numbers = [float(part) for part in text.split(",")] if text else []
    except ValueError as error:
        raise InputError(f"{name}: expected numbers after the colon, got '{text}'") from error
    if len(numbers) != len(formula.numbers) or not all(map(math.isfinite, numbers)):
        wanted = f"{name}:" + ",".join(formula.numbers) if formula.numbers else f"{name} alone"
        raise InputError(f"{name}: expected {wanted}, got '{source}'")
    if "thickness" in formula.numbers and not 0 < numbers[-1] <= 1:
        raise InputError(f"{name}: thickness: expected above 0, at most 1, got {numbers[-1]:g}")
    return formula, numbers


def read_curve(path: Path) -> tuple[Any, Any]:
    """Positions and values of a text file: a pair a line between commas, semicolons or blanks, or a value a line.

    A first line of words is left out. Values alone are evenly spaced over [-1, 1].

    Raises:
        InputError: no such file, empty, or a line that is neither.
    """
    import numpy as np

    what = f"curve '{path.name}'"
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{what}: too large for a curve ({path.stat().st_size >> 20} MB)")
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(f"{what}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{what}: expected text, a position and a value a line") from error
    rows = [(number, re.split(r"[,;\s]+", line.strip())) for number, line in enumerate(lines, start=1)]
    rows = [(number, words) for number, words in rows if words != [""] and not words[0].startswith("#")]
    if rows and not any(map(_is_number, rows[0][1])):
        rows = rows[1:]
    if not rows:
        raise InputError(f"{what}: it is empty; expected a position and a value a line")
    table = [_numbers(words, len(rows[0][1]), f"{what}: line {number}") for number, words in rows]
    values = np.array(table)
    if values.shape[1] == 1:
        return np.linspace(-1, 1, len(values)) if len(values) > 1 else np.zeros(1), values[:, 0]
    return values[:, 0], values[:, 1]


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _numbers(words: Sequence[str], count: int, what: str) -> list[float]:
    if count not in (1, 2) or len(words) != count or not all(map(_is_number, words)):
        raise InputError(f"{what}: expected a position and a value, got '{' '.join(words):.60}'")
    return [float(word) for word in words]


def read_kernel_picture(path: Any, side: int) -> Any:
    """A square picture of a kernel as at most (side, side) values: the mean of its channels, averaged where larger.

    Raises:
        InputError: no such picture, not square, or black all over.
    """
    from skimage.transform import resize

    from .images import composited, read_image

    values = composited(read_image(path), (0.0, 0.0, 0.0)).mean(-1).astype("float64")
    height, width = values.shape
    if height != width:
        raise InputError(f"kernel's picture '{Path(str(path)).name}': expected a square, got {width} x {height}")
    if not values.any():
        raise InputError(f"kernel's picture '{Path(str(path)).name}': expected one that is not black all over")
    if height > side:
        values = resize(values, (side, side), order=1, anti_aliasing=True, mode="constant")
    return values
