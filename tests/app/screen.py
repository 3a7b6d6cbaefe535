"""A screen nobody sees, and the real program on it, driven by xdotool as by a person."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
import pytest
from patience import HANG_S, hangs_in, wait_until
from preloaded import PreloadedProcess

from app.layout_file import FORMAT, VERSION, Layout, RecordingSettings
from fieldcore.images import read_image

ROOT = Path(__file__).parents[2]
NEEDED = ("Xvfb", "xdotool", "import")


@contextmanager
def screen(width: int = 1600, height: int = 1000) -> Iterator[str]:
    """Start Xvfb on a free display, where held keys do not repeat, and give its name.

    Tests that need one skip where the tools are missing.
    """
    missing = [tool for tool in NEEDED if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} (apt install xvfb xdotool imagemagick libglx-mesa0)")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-r"],
        pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            yield f":{pipe.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


_PRESS_AGAIN_S = 5.0
"""A key that has had no effect for so long is pressed once more, which does no harm where it comes late."""


Start = Callable[..., PreloadedProcess]
"""Starts ``python WORDS`` in a folder ``cwd`` and an environment ``env``, its outputs piped as text."""


def own_process(words: Sequence[str], **options: Any) -> PreloadedProcess:
    """Of a program that changes what it then imports."""
    return PreloadedProcess(words, anew=True, **options)


class Program:
    """``python -m app --json`` under test.

    Attributes:
        folder: where it runs; its recordings go to ``folder/recordings``.
        program: what Python runs.
        start: what starts Python.
        events: what it has reported so far.
    """

    def __init__(
        self,
        display: str,
        folder: Path,
        *arguments: str,
        program: Sequence[str] = ("-m", "app"),
        start: Start = PreloadedProcess,
    ) -> None:
        self.folder, self.display, self.program = folder, display, program
        self.events: list[dict[str, Any]] = []
        self.environment = {
            **os.environ, "DISPLAY": display, "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}",
            "XDG_CONFIG_HOME": str(folder / "config"), "XDG_DATA_HOME": str(folder / "data"),
        }  # fmt: skip
        self.start = start
        self.process = start([*program, "--json", *arguments], cwd=folder, env=self.environment)
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def shown_at_first(self, **facts: Any) -> dict[str, Any]:
        """The first report of a whole view with those facts, which may come before the program is ready."""
        shown = [event for event in self.events if event["event"] == "shown" and facts.items() <= event.items()]
        return shown[0] if shown else self.wait_for("shown", **facts)

    def wait_for(self, *names: str, where: Callable[[dict[str, Any]], bool] = bool, **facts: Any) -> dict[str, Any]:
        """The next report of one of these names with those facts, of which ``where`` holds; however long it takes."""
        hanging = hangs_in(HANG_S)
        while not hanging():
            try:
                self.events.append(json.loads(self._lines.get(timeout=0.5)))
            except queue.Empty:
                if self.process.poll() is not None and self._lines.empty():
                    break
                continue
            last = self.events[-1]
            if last["event"] in names and all(last.get(name) == value for name, value in facts.items()) and where(last):
                return last
        raise AssertionError(f"no report of {names} {facts}; the last ones: {self.events[-4:]}; {self._errors()}")

    def _reported(self, name: str) -> dict[str, Any] | None:
        """The next report if it is of that name, and comes soon."""
        try:
            self.events.append(json.loads(self._lines.get(timeout=0.5)))
        except queue.Empty:
            assert self.process.poll() is None, f"it ended without a report of {name}; {self._errors()}"
            return None
        return self.events[-1] if self.events[-1]["event"] == name else None

    def xdo(self, *words: str | int) -> None:
        """Press, move, click."""
        subprocess.run(["xdotool", *map(str, words)], env=self.environment, check=True)

    def key(self, *names: str) -> None:
        """Press keys in the view, one after the other."""
        for name in names:
            self.xdo("key", name)

    def leave(self) -> dict[str, Any]:
        """Press the key that leaves, again where a press was lost; returns the question that is asked before."""
        while True:
            self.key("ctrl+q")
            pressed_again = hangs_in(_PRESS_AGAIN_S)
            while not pressed_again():
                asked = self._reported("asked")
                if asked is not None:
                    return asked

    def hold(self, key: str, name: str, ready: dict[str, Any]) -> dict[str, Any]:
        """Hold a key until something moves, and return what is shown when all is at rest again.

        Args:
            key: as xdotool calls it.
            name: as the program does.
            ready: the report of what is where.
        """
        before = self.view(ready)
        self.xdo("keydown", key)
        self.wait_for("key", name=name, down=True)
        wait_until(lambda: not np.array_equal(self.view(ready), before), self._runs, "nothing moves")
        self.xdo("keyup", key)
        self.wait_for("key", name=name, down=False)
        return self.wait_for("shown")

    def wait_to_see(self, there: Callable[[np.ndarray], object], ready: dict[str, Any]) -> np.ndarray:
        """The view as soon as something holds of it; however long it takes."""
        views: list[np.ndarray] = []

        def seen() -> object:
            views[:] = [self.view(ready)]
            return there(views[0])

        wait_until(seen, self._runs, "the view does not come to look so")
        return views[0]

    def wait_for_frames(self, count: int) -> None:
        """Until so many frames of the recording under way are written."""
        last = f"*/frame_{count - 1:06d}.png"
        wait_until(lambda: list((self.folder / "recordings").glob(last)), self._runs, "no frames are written")

    def wait_for_movement(self, least: int) -> None:
        """Until so many frames of the recording under way are written, the last of which is not like the first."""

        def moved() -> bool:
            files = sorted((self.folder / "recordings").glob("*/frame_*.png"))
            if len(files) < least:
                return False
            first, last = (read_image(file)[0] for file in (files[0], files[-1]))
            return bool(np.abs(first - last).max() > 0.2)

        wait_until(moved, self._runs, "nothing moves in the frames that are written")

    def picture(self) -> np.ndarray:
        """The whole screen, (height, width, 3)."""
        file = self.folder / "screen.png"
        subprocess.run(["import", "-window", "root", str(file)], env=self.environment, check=True)
        return iio.imread(file)[..., :3]

    def view(self, ready: dict[str, Any]) -> np.ndarray:
        """What the view shows."""
        left, top, width, height = ready["view"]
        return self.picture()[top : top + height, left : left + width]

    def end(self) -> tuple[int, str]:
        """Wait for its exit code and what it said on standard error."""
        code = self.process.wait(HANG_S)
        return code, self._errors()

    def refusal(self) -> str:
        """Wait for its end, and for the one sentence that is all it says."""
        code, errors = self.end()
        assert (code, errors) == (2, "")
        sentence: str = json.loads(self._lines.get(timeout=HANG_S))["error"]
        return sentence

    def kill(self) -> None:
        """End it whatever it does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def _runs(self) -> bool:
        return self.process.poll() is None

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def _errors(self) -> str:
        if self.process.poll() is None:
            return "still running"
        assert self.process.stderr is not None
        return self.process.stderr.read()


def lay_out(folder: Path, size: tuple[int, int]) -> None:
    """Let a program that is started in ``folder`` for the first time have a view of that size, its panel beside it.

    It records a few frames a second, which a busy machine too can make while more are noted.
    """
    layout = folder / "config" / "fieldscope" / "layout.json"
    if not layout.exists():
        width, height = size
        placements = {"view_window": [0, 0, width, height], "panel_window": [width + 20, 0, 480, 980]}
        usual = Layout(greeted=True, recording=RecordingSettings(frames_per_second=4.0))
        layout.parent.mkdir(parents=True)
        layout.write_text(json.dumps({"format": FORMAT, "version": VERSION, **asdict(usual), **placements}))


def rendered_again(program: Program, folder: Path, size: tuple[int, int], least: int) -> list[tuple[Any, Any]]:
    """Wait for the end of a recording that shows something moving, render its path without a window into ``folder``.

    Returns:
        each frame as it was recorded and as it was rendered.
    """
    width, height = size
    taken = folder / program.wait_for("recorded")["folder"]
    report = json.loads((taken / "frames.json").read_text())
    recorded = [read_image(taken / frame["file"])[0] for frame in report["frames"]]
    assert report["state"] == "complete" and len(recorded) >= least
    assert recorded[0].shape == (height, width, 3) and (taken / "recording.mp4").stat().st_size > 1000
    assert max(np.abs(recorded[0] - frame).max() for frame in recorded) > 0.1, "something moved"

    again = folder / "again"
    command = [*program.program, "--render-path", str(taken / "path.json"), "--out", str(again)]
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    render = program.start([*command, "--size", f"{width}x{height}"], env=environment)
    _, errors = render.communicate()
    assert render.returncode == 0, errors[-2000:]
    rendered = [read_image(file)[0] for file in sorted(again.glob("*.png"))]
    assert len(rendered) == len(recorded)
    return list(zip(recorded, rendered, strict=True))
