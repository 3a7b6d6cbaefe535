"""The baker: what the shape scene is drawn from, asked for as soon as something else is shown, and how true it is."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import Any

from ...document import Document
from ...filter.controls import Smoothing
from ...services import Services
from ...work.engine import Evaluated
from .agreement import ShapeAgreement, agreement_of
from .bake import Bake
from .bake_request import BakeRequest
from .colour_bake import FieldColours
from .controls import ShapeControls
from .true_bakes import TrueBakes

JUDGE_AFTER_S = 0.4
"""For how long the finest bake must have been there before it is compared with the truth's, which takes processors."""

ANSWER_WITHIN_S = 0.1
"""For how long the view waits for the first bake of something new before it draws the old one under a new name."""

_TELL_AFTER_S = 1.0
"""A bake that takes longer is told of while it lasts."""


class Baker:
    """Asks the engine for the field's bakes, and the thread for truths for those of the truth.

    Args:
        services: who has both.

    Attributes:
        baked: the latest bake of the field that has arrived, with what it was asked by.
        colours: of the fields that have some.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._true_bakes, self.colours = TrueBakes(services), FieldColours()
        self.baked: Evaluated | None = None
        self._baked_at = 0.0
        self._request: BakeRequest | None = None
        self._asked: tuple[Any, ...] | None = None
        self._judged: tuple[tuple[Any, ...] | None, ShapeAgreement | None] = None, None

    def show(self, document: Document, controls: ShapeControls) -> None:
        """Have that baked for the view, and compared with the truth once all rests."""
        asked = document, document.training, controls.smoothing, controls.cells
        if asked != self._asked or self._request is None:
            self._asked = asked
            clock = self._services.clock
            self._request = BakeRequest(
                document, controls.smoothing, controls.cells, self._take, clock(), clock, self.colours
            )
            self._services.engine.show(self._request)
        self._judge(self._request, controls)

    def ask_again(self) -> None:
        """Have it baked once more: the engine was told to show something else meanwhile."""
        self._asked = None

    def _take(self, baked: Evaluated) -> None:
        self.baked, self._baked_at = baked, self._services.now

    def forget(self) -> None:
        """Nothing is shown any more."""
        self.baked = self._request = self._asked = None

    @property
    def settled(self) -> Bake | None:
        """The field's bake that was asked for last, as fine as it will be; None while it is on its way."""
        baked = self.baked
        is_there = baked is not None and baked.request is self._request and baked.stage.final
        bake: Bake | None = baked.stage.bake if baked is not None and is_there else None
        return bake

    @property
    def answer_is_near(self) -> bool:
        """Whether what was asked for a moment ago will be there in another: not worth drawing the old bake for."""
        if self._request is None or self.baked is None or self.baked.request is self._request:
            return False
        return self._services.now - self._request.asked_at < ANSWER_WITHIN_S

    def true_bake(self, document: Document, controls: ShapeControls) -> Bake | None:
        """The truth's bake; None where there is none, or while it is on its way."""
        return self._true_bakes.bake(document, controls.smoothing, controls.cells)

    def baking_truth(self, document: Document, smoothing: Smoothing, cells: int) -> Generator[None, None, Bake]:
        """The truth's bake, which must be known; yields while it is on its way."""
        while (bake := self._true_bakes.bake(document, smoothing, cells)) is None:
            yield
        return bake

    def _judge(self, request: BakeRequest, controls: ShapeControls) -> None:
        services, bake = self._services, self.settled
        is_quiet = services.training.state != "running" and not services.recording.noting
        if bake is None or not is_quiet or services.now - self._baked_at < JUDGE_AFTER_S:
            return
        if not self._true_bakes.is_quick(request.document):  # nobody has asked for it
            return
        truth = self.true_bake(request.document, controls)
        judged = bake, truth, controls.level
        if truth is None or judged == self._judged[0]:
            return
        self._judged = judged, None
        work = partial(agreement_of, bake, truth, controls.smoothing, controls.level)
        services.truths.submit(work, partial(self._take_agreement, judged), services.fail)

    def _take_agreement(self, judged: tuple[Any, ...], agreement: ShapeAgreement) -> None:
        self._judged = judged, agreement
        self._services.report("measured", mse=agreement.mse, iou=agreement.iou)

    def agreement(self, level: float) -> ShapeAgreement | None:
        """Of what is shown with the truth, None while it is not known."""
        judged, agreement = self._judged
        is_of_this = judged is not None and judged[0] is self.settled and judged[2] == level
        return agreement if is_of_this else None

    @property
    def can_judge(self) -> bool:
        """Whether what is shown will be compared with the truth once it rests, without being asked for more."""
        return self._request is not None and self._true_bakes.is_quick(self._request.document)

    @property
    def working(self) -> list[str]:
        """What is being done that takes longer than a moment, in words."""
        request, words = self._request, []
        if self._true_bakes.sampling:
            words.append(f"sampling the true distances, once: {self._services.now - self._true_bakes.began_at:.0f} s")
        if request is not None and self.settled is None and self._services.now - request.asked_at > _TELL_AFTER_S:
            cells, share = request.under_way
            if cells and self._services.training.state != "running":
                words.append(f"baking {cells}³ of {request.cells}³: {share:.0%}")
        return words
