"""Recording a path: its frames as PNG files, a report of what made them and, if asked for, videos."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fieldcore.version import version

from ..gl.offscreen import Offscreen
from ..path.keyframes import KeyframePath
from ..record import frame
from ..record.frame_sequences import Destination, Extent, named_field, named_with_digest, record_frames
from ..record.recording import Recording
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
    def destinations(self) -> dict[str, Destination]:
        """One for each pass, or one for the frames as shown."""
        if not self.passes:
            return {"": Destination(self.folder, self.video)}
        videos = {name: self.video and self.video.with_stem(f"{self.video.stem}_{name}") for name in self.passes[1:]}
        return {name: Destination(self.folder / name, videos.get(name, self.video)) for name in self.passes}


def record(job: PlaneJob, sources: Sources, surface: Offscreen) -> Recording:
    """Render a path, or go on with that, with a line of progress on standard error.

    Raises:
        KeyboardInterrupt: Ctrl-C, SIGTERM or SIGHUP came; the frames and the videos so far are complete and were kept.
        InputError: the disk is full or cannot be written; the frames so far are complete and were kept.
    """
    origin = _origin(job, sources, surface)
    extent = Extent(surface.framebuffer.size, len(job.path.frame_times()), job.path.frames_per_second, job.folder)
    report = PlaneReport(job.folder, {**origin, "passes": list(job.passes)}) if job.report else None
    renderer = FrameRenderer(sources, surface)
    try:
        recording = record_frames(
            job.destinations, extent, origin, lambda first: _rendered(job, first, renderer, report),
            resume=job.resume, report=report,
        )  # fmt: skip
    finally:
        renderer.release()
    return replace(recording, reported={"mean_psnr": report.means if report else {}})


def _rendered(
    job: PlaneJob, first: int, renderer: FrameRenderer, report: PlaneReport | None
) -> Iterator[Sequence[frame.Frame]]:
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
        yield [frame.Frame(one.pixels, _description(one)) for one in frames]


def _origin(job: PlaneJob, sources: Sources, surface: Offscreen) -> dict[str, Any]:
    """What all frames have in common."""
    path = job.path
    return {
        "fieldscope": version(),
        "path": named_with_digest(job.path_file),
        "field": named_field(Path(path.still.field), sources.field),
        "size": list(surface.framebuffer.size),
        "frames_per_second": path.frames_per_second,
        "closed": path.closed,
        "caption": path.still.caption,
        "device": str(sources.field.device),
        "renderer": surface.renderer,
    }


def _description(of: Frame) -> dict[str, Any]:
    return {
        "time": round(of.time, 9),
        **description_of(of.controls),
        "footprint_variance": of.footprint_variance,
        "evaluated_ms": round(of.evaluated_ms, 3),
        "drawn_ms": round(of.drawn_ms, 3),
    }
