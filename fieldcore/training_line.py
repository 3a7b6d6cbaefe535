"""The line on standard error that says how a training goes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .progress_lines import ProgressLine

if TYPE_CHECKING:
    from .fitting import Progress


class TrainingLine:
    """Training progress on standard error, and what it came to in numbers."""

    def __init__(self) -> None:
        self._line = ProgressLine("training", total=1.0)
        self._last: Progress | None = None

    def __enter__(self) -> TrainingLine:
        return self

    def __exit__(self, *error: object) -> None:
        self._line.__exit__(*error)

    def show(self, progress: Progress) -> None:
        """Draw one step's progress."""
        self._last = progress
        psnr = "" if progress.psnr is None else f"  {progress.psnr:.1f} dB unfiltered"
        rate = f"{progress.points_per_second / 1e6:.2f} M points/s"
        self._line.show(progress.share_done, note=f"step {progress.step}  loss {progress.loss:.2e}{psnr}  {rate}")

    def summary(self) -> dict[str, Any]:
        """Measured by the clock, so for people and not for the file; of a field that was solved for only the seconds.

        The loss is None as long as no device has answered with one.
        """
        last = self._last
        if last is None:
            return {}
        seconds = {"training_seconds": round(last.elapsed, 3)}
        if last.stopped_by == "solved":
            return seconds
        loss = last.loss if math.isfinite(last.loss) else None
        return {"loss": loss, "points_per_second": round(last.points_per_second), **seconds}
