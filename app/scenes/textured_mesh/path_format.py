"""Flights as JSON, described in docs/paths.md."""

from __future__ import annotations

from fieldcore.border_names import Border

from ...camera.path_entries import CAMERA_ENTRIES
from ...path.entry_checks import flag, number, whole_number
from ...path.path_format import named, tabular_format
from .controls import FlightComparison, PixelFilter, Shading
from .keyframes import FlightKeyframe, FlightPath

MOST_SAMPLES = 16
"""Samples a pixel along either axis."""


FLIGHT_PATH = tabular_format(
    FlightPath,
    FlightKeyframe,
    files={"model": "the path of a model", "field": "the path of a field", "texture": "the file of a picture"},
    required=("model",),
    still={
        "wrap": named(Border),
        "atlas": flag,
        "pixel_filter": named(PixelFilter),
        "samples": lambda value, where: whole_number(value, where, 1, MOST_SAMPLES),
        "lit": flag,
        "grid": flag,
        "caption": flag,
        "error_range": lambda value, where: number(value, where, above=0.0),
    },
    keyed={
        **CAMERA_ENTRIES,
        "variance": lambda value, where: number(value, where, 0.0),
        "shading": named(Shading),
        "other": named(Shading),
        "comparison": named(FlightComparison),
        "divider": lambda value, where: number(value, where, 0.0, 1.0),
    },
)
