"""Claims: what is written is kept to oneself meanwhile, and what a killed writer left half done is removed first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from fieldcore.errors import InputError
from fieldcore.files import explained, locked

_TOKEN = "[0-9a-f]" * 8
"""In the name of a file that is not whole yet; see ``fieldcore.files.written_whole``."""


@contextmanager
def claimed(folder: Path | None, frame_folders: Sequence[Path], videos: Sequence[Path]) -> Iterator[None]:
    """Keep a folder and videos from other writers. Folders made for that are removed again if they stay empty.

    Args:
        folder: of everything but the videos, if there is anything else.
        frame_folders: it, or those in it.
        videos: files.

    Raises:
        InputError: another process writes there now, or nobody can.
    """
    with ExitStack() as stack:
        if folder is not None:
            stack.enter_context(_made(folder))
            stack.enter_context(locked(folder))
        for frames in frame_folders:
            _remove_halves(frames, "frame_[0-9][0-9][0-9][0-9][0-9][0-9]", "frames", "report")
        for video in videos:
            stack.enter_context(_made(video.parent))
            stack.enter_context(locked(video))
            _remove_halves(video.parent, _just(video.stem))
        yield


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make a folder and those above it; those that are empty in the end are removed again."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot write into '{folder}': {explained(error)}") from error
    try:
        yield
    finally:
        with suppress(OSError):  # not empty
            for place in missing:
                place.rmdir()


def _remove_halves(folder: Path, *stems: str) -> None:
    """Remove what a killed writer has begun under names of these patterns, which nobody else writes now."""
    for stem in stems:
        for file in halves(folder, stem):
            with suppress(OSError):
                file.unlink()


def halves(folder: Path, stem: str = "*") -> list[Path]:
    """What a writer has begun in a folder and not ended, under names of that pattern."""
    return list(folder.glob(f".{stem}.{_TOKEN}.part.*"))


def _just(name: str) -> str:
    """A pattern that only this name matches."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
