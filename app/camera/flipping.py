"""FLIP of what a camera sees: both sides of the error are drawn alone, as they are looked at, and compared."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import moderngl
import numpy as np
from jaxtyping import UInt8

from ..compare import ERROR_KINDS, FLIP
from ..flip import flip_map
from ..frame_size import Size, coarser
from ..gl.image_overlays import Surface
from ..gl.offscreen import read_pixels
from ..gl.owner import Owner, Sized, Target, texel
from ..record.frame import Frame
from ..record.frame_renderer import FrameRenderer
from ..record.passes import AS_SHOWN, Pass
from ..scale_bar import ScaleBar
from ..viewport.viewport import ViewRenderer
from ..work.asking import Evaluate
from .controls import CameraControls

Picture = UInt8[np.ndarray, "h w 3"]


class SceneRenderer(FrameRenderer[Any, Any], ViewRenderer, Protocol):
    """What a scene that a camera sees draws with."""

    @property
    def of_scene(self) -> Any:
        """See ``CameraRenderer``."""

    @property
    def whole_pictures(self) -> bool:
        """See ``CameraRenderer``."""

    def take_flip(self, flip: moderngl.Texture | None) -> None:
        """See ``CameraRenderer``."""


class FlipRenderer(Owner):
    """A scene's renderer whose error maps know the metric FLIP; see ``FrameRenderer`` and ``ViewRenderer``.

    Args:
        context: to draw with; current whenever anything is called.
        renderer: of the scene.
        evaluate: who finds FLIP, which takes long.

    Attributes:
        of_scene: the scene's renderer.
    """

    def __init__(self, context: moderngl.Context, renderer: SceneRenderer, evaluate: Evaluate) -> None:
        self.of_scene, self._evaluate = self.own(renderer), evaluate
        self._side = self.own(Sized(lambda size: Target(context, size, "f1")))
        self._numbers = self.own(Sized(lambda size: Target(context, size, "f4", components=1, interpolated=True)))
        self._found: tuple[Sequence[Picture], float] = (), 0.0

    @property
    def waiting(self) -> bool:
        """See ``FrameRenderer``."""
        return self.of_scene.waiting or self._evaluate.waiting

    def render(
        self, subject: Any, controls: CameraControls, surface: moderngl.Framebuffer, of: Pass = AS_SHOWN
    ) -> Iterator[Frame | None]:
        """See ``FrameRenderer``."""
        self.of_scene.take_flip(None)
        if controls.shows_flip:
            pictures = []
            for alone in _sides(controls):
                side = self._side.of(controls.pane_size(surface.size)).framebuffer
                frame: Frame | None = None
                for frame in self.of_scene.render(subject, alone, side):
                    if frame is None:
                        yield None
                assert frame is not None and frame.pixels is not None
                pictures.append(frame.pixels)
            yield from self._compare(pictures)
        yield from self.of_scene.render(subject, controls, surface, of)

    # What a viewport asks for

    @property
    def bars(self) -> Sequence[ScaleBar]:
        """See ``ViewRenderer``."""
        return self.of_scene.bars

    def hurried(self, controls: Any) -> Any:
        """See ``ViewRenderer``."""
        return self.of_scene.hurried(controls)

    def sizes(self, controls: CameraControls, size: Size) -> Mapping[str, Size]:
        """See ``ViewRenderer``; FLIP is one kind more."""
        more: dict[str, Size] = {FLIP: controls.pane_size(size)} if controls.shows_flip else {}
        return {**self.of_scene.sizes(controls, size), **more}

    def pictures(
        self, subject: Any, controls: CameraControls, size: Size, divisor: int = 1
    ) -> Generator[None, None, Any]:
        """See ``ViewRenderer``."""
        if not controls.shows_flip:
            self.of_scene.take_flip(None)
            return (yield from self.of_scene.pictures(subject, controls, size, divisor))
        pane, drawn, milliseconds = controls.pane_size(size), [], 0.0
        whole = self.of_scene.whole_pictures
        pictures = (yield from self.of_scene.pictures(subject, controls, size, divisor)) if whole else None
        for alone in _sides(controls):
            side = self._side.of(coarser(pane, divisor)).framebuffer
            shown = pictures or (yield from self.of_scene.pictures(subject, alone, pane, divisor))
            self.of_scene.compose(side, alone, shown, _Wordless(), 1.0)
            drawn.append(read_pixels(side))
            milliseconds += 0.0 if whole else sum(shown.milliseconds.values())
        milliseconds += yield from self._compare(drawn)
        pictures = pictures or (yield from self.of_scene.pictures(subject, controls, size, divisor))
        return replace(pictures, milliseconds={**pictures.milliseconds, FLIP: milliseconds})

    def compose(
        self, surface: Surface, controls: CameraControls, pictures: Any, labels: Mapping[Any, str], pixel_ratio: float
    ) -> None:
        """See ``ViewRenderer``."""
        self.of_scene.compose(surface, controls, pictures, labels, pixel_ratio)

    def flip_at(self, controls: CameraControls, output: str, share: tuple[float, float]) -> float | None:
        """The number at a place of a pane, its shares from the left and the top; None where it shows no FLIP."""
        if not controls.shows_flip or output not in ERROR_KINDS or not self._found[0]:
            return None
        return float(texel(self._numbers.latest.framebuffer, share)[0])

    def _compare(self, pictures: Sequence[Picture]) -> Generator[None, None, float]:
        """Let error maps show FLIP of two pictures; returns what it took to find that."""
        before, milliseconds = self._found
        height, width = pictures[0].shape[:2]
        if len(before) != len(pictures) or not all(map(np.array_equal, before, pictures)):
            found = None
            for found in self._evaluate.doing(partial(_flip_of, *pictures)):
                if found is None:
                    yield
            assert found is not None
            self._numbers.of((width, height)).texture.write(np.ascontiguousarray(found[::-1]))
            self._found = pictures, self._evaluate.milliseconds
        self.of_scene.take_flip(self._numbers.of((width, height)).texture)
        return milliseconds


def _sides(controls: CameraControls) -> tuple[CameraControls, CameraControls]:
    """What the error is of, and what it is measured from, alone."""
    return controls.alone(controls.subject), controls.alone(controls.reference)


def _flip_of(seen: Picture, true: Picture, turn: Any) -> np.ndarray:
    one, other = (picture.astype(np.float32) / 255 for picture in (seen, true))
    return flip_map(one, other)


class _Wordless(dict[Any, str]):
    """Labels that say nothing."""

    def __missing__(self, output: Any) -> str:
        return ""
