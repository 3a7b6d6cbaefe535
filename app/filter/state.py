"""What the states of scenes have whose filter a person sets: how large it is, and which kernel it is."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from fieldcore.errors import InputError
from fieldcore.filters import Filter

from ..covariance import Covariance, isotropic
from ..document import Document
from ..document_state import DocumentState
from ..scene_state import SceneState
from .before import Before, Values
from .half_size import LEAST_LOG10, MOST_LOG10, log10_of, size_of
from .kernels import GAUSSIAN, choice_of
from .presets import OWN, presets


class SizedState(SceneState):
    """A filter that is sized by one variance, whose logarithm is within the controls' ``log10_variances``."""

    filter_names: tuple[str, ...] = ("variance",)
    """Of the entries that say the filter."""

    pixel_name = "px"
    """What its pixels are called."""

    def __init__(self, services: Any, controls: Any) -> None:
        super().__init__(services, controls)
        self._filters = Before(self.filter_values)

    @property
    def filter_values(self) -> Values:
        """The entries that say the filter, by name."""
        return {name: getattr(self.controls, name) for name in self.filter_names}

    def take_filter(self, **changes: Any) -> None:
        """Change the filter. Raises InputError if what is shown cannot be filtered so."""
        self.change(**changes)

    @property
    def pixel_size(self) -> float:
        """Side of a pixel of what is filtered, in domain units; of a formula of one of 512 across, of lights none."""
        document = self.document
        if document is None or not document.field.facts.resolution:
            return 2 / _USUAL_PIXELS
        facts = document.field.facts
        return 2 * facts.half_extent[0] / facts.resolution[0]

    # Presets, and the filter before

    @property
    def presets(self) -> dict[str, Covariance]:
        """Filters to begin from, by name."""
        return presets(1, self.pixel_size, self.pixel_name, streaks=False)

    @property
    def preset(self) -> str:
        """The name of the one that is there; ``presets.OWN`` where it is none of them."""
        now = self._as_preset
        return next((name for name, one in self.presets.items() if one == now), OWN)

    @property
    def _as_preset(self) -> Covariance | None:
        variance: float = self.controls.variance
        return (variance,)

    def choose_preset(self, name: str) -> None:
        """Filter by one of them. Raises InputError if what is shown cannot be filtered so."""
        self.take_filter(variance=self.presets[name][0])

    @property
    def before_refusal(self) -> str:
        """Why there is no filter to go back to; empty where there is one."""
        return "" if self._filters.of(self.filter_values) else "there was no other filter yet"

    def go_before(self) -> None:
        """Filter as before, and the next time as now."""
        self._services.attempt(lambda: self.take_filter(**self._filters.swap(self.filter_values)))

    def note_step(self, panel_held: bool) -> None:
        """See the base."""
        super().note_step(panel_held)
        self._filters.note(self.filter_values, self._services.now, self._was_in_hand)

    @property
    def log10_variance(self) -> float:
        """Of the filter, within what the slider reaches."""
        variance, (least, most) = self.controls.variance, self.controls.log10_variances
        return min(max(math.log10(variance), least), most) if variance > 0 else least

    def set_log10_variance(self, value: float) -> None:
        """Smooth so much."""
        least, most = self.controls.log10_variances
        self.change(variance=10.0 ** min(value, most) if value > least else 0.0)

    def step_size(self, decades: float) -> None:
        """Smooth more, or less, by decades of variance; below the least is none."""
        self.set_log10_variance(self.log10_variance + decades)


_USUAL_PIXELS = 512  # across what has none of its own

SUITED = {True: "pyramid", False: "integral"}
"""The kind of field that takes every Gaussian, or every kernel along the axes, and is there in a moment."""


class FilteredState(SizedState, DocumentState):
    """A Gaussian by its covariance, or a kernel by its half sizes.

    Attributes:
        linked: whether the half size of one axis is that of all.
    """

    linked = True
    filter_names = ("covariance", "kernel", "half_size", "gain")

    @property
    def presets(self) -> dict[str, Covariance]:
        """See the base."""
        return presets(self.controls.dim, self.pixel_size, self.pixel_name)

    @property
    def _as_preset(self) -> Covariance | None:
        if self.controls.is_off:
            return isotropic(0.0, self.controls.dim)
        return self.controls.covariance if self.controls.is_gaussian else None

    def choose_preset(self, name: str) -> None:
        """See the base."""
        self.take_filter(kernel=GAUSSIAN, covariance=self.presets[name], gain=1.0)

    def step_size(self, decades: float) -> None:
        """See the base; a kernel grows along all axes alike."""
        if self.controls.is_gaussian:
            super().step_size(decades)
            return
        logarithms = [min(log10_of(size) + decades / 2, MOST_LOG10) for size in self.controls.half_size]
        self.change(half_size=tuple(size_of(max(one, LEAST_LOG10)) for one in logarithms))

    def choose_kernel(self, kernel: str) -> None:
        """Filter by another kernel, about as much as by the one before.

        Raises:
            InputError: the field shown cannot be filtered so; the sentence says what can.
        """
        self.take_filter(**self._chosen(kernel))

    def _chosen(self, kernel: str) -> dict[str, Any]:
        """What changes where that is chosen."""
        controls, choice = self.controls, choice_of(kernel)
        is_gaussian, changes = choice.sized_by == "variance", dict[str, Any](kernel=kernel)
        if choice is not choice_of(controls.kernel):
            changes["gain"] = choice.gain
        if is_gaussian == controls.is_gaussian or controls.is_off:
            return changes
        if is_gaussian:
            return {**changes, "covariance": controls.equivalent_covariance}
        return {**changes, "half_size": _as_wide(controls.covariance, controls.dim)}

    # Kernels and the fields that take them

    def take_filter(self, **changes: Any) -> None:
        """Change the filter; where the field shown does not take it, another one of the same signal is shown or made.

        Raises:
            InputError: there is none, and none can be made.
        """
        document = self.document
        if document is None:
            self.change(**changes)
            return
        changed = replace(self.controls, **changes)
        asked, kind = changed.filter_of(document.field.facts), SUITED[changed.is_gaussian]
        reason = document.field.refuses(asked)
        if reason is None:
            self.change(**changes)
            return
        able = self._able(document, asked)
        if able:
            self._services.notice(f"{reason}; {self.documents[able[0]].name} is shown instead")
            self.change(**changes, field=able[0])
        elif document.signal is not None:
            self._services.notice(f"{reason}: a field of kind '{kind}' is made of it")
            self._make_suited(document, kind, changes)
        else:
            wanted = f"open {self.truth_words} it was trained on, or fit a field of kind '{kind}'"
            raise InputError(f"{reason}; {wanted}")

    def _make_suited(self, document: Document, kind: str, changes: dict[str, Any]) -> None:
        """Make a field of the same signal, of that kind, and then change the filter."""
        services, signal = self._services, document.signal
        if not services.can_train:
            services.wait_in_line(document.name, lambda: self._make_suited(document, kind, changes))
            return

        def take(made: Document) -> None:
            self.take_document(made)
            self.change(**changes)

        assert signal is not None
        services.attempt(lambda: services.begin_training(signal, document.signal_source, take, asked=False, kind=kind))

    def _able(self, document: Document, asked: Filter) -> list[str]:
        """The open fields of the same signal that take a filter."""
        same = {path: other for path, other in self.documents.items() if _is_same(document, other)}
        return [path for path, other in same.items() if other.field.refuses(asked) is None]

    def show_opened(self, path: str) -> None:
        """See the base; a kernel that the field does not take gives way to a Gaussian, until there is one that does."""
        super().show_opened(path)
        document, controls = self.document, self.controls
        if document is None or controls.is_gaussian:
            return
        asked = controls.filter_of(document.field.facts)
        reason = document.field.refuses(asked)
        if reason is None:
            return
        self.change(**self._chosen(GAUSSIAN))
        if document.signal is None or self._able(document, asked):
            self._services.notice(f"{reason}: choose the kernel again for one of kind '{SUITED[False]}'")
            return
        self._services.notice(f"{reason}: a field of kind '{SUITED[False]}' is made of it")
        wanted = {name: getattr(controls, name) for name in ("kernel", "half_size", "gain")}
        self._make_suited(document, SUITED[False], wanted)

    def log10_half_size(self, axis: int) -> float:
        """Of the kernel along an axis, within what the slider reaches."""
        return log10_of(self.controls.half_size[axis])

    def set_log10_half_size(self, axis: int, value: float) -> None:
        """Let the kernel be so large along an axis, or where linked along all."""
        sizes = list(self.controls.half_size)
        for one in range(len(sizes)) if self.linked else (axis,):
            sizes[one] = size_of(min(value, MOST_LOG10))
        self.change(half_size=tuple(sizes))

    def link(self, linked: bool) -> None:
        """Let all axes have one half size, that of the first, or each its own."""
        self.linked = linked
        if linked:
            self.change(half_size=self.controls.half_size[:1] * len(self.controls.half_size))


def _as_wide(covariance: tuple[float, ...], dim: int) -> tuple[float, ...]:
    """Half sizes of three standard deviations, the same along all axes where the variances are nearly so."""
    rows = [sum(dim - row for row in range(axis)) for axis in range(dim)]
    variances = [covariance[index] for index in rows]
    sizes = [3 * math.sqrt(variance) for variance in variances]
    return (sizes[0],) * dim if max(sizes) - min(sizes) <= 1e-9 * max(sizes) else tuple(sizes)


def _is_same(document: Document, other: Document) -> bool:
    """Whether two fields are of the same signal."""
    return document.field.facts.digest == other.field.facts.digest
