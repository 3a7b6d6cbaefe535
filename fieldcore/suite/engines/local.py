"""The engine of one machine: processes that each take one run after the other."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from ...files import explained
from ...machine import usable_cores
from . import Job, Told

FROM_STANDARD_INPUT = "-"
"""As the key of ``run-one``: keys are read from standard input, one a line, and a line answers each."""

_SECONDS_TO_LEAVE = 60.0
_TRIES = 2


def run_local(job: Job, told: Told) -> None:
    """Run a job in processes of this machine; an interrupt is passed on to them, and waits until they have left."""
    keys: queue.SimpleQueue[str] = queue.SimpleQueue()
    for key in job.keys:
        keys.put(key)
    answers: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
    workers = [_Worker(job, number, keys, answers) for number in range(min(job.workers, len(job.keys)))]
    try:
        for worker in workers:
            worker.start()
        for _ in job.keys:
            told(*_next(answers))
    finally:
        for worker in workers:
            worker.leave()


def _next(answers: queue.SimpleQueue[tuple[str, str]]) -> tuple[str, str]:
    """The next answer; a signal is received meanwhile on every system."""
    while True:
        with suppress(queue.Empty):
            return answers.get(timeout=1.0)


class _Worker(threading.Thread):
    """A thread with a process of its own, which is started anew where it dies."""

    def __init__(
        self, job: Job, number: int, keys: queue.SimpleQueue[str], answers: queue.SimpleQueue[tuple[str, str]]
    ) -> None:
        super().__init__(daemon=True)
        self._job, self._number, self._keys, self._answers = job, number, keys, answers
        self._process: subprocess.Popen[str] | None = None
        self._leaving = threading.Event()

    def run(self) -> None:
        """Take keys until there are none."""
        while not self._leaving.is_set():
            try:
                key = self._keys.get_nowait()
            except queue.Empty:
                return
            try:
                problem = self._outcome(key)
            except OSError as error:  # no process can be started
                problem = f"its process cannot be started: {explained(error)}"
            except Exception as error:  # whoever waits for the answer must get one
                problem = f"{type(error).__name__}: {error}"
            self._answers.put((key, problem))

    def leave(self) -> None:
        """End the process, which keeps what it has trained."""
        self._leaving.set()
        process = self._process
        if process is None:
            return
        with suppress(OSError):
            _standard_input(process).close()
        if process.poll() is None and self.is_alive():
            process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_SECONDS_TO_LEAVE)

    def _outcome(self, key: str) -> str:
        """What went wrong; a process that dies is started again once."""
        problem = ""
        for _ in range(_TRIES):
            process = self._process = self._process or self._begun()
            answer = _asked(process, key)
            if answer or self._leaving.is_set():
                return answer.partition("\t")[2].strip()
            code = process.wait()
            self._process = None
            problem = f"its process was ended by signal {-code}" if code < 0 else f"its process ended with code {code}"
        return problem

    def _begun(self) -> subprocess.Popen[str]:
        environment = {**os.environ, **_share(self._number, self._job.workers)}
        log = self._job.plan.parent / f"worker-{self._number}.log"
        with Path(log).open("a", encoding="utf-8") as file:
            return subprocess.Popen(
                self._job.command(FROM_STANDARD_INPUT),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
                env=environment,
            )


def _asked(process: subprocess.Popen[str], key: str) -> str:
    """The line that answers a key; empty where the process has died."""
    try:
        stream = _standard_input(process)
        stream.write(f"{key}\n")
        stream.flush()
    except OSError:
        return ""
    assert process.stdout is not None, "it is a pipe"
    return process.stdout.readline()


def _standard_input(process: subprocess.Popen[str]) -> Any:
    assert process.stdin is not None, "it is a pipe"
    return process.stdin


def _share(number: int, workers: int) -> dict[str, str]:
    """Each worker's share of the machine: cores evenly, and a GPU in turn."""
    threads = max(1, usable_cores() // workers)
    share = {name: str(threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if gpus > 1 and "CUDA_VISIBLE_DEVICES" not in os.environ:
        share["CUDA_VISIBLE_DEVICES"] = str(number % gpus)
    return share
