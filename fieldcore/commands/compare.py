"""``fieldcore compare``: coordinate networks beside one another, on the same pictures with the same budget."""

from __future__ import annotations

import shlex
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..arguments import argument, option
from ..errors import InputError
from ..fields.networks import NETWORKS
from ..files import check_writable_folder, locked
from ..progress_lines import note
from ..sources import check_source, local_file, source_name
from .common import ComputingOptions, json_line, require_above_zero, require_between
from .preset_names import preset_names

if TYPE_CHECKING:
    from ..fitting import Progress
    from ..signals import Picture

_SECONDS, _SIZE, _SEEDS = 10.0, 128, 1
_TABLE = "table.csv"


@dataclass(frozen=True, kw_only=True)
class Compare(ComputingOptions):
    """Train coordinate networks on the same pictures, each for the same time, and write tables, plots and a report.

    Every network has its published numbers, or those given after its name, and the training of the preset.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore compare photo.jpg --out race/",
        "fieldcore compare *.png --networks siren,finer,wire --steps 400 -o race/",
        "fieldcore compare photo.jpg --networks finer,finer:first_bias=5 -o bias/",
        "fieldcore compare photo.jpg --tune --holdout 0.1 --film --out race/",
    )

    sources: tuple[str, ...] = argument(
        "Picture files; http(s):// addresses; - for standard input; or sample:NAME.", metavar="PHOTO"
    )
    networks: str = option(
        "all, publication, or names with commas between them, each with settings as in finer:first_bias=5:omega=10.",
        default="publication",
        metavar="NAMES",
        more=lambda: f"Names: {', '.join(NETWORKS)}.",
        group="what is compared",
    )
    preset: str = option(
        "Sizes, steps and rates of all networks.",
        default="preview",
        metavar="NAME",
        choices=lambda: preset_names("coordinate"),
        group="what is compared",
    )
    size: int | None = option(
        "Shrink pictures so that the longer side has at most this many pixels.",
        default=None,
        metavar="PIXELS",
        group="what is compared",
        usual=str(_SIZE),
    )
    seconds: float | None = option(
        "Time of each training.", default=None, metavar="SECONDS", group="budget", usual=f"{_SECONDS:g}"
    )
    steps: int | None = option(
        "Steps of each training instead: the same table in every run.", default=None, metavar="COUNT", group="budget"
    )
    seeds: int | None = option(
        "Train everything so often, each time from another seed.",
        default=None,
        metavar="COUNT",
        group="budget",
        usual=str(_SEEDS),
    )
    tune: bool = option(
        "Search for each network's own omega (or spread) and rate too; each search takes about four trainings.",
        default=False,
        group="budget",
    )
    holdout: float = option(
        "Share of the pixels that no training sees, and whose PSNR is a column then.",
        default=0.0,
        metavar="SHARE",
        group="budget",
    )
    out: str = option("Folder to write into.", metavar="FOLDER", short="o", group="output")
    film: bool = option("Write race.mp4, the first picture's trainings side by side.", default=False, group="output")
    resume: bool = option("Keep the fields that an earlier run has finished.", default=False, group="output")
    overwrite: bool = option("Replace what is there.", default=False, group="output")

    def __post_init__(self) -> None:
        require_above_zero(self, "seconds", "steps", "seeds")
        require_between("--holdout", self.holdout, 0, 0.9)
        if self.size is not None and self.size < 2:
            raise InputError(f"--size: expected at least 2 pixels, got {self.size}")
        if self.seconds is not None and self.steps is not None:
            raise InputError("give --seconds or --steps, not both: one budget for all")
        if self.resume and self.overwrite:
            raise InputError("give --resume to go on or --overwrite to begin anew, not both")
        from ..comparison.names import check_names

        check_names(self.networks)

    def run(self) -> None:
        """Check what can be known, train, write and print the means."""
        out = Path(self.out)
        self._check_out(out)
        for source in self.sources:
            _checked(source, many=len(self.sources) > 1)
        pictures, failed = self._opened()
        out.mkdir(parents=True, exist_ok=True)
        with locked(out):
            rows = self._compared(pictures, out)
        from ..comparison.tables import markdown_table

        if self.json:
            result: dict[str, Any] = {"out": str(out), "rows": [asdict(row) for row in rows], "failed": failed}
            print(json_line(result))
        else:
            print(markdown_table(rows), end="")

    def _check_out(self, out: Path) -> None:
        if out.exists() and not out.is_dir():
            raise InputError(f"--out '{out}': that is a file; give the name of a folder")
        check_writable_folder(out)
        if (out / _TABLE).exists() and not (self.resume or self.overwrite):
            raise InputError(f"'{out / _TABLE}' exists; add --resume to go on, --overwrite, or choose another --out")

    def _opened(self) -> tuple[dict[str, Picture], dict[str, str]]:
        """The pictures by name, and what is wrong with those that cannot be read, if any other can."""
        from ..devices import choose_device
        from ..signals import Picture

        device = choose_device(self.device)
        pictures: dict[str, Picture] = {}
        failed: dict[str, str] = {}
        for source in self.sources:
            try:
                with local_file("picture", source) as path:
                    picture = Picture.open(path, max_size=self.size or _SIZE)
            except InputError as error:
                if len(self.sources) == 1:
                    raise
                failed[source] = str(error)
                note(f"left out: {error}")
                continue
            note(*picture.notices)
            pictures[_free_name(source_name(source), pictures)] = picture.to(device)
        if not pictures:
            raise InputError(
                f"none of the {len(self.sources)} pictures can be read; the first: {next(iter(failed.values()))}"
            )
        return pictures, failed

    def _compared(self, pictures: dict[str, Picture], out: Path) -> list[Any]:
        from ..comparison.comparing import Comparison, Plan
        from ..comparison.entry import parse_entries
        from ..fitting import Stop
        from ..progress_lines import ProgressLine

        entries = parse_entries(self.networks)
        stop = Stop(steps=self.steps) if self.steps is not None else Stop(seconds=self.seconds or _SECONDS)
        plan = Plan(
            entries,
            pictures,
            stop,
            self.preset,
            seeds=self.seeds or _SEEDS,
            holdout=self.holdout,
            tune=self.tune,
            filmed=self.film,
            out=out,
            resume=self.resume,
        )
        with ProgressLine("comparing", total=1.0) as line:

            def show(what: str, progress: Progress) -> None:
                line.show(progress.share_done, note=what)

            return Comparison(plan, note, show).run(self._command())

    def _command(self) -> str:
        return " ".join(["fieldcore", *map(shlex.quote, sys.argv[1:])])


def _checked(source: str, *, many: bool) -> None:
    """Refuse a picture that is not there; of many it is left out later."""
    try:
        check_source("picture", source)
    except InputError:
        if not many:
            raise


def _free_name(name: str, taken: dict[str, Any]) -> str:
    """The name, with a number where another picture has it."""
    count = 2
    found = name
    while found in taken:
        found = f"{name}-{count}"
        count += 1
    return found
