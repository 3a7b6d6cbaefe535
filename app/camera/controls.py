"""What every scene that a camera sees is asked to show: the base of its controls."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Any, ClassVar, TypeVar

import numpy as np

from ..compare import OTHER, Compare
from ..entries import entry, file_entry
from .apart import CameraApart
from .camera import Camera

AnyCameraControls = TypeVar("AnyCameraControls", bound="CameraControls")


@dataclass(frozen=True, kw_only=True)
class CameraControls(Compare):
    """The state of a scene that a camera sees.

    Attributes:
        camera: who looks.
        parallel: whether lines that are parallel are seen so: an orthographic view, as large as what is before the
            camera at the origin is seen otherwise.
        other: file of what the output ``other`` shows, from the same place; empty where there is none.
        opened_entry: the entry that names the file of what is shown.
        alike: outputs that are shown of the other, too, where they are shown of the first.
        apart: who looks at what stands beside, where the two views are not linked.
    """

    opened_entry: ClassVar[str] = "field"
    alike: ClassVar[tuple[str, ...]] = ()

    camera: Camera = dataclass_field(default_factory=Camera)
    grid: bool = entry(
        False,
        "ground and axes",
        "show the ground's grid and the axes",
        group="Camera",
        aliases=("floor",),
        along="constant",
    )
    parallel: bool = entry(
        False,
        "orthographic",
        "see without perspective: what is far away is as large as what is near, and at the origin as large as before",
        group="Camera",
        along="constant",
        written=lambda parallel: parallel or None,
    )
    apart: CameraApart = dataclass_field(default_factory=CameraApart)
    other: str = file_entry("the path of what is shown beside")

    @property
    def eye(self) -> Camera:
        """Who frames are drawn for: of an orthographic view a camera so far away that its rays are parallel."""
        return from_afar(self.camera) if self.parallel else self.camera

    def eye_of(self, output: str) -> Camera:
        """The same of the pane that shows an output."""
        return self.beside.eye if output == OTHER else self.eye

    # Two of what is open

    @property
    def opened(self) -> str:
        """The file of what is shown."""
        return str(getattr(self, self.opened_entry))

    @property
    def own(self: AnyCameraControls) -> AnyCameraControls:
        """What is shown of the first alone; the same where nothing is shown beside it."""
        if OTHER not in self.shown:
            return self
        output = next((side for side in (self.left, self.right) if side != OTHER), type(self).left)
        return replace(self, other="", right=type(self).right).showing(output)

    @property
    def beside(self: AnyCameraControls) -> AnyCameraControls:
        """What is shown of the other alone, from the same place."""
        own = self.own
        left = own.left if own.left in self.alike else type(self).left
        files: dict[str, Any] = {self.opened_entry: self.other, "other": ""}
        camera = self.apart.camera if self.parted else self.camera
        return replace(own, layout="one", left=left, caption=False, camera=camera, **files)

    def in_sight(self: AnyCameraControls) -> AnyCameraControls:
        """See the base."""
        return self if OTHER in self.needed else replace(self, other="")


_AFAR_DEG = 0.5
_NEAREST = 0.05


def from_afar(camera: Camera) -> Camera:
    """A camera so far back, and so narrow, that its rays are parallel within a quarter of a degree.

    Across the origin it sees as much as the other one, which stays where that is before it.
    """
    ahead = max(-float(camera.axes[2] @ np.array(camera.position)), _NEAREST)
    farther = math.tan(math.radians(camera.fov_deg) / 2) / math.tan(math.radians(_AFAR_DEG) / 2)
    x, y, z = (float(place) for place in np.array(camera.position) - (farther - 1) * ahead * camera.axes[2])
    return replace(camera, position=(x, y, z), fov_deg=_AFAR_DEG)
