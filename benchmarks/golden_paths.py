"""What golden_frames.py looks at: paths in which a shipped one is gone along again and again, each time another way.

Each time round is a lap: its first keyframe says what is shown (a comparison, a way of shading, a slice), and the lap
is rendered at a few moments, most of them between keyframes. So a path of few frames holds every comparison under
several filters and views, and what moves between keyframes is tried too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

Entries = dict[str, Any]
Size = tuple[int, int]

ASSETS = Path(__file__).parents[1] / "assets"
_FILES = ("field", "other", "model", "truth")
_SAMPLE = "sample:"
_SLANTED_3D = [4e-3, 2e-3, 0.0, 2e-3, 2e-4, 5e-4]


@dataclass(frozen=True)
class Look:
    """One way of looking at a scene.

    Attributes:
        name: for people, and for names of files.
        first: what the lap's first keyframe says.
        every: what each of its keyframes says, in place of what the shipped path does.
        stored: whether the suite keeps a frame of it.
    """

    name: str
    first: Entries = field(default_factory=dict)
    every: Entries = field(default_factory=dict)
    stored: bool = True


@dataclass(frozen=True)
class Subject:
    """A scene as the shipped path shows it.

    Attributes:
        name: of the scene, in the names of folders.
        path: file in assets/, or the path itself.
        entries: what the path says besides, for all its frames.
        otherwise: entries that differ in the frames with captions, so that switches are seen both ways.
        usual: what every lap's first keyframe says, unless its look says otherwise.
        looks: the laps.
        begun_at: index of the keyframe that rotated laps begin with: something is smoothed there.
    """

    name: str
    path: str | Entries
    entries: Entries
    otherwise: Entries
    usual: Entries
    looks: tuple[Look, ...]
    begun_at: int


@dataclass(frozen=True)
class Canvas:
    """A size that all looks are rendered at.

    Attributes:
        name: in the names of folders.
        size: width and height.
        moments: frames a lap.
        caption: whether captions, labels and scales are written, and switches are the other way.
        rotated: whether laps begin at ``begun_at``, for few moments.
    """

    name: str
    size: Size
    moments: int
    caption: bool = False
    rotated: bool = False


# The field that is further from the truth comes first: a pane that shows the wrong one is seen.
PICTURE = Subject(
    name="picture",
    path="demo.json",
    entries={"field": "spectral.safetensors", "other": "pyramid.safetensors", "truth": "sample:astronaut"},
    otherwise={"error_range": 0.03, "falloff": 0.3},
    usual={"comparison": "field", "foveated": False, "divider": 0.37, "gaze": [-0.13, -0.5]},
    looks=(
        Look("field"),
        Look("truth", {"comparison": "truth"}),
        Look("error", {"comparison": "error"}),
        Look("wipe", {"comparison": "wipe"}),
        Look("two_up", {"comparison": "two_up"}),
        Look("foveated", {"foveated": True}),
        Look("foveated_two_up", {"comparison": "two_up", "foveated": True, "gaze": [0.3, 0.2]}, stored=False),
        Look("far_away", {"comparison": "wipe"}, {"center": [0.1, 0.05], "zoom": 0.31}, stored=False),
    ),
    begun_at=5,
)

FLIGHT = Subject(
    name="flight",
    path="flight.json",
    entries={"field": "pyramid.safetensors"},  # a portrait on a fish: any picture's field can be a texture
    otherwise={"lit": False, "grid": True, "pixel_filter": "box", "samples": 4, "error_range": 0.3},
    usual={"comparison": "one", "shading": "mipmap", "other": "single", "divider": 0.37, "variance": 0.0},
    looks=(
        *(
            Look(shading, {"shading": shading}, stored=shading != "shader")
            for shading in ("single", "mipmap", "anisotropic", "supersampled", "neural", "shader", "uv")
        ),
        Look("smoothed", {"shading": "neural"}, {"variance": 1e-3}, stored=False),
        Look("wipe", {"comparison": "wipe", "shading": "neural", "other": "mipmap"}),
        Look("two_up", {"comparison": "two_up", "shading": "neural", "other": "supersampled"}),
        Look("four", {"comparison": "four", "shading": "neural"}),
        Look("error", {"comparison": "error", "shading": "mipmap"}),
        Look("error_neural", {"comparison": "error", "shading": "neural"}, stored=False),
    ),
    begun_at=2,
)

SHAPE = Subject(
    name="shape",
    path="turntable.json",
    entries={"truth": "ammonite.ply", "cells": 64, "error_range": 4e-3, "grid": False},
    otherwise={"shadows": False, "grid": True, "cells": 32, "error_range": 0.02},
    usual={"comparison": "field", "colouring": "material", "slice": "none", "slice_position": 0.1, "level": 0.0}
    | {"divider": 0.37},
    looks=(
        Look("field"),
        Look("truth", {"comparison": "truth"}),
        Look("error", {"comparison": "error"}),
        Look("wipe", {"comparison": "wipe"}),
        Look("two_up", {"comparison": "two_up"}),
        Look("sliced", {"slice": "x"}),
        Look("normals", {"colouring": "normals"}),
        Look("curvature", {"colouring": "curvature"}),
        Look("sliced_wipe", {"slice": "y", "comparison": "wipe", "colouring": "normals"}, stored=False),
        Look("sliced_error", {"slice": "z", "comparison": "error"}, stored=False),
        Look("slanted", {"comparison": "two_up"}, {"covariance": _SLANTED_3D}),
        Look("thicker", {"level": 0.05}, {"level": 0.05}, stored=False),
        Look("out_of_reach", {"level": -2.0}, {"level": -2.0}, stored=False),
    ),
    begun_at=0,  # else the filter's ellipsoid hides what is small
)

EXACT_SHAPE = replace(
    SHAPE,
    name="exact_shape",
    begun_at=3,
    entries={**SHAPE.entries, "exact": True, "grid": True},
    looks=tuple(
        look if look.name != "field" else replace(look, name="exact")
        for look in SHAPE.looks
        if look.name in ("field", "error", "wipe", "sliced", "normals", "curvature")
    ),
)

VIDEO = Subject(
    name="video",
    path={
        "format": "fieldscope-path", "version": 1, "scene": "video", "field": "of write_clip",
        "keyframes": [{"time": 0, "moment": 0.1}, {"time": 1, "moment": 0.4}, {"time": 2, "moment": 0.1}],
    },
    entries={"loop": False},
    otherwise={"loop": True},
    usual={"layout": "one", "left": "field", "right": "truth", "variance": 0.0, "time_deviation": 0.0},
    looks=(
        Look("field", stored=False),
        Look("smoothed", every={"variance": 3e-3, "time_deviation": 0.06}),
        Look("over_time", every={"time_deviation": 0.1}, stored=False),
        Look("wipe", {"layout": "wipe"}, {"center": [0.2, 0.1], "zoom": 1.7}, stored=False),
    ),
    begun_at=1,
)  # fmt: skip

SUBJECTS = (PICTURE, FLIGHT, SHAPE, EXACT_SHAPE, VIDEO)


def write_clip(folder: Path) -> None:
    """Write the clip that videos are shown of: smooth frames, each different, as pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    y, x = np.mgrid[:27, :48]
    for number in range(16):
        waves = [np.sin(x / 3 + y / 4 + 0.7 * number + phase) for phase in (0, 2, 4)]
        frame = (127 + 100 * np.stack(waves, -1)).round().astype(np.uint8)
        cv2.imwrite(str(folder / f"{number:03d}.png"), frame)


def lapped(subject: Subject, looks: Sequence[Look], canvas: Canvas) -> Entries:
    """The path, as JSON says it: one lap for each look."""
    path = subject.path
    shipped = json.loads((ASSETS / path).read_text()) if isinstance(path, str) else path
    *once, last = shipped["keyframes"]  # the last one is the first come round again
    length = last["time"] - once[0]["time"]
    start = subject.begun_at if canvas.rotated else 0
    once = [*once[start:], *({**keyframe, "time": keyframe["time"] + length} for keyframe in once[:start])]
    keyframes = [
        _keyframe(keyframe, subject, look, is_first=index == 0, later_by=number * length)
        for number, look in enumerate(looks)
        for index, keyframe in enumerate(once)
    ]
    whole = {
        **shipped,
        **subject.entries,
        **(subject.otherwise if canvas.caption else {}),
        "caption": canvas.caption,
        "closed": True,
        "frames_per_second": canvas.moments / length,
        "keyframes": [*keyframes, {"time": once[0]["time"] + len(looks) * length}],
    }
    return with_whole_names(whole)


def with_whole_names(path: Entries) -> Entries:
    """The path, whose files are named from anywhere."""
    named = {name: path[name] for name in _FILES if name in path and not path[name].startswith(_SAMPLE)}
    return {**path, **{name: str(ASSETS / file) for name, file in named.items()}}


def _keyframe(shipped: Entries, subject: Subject, look: Look, is_first: bool, later_by: float) -> Entries:
    entries = {**shipped, "time": shipped["time"] + later_by}
    if is_first:
        entries |= subject.usual | look.first
    if "covariance" in look.every:
        entries.pop("variance", None)
    return entries | look.every
