"""What every scene that a camera sees is asked to show: the base of its controls."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field

from ..compare import Compare
from ..entries import entry
from .camera import Camera


@dataclass(frozen=True, kw_only=True)
class CameraControls(Compare):
    """The state of a scene that a camera sees.

    Attributes:
        camera: who looks.
    """

    camera: Camera = dataclass_field(default_factory=Camera)
    grid: bool = entry(
        False,
        "ground and axes",
        "show the ground's grid and the axes",
        group="Camera",
        aliases=("floor",),
        along="constant",
    )
