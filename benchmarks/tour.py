"""The film of a first session, docs/tour.mp4: the real window, driven by xdotool, on the screen that ``DISPLAY`` names.

    xvfb-run -a -s "-screen 0 1280x720x24" python -m benchmarks.tour [--out docs/tour.mp4]

A photograph is opened, smoothed, explained, compared and recorded. Every frame of the film is taken after the program
has had as many passes as it needs, so the film is the same on a slow machine. The mouse is drawn into the frames, as
the screen does not show it; what is done is said below.
"""

from __future__ import annotations

import math
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import tyro
from jaxtyping import UInt8
from PIL import ImageDraw, ImageGrab

from app.gl.canvas import font_of
from app.layout_file import Layout
from app.scenes.picture.state import pictures
from app.window.instrument import Instrument, leave_a_core_to_the_window, open_instrument, open_session
from fieldcore.videos.writing import Quality, film_file

SIZE = (1280, 720)
FOOT_PX = 44
FRAMES_A_SECOND = 12.0
PASSES_A_FRAME = 3
PHOTOGRAPH = "sample:coffee"

_ARROW = [(0, 0), (0, 17), (4, 13), (7, 20), (10, 19), (7, 12), (13, 12)]


@dataclass(frozen=True)
class Options:
    """Film a first session."""

    out: Path = Path("docs/tour.mp4")
    """File to write to."""
    quality: Quality = "small"
    """How much is given up for a small file."""


class Hand:
    """A person at mouse and keyboard, whose every move is filmed.

    Args:
        instrument: that is driven.
        take: takes a frame of the film.
    """

    def __init__(self, instrument: Instrument, take: Callable[[UInt8[np.ndarray, "h w 3"]], None]) -> None:
        self.instrument, self._take = instrument, take
        self._at, self._words = (400.0, 300.0), ""
        self.frames = 0

    def say(self, words: str) -> None:
        """Write that below from now on."""
        self._words = words

    def wait(self, seconds: float) -> None:
        """Let so much of the film pass."""
        for _ in range(round(seconds * FRAMES_A_SECOND)):
            self._frame()

    def until(self, there: Callable[[], object], most: float = 12.0) -> None:
        """Let it pass until something holds; what takes longer than ``most`` seconds is not filmed to its end."""
        for _ in range(round(most * FRAMES_A_SECOND)):
            if there():
                return
            self._frame()
        while not there():
            self._run(1)

    def go(self, to: tuple[float, float], seconds: float = 0.8) -> None:
        """Move the mouse, slowly at both ends."""
        begin, count = self._at, max(1, round(seconds * FRAMES_A_SECOND))
        for step in range(1, count + 1):
            share = 0.5 - 0.5 * math.cos(math.pi * step / count)
            self._at = (begin[0] + share * (to[0] - begin[0]), begin[1] + share * (to[1] - begin[1]))
            self._xdo("mousemove", *map(round, self._at))
            self._frame()

    def drag(self, to: tuple[float, float], seconds: float = 2.0) -> None:
        """The same with the button held."""
        self._xdo("mousedown", 1)
        self._frame()
        self.go(to, seconds)
        self._xdo("mouseup", 1)
        self._frame()

    def click(self) -> None:
        """Press the button and let it go."""
        self._xdo("click", 1)
        self._frame()

    def wheel(self, notches: int) -> None:
        """Turn the wheel, up where positive."""
        for _ in range(abs(notches)):
            self._xdo("click", 4 if notches > 0 else 5)
            self.wait(0.2)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self._xdo("key", key)
            self.wait(0.2)

    def write(self, text: str) -> None:
        """Type it."""
        for letter in text:
            self._xdo("type", "--", letter)
            self.wait(0.1)

    def widget(self, name: str, share: float = 0.5) -> tuple[float, float]:
        """Where a widget of the panel is, so far along its width."""
        left, top, width, height = self.instrument.panel.widget_boxes()[name]
        return left + share * width, top + height / 2

    @contextmanager
    def film_time(self) -> Iterator[None]:
        """Let the session's clock be the film's, so that a recording is as long as it is seen to be."""
        session, usual, first = self.instrument.session, self.instrument.session.clock, self.frames
        begin = usual()
        session.clock = lambda: begin + (self.frames - first) / FRAMES_A_SECOND
        yield
        session.clock = usual

    def _xdo(self, *words: str | int) -> None:
        subprocess.run(["xdotool", *map(str, words)], check=True)

    def _run(self, passes: int) -> None:
        for _ in range(passes):
            self.instrument.window.wait(self.instrument.step())

    def _frame(self) -> None:
        self._run(PASSES_A_FRAME)
        screen = ImageGrab.grab(bbox=(0, 0, *SIZE))
        draw = ImageDraw.Draw(screen)
        x, y = self._at
        draw.polygon([(x + dx, y + dy) for dx, dy in _ARROW], fill=(250, 250, 250), outline=(15, 15, 15))
        draw.rectangle((0, SIZE[1] - FOOT_PX, *SIZE), fill=(12, 12, 14))
        draw.text((20, SIZE[1] - FOOT_PX / 2), self._words, fill=(255, 194, 97), font=font_of(19), anchor="lm")
        self._take(np.asarray(screen.convert("RGB")))
        self.frames += 1


def tour(hand: Hand) -> None:
    """A first session."""
    session = hand.instrument.session
    view = (330.0, 330.0)
    session.greet(True)
    hand.say("Fieldscope: neural fields that can be filtered")
    hand.until(lambda: pictures(session).documents and pictures(session).frame_facts)
    hand.wait(4.0)
    hand.press("Escape")

    hand.say("Ctrl+O opens a photograph; a field of it is solved for in a moment")
    hand.go(view)
    hand.press("ctrl+o")
    hand.wait(1.0)
    hand.press("ctrl+a")
    hand.write(PHOTOGRAPH)
    hand.wait(0.6)
    hand.press("Return")
    hand.until(lambda: "coffee" in getattr(pictures(session).document, "name", ""))
    hand.wait(4.0)
    hand.instrument.panel.unfold("Filter")

    hand.say("The scale knob: every pixel is the mean over a Gaussian, by one evaluation of the field")
    hand.go(hand.widget("log10-variance", 0.1))
    hand.drag(hand.widget("log10-variance", 0.75), 5.0)
    hand.drag(hand.widget("log10-variance", 0.55), 3.0)
    hand.wait(1.5)
    hand.say("? explains what the mouse is on, and the drawing moves with the slider")
    hand.press("question")
    hand.wait(2.5)
    hand.drag(hand.widget("log10-variance", 0.8), 4.0)
    hand.drag(hand.widget("log10-variance", 0.6), 2.5)
    hand.say("A Gaussian may be long in one direction: streaks")
    hand.go(hand.widget("anisotropy", 0.02))
    hand.wait(1.0)
    hand.drag(hand.widget("anisotropy", 0.6), 3.5)
    hand.go(hand.widget("angle", 0.5))
    hand.drag(hand.widget("angle", 0.8), 3.0)
    hand.press("question")
    hand.wait(1.5)

    compared(hand, view)
    recorded(hand)
    hand.say("H shows all keys, and / searches them and the settings")
    hand.press("h")
    hand.wait(3.0)
    hand.press("slash")
    hand.write("smooth")
    hand.wait(3.0)
    hand.press("Escape", "Escape")
    hand.say("python -m app: turn a knob")
    hand.wait(2.5)


def compared(hand: Hand, view: tuple[float, float]) -> None:
    """With the truth, by a wipe and as an error map, closer and closer."""
    session = hand.instrument.session
    hand.drag(hand.widget("angle", 0.5), 0.5)
    hand.go(hand.widget("anisotropy", 0.6), 0.4)
    hand.drag(hand.widget("anisotropy", 0.0), 0.8)
    hand.go(hand.widget("log10-variance", 0.6), 0.4)
    hand.drag(hand.widget("log10-variance", 0.3), 1.0)
    hand.say("Alt+3: another field that is open, of a network that was trained; X wipes it against the exact truth")
    hand.go(view)
    hand.press("alt+3")
    hand.wait(1.5)
    hand.press("x")
    hand.until(lambda: pictures(session).rested_s > 0, 4.0)
    middle = session.framebuffer_px[0] / 2
    hand.go((middle, 300))
    hand.drag((middle - 240, 300), 2.5)
    hand.drag((middle + 200, 300), 3.5)
    hand.say("The wheel looks closer, a drag looks elsewhere")
    hand.go((330, 380))
    hand.wheel(6)
    hand.drag((460, 300), 1.5)
    hand.wait(1.5)
    hand.press("0", "x")
    hand.say("E shows how far the field is from the truth")
    hand.press("e")
    hand.until(lambda: pictures(session).rested_s > 0, 4.0)
    hand.wait(3.0)
    hand.press("e")
    hand.say("2 lays another one beside it: two kinds, one view, one filter")
    hand.press("2")
    hand.until(lambda: pictures(session).rested_s > 0, 4.0)
    hand.wait(3.0)
    hand.press("2")
    hand.press("alt+4")


def recorded(hand: Hand) -> None:
    """What is done is recorded, and renders again to the same pixels."""
    session = hand.instrument.session
    hand.say("R records: frames, a film, and a path that renders again to the same pixels")
    hand.instrument.panel.unfold("Filter", "Record")
    hand.wait(0.5)
    hand.go(hand.widget("log10-variance", 0.6))
    with hand.film_time():
        hand.press("r")
        hand.drag(hand.widget("log10-variance", 0.25), 3.0)
        hand.press("r")
    hand.until(lambda: session.recording.running is None, 5.0)
    hand.wait(3.5)


def main() -> None:
    """Make the film."""
    options = tyro.cli(Options)
    out, here = options.out.absolute(), Path.cwd()
    leave_a_core_to_the_window()
    high = SIZE[1] - FOOT_PX
    layout = Layout(view_window=(0, 0, 812, high), panel_window=(820, 0, 460, high))
    with (
        tempfile.TemporaryDirectory() as folder,
        open_session(layout, torch.device("cpu"), Path("fields")) as session,
        open_instrument(session) as instrument,
        film_file(out, SIZE, FRAMES_A_SECOND, options.quality) as take,
    ):
        settings = session.recording.settings
        session.recording.settings = replace(settings, folder="recordings", frames_per_second=10.0, size="960x540")
        os.chdir(folder)  # so that messages name short paths
        instrument.open([])
        hand = Hand(instrument, take)
        tour(hand)
        os.chdir(here)
        seconds = hand.frames / FRAMES_A_SECOND
    print(f"{out}: {seconds:.0f} s, {out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
