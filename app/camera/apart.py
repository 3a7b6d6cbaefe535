"""A camera of its own for what stands beside, where the two views are not linked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..entries import again
from .camera import Camera, Vector

_USUAL = Camera()


def _unless(usual: Any) -> Callable[[Any], Any]:
    """What was never set is not written."""
    return lambda value: None if value == usual else value


@dataclass(frozen=True)
class CameraApart:
    """See ``Camera``, whose entries these are; no panel has them."""

    other_position: Vector = again(
        Camera, "position", _USUAL.position, label="", brief=None, written=_unless(_USUAL.position)
    )
    other_yaw_deg: float = again(Camera, "yaw_deg", _USUAL.yaw_deg, label="", written=_unless(_USUAL.yaw_deg))
    other_pitch_deg: float = again(Camera, "pitch_deg", _USUAL.pitch_deg, label="", written=_unless(_USUAL.pitch_deg))
    other_fov_deg: float = again(Camera, "fov_deg", _USUAL.fov_deg, label="", written=_unless(_USUAL.fov_deg))

    @classmethod
    def of(cls, camera: Camera) -> CameraApart:
        """That camera."""
        return cls(camera.position, camera.yaw_deg, camera.pitch_deg, camera.fov_deg)

    @property
    def camera(self) -> Camera:
        """It."""
        return Camera(self.other_position, self.other_yaw_deg, self.other_pitch_deg, self.other_fov_deg)
