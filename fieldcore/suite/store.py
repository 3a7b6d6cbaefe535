"""The folder of a suite's results: its plan with all that it stands for, and a folder for each run."""

from __future__ import annotations

import dataclasses
import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from ..errors import InputError
from ..files import check_writable_folder, is_locked, write_text
from ..validation import dataclass_from_json
from .plan_file import check_format, plan_from_json, read_json
from .resolved import Resolved, Run
from .signal_source import SignalSource

FORMAT, VERSION = "fieldscope-suite-results", 1
RESULT_FORMAT, RESULT_VERSION = "fieldscope-suite-result", 1

PLAN = "plan.json"

State = Literal["done", "failed", "running", "to go"]
"""What became of a run."""


@dataclasses.dataclass(frozen=True)
class Store:
    """A folder of results.

    Attributes:
        folder: of the results.
        resolved: the plan, its signals and its runs.
    """

    folder: Path
    resolved: Resolved

    @classmethod
    def create(cls, folder: Path, resolved: Resolved) -> Store:
        """Write the plan into a folder that is empty, or holds results of the same plan, maybe of a former form of it.

        Raises:
            InputError: it holds results of a plan of another name, or cannot be written.
        """
        check_writable_folder(folder)
        path = folder / PLAN
        if path.exists():
            before = cls.open(folder).resolved
            if before.plan.name != resolved.plan.name:
                raise InputError(
                    f"--out '{folder}': it holds results of the plan '{before.plan.name}', not of "
                    f"'{resolved.plan.name}'; choose another folder"
                )
        elif folder.is_dir() and any(folder.iterdir()):
            raise InputError(f"--out '{folder}': it holds other files; choose an empty folder, or a new one")
        store = cls(folder, resolved)
        text = json.dumps(store._document(), indent=1, sort_keys=True) + "\n"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_text(path, text)
        return store

    @classmethod
    def open(cls, path: str | Path) -> Store:
        """Read what ``create`` wrote: the folder, or its ``plan.json``. Raises InputError if it is none."""
        path = Path(path)
        folder = path if path.is_dir() else path.parent
        file = folder / PLAN
        if not file.is_file():
            raise InputError(f"results '{path}': there is no {PLAN}; give the folder that 'suite run --out' wrote")
        what = f"results '{file}'"
        values = check_format(read_json(file, "results"), FORMAT, VERSION, what)
        try:
            resolved = Resolved(
                plan=plan_from_json(values["plan"], what),
                sources=tuple(dataclass_from_json(SignalSource, one, what) for one in values["signals"]),
                runs=tuple(_run(one, what) for one in values["runs"]),
                metrics={type: tuple(names) for type, names in values["metrics"].items()},
                lower_is_better=tuple(values["lower_is_better"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{what}: it is damaged ({error}); run the plan into another folder") from error
        return cls(folder, resolved)

    def _document(self) -> dict[str, Any]:
        found = self.resolved
        return {
            "format": FORMAT,
            "version": VERSION,
            "plan": found.plan.to_dict(),
            "signals": [one.to_dict() for one in found.sources],
            "runs": [dataclasses.asdict(one) for one in found.runs],
            "metrics": found.metrics,
            "lower_is_better": found.lower_is_better,
        }

    @property
    def plan_path(self) -> Path:
        """What engines are given."""
        return self.folder / PLAN

    @property
    def truths(self) -> Path:
        """Where truths are kept."""
        return self.folder / "truths"

    def run_folder(self, key: str) -> RunFolder:
        """Where a run's files lie."""
        return RunFolder(self.folder / "runs" / key)

    def state(self, key: str) -> State:
        """What became of a run."""
        return self.run_folder(key).state()

    def former(self) -> int:
        """How many runs lie here that the plan does not have, as of a former form of it."""
        runs = self.folder / "runs"
        known = {run.key for run in self.resolved.runs}
        return sum(1 for one in runs.iterdir() if one.name not in known) if runs.is_dir() else 0


@dataclasses.dataclass(frozen=True)
class RunFolder:
    """The files of one run; each is written beside and renamed, the result last.

    Attributes:
        path: of the folder.
    """

    path: Path

    @property
    def field(self) -> Path:
        """The trained field."""
        return self.path / "field.safetensors"

    @property
    def result(self) -> Path:
        """What was measured; where it is there, the run is done."""
        return self.path / "result.json"

    @property
    def failure(self) -> Path:
        """Why there is no result."""
        return self.path / "failed.json"

    @property
    def machine(self) -> Path:
        """Where and how long it was trained, which is no part of the result."""
        return self.path / "machine.json"

    def state(self) -> State:
        """What became of the run."""
        if self.result.is_file():
            return "done"
        if self.path.is_dir() and is_locked(self.path):
            return "running"
        return "failed" if self.failure.is_file() else "to go"

    def write_result(self, result: dict[str, Any]) -> None:
        """Write what was measured."""
        document = {"format": RESULT_FORMAT, "version": RESULT_VERSION, **result}
        write_text(self.result, json.dumps(document, indent=1, sort_keys=True) + "\n")

    def read_result(self) -> dict[str, Any] | None:
        """What was measured; None where there is none. Raises InputError if the file is damaged."""
        if not self.result.is_file():
            return None
        what = f"result '{self.result}'"
        return check_format(read_json(self.result, "result"), RESULT_FORMAT, RESULT_VERSION, what)

    def write_machine(self, facts: dict[str, Any]) -> None:
        """Write where and how long it was trained."""
        write_text(self.machine, json.dumps(facts, indent=1, sort_keys=True) + "\n")

    def read_machine(self) -> dict[str, Any]:
        """Where and how long it was trained; empty where nobody knows."""
        with suppress(InputError):
            found = read_json(self.machine, "machine")
            return found if isinstance(found, dict) else {}
        return {}

    def write_failure(self, sentence: str) -> None:
        """Keep why the run failed, where that can be written."""
        with suppress(InputError):
            write_text(self.failure, json.dumps({"error": sentence}, ensure_ascii=False) + "\n")

    def read_failure(self) -> str:
        """Why the run failed; empty where it did not."""
        with suppress(InputError, KeyError, TypeError):
            return str(read_json(self.failure, "failure")["error"])
        return ""

    def forget_failure(self) -> None:
        """Let it be tried again."""
        self.failure.unlink(missing_ok=True)


def _run(values: Any, what: str) -> Run:
    matrices = tuple(tuple(map(tuple, matrix)) for matrix in values["covariances"])
    return Run(**{**values, "covariances": matrices})
