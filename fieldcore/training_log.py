"""A training's course in files: a table, ``curve.csv``, and TensorBoard's events where tensorboardX is there."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from .errors import InputError
from .files import refuse_overwriting
from .progress_lines import note

if TYPE_CHECKING:
    from .fields.field import Field
    from .fitting import Progress
    from .signals.signal import Dataset

CURVE = "curve.csv"
COLUMNS = ("step", "loss", "learning_rate", "psnr", "seconds", "points_per_second")
_FORMER_COLUMNS = 5
_SHOWN_VARIANCES = (0.0, 1e-3, 1e-2)
EVERY_STEPS = 10


class TrainingLog:
    """Writes every tenth step, the first, the last, and those at which the PSNR was measured.

    Args:
        folder: of the files; it is made where it is missing.
        resume: whether to go on with a table that is there, whose steps from the first new one on are written again.
        overwrite: whether a table that is there may be replaced.
        events: whether TensorBoard's are written too, if tensorboardX is there.

    Raises:
        InputError: a table is there, or the folder cannot be written.
    """

    def __init__(
        self, folder: str | Path, *, resume: bool = False, overwrite: bool = False, events: bool = True
    ) -> None:
        self._folder, self._path = Path(folder), Path(folder) / CURVE
        refuse_overwriting(self._path, overwrite or resume)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"--log '{folder}': {error.strerror or error}") from error
        self._kept = _rows(self._path) if resume else []
        self._file: IO[str] | None = None
        self._last_psnr: float | None = None
        self._events = _event_writer(self._folder) if events else None

    def __enter__(self) -> TrainingLog:
        return self

    def __exit__(self, *error: object) -> None:
        if self._file is not None:
            self._file.close()
        if self._events is not None:
            self._events.close()

    def show(self, progress: Progress) -> None:
        """Note one step."""
        is_measured = progress.psnr is not None and progress.psnr != self._last_psnr
        is_due = progress.step == 1 or progress.step % EVERY_STEPS == 0 or progress.stopped_by is not None
        if not (is_due or is_measured):
            return
        self._last_psnr = progress.psnr
        values = {
            "loss": progress.loss,
            "learning_rate": progress.learning_rate,
            "psnr": progress.psnr,
            "seconds": progress.elapsed,
            "points_per_second": progress.points_per_second,
        }
        file = self._file or self._opened(progress.step)
        csv.writer(file).writerow([progress.step, *(_text(value) for value in values.values())])
        file.flush()
        if self._events is not None:
            for name, value in values.items():
                if value is not None and name != "seconds":
                    self._events.add_scalar(f"training/{name}", value, progress.step)

    def finish(self, field: Field, signal: Dataset) -> None:
        """Note what came of the training: the recipe as text, and of what is 2-D pictures and how far they are off.

        Only TensorBoard's events have these.
        """
        if self._events is None:
            return
        from .evaluation import evaluate
        from .filters import Gaussian
        from .images import quantised
        from .measures import shown_values
        from .signals.signal import Signal

        recipe = "\n".join(f"    {name}: {value}" for name, value in field.recipe.to_dict().items())
        self._events.add_text("recipe", recipe)
        if not isinstance(signal, Signal) or field.dim != 2:
            return
        grid, truth = signal.measures.closing_grid(signal.facts), signal.truth()
        for variance in _SHOWN_VARIANCES:
            filter = Gaussian(variance)
            if variance > 0 and field.refuses(filter) is not None:
                continue
            shown = [
                shown_values(values, signal.facts)
                for values in (evaluate(field, grid, filter).float().cpu().numpy(), truth.values(filter, grid))
            ]
            pictures = {"field": shown[0], "error": abs(shown[0] - shown[1])}
            for name, picture in pictures.items():
                self._events.add_image(f"{name} at variance {variance:g}", quantised(picture), dataformats="HWC")

    def _opened(self, first_step: int) -> IO[str]:
        """The table with its head and what it held of earlier steps."""
        try:
            self._file = self._path.open("w", newline="", encoding="utf-8")
        except OSError as error:
            raise InputError(f"--log '{self._folder}': {error.strerror or error}") from error
        rows = [row for row in self._kept if int(row[0]) < first_step]
        csv.writer(self._file).writerows([COLUMNS, *rows])
        return self._file


def _rows(path: Path) -> list[list[str]]:
    """What a table holds besides its head; nothing where there is none, or it is none."""
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        rows = [row for row in csv.reader(file) if len(row) >= _FORMER_COLUMNS and row[0].isdecimal()]
    return [[*row, *[""] * (len(COLUMNS) - len(row))][: len(COLUMNS)] for row in rows]


def _text(value: float | None) -> str:
    return "" if value is None or not math.isfinite(value) else f"{value:.7g}"


def _event_writer(folder: Path) -> Any:
    """What writes events; None where tensorboardX is not installed, which is said."""
    try:
        from tensorboardX import SummaryWriter
    except ImportError:
        note(f"--log: only {CURVE} is written; install fieldscope[tensorboard] for TensorBoard's events as well")
        return None
    return SummaryWriter(str(folder))
