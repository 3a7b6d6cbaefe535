"""Recording the path of a shape: pictures and meshes on disk, a report of what made them and, if asked for, videos."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fieldcore.meshing import write_mesh
from fieldcore.signals.mesh_file import Mesh
from fieldcore.version import version

from ...gl.offscreen import Offscreen
from ...path.keyframes import KeyframePath
from ...record.frame_folder import FrameFolder
from ...record.recording import Recording
from ...record.reels import Reel, ReelPlan, Roll, expose, frames_kept, machine_name, named_with_digest, planned_reels
from .controls import ShapeControls, ShapePass
from .renderer import rendered
from .report import ShapeReport
from .studio import ShapeSources, ShapeStudio


@dataclass(frozen=True)
class ShapeJob:
    """What is to be rendered.

    Attributes:
        path_file: the path's file.
        path: the path.
        folder: for the frames; with passes each gets a folder in it.
        video: of the first pass that is a picture; those of the others are named after it.
        passes: none for the frames as a window shows them.
        report: whether the bakes are compared with the truth's.
        resume: whether to go on with what an interrupted render has left.
    """

    path_file: Path
    path: KeyframePath[ShapeControls]
    folder: Path
    video: Path | None
    passes: tuple[ShapePass, ...]
    report: bool
    resume: bool = False

    @property
    def reels(self) -> list[ReelPlan]:
        """One for each pass, or one for the frames as shown; there is no video of meshes."""
        if "mesh" not in self.passes:
            return planned_reels(self.folder, self.video, self.passes)
        first, *others = sorted(self.passes, key=lambda name: name == "mesh")  # which leaves the others in order
        planned = dict(zip((first, *others), planned_reels(self.folder, self.video, (first, *others)), strict=True))
        return [replace(planned[name], video=None) if name == "mesh" else planned[name] for name in self.passes]


class MeshFolder(FrameFolder):
    """The same with a mesh a frame."""

    suffix = ".ply"

    def _write(self, file: Path, content: Mesh) -> None:
        write_mesh(file, content)


@dataclass(frozen=True)
class ShapeRecording(Recording):
    """What was recorded of a shape.

    Attributes:
        means: over all frames, of the bake's IoU and MSE against the truth's and of each pass's milliseconds, if they
            were reported.
    """

    means: dict[str, Any]


def record_shape(job: ShapeJob, sources: ShapeSources, surface: Offscreen) -> ShapeRecording:
    """Render the path of a shape, with a progress bar on standard error.

    Raises:
        KeyboardInterrupt: Ctrl-C or SIGTERM came; the frames and the videos so far are complete and were kept.
        InputError: what is shown cannot be drawn or written; the frames so far are complete and were kept.
    """
    started = time.perf_counter()
    path, origin = job.path, _origin(job, sources, surface)
    reels = [_reel(name, plan, origin, job.resume) for name, plan in zip(job.passes or (None,), job.reels, strict=True)]
    roll = Roll(surface.framebuffer.size, len(path.frame_times()), path.frames_per_second, job.folder)
    first = frames_kept(reels, roll) if job.resume else 0
    report = ShapeReport(job.folder, {**origin, "passes": list(job.passes)}, job.passes) if job.report else None
    studio = ShapeStudio(surface, sources)
    try:
        expose(rendered(path, path.frame_times()[first:], job.passes, studio, report), reels, roll, report)
    finally:
        studio.release()
    return ShapeRecording(
        frames=roll.frames,
        seconds=time.perf_counter() - started,
        folder=str(job.folder),
        video=None if job.video is None else str(job.video),
        renderer=surface.renderer,
        means=report.means if report else {},
    )


def means_text(means: dict[str, Any]) -> str:
    """Means for people, with a line break at its end; empty where there are none."""
    if not means:
        return ""
    figures = [f"{name:12}{value:14.6g}" for name in ("iou", "mse") if (value := means[name]) is not None]
    times = [f"{name:12}{value:11.1f} ms" for name, value in means["milliseconds"].items() if value is not None]
    return "\n".join([*figures, *times, ""])


def _reel(name: ShapePass | None, plan: ReelPlan, origin: dict[str, Any], resume: bool) -> Reel:
    video = None if plan.video is None else str(plan.video)
    origin = {**origin, **({"pass": name} if name else {}), "video": video}
    folder = MeshFolder if name == "mesh" else FrameFolder
    return Reel(folder(plan.folder, origin, resume), plan.video)


def _origin(job: ShapeJob, sources: ShapeSources, surface: Offscreen) -> dict[str, Any]:
    """What all frames have in common."""
    path, field = job.path, sources.field
    still = path.still
    constant: Sequence[str] = ("caption", "shadows", "grid", "cells", "error_range")
    return {
        "fieldscope": version(),
        "path": named_with_digest(job.path_file),
        "field": {**named_with_digest(Path(still.field)), "kind": field.kind, "signal": field.facts.name},
        "truth": named_with_digest(Path(still.truth)) if still.truth and sources.truth else None,
        "size": list(surface.framebuffer.size),
        "frames_per_second": path.frames_per_second,
        "closed": path.closed,
        **{name: getattr(still, name) for name in constant},
        "machine": machine_name(),
        "device": str(field.device),
        "renderer": surface.renderer,
    }
