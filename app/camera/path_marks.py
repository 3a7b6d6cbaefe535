"""The path of a camera as it lies in space: its curve, and the frusta of its keyframes, as lines over the view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from jaxtyping import Float

from ..gl.canvas import ACCENT
from ..marks import Colour, Stroke
from ..panes import Pane
from ..path.editor import PathEditor
from .camera import Camera, frame_from_world
from .frustum import NEAR_PX, is_inside

MOST_POINTS, MOST_FRUSTA = 240, 48
"""Of the curve, and of keyframes that have a frustum: of more, as recordings have, some are left out."""
_DEPTH = 0.14
_LEAST_AHEAD = 0.03
CURVE: Colour = (0.48, 0.67, 0.89)
KEYFRAME: Colour = (0.86, 0.87, 0.9)
CHOSEN: Colour = ACCENT[0]

Points = Float[np.ndarray, "n 3"]


class PathInSpace:
    """Keeps what a path looks like in space until it is another one."""

    def __init__(self) -> None:
        self._of: tuple[Any, ...] = ()
        self._seen: tuple[tuple[Any, ...], tuple[Stroke, ...]] = (), ()
        self._curve: Points = np.zeros((0, 3))
        self._cameras: tuple[tuple[int, Camera], ...] = ()

    def strokes(self, path: PathEditor, controls: Any, panes: Sequence[Pane], aspect: float) -> tuple[Stroke, ...]:
        """Lines over the view; none where it is seen along the path itself.

        Args:
            path: that is drawn.
            controls: what is shown, seen by their eye.
            panes: of the frame.
            aspect: of the frames that are rendered along the path, width by height.
        """
        if not path.keyframes or path.playing:
            return ()
        self._follow(path, controls)
        if path.camera_at_playhead(controls) == controls.camera:
            return ()
        eyes = [controls.eye_of(pane.output) for pane in panes]
        seen = (self._of, path.selected, tuple(eyes), tuple(panes), aspect)
        if seen != self._seen[0]:
            in_panes = (self._in_pane(path, eye, pane, aspect) for eye, pane in zip(eyes, panes, strict=True))
            strokes = chain.from_iterable(in_panes)
            self._seen = seen, tuple(strokes)
        return self._seen[1]

    def keyframe_at(
        self, position: tuple[float, float], path: PathEditor, controls: Any, panes: Sequence[Pane], aspect: float
    ) -> int | None:
        """The number of the keyframe whose frustum is at a place of the view, the nearest of several; None where none.

        It is None where the path is not drawn, too; the others are as of ``strokes``.
        """
        pane = next((pane for pane in reversed(panes) if pane.shows(position)), None)
        if pane is None or not self.strokes(path, controls, panes, aspect):
            return None
        place = np.array(position) - pane.box[:2]
        found: list[tuple[float, int]] = []
        for number, camera in self._cameras:
            border, ray, *_ = frustum_of(camera, aspect)
            seen = frame_from_world(controls.eye_of(pane.output), pane.size, np.concatenate([ray[:1], border[:4]]))
            if (seen[:, 2] <= _LEAST_AHEAD).any():
                continue
            is_near = np.hypot(*(seen[0, :2] - place)) < NEAR_PX
            if is_near or is_inside(seen[1:, :2], place):
                found.append((float(seen[0, 2]), number))
        return min(found)[1] if found else None

    def _follow(self, path: PathEditor, controls: Any) -> None:
        of = (path.shape, type(controls))
        if of == self._of:
            return
        self._of = of
        made = path.made(controls)
        times = np.linspace(made.start, made.keyframes[-1].time, min(MOST_POINTS, 1 + 24 * len(made.keyframes)))
        self._curve = np.array([made.at(float(time)).camera.position for time in times])
        step = -(-len(path.keyframes) // MOST_FRUSTA)
        self._cameras = tuple(
            (number, made.at(keyframe.time).camera) for number, keyframe in list(enumerate(path.keyframes))[::step]
        )

    def _in_pane(self, path: PathEditor, eye: Camera, pane: Pane, aspect: float) -> Iterator[Stroke]:
        def drawn(points: Points, colour: Colour, width_pt: float, is_edged: bool = True) -> Iterator[Stroke]:
            for run in runs_ahead(frame_from_world(eye, pane.size, points)):
                moved = tuple((float(x) + pane.box[0], float(y) + pane.box[1]) for x, y in run)
                yield Stroke(moved, colour, width_pt, is_edged, pane.visible)

        if len(path.keyframes) > 1:
            yield from drawn(self._curve, CURVE, 2.0)
        for number, camera in self._cameras:
            colour, width_pt = (CHOSEN, 2.0) if number == path.selected else (KEYFRAME, 1.2)
            for line in frustum_of(camera, aspect):
                yield from drawn(line, colour, width_pt, number == path.selected)


def frustum_of(camera: Camera, aspect: float, depth: float = _DEPTH) -> list[Points]:
    """A camera's pyramid as lines: around its picture and to its four corners; and a roof, which is where up is.

    Example:
        >>> frustum_of(Camera(fov_deg=90.0), 2.0, 1.0)[0][0].tolist()
        [-2.0, 1.0, 2.2]
    """
    right, up, forward = camera.axes
    centre = np.array(camera.position)
    high = depth * np.tan(np.radians(camera.fov_deg) / 2)
    wide = high * aspect
    middle = centre + depth * forward
    corners = [middle + x * wide * right + y * high * up for x, y in ((-1, 1), (1, 1), (1, -1), (-1, -1))]
    roof = [middle + x * wide * right + y * high * up for x, y in ((-0.6, 1.15), (0, 1.75), (0.6, 1.15), (-0.6, 1.15))]
    return [np.stack([*corners, corners[0]]), *(np.stack([centre, corner]) for corner in corners), np.stack(roof)]


def runs_ahead(seen: Points) -> list[Float[np.ndarray, "m 2"]]:
    """The parts of a line that lie before the camera, from places in the frame and distances along the view axis."""
    ahead = np.concatenate([[False], seen[:, 2] > _LEAST_AHEAD, [False]])
    edges = np.flatnonzero(np.diff(ahead.astype(int))).reshape(-1, 2)
    return [seen[begin:end, :2] for begin, end in edges if end - begin > 1]
