"""Rendering a flight without a window: as its keyframes show it, or in passes, one way of shading each."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float, UInt16

from ...frame_size import Size
from ...gl.offscreen import Offscreen
from ...path.keyframes import KeyframePath
from ...record.reels import Exposure
from .agreement import Albedo, Seen, flicker, flip, psnr
from .compositor import FlythroughScene, Pane
from .controls import COLOURLESS, JUDGE, FlightControls, Shading
from .frame import draw_frame
from .geometry_pass import GeometryArrays, read_geometry
from .report import FlightReport, PassFigures
from .shading import Shot, read_albedo
from .shading_set import Shadings

_TINY_PX = (48, 32)


@dataclass(frozen=True)
class Studio:
    """What frames are made with."""

    shadings: Shadings
    scene: FlythroughScene
    surface: Offscreen


def as_shown(
    path: KeyframePath[FlightControls], moments: Sequence[float], studio: Studio
) -> Iterator[Sequence[Exposure]]:
    """The frames that a window shows at some moments of the path.

    Raises:
        InputError: what is shown needs a field and there is none, or one of another kind.
    """
    for moment in moments:
        controls = path.at(moment)
        started = time.perf_counter()
        draw_frame(studio.scene, studio.surface.framebuffer, controls, studio.shadings)
        pixels = studio.surface.pixels()
        drawn_ms = 1e3 * (time.perf_counter() - started)
        yield [Exposure(pixels, {**_moment(moment), **description_of(controls), "drawn_ms": round(drawn_ms, 3)})]


def in_passes(
    path: KeyframePath[FlightControls],
    moments: Sequence[float],
    passes: Sequence[Shading],
    studio: Studio,
    report: FlightReport | None = None,
) -> Iterator[Sequence[Exposure]]:
    """Frames along the path, one of each pass at a time; the report, if any, is told how they agree.

    Raises:
        InputError: a pass needs a field and there is none, or one of another kind.
    """
    before: dict[Shading, Seen] = {}
    size = studio.surface.framebuffer.size
    _warm_up(path.at(path.start), passes, studio)
    for moment in moments:
        frame = _Frame(path.at(moment), size, studio)
        for name in passes:
            frame.shade(name)
        if report is not None:
            frame.shade(JUDGE)
            before = frame.report(moment, passes, before, report)
        yield [frame.exposure(name, moment) for name in passes]


def _warm_up(controls: FlightControls, passes: Sequence[Shading], studio: Studio) -> None:
    """Shade a tiny frame, so that what drivers do once, such as compiling, is not in the times of the first one."""
    tiny = _Frame(replace(controls, samples=1), _TINY_PX, studio)
    for name in passes:
        tiny.shade(name)


class _Frame:
    """One frame, shaded in some ways from the same geometry."""

    def __init__(self, controls: FlightControls, size: Size, studio: Studio) -> None:
        self._controls, self._studio = controls, studio
        self._shot = Shot(studio.shadings.geometry_pass, controls.camera, size)
        started = time.perf_counter()
        self._geometry = self._shot.geometry
        studio.surface.context.finish()
        self._geometry_ms = 1e3 * (time.perf_counter() - started)
        self._arrays: GeometryArrays | None = None
        self._milliseconds: dict[Shading, float] = {}

    def shade(self, name: Shading) -> None:
        """Shade it in this way too."""
        if name in self._milliseconds:
            return
        shading = self._studio.shadings[name]
        started = time.perf_counter()
        for _ in shading.shade(self._shot, self._controls):
            pass
        self._studio.surface.context.finish()
        self._milliseconds[name] = 1e3 * (time.perf_counter() - started)

    def report(
        self, moment: float, passes: Sequence[Shading], before: dict[Shading, Seen], report: FlightReport
    ) -> dict[Shading, Seen]:
        """Tell how the passes agree with the judge, and with the frame before; returns them for the frame after."""
        judge = self._albedo(JUDGE)
        seen = {name: Seen(self._albedo(name), self._on_host(), self._controls.camera) for name in passes}
        figures = {name: self._figures(name, seen[name], judge, before.get(name)) for name in passes}
        report.describe(moment, self._geometry_ms, figures)
        return seen

    def exposure(self, name: Shading, moment: float) -> Exposure:
        """The picture of one way of shading."""
        surface, shading = self._studio.surface, self._studio.shadings[name]
        controls = replace(self._controls, shading=name, comparison="one")
        pane = Pane(shading.albedo, self._geometry, shading.label)
        self._studio.scene.draw(surface.framebuffer, controls, {name: pane})
        description = {
            **_moment(moment),
            **description_of(controls),
            "geometry_ms": round(self._geometry_ms, 3),
            "shaded_ms": round(self._milliseconds[name], 3),
        }
        stored = uv_picture(self._on_host()) if name in COLOURLESS else None
        return Exposure(surface.pixels(), description, stored)

    def _figures(self, name: Shading, seen: Seen, judge: Albedo, before: Seen | None) -> PassFigures:
        milliseconds = self._milliseconds[name]
        if name in COLOURLESS:
            return PassFigures(milliseconds)
        flickering = None if before is None else flicker(seen, before)
        if name == JUDGE:
            return PassFigures(milliseconds, flicker=flickering)
        return PassFigures(milliseconds, psnr(seen.albedo, judge), flip(seen.albedo, judge), flickering)

    def _on_host(self) -> GeometryArrays:
        if self._arrays is None:
            self._arrays = read_geometry(self._geometry)
        return self._arrays

    def _albedo(self, name: Shading) -> Albedo:
        return read_albedo(self._studio.shadings[name].albedo)


def uv_picture(geometry: GeometryArrays) -> UInt16[np.ndarray, "h w 4"]:
    """What a UV sequence stores: u, v (up), 0 and coverage, each in [0, 1] times 65535, rounded; top row first."""
    u, v = geometry.uv[..., 0], geometry.uv[..., 1]
    channels: Float[np.ndarray, "h w 4"] = np.stack([u, v, np.zeros_like(u), geometry.coverage], -1)
    channels[~geometry.covered] = 0
    return (channels.clip(0, 1).astype(np.float64) * 65535 + 0.5).astype(np.uint16)


def description_of(controls: FlightControls) -> dict[str, Any]:
    """What a frame shows, for the report."""
    shown = {name: getattr(controls, name) for name in ("shading", "comparison", "variance")}
    if controls.comparison in ("wipe", "two_up"):
        shown["other"] = controls.other
    if controls.comparison == "wipe":
        shown["divider"] = controls.divider
    return {**asdict(controls.camera), **shown}


def _moment(moment: float) -> dict[str, Any]:
    return {"time": round(moment, 9)}
