"""Rendering a path on a plane without a window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from fieldcore.errors import InputError
from fieldcore.measures import psnr
from fieldcore.progress_lines import note

from ..entries import entry_of, with_values
from ..gl.handover import Handover
from ..gl.offscreen import Offscreen
from ..path.keyframes import KeyframePath
from ..record.frame import Frame
from ..record.frame_sequences import named_field
from ..record.output import check_field
from ..record.path_rendering import Measure, PathJob, PathScene
from ..record.report import ReportFormat
from ..truth_file import open_truth
from ..work.asking import EvaluateHere
from ..work.delivery import HostValues, Values, copied
from .checks import check_frames
from .controls import PlaneControls
from .insets import InsetControls
from .layers import Layer, Sources
from .own_document import shows_itself
from .renderer import PlaneRenderer

if TYPE_CHECKING:
    from ..document import Document
    from .scene import PlaneScene


class PlanePaths(PathScene[PlaneControls, Sources]):
    """Paths on a plane; a report says how far the fields are from the truth.

    Args:
        scene: whose path it is.
    """

    report = ReportFormat("fieldscope-plane-report")

    def __init__(self, scene: PlaneScene) -> None:
        self._scene = scene

    def with_options(self, options: Any, path: KeyframePath[PlaneControls]) -> KeyframePath[PlaneControls]:
        """Other insets."""
        if options.insets is None:
            return path
        insets = entry_of(path.still, "insets").checked(options.insets, "--insets")
        return replace(path, still=with_values(path.still, {("insets",): insets}))

    def check(self, job: PathJob[PlaneControls]) -> None:
        """See the base."""
        for where, _, controls in job.asked if job.exr else ():
            if controls.layout == "cut":
                raise InputError(
                    f"{where}: light is not cut along a diagonal; choose another layout or leave --exr out"
                )

    def open(self, job: PathJob[PlaneControls], device: torch.device) -> Sources:
        """All that the path names, whether a frame needs it or not."""
        still = job.path.still
        document = self._opened(Path(still.field), device)
        if still.truth:
            truth = open_truth(document.field.facts, still.truth, Path(still.field))
            document.attach(truth.to(device), still.truth)
        other = self._opened(Path(still.other), device).field if still.other else None
        sources = Sources(document.field, document.truth, other)
        check_frames(job, sources)
        return sources

    def origin(self, job: PathJob[PlaneControls], subject: Sources) -> dict[str, Any]:
        """The field, and the insets of frames that have any."""
        still = job.path.still
        insets = still.shown_insets if isinstance(still, InsetControls) else ()
        return {
            "field": named_field(Path(still.field), subject.field),
            **({"insets": list(insets)} if insets else {}),
        }

    def renderer(self, job: PathJob[PlaneControls], subject: Sources, surface: Offscreen) -> PlaneRenderer:
        """See the base."""
        self._size = surface.framebuffer.size
        return PlaneRenderer(surface.context, Handover(surface.context, subject.field.device), EvaluateHere())

    def measure(self, renderer: PlaneRenderer, subject: Sources) -> Measure[PlaneControls]:
        """PSNR of each field against the truth on what is in sight, and what each pass took."""
        size = self._size

        def measured(controls: PlaneControls, frames: Mapping[str, Frame]) -> tuple[dict[str, Any], dict[str, Any]]:
            undivided = replace(controls, layout="one", left="field")
            layers = renderer.layers(("field", "truth"), subject, undivided, size)
            found = {"psnr": _agreement(layers.get("field"), layers.get("truth"))}
            if subject.other is not None:
                other = renderer.layers(("other",), subject, undivided, size).get("other")
                found["other_psnr"] = _agreement(other, layers.get("truth"))
            took = {name: round(sum(frame.milliseconds.values()), 3) for name, frame in frames.items()}
            return {**controls.described, **found, "milliseconds": took}, {**found, "milliseconds": took}

        return measured

    def _opened(self, file: Path, device: torch.device) -> Document:
        document = self._scene.read(file, device)
        check_field(file, document.field, self._scene.check_field)
        if shows_itself(document):
            note(*getattr(document.signal, "notices", ()))
        return document


def _agreement(layer: Layer | None, truth: Layer | None) -> float | None:
    """PSNR in dB of what is seen of a layer; None where there is nothing to compare."""
    if layer is None or truth is None or layer.grid != truth.grid:
        return None
    return round(psnr(_on_host(layer.values), _on_host(truth.values), layer.facts.value_range), 6)


def _on_host(values: Values) -> HostValues:
    return copied(values) if isinstance(values, torch.Tensor) else values
