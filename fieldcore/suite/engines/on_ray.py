"""The engine of many machines by Ray: one task a run, and nothing else of Ray."""

from __future__ import annotations

import subprocess
from typing import Any

from ...errors import InputError
from . import Job, Told


def run_on_ray(job: Job, told: Told) -> None:
    """Run a job as Ray's tasks, on the cluster that ``RAY_ADDRESS`` names, or else on this machine.

    The results' folder has to be seen by all machines under the same path.

    Raises:
        InputError: Ray is not installed.
    """
    try:
        import ray
    except ImportError as error:
        raise InputError("--engine ray: Ray is not installed; install fieldscope[ray]") from error
    started_here = not ray.is_initialized()
    if started_here:
        ray.init(num_cpus=job.workers if _is_alone(ray) else None, log_to_driver=False, include_dashboard=False)
    try:
        task = ray.remote(num_cpus=1, num_gpus=_gpus(ray, job.workers), max_retries=1)(run_command)
        pending = {task.remote(job.command(key)): key for key in job.keys}
        while pending:
            (ready, *_), _ = ray.wait(list(pending), num_returns=1)
            key = pending.pop(ready)
            told(key, _problem(ray, ready))
    finally:
        if started_here:
            ray.shutdown()


def run_command(command: list[str]) -> str:
    """Run a command line, and say what went wrong: empty if nothing did."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0:
        return ""
    lines = done.stderr.strip().splitlines()
    return lines[-1].removeprefix("error: ") if lines else f"it ended with code {done.returncode}"


def _problem(ray: Any, ready: Any) -> str:
    try:
        return str(ray.get(ready))
    except Exception as error:  # of Ray: a machine that has gone, a task that was killed
        return f"Ray: {type(error).__name__}"


def _is_alone(ray: Any) -> bool:
    import os

    return "RAY_ADDRESS" not in os.environ


def _gpus(ray: Any, workers: int) -> float:
    """The share of a GPU that a task takes: whole ones where there are enough."""
    gpus = float(ray.cluster_resources().get("GPU", 0))
    return min(1.0, gpus / max(workers, 1))
