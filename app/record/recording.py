"""What was recorded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recording:
    """What was recorded; also what ``--json`` prints."""

    frames: int
    seconds: float
    folder: str
    video: str | None
    renderer: str
