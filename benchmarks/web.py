"""A field as a web page: its size, and how long a browser takes to show it and to follow the slider.

    python -m benchmarks.web [--json] [--size 512] [--demo docs/demo.html] [--screenshots docs/images/share]

Needs chromium and chromedriver (on Debian: chromium, chromium-driver). WebGL draws on the processor, so that a
graphics card shows more frames. Times are the middle one of several frames, each drawn to its last pixel.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro

import fieldcore as fc
from benchmarks.machine import machine_description
from fieldcore.command import run_command
from fieldcore.web.pages import PageSettings, page_of

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # where the driver of the browser is

_SAMPLE = "sample:astronaut"
_FRAMES = {
    "slider_1e-4_ms": "variance=1e-4",
    "slider_1e-3_ms": "variance=1e-3",
    "slider_1e-2_ms": "variance=1e-2",
    "unsmoothed_ms": "variance=0",
    "streak_ms": "variance=1e-2&minor=1e-5&angle=30",
    "diagonal_ms": "variance=9.9e-3&minor=1e-4&angle=45",
    "truth_1e-2_ms": "variance=1e-2&wipe=0",
}
_TIMED = """
const page = fieldscope, times = [];
page.canvas.width = page.canvas.height = arguments[1];
page.state = page.entries.stateOf('#' + arguments[0]);
for (let turn = 0; turn < 6; turn++) {
    const start = performance.now();
    page.drawing.draw(page.state, [0, 0, 0]);
    page.drawing.gpu.read(page.drawing.values, 0, 0, 1, 1);
    times.push(performance.now() - start);
}
return times.slice(1).sort((a, b) => a - b)[2];
"""
_SCREENS = {
    "laptop.jpg": ((1280, 800, 1.0), "#variance=0.001&wipe=0.5"),
    "streak.jpg": ((1280, 800, 1.0), "#variance=0.01&minor=1e-5&angle=30"),
    "phone.jpg": ((390, 844, 2.0), "#variance=0.001"),
    "4k.jpg": ((3840, 2160, 1.0), "#variance=0.0001"),
}


@dataclass(frozen=True)
class Options:
    """Measure a page in a browser."""

    json: bool = False
    """Print one JSON object."""
    size: int = 512
    """Pixels a side of the canvas."""
    demo: Path | None = None
    """Write the page there as well."""
    screenshots: Path | None = None
    """Write pictures of it, of a phone's, a laptop's and a 4K screen's size, into this folder."""


def main() -> int:
    """Measure and print; returns the exit code."""
    options = tyro.cli(Options)
    return run_command(lambda: _run(options))


def _run(options: Options) -> None:
    with tempfile.TemporaryDirectory() as folder:
        page = options.demo or Path(folder) / "page.html"
        figures = {**_written(page), **_measured(page.resolve(), options)}
    if options.json:
        print(json.dumps({"machine": machine_description(), **figures}))
        return
    print(f"Machine: {machine_description()}")
    for name, value in figures.items():
        print(f"{name:20} {value:g}")


def _written(page: Path) -> dict[str, Any]:
    field = fc.train("pyramid", fc.Picture.open(_SAMPLE))
    start = time.perf_counter()
    text = page_of(field, PageSettings(truth=_SAMPLE)).document.html()
    page.write_text(text, encoding="utf-8", newline="\n")
    lossy = page_of(field, PageSettings(lossy=True)).document.html()
    seconds = time.perf_counter() - start
    return {"megabytes": len(text) / 1e6, "lossy_megabytes": len(lossy) / 1e6, "written_twice_s": seconds}


def _measured(page: Path, options: Options) -> dict[str, float]:
    from browser import browser  # type: ignore[import-not-found]

    with browser() as window:
        window.resize(options.size, options.size)
        window.open(page)
        first = window.run("return performance.now() - performance.getEntriesByType('navigation')[0].startTime")
        times = {name: window.run(_TIMED, fragment, options.size) for name, fragment in _FRAMES.items()}
        if options.screenshots is not None:
            _photographed(window, page, options.screenshots)
    return {"first_picture_ms": first, **times}


def _photographed(window: Any, page: Path, folder: Path) -> None:
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    for name, (size, fragment) in _SCREENS.items():
        window.resize(*size)
        window.open(page, fragment)
        raw = folder / "shot.png"
        window.screenshot(raw)
        with Image.open(raw) as shot:
            small = shot.convert("RGB")
        small.thumbnail((900, 900))
        small.save(folder / name, quality=85)
        raw.unlink()


if __name__ == "__main__":
    raise SystemExit(main())
