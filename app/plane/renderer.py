"""Whole frames of what lies on a plane: evaluated exactly at their own pixels, drawn and read back."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import moderngl
import numpy as np
from jaxtyping import Float

from ..frame_size import Size
from ..gl.handover import Handover
from ..gl.offscreen import read_light, read_pixels
from ..gl.owner import Sized, Target
from ..record.frame import Frame
from ..record.passes import AS_SHOWN, Pass
from ..work.asking import Evaluate, EvaluateHere, Turning
from .compositor import PlaneCompositor
from .controls import MERELY_DRAWN, PlaneControls, description_of
from .flip import with_flip
from .layers import LayerName, Layers, Sources, evaluate_layers
from .spectra import Spectra, spectra_of
from .view import View


class PlaneRenderer:
    """See ``record.frame_renderer.FrameRenderer``. Layers stay for the passes of a moment.

    Args:
        context: to draw with; current whenever anything is called.
        handover: what brings layers from a GPU to textures.
        evaluate: what evaluates fields.
        owns_handover: whether that is given back with the renderer; else it serves others too.
    """

    def __init__(
        self, context: moderngl.Context, handover: Handover, evaluate: Evaluate, owns_handover: bool = True
    ) -> None:
        self._evaluate, self._handover, self._owns_handover = evaluate, handover, owns_handover
        self._compositor = PlaneCompositor(context, self._handover)
        self._targets = Sized(lambda size: Target(context, size, "f4"))
        self._kept: tuple[Any, Layers] = None, {}

    def render(
        self, subject: Sources, controls: PlaneControls, surface: moderngl.Framebuffer, of: Pass = AS_SHOWN
    ) -> Iterator[Frame | None]:
        """See ``FrameRenderer``. Raises InputError as ``evaluate_layers``; a layer that is there takes no time."""
        started, found = time.perf_counter(), None
        for found in self._evaluate.doing(partial(self._pictures, subject, controls, surface.size)):
            if found is None:
                yield None
        if found is not None:
            layers, spectra = found
            frame = self._drawn(layers, spectra, controls, surface, 1e3 * (time.perf_counter() - started))
            has_light = of.content == "light" and controls.layout != "cut"  # of a cut that of what is shown
            yield replace(frame, stored=self._light(controls, surface.size)) if has_light else frame

    @property
    def waiting(self) -> bool:
        """See ``FrameRenderer``."""
        return self._evaluate.waiting

    def layers(self, names: Sequence[LayerName], subject: Sources, controls: PlaneControls, size: Size) -> Layers:
        """Layers of a frame of that size, at once. Raises InputError as ``evaluate_layers``."""
        *_, layers = EvaluateHere().doing(partial(self._layers, names, subject, controls, size))
        return layers

    def _pictures(
        self, subject: Sources, controls: PlaneControls, size: Size, turn: Turning
    ) -> tuple[Layers, Spectra] | None:
        """The layers of a frame, and the spectra of what its panes show where they are shown."""
        layers = self._layers(controls.needed, subject, controls, size, turn)
        return None if layers is None else (with_flip(layers, controls), spectra_of(layers, controls, size))

    def _layers(
        self, names: Sequence[LayerName], subject: Sources, controls: PlaneControls, size: Size, turn: Turning
    ) -> Layers | None:
        evaluated = replace(controls, layout="one", left="field", **MERELY_DRAWN)
        of = controls.pane_size(size), subject, evaluated
        kept = self._kept[1] if self._kept[0] == of else {}
        missing = [name for name in names if name not in kept]
        tile_size, way = turn.tile_size(subject.field), self._handover.way
        if missing:
            stages = evaluate_layers(
                controls, subject, size, names=missing, should_stop=turn.stops, tile_size=tile_size, way=way
            )
            stage = next(stages, None)
            if stage is None or turn.stops():
                return None
            kept = {**kept, **stage.layers}
            self._kept = of, kept
        return {name: kept[name] for name in names if name in kept}

    def _drawn(
        self,
        layers: Layers,
        spectra: Spectra,
        controls: PlaneControls,
        surface: moderngl.Framebuffer,
        evaluated_ms: float,
    ) -> Frame:
        """A frame of layers that took so long to evaluate."""
        started = time.perf_counter()
        self._compositor.show(layers, spectra)
        self._compositor.upload()
        self._compositor.draw(surface, controls)
        pixels = read_pixels(surface)
        drawn_ms = 1e3 * (time.perf_counter() - started)
        description = {**description_of(controls), **_footprint(layers, controls, surface.size)}
        return Frame(pixels, description, {"evaluated_ms": evaluated_ms, "drawn_ms": drawn_ms})

    def _light(self, controls: PlaneControls, size: Size) -> Float[np.ndarray, "h w 3"]:
        """The linear light of the layers that were drawn last."""
        target = self._targets.of(size)
        self._compositor.draw_light(target.framebuffer, controls)
        return read_light(target.framebuffer)

    def release(self) -> None:
        """Free what it holds in OpenGL."""
        self._targets.release()
        self._compositor.release()
        if self._owns_handover:
            self._handover.release()


def _footprint(layers: Layers, controls: PlaneControls, size: Size) -> dict[str, float]:
    """The variance that a frame's pixels themselves add to the filter, where something is in sight."""
    pane_px = controls.pane_size(size)
    views = [View.of(controls, layer.facts, pane_px) for layer in layers.values()]
    return {"footprint_variance": views[0].footprint_variance} if views else {}
