"""Renderings in a process of their own that stop in the midst of it, so that a signal finds them there."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from pathlib import Path

from patience import HANG_S, wait_until
from preloaded import PreloadedProcess

ROOT = Path(__file__).parents[2]

FRAMES = 6
"""As many are written before it is held."""

_HELD = f"""
import runpy, sys
from pathlib import Path
from patience import wait_until
import app.record.frame_folder
let_go, write, written = Path(sys.argv[1]), app.record.frame_folder.write_image, iter(range(10**9))

def write_or_wait(path, values):
    if next(written) >= {FRAMES}:
        wait_until(let_go.exists)
    write(path, values)

app.record.frame_folder.write_image = write_or_wait
del sys.argv[1]
runpy.run_module("app", run_name="__main__", alter_sys=True)
"""


def render_until(number: signal.Signals, arguments: Iterable[str], frame: Path, folder: Path) -> tuple[int, str]:
    """Render, and send a signal once a frame is written, which must be one of the first ``FRAMES``.

    Args:
        number: the signal.
        arguments: of ``python -m app``.
        frame: the file that is waited for.
        folder: where a file may be written that lets it go on.

    Returns:
        its exit code and what it said on standard error.
    """
    let_go = folder / "let go"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    render = PreloadedProcess(["-c", _HELD, str(let_go), *arguments], env=environment)
    try:
        wait_until(frame.exists, lambda: render.poll() is None, f"{frame} was not written")
        render.send_signal(number)
        let_go.touch()
        errors = render.communicate(timeout=HANG_S)[1]
    finally:
        render.kill()
    return render.returncode, errors
