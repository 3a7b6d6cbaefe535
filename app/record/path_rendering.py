"""Rendering a path without a window: the one driver, which runs the frames of any scene to the end.

A scene tells it what it knows alone by a ``PathScene``: which files it opens, what draws
(``FrameRenderer``) and, if it can be compared with anything, what is measured. Folders, videos, reports, resuming and
interrupts are seen to here.

    class ShapePaths(PathScene[ShapeControls, ShapeSubject]):
        def open(self, job, device): ...

    recording, table = render_path(options, path, ShapePaths())
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import torch

from fieldcore.devices import choose_device
from fieldcore.errors import InputError
from fieldcore.version import version
from fieldcore.videos.writing import USUAL_QUALITY, Quality

from ..compare import Compare
from ..gl.offscreen import Offscreen, offscreen
from ..path.keyframes import KeyframePath
from ..scenes import scene_of
from .exposure import exposed
from .frame import Frame
from .frame_range import frames_asked
from .frame_renderer import FrameRenderer, whole
from .frame_sequences import Destination, Extent, machine_name, named_with_digest, record_frames
from .output import output_of, passes_asked
from .passes import AS_SHOWN, Pass, lit
from .recording import Recording
from .render_request import size_asked
from .report import REPORT_NAME, Figures, Report, ReportFormat, means_text
from .shutter import MOMENTARY, USUAL_SAMPLES, Shutter

SHOWN = "shown"
"""What reports call the frames that keyframes show, where no pass is asked for."""


AnyControls = TypeVar("AnyControls", bound=Compare)
Subject = TypeVar("Subject")


@dataclass(frozen=True)
class PathJob(Generic[AnyControls]):
    """What is to be rendered.

    Attributes:
        path_file: the path's file.
        path: the path.
        passes: by name; none for the frames as a window shows them.
        folder: for the frames; with passes each gets a folder in it. None where only videos are wanted.
        video: of the first pass that is a picture; those of the others are named after it.
        report: whether frames are compared with a reference.
        resume: whether to go on with what an interrupted render has left.
        frames: the first and the last one that are wanted, as ``frames_asked`` takes them; all if it is None.
        shutter: how long it is open for each frame.
        quality: of the videos.
        exr: whether the files hold linear light in place of pictures.
    """

    path_file: Path
    path: KeyframePath[AnyControls]
    passes: Mapping[str, Pass]
    folder: Path | None
    video: Path | None = None
    report: bool = False
    resume: bool = False
    frames: str | None = None
    shutter: Shutter = MOMENTARY
    quality: Quality = USUAL_QUALITY
    exr: bool = False

    @property
    def destinations(self) -> dict[str, Destination]:
        """By the name of the pass, which is empty for the frames as shown. There is no video of meshes."""
        if not self.passes:
            return {"": Destination(self.folder, self.video, self.written(AS_SHOWN).content)}
        filmed = [name for name, of in self.passes.items() if of.content != "mesh"]
        videos = {name: self.video and _named_after(self.video, name) for name in filmed}
        videos |= dict.fromkeys(filmed[:1], self.video)
        folders = {name: self.folder and self.folder / name for name in self.passes}
        contents = {name: self.written(of).content for name, of in self.passes.items()}
        return {name: Destination(folders[name], videos.get(name), contents[name]) for name in self.passes}

    def written(self, of: Pass) -> Pass:
        """A pass with what its files are to hold."""
        return lit(of) if self.exr else of

    @property
    def numbers(self) -> range:
        """Of the frames that are wanted."""
        return frames_asked(self.frames, len(self.path.frame_times()))

    @property
    def asked(self) -> Iterator[tuple[str, int, AnyControls]]:
        """All that is to be shown: what asks for it, such as ``--passes error``; from which keyframe on; and what."""
        passes = {f"--passes {name}": of for name, of in self.passes.items()}
        for index, moment in self.path.first_frames():
            for where, of in (passes or {f"keyframes[{index}]": AS_SHOWN}).items():
                yield where, index, of.changed(self.path.at(moment))


Measure = Callable[[AnyControls, Mapping[str, Frame]], tuple[dict[str, Any], Figures]]
"""From a frame's controls and its passes, as they were just drawn: what the report says, and what it takes means of."""


class PathScene(ABC, Generic[AnyControls, Subject]):
    """What a scene tells the driver.

    Attributes:
        constants: entries that are the same along a whole path and that reports name.
        report: what its reports are; None where there are none.
    """

    constants: ClassVar[tuple[str, ...]] = ("caption",)
    report: ClassVar[ReportFormat | None] = None

    def with_options(self, options: Any, path: KeyframePath[AnyControls]) -> KeyframePath[AnyControls]:
        """The path with what flags change of it."""
        return path

    def check(self, job: PathJob[AnyControls]) -> None:
        """Raise InputError for what cannot be rendered, as far as that can be told before anything is opened."""

    @abstractmethod
    def open(self, job: PathJob[AnyControls], device: torch.device) -> Subject:
        """Read all files. Raises InputError for one that is wrong, or a frame that cannot be shown."""

    @abstractmethod
    def origin(self, job: PathJob[AnyControls], subject: Subject) -> dict[str, Any]:
        """The files, as reports name them."""

    @abstractmethod
    def renderer(
        self, job: PathJob[AnyControls], subject: Subject, surface: Offscreen
    ) -> FrameRenderer[Subject, AnyControls]:
        """What draws the frames."""

    def any_renderer(
        self, job: PathJob[AnyControls], subject: Subject, device: torch.device, surface: Offscreen
    ) -> FrameRenderer[Any, AnyControls]:
        """The same, with whatever else is to be opened for it."""
        return self.renderer(job, subject, surface)

    def measure(self, renderer: Any, subject: Subject) -> Measure[AnyControls]:
        """What measures the frames that the renderer has just drawn, for the report."""
        raise NotImplementedError


def render_path(
    options: Any, path: KeyframePath[AnyControls], scene: PathScene[AnyControls, Subject]
) -> tuple[Recording, str]:
    """Do what the command line asks for.

    Args:
        options: of ``program_options.Options``.
        path: what to render.
        scene: whose path it is.

    Returns:
        what was recorded, and a table of means for people, empty where there is no report.

    Raises:
        InputError: an option is wrong, or something cannot be read, drawn or written.
        KeyboardInterrupt: Ctrl-C, SIGTERM or SIGHUP came; the frames so far were kept.
    """
    size = size_asked(options)
    known = scene_of(path.still).passes
    passes = {name: known[name] for name in passes_asked(options.passes, tuple(known))}
    path = scene.with_options(options, path)
    job = PathJob(
        options.render_path, path, passes, options.out, options.video, options.report, options.resume, options.frames,
        Shutter(options.shutter or 0.0, options.shutter_samples or USUAL_SAMPLES), options.quality or USUAL_QUALITY,
        options.exr,
    )  # fmt: skip
    _check_video(job)
    _check_shutter(job)
    scene.check(job)
    reports = [job.folder / REPORT_NAME] if job.report and job.folder is not None else []
    with output_of(options, list(job.destinations.values()), size, path.frames_per_second, reports):
        device = choose_device(options.device)
        subject = scene.open(job, device)
        with offscreen(size, require_gpu=options.require_gpu) as surface:
            return _recorded(job, scene, subject, device, surface)


def _check_shutter(job: PathJob[Any]) -> None:
    """Raise InputError where a shutter would blur what is no picture."""
    if not job.shutter.share:
        return
    if job.exr:
        raise InputError("--exr: a shutter averages what is shown; leave --exr or --shutter out")
    if job.report:
        raise InputError("--report: its figures are of sharp frames; leave --report or --shutter out")
    for name, of in job.passes.items():
        if of.content in ("numbers", "mesh"):
            raise InputError(f"--shutter: the pass '{name}' makes no pictures that could be averaged; leave one out")


def _check_video(job: PathJob[Any]) -> None:
    if job.exr and job.folder is None:
        raise InputError("--exr: a video holds no linear light; give the folder for the frames by --out")
    without = [name for name, to in job.destinations.items() if to.video is None and job.folder is None]
    if without:
        raise InputError(f"--out: the pass '{without[0]}' goes into no video; give the folder that it is written to")
    if job.video is not None and all(to.video is None for to in job.destinations.values()):
        name = next(iter(job.passes))
        picture = next(name for name, of in scene_of(job.path.still).passes.items() if of.content != "mesh")
        raise InputError(
            f"--video: the pass '{name}' makes no pictures; add another one, such as --passes {picture},{name}"
        )


def _recorded(
    job: PathJob[AnyControls],
    scene: PathScene[AnyControls, Subject],
    subject: Subject,
    device: torch.device,
    surface: Offscreen,
) -> tuple[Recording, str]:
    origin = _origin(job, scene, subject, device, surface)
    numbers = job.numbers
    moments = [job.path.frame_times()[number] for number in numbers]
    rate = job.path.frames_per_second
    extent = Extent(surface.framebuffer.size, len(moments), rate, job.folder, numbers.start, job.quality)
    renderer = scene.any_renderer(job, subject, device, surface)
    try:
        report = measure = None
        if job.report and scene.report is not None and job.folder is not None:
            report = Report(job.folder, scene.report, {**origin, "passes": list(job.passes)})
            measure = scene.measure(renderer, subject)

        def frame_of(moment: float, of: Pass) -> Frame:
            def draw(shown: AnyControls) -> Frame:
                written = job.written(of)
                frame = whole(renderer.render(subject, of.changed(shown), surface.framebuffer, written))
                return replace(frame, stored=frame.light) if written.content == "light" else frame

            shown = job.path.at(moment)
            if not job.shutter.share:
                return draw(shown)
            return exposed([job.path.at(time) for time in job.shutter.moments(moment, job.path.step)], shown, draw)

        def frames_from(first: int) -> Iterator[Sequence[Frame]]:
            for moment in moments[first:]:
                controls, time = job.path.at(moment), {"time": round(moment, 9)}
                passes = job.passes or {SHOWN: AS_SHOWN}
                frames = {name: frame_of(moment, of) for name, of in passes.items()}
                if report is not None and measure is not None:
                    entry, figures = measure(controls, frames)
                    report.describe({**time, **entry}, figures)
                yield [replace(frame, description={**time, **frame.description}) for frame in frames.values()]

        recording = record_frames(job.destinations, extent, origin, frames_from, resume=job.resume, report=report)
    finally:
        renderer.release()
    if report is None or scene.report is None:
        return recording, ""
    return replace(recording, reported={scene.report.printed_as: report.means}), means_text(report.means)


def _origin(
    job: PathJob[AnyControls],
    scene: PathScene[AnyControls, Subject],
    subject: Subject,
    device: torch.device,
    surface: Offscreen,
) -> dict[str, Any]:
    """What all frames have in common."""
    return {
        "fieldscope": version(),
        "path": named_with_digest(job.path_file),
        **scene.origin(job, subject),
        "size": list(surface.framebuffer.size),
        "frames_per_second": job.path.frames_per_second,
        "closed": job.path.closed,
        **_chosen(job),
        **{name: getattr(job.path.still, name) for name in scene.constants},
        "machine": machine_name(),
        "device": str(device),
        "renderer": surface.renderer,
    }


def _chosen(job: PathJob[Any]) -> dict[str, Any]:
    """What is other than usual of the frames."""
    wanted = job.numbers
    numbers = {"range": [wanted[0], wanted[-1]]} if len(wanted) < len(job.path.frame_times()) else {}
    shutter = {"shutter": job.shutter.share, "shutter_samples": job.shutter.samples} if job.shutter.share else {}
    return {**numbers, **shutter}


def _named_after(video: Path, name: str) -> Path:
    return video.with_name(f"{video.stem}_{name}{video.suffix}")
