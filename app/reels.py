"""Reels: where rendered frames go, as numbered files, a report of what made them and, if asked for, a video."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import UInt8, UInt16
from tqdm import tqdm

from fieldcore.command import deferred_interrupts
from fieldcore.errors import InputError
from fieldcore.signals.mesh_file import Mesh

from .frame_folder import FrameFolder
from .running_report import RunningReport, State
from .video import video_file
from .view import Size


@dataclass(frozen=True, eq=False)
class Exposure:
    """A frame on its way to a reel.

    Attributes:
        pixels: display-encoded, top row first; None where there is no picture to look at.
        description: what made it, in plain JSON values.
        stored: what its file holds, where that is not just these pixels.
    """

    pixels: UInt8[np.ndarray, "h w 3"] | None
    description: dict[str, Any]
    stored: UInt8[np.ndarray, "h w 4"] | UInt16[np.ndarray, "h w 4"] | Mesh | None = None


@dataclass(frozen=True, eq=False)
class Reel:
    """A folder of frames, and the video that shows them, if one was asked for."""

    frames: FrameFolder
    video: Path | None = None


@dataclass(frozen=True)
class ReelPlan:
    """Where frames of one kind are to go."""

    folder: Path
    video: Path | None


def planned_reels(folder: Path, video: Path | None, passes: Sequence[str]) -> list[ReelPlan]:
    """One for each pass, in a folder of its own, or one for the frames as shown.

    The video is of the first pass; those of the others are named after it.
    """
    if not passes:
        return [ReelPlan(folder, video)]
    videos = (video and video.with_name(f"{video.stem}_{name}{video.suffix}") for name in passes[1:])
    return [ReelPlan(folder / name, of_pass) for name, of_pass in zip(passes, (video, *videos), strict=True)]


@dataclass(frozen=True)
class Roll:
    """How long a recording is to be.

    Attributes:
        size: of each frame, in pixels.
        frames: how many there are to be.
        frames_per_second: of the videos.
        folder: the one that people named, for messages.
    """

    size: Size
    frames: int
    frames_per_second: float
    folder: Path


def expose(
    rendered: Iterable[Sequence[Exposure]], reels: Sequence[Reel], roll: Roll, report: RunningReport | None = None
) -> None:
    """Write what is rendered, a frame for each reel at a time, with a progress bar on standard error.

    Args:
        rendered: makes the frames while they are asked for, and adds to the report.
        reels: as many as each of the frames has exposures.
        roll: how long all is to be.
        report: another one to be finished in the end.

    Raises:
        KeyboardInterrupt: Ctrl-C or SIGTERM came; the frames and the videos so far are complete and were kept.
        InputError: the disk is full or cannot be written; the frames so far are complete and were kept.
    """

    def finish(state: State) -> None:
        for reel in reels:
            reel.frames.finish(state)
        if report is not None:
            report.finish(state)

    def done() -> int:
        return min(len(reel.frames) for reel in reels)

    try:
        _write(rendered, reels, roll)
    except InputError as error:
        if not done():
            raise
        with suppress(InputError):  # the report too may find no room; the last one written stays valid
            finish("interrupted")
        raise InputError(f"{error}; {done()} of {roll.frames} frames were kept in '{roll.folder}'") from error
    finish("complete" if done() == roll.frames else "interrupted")
    if done() < roll.frames:
        raise KeyboardInterrupt(f"interrupted: {done()} of {roll.frames} frames were kept in '{roll.folder}'")


def _write(rendered: Iterable[Sequence[Exposure]], reels: Sequence[Reel], roll: Roll) -> None:
    with ExitStack() as stack:
        should_stop = stack.enter_context(deferred_interrupts())
        append: dict[Reel, Callable[[np.ndarray], None]] = {
            reel: stack.enter_context(video_file(reel.video, roll.size, roll.frames_per_second))
            for reel in reels
            if reel.video is not None
        }
        for exposures in tqdm(rendered, total=roll.frames, unit="frame", file=sys.stderr):
            for reel, exposure in zip(reels, exposures, strict=True):
                stored = exposure.pixels if exposure.stored is None else exposure.stored
                reel.frames.add(stored, exposure.description)
                if reel in append and exposure.pixels is not None:
                    append[reel](exposure.pixels)
            if should_stop():
                break


def program_version() -> str:
    """Of this program, as reports name it."""
    try:
        return version("fieldscope")
    except PackageNotFoundError:  # run from a checkout
        return "not installed"


def machine_name() -> str:
    """What this program runs on, as reports name it."""
    return f"{platform.system()} {platform.machine()}, {torch.get_num_threads()} threads"


def named_with_digest(file: Path) -> dict[str, str]:
    """A file as reports name it."""
    return {"file": str(file.absolute()), "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
