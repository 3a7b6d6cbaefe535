"""How the scene of networks answers, in a real window: the desk's sliders, the kernel, a race.

    xvfb-run -a -s "-screen 0 1600x1000x24" python -m benchmarks.networks_window [--picture PHOTO]

A slider event is a change of the controls exactly as the panel makes it; a picture counts as there when it has been
presented. Everything is 3 x 64 on 128 pixels. Beside the clock stands the processor time of the thread that evaluates
and trains: where other programs run, about what it would take with a core for itself.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
import tyro

from app.layout_file import Layout
from app.scenes.networks.state import networks
from app.setting import put
from app.settings import BY_NAME
from app.window.instrument import Instrument, leave_a_core_to_the_window, open_instrument, open_session
from benchmarks.machine import machine_description
from benchmarks.window.percentiles import Percentiles
from fieldcore.progress_lines import hide_progress_lines

HANG_S, WARM_UP = 120.0, 2
SLIDER = "omega-first"


@dataclass(frozen=True)
class Options:
    """Measure how networks answer in the window."""

    picture: str = "sample:astronaut"
    """What they learn."""
    turns: int = 10
    """How often the slider is turned."""


class Stopwatch:
    """Seconds since it was made, by the clock and of the worker's own processor time."""

    def __init__(self) -> None:
        worker = next(thread for thread in threading.enumerate() if thread.name == "engine")
        self._own = time.pthread_getcpuclockid(worker.ident or 0)
        self._began = self._both()

    def _both(self) -> tuple[float, float]:
        return time.perf_counter(), time.clock_gettime(self._own)

    @property
    def now(self) -> tuple[float, float]:
        """Both."""
        clock, own = self._both()
        return clock - self._began[0], own - self._began[1]


@dataclass
class Turn:
    """What followed a turn of the slider.

    Attributes:
        moments: when what was there; see ``Stopwatch``.
        lacking_db: how much the small network's PSNR two seconds later is below its end.
    """

    moments: dict[str, tuple[float, float]] = field(default_factory=dict)
    lacking_db: float = 0.0


class Bench:
    """Drives the scene with a stopwatch in hand."""

    def __init__(self, instrument: Instrument, options: Options) -> None:
        self._instrument, self._session, self._options = instrument, instrument.session, options
        self._state = networks(instrument.session)
        self._passes: list[float] = []
        self._presented: list[tuple[float, object]] = []
        instrument.on_presented = lambda shown: self._presented.append((time.perf_counter(), shown.request.document))

    def run(self) -> None:
        """Measure and print."""
        self._session.show_scene("networks")
        self._instrument.panel.unfold("Spectral bias", "Kernel", "Race")
        self._put("width", 64)
        self._put("picture-size", 128)
        self._session.open([self._options.picture])
        self._until(self._small_has_ended)
        turns = [self._turn(10.0 + 7 * index) for index in range(WARM_UP + self._options.turns)][WARM_UP:]
        for name in ("first new picture", "kernel", "end of the small network"):
            clock, own = zip(*(turn.moments[name] for turn in turns), strict=True)
            print(f"{name}, ms after the slider: {Percentiles.of(list(clock))}")
            print(f"  of the worker's own time: {Percentiles.of(list(own))}")
        print(f"PSNR 2 s after the slider, dB below its end: {max(turn.lacking_db for turn in turns):.2f} at most")
        self._race()

    def _turn(self, omega: float) -> Turn:
        """Turn the slider and wait for all that follows."""
        before, watch, turn = self._state.race, Stopwatch(), Turn()
        self._presented = []
        self._put(SLIDER, omega)
        self._until(lambda: self._state.race is not before and self._is_presented)
        turn.moments["first new picture"] = watch.now
        self._until(lambda: self._kernel_is_of_now)
        turn.moments["kernel"] = watch.now
        one, early = self._state.contestants[0], 0.0

        def ended() -> bool:
            nonlocal early
            early = one.psnr or 0.0 if watch.now[0] < 2.0 else early
            return one.ended

        self._until(ended)
        turn.moments["end of the small network"] = watch.now
        self._until(lambda: watch.now[0] >= 2.0)
        turn.lacking_db = (
            max(0.0, (one.psnr or 0.0) - early) if turn.moments["end of the small network"][0] > 2 else 0.0
        )
        self._until(self._small_has_ended)
        return turn

    @property
    def _is_presented(self) -> bool:
        return any(of is self._state.document for _, of in self._presented)

    @property
    def _kernel_is_of_now(self) -> bool:
        known = self._state.instruments.network_of("kernel")
        return known is not None and known is self._state.network

    def _race(self) -> None:
        self._put("show", "race")
        self._put("race-seconds", 5.0)
        self._until(lambda: len(self._state.contestants) == 4 and self._state.contestants[0].psnr is not None)
        self._passes, began, steps = [], time.perf_counter(), self._steps()
        self._until(lambda: self._state.race is not None and self._state.race.ended)
        rounds = (self._steps() - steps) / len(self._state.contestants) / (time.perf_counter() - began)
        seconds = [one.seconds for one in self._state.contestants]
        print(f"race of 4: {rounds:.1f} rounds a second, time of each {min(seconds):.2f} to {max(seconds):.2f} s")
        print(f"a pass of the loop meanwhile, ms: {Percentiles.of(self._passes)}")

    def _steps(self) -> int:
        return sum(one.training.step for one in self._state.contestants)

    def _small_has_ended(self) -> bool:
        return self._state.race is not None and self._state.race.ended

    def _put(self, name: str, value: object) -> None:
        put(BY_NAME[name], self._session, value)

    def _until(self, there: Callable[[], bool]) -> None:
        given_up_at = time.perf_counter() + HANG_S
        while not there():
            if time.perf_counter() > given_up_at:
                raise SystemExit(f"nothing came in {HANG_S:g} s")
            started = time.perf_counter()
            pause = self._instrument.step()
            self._passes.append(time.perf_counter() - started)
            self._instrument.window.wait(pause)


def main(options: Options) -> None:
    """Measure and print."""
    leave_a_core_to_the_window()
    hide_progress_lines()
    print(machine_description())
    with (
        tempfile.TemporaryDirectory() as folder,
        open_session(Layout(view_window=(20, 20, 512, 512)), torch.device("cpu"), Path(folder)) as session,
        open_instrument(session) as instrument,
    ):
        Bench(instrument, options).run()


if __name__ == "__main__":
    main(tyro.cli(Options))
