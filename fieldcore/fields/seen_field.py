"""The base of fields that are seen by cameras: those of scenes, trained on photographs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar

from ..radiance.rendering import Rays, Seen
from ..views.kept_cameras import KeptCameras
from .field import Field


class SeenField(Field):
    """A field that can be looked at along rays.

    Attributes:
        cameras: those of the photographs that it was trained on.
    """

    takes_signals: ClassVar[bool] = False
    cameras: KeptCameras

    @property
    def takes_filters(self) -> bool:
        """Whether it can be smoothed at all."""
        return True

    @abstractmethod
    def looking(self, variance: float = 0.0) -> Callable[[Rays], Seen]:
        """What looks along rays, everything averaged over an isotropic Gaussian in space.

        Args:
            variance: of the Gaussian; 0 unless it ``takes_filters``.
        """
