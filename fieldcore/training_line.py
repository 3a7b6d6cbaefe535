"""The line on standard error that says how a training goes."""

from __future__ import annotations

from tqdm import tqdm

from .fitting import Progress


class TrainingLine:
    """Training progress on standard error, redrawn at most ten times a second."""

    def __init__(self) -> None:
        self._bar: tqdm | None = None
        self._last: Progress | None = None

    def __enter__(self) -> TrainingLine:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, progress: Progress) -> None:
        """Draw one step's progress."""
        if self._bar is None:
            layout = "{desc} {percentage:3.0f}% |{bar}| {elapsed} < {remaining}{postfix}"
            self._bar = tqdm(total=1.0, desc="training", bar_format=layout)
        self._last = progress
        psnr = "" if progress.psnr is None else f"  {progress.psnr:.1f} dB unfiltered"
        rate = f"{progress.points_per_second / 1e6:.2f} M points/s"
        self._bar.set_postfix_str(f"step {progress.step}  loss {progress.loss:.2e}{psnr}  {rate}", refresh=False)
        self._bar.update(progress.share_done - self._bar.n)

    def summary(self) -> dict[str, float]:
        """Measured by the clock, so for people and not for the file."""
        if self._last is None:
            return {}
        return {
            "loss": self._last.loss,
            "points_per_second": round(self._last.points_per_second),
            "training_seconds": round(self._last.elapsed, 3),
        }
