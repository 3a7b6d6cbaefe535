"""Insets: small pictures in a frame that say more of what it shows, as an entry, and where each lies.

A scene that has them inherits ``InsetControls`` and says which.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from fieldcore.errors import InputError

from ..entries import Controls, entry
from ..frame_size import Box, Size
from ..panes import strip_of
from ..path.entry_checks import shown

if TYPE_CHECKING:
    from fieldcore.signals import SignalFacts
else:  # it imports torch, which a page of help should not wait for
    SignalFacts = Any

NO_INSETS = "none"

INSETS = {
    "spectrum": "in each pane the power of what it shows, by frequency: frequency 0 in the middle",
    "filter": "what is averaged over, true to scale: isolines at 0.5, 1, ..., 3 deviations, or its size at points",
    "light": "the disc of lights: a dot a photo, and the light with its filter",
}
"""By name what they show."""

_SHARE, _LEAST_PX, _MOST_SHARE = 0.26, 96, 0.45


def insets_of(known: Sequence[str]) -> Callable[[Any, str], str]:
    """The check of the names of insets, of those that a scene has: ``Declaration.check``."""

    def check(value: Any, where: str) -> str:
        listed = value.split(",") if isinstance(value, str) else value
        names = [name.strip() for name in listed] if _are_names(listed) else [""]
        if names in ([NO_INSETS], []):
            return NO_INSETS
        if any(name not in known for name in names):
            expected = f"some of {', '.join(known)}, with commas between, or {NO_INSETS}"
            raise InputError(f"{where}: expected {expected}, got {shown(value)}")
        return ",".join(name for name in known if name in names)

    return check


def _are_names(listed: Any) -> bool:
    return isinstance(listed, list) and all(isinstance(name, str) for name in listed)


def inset_entry(default: str, known: Sequence[str]) -> Any:
    """Declare the entry of a scene that has these."""
    return entry(
        default,
        "insets",
        f"small pictures in the frame: some of {', '.join(known)}, with commas between, or {NO_INSETS}",
        group="View",
        along="constant",
        widget="text",
        metavar="NAME,...",
        check=insets_of(known),
        seen=lambda controls: False,
        renders=("picture", "light_stage"),
    )


@dataclass(frozen=True, kw_only=True)
class InsetControls(Controls):
    """The entry.

    Attributes:
        insets: their names with commas between, or ``none``.
        insets_known: those that the scene has.
        inset_reach: how far the inset of the filter reaches on either side, in the filter's own units.
    """

    insets_known: ClassVar[tuple[str, ...]] = tuple(INSETS)
    inset_reach: ClassVar[float] = 0.5

    insets: str = inset_entry(NO_INSETS, tuple(INSETS))

    @property
    def shown_insets(self) -> tuple[str, ...]:
        """By name those that are shown."""
        return tuple(name for name in self.insets.split(",") if name != NO_INSETS)

    @property
    def in_strip(self) -> tuple[str, ...]:
        """See ``Compare``: all that is not of one pane alone, the light first."""
        return tuple(name for name in ("light", "filter") if name in self.shown_insets)

    def inset_image(self, name: str, facts: SignalFacts, size_px: int) -> tuple[Any, tuple[Any, ...]] | None:
        """What makes one of the whole frame, with sides of so many pixels, and of what; None for none."""
        controls: Any = self
        if controls.varies:
            from .varying_inset import varying_arguments, varying_image

            return varying_image, varying_arguments(controls, facts, size_px)
        from .inset_images import filter_image

        return filter_image, (controls.smoothing, self.inset_reach, size_px)

    def inset_title(self, name: str) -> str:
        """What is written above one in the strip."""
        controls: Any = self
        if name != "filter":
            return name
        return "filters" if controls.varies else "covariance" if controls.is_gaussian else name

    def inset_boxes(self, framebuffer_px: Size, margin_px: int) -> dict[str, Box]:
        """Where those lie that are of the whole frame: in its lower right corner, or in the strip between panes."""
        layout: Any = getattr(self, "layout", "one")
        if layout == "beside" and self.in_strip:
            return _in_strip(self.in_strip, framebuffer_px, margin_px)
        size = corner_size_px(framebuffer_px)
        top = framebuffer_px[1] - margin_px - size
        lefts = (framebuffer_px[0] - (number + 1) * (margin_px + size) for number in range(len(self.in_strip)))
        return {name: (left, top, size, size) for name, left in zip(self.in_strip, lefts, strict=True)}


def corner_size_px(framebuffer_px: Size) -> int:
    """The side of an inset in a corner of a frame."""
    shorter = min(framebuffer_px)
    return round(min(max(_SHARE * shorter, _LEAST_PX), _MOST_SHARE * shorter))


def _in_strip(names: tuple[str, ...], framebuffer_px: Size, margin_px: int) -> dict[str, Box]:
    """One above the other, in the middle, with room for a title above each."""
    left, _, width, height = strip_of(framebuffer_px)
    room = height // len(names)
    side = max(1, min(width - 2 * min(margin_px, width // 16), 2 * room // 3))
    tops = (round((number + 0.5) * room + 0.1 * side - side / 2) for number in range(len(names)))
    return {name: (left + (width - side) // 2, top, side, side) for name, top in zip(names, tops, strict=True)}
