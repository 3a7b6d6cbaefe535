"""The state of a scene on a plane whose filter a person sets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..filter.state import FilteredState
from ..principal_axes import PrincipalAxes
from ..services import Services
from .plane_state import PlaneState


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

    @property
    def log10_variance(self) -> float:
        """See the base: of the geometric mean of the variances along the two axes."""
        return self.axes.log10_variance

    def set_log10_variance(self, value: float) -> None:
        """See the base."""
        least, most = self.controls.log10_variances
        self.set_axes(log10_variance=min(max(value, least), most))
