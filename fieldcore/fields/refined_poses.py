"""Cameras that are trained along with a surface: a turn and a shift of each view."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from ..radiance.rendering import Rays


class RefinedPoses(nn.Module):
    """Small turns about the camera's own centre, and shifts, both in the scene's axes.

    That the whole scene may turn, move and grow with its cameras is no error that photographs could show; ``project``
    takes such common motion out, so that the scene stays where it began.

    Args:
        count: of views.
    """

    centres: Tensor

    def __init__(self, count: int) -> None:
        super().__init__()
        self.turns = nn.Parameter(torch.zeros(count, 3))
        self.shifts = nn.Parameter(torch.zeros(count, 3))
        self.register_buffer("centres", torch.zeros(count, 3))

    def moved(self, rays: Rays, views: Int[Tensor, "r"]) -> Rays:
        """Rays of views by number, as the refined cameras have them."""
        turned = (rotations(self.turns)[views] @ rays.directions[..., None])[..., 0]
        return Rays(rays.origins + self.shifts[views], turned, rays.spread)

    @torch.no_grad()
    def project(self, used: Int[Tensor, "v"]) -> None:
        """Take out what all used views do together: turning, moving and growing around the origin, to first order."""
        centres = self.centres[used]
        arm = centres.norm(dim=1).mean()  # radians at that distance are lengths
        eye = torch.eye(3, device=centres.device).expand(len(used), 3, 3)
        turning = torch.cat([arm * eye, -_crossed(centres)], 1)
        moving = torch.cat([torch.zeros_like(eye), eye], 1)
        growing = torch.cat([torch.zeros_like(centres), centres], 1)[..., None]
        common = torch.cat([turning, moving, growing], 2).flatten(0, 1)
        own = torch.cat([arm * self.turns[used], self.shifts[used]], 1).flatten()
        rest = (own - common @ torch.linalg.lstsq(common, own[:, None]).solution[:, 0]).view(len(used), 6)
        self.turns[used], self.shifts[used] = rest[:, :3] / arm, rest[:, 3:]

    @torch.no_grad()
    def poses(self, poses: Float[Tensor, "v 4 4"]) -> Float[Tensor, "v 4 4"]:
        """World from camera, refined; float64 as given."""
        refined = poses.clone()
        refined[:, :3, :3] = rotations(self.turns.to(poses)) @ poses[:, :3, :3]
        refined[:, :3, 3] += self.shifts.to(poses)
        return refined


def rotations(turns: Float[Tensor, "v 3"]) -> Float[Tensor, "v 3 3"]:
    """The rotations around axes by their lengths, in radians."""
    return torch.linalg.matrix_exp(_crossed(turns))


def _crossed(vectors: Float[Tensor, "v 3"]) -> Float[Tensor, "v 3 3"]:
    """The matrices of the cross product with each vector from the left."""
    x, y, z = vectors.unbind(1)
    zero = torch.zeros_like(x)
    return torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], 1).view(-1, 3, 3)
