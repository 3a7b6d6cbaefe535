"""Rendering a path: one frame after the other, each evaluated exactly at its own pixels."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from ...gl.handover import Handover
from ...gl.offscreen import Offscreen
from ...path.keyframes import KeyframePath
from ...work.delivery import Way
from .compositor import PictureScene
from .controls import Controls
from .layers import Sources, check_is_picture, evaluate_layers, picture_panes
from .view import View


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


def render_frames(
    path: KeyframePath[Controls], sources: Sources, surface: Offscreen, first: int = 0
) -> Iterator[Frame]:
    """Yield the frames of ``path`` in order, from the ``first`` on.

    Raises:
        InputError: the field is no picture, cannot be filtered as the path asks, or there is no truth or other field
            although the path shows it.
    """
    check_is_picture(sources.field.facts)
    handover = Handover(surface.context, sources.field.device)
    scene = PictureScene(surface.context, handover)
    try:
        for moment in path.frame_times()[first:]:
            yield _frame(moment, path.at(moment), sources, scene, handover.way, surface)
    finally:
        scene.release()
        handover.release()


def _frame(
    moment: float, controls: Controls, sources: Sources, scene: PictureScene, way: Way, surface: Offscreen
) -> Frame:
    started = time.perf_counter()
    for stage in evaluate_layers(controls, sources, surface.framebuffer.size, way=way):
        scene.show(stage.layers)
    scene.upload()
    evaluated = time.perf_counter()
    scene.draw(surface.framebuffer, controls)
    pixels = surface.pixels()
    drawn = time.perf_counter()
    view = View.of(controls, sources.field.facts, picture_panes(controls, surface.framebuffer.size)[0].size)
    evaluated_ms, drawn_ms = 1e3 * (evaluated - started), 1e3 * (drawn - evaluated)
    return Frame(pixels, moment, controls, view.footprint_variance, evaluated_ms, drawn_ms)
