"""Rendering a path: one frame after the other, each evaluated exactly at its own pixels."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import UInt8

from ..gl.handover import Handover
from ..gl.offscreen import Offscreen
from ..path.keyframes import KeyframePath
from .compositor import PlaneCompositor
from .controls import PlaneControls, PlanePass
from .layers import PASS_LAYERS, LayerName, Layers, Sources, check_has_colours, evaluate_layers, plane_panes
from .view import View


@dataclass(frozen=True)
class Frame:
    """A finished frame and what made it.

    Attributes:
        pixels: display-encoded, top row first.
        time: moment of the path, in seconds.
        controls: what was shown.
        footprint_variance: what the frame's pixels themselves added to the filter.
        evaluated_ms: milliseconds spent evaluating the field; passes of one moment share that.
        drawn_ms: milliseconds spent drawing and reading back.
    """

    pixels: UInt8[np.ndarray, "h w 3"]
    time: float
    controls: PlaneControls
    footprint_variance: float
    evaluated_ms: float
    drawn_ms: float


class FrameRenderer:
    """Makes frames of a surface's size.

    Args:
        sources: what layers are evaluated from.
        surface: what to draw on.

    Raises:
        InputError: the field has no colours.
    """

    def __init__(self, sources: Sources, surface: Offscreen) -> None:
        check_has_colours(sources.field.facts)
        self._sources, self._surface = sources, surface
        self._handover = Handover(surface.context, sources.field.device)
        self._compositor = PlaneCompositor(surface.context, self._handover)

    def shown(self, controls: PlaneControls, moment: float) -> Frame:
        """A frame as a window shows it. Raises InputError as ``evaluate_layers``."""
        layers, seconds = self._evaluated(controls, ())
        return self._drawn(layers, controls, moment, seconds)

    def passes(
        self, controls: PlaneControls, moment: float, names: Sequence[PlanePass], measured: Sequence[PlanePass] = ()
    ) -> tuple[list[Frame], Layers]:
        """A frame of each pass, and the layers that they and what is to be measured are made of.

        Raises InputError as ``evaluate_layers``.
        """
        alone = replace(controls, comparison="field")
        needed: dict[LayerName, Any] = dict.fromkeys(
            layer for name in (*names, *measured) for layer in PASS_LAYERS[name]
        )
        layers, seconds = self._evaluated(alone, tuple(needed))
        return [self._drawn(*_looked_at(name, layers, alone), moment, seconds) for name in names], layers

    def release(self) -> None:
        """Give everything back to the driver."""
        self._compositor.release()
        self._handover.release()

    def _evaluated(self, controls: PlaneControls, names: Sequence[LayerName]) -> tuple[Layers, float]:
        """The layers, and the seconds that they took."""
        started = time.perf_counter()
        size, way = self._surface.framebuffer.size, self._handover.way
        (stage,) = evaluate_layers(controls, self._sources, size, names=names, way=way)
        return stage.layers, time.perf_counter() - started

    def _drawn(self, layers: Layers, controls: PlaneControls, moment: float, seconds: float) -> Frame:
        started = time.perf_counter()
        self._compositor.show(layers)
        self._compositor.upload()
        evaluated = time.perf_counter()
        framebuffer = self._surface.framebuffer
        self._compositor.draw(framebuffer, controls)
        pixels = self._surface.pixels()
        drawn = time.perf_counter()
        view = View.of(controls, self._sources.field.facts, plane_panes(controls, framebuffer.size)[0].size)
        evaluated_ms, drawn_ms = 1e3 * (seconds + evaluated - started), 1e3 * (drawn - evaluated)
        return Frame(pixels, moment, controls, view.footprint_variance, evaluated_ms, drawn_ms)


def _looked_at(name: PlanePass, layers: Layers, controls: PlaneControls) -> tuple[Layers, PlaneControls]:
    """The layers of a pass and the controls that show them; a second field is shown as the only one."""
    if name == "other":
        return {"field": layers["other"]} if "other" in layers else {}, controls
    return {part: layers[part] for part in PASS_LAYERS[name] if part in layers}, replace(controls, comparison=name)


def render_frames(path: KeyframePath[Any], sources: Sources, surface: Offscreen, first: int = 0) -> Iterator[Frame]:
    """Yield the frames of ``path`` in order as a window shows them, from the ``first`` on.

    Raises:
        InputError: the field has no colours, cannot be filtered as the path asks, or there is no truth or other field
            although the path shows it.
    """
    renderer = FrameRenderer(sources, surface)
    try:
        for moment in path.frame_times()[first:]:
            yield renderer.shown(path.at(moment), moment)
    finally:
        renderer.release()
