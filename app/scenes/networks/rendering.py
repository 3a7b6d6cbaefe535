"""Rendering a path of networks without a window: each frame shows what the networks are by then, trained anew."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import moderngl
import torch

from fieldcore.comparison.contest import Contestant
from fieldcore.errors import InputError
from fieldcore.signals import Picture

from ...compare import OTHER
from ...document import Document, open_document
from ...gl.offscreen import Offscreen, read_pixels
from ...opening import is_field
from ...plane.controls import description_of
from ...plane.own_document import document_of
from ...record.frame import Frame
from ...record.frame_sequences import named_field
from ...record.passes import AS_SHOWN, Pass
from ...record.path_rendering import PathJob, PathScene
from .compositor import NetworksCompositor
from .controls import MOST_PX, NetworksControls
from .tiles import Tile, tile_of, tile_stages
from .training import asked_networks, contestants, open_picture, size_of


@dataclass
class _Pace:
    """A clock that goes on by so much in every step of ``fit``, which looks at it before and after, and not else."""

    seconds_a_step: float = 0.0
    now: float = 0.0
    looks: int = 0

    def __call__(self) -> float:
        self.looks += 1
        if self.looks > 2 and self.looks % 2 == 0:
            self.now += self.seconds_a_step
        return self.now


class Trainees:
    """Networks that are trained as far as a frame shows them; those of the frame before go on where that leads there.

    Args:
        source: the picture, or a network that is shown as it is.
        device: where to train.
        other: the same of what stands beside, as it is; empty where there is nothing.

    Attributes:
        opened: the network that is shown as it is.
        beside: what stands beside, if anything does.
    """

    def __init__(self, source: str, device: torch.device, other: str = "") -> None:
        self.source, self._device = source, device
        self.opened: Document | None = open_document(Path(source), device, []) if is_field(source) else None
        self.beside = _tile_beside(other, device) if other else None
        self._pictures: dict[int, Picture] = {}
        self._of: Any = None
        self._trained: list[tuple[Contestant, _Pace]] = []

    def picture(self, controls: NetworksControls) -> Picture:
        """What is learned, in the size of that frame. Raises InputError if it cannot be read."""
        size = size_of(controls)
        if size not in self._pictures:
            self._pictures[size] = open_picture(self.source, size, self._device)
        return self._pictures[size]

    def at(self, controls: NetworksControls) -> Iterator[None]:
        """Train as far as ``controls`` say, a step at a time. Raises InputError for networks that cannot be."""
        networks = replace(asked_networks(controls), whole=controls.whole)
        if networks != self._of or any(one.training.step > steps for one, _, steps in self._aims(controls)):
            paces = [_Pace() for _ in range(9)]
            found = contestants(controls, self.picture(controls), paces.__getitem__)
            self._of, self._trained = networks, list(zip(found, paces, strict=False))
        for one, pace, steps in self._aims(controls):
            left = steps - one.training.step
            if left > 0:
                pace.seconds_a_step = (1 + 1e-9) * (controls.trained * controls.race_seconds - one.seconds) / left
            for _ in range(left):
                if not one.ended:
                    one.step()
                    yield None

    def _aims(self, controls: NetworksControls) -> list[tuple[Contestant, _Pace, int]]:
        """Each network with its clock, and how many steps it has taken then."""
        aims = list(controls.race_steps)
        if controls.show == "desk" or len(aims) != len(self._trained):
            aims = [round(controls.trained * one.field.recipe.steps) for one, _ in self._trained]
        return [(one, pace, steps) for (one, pace), steps in zip(self._trained, aims, strict=True)]

    @property
    def tiles(self) -> list[Tile]:
        """The networks as they are now."""
        return [tile_of(self.opened)] if self.opened is not None else [Tile.of(one) for one, _ in self._trained]


def _tile_beside(source: str, device: torch.device) -> Tile:
    if is_field(source):
        return tile_of(open_document(Path(source), device, []))
    return tile_of(document_of(Path(source), open_picture(source, MOST_PX, device)))


class NetworksRenderer:
    """See ``record.frame_renderer.FrameRenderer``."""

    waiting = False

    def __init__(self, context: moderngl.Context) -> None:
        self._compositor = NetworksCompositor(context)

    def render(
        self, subject: Trainees, controls: NetworksControls, surface: moderngl.Framebuffer, of: Pass = AS_SHOWN
    ) -> Iterator[Frame | None]:
        """See ``FrameRenderer``. Raises InputError as ``Trainees.at``."""
        started = time.perf_counter()
        if subject.opened is None:
            yield from subject.at(controls)
        trained = time.perf_counter()
        truth = subject.opened.truth if subject.opened is not None else subject.picture(controls).truth()
        *_, stage = tile_stages(controls, subject.tiles, truth, surface.size, beside=subject.beside)
        self._compositor.show(stage.layers)
        self._compositor.upload()
        self._compositor.draw(surface, controls)
        took = {"trained_ms": 1e3 * (trained - started), "drawn_ms": 1e3 * (time.perf_counter() - trained)}
        yield Frame(read_pixels(surface), description_of(controls), took)

    def release(self) -> None:
        """See ``FrameRenderer``."""
        self._compositor.release()


class NetworkPaths(PathScene[NetworksControls, Trainees]):
    """Paths of networks."""

    def open(self, job: PathJob[NetworksControls], device: torch.device) -> Trainees:
        """See the base; networks that cannot be trained are refused before the first frame."""
        source = job.path.still.field
        for where, _, controls in job.asked:
            if OTHER in controls.shown and not controls.other:
                raise InputError(f"{where} shows something beside; name its file in the path's entry 'other'")
        subject = Trainees(source, device, job.path.still.other)
        for index, moment in job.path.first_frames():
            controls = job.path.at(moment)
            if subject.opened is not None and "truth" in controls.needed and subject.opened.truth is None:
                raise InputError(f"keyframes[{index}] shows the truth, which is not known of '{source}'")
            if subject.opened is None:
                try:
                    contestants(controls, subject.picture(controls))
                except InputError as error:
                    raise InputError(f"keyframes[{index}]: {error}") from error
        return subject

    def origin(self, job: PathJob[NetworksControls], subject: Trainees) -> dict[str, Any]:
        """See the base."""
        opened = subject.opened
        return {"field": named_field(opened.path, opened.field) if opened is not None else {"file": subject.source}}

    def renderer(self, job: PathJob[NetworksControls], subject: Trainees, surface: Offscreen) -> NetworksRenderer:
        """See the base."""
        return NetworksRenderer(surface.context)
