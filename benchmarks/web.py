"""Fields as web pages: their sizes, and how long a browser takes to show them and to follow the slider.

    python -m benchmarks.web [--json] [--size 512] [--pages picture light_stage model shape integral large]
                            [--demo docs/demo.html] [--screenshots docs/images/share]

Needs chromium and chromedriver (on Debian: chromium, chromium-driver). WebGL draws on the processor, so that a
graphics card shows more frames. Times are the middle one of several frames, each drawn to its last pixel.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tyro

import fieldcore as fc
from benchmarks.machine import machine_description
from benchmarks.web_drafts import draft_decibels
from benchmarks.web_kernels import kernel_decibels
from fieldcore.checkpoint import load_field
from fieldcore.command import run_command
from fieldcore.fields.field import Field
from fieldcore.models import load_model
from fieldcore.web.pages import PageSettings, kind_for, page_of

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # where the driver of the browser is

_SAMPLE = "sample:astronaut"
_STAGE = "assets/ammonite_stage"
_FISH = "assets/fish.glb"

_LARGE_SIDE = 2048

Screen = tuple[tuple[int, int, float], str]
"""Width and height in CSS pixels of so many dots, and what the address says."""


@dataclass(frozen=True)
class Subject:
    """A page that is measured.

    Attributes:
        field: what it is of.
        settings: how it is written.
        frames: by name what the address says while they are timed.
        drafts: the same, of frames while something changes, where these are drawn otherwise.
        decibels: how near to the field the open page is, or its drafts to whole frames.
        screens: by the names of their pictures.
    """

    field: Callable[[], Field]
    settings: PageSettings
    frames: dict[str, str]
    screens: dict[str, Screen]
    drafts: dict[str, str] | None = None
    decibels: Callable[[Any, Any], dict[str, float]] | None = None


_STREAK = "variance=1e-2&minor=1e-5&angle=30"
_LAPTOP, _PHONE, _4K = (1280, 800, 1.0), (390, 844, 2.0), (3840, 2160, 1.0)
SUBJECTS = {
    "picture": Subject(
        lambda: fc.train("pyramid", fc.Picture.open(_SAMPLE)),
        PageSettings(truth=_SAMPLE),
        {
            "whole_3e-4_ms": "variance=3e-4",
            "whole_1e-3_ms": "variance=1e-3",
            "unsmoothed_ms": "variance=0",
            "whole_streak_ms": _STREAK,
            "truth_1e-2_ms": "variance=1e-2&wipe=0",
        },
        {
            "laptop.jpg": (_LAPTOP, "#variance=0.001&wipe=0.5"),
            "streak.jpg": (_LAPTOP, "#variance=0.01&minor=1e-5&angle=30"),
            "phone.jpg": (_PHONE, "#variance=0.001"),
            "4k.jpg": (_4K, "#variance=0.0001"),
        },
        {
            **{
                f"slider_{variance}_ms": f"variance={variance}"
                for variance in ("1e-6", "1e-5", "3e-5", "1e-4", "3e-4", "1e-3", "1e-2", "1e-1")
            },
            "streak_ms": _STREAK,
            "diagonal_ms": "variance=9.9e-3&minor=1e-4&angle=45",
        },
        decibels=draft_decibels,
    ),
    "light_stage": Subject(
        lambda: fc.train("relight", fc.LightStage.open(_STAGE)),
        PageSettings(),
        {
            "point_light_ms": "u={turn}&v=-0.3&variance=0",
            "light_1e-3_ms": "u={turn}&v=-0.3&variance=1e-3",
            "light_1e-1_ms": "u={turn}&v=-0.3&variance=1e-1",
            "zoom_ms": "u=0.2&v=-0.3&variance=1e-3&zoom=1.5&x={turn}",
        },
        {
            "stage.jpg": (_LAPTOP, "#u=-0.35&v=-0.35&variance=0.01&minor=0.001&angle=40"),
            "stage-phone.jpg": (_PHONE, "#u=0.8&v=0.4&variance=0.001&wipe=0.5"),
        },
    ),
    "model": Subject(
        lambda: fc.train("pyramid", fc.Texture.of(load_model(_FISH)), preset="texture"),
        PageSettings(model=_FISH, size=1024),
        {
            "field_ms": "mode=field&yaw={turn}",
            "mipmap_ms": "mode=mipmap&yaw={turn}",
            "field_4_pixels_ms": "mode=field&footprint=4&yaw={turn}",
        },
        {
            "fish.jpg": (_LAPTOP, "#mode=field&layout=wipe&distance=1.7"),
            "fish_phone.jpg": (_PHONE, "#mode=field&layout=beside"),
            "fish_4k.jpg": (_4K, "#mode=field"),
        },
    ),
    "shape": Subject(
        lambda: load_field("assets/shape.safetensors"),
        PageSettings(),
        {
            "turned_ms": "variance=1e-3&yaw={turn}",
            "cut_ms": "variance=1e-3&slice=x&yaw={turn}",
            "level_ms": "variance=1e-2&level={turn}",
        },
        {
            "shape.jpg": (_LAPTOP, "#variance=0.0001"),
            "shape_cut.jpg": (_LAPTOP, "#variance=0.003&slice=z&cut=0.05"),
            "shape_phone.jpg": (_PHONE, "#variance=0.01"),
        },
    ),
    "integral": Subject(
        lambda: fc.train("integral", fc.Picture.open(_SAMPLE)),
        PageSettings(),
        {
            "tent_0.01_ms": "kernel=tent&half=0.01",
            "tent_0.1_ms": "kernel=tent&half=0.1",
            "quadratic_0.5_ms": "kernel=quadratic&half=0.5",
            "fovea_ms": "kernel=quadratic&half=0&fovea=1&falloff=0.1&gaze_x={turn}",
        },
        {
            "fovea.jpg": (_LAPTOP, "#kernel=quadratic&half=0&fovea=1&gaze_x=0.1&gaze_y=-0.4&falloff=0.15"),
            "kernel-phone.jpg": (_PHONE, "#kernel=box&half=0.1&half_y=0&wipe=0.5"),
            "edge.jpg": (_LAPTOP, "#kernel=edge:30&half=0.02&gain=4&wipe=0.6"),
            "drawn-phone.jpg": (_PHONE, "#kernel=drawn:-0.3,0.1,0.8,1,0.8,0.1,-0.3&half=0.1"),
        },
        decibels=kernel_decibels,
    ),
    "large": Subject(
        lambda: fc.train("pyramid", _large_picture()),
        PageSettings(),
        {"unsmoothed_ms": "variance=0"},
        {},
        {f"slider_{variance}_ms": f"variance={variance}" for variance in ("1e-5", "1e-4", "1e-3", "1e-2")},
    ),
}
"""By name; ``{turn}`` in an address is another number in every frame."""

_TIMED = """
const page = fieldscope, { gl } = page.drawing.gpu, times = [];
page.canvas.width = page.canvas.height = arguments[1];
page.moving = arguments[2];
for (const fragment of arguments[0]) {
    page.state = page.entries.stateOf('#' + fragment);
    const start = performance.now();
    page.paint();
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    times.push(performance.now() - start);
}
return times;
"""

_TURNS = [turn / 10 for turn in range(6)]
_SWEEP = [f"variance={10**log:.3g}" for log in np.linspace(-7, 0, 57)]
"""All of the scale slider, as it is drawn along."""


@dataclass(frozen=True)
class Options:
    """Measure a page in a browser."""

    json: bool = False
    """Print one JSON object."""
    size: int = 512
    """Pixels a side of the canvas."""
    pages: tuple[str, ...] = tuple(SUBJECTS)
    """Which pages."""
    demo: Path | None = None
    """Write the picture's page there as well."""
    screenshots: Path | None = None
    """Write pictures of it, of a phone's, a laptop's and a 4K screen's size, into this folder."""


def main() -> int:
    """Measure and print; returns the exit code."""
    options = tyro.cli(Options)
    return run_command(lambda: _run(options))


def _run(options: Options) -> None:
    with tempfile.TemporaryDirectory() as folder:
        figures = {}
        for name in options.pages:
            page = options.demo if options.demo and name == "picture" else Path(folder) / f"{name}.html"
            subject = SUBJECTS[name]
            field, written = _written(subject, page)
            figures[name] = {**written, **_measured(subject, field, page.resolve(), options)}
    if options.json:
        print(json.dumps({"machine": machine_description(), **figures}))
        return
    print(f"Machine: {machine_description()}")
    for name, of_page in figures.items():
        for figure, value in of_page.items():
            print(f"{name:12} {figure:20} {value:g}")


def _large_picture() -> fc.Picture:
    """The photograph continued by mirroring, with noise, so that no part repeats another one."""
    photograph = np.rint(255 * np.asarray(fc.Picture.open(_SAMPLE).pixels)).astype(int)
    more = [((_LARGE_SIDE - length) // 2,) * 2 for length in photograph.shape[:2]]
    pixels = np.pad(photograph, (*more, (0, 0)), "symmetric")
    noise = np.random.default_rng(0).integers(-1, 2, pixels.shape)
    return fc.Picture((pixels + noise).clip(0, 255).astype(np.uint8), name="large")


def _written(subject: Subject, page: Path) -> tuple[Field, dict[str, Any]]:
    """The field, and figures of its page, which is written."""
    field = subject.field()
    start = time.perf_counter()
    text = page_of(field, subject.settings).document.html()
    seconds = time.perf_counter() - start
    page.write_text(text, encoding="utf-8", newline="\n")
    figures = {"megabytes": len(text) / 1e6, "written_s": seconds}
    if "lossy" in kind_for(field, subject.settings).options:
        lossy = page_of(field, replace(subject.settings, truth=None, lossy=True)).document.html()
        figures["lossy_megabytes"] = len(lossy) / 1e6
    return field, figures


def _measured(subject: Subject, field: Field, page: Path, options: Options) -> dict[str, float]:
    from browser import browser  # type: ignore[import-not-found]

    with browser() as window:
        window.resize(options.size, options.size)
        window.open(page)
        first = window.run("return performance.now() - performance.getEntriesByType('navigation')[0].startTime")
        times = {
            name: float(
                np.median(_times(window, [fragment.format(turn=turn) for turn in _TURNS], is_draft, options)[1:])
            )
            for is_draft, frames in enumerate((subject.frames, subject.drafts or {}))
            for name, fragment in frames.items()
        }
        if subject.drafts:
            times["slider_p95_ms"] = float(np.percentile(_times(window, _SWEEP, True, options), 95))
        decibels = subject.decibels(window, field) if subject.decibels else {}
        if options.screenshots is not None:
            _photographed(window, page, subject.screens, options.screenshots)
    return {"first_picture_ms": first, **times, **decibels}


def _times(window: Any, fragments: list[str], is_draft: bool | int, options: Options) -> list[float]:
    """Milliseconds of a frame for each of what addresses say."""
    times: list[float] = window.run(_TIMED, fragments, options.size, bool(is_draft))
    return times


def _photographed(window: Any, page: Path, screens: dict[str, Screen], folder: Path) -> None:
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    for name, (size, fragment) in screens.items():
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
