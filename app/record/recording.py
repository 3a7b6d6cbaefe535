"""What was recorded."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Recording:
    """What was recorded.

    Attributes:
        frames: how many.
        seconds: that it took.
        folder, video: where it is; None where nothing is written there.
        renderer: what drew it.
        reported: means over all frames, under the name that ``--json`` prints them by, if there is a report.
    """

    frames: int
    seconds: float
    folder: str | None
    video: str | None
    renderer: str
    reported: dict[str, Any] = field(default_factory=dict)

    @property
    def printed(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        entries = asdict(self)
        reported = entries.pop("reported")
        return {**entries, **reported}
