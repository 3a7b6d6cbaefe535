"""What a command that renders without a window writes: checked before the work, kept to itself, and told in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fieldcore.errors import InputError
from fieldcore.fields.field import Field
from fieldcore.files import refuse_overwriting
from fieldcore.filters import Filter
from fieldcore.signals import SignalFacts

from ..frame_size import Size
from .claims import claimed
from .frame_folder import check_frame_folder
from .frame_sequences import Destination
from .video import check_video, check_video_name


@contextmanager
def output_of(
    options: Any,
    destinations: Sequence[Destination],
    size: Size,
    frames_per_second: float,
    reports: Sequence[Path] = (),
) -> Iterator[None]:
    """See that all can be written that is to be, and keep it to oneself inside."""
    videos = [to.video for to in destinations if to.video is not None]
    _check(options, destinations, videos, reports)
    for video in videos:
        check_video(video, size, frames_per_second)
    with claimed(options.out, [to.folder for to in destinations if to.folder is not None], videos):
        _check(options, destinations, videos, reports)  # again: another process may have come before the lock
        yield


def _check(options: Any, destinations: Sequence[Destination], videos: Sequence[Path], reports: Sequence[Path]) -> None:
    if options.resume and options.overwrite:
        raise InputError("give --resume to go on with the frames that are there, or --overwrite to replace them")
    if options.resume and options.report:
        raise InputError("--report: the figures of frames made before are not kept; leave --report or --resume out")
    may_replace = options.overwrite or options.resume
    folder = None if options.out is None else options.out.absolute()
    for to in destinations:
        if to.folder is not None:
            check_frame_folder(to.folder, may_replace)
    for video in videos:
        if folder is not None and video.absolute() in (folder, *folder.parents):
            raise InputError(f"--video '{video}': is the folder that --out names, or above it; choose another name")
        check_video_name(video)
        refuse_overwriting(video, may_replace)
    for report in reports:
        refuse_overwriting(report, may_replace)


def passes_asked(listed: str | None, passes: tuple[str, ...]) -> tuple[Any, ...]:
    """Those of a list with commas between. Raises InputError for one that is none, or is given twice."""
    if listed is None:
        return ()
    names = tuple(name.strip() for name in listed.split(","))
    for name in names:
        if name not in passes:
            raise InputError(f"--passes: expected some of {', '.join(passes)}, with commas between, got '{name}'")
        if names.count(name) > 1:
            raise InputError(f"--passes: '{name}' is given twice; keep one")
    return names


def check_field(file: Path, field: Field, check: Callable[[SignalFacts], None]) -> None:
    """See that a scene can show a field, else raise InputError, which names its file."""
    try:
        check(field.facts)
    except InputError as error:
        raise InputError(f"'{file}': {error}") from error


def check_filters(index: int, filter: Filter | None, file: Path, field: Field) -> None:
    """Raise InputError, which names the keyframe and the field's file, if the field cannot be filtered so."""
    refusal = None if filter is None else field.refuses(filter)
    if refusal is not None:
        raise InputError(f"keyframes[{index}]: field '{file}': {refusal}")
