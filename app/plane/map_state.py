"""The state of a scene on a plane whose filter has a map of sizes: handles that are dragged, and a brush."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from fieldcore.errors import InputError
from fieldcore.grid import Grid

from ..scene_state import Position
from ..services import Services
from .controls import Point
from .filter_state import FilteredPlaneState
from .painting import LONGER_SIDE, Painting
from .size_maps import RAMPS, Ring, keep_painted, names_map_file
from .view import View

HANDLES = ("map_focus", "map_whole")
"""Entries of a ramp whose points are dragged on the view."""

_REACH_PT = 14.0


class MappedState(FilteredPlaneState):
    """What such scenes have.

    Attributes:
        brushes: whether a drag paints the map, and does not move the picture.
        brush_pt: radius of the brush, in points of the view.
        brush_strength: how much of the whole size a stroke gives; below 0 it takes off.
        brush_at: where the brush is, in pixels of the view; None while it is not over it.
    """

    def __init__(self, services: Services, controls: Any) -> None:
        super().__init__(services, controls)
        self.brushes = False
        self.brush_pt, self.brush_strength = 60.0, 1.0
        self.brush_at: Position | None = None
        self._painting: Painting | None = None
        self._pixel_ratio = 1.0

    # The map

    def set_map(self, name: str) -> None:
        """Take another map. Raises InputError if it cannot be read, or does not suit the picture."""
        changed = replace(self.controls, half_size_map=name)
        if self.document is not None:
            changed.check_files(self.document.field.facts)
        elif names_map_file(name) and not Path(name).is_file():
            raise InputError(f"map: expected linear, radial, or the file of a picture, got '{name}'")
        self._show_map(name, map_shown=name != "")
        self.brushes = False

    def show_opened(self, path: str) -> None:
        """See the base; a map that does not suit the picture is not kept."""
        super().show_opened(path)
        document = self.document
        try:
            if document is not None:
                self.controls.check_files(document.field.facts)
        except InputError as error:
            self._services.notice(f"{error}: the map is not kept")
            self.change(half_size_map="")
            self.brushes = False

    def _show_map(self, name: str, **more: Any) -> None:
        self.change(half_size_map=name, **more)
        self.controls = self._possible(self.controls)

    def paint_map(self) -> None:
        """Let the brush paint a map, beginning with the one that there is."""
        document, controls = self.document, self.controls
        if document is None:
            raise InputError(f"nothing to paint on: {self.scene.invitation}")
        if self._painting is None or self._painting.name != controls.half_size_map:
            facts, begun = document.field.facts, None
            if controls.half_size_map:
                grid = Grid.covering(facts.half_extent[:2], LONGER_SIDE)
                begun = controls.map_shares(grid.points(0, grid.count), facts).reshape(grid.shape).numpy()
            folder = Path(self._services.recording.settings.folder).absolute()
            self._painting = Painting(facts.half_extent[:2], folder, Path(facts.name).stem or "picture", begun)
            self._take_painted(self._painting, written=True)
        self.change(map_shown=True)
        self.brushes = True

    def toggle_brush(self) -> None:
        """Paint, or move the picture again."""
        if self.brushes:
            self.brushes = False
        else:
            self._services.attempt(self.paint_map)

    def toggle_map(self) -> None:
        """Lay the map over the picture, or hide it."""
        self.change(map_shown=not self.controls.map_shown)

    @property
    def has_strokes(self) -> bool:
        """Whether there is a stroke to take back."""
        painting = self._painting
        return painting is not None and painting.name == self.controls.half_size_map and painting.has_strokes

    @property
    def undo_refusal(self) -> str:
        """See the base."""
        return "" if self.brushes and self.has_strokes else super().undo_refusal

    def undo(self) -> None:
        """See the base; while somebody paints, the last stroke."""
        if self.brushes and self.has_strokes:
            self.undo_stroke()
        else:
            super().undo()

    def undo_stroke(self) -> None:
        """Take the last stroke of the brush back."""
        if self._painting is not None and self._painting.undo():
            self._take_painted(self._painting, written=True)

    def _take_painted(self, painting: Painting, written: bool = False) -> None:
        keep_painted(painting.name, painting.shares)
        if written or self._services.recording.noting:  # a path must find what it shows
            self._services.attempt(painting.write)
        self._show_map(painting.name)

    @property
    def brush_ring(self) -> Ring | None:
        """See the base."""
        if not self.brushes or self.brush_at is None:
            return None
        return (*self._in_pane(self.brush_at), self.brush_pt * self._pixel_ratio)

    # The mouse

    def handles(self) -> dict[str, Point]:
        """Where the handles of a ramp are that is shown, in pixels of a pane."""
        view, controls = self.view, self.controls
        if view is None or not controls.map_shown or controls.half_size_map not in RAMPS:
            return {}
        return {name: view.frame_from_domain(getattr(controls, name)) for name in HANDLES}

    def press_button(self, position: Position, pixel_ratio: float = 1.0) -> None:
        """The mouse's button went down: it paints, drags a handle, or does what it does on every plane."""
        self._pixel_ratio, at = pixel_ratio, self._in_pane(position)
        near = {name: math.dist(place, at) for name, place in self.handles().items()}
        handle = min(near, key=lambda name: near[name], default="")
        if self.brushes and self.view is not None and not self._is_on_divider(position, pixel_ratio):
            self._hand = "brush", position
            self._brush(self.view, position, position)
        elif handle and near[handle] <= _REACH_PT * pixel_ratio:
            self._hand = handle, position
        else:
            super().press_button(position, pixel_ratio)

    def move(self, position: Position) -> None:
        """The mouse moved."""
        what, last = self._hand
        self.brush_at = position if self.brushes else None
        if last is None or self.view is None or what not in ("brush", *HANDLES):
            super().move(position)
            return
        self._hand = what, position
        if what == "brush":
            self._brush(self.view, last, position)
        else:
            self._drag(what, self.view.domain_from_frame(self._in_pane(position)))

    def release_button(self) -> None:
        """The button came up: a stroke is whole."""
        if self._hand[0] == "brush" and self._painting is not None:
            self._painting.end_stroke()
            self._take_painted(self._painting, written=True)
        super().release_button()

    def let_go(self) -> None:
        """Nobody is at the window any more: a stroke ends where it is."""
        self.release_button()
        super().let_go()

    def _brush(self, view: View, start: Position, end: Position) -> None:
        if self._painting is None:
            return
        radius = self.brush_pt * self._pixel_ratio * view.pixel_size
        points = [view.domain_from_frame(self._in_pane(position)) for position in (start, end)]
        self._painting.stroke(points[0], points[1], radius, self.brush_strength)
        self._take_painted(self._painting)

    def _drag(self, handle: str, to: Point) -> None:
        """Drag a handle; the focus takes the other one along."""
        moved = {handle: to}
        if handle == "map_focus":
            focus, whole = self.controls.map_focus, self.controls.map_whole
            moved["map_whole"] = (whole[0] + to[0] - focus[0], whole[1] + to[1] - focus[1])
        self.change(**moved)

    def _show_nothing(self) -> None:
        super()._show_nothing()
        self.brushes, self._painting = False, None
