"""Cameras as part of a field's weights, so that a file alone can be looked at from where its photographs were taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from ..errors import InputError
from .camera import Camera
from .view import View

if TYPE_CHECKING:
    from ..fields.refined_poses import RefinedPoses
else:
    RefinedPoses = Any

_LENS = 7
_NUMBERS = _LENS + 12


class KeptCameras(nn.Module):
    """The cameras of all views, by name.

    Args:
        names: of the views.

    Attributes:
        numbers: (views, 19) float64: width, height, fx, fy, cx, cy, skew, and the pose's first three rows; 0 as long as
            they are not known.
    """

    numbers: Tensor

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.names = tuple(names)
        self.register_buffer("numbers", torch.zeros(len(self.names), _NUMBERS, dtype=torch.float64))

    def _apply(self, fn: Any, recurse: bool = True) -> KeptCameras:
        """Poses stay float64, whatever the field is converted to."""
        moved = fn(self.numbers.clone())
        self.numbers = self.numbers.to(moved.device)
        return self

    def keep(self, views: Sequence[View]) -> None:
        """Take the cameras of views with these names."""
        rows = [_row(view) for view in views]
        self.numbers.copy_(torch.tensor(rows, dtype=torch.float64))

    def refine(self, poses: RefinedPoses) -> None:
        """Take the cameras as they were refined."""
        matrices = torch.eye(4, dtype=torch.float64, device=self.numbers.device).repeat(len(self.numbers), 1, 1)
        matrices[:, :3] = self.numbers[:, _LENS:].view(-1, 3, 4)
        self.numbers[:, _LENS:] = poses.poses(matrices)[:, :3].flatten(1)

    @property
    def known(self) -> bool:
        """Whether there are any."""
        return bool(self.numbers.any())

    def camera(self, number: int) -> Camera:
        """In domain coordinates. Raises InputError where it is not known."""
        row = self.numbers[number].cpu()
        if not bool(row.any()):
            raise InputError("view: the field was not trained yet, so its cameras are not known")
        pose = torch.eye(4, dtype=torch.float64)
        pose[:3] = row[_LENS:].view(3, 4)
        width, height, *lens, skew = row[:_LENS].tolist()
        fx, fy, cx, cy = lens
        return Camera(round(width), round(height), fx, fy, cx, cy, pose, skew)

    def number_of(self, view: str) -> int:
        """Of a view by its name, or else by its number from 0. Raises InputError naming what there is."""
        if view in self.names:
            return self.names.index(view)
        if view.isdecimal() and int(view) < len(self.names):
            return int(view)
        some = ", ".join(self.names[:4]) + (", ..." if len(self.names) > 4 else "")
        last = len(self.names) - 1
        raise InputError(f"view: expected a view's name ({some}) or a number from 0 to {last}, got '{view}'")


def _row(view: View) -> list[float]:
    camera = view.camera
    lens = [camera.width, camera.height, camera.fx, camera.fy, camera.cx, camera.cy, camera.skew]
    return [*map(float, lens), *camera.world_from_camera[:3].reshape(-1).tolist()]
