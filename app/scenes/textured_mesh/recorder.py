"""Recording a flight: its frames as PNG files, a report of what made them and, if asked for, videos."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from fieldcore.fields.field import Field
from fieldcore.models import TexturedModel
from fieldcore.version import version

from ...gl.offscreen import Offscreen
from ...path.keyframes import KeyframePath
from ...record.frame_folder import FrameFolder
from ...record.recording import Recording
from ...record.reels import Reel, ReelPlan, Roll, expose, frames_kept, machine_name, named_with_digest, planned_reels
from .compositor import FlythroughScene
from .controls import FlightControls, Shading
from .panes import shown_shadings
from .renderer import Studio, as_shown, in_passes
from .report import FIGURES, FlightReport
from .shading_set import Shadings


@dataclass(frozen=True)
class FlightJob:
    """What is to be rendered.

    Attributes:
        path_file: the flight's file.
        path: the flight.
        field_file: the field that is the model's texture, if there is one.
        folder: for the frames; with passes each gets a folder in it.
        video: of the first pass; those of the others are named after it.
        passes: the ways of shading; none for the frames as a window shows them.
        report: whether the passes are compared with the judge.
        samples: the judge takes this many squared samples a pixel.
        resume: whether to go on with what an interrupted render has left.
    """

    path_file: Path
    path: KeyframePath[FlightControls]
    field_file: Path | None
    folder: Path
    video: Path | None
    passes: tuple[Shading, ...]
    report: bool
    samples: int
    resume: bool = False

    @property
    def reels(self) -> list[ReelPlan]:
        """One for each pass, or one for the frames as shown."""
        return planned_reels(self.folder, self.video, self.passes)

    @property
    def asked(self) -> dict[Shading, str]:
        """The ways of shading asked for by name, and what asks for each; a comparison of four brings others with it."""
        if self.passes:
            return dict.fromkeys(self.passes, "--passes")
        asked: dict[Shading, str] = {}
        for index, moment in self.path.first_frames():
            controls = self.path.at(moment)
            for name in sorted({controls.shading, controls.other}.intersection(shown_shadings(controls))):
                asked.setdefault(name, f"keyframes[{index}]")
        return asked


@dataclass(frozen=True)
class FlightRecording(Recording):
    """What was recorded of a flight.

    Attributes:
        passes: of each pass its means over all frames, if they were reported.
    """

    passes: dict[str, dict[str, float | None]]


def record_flight(
    job: FlightJob, model: TexturedModel, field: Field | None, device: torch.device, surface: Offscreen
) -> FlightRecording:
    """Render a flight, with a progress bar on standard error.

    Raises:
        KeyboardInterrupt: Ctrl-C or SIGTERM came; the frames and the videos so far are complete and were kept.
        InputError: what is shown cannot be drawn or written; the frames so far are complete and were kept.
    """
    started = time.perf_counter()
    still = replace(job.path.still, field=str(job.field_file or ""), samples=job.samples)
    path = replace(job.path, still=still)
    origin = _origin(job, path, field, device, surface)
    reels = [
        Reel(
            FrameFolder(
                plan.folder, {**origin, **({"pass": name} if name else {}), "video": _named(plan.video)}, job.resume
            ),
            plan.video,
        )
        for name, plan in zip(job.passes or ("",), job.reels, strict=True)
    ]
    roll = Roll(surface.framebuffer.size, len(path.frame_times()), path.frames_per_second, job.folder)
    first = frames_kept(reels, roll) if job.resume else 0
    report = FlightReport(job.folder, {**origin, "passes": list(job.passes)}, job.passes) if job.report else None
    shadings = Shadings(surface.context, model, field=field)
    scene = FlythroughScene(surface.context)
    studio = Studio(shadings, scene, surface)
    try:
        for name in job.asked:
            _ = shadings[name]  # made now, so that a field that it cannot show is told of before the first frame
        moments = path.frame_times()[first:]
        passes = in_passes(path, moments, job.passes, studio, report)
        expose(passes if job.passes else as_shown(path, moments, studio), reels, roll, report)
    finally:
        scene.release()
        shadings.release()
    return FlightRecording(
        frames=roll.frames,
        seconds=time.perf_counter() - started,
        folder=str(job.folder),
        video=_named(job.video),
        renderer=surface.renderer,
        passes=report.means if report else {},
    )


def report_text(passes: dict[str, dict[str, float | None]]) -> str:
    """A table of means for people, with a line break at its end; empty where there are none."""
    if not passes:
        return ""
    lines = [f"{'pass':14}" + "".join(f"{title:>12}" for title in ("PSNR, dB", "FLIP", "flicker", "ms"))]
    for name, means in passes.items():
        shown = (_shown(means[figure], digits) for figure, digits in zip(FIGURES, (2, 4, 4, 1), strict=True))
        lines.append(f"{name:14}" + "".join(f"{text:>12}" for text in shown))
    return "\n".join([*lines, ""])


def _shown(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _named(file: Path | None) -> str | None:
    return None if file is None else str(file)


def _origin(
    job: FlightJob, path: KeyframePath[FlightControls], field: Field | None, device: torch.device, surface: Offscreen
) -> dict[str, Any]:
    """What all frames have in common."""
    still = path.still
    files = (("model", still.model), ("texture", still.texture))
    of_field = field and {"kind": field.kind, "signal": field.facts.name}
    return {
        "fieldscope": version(),
        "path": named_with_digest(job.path_file),
        **{name: named_with_digest(Path(file)) for name, file in files if file},
        "field": {**named_with_digest(job.field_file), **of_field} if job.field_file and of_field else None,
        "size": list(surface.framebuffer.size),
        "frames_per_second": path.frames_per_second,
        "closed": path.closed,
        "caption": still.caption,
        "pixel_filter": still.pixel_filter,
        "samples": still.samples,
        "machine": machine_name(),
        "device": str(device),
        "renderer": surface.renderer,
    }
