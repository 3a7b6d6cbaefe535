"""Rendering a shape without a window: as its keyframes show it, or in passes, one way of looking at it each."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ...covariance import filter_entry
from ...path.keyframes import KeyframePath
from ...record.reels import Exposure
from .controls import ShapeControls, ShapePass
from .frame import description_of
from .panes import NEEDED
from .report import ShapeReport
from .studio import ShapeStudio

_CHANGES: dict[ShapePass, dict[str, Any]] = {
    "baked": {"comparison": "field", "colouring": "material", "exact": False},
    "exact": {"comparison": "field", "colouring": "material", "exact": True},
    "truth": {"comparison": "truth", "colouring": "material"},
    "error": {"comparison": "error"},
    "normals": {"comparison": "field", "colouring": "normals"},
    "curvature": {"comparison": "field", "colouring": "curvature"},
}
"""What a pass shows differently from the keyframes."""


def truth_asked_by(path: KeyframePath[ShapeControls], passes: Sequence[ShapePass]) -> str:
    """What asks for frames that cannot be made without the truth, in words; empty where nothing does."""
    if passes:
        usual = path.at(path.start)
        asked = [(f"--passes {name}", replace(usual, **_CHANGES.get(name, {"comparison": "field"}))) for name in passes]
    else:
        asked = [(f"keyframes[{index}].comparison", path.at(moment)) for index, moment in path.first_frames()]
    return next((where for where, controls in asked if "truth" in NEEDED[controls.comparison]), "")


def rendered(
    path: KeyframePath[ShapeControls],
    moments: Sequence[float],
    passes: Sequence[ShapePass],
    studio: ShapeStudio,
    report: ShapeReport | None = None,
) -> Iterator[Sequence[Exposure]]:
    """Frames along the path: one of each pass at a time, or as the keyframes show it; the report is told of them.

    Raises:
        InputError: the field cannot be filtered as the path asks.
    """
    for moment in moments:
        controls = path.at(moment)
        time_entry = {"time": round(moment, 9)}
        if passes:
            exposures = [_exposure(name, controls, time_entry, studio) for name in passes]
        else:
            exposures = [_picture(controls, time_entry, studio)]
        if report is not None:
            shown = {**time_entry, **filter_entry(controls.covariance), "level": controls.level}
            report.describe(shown, studio.agreement(controls), exposures)
        yield exposures


def _exposure(name: ShapePass, controls: ShapeControls, entry: dict[str, Any], studio: ShapeStudio) -> Exposure:
    if name == "mesh":
        return _mesh(controls, entry, studio)
    return _picture(replace(controls, **_CHANGES[name]), entry, studio)


def _picture(controls: ShapeControls, entry: dict[str, Any], studio: ShapeStudio) -> Exposure:
    frame = studio.frame(controls)
    return Exposure(frame.pixels, {**entry, **description_of(controls), **frame.milliseconds})


def _mesh(controls: ShapeControls, entry: dict[str, Any], studio: ShapeStudio) -> Exposure:
    started = time.perf_counter()
    mesh = studio.mesh(controls)
    description = {**entry, **filter_entry(controls.covariance), "level": controls.level}
    if mesh is None:
        values = studio.bake("field", controls).values
        found: dict[str, Any] = {
            "reason": f"there is no surface at level {controls.level:g}: under this filter the field is from "
            f"{values.min():.3g} to {values.max():.3g} domain units"
        }
    else:
        counts = {"vertices": len(mesh.vertices), "triangles": len(mesh.triangles), "watertight": mesh.watertight}
        found = {"surface": counts}
    return Exposure(None, {**description, **found, "meshed_ms": round(1e3 * (time.perf_counter() - started), 3)}, mesh)
