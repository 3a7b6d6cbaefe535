"""The group *Record*: how recordings are made, and the one under way."""

from __future__ import annotations

from ..durations import in_words
from ..session import Session
from .board import Board, Tag

_STATE = "frames noted are made at full quality and written in the background; none is dropped"


def build(board: Board, header: Tag) -> None:
    """Make it."""
    board.actions("Record")
    board.settings("Record")
    state = board.fact("state", _STATE)
    board.refreshed(header, lambda: state.show(_state(board.session)))


def _state(session: Session) -> str:
    recorder = session.recording
    if recorder.running is None:
        return "not recording"
    slowed = "\nslowed: waiting for the disk" if recorder.slowed else ""
    left = "" if recorder.noting or recorder.seconds_left is None else f"\nabout {in_words(recorder.seconds_left)} left"
    return f"{recorder.frames_noted} frames noted, {recorder.frames_written} written{slowed}{left}"
