"""Covariances that a plan asks for: drawn from a seed, or read from a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..filter_sets import covariance_filters
from ..filters import Gaussian
from .plan_file import read_json

Matrix = tuple[tuple[float, ...], ...]


def covariance_matrices(asked: Mapping[str, Any], dim: int, folder: Path) -> tuple[Matrix, ...]:
    """The covariances of so many dimensions, in squared domain units.

    Args:
        asked: ``Measure.covariances``.
        dim: rows of each.
        folder: that a relative file name starts from.

    Raises:
        InputError: no such file, or a matrix of it that is no covariance.

    Example:
        >>> len(covariance_matrices({"seed": 0, "count": 3}, 2, Path()))
        3
    """
    if not asked:
        return ()
    if "file" in asked:
        return _read(folder / asked["file"], dim)
    drawn = covariance_filters(asked["seed"], dim, asked["count"])
    return tuple(_rows(one.covariance(dim).double().tolist()) for one in drawn)


def _read(path: Path, dim: int) -> tuple[Matrix, ...]:
    """Those of a JSON file that have so many rows."""
    what = f"covariances '{path}'"
    document = read_json(path, "covariances")
    if not isinstance(document, list) or not document:
        raise InputError(f"{what}: expected a list of matrices, each a list of rows")
    found = []
    for number, matrix in enumerate(document):
        try:
            rows = _rows(matrix)
            if len(rows) == dim:
                Gaussian([list(row) for row in rows])
                found.append(rows)
        except (TypeError, ValueError, InputError) as error:
            raise InputError(f"{what}: number {number}: expected a symmetric matrix of variances ({error})") from error
    if not found:
        raise InputError(f"{what}: none of its matrices has {dim} rows")
    return tuple(found)


def _rows(matrix: Any) -> Matrix:
    return tuple(tuple(float(entry) for entry in row) for row in matrix)
