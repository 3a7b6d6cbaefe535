"""Paths of shapes as JSON, described in docs/paths.md."""

from __future__ import annotations

from typing import Any

import numpy as np

from fieldcore.errors import InputError
from fieldcore.shape_extent import HALF_EXTENT

from ...camera.path_entries import CAMERA_ENTRIES
from ...path.entry_checks import flag, number, numbers, shown
from ...path.path_format import Shorthand, named, tabular_format
from .controls import Colouring, Covariance3, ShapeComparison, Slice, covariance_matrix
from .keyframes import ShapeKeyframe, ShapePath
from .log_covariance import is_isotropic

CELLS = (32, 64, 128, 256)
"""Along each axis of a bake."""


def filter_entry(covariance: Covariance3) -> dict[str, Any]:
    """The filter as paths and reports write it: ``variance`` if there is one, else ``covariance``."""
    return {"variance": covariance[0]} if is_isotropic(covariance) else {"covariance": list(covariance)}


def _covariance(value: Any, where: str) -> Covariance3:
    xx, xy, xz, yy, yz, zz = numbers(value, where, 6)
    covariance = (xx, xy, xz, yy, yz, zz)
    matrix = covariance_matrix(covariance)
    if max(map(abs, covariance)) >= 1e30 or np.linalg.eigvalsh(matrix)[0] < 0:
        from fieldcore.filters import Gaussian  # it imports torch, which most refusals need not wait for

        # A filter forgives rounding, but is too slow to ask for every one of a recording's thousands of keyframes.
        try:
            Gaussian(matrix.tolist())
        except InputError as error:
            raise InputError(f"{where.rpartition('.')[0]}.{error}") from error
    return covariance


def _spelled_out(value: Any, where: str) -> list[float]:
    variance = number(value, where, 0.0)
    return [variance, 0.0, 0.0, variance, 0.0, variance]


def _cells(value: Any, where: str) -> int:
    if isinstance(value, bool) or value not in CELLS:
        raise InputError(f"{where}: expected one of {', '.join(map(str, CELLS))}, got {shown(value)}")
    return int(value)


SHAPE_PATH = tabular_format(
    ShapePath,
    ShapeKeyframe,
    files={"field": "the path of a field", "truth": "the file of a mesh"},
    required=("field",),
    still={
        "exact": flag,
        "shadows": flag,
        "grid": flag,
        "caption": flag,
        "cells": _cells,
        "error_range": lambda value, where: number(value, where, above=0.0),
    },
    keyed={
        **CAMERA_ENTRIES,
        "covariance": _covariance,
        "level": number,
        "comparison": named(ShapeComparison),
        "colouring": named(Colouring),
        "slice": named(Slice),
        "slice_position": lambda value, where: number(value, where, -HALF_EXTENT, HALF_EXTENT),
        "light_yaw_deg": number,
        "light_pitch_deg": lambda value, where: number(value, where, -90.0, 90.0),
        "divider": lambda value, where: number(value, where, 0.0, 1.0),
    },
    shorthand=Shorthand("variance", "covariance", _spelled_out, filter_entry),
)
