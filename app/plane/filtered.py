"""Scenes on a plane whose filter a person chooses: a Gaussian along the plane's two axes, or a kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..covariance import Covariance
from ..filter.controls import FilterControls
from ..filter.outline import outline_of
from .controls import PlaneControls, Words


@dataclass(frozen=True)
class FilteredPlane(FilterControls, PlaneControls):
    """The state of such a scene."""

    @property
    def plane_covariance(self) -> Covariance:
        """See the base."""
        return self.equivalent_covariance

    @property
    def outline(self) -> tuple[float, ...]:
        """See the base."""
        return () if self.is_gaussian else outline_of(self.kernel)

    @property
    def caption_words(self) -> Words:
        """See the base."""
        return self.filter_words

    @property
    def described(self) -> dict[str, Any]:
        """See the base."""
        return self.filter_description
