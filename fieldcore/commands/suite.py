"""``fieldcore suite``: many signals, variants and seeds, trained, measured and put into tables."""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from ..arguments import argument, option
from ..errors import InputError
from ..progress_lines import note
from ..samples import shipped_plans
from .command_group import CommandGroup
from .common import ComputingOptions, as_text, json_line, require_between
from .suite_status import SuiteStatus
from .suite_table import SuitePlot, SuiteTable

if TYPE_CHECKING:
    from ..suite.plan import Plan
    from ..suite.resolved import Resolved
    from ..suite.store import State, Store

_MOST_WORKERS = 1024
_LOGS = ("tensorboard",)


@dataclass(frozen=True, kw_only=True)
class SuiteRun(ComputingOptions):
    """Make what is missing of a plan's results: one training a signal, variant and seed, each measured.

    The same command goes on where it was interrupted or killed. A second one on the same folder joins in.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore suite run laptop --out results/laptop",
        "fieldcore suite run laptop --signals *.png --out mine --workers 2",
        "fieldcore suite run my-plan.json --out results/my --dry-run",
    )

    plan: str = argument(
        "A plan's file, or one that comes with the program.",
        metavar="PLAN",
        more=lambda: f"Plans: {', '.join(shipped_plans())}.",
    )
    out: str = option("Folder of the results.", metavar="FOLDER", short="o", group="output")
    signals: tuple[str, ...] = option(
        "Take these signals in place of the plan's: files, patterns, folders or samples.",
        default=(),
        metavar="SIGNAL",
        group="what is run",
    )
    crop: str | None = option(
        "Crop by what a filter reaches along each axis, or as the publication by its longest reach along all.",
        default=None,
        metavar="NAME",
        choices=lambda: ("axes", "paper"),
        group="what is run",
        usual="the plan's",
    )
    retry_failed: bool = option("Try those runs again that failed.", default=False, group="what is run")
    dry_run: bool = option("Only say what would be run.", default=False, group="what is run")
    workers: int = option("Runs at a time.", default=1, metavar="COUNT", group="how it is run")
    engine: str = option(
        "Who runs them: processes of this machine, Ray, or Slurm by submitit.",
        default="local",
        metavar="NAME",
        choices=lambda: ("local", "ray", "slurm"),
        group="how it is run",
    )
    log: str | None = option(
        "Write TensorBoard's events into each run's folder as well.",
        default=None,
        metavar="NAME",
        choices=lambda: _LOGS,
        group="output",
    )

    def __post_init__(self) -> None:
        require_between("--workers", self.workers, 1, _MOST_WORKERS)

    def run(self) -> None:
        """Check what can be known, then run."""
        from ..suite.store import Store

        self._check_log()
        resolved = self._resolved()
        note(*resolved.notices)
        if self.dry_run:
            self._print_intended(resolved)
            return
        store = Store.create(Path(self.out), resolved)
        if former := store.former():
            note(f"{former} runs lie here that this form of the plan does not have; no table shows them")
        self._make(store)

    def _check_log(self) -> None:
        from importlib.util import find_spec

        if self.log is not None and find_spec("tensorboardX") is None:
            raise InputError("--log tensorboard: tensorboardX is not installed; install fieldscope[tensorboard]")

    def _resolved(self) -> Resolved:
        from ..progress_lines import ProgressLine
        from ..suite.plan_file import find_plan, read_plan
        from ..suite.resolved import resolved

        path = find_plan(self.plan)
        plan, folder = self._changed(read_plan(path)), Path() if self.signals else path.parent
        with ProgressLine("signals") as line:
            return resolved(plan, folder, lambda name: line.show(note=name))

    def _changed(self, plan: Plan) -> Plan:
        from ..suite.plan_file import with_signals

        if self.signals:
            plan = with_signals(plan, self.signals)
        if self.crop is not None:
            plan = dataclasses.replace(plan, measure=dataclasses.replace(plan.measure, crop=self.crop))  # type: ignore[arg-type]
        return plan

    def _print_intended(self, resolved: Resolved) -> None:
        from ..suite.status import intended

        rows = intended(resolved, Path(self.out), self.workers)
        print(json_line(rows) if self.json else as_text(rows))

    def _make(self, store: Store) -> None:
        from ..progress_lines import ProgressLine
        from ..suite.engines import ENGINES
        from ..suite.whole import make_missing

        options = ["--device", self.device, *(["--log", self.log] if self.log else [])]
        with ProgressLine("runs") as line:

            def show(done: int, total: int, key: str) -> None:
                run = store.resolved.run(key)
                line.show(float(done), float(total), note=f"{run.variant} on {run.signal}, seed {run.seed}")

            states = make_missing(
                store,
                ENGINES[self.engine],
                workers=self.workers,
                options=options,
                retry_failed=self.retry_failed,
                report=show,
            )
        self.print_result({"out": self.out, **{name: states[name] for name in _STATES}})
        if states["failed"]:
            raise InputError(
                f"{states['failed']} of {states.total()} runs failed; 'fieldcore suite status {self.out}' says why, "
                "--retry-failed tries them again"
            )
        if states["running"] + states["to go"]:
            note("the rest is made by another process now; run this again when it has ended")


_STATES: tuple[State, ...] = ("done", "failed", "running", "to go")


@dataclass(frozen=True, kw_only=True)
class SuiteRunOne(ComputingOptions):
    """Make one run of a plan's results: what engines run. With - for the key, keys are read from standard input."""

    examples: ClassVar[tuple[str, ...]] = ("fieldcore suite run-one results/laptop 0123456789abcdef0123",)

    plan: str = argument("Folder of the results, or its plan.json.", metavar="PLAN")
    key: str = argument("Of the run: the name of its folder; or -.", metavar="KEY")
    log: str | None = option(
        "Write TensorBoard's events as well.", default=None, metavar="NAME", choices=lambda: _LOGS, group="output"
    )

    def run(self) -> None:
        """Train, measure, write."""
        from ..suite.store import Store

        store = Store.open(self.plan)
        if self.key != "-":
            outcome, problem = self._made(store, self.key)
            if outcome == "failed":
                raise InputError(problem)
            self.print_result({"key": self.key, "outcome": outcome})
            return
        for line in sys.stdin:
            key = line.strip()
            outcome, problem = self._made(store, key)
            print(f"{key}\t{problem if outcome == 'failed' else ''}", flush=True)

    def _made(self, store: Store, key: str) -> tuple[str, str]:
        from ..suite.running import run_one
        from ..training_line import TrainingLine

        with TrainingLine() as line:
            return run_one(store, key, device=self.device, events=self.log is not None, report=line.show)


SUITE = CommandGroup(
    about="Train and measure many signals, variants and seeds, and make tables of what they reach.",
    members=lambda: {
        "run": SuiteRun,
        "status": SuiteStatus,
        "table": SuiteTable,
        "plot": SuitePlot,
        "run-one": SuiteRunOne,
    },
    what="command",
    examples=(
        "fieldcore suite run laptop --out results/laptop",
        "fieldcore suite status results/laptop",
        "fieldcore suite table results/laptop --rows variance --columns variant",
        "fieldcore suite plot results/laptop --out plots/",
    ),
)
