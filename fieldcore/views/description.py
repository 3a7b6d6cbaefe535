"""What a scene's folder says of its photographs: the same for every format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import InputError
from .camera import Camera, pose_fault

FEWEST_VIEWS = 3


@dataclass(frozen=True)
class Distortion:
    """How a lens bends straight lines: OpenCV's radial k1, k2 and tangential p1, p2.

    Source: D. C. Brown, Decentering Distortion of Lenses, 1966; https://docs.opencv.org/4.x/d9/d0c (camera model).
    """

    k1: float = 0.0
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0

    def __bool__(self) -> bool:
        return any((self.k1, self.k2, self.p1, self.p2))


@dataclass(frozen=True)
class Photograph:
    """One photograph as a scene's files describe it.

    Attributes:
        name: for people, and what its mask is found by; its file's name without folder and suffix where that is
            enough to tell it from the others.
        path: its file.
        camera: in the scene's own coordinates, in the house's axes, of the file's own pixels.
        distortion: of the lens; the picture is straightened when it is read.
        mask: its file, where the scene's files name it.
        held_out: whether the scene itself keeps it for testing.
    """

    name: str
    path: Path
    camera: Camera
    distortion: Distortion = Distortion()
    mask: Path | None = None
    held_out: bool = False


@dataclass(frozen=True)
class Description:
    """A scene as its files describe it.

    Attributes:
        format: the reader's name.
        path: the file that describes the cameras.
        folder: of the scene.
        photographs: in the file's order.
        notices: what was assumed or left out, one sentence each.
    """

    format: str
    path: Path
    folder: Path
    photographs: tuple[Photograph, ...]
    notices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.photographs)
        if count < FEWEST_VIEWS:
            why = "; one view has no depth" if count == 1 else ""
            found = "1 view" if count == 1 else f"{count} views"
            raise InputError(f"scene '{self.path}': it has {found}, expected at least {FEWEST_VIEWS}{why}")


def checked_camera(
    where: str,
    pose: Float[Tensor, "h w"],
    size: tuple[int, int],
    focal: tuple[float, float],
    principal: tuple[float, float],
    skew: float = 0.0,
) -> Camera:
    """A camera whose faults are said with the place that they come from.

    Args:
        where: file and view, as messages begin.
        pose: from the camera's frame to the scene's; its rotation may be rounded.
        size, focal, principal, skew: see ``Camera``.

    Raises:
        InputError: see ``Camera``.
    """
    fault = pose_fault(pose)
    if fault:
        raise InputError(f"{where}: {fault}")
    try:
        return Camera(*size, *focal, *principal, nearest_pose(pose), skew)
    except InputError as error:
        raise InputError(f"{where}: {str(error).removeprefix('camera: ')}") from error


def nearest_pose(pose: Float[Tensor, "4 4"]) -> Float[Tensor, "4 4"]:
    """The same matrix with the rotation that is nearest to its upper left corner."""
    exact = pose.double().clone()
    left, _, right = torch.linalg.svd(exact[:3, :3])
    exact[:3, :3] = left @ right
    exact[3] = torch.tensor([0.0, 0.0, 0.0, 1.0])
    return exact
