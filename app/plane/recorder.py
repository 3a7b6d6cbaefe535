"""Recording a path: its frames as PNG files, a report of what made them and, if asked for, videos."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fieldcore.version import version

from ..gl.offscreen import Offscreen
from ..path.keyframes import KeyframePath
from ..record.frame_folder import FrameFolder
from ..record.recording import Recording
from ..record.reels import Exposure, Reel, ReelPlan, Roll, expose, frames_kept, named_with_digest, planned_reels
from .controls import PlanePass, description_of
from .frame_renderer import Frame, FrameRenderer
from .layers import Sources
from .report import COMPARED_PASSES, PlaneReport


@dataclass(frozen=True)
class PlaneJob:
    """What is to be rendered.

    Attributes:
        path_file: the path's file.
        path: the path.
        folder: for the frames; with passes each gets a folder in it.
        video: of the first pass; those of the others are named after it.
        passes: none for the frames as a window shows them.
        report: whether the fields are compared with the truth.
        resume: whether to go on with what an interrupted render has left.
    """

    path_file: Path
    path: KeyframePath[Any]
    folder: Path
    video: Path | None = None
    passes: tuple[PlanePass, ...] = ()
    report: bool = False
    resume: bool = False

    @property
    def reels(self) -> list[ReelPlan]:
        """One for each pass, or one for the frames as shown."""
        return planned_reels(self.folder, self.video, self.passes)


@dataclass(frozen=True)
class PlaneRecording(Recording):
    """What was recorded on a plane.

    Attributes:
        mean_psnr: over all frames, of the fields against the truth, if they were reported.
    """

    mean_psnr: dict[str, float | None] = field(default_factory=dict)


def record(job: PlaneJob, sources: Sources, surface: Offscreen) -> PlaneRecording:
    """Render a path, or go on with that, with a line of progress on standard error.

    Raises:
        KeyboardInterrupt: Ctrl-C, SIGTERM or SIGHUP came; the frames and the videos so far are complete and were kept.
        InputError: the disk is full or cannot be written; the frames so far are complete and were kept.
    """
    started = time.perf_counter()
    origin = _origin(job, sources, surface)
    reels = [_reel(name, plan, origin, job.resume) for name, plan in zip(job.passes or (None,), job.reels, strict=True)]
    roll = Roll(surface.framebuffer.size, len(job.path.frame_times()), job.path.frames_per_second, job.folder)
    first = frames_kept(reels, roll) if job.resume else 0
    report = PlaneReport(job.folder, {**origin, "passes": list(job.passes)}) if job.report else None
    renderer = FrameRenderer(sources, surface)
    try:
        expose(_rendered(job, first, renderer, report), reels, roll, report)
    finally:
        renderer.release()
    seconds, video = time.perf_counter() - started, str(job.video) if job.video else None
    means = report.means if report else {}
    return PlaneRecording(roll.frames, seconds, str(job.folder), video, surface.renderer, means)


def _rendered(
    job: PlaneJob, first: int, renderer: FrameRenderer, report: PlaneReport | None
) -> Iterator[Sequence[Exposure]]:
    """The frames of each moment: one of each pass, or one as a window shows it; the report is told of them."""
    for moment in job.path.frame_times()[first:]:
        controls = job.path.at(moment)
        if not job.passes:
            frames = [renderer.shown(controls, moment)]
        else:
            measured = COMPARED_PASSES if report is not None else ()
            frames, layers = renderer.passes(controls, moment, job.passes, measured)
            if report is not None:
                report.describe(moment, controls, layers, frames)
        yield [Exposure(frame.pixels, _description(frame)) for frame in frames]


def _reel(name: PlanePass | None, plan: ReelPlan, origin: dict[str, Any], resume: bool) -> Reel:
    video = None if plan.video is None else str(plan.video.absolute())
    of_pass = {"pass": name} if name else {}
    return Reel(FrameFolder(plan.folder, {**origin, **of_pass, "video": video}, resume), plan.video)


def _origin(job: PlaneJob, sources: Sources, surface: Offscreen) -> dict[str, Any]:
    """What all frames have in common."""
    path = job.path
    return {
        "fieldscope": version(),
        "path": named_with_digest(job.path_file),
        "field": {
            **named_with_digest(Path(path.still.field)),
            "kind": sources.field.kind,
            "signal": sources.field.facts.name,
        },
        "size": list(surface.framebuffer.size),
        "frames_per_second": path.frames_per_second,
        "closed": path.closed,
        "caption": path.still.caption,
        "device": str(sources.field.device),
        "renderer": surface.renderer,
    }


def _description(frame: Frame) -> dict[str, Any]:
    return {
        "time": round(frame.time, 9),
        **description_of(frame.controls),
        "footprint_variance": frame.footprint_variance,
        "evaluated_ms": round(frame.evaluated_ms, 3),
        "drawn_ms": round(frame.drawn_ms, 3),
    }
