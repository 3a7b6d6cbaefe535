"""Figures of a GPU: how long values take to OpenGL in each way, and the largest field to its final picture.

Nothing here needs a window, and nothing opens one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from app.document import Document
from app.frame_size import Size
from app.gl.handover import Handover
from app.gl.offscreen import Offscreen
from app.plane.compositor import PlaneCompositor
from app.plane.layers import Layer
from app.plane.request import PlaneRequest
from app.scenes.picture.controls import Controls
from app.work.delivery import DELIVERIES, WAYS, Way
from app.work.engine import Engine, Evaluated, Failed
from fieldcore.checkpoint import TrainingFacts
from fieldcore.evaluation import Grid
from fieldcore.fields import build_field, preset_recipe
from fieldcore.fields.field import Field
from fieldcore.signals import SignalFacts

from .percentiles import Percentiles

FULL_HD: Size = (1920, 1080)
REPEATS, UNCOUNTED = 30, 5
_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class GpuFigures:
    """What was measured on a GPU.

    Attributes:
        handover_ms: median time of a 1920 x 1080 colour layer from the CUDA tensor to the texture that shows it, in
            each way; None where there is no such way.
        spectral_1080p_final_ms: from a slider event to the final picture of a 4 x 1024 spectral field at 1920 x 1080;
            None where no view was so large.
        reasons: why there is None, by what was to be measured.
    """

    handover_ms: dict[Way, float | None]
    spectral_1080p_final_ms: Percentiles | None
    reasons: dict[str, str]

    @property
    def keys(self) -> dict[str, Any]:
        """What goes into the JSON object of a benchmark."""
        entries = asdict(self)
        del entries["reasons"]
        return entries

    def table(self) -> str:
        """For people, with the reasons."""
        lines = [_line("handover_ms", self.handover_ms)]
        if self.spectral_1080p_final_ms is not None:
            lines.append(_line("spectral_1080p_final_ms", asdict(self.spectral_1080p_final_ms)))
        lines += [f"{name + ' not measured':33} {reason}" for name, reason in self.reasons.items()]
        return "\n".join(lines)


def why_not_measured(device: torch.device) -> str:
    """Why there are no such figures with ``device``; empty where there are."""
    if not torch.cuda.is_available():
        return "no CUDA device: hand-over not measured"
    return "" if device.type == "cuda" else f"evaluating on {device}: hand-over not measured"


def untrained_spectral(device: torch.device) -> Field:
    """The publication's size for a full HD picture, with seeded weights: how long it takes does not depend on them."""
    height = FULL_HD[1] / FULL_HD[0]
    facts = SignalFacts("picture", "untrained", "0" * 64, (1.0, height), 3, FULL_HD, encoding="display")
    return build_field(preset_recipe("spectral", "paper", facts), facts).to(device)


def handover_ms(
    context: Any, device: torch.device, size: Size = FULL_HD
) -> tuple[dict[Way, float | None], dict[str, str]]:
    """Median milliseconds from a tensor on ``device`` to the texture that shows it, and why not where there are none.

    Args:
        context: an OpenGL context, current.
        device: where the values are.
        size: of the layer, in cells.
    """
    facts = SignalFacts("picture", "random", "0" * 64, (1.0, size[1] / size[0]), 3, size, encoding="display")
    grid = Grid(size, tuple(-half for half in facts.half_extent), facts.half_extent)
    values = torch.rand(size[1], size[0], 3, generator=torch.Generator().manual_seed(0)).to(device)
    figures: dict[Way, float | None] = {}
    reasons: dict[str, str] = {}
    for way in WAYS:
        handover = Handover(context, device, way)
        scene = PlaneCompositor(context, handover)

        def hand_over(way: Way = way, scene: PlaneCompositor = scene) -> None:
            scene.show({"field": Layer(DELIVERIES[way](values), grid, facts)})
            scene.upload()

        times = _times(hand_over, context, device) if handover.way == way else []
        works = handover.way == way  # still
        figures[way] = Percentiles.of(times).p50 if works else None
        if not works:
            reasons[way] = handover.refused[way]
        scene.release()
        handover.release()
    return figures, reasons


def spectral_final_ms(surface: Offscreen, field: Field, events: int = REPEATS) -> Percentiles:
    """From a slider event to the final picture, with the worker and the scene of a window but none to show it.

    Raises:
        RuntimeError: the worker failed or did not answer.
    """
    context, size, document = surface.context, surface.framebuffer.size, Document(Path("f"), field, TrainingFacts())
    woken = threading.Event()
    engine, handover = Engine(woken.set), Handover(context, field.device)
    engine.way = handover.way
    scene = PlaneCompositor(context, handover)

    def draw(evaluated: Evaluated) -> None:
        scene.show(evaluated.stage.layers)
        scene.upload()
        scene.draw(surface.framebuffer, evaluated.request.controls)

    def final(request: PlaneRequest) -> bool:
        woken.wait(_TIMEOUT_S)
        woken.clear()
        is_final = False
        for event in engine.events():
            if isinstance(event, Failed):
                raise RuntimeError(event.sentence)
            if isinstance(event, Evaluated) and event.request is request:
                request.take(event)
                is_final = event.stage.final
        return is_final

    times = []
    try:
        for event in range(UNCOUNTED + events):
            started = time.perf_counter()
            variance = 10 ** (-5 + 3 * event / (UNCOUNTED + events))
            controls = Controls(field="f", covariance=(variance, 0.0, variance))
            request = PlaneRequest(controls, size, document, draw)
            engine.show(request)
            while not final(request):
                if time.perf_counter() - started > _TIMEOUT_S:
                    raise RuntimeError("the worker did not answer in time")
            context.finish()
            times.append(time.perf_counter() - started)
    finally:
        engine.close()
        scene.release()
        handover.release()
    return Percentiles.of(times[UNCOUNTED:])


def _times(work: Callable[[], None], context: Any, device: torch.device) -> list[float]:
    """Seconds that ``work`` takes until OpenGL and CUDA are done with it, some runs left out."""

    def done() -> float:
        context.finish()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter()

    times = []
    for _ in range(UNCOUNTED + REPEATS):
        started = done()
        work()
        times.append(done() - started)
    return times[UNCOUNTED:]


def _line(name: str, milliseconds: dict[Any, float | None]) -> str:
    entries = (f"{entry} {'none' if ms is None else format(ms, '7.2f')}" for entry, ms in milliseconds.items())
    return f"{name:33} " + "  ".join(entries)
