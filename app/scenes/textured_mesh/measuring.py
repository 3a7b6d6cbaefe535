"""Measuring ways of shading on what is shown: time, agreement with the judge, and flicker."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

from ...camera.camera import Camera
from ...frame_size import Size
from .agreement import Seen, compared
from .controls import COLOURLESS, JUDGE, Shading, TexturedMeshControls
from .open_model import TexturedMeshSubject
from .renderer import TexturedMeshRenderer
from .state import Figures


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
    renderer: TexturedMeshRenderer,
    subject: TexturedMeshSubject,
    controls: TexturedMeshControls,
    ways: Sequence[Shading],
    size: Size,
    before: Camera,
) -> Generator[None, None, Sights]:
    """Shade a frame in several ways, and in the judge's.

    Args:
        renderer: shades.
        subject: what.
        controls: what is shown of it.
        ways: of shading.
        size: of the pictures.
        before: who looked a moment before.
    """
    seen: Sights = {}
    for way in dict.fromkeys((JUDGE, *ways)):
        if way in COLOURLESS:
            continue
        taken: list[tuple[float, Seen]] = []
        for camera in (before, controls.camera):
            shown = replace(controls, camera=camera)
            shaded = yield from renderer.shaded(way, subject, shown, renderer.shot(subject, shown, size))
            taken.append((shaded.milliseconds, shaded.read()))
            yield
        (_, earlier), (milliseconds, now) = taken
        seen[way] = Sight(milliseconds, now, earlier)
    return seen


def figures_of(seen: Sights, should_stop: Callable[[], bool]) -> dict[Shading, Figures] | None:
    """What the sights come to, for a background thread; None if told to stop meanwhile."""
    judge, figures = seen[JUDGE].now, {}
    for way, sight in seen.items():
        if should_stop():
            return None
        height, width = sight.now.albedo.shape[:2]
        agreement = compared(sight.now, None if way == JUDGE else judge, sight.before)
        figures[way] = Figures(sight.milliseconds, (width, height), **agreement)
    return figures
