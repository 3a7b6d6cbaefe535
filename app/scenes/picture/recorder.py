"""Recording a path: its frames as PNG files, a report of what made them and, if asked for, a video."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from fieldcore.version import version

from ...covariance import filter_entry
from ...gl.offscreen import Offscreen
from ...path.keyframes import KeyframePath
from ...record.frame_folder import FrameFolder
from ...record.recording import Recording
from ...record.reels import Exposure, Reel, Roll, expose, frames_kept, named_with_digest
from .controls import Controls
from .frame_renderer import Frame, render_frames
from .layers import Sources


def record(
    path_file: Path,
    path: KeyframePath[Controls],
    sources: Sources,
    surface: Offscreen,
    folder: Path,
    video: Path | None,
    resume: bool = False,
) -> Recording:
    """Render ``path`` into ``folder`` and ``video``, or go on with that, with a line of progress on standard error.

    Raises:
        KeyboardInterrupt: Ctrl-C, SIGTERM or SIGHUP came; the frames and the video so far are complete and were kept.
        InputError: the disk is full or cannot be written; the frames so far are complete and were kept.
    """
    started = time.perf_counter()
    reel = Reel(FrameFolder(folder, _origin(path_file, path, sources, surface, video), resume), video)
    roll = Roll(surface.framebuffer.size, len(path.frame_times()), path.frames_per_second, folder)
    frames = render_frames(path, sources, surface, frames_kept([reel], roll) if resume else 0)
    expose(([Exposure(frame.pixels, _description(frame))] for frame in frames), [reel], roll)
    seconds = time.perf_counter() - started
    return Recording(roll.frames, seconds, str(folder), str(video) if video else None, surface.renderer)


def _origin(
    path_file: Path, path: KeyframePath[Controls], sources: Sources, surface: Offscreen, video: Path | None
) -> dict[str, Any]:
    """What all frames have in common."""
    return {
        "fieldscope": version(),
        "path": named_with_digest(path_file),
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
        "video": None if video is None else str(video.absolute()),
    }


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
