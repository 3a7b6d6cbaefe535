"""The way of a slider: how many functions, in how many files, its value enters before the last pixel is there.

    xvfb-run -a -s "-screen 0 1600x1000x24" python -m benchmarks.slider_way [--files]

A profiler in every thread counts from the moment a setting is put until its final picture is presented in the real
window. Only functions of ``app/`` count, each once, also lambdas and comprehensions. Not counted are the panel and what
is written over the view, with all that they call (they are drawn in every pass, whoever moved), the main loop's own
functions, and what is done ``BESIDE`` the way, each for the reason given there; second figures count all of these but
the panel. Calls from file to file grow with the passes of the loop, and so differ from run to run; distinct ones, of
one function by another, hardly do.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import torch
import tyro

from app.filter.state import SizedState
from app.layout_file import Layout
from app.plane.plane_state import PlaneState
from app.resources import asset_path
from app.scene_state import SceneState
from app.scenes.picture.state import PictureState
from app.scenes.shape.baker import Baker
from app.session import Session
from app.setting import put
from app.settings import BY_NAME
from app.window.instrument import Instrument, leave_a_core_to_the_window, open_instrument, open_session

# With the imports, all that knows names of the program.

SLIDERS = {"picture": ("pyramid.safetensors", "log10-variance"), "shape": ("shape.safetensors", "log10-variance")}
"""By scene, what is opened and which setting is moved."""

PANEL = ("panel/",)
LOOP = ("window/",)
WRITTEN_OVER = ("window/hud_scene.py", "window/key_overlays.py")
"""Files and folders in app/."""

WRITTEN_OVER_BY = "_hud_now"
"""The function that says what is written over the view."""

BESIDE = {
    "done for the next pass or another day, with no pixel of this one": (
        Session.attend,  # thumbnails, and files that other programs write
        SceneState.note_step,  # undo, and the filter before
        SizedState.note_step,
        "history.py",
        "thumbnails.py",
        "work/watching.py",
    ),
    "asked in every pass, whoever moved: what another thread, a dialogue or a render has done": (
        "work/background.py",
        "work/file_asking.py",
        "record/film.py",
        "record/path_film.py",
        "record/view_recording.py",
    ),
    "told of a picture that is there already: how far it is from the truth, begun when all is at rest": (
        PlaneState._judge_shown,
        PictureState._judge_shown,
        "plane/agreement.py",
        Baker._judge,
        Baker.agreement,
    ),
}
"""Files in app/ and functions, with all that they call, by the reason why they are no part of the way."""


def move(instrument: Instrument, setting: str, value: float) -> None:
    """Move a slider, as the panel does."""
    put(BY_NAME[setting], instrument.session, value)


def is_final(presented: Any, moved_at: float) -> bool:
    """Whether what has been presented is the last picture of what was moved."""
    return bool(presented.stage.final) and presented.request.asked_at >= moved_at


# What follows knows none.

VIEW = (20, 20, 512, 512)
VALUES = (-3.0, -2.5, -2.0, -3.1, -2.2, -2.7, -2.4)
WARM_UP = 2
"""The first moves are not counted: they make what then stays."""

SETTLING_S, HANG_S = 1.0, 120.0
APP = str(Path(asset_path.__code__.co_filename).parent) + "/"

_BESIDE = [place for places in BESIDE.values() for place in places]
_BESIDE_FILES = tuple(place for place in _BESIDE if isinstance(place, str))
_BESIDE_FUNCTIONS = {place.__code__ for place in _BESIDE if not isinstance(place, str)}

Call = tuple[CodeType, CodeType]
"""Who calls, and what."""


@dataclass(frozen=True)
class Options:
    """Count the functions that a slider's value enters."""

    files: bool = False
    """Also list the files, in the order in which they are entered, and how many functions of each."""


class Record:
    """What was entered: functions in order, and calls of one by another."""

    def __init__(self) -> None:
        self.entered: dict[CodeType, None] = {}
        self.calls: Counter[Call] = Counter()

    def add(self, code: CodeType, caller: CodeType | None) -> None:
        """A function was entered."""
        self.entered.setdefault(code)
        if caller is not None and _is_in(caller, ("",)):
            self.calls[caller, code] += 1


class Profiler:
    """Of every thread begun after it.

    Attributes:
        counting: whether it is.
        whole: all that was entered but for the panel.
        way: the same without the loop's own functions, what is written over the view, and what is done beside.
    """

    def __init__(self) -> None:
        self.counting = False
        self.whole, self.way = Record(), Record()
        self._of_thread = threading.local()

    def begin(self) -> None:
        """Count anew."""
        self.whole, self.way = Record(), Record()
        self.counting = True

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        """What ``sys.setprofile`` calls."""
        code = frame.f_code
        if event not in ("call", "return") or not _is_in(code, ("",)):
            return
        aside: dict[str, FrameType] = vars(self._of_thread)
        if event == "return":
            for name in [name for name, entered in aside.items() if entered is frame]:
                del aside[name]
            return
        if _is_in(code, PANEL):
            aside.setdefault("panel", frame)
        if code.co_name == WRITTEN_OVER_BY or _is_in(code, WRITTEN_OVER):
            aside.setdefault("off the way", frame)
        if code in _BESIDE_FUNCTIONS or _is_in(code, _BESIDE_FILES):
            aside.setdefault("off the way", frame)
        if not self.counting or "panel" in aside:
            return
        caller = frame.f_back.f_code if frame.f_back is not None else None
        self.whole.add(code, caller)
        if "off the way" not in aside and not _is_in(code, LOOP):
            self.way.add(code, None if caller is None or _is_in(caller, LOOP) else caller)


@dataclass(frozen=True)
class Figures:
    """Of a record.

    Attributes:
        functions: by file, in the order in which these are entered.
        distinct: calls from file to file, of one function by another.
        calls: the same, each as often as it came.
    """

    functions: dict[str, int]
    distinct: int
    calls: int

    @classmethod
    def of(cls, record: Record) -> Figures:
        """Those of a record that is complete."""
        between = {call: count for call, count in record.calls.items() if _file(call[0]) != _file(call[1])}
        return cls(dict(Counter(map(_file, record.entered))), len(between), sum(between.values()))


@dataclass(frozen=True)
class Move:
    """What one move of a slider entered.

    Attributes:
        way: without the loop, what is written over the view, and what is done beside.
        whole: with them.
        passes: of the loop.
    """

    way: Figures
    whole: Figures
    passes: int


def main() -> None:
    """Count and print."""
    options = tyro.cli(Options)
    leave_a_core_to_the_window()
    profiler = Profiler()
    with _profiled(profiler), tempfile.TemporaryDirectory() as folder:
        session_of = open_session(Layout(view_window=VIEW), torch.device("cpu"), Path(folder))
        with session_of as session, open_instrument(session) as instrument:
            counted = {scene: _moves(instrument, profiler, *slider) for scene, slider in SLIDERS.items()}
    print("| slider of a | functions | in files | distinct calls from file to file | all of them | passes |")
    print("|---|---|---|---|---|---|")
    for scene, moves in counted.items():
        passes = statistics.median_low(move.passes for move in moves)
        _print_row(scene, [move.way for move in moves], passes)
        _print_row(f"{scene}, with the loop and all beside it but the panel", [move.whole for move in moves], passes)
    for scene, moves in counted.items() if options.files else ():
        functions = _usual([move.way for move in moves]).functions
        print(f"\n{scene}: " + ", ".join(f"{file} {count}" for file, count in functions.items()))


def _print_row(title: str, figures: list[Figures], passes: int) -> None:
    usual, calls = _usual(figures), statistics.median_low(figure.calls for figure in figures)
    functions = sum(usual.functions.values())
    print(f"| {title} | {functions} | {len(usual.functions)} | {usual.distinct} | {calls} | {passes} |")


def _usual(figures: list[Figures]) -> Figures:
    """Those of the move in the middle, by how many functions it enters."""
    return sorted(figures, key=lambda figure: sum(figure.functions.values()))[len(figures) // 2]


@contextmanager
def _profiled(profiler: Profiler) -> Iterator[None]:
    """This thread, and every one begun inside."""
    threading.setprofile(profiler)
    sys.setprofile(profiler)
    try:
        yield
    finally:
        threading.setprofile(None)
        sys.setprofile(None)


def _moves(instrument: Instrument, profiler: Profiler, asset: str, setting: str) -> list[Move]:
    """Open an asset, and move a slider some times."""
    presented: list[Any] = []
    instrument.on_presented = presented.append
    instrument.open([str(asset_path(asset))])
    _go_on(instrument, lambda: any(is_final(shown, 0.0) for shown in presented))
    _settle(instrument)
    return [_moved(instrument, profiler, setting, value) for value in VALUES][WARM_UP:]


def _moved(instrument: Instrument, profiler: Profiler, setting: str, value: float) -> Move:
    moved_at = float("inf")

    def take_input() -> None:
        nonlocal moved_at
        instrument.on_input = lambda: None
        profiler.begin()
        moved_at = time.perf_counter()
        move(instrument, setting, value)

    def see(presented: Any) -> None:
        if is_final(presented, moved_at):
            profiler.counting = False

    instrument.on_presented, instrument.on_input = see, take_input
    profiler.counting = True  # until it is seen; begun anew when the slider moves
    instrument.touch()
    passes = _go_on(instrument, lambda: not profiler.counting)
    made = Move(Figures.of(profiler.way), Figures.of(profiler.whole), passes)
    _settle(instrument)
    return made


def _go_on(instrument: Instrument, there: Callable[[], bool]) -> int:
    """Passes of the loop until something holds; returns how many."""
    passes, given_up_at = 0, time.monotonic() + HANG_S
    while not there():
        if time.monotonic() > given_up_at:
            raise SystemExit("the window did not answer in time")
        instrument.window.wait(instrument.step())
        passes += 1
    return passes


def _settle(instrument: Instrument) -> None:
    """Let what follows a final picture (such as judging it) be done."""
    until = time.monotonic() + SETTLING_S
    _go_on(instrument, lambda: time.monotonic() > until)


def _file(code: CodeType) -> str:
    return code.co_filename.removeprefix(APP)


def _is_in(code: CodeType, places: tuple[str, ...]) -> bool:
    """Whether a function lies in one of some files and folders of app/."""
    return code.co_filename.startswith(tuple(APP + place for place in places))


if __name__ == "__main__":
    main()
