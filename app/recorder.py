"""Recording a path: its frames as PNG files, a report of what made them and, if asked for, a video."""

from __future__ import annotations

import hashlib
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tqdm import tqdm

from fieldcore.command import deferred_interrupts
from fieldcore.errors import InputError

from .controls import Controls, filter_entry
from .frame_folder import FrameFolder
from .frame_renderer import Frame, render_frames
from .headless import Offscreen
from .keyframes import KeyframePath
from .layers import Sources
from .video import video_file


@dataclass(frozen=True)
class Recording:
    """What was recorded; also what ``--json`` prints."""

    frames: int
    seconds: float
    folder: str
    video: str | None
    renderer: str


def record(
    path_file: Path, path: KeyframePath, sources: Sources, surface: Offscreen, folder: Path, video: Path | None
) -> Recording:
    """Render ``path`` into ``folder`` and ``video``, with a progress bar on standard error.

    Raises:
        KeyboardInterrupt: Ctrl-C or SIGTERM came; the frames and the video so far are complete and were kept.
        InputError: the disk is full or cannot be written; the frames so far are complete and were kept.
    """
    started = time.perf_counter()
    frames = FrameFolder(folder, _origin(path_file, path, sources, surface, video))
    total = len(path.frame_times())
    try:
        _write_frames(frames, path, sources, surface, video)
    except InputError as error:
        if not frames:
            raise
        with suppress(InputError):  # the report too may find no room; the last one written stays valid
            frames.finish("interrupted")
        raise InputError(f"{error}; {len(frames)} of {total} frames were kept in '{folder}'") from error
    frames.finish("complete" if len(frames) == total else "interrupted")
    if len(frames) < total:
        raise KeyboardInterrupt(f"interrupted: {len(frames)} of {total} frames were kept in '{folder}'")
    seconds = time.perf_counter() - started
    return Recording(len(frames), seconds, str(folder), str(video) if video else None, surface.renderer)


def _write_frames(
    frames: FrameFolder, path: KeyframePath, sources: Sources, surface: Offscreen, video: Path | None
) -> None:
    with ExitStack() as stack:
        should_stop = stack.enter_context(deferred_interrupts())
        append = None
        if video is not None:
            append = stack.enter_context(video_file(video, surface.framebuffer.size, path.frames_per_second))
        total = len(path.frame_times())
        for frame in tqdm(render_frames(path, sources, surface), total=total, unit="frame", file=sys.stderr):
            frames.add(frame.pixels, _description(frame))
            if append is not None:
                append(frame.pixels)
            if should_stop():
                break


def _origin(
    path_file: Path, path: KeyframePath, sources: Sources, surface: Offscreen, video: Path | None
) -> dict[str, Any]:
    """What all frames have in common."""
    return {
        "fieldscope": _program_version(),
        "path": _named_with_digest(path_file),
        "field": {**_named_with_digest(path.field), "kind": sources.field.kind, "signal": sources.field.facts.name},
        "size": list(surface.framebuffer.size),
        "frames_per_second": path.frames_per_second,
        "closed": path.closed,
        "caption": path.caption,
        "device": str(sources.field.device),
        "renderer": surface.renderer,
        "video": None if video is None else str(video.absolute()),
    }


def _program_version() -> str:
    try:
        return version("fieldscope")
    except PackageNotFoundError:  # run from a checkout
        return "not installed"


def _named_with_digest(file: Path) -> dict[str, str]:
    return {"file": str(file.absolute()), "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}


def _description(frame: Frame) -> dict[str, Any]:
    return {
        "time": round(frame.time, 9),
        **description_of(frame.controls),
        "footprint_variance": frame.footprint_variance,
        "evaluated_ms": round(frame.evaluated_ms, 3),
        "drawn_ms": round(frame.drawn_ms, 3),
    }


def description_of(controls: Controls) -> dict[str, Any]:
    """What a frame shows, for the report."""
    return {
        **filter_entry(controls.covariance),
        "center": list(controls.center),
        "zoom": controls.zoom,
        "comparison": controls.comparison,
        **({"divider": controls.divider} if controls.comparison == "wipe" else {}),
        **({"gaze": list(controls.gaze), "falloff": controls.falloff} if controls.foveated else {}),
    }
