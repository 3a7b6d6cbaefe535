"""How the pictures of a scene share a frame: where each lies, how much of it is seen, and what is written over them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Literal, TypeVar

from .frame_size import Box, Size, from_bottom
from .gl.image_overlays import ImageOverlays, Surface
from .gl.overlays import caption_margin_px, divider_image, label_em_px, label_image

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


def label_of_difference(one: str, other: str, framebuffer_px: Size) -> list[Label]:
    """What is said of the difference of two pictures; nothing where one has no name."""
    text = f"{one} − {other}" if one and other else ""  # noqa: RUF001 (a minus sign)
    return [Label(text, 0, framebuffer_px[0])]


def begin_pane(surface: Surface, pane: Pane[Output]) -> tuple[float, ...]:
    """Let drawing go to what is seen of a pane; returns its box from the bottom left, as shaders want it."""
    box = from_bottom(pane.box, surface.size)
    surface.viewport, surface.scissor = box, from_bottom(pane.visible, surface.size)
    return tuple(map(float, box))


class Overlay:
    """Lays divider, words and scales over one frame.

    Args:
        images: draws them.
        surface: the frame.
        pixel_ratio: framebuffer pixels in a point of the display, which makes small letters readable there.

    Attributes:
        em: of the letters, in pixels.
        margin: of what is written, to the frame's edges.
        bottom: where what is written ends below.
    """

    def __init__(self, images: ImageOverlays, surface: Surface, pixel_ratio: float) -> None:
        self._images, self._surface = images, surface
        self.em, self.margin = label_em_px(surface.size, pixel_ratio), caption_margin_px(surface.size)
        self.bottom = surface.size[1] - self.margin
        surface.use()
        surface.viewport, surface.scissor = (0, 0, *surface.size), None

    def divider(self, share: float) -> None:
        """Draw the line between the two pictures of a wipe."""
        width, height = self._surface.size
        self._images.draw(self._surface, divider_image, (height, self.em), lambda px: (width * share - px[0] / 2, 0))

    def labels(self, labels: Sequence[Label]) -> None:
        """Write labels, shortened to the room that there is."""
        for label in labels:
            room = label.right - label.left - 2 * self.margin
            if label.text and room > _LEAST_ROOM_EM * self.em:
                place = partial(_place, label, self.margin)
                self._images.draw(self._surface, label_image, (label.text, self.em, room), place)

    def lower_left(self, make: Callable[..., Any], arguments: tuple[Hashable, ...]) -> Box | None:
        """Lay ``make(*arguments)`` in that corner; returns left, top, right, bottom, None where there is no image."""
        return self._images.draw(self._surface, make, arguments, lambda px: (self.margin, self.bottom - px[1]))

    def lower_right(
        self, make: Callable[..., Any], arguments: tuple[Hashable, ...], bottom: float | None = None
    ) -> Box | None:
        """The same in the other corner, or above it."""
        right, below = self._surface.size[0] - self.margin, self.bottom if bottom is None else bottom
        return self._images.draw(self._surface, make, arguments, lambda px: (right - px[0], below - px[1]))


def _place(label: Label, margin_px: int, image_px: Size) -> tuple[float, float]:
    left = label.right - margin_px - image_px[0] if label.at_right else label.left + margin_px
    return float(left), float(label.top + margin_px)
