"""Bakes of the truth: made in a thread of their own, one after the other, always the one wanted last."""

from __future__ import annotations

from functools import partial
from weakref import WeakKeyDictionary, WeakSet

from fieldcore.signals import Shape
from fieldcore.truth import Truth

from ...document import Document
from ...filter.controls import Smoothing
from ...services import Services
from .bake import Bake
from .baking import bake_truth
from .wanted_shape import NotWantedError, WantedShape

_KEPT = 4

_Key = tuple[Truth, Smoothing, int]


class TrueBakes:
    """The truth's bakes that are known, of which the latest few are kept.

    Args:
        services: whose thread bakes.

    Attributes:
        sampling: whether a truth is asked for the first time, which then samples its distances for seconds.
        began_at: when the latest bake was begun, on the services' clock.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._truths: WeakKeyDictionary[Shape, Truth] = WeakKeyDictionary()
        self._known: dict[_Key, Bake] = {}
        self._under_way: _Key | None = None
        self._failed: _Key | None = None
        self._sampled: WeakSet[Truth] = WeakSet()
        self.sampling, self.began_at = False, 0.0

    def bake(self, document: Document, smoothing: Smoothing, cells: int) -> Bake | None:
        """The truth of a document under that filter.

        Returns:
            None where there is none, or while it is not known; but it will be if it is asked for again.
        """
        truth = self._truth_of(document)
        if truth is None:
            return None
        key = truth, smoothing, cells
        known = self._known.get(key)
        if known is None and self._under_way is None and key != self._failed:
            self._under_way = key
            self.sampling, self.began_at = truth not in self._sampled, self._services.now
            work = partial(bake_truth, truth, smoothing, cells)
            self._services.truths.submit(work, partial(self._take, key), partial(self._fail, key))
        return known

    def is_quick(self, document: Document) -> bool:
        """Whether the truth is there in a moment: of a mesh once its distances are sampled, which takes long."""
        return not isinstance(document.true_signal, Shape) or self._truth_of(document) in self._sampled

    def _truth_of(self, document: Document) -> Truth | None:
        shape = document.true_signal
        if not isinstance(shape, Shape):
            return document.truth
        if shape not in self._truths:
            self._truths[shape] = WantedShape(shape, lambda: not self._services.truths.closed).truth()
        return self._truths[shape]

    def _take(self, key: _Key, bake: Bake) -> None:
        self._sampled.add(key[0])
        self._under_way, self.sampling = None, False
        self._known[key] = bake
        for oldest in list(self._known)[:-_KEPT]:
            del self._known[oldest]

    def _fail(self, key: _Key, error: Exception) -> None:
        self._failed, self._under_way, self.sampling = key, None, False
        if not isinstance(error, NotWantedError):
            self._services.fail(error)
