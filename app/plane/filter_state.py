"""The state of a scene on a plane whose filter a person sets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fieldcore.errors import InputError
from fieldcore.filters import Filter

from ..document import Document
from ..filter.kernels import GAUSSIAN
from ..filter.state import FilteredState
from ..principal_axes import PrincipalAxes
from ..services import Services
from .plane_state import PlaneState

SUITED = {True: "pyramid", False: "integral"}
"""The kind of field that takes every Gaussian, or every kernel along the axes, and is there in a moment."""


class FilteredPlaneState(FilteredState, PlaneState):
    """What such scenes have: the axes of a Gaussian."""

    def __init__(self, services: Services, controls: Any) -> None:
        super().__init__(services, controls)
        self._axes = PrincipalAxes()

    @property
    def axes(self) -> PrincipalAxes:
        """The Gaussian's size and shape; a shape that was set is remembered where the filter does not show it."""
        if self._axes.covariance != self.controls.covariance:
            self._axes = PrincipalAxes.of(self.controls.covariance)
        return self._axes

    def set_axes(self, **values: float) -> None:
        """Change the Gaussian's log10 variance, anisotropy or angle."""
        axes = replace(self.axes, **values)
        self.take_filter(covariance=axes.covariance)
        self._axes = axes

    # Kernels and the fields that take them

    def take_filter(self, **changes: Any) -> None:
        """See the base; where the field shown does not take it, another one of the same signal is shown or made."""
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

    @property
    def log10_variance(self) -> float:
        """See the base: of the geometric mean of the variances along the two axes."""
        return self.axes.log10_variance

    def set_log10_variance(self, value: float) -> None:
        """See the base."""
        least, most = self.controls.log10_variances
        self.set_axes(log10_variance=min(max(value, least), most))


def _is_same(document: Document, other: Document) -> bool:
    """Whether two fields are of the same signal."""
    return document.field.facts.digest == other.field.facts.digest
