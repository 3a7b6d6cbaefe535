"""A small plan run, killed wherever it can be, and run again: the same bytes as one that was left alone."""

from __future__ import annotations

import hashlib
import json
import random
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from suite_plans import TINY, document, store_of, write_pictures

from fieldcore.cli import run as run_cli
from fieldcore.errors import InputError
from fieldcore.files import locked
from fieldcore.suite.engines import Job, Told
from fieldcore.suite.records import records
from fieldcore.suite.running import run_one
from fieldcore.suite.status import status
from fieldcore.suite.store import Store
from fieldcore.suite.table import tables
from fieldcore.suite.table_formats import FORMATS
from fieldcore.suite.whole import make_missing


class Killed(BaseException):
    """As if the process had ended here: nothing of ours catches it."""


def here(job: Job, told: Told) -> None:
    """An engine that runs everything in this process."""
    store = Store.open(job.plan)
    for key in job.keys:
        outcome, problem = run_one(store, key)
        told(key, problem if outcome == "failed" else "")


def digests(store: Store) -> dict[str, str]:
    """Of every field and result, by run."""
    files = [
        path
        for run in store.resolved.runs
        for folder in [store.run_folder(run.key)]
        for path in (folder.field, folder.result)
    ]
    return {f"{path.parent.name}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = store_of(tmp_path_factory.mktemp("undisturbed"))
    assert make_missing(store, here) == Counter(done=8)
    return store


@pytest.mark.long
def test_a_plan_leaves_a_field_a_result_and_a_curve_of_every_run(undisturbed: Store, tmp_path: Path) -> None:
    assert len(undisturbed.resolved.runs) == 8
    for run in undisturbed.resolved.runs:
        folder = undisturbed.run_folder(run.key)
        names = {path.name for path in folder.path.iterdir()}
        assert names == {"field.safetensors", "result.json", "curve.csv", "machine.json"}
        result = folder.read_result()
        assert result is not None and result["training"]["steps"] == 20 and len(result["scores"]) == 3
        assert set(folder.read_machine()) >= {"machine", "load", "training_seconds"}
    assert make_missing(undisturbed, _never) == Counter(done=8)
    assert status(undisturbed)["seconds left"] == 0.0
    values = [record.value for record in records(undisturbed)]
    assert len(values) == 8 * 3 and None not in values
    assert run_cli(["suite", "plot", str(undisturbed.folder), "--out", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} >= {
        *("picture-variance.svg", "picture-signals.svg", "picture-seconds.svg"),
        *("one-triangles.png", "two-spectra.svg"),
    }


def _never(job: Job, told: Told) -> None:
    raise AssertionError("nothing was missing")


@pytest.mark.long
def test_killed_at_any_moment_and_run_again_it_ends_in_the_same_bytes(
    undisturbed: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(tmp_path)
    monkeypatch.setattr("fieldcore.training_run.CHECKPOINT_SECONDS", 0.0)
    for moment in random.Random(0).sample(_MOMENTS, len(_MOMENTS)):
        with monkeypatch.context() as patched, pytest.raises(Killed):
            moment(patched)
            make_missing(store, here)
    assert make_missing(store, here) == Counter(done=8)
    assert digests(store) == digests(undisturbed)


def _killed(*arguments: Any, **named: Any) -> Any:
    raise Killed


def _at_step(number: int) -> Callable[[pytest.MonkeyPatch], None]:
    def arrange(patched: pytest.MonkeyPatch) -> None:
        from fieldcore.training_log import TrainingLog

        show = TrainingLog.show

        def shown(self: TrainingLog, progress: Any) -> None:
            show(self, progress)
            if progress.step == number:
                raise Killed

        patched.setattr(TrainingLog, "show", shown)

    return arrange


def _before(address: str) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patched: patched.setattr(address, _killed)


_MOMENTS: Sequence[Callable[[pytest.MonkeyPatch], None]] = (
    *map(_at_step, (1, 2, 7, 19, 20)),
    _before("fieldcore.training_run.conclude"),
    _before("fieldcore.training_run.save_field"),
    _before("fieldcore.suite.running.measured"),
    _before("fieldcore.suite.store.RunFolder.write_machine"),
    _before("fieldcore.suite.store.RunFolder.write_result"),
)


@pytest.mark.long
def test_a_run_that_fails_is_told_of_and_tried_again_only_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spectral = [{"name": "spectral", "kind": "spectral", "changes": TINY}]
    store = store_of(tmp_path, variants=spectral, seeds=1, stop={"steps": 1})
    first = store.resolved.runs[0]
    with monkeypatch.context() as patched:
        patched.setattr("fieldcore.suite.running.measured", _failing)
        assert make_missing(store, here) == Counter(failed=2)
    reasons = status(store)["reasons"]
    assert list(reasons.values()) == ["cannot write 'x': the disk is full"] * 2
    assert make_missing(store, _never) == Counter(failed=2)
    with locked(store.run_folder(first.key).path):
        assert store.state(first.key) == "running"
        assert make_missing(store, here, retry_failed=True) == Counter(done=1, running=1)
    assert make_missing(store, here) == Counter(done=2)
    (tmp_path / "one.png").write_bytes((tmp_path / "two.png").read_bytes())
    for path in store.run_folder(first.key).path.iterdir():
        path.unlink()
    outcome, sentence = run_one(store, first.key)
    assert outcome == "failed" and "has changed since the plan was run" in sentence
    with pytest.raises(InputError, match="has no such run"):
        run_one(store, "0")


def _failing(*arguments: Any) -> Any:
    raise InputError("cannot write 'x': the disk is full")


@pytest.mark.long
def test_the_local_engine_makes_the_same_table_and_outlives_a_worker_that_is_killed(
    undisturbed: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from fieldcore.suite.engines import local

    write_pictures(tmp_path)
    (tmp_path / "plan.json").write_text(json.dumps(document(seeds=1, signals=["one.png"])))
    asked, kills = local._asked, iter([True])

    def asked_or_killed(process: Any, key: str) -> str:
        if next(kills, False):
            process.send_signal(signal.SIGKILL)
        return asked(process, key)

    monkeypatch.setattr(local, "_asked", asked_or_killed)
    assert run_cli(["suite", "run", str(tmp_path / "plan.json"), "--out", str(tmp_path / "out"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["done"] == 2
    store = Store.open(tmp_path / "out")
    mine = {key: digest for key, digest in digests(undisturbed).items() if key in digests(store)}
    assert digests(store) == mine and len(mine) == 4
    assert run_cli(["suite", "status", str(tmp_path / "out")]) == 0


def test_on_ray_the_table_is_the_same(undisturbed: Store, tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="Ray is not installed")
    from fieldcore.suite.engines.on_ray import run_on_ray

    store = store_of(tmp_path)
    assert make_missing(store, run_on_ray, workers=2) == Counter(done=8)
    assert _markdown(store) == _markdown(undisturbed)


def _markdown(store: Store) -> str:
    return FORMATS["markdown"](tables(store, records(store)))


def test_an_engine_whose_package_is_missing_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from fieldcore.suite.engines import ENGINES

    for name, package in (("ray", "ray"), ("slurm", "submitit")):
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(InputError, match=f"--engine {name}: .* is not installed; install fieldscope"):
            ENGINES[name](Job(tmp_path, ["0"]), lambda key, problem: None)


@pytest.mark.long
def test_photos_that_are_held_out_are_judged_and_not_trained_on(tmp_path: Path) -> None:
    stage = Path(__file__).parents[2] / "assets" / "ammonite_stage"
    (tmp_path / "list.txt").write_text("000.jpg\n005.jpg\n")
    relight = [{"name": "relight", "kind": "relight"}]
    changes: dict[str, Any] = {
        "variants": relight,
        "baseline": "",
        "seeds": 1,
        "stop": {},
        "measure": {"variances": [0]},
    }
    signal = {"source": str(stage), "options": {"size": 16}, "held_out": "list.txt"}
    store = store_of(tmp_path, signals=[signal], **changes)
    assert make_missing(store, here) == Counter(done=1)
    values = {record.metric: record.value for record in records(store)}
    held_out, seen = values["held_out_psnr"], values["psnr"]
    assert held_out is not None and seen is not None and 10 < held_out < seen
    with pytest.raises(InputError, match=r"held_out: there is no photo 'gone\.jpg'"):
        store_of(tmp_path, "other", signals=[{**signal, "held_out": ["gone.jpg"]}], **changes)


def test_workers_share_the_cores_that_the_program_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    from fieldcore.suite.engines.local import _share

    monkeypatch.setattr("os.sched_getaffinity", lambda process: set(range(3, 9)), raising=False)
    assert _share(0, 2)["OMP_NUM_THREADS"] == "3" and _share(0, 9)["OMP_NUM_THREADS"] == "1"
