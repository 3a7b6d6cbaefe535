"""Brings a textured mesh into the window, records it, and finds out what its ways of shading are worth."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import moderngl
import numpy as np
from jaxtyping import Float

from fieldcore.models import TexturedModel

from ...camera.beside import OtherFrame
from ...camera.camera import point_seen
from ...camera.presenter import CameraPresenter
from ...camera.sight import SeenPoint
from ...gl.owner import texel
from ...histogram import Histograms, histograms, stride_over
from ...panes import Pane
from ...services import Services
from ...viewport.viewport import Frame, Wanted
from ...work.slices import Work
from .agreement import COVERED
from .controls import BY_FIELD, COLOURLESS, JUDGE, SHADINGS, Shading, TexturedMeshControls
from .geometry_pass import Geometry
from .inspector import rows_at
from .measuring import Sights, figures_of, sights
from .renderer import Shaded, TexturedMeshRenderer, description_of
from .shading import colour_at, read_albedo
from .state import Figures, TexturedMeshState

MOVING_S = 0.030
"""What a frame may take while something moves."""

MEASURE_AFTER_S = 0.4
"""How long the view must have been at rest before it is measured."""

DRESS = ("lit", "grid", "caption", "divider", "error", "error_range", "flip_range")
"""What can be changed without shading anything again."""

_MEASURING = "measuring"


class TexturedMeshPresenter(CameraPresenter[TexturedMeshState, TexturedMeshRenderer]):
    """Draws what the state says.

    Args:
        context: the window's; current whenever anything is called.
        services: what the session shares.
        state: what is shown.
    """

    def __init__(self, context: moderngl.Context, services: Services, state: TexturedMeshState) -> None:
        super().__init__(context, services, state, partial(TexturedMeshRenderer, context), MOVING_S, DRESS)
        self._context = context
        self._noted: Frame | None = None
        self._rested_at: float | None = None
        self._measured: tuple[Any, ...] | None = None
        self._judged_look: tuple[Any, ...] | None = None

    def _wanted(self, pixel_ratio: float) -> Wanted | None:
        state, training = self._state, self._services.training
        controls, model, document = state.controls, state.model, state.document
        if model is None:
            return None
        subject, version, in_training = state.subject(controls), None, False
        if document is not None and set(controls.needed).intersection(BY_FIELD):
            in_training = document is training.document and training.state == "running"
            copied = subject.field is not document.field
            version = (id(subject.field), None if copied else document.version, in_training)
        of, size = (model, version), self._services.framebuffer_px
        return Wanted(subject, controls, size, of, pixel_ratio, state.under_way, in_training)

    # What is under the cursor

    def _is_there(self, frame: Frame) -> bool:
        """See the base: another field or model takes the place of what shaded it."""
        return self._in_view.holds(frame.pictures)

    def _seen_at(self, frame: Frame, pane: Pane, share: tuple[float, float]) -> SeenPoint | None:
        """See the base."""
        state, shaded = self._state, frame.pictures.shaded
        if state.model is None or not shaded:
            return None
        geometry = next(iter(shaded.values())).shot.geometry
        colours = {way: colour_at(self._context, one.shading.albedo, share) for way, one in shaded.items()}
        return _seen(state.model.model, geometry, colours, pane, share, state.controls)

    def _seen_beside(self, other: OtherFrame, pane: Pane, share: tuple[float, float]) -> SeenPoint | None:
        """See the base."""
        drawn: Any = other.renderer
        if not drawn.has_drawn(other.subject):
            return None
        albedo = drawn.shadings_of(other.subject)[other.controls.left].albedo
        colours = {other.controls.left: colour_at(self._context, albedo, share)}
        beside = replace(pane, output=other.controls.left)
        return _seen(other.subject.model, drawn.taken.shot.geometry, colours, beside, share, other.controls)

    def _histograms(self, frame: Frame) -> Histograms | None:
        """See the base: the colours of the texture, as the agreement with the judge is measured."""
        shaded, controls = frame.pictures.shaded, frame.controls
        albedos = [shaded[way].shading.albedo for way in (controls.subject, controls.reference) if way in shaded]
        if controls.subject not in shaded or controls.subject in COLOURLESS:
            return None
        pictures = [read_albedo(albedo) for albedo in albedos]
        step = stride_over(pictures[0].shape[0] * pictures[0].shape[1])
        pictures = [picture[::step, ::step] for picture in pictures]
        covered = np.logical_and.reduce([picture[..., 3] > COVERED for picture in pictures])
        values = [picture[covered][:, :3].clip(0, 1) for picture in pictures]
        if len(values) < 2 or controls.subject == controls.reference:
            return histograms(values[0])
        return histograms(values[0], (values[0] - values[1]).mean(1))

    # What becomes of frames

    def _follow(self, wanted: Wanted) -> None:
        """Note what whole frames took, and see what they are worth once all is at rest."""
        frame, services = self._viewport.finished, self._services
        if frame is not None:
            self._state.frame_facts = _facts(frame)
        if frame is not None and frame is not self._noted and frame.whole:
            self._noted, self._told = frame, {}
            for way, shaded in frame.pictures.shaded.items():
                self._note(way, shaded, frame)
        if frame is None or not self._viewport.at_rest:
            self._rested_at = None
            self._recorder.drop(_MEASURING)
            return
        self._tell_of(wanted)
        self._rested_at = self._rested_at or services.now
        is_quiet = (
            services.training.state != "running" and not services.recording.noting and not services.background.pending
        )
        if is_quiet and services.now - self._rested_at >= MEASURE_AFTER_S and _MEASURING not in self._recorder.works:
            self._measure(wanted, frame.look)

    def _note(self, way: Shading, shaded: Shaded, frame: Frame) -> None:
        figures = self._state.figures
        known = figures.get(way) if frame.look == self._judged_look else None
        size = shaded.shot.size
        new = Figures(shaded.milliseconds, size)
        figures[way] = new if known is None else replace(known, milliseconds=shaded.milliseconds, size=size)

    def _measure(self, wanted: Wanted, look: tuple[Any, ...]) -> None:
        """Judge the ways of shading that are shown, or all of them if that was asked for."""
        state, controls = self._state, wanted.controls.own
        candidates = SHADINGS if state.measure_asked else controls.needed
        ways = tuple(way for way in candidates if way not in COLOURLESS and not state.output_refusal(way))
        to_measure = (look, frozenset(ways))
        if not ways or to_measure == self._measured:
            state.measure_asked = False
            return
        self._measured = to_measure
        size = wanted.controls.pane_size(wanted.size)
        seeing = sights(self._behind, wanted.subject, controls, ways, size, state.camera_before)
        self._recorder.begin(_MEASURING, self._judged(seeing, look, state.measure_asked))

    def _judged(self, seeing: Generator[None, None, Sights], look: tuple[Any, ...], asked: bool) -> Work:
        """See how the ways of shading show a frame; what that comes to is found out in the background."""
        seen = yield from seeing
        in_a_hurry = partial(getattr, self._services.background, "hurried")
        work = partial(figures_of, seen, in_a_hurry)
        self._services.background.submit(work, partial(self._take_figures, look, asked), self._services.fail)

    def _take_figures(self, look: tuple[Any, ...], asked: bool, figures: dict[Shading, Figures] | None) -> None:
        if figures is None:  # given up for something else: another time
            self._measured = None
            return
        self._state.measure_asked = self._state.measure_asked and not asked
        frame = self._viewport.finished
        if frame is None or frame.look != look:
            return
        self._judged_look = look
        self._state.figures.update(figures)
        told = {way: {"psnr": one.psnr, "flip": one.flip, "flicker": one.flicker} for way, one in figures.items()}
        self._services.report("measured", figures=told)

    # Telling

    def _labels(self, frame: Frame) -> dict[Shading, str]:
        return {way: self._label(way, shaded, frame) for way, shaded in frame.pictures.shaded.items()}

    def _label(self, way: Shading, shaded: Shaded, frame: Frame) -> str:
        figures = self._state.figures.get(way) if frame.look == self._judged_look else None
        label = shaded.shading.label
        parts = [way, label] if way in BY_FIELD and way not in label else [label]
        if frame.divisor > 1:
            parts.append(f"1/{frame.divisor}")
        parts.append(f"{shaded.milliseconds:.0f} ms" if shaded.milliseconds >= 10 else f"{shaded.milliseconds:.1f} ms")
        if figures is not None and way != JUDGE:
            parts += [f"{figures.psnr:.1f} dB"] if figures.psnr is not None else []
            parts += [f"FLIP {figures.flip:.3f}"] if figures.flip is not None else []
        has_room = len(frame.controls.needed) == 1
        if has_room and figures is not None and figures.flicker is not None:
            parts.append(f"flicker {figures.flicker:.4f}")
        return " · ".join(parts)

    def _description(self, controls: TexturedMeshControls) -> dict[str, Any]:
        return description_of(controls)

    def _tell_of(self, wanted: Wanted) -> None:
        """Report what is shown: each new frame, and the same one when a field came that it does not need."""
        controls, camera = wanted.controls, wanted.controls.camera
        description = {
            "scene": "textured_mesh", "model": controls.model, "field": controls.field,
            **controls.comparison_described, "position": list(camera.position), "yaw_deg": camera.yaw_deg,
            "pitch_deg": camera.pitch_deg, "size": list(wanted.size),
        }  # fmt: skip
        self._tell(description)


def _seen(
    model: TexturedModel,
    geometry: Geometry,
    colours: Mapping[str, Float[np.ndarray, "3"]],
    pane: Pane,
    share: tuple[float, float],
    controls: TexturedMeshControls,
) -> SeenPoint | None:
    """What is told of a place of a pane that shows a model, where the model is there."""
    places, jacobian, surface = (texel(geometry.framebuffer, share, number) for number in range(3))
    if places[3] <= 0:
        return None
    point = point_seen(geometry.camera, pane.size, share, float(surface[3]))
    height, width = model.sheet.pixels.shape[:2]
    by_pixel = jacobian.reshape(2, 2) * (geometry.size[0] / pane.size[0])  # of the view, where that is finer
    sight = np.array(point), surface[:3], places[:2], by_pixel
    x, y, z = surface[:3].tolist()
    rows = rows_at(*sight, (width, height), pane.output, colours, controls)
    of_u, of_v = by_pixel.tolist()
    return SeenPoint(point, (x, y, z), rows, ((of_u[0], of_u[1]), (of_v[0], of_v[1])))


def _facts(frame: Frame) -> str:
    """Its ways of shading, its size, how fine it is, and what it took."""
    size = " × ".join(map(str, frame.wanted.size))  # noqa: RUF001
    fineness = "final" if frame.whole else f"1/{frame.divisor}"
    milliseconds = sum(frame.pictures.milliseconds.values())
    return f"{', '.join(frame.pictures.shaded)}: {size}, {fineness} · {milliseconds:.0f} ms"


PRESENTER = TexturedMeshPresenter
