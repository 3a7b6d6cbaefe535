"""Thousands of random keys, drags, drops and settings on the real windows of every scene, and what memory they cost.

    xvfb-run -a python -m benchmarks.storm [--inputs 5000] [--scenes shape video]
    xvfb-run -a python -m benchmarks.storm --minutes 10

With ``--inputs`` each scene gets so many in a program of its own; with ``--minutes`` one program goes from scene to
scene for so long. Exits with 1 where an error was shown or a program ended.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import tyro

import app.record.film
from app.actions import BY_KEY
from app.camera.piloting import HELD, TURNING
from app.cli import run
from app.layout_file import Layout
from app.memory import resident_mb
from app.resources import asset_path
from app.scene import SceneName
from app.scene_names import ALL
from app.scenes.textured_mesh.state import textured_meshes
from app.setting import Setting, put
from app.settings import SETTINGS
from app.window import window as windows
from app.window.instrument import Instrument, leave_a_core_to_the_window, open_instrument, open_session

SIZE, PANEL = (240, 160), (460, 300)
TEXTS = ("", "nonsense", "1e-3,0,1e-3", "1,2,3", "nan,0,1", "-1,0,-1", "1e-2,1e-3,1e-2", "0.2,-0.3", "inf,inf", "0,0")
UNTOUCHED = ("folder", "size", "seconds", "kind", "preset")
"""Settings that would only make it slow, or write elsewhere."""

MOST_DOCUMENTS = 3
"""Every training opens a field, whose memory is the person's to keep or to give back."""

_M_ARENA_MAX = -8
"""As malloc.h calls it."""

AT_ONCE = 250
"""Inputs to one scene before the next one, where a program goes through several."""

Sources = Mapping[SceneName, Callable[[], Sequence[Path]]]
"""By scene, what makes the files that are opened; the last of them is also dropped again."""


@dataclass(frozen=True)
class Options:
    """Storm the windows."""

    inputs: int = 5000
    """To each scene, unless minutes are given."""
    minutes: float | None = None
    """For so long, from scene to scene in one program."""
    scenes: tuple[SceneName, ...] = ALL
    """Which."""
    seed: int = 0
    """Of all that is random."""
    here: bool = False
    """Do not begin a program for each scene."""


class Passes:
    """A clock that goes by the passes of the loop, so that a storm is the same on every machine."""

    seconds = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.seconds


def storm(scenes: Sequence[SceneName], sources: Sources, goes_on: Callable[[int], bool], seed: int) -> dict[str, Any]:
    """Give random input to the windows, in the folder that the program is in.

    Args:
        scenes: that it goes to, in turns.
        sources: what is opened there.
        goes_on: from the number of inputs, whether there is to be one more.
        seed: of all that is random.

    Returns:
        how many inputs there were, the errors that were shown, the memory in use after every 1 / 16 of them, in MB,
        and how much of it came in the second half.
    """
    app.record.film.PROGRAM = (sys.executable, "-c", "")  # a render that ends at once
    chance, count, errors, memory = random.Random(seed), 0, list[str](), [(0, memory_held_mb())]
    keep_few_heaps()
    leave_a_core_to_the_window()
    layout = Layout(view_window=(0, 0, *SIZE), panel_window=(SIZE[0] + 20, 0, *PANEL))
    with open_session(layout, torch.device("cpu"), Path("trained")) as session, open_instrument(session) as instrument:
        session.recording.settings = replace(session.recording.settings, folder="recordings", size="96x64")
        session.training.plan = replace(session.training.plan, rule="steps", steps=40, seconds=2.0)
        opened = {scene: sources[scene]() for scene in scenes}
        for scene in scenes:
            begin(scene, opened[scene], instrument)
        session.clock = clock = Passes()
        while goes_on(count):
            scene = scenes[count // AT_ONCE % len(scenes)]
            session.show_scene(scene)
            clock.seconds += 1 / 60
            input_to(instrument, opened[scene][-1], chance)
            instrument.step()
            count += 1
            if session.messages.errors:
                message = session.messages.shown(session.now)
                errors.append(message.text if message else "")
                session.messages.dismiss()
            _keep_small(instrument)
            if count % AT_ONCE == 0:
                memory.append((count, memory_held_mb()))
        memory.append((count, memory_held_mb()))
    half = next(held for number, held in memory if 2 * number >= count)
    every = max(1, len(memory) // 16)
    noted = [round(held) for _, held in memory[::every]]
    return {"inputs": count, "errors": errors, "memory_mb": noted, "growth_mb": round(memory[-1][1] - half, 1)}


def _keep_small(instrument: Instrument) -> None:
    """Close what a person would close, and end a long recording."""
    session = instrument.session
    if len(session.state.opened) > MOST_DOCUMENTS and session.training.state == "idle":
        session.state.close_opened(next(iter(session.state.opened)))
    if session.recording.frames_noted > 60 and session.recording.noting:
        session.view_recording.toggle()


def position(chance: random.Random) -> tuple[float, float]:
    """Somewhere on the view, or beside it."""
    return (chance.uniform(-20, SIZE[0] + 20), chance.uniform(-20, SIZE[1] + 20))


def any_value(setting: Setting, instrument: Instrument, chance: random.Random) -> object:
    """Some value of the right type, often out of bounds."""
    spread = setting.most - setting.least
    number = chance.uniform(setting.least - 0.2 * spread, setting.most + 0.2 * spread)
    values = {
        "slider": number,
        "log": number,
        "number": chance.choice([number, setting.least, 1e-3, 0.0, -1.0]),
        "whole": int(min(number, 300)),
        "toggle": chance.random() < 0.5,
        "text": chance.choice(TEXTS),
        "choice": chance.choice(setting.choices(instrument.session) or ("",)),
    }
    return values[setting.widget]


def input_to(instrument: Instrument, dropped: Path, chance: random.Random) -> None:
    """One input of a person who is not at all careful."""
    session = instrument.session
    kind = chance.choices(["key", "wheel", "press", "move", "release", "setting", "drop"], [4, 2, 1, 6, 1, 6, 0.05])[0]
    if kind == "setting":
        setting = chance.choice(
            [setting for setting in SETTINGS if setting.name not in UNTOUCHED and session.scene in setting.scenes]
        )
        put(setting, session, any_value(setting, instrument, chance))
        return
    model = textured_meshes(session).model
    full = len(model.fields if model else session.state.opened) > MOST_DOCUMENTS
    kept_from = {"Escape", "M", *(f"Ctrl+{letter}" for letter in "QOLSCV"), *("T" if full else "")}
    keys = [key for key in BY_KEY[session.scene] if key not in kept_from]
    event: windows.Event = {
        "key": lambda: any_key([*keys, "Y", "Enter", "Ctrl+A", *HELD, *TURNING], chance),
        "wheel": lambda: windows.Scrolled(chance.uniform(-3, 3), position(chance)),
        "press": lambda: windows.Pressed(position(chance)),
        "move": lambda: windows.Moved(position(chance)),
        "release": lambda: windows.Released(position(chance)),
        "drop": lambda: windows.Dropped((dropped,)),
    }[kind]()
    instrument.take_input(event)


def any_key(names: list[str], chance: random.Random) -> windows.Event:
    """One that goes down, is held, or comes up; now and then all are let go by looking elsewhere."""
    name = chance.choice(names)
    events: list[windows.Event] = [windows.KeyPressed(name), windows.KeyPressed(name, True), windows.KeyReleased(name)]
    return chance.choices([*events, windows.FocusLost()], [6, 2, 4, 0.2])[0]


def keep_few_heaps() -> None:
    """Or every thread keeps a heap of its own, more of them on a busy machine."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):  # only glibc has it
            ctypes.CDLL("libc.so.6").mallopt(_M_ARENA_MAX, 2)


def memory_held_mb() -> float:
    """Memory that is in use, without what the allocator keeps for later: how much that is depends on the machine."""
    gc.collect()
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):  # only glibc has it
            ctypes.CDLL("libc.so.6").malloc_trim(0)
    return resident_mb()


def begin(scene: SceneName, files: Sequence[Path], instrument: Instrument) -> None:
    """Open something, and wait until it is there."""
    session = instrument.session
    session.show_scene(scene)
    for source in files:
        instrument.open([str(source)])
        while session.state.nothing_shown or not session.state.opened:
            instrument.window.wait(instrument.step())


# What is opened by a benchmark


def _pictures() -> list[Path]:
    return [asset_path(f"{kind}.safetensors") for kind in ("pyramid", "scale_space")]


def _picture() -> list[Path]:
    from PIL import Image

    Image.fromarray(np.random.default_rng(0).integers(0, 256, (20, 24, 3), np.uint8)).save("picture.png")
    return [Path("picture.png").absolute()]


def _clip() -> list[Path]:
    from PIL import Image

    frames = [Image.fromarray(np.full((32, 48, 3), 16 * k, np.uint8)) for k in range(12)]
    frames[0].save("clip.gif", save_all=True, append_images=frames[1:], duration=80, loop=0)
    return [Path("clip.gif").absolute()]


def _photographs() -> list[Path]:
    words = ["--render-views", str(asset_path("ammonite.ply")), "--out", "photographs", "--views", "8"]
    if not Path("photographs").exists() and run([*words, "--size", "32x32", "--quiet"]):
        raise SystemExit(1)
    return [Path("photographs").absolute()]


SOURCES: Sources = {
    "picture": _pictures,
    "networks": _picture,
    "textured_mesh": lambda: [asset_path("fish.glb")],
    "shape": lambda: [asset_path("shape.safetensors")],
    "radiance": _photographs,
    "light_stage": lambda: [asset_path("ammonite_stage")],
    "video": _clip,
}


def main() -> None:
    """Storm the windows as the options say, and print an object a program."""
    options = tyro.cli(Options)
    if options.here:
        print(json.dumps(_here(options)))
        return
    parts = [options.scenes] if options.minutes is not None else [(scene,) for scene in options.scenes]
    failed = False
    for scenes in parts:
        with tempfile.TemporaryDirectory() as folder:
            words = ["--here", "--inputs", str(options.inputs), "--seed", str(options.seed), "--scenes", *scenes]
            words += [] if options.minutes is None else ["--minutes", str(options.minutes)]
            repository = str(Path(__file__).parents[1])
            home = {name: f"{folder}/{name}" for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME")}
            paths = os.pathsep.join(filter(None, [repository, os.environ.get("PYTHONPATH", "")]))
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.storm", *words],
                cwd=folder, env={**os.environ, **home, "PYTHONPATH": paths}, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
        report = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {"ended": done.returncode}
        failed = failed or bool(report.get("errors", True))
        print(json.dumps({"scenes": scenes, **report}), flush=True)
    sys.exit(failed)


def _here(options: Options) -> dict[str, Any]:
    until = time.monotonic() + 60 * (options.minutes or 0.0)
    most = options.inputs * len(options.scenes)
    timed = options.minutes is not None
    return storm(
        options.scenes, SOURCES, lambda count: time.monotonic() < until if timed else count < most, options.seed
    )


if __name__ == "__main__":
    main()
