"""Exact distances by another process: while libigl answers, it lets no thread of its own process run Python.

The two talk through pipes: first the counts of vertices and triangles, and the mesh; then, question by question, a
count and its points, which are answered by as many distances; all in the machine's own 64-bit numbers.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import weakref
from contextlib import suppress
from pathlib import Path
from typing import IO

import numpy as np
from jaxtyping import Float, Int

from ..errors import InputError

_NICENESS = 10
"""By how much a window comes first."""

# The module is loaded by its file: the package would bring torch along, which takes seconds and memory.
_SERVER = """
import importlib.util, os, sys
os.nice(int(sys.argv[2])) if hasattr(os, "nice") else None
spec = importlib.util.spec_from_file_location("mesh_distance", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
module.answer(sys.stdin.buffer, sys.stdout.buffer)
"""


class DistanceProcess:
    """``MeshDistance`` in a process of its own, which starts with the first question and ends with this object.

    May be asked from several threads, one after the other.

    Args:
        vertices: (v, 3) positions.
        triangles: (t, 3) indices.
    """

    def __init__(self, vertices: Float[np.ndarray, "v 3"], triangles: Int[np.ndarray, "t 3"]) -> None:
        self._mesh = np.ascontiguousarray(vertices, np.float64), np.ascontiguousarray(triangles, np.int64)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(self, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n"]:
        """As of ``MeshDistance``, to the bit.

        Raises:
            InputError: the process has ended, as when memory runs out; the next question starts another.
        """
        with self._lock:
            process = self._process or self._started()
            assert process.stdin is not None and process.stdout is not None
            try:
                process.stdin.write(np.int64(len(points)).tobytes())
                process.stdin.write(np.ascontiguousarray(points, np.float64).data)
                process.stdin.flush()
                answer = process.stdout.read(8 * len(points))
            except OSError:
                answer = b""
            if len(answer) < 8 * len(points):
                self._process = None
                raise InputError(
                    f"exact distances: the process that computes them ended ({_end_of(process)}); "
                    "close other programs or simplify the mesh"
                )
        return np.frombuffer(answer, np.float64)

    def _started(self) -> subprocess.Popen[bytes]:
        server = Path(__file__).with_name("mesh_distance.py")
        command = [sys.executable, "-c", _SERVER, str(server), str(_NICENESS)]
        pipe = subprocess.PIPE
        # In a session of its own, so that Ctrl-C reaches only the process that is asked, which ends this one.
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, start_new_session=True)
        weakref.finalize(self, _end, process)
        self._process = process
        assert process.stdin is not None
        _send_mesh(process.stdin, *self._mesh)
        return process


def _send_mesh(pipe: IO[bytes], vertices: Float[np.ndarray, "v 3"], triangles: Int[np.ndarray, "t 3"]) -> None:
    with suppress(OSError):  # if it has ended already, the first question says so
        for part in (np.array([len(vertices), len(triangles)], np.int64), vertices, triangles):
            pipe.write(part.data)


def _end_of(process: subprocess.Popen[bytes]) -> str:
    code = process.wait()
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        with suppress(OSError):  # what was still to be written is wanted no more
            pipe.close()
