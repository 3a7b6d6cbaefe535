"""Thousands of random keys, drags, drops and settings on the real windows: ``random_input.py COUNT SEED SCENE``.

Prints one JSON object: how many inputs, the errors shown, and how much memory grew over the second half.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from capsule import capsule_file
from clocks import Stopwatch
from driving import picture_file
from rectangle import quad_file
from sphere_scenes import write_ball_scene
from test_light_stage_scene import write_stage
from test_video_state import moving, write_gif

import app.record.film
from app.actions import BY_KEY
from app.camera.piloting import HELD, TURNING
from app.layout_file import Layout
from app.memory import resident_mb
from app.resources import asset_path
from app.scene import SceneName
from app.scenes.textured_mesh.state import textured_meshes
from app.setting import Setting, put
from app.settings import SETTINGS
from app.window import window as windows
from app.window.instrument import Instrument, leave_a_core_to_the_window, open_instrument, open_session

SIZE = (240, 160)
app.record.film.PROGRAM = (sys.executable, "-c", "")  # a render that ends at once
TEXTS = ("", "nonsense", "1e-3,0,1e-3", "1,2,3", "nan,0,1", "-1,0,-1", "1e-2,1e-3,1e-2", "0.2,-0.3", "inf,inf", "0,0")


def position(chance: random.Random) -> tuple[float, float]:
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


def input_to(instrument: Instrument, chance: random.Random) -> None:
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
        "drop": lambda: windows.Dropped((SOURCES[session.scene]()[-1],)),
    }[kind]()
    instrument.take_input(event)


def any_key(names: list[str], chance: random.Random) -> windows.Event:
    """One that goes down, is held, or comes up; now and then all are let go by looking elsewhere."""
    name = chance.choice(names)
    events: list[windows.Event] = [windows.KeyPressed(name), windows.KeyPressed(name, True), windows.KeyReleased(name)]
    return chance.choices([*events, windows.FocusLost()], [6, 2, 4, 0.2])[0]


SOURCES: dict[SceneName, Callable[[], list[Path]]] = {
    "picture": lambda: [asset_path(f"{kind}.safetensors") for kind in ("pyramid", "scale_space")],
    "networks": lambda: [picture_file(Path.cwd(), np.random.default_rng(0).random((20, 24, 3), np.float32))],
    "textured_mesh": lambda: [quad_file(Path.cwd())],
    "shape": lambda: [capsule_file(Path.cwd())],
    "radiance": lambda: [write_ball_scene(Path("balls"), 6, 12)],
    "light_stage": lambda: [write_stage(Path("stage"))],
    "video": lambda: [write_gif(Path("clip.gif"), moving())],
}
"""By scene, what is opened; the last of it is also dropped again."""

UNTOUCHED = ("folder", "size", "seconds", "kind", "preset")
"""Settings that would only make the test slow, or write elsewhere."""


_M_ARENA_MAX = -8
"""As malloc.h calls it."""

MOST_DOCUMENTS = 3
"""Every training opens a field, whose memory is the person's to keep or to give back."""


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


def begin(scene: SceneName, instrument: Instrument) -> None:
    """Open something, and wait until it is there."""
    session = instrument.session
    session.show_scene(scene)
    for source in SOURCES[scene]():
        instrument.open([str(source)])
        while session.state.nothing_shown or not session.state.opened:
            instrument.window.wait(instrument.step())


def main(count: int, seed: int, scene: SceneName) -> None:
    chance = random.Random(seed)
    keep_few_heaps()
    leave_a_core_to_the_window()
    layout = Layout(view_window=(0, 0, *SIZE), panel_window=(SIZE[0] + 20, 0, 460, 300))
    errors: list[str] = []
    with open_session(layout, torch.device("cpu"), Path("trained")) as session, open_instrument(session) as instrument:
        session.recording.settings = replace(session.recording.settings, folder="recordings", size="96x64")
        session.training.plan = replace(session.training.plan, rule="steps", steps=40, seconds=2.0)
        begin(scene, instrument)
        session.clock = clock = Stopwatch()
        for index in range(count):
            clock.seconds += 1 / 60
            if index == count // 2:
                before = memory_held_mb()
            input_to(instrument, chance)
            instrument.step()
            if session.messages.errors:
                message = session.messages.shown(session.now)
                errors.append(message.text if message else "")
                session.messages.dismiss()
            if len(session.state.opened) > MOST_DOCUMENTS and session.training.state == "idle":
                session.state.close_opened(next(iter(session.state.opened)))
            if session.recording.frames_noted > 60 and session.recording.noting:
                session.view_recording.toggle()
        growth = memory_held_mb() - before
        assert session.scene == scene
    print(json.dumps({"inputs": count, "errors": errors, "growth_mb": round(growth, 1)}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])  # type: ignore[arg-type]
