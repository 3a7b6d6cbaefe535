"""How the pictures of a scene share a frame: where each lies, how much of it is seen, and what is written over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, Literal, TypeVar

from .frame_size import Box, Size
from .gl.image_overlays import ImageOverlays, Surface
from .gl.overlays import divider_image, label_image

Layout = Literal["one", "wipe", "two_up", "four"]
"""One picture; two with a divider between them; two side by side; four."""

_ACROSS_AND_DOWN: dict[Layout, tuple[int, int]] = {"one": (1, 1), "wipe": (1, 1), "two_up": (2, 1), "four": (2, 2)}

_LEAST_ROOM_EM = 4.0
"""Width of a pane, less its margins, below which nothing is written on it."""


Output = TypeVar("Output", bound=str)


@dataclass(frozen=True)
class Pane(Generic[Output]):
    """Where a picture lies in a frame.

    Attributes:
        output: what it shows.
        box: of the whole picture.
        visible: the part of the box that is seen: all of it, but of a wipe what is on its side of the divider.
    """

    output: Output
    box: Box
    visible: Box

    @property
    def size(self) -> Size:
        """Of the picture, in pixels."""
        return self.box[2:]


def panes_of(
    layout: Layout, outputs: Sequence[Output], framebuffer_px: Size, divider: float = 0.5
) -> tuple[Pane[Output], ...]:
    """The panes of a frame, in reading order; an odd pixel is left between them.

    Args:
        layout: how they share the frame.
        outputs: what they show, as many as the layout has.
        framebuffer_px: size of the frame.
        divider: share of the frame's width left of the divider of a wipe.

    Example:
        >>> [pane.box for pane in panes_of("two_up", ("field", "truth"), (101, 50))]
        [(0, 0, 50, 50), (51, 0, 50, 50)]
    """
    width, height = framebuffer_px
    if layout == "wipe":
        whole, at = (0, 0, width, height), round(width * divider)
        left, right = (0, 0, at, height), (at, 0, width - at, height)
        return tuple(Pane(output, whole, part) for output, part in zip(outputs, (left, right), strict=True))
    across, down = _ACROSS_AND_DOWN[layout]
    pane_width, pane_height = max(1, width // across), max(1, height // down)
    lefts, tops = (0, width - pane_width)[:across], (0, height - pane_height)[:down]
    boxes = [(left, top, pane_width, pane_height) for top in tops for left in lefts]
    return tuple(Pane(output, box, box) for output, box in zip(outputs, boxes, strict=True))


def clear_between(surface: Surface, panes: Sequence[Pane[Output]]) -> None:
    """Fill what lies between panes, which would else be of the frame before."""
    width, height = surface.size
    if sum(pane.visible[2] * pane.visible[3] for pane in panes) < width * height:
        surface.viewport, surface.scissor = (0, 0, width, height), None
        surface.clear(*EMPTY_GROUND)


EMPTY_GROUND = (0.09, 0.095, 0.108, 1.0)
"""Where there is nothing to show."""


@dataclass(frozen=True)
class Label:
    """What is written at the top of a part of the frame.

    Attributes:
        text: empty where there is nothing to say.
        left, right: of the part.
        top: of the part.
        at_right: whether it is written at the right of it.
    """

    text: str
    left: int
    right: int
    top: int = 0
    at_right: bool = False


def labels_of(
    layout: Layout, panes: Sequence[Pane[Output]], texts: Mapping[Output, str], framebuffer_px: Size
) -> list[Label]:
    """What is said of each pane; of a wipe in the two halves of the frame, wherever its divider is."""
    said = [texts.get(pane.output, "") for pane in panes]
    if layout == "wipe":
        width = framebuffer_px[0]
        return [Label(said[0], 0, width // 2), Label(said[1], width // 2, width, at_right=True)]
    boxes = [pane.box for pane in panes]
    return [Label(text, box[0], box[0] + box[2], box[1]) for text, box in zip(said, boxes, strict=True)]


def difference(one: str, other: str) -> str:
    """What is said of the difference of two pictures; empty where one has no name."""
    return f"{one} − {other}" if one and other else ""  # noqa: RUF001 (a minus sign)


def draw_divider(overlays: ImageOverlays, surface: Surface, divider: float, em_px: float) -> None:
    """Draw the line between the two pictures of a wipe."""
    middle = surface.size[0] * divider
    overlays.draw(surface, divider_image, (surface.size[1], em_px), lambda px: (middle - px[0] / 2, 0))


def draw_labels(
    overlays: ImageOverlays, surface: Surface, labels: Sequence[Label], em_px: float, margin_px: int
) -> None:
    """Write labels, shortened to the room that there is."""
    for label in labels:
        room = label.right - label.left - 2 * margin_px
        if label.text and room > _LEAST_ROOM_EM * em_px:
            overlays.draw(surface, label_image, (label.text, em_px, room), partial(_place, label, margin_px))


def _place(label: Label, margin_px: int, image_px: Size) -> tuple[float, float]:
    left = label.right - margin_px - image_px[0] if label.at_right else label.left + margin_px
    return float(left), float(label.top + margin_px)
