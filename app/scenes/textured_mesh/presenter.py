"""Brings the fly-through into the window, records it, and finds out what its ways of shading are worth."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from functools import partial
from typing import Any

import moderngl

from fieldcore.fields.field import Field

from ...camera.presenter import CameraPresenter
from ...document import Document
from ...gl.hidden_surface import HiddenSurface
from ...record.live import LiveRecorder
from ...services import Services
from ...work.asking import Asking
from ...work.slices import Work
from .controls import BY_FIELD, COLOURLESS, JUDGE, Shading
from .measuring import Sights, figures_of, sights
from .painter import Shaded, TexturedMeshSubject
from .panes import pane_size, shown_shadings
from .renderer import TexturedMeshRenderer, description_of
from .state import SHADINGS, Figures, TexturedMeshFrame, TexturedMeshState
from .view import Frame, TexturedMeshView, Wanted

VIEW_S, BACK_S = 0.008, 0.004
"""Time of a pass given to the view, and to what nobody waits for while the view has work."""

MEASURE_AFTER_S = 0.4
"""How long the view must have been at rest before it is measured."""

_MEASURING = "measuring"


class TexturedMeshPresenter(CameraPresenter[TexturedMeshState, TexturedMeshView]):
    """Draws what the state says.

    Args:
        context: the window's; current whenever anything is called.
        services: what the session shares.
        state: what is shown.
    """

    def __init__(self, context: moderngl.Context, services: Services, state: TexturedMeshState) -> None:
        self._renderer = TexturedMeshRenderer(context, Asking(services.engine, for_view=False))
        recorder = LiveRecorder(self._renderer, HiddenSurface(context), services.recording.frame_made)
        super().__init__(services, state, TexturedMeshView(context, services.engine), recorder, description_of)
        self._noted: Frame | None = None
        self._rested_at: float | None = None
        self._measured: tuple[Any, ...] | None = None
        self._judged_look: tuple[Any, ...] | None = None

    shown = None  # its frames are told of by itself

    def busy(self, seen: bool) -> bool:
        """Whether there is something to do at once, for a view that is seen or only behind it."""
        return self._recorder.busy or (seen and self._view.busy)

    def film(self, frame: TexturedMeshFrame) -> None:
        """Make a frame of the recording in the background."""
        self._recorder.film(
            TexturedMeshSubject(frame.model.model, self._weights(frame.document)), frame.controls, frame.size
        )

    def advance(self, pixel_ratio: float) -> bool:
        """Go on with the frames under way; returns whether the view looks different from before."""
        state, services = self._state, self._services
        if state.model is None or 0 in services.framebuffer_px:
            self._go_on_recording(VIEW_S)
            return False
        wanted = self._wanted(state.frame(state.controls, services.framebuffer_px), pixel_ratio)
        self._view.want(wanted)
        self._attempt(lambda: self._view.advance(VIEW_S))
        self._take(wanted)
        self._go_on_recording(BACK_S if self._view.busy else VIEW_S)
        return self._view.compose(self._labels())

    def advance_unseen(self) -> None:
        """Go on with what is left to do while another scene is shown."""
        self._go_on_recording(VIEW_S)

    def _wanted(self, frame: TexturedMeshFrame, pixel_ratio: float) -> Wanted:
        document = frame.document
        if document is None or not set(shown_shadings(frame.controls)).intersection(BY_FIELD):
            return Wanted(frame, None, None, self._state.under_way, False, pixel_ratio)
        weights = self._weights(document)
        training = document is self._services.training.document and self._services.training.state == "running"
        version = (id(weights), document.version if weights is document.field else None, training)
        return Wanted(frame, weights, version, self._state.under_way, training, pixel_ratio)

    def _weights(self, document: Document | None) -> Field | None:
        """What to draw a document with: of one in training, the latest copy."""
        if document is None:
            return None
        return self._state.copies.get(document, document.field)

    # What becomes of frames

    def _take(self, wanted: Wanted) -> None:
        """Note what whole frames took, and see what they are worth once all is at rest."""
        frame, services = self._view.finished, self._services
        if frame is not None:
            self._state.frame_facts = _facts(frame)
        if frame is not None and frame is not self._noted and frame.whole:
            self._noted, self._told = frame, {}
            for way, shaded in frame.panes.items():
                self._note(way, shaded, frame)
        if not self._view.at_rest:
            self._rested_at = None
            self._recorder.drop(_MEASURING)
            return
        self._tell_of(wanted.frame)
        self._rested_at = self._rested_at or services.now
        is_quiet = (
            services.training.state != "running" and not services.recording.noting and not services.background.pending
        )
        if is_quiet and services.now - self._rested_at >= MEASURE_AFTER_S and not self._recorder.doing(_MEASURING):
            self._measure(wanted)

    def _note(self, way: Shading, shaded: Shaded, frame: Frame) -> None:
        figures = self._state.figures
        known = figures.get(way) if frame.look == self._judged_look else None
        size = shaded.shot.size
        new = Figures(shaded.milliseconds, size)
        figures[way] = new if known is None else replace(known, milliseconds=shaded.milliseconds, size=size)

    def _measure(self, wanted: Wanted) -> None:
        """Judge the ways of shading that are shown, or all of them if that was asked for."""
        state, controls = self._state, wanted.frame.controls
        candidates = SHADINGS if state.measure_asked else shown_shadings(controls)
        ways = tuple(way for way in candidates if way not in COLOURLESS and not state.shading_refusal(way))
        to_measure = (wanted.look, frozenset(ways))
        if not ways or to_measure == self._measured:
            state.measure_asked = False
            return
        self._measured = to_measure
        # Ways that are not shown may need the weights.
        subject = TexturedMeshSubject(wanted.frame.model.model, self._weights(wanted.frame.document))
        size = pane_size(controls, wanted.frame.size)
        seeing = sights(self._renderer.painter, subject, controls, ways, size, state.camera_before)
        self._recorder.begin(_MEASURING, self._judged(seeing, wanted.look, state.measure_asked))

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
        frame = self._view.finished
        if frame is None or frame.look != look:
            return
        self._judged_look = look
        self._state.figures.update(figures)
        told = {way: {"psnr": one.psnr, "flip": one.flip, "flicker": one.flicker} for way, one in figures.items()}
        self._services.report("measured", figures=told)

    # Telling

    def _labels(self) -> dict[Shading, str]:
        frame = self._view.finished
        return {} if frame is None else {way: self._label(way, one, frame) for way, one in frame.panes.items()}

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
        has_room = frame.shown.controls.comparison == "one"
        if has_room and figures is not None and figures.flicker is not None:
            parts.append(f"flicker {figures.flicker:.4f}")
        return " · ".join(parts)

    def _tell_of(self, frame: TexturedMeshFrame) -> None:
        """Report what is shown: each new frame, and the same one when a field came that it does not need."""
        controls, camera = frame.controls, frame.controls.camera
        description = {
            "scene": "textured_mesh", "model": controls.model, "field": controls.field, "shading": controls.shading,
            "comparison": controls.comparison, "position": list(camera.position), "yaw_deg": camera.yaw_deg,
            "pitch_deg": camera.pitch_deg, "size": list(frame.size),
        }  # fmt: skip
        self._tell(description)


def _facts(frame: Frame) -> str:
    """Its ways of shading, its size, how fine it is, and what it took."""
    size = " × ".join(map(str, frame.shown.size))  # noqa: RUF001
    fineness = "final" if frame.whole else f"1/{frame.divisor}"
    milliseconds = sum(shaded.milliseconds for shaded in frame.panes.values())
    return f"{', '.join(frame.panes)}: {size}, {fineness} · {milliseconds:.0f} ms"


PRESENTER = TexturedMeshPresenter
