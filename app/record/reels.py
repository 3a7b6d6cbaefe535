"""Reels: where rendered frames go, as numbered files, a report of what made them and, if asked for, a video."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import UInt8, UInt16
from PIL import Image

from fieldcore.command import deferred_interrupts
from fieldcore.errors import InputError
from fieldcore.signals.mesh_file import Mesh
from fieldcore.videos import film_file

from ..frame_size import Size
from .frame_folder import FrameFolder
from .frames_line import FramesLine
from .running_report import RunningReport, State


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
        frames: how many there are to be, those included that an earlier render has made.
        frames_per_second: of the videos.
        folder: the one that people named, for messages.
    """

    size: Size
    frames: int
    frames_per_second: float
    folder: Path


def frames_kept(reels: Sequence[Reel], roll: Roll) -> int:
    """How many frames an interrupted render has left in all of the reels; further ones are made again.

    Raises:
        InputError: nothing is left to be made, or a video cannot be made of the files of the frames.
    """
    count = min(len(reel.frames) for reel in reels)
    if count >= roll.frames:
        raise InputError(f"--resume: all {roll.frames} frames in '{roll.folder}' are there already")
    for reel in reels:
        reel.frames.keep(count)
        if reel.video is not None and count:
            _picture_in(reel.frames.file(0))
    return count


def _picture_in(file: Path) -> UInt8[np.ndarray, "h w 3"]:
    """The pixels of a frame's file, as a video shows them."""
    with Image.open(file) as picture:
        pixels = np.asarray(picture) if picture.mode == "RGB" else None
    if pixels is None:
        raise InputError(
            f"--video: '{file}' does not hold the picture that a video shows, so that none can be made of frames from "
            "before; leave --video or --resume out"
        )
    return pixels


def expose(
    rendered: Iterable[Sequence[Exposure]], reels: Sequence[Reel], roll: Roll, report: RunningReport | None = None
) -> None:
    """Write what is rendered, a frame for each reel at a time, with a progress bar on standard error.

    Args:
        rendered: makes the frames while they are asked for, from the first that is not kept, and adds to the report.
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
            reel: stack.enter_context(film_file(reel.video, roll.size, roll.frames_per_second))
            for reel in reels
            if reel.video is not None
        }
        kept = min(len(reel.frames) for reel in reels)
        for reel in append:
            for index in range(kept):
                append[reel](_picture_in(reel.frames.file(index)))
        line = stack.enter_context(FramesLine(kept, roll.frames))
        for exposures in rendered:
            for reel, exposure in zip(reels, exposures, strict=True):
                stored = exposure.pixels if exposure.stored is None else exposure.stored
                reel.frames.add(stored, exposure.description)
                if reel in append and exposure.pixels is not None:
                    append[reel](exposure.pixels)
            line.made()
            if should_stop():
                break


def machine_name() -> str:
    """What this program runs on, as reports name it."""
    return f"{platform.system()} {platform.machine()}, {torch.get_num_threads()} threads"


def named_with_digest(file: Path) -> dict[str, str]:
    """A file as reports name it, or a folder with the digest of all its files in order."""
    digest = hashlib.sha256()
    for part in sorted(one for one in file.iterdir() if one.is_file()) if file.is_dir() else [file]:
        digest.update(part.read_bytes())
    return {"file": str(file.absolute()), "sha256": digest.hexdigest()}
