"""Starts Python programs as forks of a process that has imported all they import, which saves each some seconds.

What depends on the import itself (that it is lazy, or can be interrupted) is tested with processes of their own.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[1]
_PACKAGES = "fieldcore", "app"
_LATE = (
    "scipy.optimize", "scipy.sparse", "scipy.spatial", "imageio.v3", "imageio_ffmpeg", "dearpygui.dearpygui",
    "torch._dynamo",
)  # fmt: skip
"""What programs import when they need it; the last one with the first optimizer."""
_MESSAGE = 1 << 20
"""Bytes, at most, of a program's arguments and environment."""


class PreloadedProcess:
    """``python WORDS``, as ``subprocess.Popen`` starts it with both outputs piped as text.

    A program that changes what it then imports is started ``anew``, with no more than the libraries of others.

    Attributes:
        args: the words: ``-m MODULE ...``, ``-c CODE ...`` or ``FILE ...``.
        pid: the process's number.
        stdout: what it prints.
        stderr: what it prints as errors.
        returncode: once it has been waited for.
    """

    def __init__(
        self,
        words: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        anew: bool = False,
    ) -> None:
        self.args, self.returncode = list(words), None
        environment = dict(env or os.environ)
        message = {"words": self.args, "folder": str(cwd or Path.cwd()), "environment": environment, "anew": anew}
        out, error, self._status = os.pipe(), os.pipe(), os.pipe()
        given = out[1], error[1], self._status[1]
        socket.send_fds(_server(), [json.dumps(message).encode()], given)
        for end in given:
            os.close(end)
        self.stdout: IO[str] = os.fdopen(out[0], encoding="utf-8", errors="replace")
        self.stderr: IO[str] = os.fdopen(error[0], encoding="utf-8", errors="replace")
        self._reports = os.fdopen(self._status[0], "rb", buffering=0)
        self.pid = int(self._reports.readline())

    def poll(self) -> int | None:
        """The exit code, below zero where a signal ended it; None while it runs."""
        if self.returncode is None and select.select([self._reports], [], [], 0)[0]:
            self.returncode = int(self._reports.readline() or -signal.SIGKILL)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended."""
        if self.returncode is None and not select.select([self._reports], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        code = self.poll()
        assert code is not None
        return code

    def send_signal(self, number: int) -> None:
        """Nothing where it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it whatever it does."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """All that it prints, and all that it prints as errors, up to its end."""
        errors: list[str] = []
        reader = threading.Thread(target=lambda: errors.append(self.stderr.read()), daemon=True)
        reader.start()
        printed = self.stdout.read()
        reader.join(timeout)
        self.wait(timeout)
        return printed, errors[0]


def run_preloaded(words: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """``python WORDS``, as ``subprocess.run`` does it with its outputs captured as text."""
    process = PreloadedProcess(words, **options)
    try:
        printed, errors = process.communicate()
    finally:
        process.kill()
    return subprocess.CompletedProcess([sys.executable, *words], process.wait(), printed, errors)


@cache
def _server() -> socket.socket:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"}
    command = [sys.executable, __file__, str(theirs.fileno())]
    process = subprocess.Popen(
        command, env=environment, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    theirs.close()
    atexit.register(lambda: (ours.close(), process.wait()))
    return ours


def _serve(requests: socket.socket) -> None:
    """Fork for every message; a fork of each fork waits for the program and reports its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks ends, and closes the socket
    while True:
        message, given, _, _ = socket.recv_fds(requests, _MESSAGE, 3)
        if not message:
            return
        if os.fork() == 0:
            requests.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            if _started(given):
                _run(**json.loads(message))
            return
        for end in given:
            os.close(end)


def _started(given: Sequence[int]) -> bool:
    """Whether this is the program, whose outputs are set; else it has ended, and the one that waited may, too."""
    out, error, reports = given
    program = os.fork()
    if program == 0:
        os.dup2(out, 1)
        os.dup2(error, 2)
        for end in given:
            os.close(end)
        return True
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.close(out)
    os.close(error)
    os.write(reports, b"%d\n" % program)
    code = os.waitstatus_to_exitcode(os.waitpid(program, 0)[1])
    os.write(reports, b"%d\n" % code)
    os._exit(0)


def _run(words: list[str], folder: str, environment: dict[str, str], anew: bool) -> None:
    if anew:
        for name in [name for name in sys.modules if name.partition(".")[0] in _PACKAGES]:
            del sys.modules[name]
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", encoding="utf-8", closefd=False)  # a new buffer
    sys.stderr = sys.__stderr__ = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    first, *rest = words
    program = folder if first in ("-m", "-c") else str(Path(first).parent)
    sys.path[:0] = [program, *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    if first == "-m":
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif first == "-c":
        sys.argv = ["-c", *rest[1:]]
        exec(compile(rest[0], "<string>", "exec"), vars(sys.modules["__main__"]))
    else:
        sys.argv = words
        runpy.run_path(first, run_name="__main__")


def _import_all() -> None:
    import fieldcore._threads  # noqa: F401 (before torch)

    for name in _PACKAGES:
        package = import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not module.name.endswith(".__main__"):
                import_module(module.name)
    for name in _LATE:
        import_module(name)


if __name__ == "__main__":
    sys.path.pop(0)  # this folder
    _import_all()
    gc.collect()
    gc.freeze()
    _serve(socket.socket(fileno=int(sys.argv[1])))
