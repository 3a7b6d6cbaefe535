"""A whole suite: what is missing of a plan's results, made by an engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from .engines import Engine, Job
from .store import State, Store


def missing_keys(store: Store, *, retry_failed: bool = False) -> list[str]:
    """The runs that have no result, in order; those that failed only where they are to be tried again."""
    wanted = ("to go", "running", "failed") if retry_failed else ("to go", "running")
    return [run.key for run in store.resolved.runs if store.state(run.key) in wanted]


def make_missing(
    store: Store,
    engine: Engine,
    *,
    workers: int = 1,
    options: Sequence[str] = (),
    retry_failed: bool = False,
    report: Callable[[int, int, str], None] = lambda done, total, key: None,
) -> Counter[State]:
    """Make what is missing.

    Args:
        store: the results.
        engine: see engines.
        workers: runs at a time.
        options: further words of each run's command line.
        retry_failed: try those again that failed.
        report: told after each run how many have ended, of how many, and its key.

    Returns:
        how many runs are in each state.

    Raises:
        InputError: the engine's package is missing.
    """
    keys = missing_keys(store, retry_failed=retry_failed)
    for key in keys:
        store.run_folder(key).forget_failure()
    _made(store, engine, Job(store.plan_path, keys, workers, tuple(options)), report)
    left = [key for key in keys if store.state(key) == "to go"]  # what another process had, and has left
    _made(store, engine, Job(store.plan_path, left, workers, tuple(options)), report)
    return Counter(store.state(run.key) for run in store.resolved.runs)


def _made(store: Store, engine: Engine, job: Job, report: Callable[[int, int, str], None]) -> None:
    """Run a job, and keep why a run has failed that could not say so itself."""
    ended = 0

    def told(key: str, problem: str) -> None:
        nonlocal ended
        ended += 1
        folder = store.run_folder(key)
        if problem and folder.state() == "to go":
            folder.path.mkdir(parents=True, exist_ok=True)
            folder.write_failure(problem)
        report(ended, len(job.keys), key)

    if job.keys:
        engine(job, told)
