"""Where the view and its panel lie on the desktop: plain arithmetic with their places and the monitors'."""

from __future__ import annotations

from collections.abc import Sequence

from ..layout_file import Placement, Side

GAP_PT, PANEL_PT = 8, 460
_LEAST_SEEN_PX = 64
_WIDEST_GAP_PX = 64
_LEAST_VIEW_PX = 320
_FRAME_PX = 16


def is_seen(placement: Placement, areas: Sequence[Placement]) -> bool:
    """Whether a window there has a size that makes sense, and enough of it lies on one of the monitors."""
    _, _, width, height = placement
    is_sensible = min(width, height) >= _LEAST_SEEN_PX and max(width, height) <= 16384
    return is_sensible and any(min(_common(placement, area)) >= _LEAST_SEEN_PX for area in areas)


def view_place(remembered: Placement | None, areas: Sequence[Placement], pixel_ratio: float = 1.0) -> Placement:
    """Where the view opens: where it was, if that can be seen, else on the first monitor with room for the panel."""
    if remembered is not None and is_seen(remembered, areas):
        return remembered
    left, top, width, height = areas[0]
    room = round((PANEL_PT + GAP_PT) * pixel_ratio) + 52
    return left + _FRAME_PX, top + 2 * _FRAME_PX, max(480, width - room), max(360, height - 6 * _FRAME_PX)


def panel_place(
    remembered: Placement | None,
    view: Placement,
    areas: Sequence[Placement],
    pixel_ratio: float = 1.0,
    side: Side = "right",
    letters: float = 1.0,
) -> Placement:
    """Where the panel opens: where it was, if that can be seen, else beside the view, on that side if there is room.

    It is as wide as its ``letters`` want it, beside the usual ones.
    """
    if remembered is not None and is_seen(remembered, areas):
        return remembered
    left, top, width, height = view
    gap, own = round(GAP_PT * pixel_ratio), round(PANEL_PT * pixel_ratio * letters)
    area = max(areas, key=lambda area: min(_common(view, area)))
    right, left_of = left + width + gap, left - gap - own
    places = {"right": right, "left": left_of}
    for start in (places.pop(side), *places.values()):
        if area[0] <= start and start + own <= area[0] + area[2]:
            return start, top, own, height
    return max(area[0], area[0] + area[2] - own), top, own, height


def inside(panel: Placement, view: Placement, side: Side = "right") -> Placement:
    """The panel along an edge of a maximised view, as high as it."""
    left, top, width, height = view
    own = min(panel[2], width // 2)
    return (left if side == "left" else left + width - own), top, own, height


def on_side(view: Placement, panel: Placement, side: Side, gap: int) -> tuple[Placement, Placement]:
    """View and panel in the room that both have, the panel on that side."""
    first = min(view[0], panel[0])
    starts = (first + panel[2] + gap, first) if side == "left" else (first, first + view[2] + gap)
    return (starts[0], *view[1:]), (starts[1], view[1], *panel[2:])


def divided(view: Placement, panel: Placement, width: int, side: Side) -> tuple[Placement, Placement]:
    """View and panel, which gets another width; where it lies beside the view, that gives it the room or takes it.

    Example:
        >>> divided((0, 0, 900, 600), (908, 0, 460, 600), 660, "right")
        ((0, 0, 700, 600), (708, 0, 660, 600))
    """
    if with_room(view, panel) == view:
        return view, (*panel[:2], width, panel[3])
    more = min(width - panel[2], view[2] - _LEAST_VIEW_PX)
    first = view[0] + more if side == "left" else view[0]
    start = panel[0] if side == "left" else panel[0] - more
    return (first, view[1], view[2] - more, view[3]), (start, panel[1], panel[2] + more, panel[3])


def apart(view: Placement, panel: Placement) -> tuple[int, int]:
    """How far the panel's left edge is right of the view's right edge, and its top below the view's."""
    return panel[0] - (view[0] + view[2]), panel[1] - view[1]


def beside(view: Placement, panel: Placement, apart: tuple[int, int]) -> Placement:
    """The panel, so far apart from the view."""
    return view[0] + view[2] + apart[0], view[1] + apart[1], panel[2], panel[3]


def with_room(view: Placement, panel: Placement) -> Placement:
    """The view with the room of a panel that lies beside it; as it is where the panel lies elsewhere."""
    left, top, width, height = view
    lies_right = 0 <= panel[0] - (left + width) <= _WIDEST_GAP_PX
    lies_left = 0 <= left - (panel[0] + panel[2]) <= _WIDEST_GAP_PX
    if not _common(view, panel)[1] > 0 or not (lies_right or lies_left):
        return view
    first, last = min(left, panel[0]), max(left + width, panel[0] + panel[2])
    return first, top, last - first, height


def without_room(view: Placement, panel: Placement, gap: int) -> Placement:
    """The view without what a panel would lie over, if the panel lies at its side and enough of it is left."""
    left, top, width, height = view
    if min(_common(view, panel)) <= 0:
        return view
    if panel[0] + panel[2] >= left + width and panel[0] - gap - left >= _LEAST_VIEW_PX:
        return left, top, panel[0] - gap - left, height
    first = panel[0] + panel[2] + gap
    if panel[0] <= left and left + width - first >= _LEAST_VIEW_PX:
        return first, top, left + width - first, height
    return view


def _common(one: Placement, other: Placement) -> tuple[int, int]:
    """Width and height of what two places have in common; negative where they lie apart."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return width, height
