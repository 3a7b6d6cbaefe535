"""The panel keeps to the view: it moves with it, lies inside it while it is maximised, and lends it its room."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ..layout_file import Placement, Side
from .placing import apart, beside, divided, inside, on_side, with_room, without_room

REST_PASSES = 12
"""Passes after which windows that have not moved are at rest: window managers draw them elsewhere while they shrink,
grow or are maximised."""


@runtime_checkable
class View(Protocol):
    """What the dock needs of the view's window."""

    inset_px: int
    inset_side: Side

    @property
    def placement(self) -> Placement:
        """Where it is on the desktop."""

    @property
    def maximised(self) -> bool:
        """Whether it fills its monitor."""

    @property
    def minimised(self) -> bool:
        """Whether there is nothing to see of it."""

    def place(self, placement: Placement) -> None:
        """Ask the desktop to move it there."""


@runtime_checkable
class Panel(Protocol):
    """What the dock needs of the panel."""

    visible: bool

    @property
    def placement(self) -> Placement:
        """Where it is on the desktop, or will be once it is shown."""

    def place(self, placement: Placement, decorated: bool) -> None:
        """Move it there; without decoration it has neither title nor edges."""


class Dock:
    """Holds the two together.

    Args:
        gap: what is left between them, in pixels.
        side: of the view that the panel lies on.
        letters: how large those of the panel are.

    Attributes:
        view_place, panel_place: where they lie at rest, or will, while the view is not maximised.
        maximised: whether it is.
    """

    def __init__(self, view: View, panel: Panel, gap: int, side: Side = "right", letters: float = 1.0) -> None:
        self._view, self._panel, self._gap, self._side, self._letters = view, panel, gap, side, letters
        view.inset_side = side
        self.view_place, self.panel_place = view.placement, panel.placement
        self.maximised = False
        self._last = (self.view_place, self.panel_place)
        self._apart = apart(*self._last)
        self._still = 0
        self._awaiting = False

    def lie(self, side: Side) -> None:
        """Let the panel lie on that side of the view from now on."""
        if side == self._side:
            return
        self._side = self._view.inset_side = side
        self.view_place, self.panel_place = on_side(self.view_place, self.panel_place, side, self._gap)
        self._put()

    def suit(self, letters: float) -> None:
        """Let the panel be as wide as its letters want it, of which it is told how large they are from now on."""
        if letters == self._letters:
            return
        width, self._letters = round(self.panel_place[2] * letters / self._letters), letters
        self.view_place, self.panel_place = divided(self.view_place, self.panel_place, width, self._side)
        self._put()

    def _put(self) -> None:
        """Bring both to where they are to lie."""
        self._apart, self._awaiting = apart(self.view_place, self.panel_place), True
        if self.maximised:
            self._panel.place(inside(self.panel_place, self._view.placement, self._side), False)
        else:
            self._view.place(self.view_place)
            self._panel.place(self.panel_place, True)

    def keep(self, shown: bool) -> None:
        """One pass; ``shown``: whether the panel is to be there."""
        if shown != self._panel.visible:
            self._show(shown)
        if self._view.minimised:
            return
        view, panel = now = self._view.placement, self._panel.placement
        self._still = self._still + 1 if now == self._last else 0
        if self._view.maximised:
            self._lie_inside(view)
        elif self.maximised:
            self.maximised = False
            self._panel.place(self.panel_place, True)
        elif view != self._last[0]:
            self._awaiting = False
            self._panel.place(beside(view, panel, self._apart), True)
        elif self._still >= REST_PASSES and not self._awaiting:
            self.view_place, self.panel_place, self._apart = view, panel, apart(view, panel)
        self._view.inset_px = self._panel.placement[2] if self.maximised and self._panel.visible else 0
        self._last = view, self._panel.placement

    def _lie_inside(self, view: Placement) -> None:
        if not self.maximised or view != self._last[0]:
            self.maximised = True
            self._panel.place(inside(self.panel_place, view, self._side), False)

    def _show(self, shown: bool) -> None:
        """Give the panel's room to the view, or take it back."""
        place, view = self._panel.placement, self._view.placement
        self._panel.visible = shown
        wanted = without_room(view, place, self._gap) if shown else with_room(view, place)
        if not self.maximised and wanted != view:
            self.view_place, self._apart, self._awaiting = wanted, apart(wanted, place), True
            self._view.place(wanted)
