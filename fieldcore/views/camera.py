"""Cameras: where a pixel's ray runs in a scene, and where a point of the scene is seen."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import InputError

_LAST_ROW = (0.0, 0.0, 0.0, 1.0)
_RIGHT_ANGLES = 1e-3
"""How far a rotation's matrix times its transpose may be off the unit matrix: files round to few digits."""


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole camera, right-handed: x right, y up, looking down -z.

    The pixel in column i and row j has its centre at (i + 0.5, j + 0.5), rows run down. A point (x, y, z) in the
    camera's frame is seen at ``(cx + fx * x/d - skew * y/d, cy - fy * y/d)`` with its depth d = -z.

    Attributes:
        width, height: in pixels.
        fx, fy: focal lengths, in pixels.
        cx, cy: the principal point, in pixels from the upper left corner of the picture.
        world_from_camera: (4, 4) float64, a rotation and the camera's centre.
        skew: by how far the picture's two axes are from a right angle, in pixels; 0 of nearly all cameras.

    Raises:
        InputError: a focal length that is not above 0, no pixels, or a matrix that is no rotation with a shift.

    Example:
        >>> camera = Camera(4, 2, 10.0, 10.0, 2.0, 1.0, torch.eye(4, dtype=torch.float64))
        >>> camera.project(torch.tensor([[0.1, 0.1, -1.0]]))
        (tensor([[3., 0.]]), tensor([1.]))
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    world_from_camera: Float[Tensor, "4 4"]
    skew: float = 0.0

    def __post_init__(self) -> None:
        pose = torch.as_tensor(self.world_from_camera, dtype=torch.float64)
        object.__setattr__(self, "world_from_camera", pose)
        fault = self._lens_fault() or pose_fault(pose)
        if fault:
            raise InputError(f"camera: {fault}")

    def _lens_fault(self) -> str:
        if self.width < 1 or self.height < 1:
            return f"expected at least one pixel, got {self.width} x {self.height}"
        if not all(math.isfinite(value) for value in (self.cx, self.cy, self.skew)):
            return f"its principal point and skew are {self.cx}, {self.cy}, {self.skew}; expected finite numbers"
        if not (0 < self.fx < math.inf and 0 < self.fy < math.inf):
            return f"its focal lengths are {self.fx:g} and {self.fy:g} pixels; expected numbers above 0"
        return ""

    @property
    def centre(self) -> Float[Tensor, "3"]:
        """Where it stands, in the scene's units, float64."""
        return self.world_from_camera[:3, 3]

    @property
    def rotation(self) -> Float[Tensor, "3 3"]:
        """Its axes as columns: right, up and backwards, in the scene's coordinates, float64."""
        return self.world_from_camera[:3, :3]

    @property
    def matrix(self) -> Float[Tensor, "3 4"]:
        """The projection as one matrix, float64: of a point it gives (column, row, 1) times its depth."""
        lens = torch.tensor([[self.fx, self.skew, self.cx], [0, self.fy, self.cy], [0, 0, 1]], dtype=torch.float64)
        down_and_forth = torch.diag(torch.tensor([1.0, -1.0, -1.0], dtype=torch.float64))
        turned = down_and_forth @ self.rotation.T
        return lens @ torch.cat([turned, -turned @ self.centre[:, None]], 1)

    def rays(self, pixels: Float[Tensor, "n 2"]) -> tuple[Float[Tensor, "n 3"], Float[Tensor, "n 3"]]:
        """The rays through positions (column, row) of the picture.

        Args:
            pixels: positions; a pixel's centre is at its number + 0.5.

        Returns:
            Origins and directions of length 1, of the positions' type and on their device.
        """
        rotation = self.rotation.to(pixels)
        down = (pixels[:, 1] - self.cy) / self.fy
        right = (pixels[:, 0] - self.cx - self.skew * down) / self.fx
        directions = torch.stack([right, -down, -torch.ones_like(right)], 1) @ rotation.T
        directions = torch.nn.functional.normalize(directions, dim=1)
        return self.centre.to(pixels).expand_as(directions), directions

    def project(self, points: Float[Tensor, "n 3"]) -> tuple[Float[Tensor, "n 2"], Float[Tensor, "n"]]:
        """Where points of the scene are seen.

        Args:
            points: in the scene's units.

        Returns:
            Positions (column, row), and depths along the view direction. A point behind the camera has a negative
            depth, and a position that says nothing.
        """
        rotation = self.rotation.to(points)
        right, up, back = ((points - self.centre.to(points)) @ rotation).unbind(1)
        x, y = right / -back, up / back
        return torch.stack([self.fx * x + self.skew * y + self.cx, self.fy * y + self.cy], 1), -back

    def pixel_centres(self) -> Float[Tensor, "n 2"]:
        """The positions (column, row) of all pixels' centres, row by row, float32."""
        rows, columns = torch.arange(self.height) + 0.5, torch.arange(self.width) + 0.5
        return torch.stack(torch.meshgrid(columns, rows, indexing="xy"), -1).reshape(-1, 2)

    def resized(self, width: int, height: int) -> Camera:
        """The camera of the same picture with another number of pixels."""
        across, down = width / self.width, height / self.height
        return replace(
            self,
            width=width,
            height=height,
            fx=self.fx * across,
            cx=self.cx * across,
            skew=self.skew * across,
            fy=self.fy * down,
            cy=self.cy * down,
        )

    def moved(self, similarity: Float[Tensor, "4 4"]) -> Camera:
        """The same camera in other coordinates of the scene, in which it takes the same picture.

        Args:
            similarity: from the scene's coordinates now to the new ones: a rotation, a scale and a shift.

        Raises:
            InputError: see ``similarity_parts``.
        """
        scale, rotation, shift = similarity_parts(similarity)
        pose = torch.eye(4, dtype=torch.float64)
        pose[:3, :3] = rotation @ self.rotation
        pose[:3, 3] = scale * rotation @ self.centre + shift
        return replace(self, world_from_camera=pose)


def pose_fault(pose: Float[Tensor, "h w"]) -> str:
    """What makes a matrix no camera's pose, as the end of a sentence; empty if it is one."""
    if tuple(pose.shape) != (4, 4):
        return f"its matrix has shape {tuple(pose.shape)}; expected (4, 4)"
    if not bool(pose.float().isfinite().all()):
        return "its matrix has NaN or infinite numbers, or some beyond 3e38"
    rotation = pose[:3, :3]
    determinant = float(torch.linalg.det(rotation))
    if abs(determinant) < 1e-9:
        return "its matrix is singular"
    if determinant < 0:
        return f"its matrix mirrors (determinant {determinant:.3g}); expected a rotation"
    if not torch.allclose(rotation.T @ rotation, torch.eye(3, dtype=pose.dtype), atol=_RIGHT_ANGLES):
        return f"its matrix is no rotation (determinant {determinant:.3g})"
    if not torch.allclose(pose[3], pose.new_tensor(_LAST_ROW), atol=_RIGHT_ANGLES):
        row = ", ".join(f"{value:g}" for value in pose[3].tolist())
        return f"the last row of its matrix is ({row}); expected (0, 0, 0, 1)"
    return ""


def similarity_parts(
    similarity: Float[Tensor, "4 4"],
) -> tuple[float, Float[Tensor, "3 3"], Float[Tensor, "3"]]:
    """Scale, rotation and shift of a similarity, float64.

    Raises:
        InputError: it is none: mirrored, sheared, scaled by axis, singular or not finite.

    Example:
        >>> similarity_parts(2 * torch.eye(4))[0]
        2.0
    """
    matrix = torch.as_tensor(similarity, dtype=torch.float64)
    corner = matrix[:3, :3]
    determinant = float(torch.linalg.det(corner)) if bool(matrix.isfinite().all()) else math.nan
    scale = abs(determinant) ** (1 / 3) if determinant == determinant else 0.0
    turned = torch.eye(4, dtype=torch.float64)
    turned[:3, :3] = corner / scale if scale > 0 else corner
    turned[3] = matrix[3]
    if not scale > 0 or determinant < 0 or pose_fault(turned):
        raise InputError("scene: expected a similarity (rotation, scale and shift), got a matrix that is none")
    return scale, turned[:3, :3], matrix[:3, 3]
