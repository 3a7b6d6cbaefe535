"""The engine of clusters with Slurm, by submitit: one job of an array a run."""

from __future__ import annotations

import os
from typing import Any

from ...errors import InputError
from . import Job, Told
from .on_ray import run_command


def run_on_slurm(job: Job, told: Told) -> None:
    """Submit a job as an array, of which so many run at a time, and wait for it.

    What Slurm is to be told beside, such as a partition, stands in the environment as ``SBATCH_PARTITION`` and so on.
    The results' folder has to be seen by all machines under the same path.

    Raises:
        InputError: submitit is not installed, or there is no Slurm here.
    """
    try:
        import submitit
    except ImportError as error:
        raise InputError("--engine slurm: submitit is not installed; install fieldscope[slurm]") from error
    executor = submitit.AutoExecutor(folder=job.plan.parent / "slurm", cluster=os.environ.get("SUBMITIT_CLUSTER"))
    executor.update_parameters(slurm_array_parallelism=job.workers, name="fieldscope", timeout_min=24 * 60)
    with executor.batch():
        submitted = {key: executor.submit(run_command, job.command(key)) for key in job.keys}
    for key, one in submitted.items():
        told(key, _problem(one))


def _problem(one: Any) -> str:
    try:
        return str(one.result())
    except Exception as error:  # of submitit: a job that was killed, or never ran
        return f"Slurm: {type(error).__name__}"
