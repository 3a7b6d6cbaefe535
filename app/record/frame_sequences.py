"""Where rendered frames go: numbered files, a report of what made them and, if asked for, a video."""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image

from fieldcore.command import deferred_interrupts
from fieldcore.errors import InputError
from fieldcore.fields.field import Field
from fieldcore.videos import film_file
from fieldcore.videos.writing import USUAL_QUALITY, Quality

from ..frame_size import Size
from .frame import Frame
from .frame_folder import FrameFolder, NoFolder
from .frames_line import FramesLine
from .passes import Content
from .recording import Recording
from .running_report import RunningReport, State


@dataclass(frozen=True)
class Destination:
    """Where frames of one kind are to go.

    Attributes:
        folder: of their files; None where only a video is wanted.
        video: that shows them too, if one is asked for.
        content: of their files.
    """

    folder: Path | None
    video: Path | None
    content: Content = "picture"


@dataclass(frozen=True)
class Extent:
    """How much is to be recorded.

    Attributes:
        size: of each frame, in pixels.
        frames: how many there are to be, those included that an earlier render has made.
        frames_per_second: of the videos.
        folder: the one that people named, for messages; None where only a video is written.
        first: the number of the first frame.
        quality: of the videos.
    """

    size: Size
    frames: int
    frames_per_second: float
    folder: Path | None
    first: int = 0
    quality: Quality = USUAL_QUALITY


@dataclass(frozen=True, eq=False)
class _Sequence:
    """A folder of frames, and the video that shows them, if one was asked for."""

    frames: FrameFolder | NoFolder
    video: Path | None


def record_frames(
    destinations: Mapping[str, Destination],
    extent: Extent,
    origin: dict[str, Any],
    frames_from: Callable[[int], Iterable[Sequence[Frame]]],
    *,
    resume: bool = False,
    report: RunningReport | None = None,
) -> Recording:
    """Write frames as they are made, one for each destination at a time, with a line of progress on standard error.

    Args:
        destinations: by the name of the pass; of frames as they are shown that is empty.
        extent: how much.
        origin: what the reports say of all frames.
        frames_from: makes the frames while they are asked for, from that number on, and adds to the report.
        resume: whether to go on with what an interrupted render has left.
        report: another one to be finished in the end.

    Raises:
        KeyboardInterrupt: Ctrl-C, SIGTERM or SIGHUP came; the frames and the videos so far are complete and were kept.
        InputError: what is shown cannot be made, or the disk is full or cannot be written; the frames so far are
            complete and were kept.
    """
    started = time.perf_counter()
    sequences = [_sequence(name, to, origin, resume, extent.first) for name, to in destinations.items()]
    first = _kept(sequences, extent) if resume else 0
    _write(frames_from(first), sequences, extent, report)
    video = next((to.video for to in destinations.values() if to.video is not None), None)
    seconds, folder = time.perf_counter() - started, str(extent.folder) if extent.folder else None
    return Recording(extent.frames, seconds, folder, str(video) if video else None, str(origin["renderer"]))


def _sequence(name: str, to: Destination, origin: dict[str, Any], resume: bool, first: int) -> _Sequence:
    if to.folder is None:
        return _Sequence(NoFolder(), to.video)
    video = None if to.video is None else str(to.video.absolute())
    of_pass = {"pass": name} if name else {}
    head = {**origin, **of_pass, "video": video}
    return _Sequence(FrameFolder(to.folder, head, resume, to.content, first), to.video)


def _kept(sequences: Sequence[_Sequence], extent: Extent) -> int:
    """How many frames an interrupted render has left in all of the sequences; further ones are made again.

    Raises:
        InputError: nothing is left to be made, or a video cannot be made of the files of the frames.
    """
    count = min(len(sequence.frames) for sequence in sequences)
    if count >= extent.frames:
        raise InputError(f"--resume: all {extent.frames} frames in '{extent.folder}' are there already")
    for sequence in sequences:
        assert isinstance(sequence.frames, FrameFolder)  # without one nothing is resumed
        sequence.frames.keep(count)
        if sequence.video is not None and count:
            _picture_in(sequence.frames.file(0))
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


def _write(
    made: Iterable[Sequence[Frame]], sequences: Sequence[_Sequence], extent: Extent, report: RunningReport | None
) -> None:
    """Write all frames, and end the reports whatever happens. Raises as ``record_frames``."""

    def finish(state: State) -> None:
        for sequence in sequences:
            sequence.frames.finish(state)
        if report is not None:
            report.finish(state)

    def done() -> int:
        return min(len(sequence.frames) for sequence in sequences)

    try:
        _write_while_wanted(made, sequences, extent)
    except InputError as error:
        if not done():
            raise
        with suppress(InputError):  # the report too may find no room; the last one written stays valid
            finish("interrupted")
        raise InputError(f"{error}; {_kept_words(done(), extent)}") from error
    finish("complete" if done() == extent.frames else "interrupted")
    if done() < extent.frames:
        raise KeyboardInterrupt(f"interrupted: {_kept_words(done(), extent)}")


def _kept_words(done: int, extent: Extent) -> str:
    where = f" in '{extent.folder}'" if extent.folder else ", in the video"
    return f"{done} of {extent.frames} frames were kept{where}"


def _write_while_wanted(made: Iterable[Sequence[Frame]], sequences: Sequence[_Sequence], extent: Extent) -> None:
    with ExitStack() as stack:
        should_stop = stack.enter_context(deferred_interrupts())
        append: dict[_Sequence, Callable[[np.ndarray], None]] = {
            sequence: stack.enter_context(
                film_file(sequence.video, extent.size, extent.frames_per_second, extent.quality)
            )
            for sequence in sequences
            if sequence.video is not None
        }
        kept = min(len(sequence.frames) for sequence in sequences)
        for sequence in append:
            if isinstance(sequence.frames, FrameFolder):
                for index in range(kept):
                    append[sequence](_picture_in(sequence.frames.file(index)))
        line = stack.enter_context(FramesLine(kept, extent.frames))
        for frames in made:
            for sequence, frame in zip(sequences, frames, strict=True):
                sequence.frames.add(frame.pixels if frame.stored is None else frame.stored, frame.described)
                if sequence in append and frame.pixels is not None:
                    append[sequence](frame.pixels)
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


def named_field(file: Path, field: Field) -> dict[str, str]:
    """A field as reports name it."""
    return {**named_with_digest(file), "kind": field.kind, "signal": field.facts.name}
