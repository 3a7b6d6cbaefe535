"""Maps of half sizes on a plane: another size of the kernel at every point."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, UInt8

from ..entries import Controls, entry
from ..path.entry_checks import text
from ..path.tracks import SHARE, Space
from .controls import Point, point_check

if TYPE_CHECKING:
    from torch import Tensor

    from fieldcore.signals import SignalFacts
else:  # they import torch, which a page of help should not wait for
    SignalFacts = Tensor = Any

MOST_BRUSH_PT = 300.0
"""Radius of the largest brush, in points of the view."""

Ring = tuple[float, float, float]
"""The middle and the radius of a brush, in pixels of a pane."""

RAMPS = ("linear", "radial")
"""Maps that two points say."""

POINTS = Space(np.array, lambda point: (float(point[0]), float(point[1])))
"""Where points move."""


def names_map_file(name: str) -> bool:
    """Whether a map is a picture's, by its text."""
    return name != "" and name not in RAMPS


def _map(value: Any, where: str) -> str:
    return "" if value == "" else text(value, where, '"linear", "radial", or the file of a picture')


def _only_for_ramps(controls: Any) -> str:
    return "" if controls.half_size_map in RAMPS else "only for a linear or a radial map"


@dataclass(frozen=True, kw_only=True)
class MapControls(Controls):
    """The entries of a map.

    Attributes:
        half_size_map: empty for none, ``linear``, ``radial``, or the file of a picture, black being the least size.
        half_size_least: the half size where the map is least; where it is most, it is that of the filter.
        map_focus: of a ramp, where it is least.
        map_whole: of a ramp, where it is most.
        map_feather: of a ramp, the share of the way between that it grows over.
        map_shown: whether the map lies over the view.
    """

    half_size_map: str = entry(
        "",
        "map",
        "another size at every point: linear or radial, or a picture, black being the least size, white the whole",
        group="Filter",
        widget="text",
        metavar="NAME",
        check=_map,
        names_file=names_map_file,
    )
    half_size_least: float = entry(
        0.002,
        "least half size",
        "the half size where the map is least, in domain units; where it is most, it is that of the kernel",
        group="Filter",
        widget="number",
        above=0.0,
        most=100.0,
        bounds=(1e-4, 10.0),
        seen=lambda controls: controls.half_size_map != "",
    )
    map_focus: Point = entry(
        (0.0, 0.0), "focus x,y", "linear and radial: the point where the size is least, in domain units",
        group="Filter", bounds=(-4.0, 4.0), metavar="X,Y", check=point_check, space=POINTS,
        seen=lambda controls: controls.half_size_map in RAMPS,
    )  # fmt: skip
    map_whole: Point = entry(
        (0.0, 0.5), "whole at x,y", "linear and radial: a point where the size is whole, in domain units",
        group="Filter", bounds=(-4.0, 4.0), metavar="X,Y", check=point_check, space=POINTS,
        seen=lambda controls: controls.half_size_map in RAMPS,
    )  # fmt: skip
    map_feather: float = entry(
        0.7,
        "feather",
        "linear and radial: the share of the way from focus to whole over which the size grows",
        group="Filter",
        least=0.0,
        most=1.0,
        space=SHARE,
        refusal=_only_for_ramps,
        seen=lambda controls: controls.half_size_map in RAMPS,
    )
    map_shown: bool = entry(False, along="constant")

    @property
    def map_seen(self) -> bool:
        """Whether there is a map that lies over the view."""
        return self.map_shown and self.half_size_map != ""

    def map_shares(self, points: Tensor, facts: SignalFacts) -> Tensor:
        """What the map holds at points (n, 2): from 0, the least size, to 1 (n). Raises InputError as ``check_map``."""
        return self._map_of(facts).shares_at(points)

    def check_map(self, facts: SignalFacts) -> None:
        """Raise InputError if the map cannot be read, or is of another aspect ratio than a signal's plane."""
        if self.half_size_map:
            self._map_of(facts)

    @property
    def map_text(self) -> str:
        """The map as ``fieldcore evaluate --half-size-map`` takes it."""
        return str(self._ramp.as_text) if self.half_size_map in RAMPS else self.half_size_map

    @property
    def _ramp(self) -> Any:
        from fieldcore.size_map import Ramp

        return Ramp(self.half_size_map, self.map_focus, self.map_whole, self.map_feather)

    def _map_of(self, facts: SignalFacts) -> Any:
        if self.half_size_map in RAMPS:
            return self._ramp
        return _PICTURES.opened(self.half_size_map, facts.half_extent[:2])

    @property
    def map_description(self) -> dict[str, Any]:
        """As reports write it."""
        if not self.half_size_map:
            return {}
        ramp = {"map_focus": list(self.map_focus), "map_whole": list(self.map_whole), "map_feather": self.map_feather}
        return {
            "half_size_map": self.half_size_map,
            "half_size_least": self.half_size_least,
            **(ramp if self.half_size_map in RAMPS else {}),
        }


class MapPictures:
    """Maps that were read or painted lately, by file."""

    _KEPT_PAINTED, _KEPT_READ = 96, 4

    def __init__(self) -> None:
        self._painted: OrderedDict[str, UInt8[np.ndarray, "h w"]] = OrderedDict()
        self._read: OrderedDict[tuple[Any, ...], Any] = OrderedDict()

    def keep(self, name: str, shares: Float[np.ndarray, "h w"]) -> None:
        """Take what was painted as the map of that name, though no file has it yet; as a file would hold it."""
        self._painted[name] = np.round(shares * 255).astype(np.uint8)
        while len(self._painted) > self._KEPT_PAINTED:
            self._painted.popitem(last=False)

    def opened(self, name: str, half_extent: tuple[float, ...]) -> Any:
        """The map, as ``SizeMap.open``. Raises InputError if it cannot be read."""
        from fieldcore.size_map import SizeMap

        painted = self._painted.get(name)
        file = Path(name) if painted is not None or Path(name).is_file() else whole_stroke(Path(name))
        changed = id(painted) if painted is not None else file.stat().st_mtime_ns if file.is_file() else 0
        key = name, changed, half_extent
        if key not in self._read:
            usual = (1.0, 1.0)  # sizes are the filter's own
            opened = (
                SizeMap.open(file, usual, half_extent)
                if painted is None
                else SizeMap(painted.astype(np.float32) / 255, usual, half_extent)
            )
            self._read[key] = opened
            while len(self._read) > self._KEPT_READ:
                self._read.popitem(last=False)
        return self._read[key]


def whole_stroke(file: Path) -> Path:
    """The file of the stroke that a map was painted in the middle of, which only a recording keeps for itself."""
    return file.with_name(re.sub(r"(-map-\d+)-\d+(\.png)$", r"\1\2", file.name))


_PICTURES = MapPictures()
keep_painted = _PICTURES.keep
