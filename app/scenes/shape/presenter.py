"""Brings shapes into the window, and records them."""

from __future__ import annotations

from functools import lru_cache, partial

import moderngl

from ...camera.presenter import CameraPresenter
from ...document import Document
from ...gl.hidden_surface import HiddenSurface
from ...record.live import LiveRecorder
from ...services import Services
from ...work.asking import Asking
from ...work.engine import Evaluated
from .bake import Bake
from .controls import ShapeSource
from .exact_tracing import ExactTracing
from .legend import signed_number
from .panes import NEEDED, SHOWN
from .renderer import ShapeRenderer, ShapeSubject, description_of
from .state import ShapeState, WantedFrame
from .view import ShapeView, Wanted

VIEW_S, FILM_S = 0.004, 0.008
"""Time of a pass given to uploads for the view, and to frames of a recording."""

QUICK_MS = 16.0
"""A bake that took less will be followed by the next one within a pass."""


class ShapePresenter(CameraPresenter[ShapeState, ShapeView]):
    """Draws what the state says.

    Args:
        context: the window's; current whenever anything is called.
        services: what the session shares.
        state: what is shown.

    Attributes:
        shown: what has been evaluated for the latest frame.
    """

    def __init__(self, context: moderngl.Context, services: Services, state: ShapeState) -> None:
        renderer = ShapeRenderer(context, Asking(services.engine, for_view=False))
        recorder = LiveRecorder(renderer, HiddenSurface(context), services.recording.frame_made)
        super().__init__(services, state, ShapeView(context), recorder, description_of)
        self._exact = ExactTracing(context, services.engine)
        self._true: tuple[Document, Bake] | None = None
        self._waited = False
        self.shown: Evaluated | None = None

    def busy(self, seen: bool) -> bool:
        """Whether there is something to do at once, for a view that is seen or only behind it."""
        return self._recorder.busy or (seen and (self._view.busy or self._exact.busy))

    def film(self, frame: WantedFrame) -> None:
        """Make a frame of the recording in the background."""
        document = frame.document
        true_bake = partial(self._state.baker.baking_truth, document) if document.truth is not None else None
        self._recorder.film(ShapeSubject(document.field, document.version, true_bake), frame.controls, frame.size)

    def advance(self, pixel_ratio: float) -> bool:
        """Go on with what is under way; returns whether the view looks different from before."""
        baked, document = self._state.baker.baked, self._state.document
        self._go_on_recording(FILM_S)
        if document is None or baked is None or 0 in self._services.framebuffer_px:
            return False
        true = self._true_bake(document)
        self._trace(document)
        self._view.want(self._wanted(baked, true, pixel_ratio))
        self._attempt(lambda: self._view.advance(VIEW_S))
        arrived = self._view.bake is baked.stage.bake and self.shown is not baked
        is_new = not self._waits(baked, arrived) and self._view.compose()
        if is_new and arrived:
            self.shown = baked
        self._state.tracing = self._exact.working
        self._state.frame_facts = f"{_facts(baked)} · drawn in {self._view.milliseconds:.0f} ms"
        is_whole = self._state.baker.settled is not None and (true is not None or not self._needs_truth)
        if not is_whole or self._state.under_way:
            self._told = {}
        elif self._view.at_rest and (self._exact.found is not None or not self._needs_exact):
            self._tell_of(baked)
        return is_new

    def advance_unseen(self) -> None:
        """Go on with what is left to do while another scene is shown."""
        self._exact.give_up()
        self._go_on_recording(FILM_S)

    def release(self) -> None:
        """Give everything back to the driver."""
        self._exact.release()
        super().release()

    # What is shown

    @property
    def _needs_truth(self) -> bool:
        return "truth" in NEEDED[self._state.controls.comparison]

    @property
    def _needs_exact(self) -> bool:
        return self._state.controls.exact and "field" in SHOWN[self._state.controls.comparison]

    def _true_bake(self, document: Document) -> Bake | None:
        """The truth's bake for what is shown; None where it is not needed, or while it is on its way."""
        bake = self._state.baker.true_bake(document, self._state.controls) if self._needs_truth else None
        if bake is not None:
            self._true = document, bake
        return bake

    def _waits(self, baked: Evaluated, arrived: bool) -> bool:
        """Whether the bake that was asked for last is worth waiting for, instead of drawing the one that there is."""
        near = self._state.baker.answer_is_near
        # A quick field's newer bake is there in a pass, and a frame takes longer; but not again and again.
        self._waited = arrived and near and not self._waited and baked.milliseconds < QUICK_MS
        return self._waited if arrived else near

    def _wanted(self, baked: Evaluated, true: Bake | None, pixel_ratio: float) -> Wanted:
        state = self._state
        bakes: dict[ShapeSource, Bake] = {"field": baked.stage.bake}
        agreement = state.agreement
        parts = [baked.request.field.kind, _facts(baked)]
        if agreement is not None and agreement.iou is not None:
            parts.append(f"IoU {agreement.iou:.4f}")
        level = state.controls.level
        labels: dict[ShapeSource, str] = {
            "field": " · ".join([*parts, *_nothing(baked.stage.bake, level)]),
            "truth": " · ".join(["truth", *(_nothing(true, level) if true is not None else ())]),
        }
        if self._true is not None and self._true[0] is state.document:
            bakes["truth"] = self._true[1]
        if true is None and self._needs_truth:
            labels["truth"] = "truth, on its way"
        exact = self._exact.found if self._needs_exact else None
        if exact is not None:
            labels["field"] = f"{baked.request.field.kind} · exact"
        return Wanted(state.controls, self._services.framebuffer_px, pixel_ratio, bakes, labels, state.under_way, exact)

    def _trace(self, document: Document) -> None:
        """Find the field's own surface once nothing changes any more."""
        if not self._needs_exact or self._state.baker.settled is None or self._services.training.state == "running":
            self._exact.give_up()
            return
        at_rest = self._view.at_rest and not self._state.under_way
        self._exact.want(document, self._state.controls, self._services.framebuffer_px, at_rest)
        self._attempt(self._exact.advance)

    def _tell_of(self, baked: Evaluated) -> None:
        """Report what is shown, whenever that is something else."""
        controls = self._state.controls
        description = {
            "scene": "shape", "field": controls.field, **description_of(controls),
            "covariance": list(controls.covariance), "cells": controls.cells,
            "size": list(self._services.framebuffer_px),
        }  # fmt: skip
        self._tell(description, milliseconds=round(baked.milliseconds, 1))


def _nothing(bake: Bake, level: float) -> tuple[str, ...]:
    """Why nothing is seen of a shape, where that is so: smoothing moves a surface, and at last it vanishes."""
    least = _least(bake)
    return () if least < level else (f"nothing is inside: try a level above {signed_number(least)}",)


@lru_cache(maxsize=2)  # the field's and the truth's that are shown
def _least(bake: Bake) -> float:
    return float(bake.values.min())


def _facts(baked: Evaluated) -> str:
    """How fine the bake is, and what it took."""
    return f"{baked.stage.bake.cells}³ · {baked.milliseconds:.0f} ms"


PRESENTER = ShapePresenter
