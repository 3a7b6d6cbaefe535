"""Kernels fitted to what they should be: profiles to curves, sums of products to pictures of a kernel."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from scipy.optimize import minimize

from .errors import InputError
from .filters.kernel import MOST_TERMS
from .filters.profile import MOST_DEGREE, Profile

MOST_KNOTS = 65
LEAST_LEFT = 1e-3
"""Of a kernel's norm that the first few products of a sum may leave."""

_GRID = 257  # positions where a curve is compared
_NO_MASS = 0.02  # of the integral of |k|: below it a kernel's mass counts as 0
_SYMMETRIC = 1e-6  # of the greatest value


def fit_profile(
    u: Float[np.ndarray, "n"], values: Float[np.ndarray, "n"], degree: int = 1, knots: int = 9
) -> tuple[Profile, float]:
    """The profile of so many knots that is nearest to a curve, by least squares.

    Its knots move (Nelder and Mead 1965), and for each place that they are tried at its compact B-splines are solved
    for. The mass is kept, made 1, or for a curve whose parts cancel 0; then the integral of ``|k|`` is made 1.

    Args:
        u: positions, ascending; the one farthest from 0 becomes the half size.
        values: of the curve there, linear between them.
        degree: of the polynomials between knots, 0 to 2.
        knots: how many, ``degree + 2`` to 65.

    Returns:
        The profile, and the norm of what it leaves, relative to the curve's.

    Raises:
        InputError: no such curve, all zeros, or another degree or number of knots.

    Example:
        >>> u = np.linspace(-1, 1, 101)
        >>> profile, residual = fit_profile(u, np.exp(-4.5 * u**2), degree=2, knots=9)
        >>> round(profile.variance, 3), residual < 0.02
        (0.105, True)
    """
    u, values = _checked_curve(u, values)
    check_knots(degree, knots)
    u = u / np.abs(u).max()
    grid = np.linspace(-1, 1, _GRID)
    curve = np.interp(grid, u, values, left=0, right=0)
    curve, mass = _normalised(curve, grid)
    best = _moved_knots(lambda t: _solved(t, degree, grid, curve, mass)[1], _mirrored(curve), knots)
    weights, left = _solved(best, degree, grid, curve, mass)
    return Profile(degree, best, weights), left / float(np.linalg.norm(curve))


def check_knots(degree: int, knots: int) -> None:
    """Raise InputError unless there are such profiles."""
    if not 0 <= degree <= MOST_DEGREE:
        raise InputError(f"degree: expected 0, 1 or 2, got {degree}")
    if not degree + 2 <= knots <= MOST_KNOTS:
        raise InputError(f"knots: expected from {degree + 2} to {MOST_KNOTS} for degree {degree}, got {knots}")


def _checked_curve(u: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    u, values = np.asarray(u, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if u.ndim != 1 or u.shape != values.shape or len(u) < 2:
        raise InputError(f"curve: expected at least two positions and as many values, got {len(u)} and {len(values)}")
    if not (np.isfinite(u).all() and np.isfinite(values).all()):
        raise InputError("curve: expected finite numbers")
    if (np.diff(u) <= 0).any():
        raise InputError("curve: expected positions that ascend")
    if not values.any():
        raise InputError("curve: expected values that are not all 0; a kernel of zeros filters nothing")
    return u, values


def _normalised(curve: np.ndarray, grid: np.ndarray) -> tuple[np.ndarray, float]:
    """The curve with mass 1, or where its parts cancel with an integral of 1 of its absolute value; and the mass."""
    step = grid[1] - grid[0]
    total, mass = float(np.abs(curve).sum() * step), float(curve.sum() * step)
    if abs(mass) > _NO_MASS * total:
        return curve / mass, 1.0
    return curve / total, 0.0


def _mirrored(curve: np.ndarray) -> bool:
    largest = np.abs(curve).max()
    return any(np.abs(curve - sign * curve[::-1]).max() < _SYMMETRIC * largest for sign in (1, -1))


def _moved_knots(left: Callable[[np.ndarray], float], mirrored: bool, count: int) -> Float[np.ndarray, "knots"]:
    """Knots from -1 to 1 that leave least, and equal distances from the middle where the curve is mirrored."""

    def placed(theta: np.ndarray) -> np.ndarray:
        gaps = np.exp(np.concatenate([theta, theta[::-1][(count - 1) % 2 :]]) if mirrored else theta)
        return np.concatenate([[-1.0], np.cumsum(gaps)[:-1] / gaps.sum() * 2 - 1, [1.0]])

    free = count // 2 if mirrored else count - 1
    start = np.zeros(free)
    if free < 2:
        return placed(start)
    options = {"maxfev": 80 * free, "xatol": 1e-3, "fatol": 1e-7}
    found = minimize(lambda theta: left(placed(np.clip(theta, -4, 4))), start, method="Nelder-Mead", options=options)
    knots = placed(np.clip(found.x, -4, 4))
    return (knots - knots[::-1]) / 2 if mirrored else knots


def _solved(
    knots: np.ndarray, degree: int, grid: np.ndarray, curve: np.ndarray, mass: float
) -> tuple[Float[np.ndarray, "knots"], float]:
    """Weights of the best sum of compact B-splines with these knots and that mass, and the norm of what it leaves."""
    splines = _compact_splines(knots, degree)
    beyond = grid[:, None] - knots
    powers = np.maximum(beyond, 0) ** degree if degree else (beyond >= 0).astype(np.float64)
    basis = powers @ splines / math.factorial(degree)
    count = splines.shape[1]
    system = np.zeros((count + 1, count + 1))
    system[:count, :count] = basis.T @ basis + 1e-12 * np.eye(count)
    system[:count, count] = system[count, :count] = 1  # every spline has mass 1
    solution = np.linalg.solve(system, np.append(basis.T @ curve, mass))[:count]
    return splines @ solution, float(np.linalg.norm(basis @ solution - curve))


def _compact_splines(knots: np.ndarray, degree: int) -> Float[np.ndarray, "knots splines"]:
    """Weights at the knots of each B-spline of mass 1 over ``degree + 2`` of them: divided differences of a power."""
    span = degree + 2
    splines = np.zeros((len(knots), len(knots) - span + 1))
    for first in range(splines.shape[1]):
        own = knots[first : first + span]
        gaps = own[:, None] - own + np.eye(span)
        splines[first : first + span, first] = (-1) ** (span - 1) * math.factorial(span - 1) / gaps.prod(1)
    return splines


def products_of_picture(
    picture: Float[np.ndarray, "n n"], degree: int = 1, terms: int | None = None
) -> tuple[list[tuple[Profile, Profile]], float]:
    """A kernel given by its values on a square lattice, as a sum of products (Eckart and Young 1936).

    The lattice's vertices are knots of the profiles, which are linear between them, or its cells are pieces of
    profiles of degree 0. The mass is made 1, or where the values cancel the integral of ``|k|``.

    Args:
        picture: values, the first row at the top, the kernel's centre in the middle.
        degree: of the profiles, 0 or 1.
        terms: how many products; None for the fewest that leave less than 1e-3 of the norm.

    Returns:
        The profiles along x and y of each product, and the norm of what they leave, relative to the kernel's.

    Raises:
        InputError: another shape, all zeros, more than 65 a side, or a kernel that 16 products do not suffice for.

    Example:
        >>> y, x = np.mgrid[-8:9, -8:9] / 8
        >>> terms, residual = products_of_picture(np.exp(-3 * (x**2 + y**2)))  # a Gaussian is one product
        >>> len(terms), residual < 1e-6
        (1, True)
    """
    values = np.asarray(picture, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] != values.shape[1]:
        raise InputError(f"kernel's picture: expected a square, got {' x '.join(map(str, values.shape[::-1]))}")
    if degree not in (0, 1):
        raise InputError(f"degree: expected 0 or 1 for a kernel's picture, got {degree}")
    if not 2 <= len(values) <= MOST_KNOTS - 2:
        raise InputError(f"kernel's picture: expected 2 to {MOST_KNOTS - 2} values a side, got {len(values)}")
    if not np.isfinite(values).all() or not values.any():
        raise InputError("kernel's picture: expected finite values that are not all 0")
    left, strengths, right = np.linalg.svd(values)
    remaining = np.sqrt(np.maximum(1 - np.cumsum(strengths**2) / (strengths**2).sum(), 0))
    needed = int(np.argmax(remaining < LEAST_LEFT)) + 1 if terms is None else min(terms, len(values))
    if needed > MOST_TERMS:
        raise InputError(
            f"kernel's picture: {MOST_TERMS} products leave {remaining[MOST_TERMS - 1]:.2g} of its norm, more than "
            f"{LEAST_LEFT:g}; give --terms {MOST_TERMS} to take it so, a smoother kernel, or fewer --knots"
        )
    cell = 2 / len(values) if degree == 0 else 2 / (len(values) + 1)
    total, mass = float(np.abs(values).sum()) * cell**2, float(values.sum()) * cell**2
    scale = 1 / mass if abs(mass) > _NO_MASS * total else 1 / total
    products = [
        (_through(right[k], degree), _through(scale * strengths[k] * left[:, k], degree)) for k in range(needed)
    ]
    return products, float(remaining[needed - 1])


def _through(values: np.ndarray, degree: int) -> Profile:
    """The profile with these values in its cells, or at its inner knots and linear between them."""
    knots = np.linspace(-1, 1, len(values) + 1 + degree)
    padded = np.concatenate([[0.0] * (degree + 1), values, [0.0] * (degree + 1)])
    step = knots[1] - knots[0]
    return Profile(degree, knots, np.diff(padded, degree + 1) / step**degree)
