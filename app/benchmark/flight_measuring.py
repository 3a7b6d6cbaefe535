"""Measuring ways of shading on what is shown: time, agreement with the judge, and flicker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fieldcore.fields.field import Field

from ..camera.camera import Camera
from ..frame_size import Size
from ..scenes.textured_mesh.agreement import Seen, flicker, flip, psnr
from ..scenes.textured_mesh.cockpit import Figures, FlightFrame
from ..scenes.textured_mesh.controls import COLOURLESS, JUDGE, Shading
from ..scenes.textured_mesh.painter import Painter


@dataclass(frozen=True, eq=False)
class Sight:
    """How one way of shading shows a frame, and the frame before it.

    Attributes:
        milliseconds: that the frame took.
        now, before: the frames.
    """

    milliseconds: float
    now: Seen
    before: Seen


Sights = dict[Shading, Sight]


def sights(
    painter: Painter, frame: FlightFrame, weights: Field | None, ways: Sequence[Shading], size: Size, before: Camera
) -> Iterator[Sights | None]:
    """Shade a frame in several ways, and in the judge's; None while busy, and last the sights.

    Args:
        size: of the pictures.
        before: who looked a moment before.
    """
    seen: Sights = {}
    for way in dict.fromkeys((JUDGE, *ways)):
        if way in COLOURLESS:
            continue
        taken: list[tuple[float, Seen]] = []
        for camera in (before, frame.controls.camera):
            for shaded in painter.shaded_in(way, frame, weights, size, camera=camera):
                if shaded is not None:
                    taken.append((shaded.milliseconds, shaded.read()))
                yield None
        (_, earlier), (milliseconds, now) = taken
        seen[way] = Sight(milliseconds, now, earlier)
    yield seen


def figures_of(seen: Sights, should_stop: Callable[[], bool]) -> dict[Shading, Figures] | None:
    """What the sights come to, for a background thread; None if told to stop meanwhile."""
    judge, figures = seen[JUDGE].now, {}
    for way, sight in seen.items():
        if should_stop():
            return None
        height, width = sight.now.albedo.shape[:2]
        is_judge = way == JUDGE
        figures[way] = Figures(
            milliseconds=sight.milliseconds,
            size=(width, height),
            psnr=None if is_judge else psnr(sight.now.albedo, judge.albedo),
            flip=None if is_judge else flip(sight.now.albedo, judge.albedo),
            flicker=flicker(sight.now, sight.before),
        )
    return figures
