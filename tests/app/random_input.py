"""Thousands of random keys, drags, drops and settings on the real windows: ``random_input.py COUNT [SEED]``.

Prints one JSON object: how many inputs, the errors shown, and how much memory grew over the second half.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import replace
from pathlib import Path

import torch

from app import window as windows
from app.actions import BY_KEY
from app.benchmark import resident_mb
from app.instrument import Instrument, leave_a_core_to_the_window, open_instrument, open_session
from app.layout_file import Layout
from app.resources import asset_path
from app.settings import SETTINGS, Setting, put

SIZE = (240, 160)
TEXTS = ("", "nonsense", "1e-3,0,1e-3", "1,2,3", "nan,0,1", "-1,0,-1", "1e-2,1e-3,1e-2", "0.2,-0.3", "inf,inf", "0,0")


def position(chance: random.Random) -> tuple[float, float]:
    return (chance.uniform(-20, SIZE[0] + 20), chance.uniform(-20, SIZE[1] + 20))


def any_value(setting: Setting, instrument: Instrument, chance: random.Random) -> object:
    """Some value of the right type, often out of bounds."""
    spread = setting.most - setting.least
    number = chance.uniform(setting.least - 0.2 * spread, setting.most + 0.2 * spread)
    values = {
        "slider": number,
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
        setting = chance.choice([setting for setting in SETTINGS if setting.name not in UNTOUCHED])
        put(setting, session, any_value(setting, instrument, chance))
        return
    full = len(session.documents) > MOST_DOCUMENTS
    keys = [key for key in BY_KEY if key != "Escape" and not (key == "T" and full)]
    event: windows.Event = {
        "key": lambda: windows.KeyPressed(chance.choice([*keys, "Y", "Enter", "Ctrl+Q"])),
        "wheel": lambda: windows.Scrolled(chance.uniform(-3, 3), position(chance)),
        "press": lambda: windows.Pressed(position(chance)),
        "move": lambda: windows.Moved(position(chance)),
        "release": lambda: windows.Released(position(chance)),
        "drop": lambda: windows.Dropped((asset_path("spectral.safetensors"),)),
    }[kind]()
    instrument.take_input(event)


UNTOUCHED = ("folder", "size", "seconds", "kind", "preset")
"""Settings that would only make the test slow, or write elsewhere."""


MOST_DOCUMENTS = 3
"""Every training opens a field, whose memory is the person's to keep or to give back."""


def main(count: int, seed: int) -> None:
    chance = random.Random(seed)
    leave_a_core_to_the_window()
    layout = Layout(view_window=(0, 0, *SIZE), panel_window=(SIZE[0] + 20, 0, 460, 900))
    errors: list[str] = []
    with open_session(layout, torch.device("cpu"), Path("trained")) as session, open_instrument(session) as instrument:
        session.recording.settings = replace(session.recording.settings, folder="recordings", size="96x64")
        session.training.plan = replace(session.training.plan, seconds=2.0)
        instrument.open([str(asset_path(f"{kind}.safetensors")) for kind in ("pyramid", "scale_space")])
        while len(session.documents) < 2:
            instrument.window.wait(instrument.step())
        for index in range(count):
            if index == count // 2:
                before = resident_mb()
            input_to(instrument, chance)
            instrument.step()
            if session.messages.errors:
                message = session.messages.shown(session.now)
                errors.append(message.text if message else "")
                session.messages.dismiss()
            if len(session.documents) > MOST_DOCUMENTS and session.training.state == "idle":
                session.close_document(next(iter(session.documents)))
            if session.recording.frames_noted > 60 and session.recording.noting:
                session.toggle_recording()
        growth = resident_mb() - before
    print(json.dumps({"inputs": count, "errors": errors, "growth_mb": round(growth, 1)}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
