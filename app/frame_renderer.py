"""Rendering a path: one frame after the other, each evaluated exactly at its own pixels."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from fieldcore.evaluation import evaluate
from fieldcore.fields.field import Field

from .controls import Controls
from .headless import Offscreen
from .keyframes import KeyframePath
from .motion import Motion
from .picture_scene import PictureScene
from .view import View, filter_seen


@dataclass(frozen=True)
class Frame:
    """A finished frame and what made it.

    Attributes:
        pixels: display-encoded, top row first.
        time: moment of the path, in seconds.
        controls: what was shown.
        footprint_variance: what the frame's pixels themselves added to the filter.
        evaluated_ms: milliseconds spent evaluating the field.
        drawn_ms: milliseconds spent drawing and reading back.
    """

    pixels: UInt8[np.ndarray, "h w 3"]
    time: float
    controls: Controls
    footprint_variance: float
    evaluated_ms: float
    drawn_ms: float


def render_frames(path: KeyframePath, field: Field, surface: Offscreen) -> Iterator[Frame]:
    """Yield the frames of ``path`` in order.

    Raises:
        InputError: the field is no picture, or cannot be filtered as the path asks.
    """
    motion = Motion(path)
    scene = PictureScene(surface.context, field.facts)
    try:
        for moment in path.frame_times():
            yield _frame(moment, motion.at(moment), field, scene, surface)
    finally:
        scene.release()


def _frame(moment: float, controls: Controls, field: Field, scene: PictureScene, surface: Offscreen) -> Frame:
    view = View.of(controls, field.facts, surface.framebuffer.size)
    grid = view.visible_grid()
    started = time.perf_counter()
    if grid is not None:
        scene.show(evaluate(field, grid, filter_seen(controls, view)).float().cpu().numpy(), grid)
    evaluated = time.perf_counter()
    scene.draw(surface.framebuffer, controls)
    pixels = surface.pixels()
    drawn = time.perf_counter()
    evaluated_ms, drawn_ms = 1e3 * (evaluated - started), 1e3 * (drawn - evaluated)
    return Frame(pixels, moment, controls, view.footprint_variance, evaluated_ms, drawn_ms)
