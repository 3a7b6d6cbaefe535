"""How long a frame of the shape scene takes, for benchmarks."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median

from app.frame_size import Size
from app.gl.offscreen import offscreen
from app.scenes.shape.bake import Bake
from app.scenes.shape.compositor import ShapeCompositor, ShapePane
from app.scenes.shape.controls import ShapeControls, ShapeSource
from app.scenes.shape.volume_texture import VolumeTexture

_WARM_UP_FRAMES = 2


@dataclass(frozen=True)
class FrameTimes:
    """What frames took.

    Attributes:
        renderer: the driver's own name.
        upload_ms: for the whole volume.
        slab_ms: for its slowest slab, which is how long a loop would have to wait.
        frame_ms: median of a whole frame.
        processor_ms: median of the processor time of all threads in a frame; on a driver that draws on the processor
            this says more than ``frame_ms`` where other programs run as well.
    """

    renderer: str
    upload_ms: float
    slab_ms: float
    frame_ms: float
    processor_ms: float


def measured_frames(bake: Bake, controls: ShapeControls, framebuffer_px: Size, frames: int = 8) -> FrameTimes:
    """Draw frames offscreen, with the same bake for the field and the truth, and time them.

    Raises:
        InputError: there is no OpenGL, or it cannot hold the bake.
    """
    with offscreen(framebuffer_px) as surface:
        volume, scene = VolumeTexture(surface.context), ShapeCompositor(surface.context)
        slabs: list[float] = []
        started = time.perf_counter()
        for _ in volume.bringing(bake):
            slabs.append(1e3 * (time.perf_counter() - started) - sum(slabs))
        upload_ms = 1e3 * (time.perf_counter() - started)
        pane = ShapePane(volume)
        panes: dict[ShapeSource, ShapePane] = {"field": pane, "truth": pane}
        taken = []
        for _ in range(_WARM_UP_FRAMES + frames):
            started, worked = time.perf_counter(), time.process_time()
            scene.draw(surface.framebuffer, controls, panes)
            surface.context.finish()
            taken.append((1e3 * (time.perf_counter() - started), 1e3 * (time.process_time() - worked)))
        frame_ms, processor_ms = (median(column) for column in zip(*taken[_WARM_UP_FRAMES:], strict=True))
        scene.release()
        volume.release()
        slab_ms = max([*slabs, upload_ms - sum(slabs)])
        return FrameTimes(surface.renderer, upload_ms, slab_ms, frame_ms, processor_ms)
