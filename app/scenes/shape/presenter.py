"""Brings shapes into the window, and records them."""

from __future__ import annotations

import time
from functools import lru_cache, partial
from typing import Any

import moderngl
import numpy as np

from ...camera.beside import OtherFrame
from ...camera.camera import pixel_at
from ...camera.presenter import CameraPresenter
from ...camera.sight import SeenPoint
from ...compare import OTHER
from ...document import Document
from ...histogram import Histograms, histograms
from ...panes import Pane
from ...services import Services
from ...viewport.viewport import Frame, Wanted
from ...work.engine import Evaluated
from .bake import Bake
from .colour_texture import ColourTexture
from .compositor import ShapePane
from .controls import ShapeControls, ShapeSource
from .exact_tracing import ExactTracing
from .inspector import rows_at, values_at
from .legend import signed_number
from .renderer import ShapeRenderer, description_of
from .state import ShapeState
from .volume_texture import VolumeTexture

MOVING_S = 0.006
"""What a frame may take while something moves, if nothing else were done: the same processor bakes meanwhile."""

UPLOAD_S = 0.004
"""Time of a pass given to uploads for the view."""

QUICK_MS = 16.0
"""A bake that took less will be followed by the next one within a pass."""


class ShapePresenter(CameraPresenter[ShapeState, ShapeRenderer]):
    """Draws what the state says, from bakes that are uploaded a slab at a time.

    Args:
        context: the window's; current whenever anything is called.
        services: what the session shares.
        state: what is shown.
    """

    def __init__(self, context: moderngl.Context, services: Services, state: ShapeState) -> None:
        super().__init__(context, services, state, partial(ShapeRenderer, context), MOVING_S, ("caption", "flip_range"))
        self._field, self._truth = VolumeTexture(context), VolumeTexture(context)
        self._colours = ColourTexture(context)
        self._exact = ExactTracing(context, services.engine)
        self._true: tuple[Document, Bake] | None = None
        self._truth_is_there, self._waited = True, False
        self._arrived: Evaluated | None = None
        self._seen: Frame | None = None

    def busy(self, seen: bool) -> bool:
        """Whether there is something to do at once, for a view that is seen or only behind it."""
        return super().busy(seen) or (seen and (self._exact.busy or self._uploading))

    def advance_unseen(self) -> None:
        """Go on with what is left to do while another scene is shown."""
        self._exact.give_up()
        super().advance_unseen()

    def release(self) -> None:
        """Free what it holds in OpenGL."""
        self._exact.release()
        self._field.release()
        self._truth.release()
        self._colours.release()
        super().release()

    # What is shown

    def _wanted(self, pixel_ratio: float) -> Wanted | None:
        state, baked, document = self._state, self._state.baker.baked, self._state.document
        if document is None or baked is None:
            return None
        self._bring(baked.stage.bake, document)
        self._services.attempt(self._upload)
        self._colours.bring(baked.stage.colours)
        self._arrived = baked if self._field.bake is baked.stage.bake and self.shown is not baked else None
        self._trace(document)
        exact = self._exact.found if self._needs_exact else None
        panes = {"field": ShapePane(self._field, exact=exact, colours=self._colours), "truth": ShapePane(self._truth)}
        return Wanted(
            subject=panes,
            controls=state.controls,
            size=self._services.framebuffer_px,
            of=(document, exact, self._field.bake, self._truth.bake, baked.stage.colours),
            pixel_ratio=pixel_ratio,
            moving=state.under_way,
            superseded=self._waits(baked),
        )

    @property
    def _needs_truth(self) -> bool:
        return "truth" in self._state.controls.needed

    @property
    def _needs_exact(self) -> bool:
        return self._state.controls.exact and "field" in self._state.controls.needed

    def _bring(self, bake: Bake, document: Document) -> None:
        """Have the latest bakes uploaded, of the truth the one before as long as another is on its way."""
        true = self._state.baker.true_bake(document, self._state.controls) if self._needs_truth else None
        if true is not None:
            self._true = document, true
        self._truth_is_there = true is not None or not self._needs_truth
        self._field.want(bake)
        if self._true is not None and self._true[0] is document:
            self._truth.want(self._true[1])
        else:
            self._truth.release()

    @property
    def _uploading(self) -> bool:
        return self._field.busy or self._truth.busy

    def _upload(self) -> None:
        """Upload for a while. Raises InputError where the driver cannot hold a bake."""
        deadline = time.perf_counter() + UPLOAD_S
        for volume in (self._field, self._truth):
            while volume.busy:
                volume.advance()
                if time.perf_counter() >= deadline:
                    return

    def _waits(self, baked: Evaluated) -> bool:
        """Whether the bake that was asked for last is worth waiting for, instead of drawing the one that there is."""
        near = self._state.baker.answer_is_near
        if self._arrived is None:
            self._waited = False
            return near
        # A quick field's newer bake is there in a pass, and a frame takes longer; but not again and again.
        self._waited = near and not self._waited and baked.milliseconds < QUICK_MS
        return self._waited

    def _trace(self, document: Document) -> None:
        """Find the field's own surface once nothing changes any more."""
        if not self._needs_exact or self._state.baker.settled is None or self._services.training.state == "running":
            self._exact.give_up()
            return
        at_rest = self._viewport.at_rest and not self._uploading and not self._state.under_way
        self._exact.want(document, self._state.controls, self._services.framebuffer_px, at_rest)
        self._services.attempt(self._exact.advance)

    # What is under the cursor

    @property
    def _told_of(self) -> Any:
        """See the base."""
        return self._state.baker.baked, self._truth.bake

    def _seen_at(self, frame: Frame, pane: Pane, share: tuple[float, float]) -> SeenPoint | None:
        """See the base."""
        state, found = self._state, self._in_view.seen_at(pane.output, share)
        baked, document = state.baker.baked, state.document
        if found is None or baked is None or document is None:
            return None
        point, normal = (np.array(vector) for vector in found)
        truth = self._true_bake(document)
        pixel = pixel_at(frame.controls.eye, pane.size, point)
        rows = rows_at(point, normal, pixel, state.controls, baked.stage.bake, truth)
        return SeenPoint(*found, rows)

    def _seen_beside(self, other: OtherFrame, pane: Pane, share: tuple[float, float]) -> SeenPoint | None:
        """See the base."""
        drawn: Any = other.renderer
        found, bake = drawn.seen_at(other.controls.left, share), drawn.baked
        if found is None or bake is None:
            return None
        at, facing = found
        point, normal = np.array(at), np.array(facing)
        pixel = pixel_at(other.controls.eye, pane.size, point)
        return SeenPoint(at, facing, rows_at(point, normal, pixel, other.controls, bake, None))

    def _true_bake(self, document: Document) -> Bake | None:
        """The truth's bake, where it is at hand."""
        state = self._state
        if self._true is not None and self._true[0] is document and self._truth.bake is not None:
            return self._truth.bake
        return state.baker.true_bake(document, state.controls) if state.baker.can_judge else None

    def _histograms(self, frame: Frame) -> Histograms | None:
        """See the base: how far what is seen of the field's surface is from the true one."""
        document, controls = self._state.document, frame.controls
        output = next((one for one in controls.shown if one not in ("truth", OTHER)), None)
        surface = None if output is None else self._in_view.scene.surface_of(output)
        truth = None if document is None or "truth" not in controls.needed else self._true_bake(document)
        if surface is None or truth is None:
            return None
        return histograms(errors=values_at(truth, surface.position[surface.hit]) - controls.level)

    # Telling

    def _follow(self, wanted: Wanted) -> None:
        """Note which bake is seen, and tell of what is shown as well as it can be."""
        state, frame, baked = self._state, self._viewport.finished, self._state.baker.baked
        if frame is not self._seen:
            self._seen, self.shown = frame, self._arrived or self.shown
        state.tracing = self._exact.working
        if baked is None or frame is None:
            return
        state.frame_facts = f"{_facts(baked)} · drawn in {sum(frame.pictures.milliseconds.values()):.0f} ms"
        if state.baker.settled is None or not self._truth_is_there or state.under_way:
            self._told = {}
        elif self._viewport.at_rest and not self._uploading and (self._exact.found or not self._needs_exact):
            self._tell_of(baked)

    def _labels(self, frame: Frame) -> dict[ShapeSource, str]:
        state, shown = self._state, self.shown or self._state.baker.baked
        level, agreement = state.controls.level, state.agreement
        if shown is None:
            return {}
        true = self._truth.bake
        truth = " · ".join(["truth", *(_nothing(true, level) if true else ())])
        label = f"{shown.request.field.kind} · exact"
        if not self._needs_exact or self._exact.found is None:
            parts = [shown.request.field.kind, _facts(shown)]
            parts += [f"IoU {agreement.iou:.4f}"] if agreement is not None and agreement.iou is not None else []
            label = " · ".join([*parts, *_nothing(shown.stage.bake, level)])
        return {"field": label, "truth": truth if self._truth_is_there else "truth, on its way"}

    def _description(self, controls: ShapeControls) -> dict[str, Any]:
        return description_of(controls)

    def _tell_of(self, baked: Evaluated) -> None:
        """Report what is shown, whenever that is something else."""
        controls = self._state.controls
        description = {
            "scene": "shape", "field": controls.field, **description_of(controls),
            "covariance": list(controls.equivalent_covariance), "cells": controls.cells,
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
