"""The rays of all pixels of many views, drawn at random, with what the photographs show there."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..views.camera import Camera
from ..views.view import View
from .rendering import Rays


class PixelRays:
    """All pixels of views, kept as bytes.

    Args:
        views: whose photographs are read.
        device: where they are kept and drawn.
    """

    def __init__(self, views: Sequence[View], device: torch.device) -> None:
        pictures = [(view.pixels() * 255).round().to(torch.uint8).flatten(0, 1) for view in views]
        self.pixels = torch.cat(pictures).to(device)
        counts = torch.tensor([len(picture) for picture in pictures])
        self._ends = counts.cumsum(0).to(device)
        self._starts = self._ends - counts.to(device)
        cameras = [view.camera for view in views]
        self._widths = torch.tensor([camera.width for camera in cameras], device=device)
        self._lenses = torch.tensor([_lens(camera) for camera in cameras], dtype=torch.float32, device=device)
        self._poses = torch.stack([camera.world_from_camera for camera in cameras]).float().to(device)

    def __len__(self) -> int:
        return len(self.pixels)

    def drawn(self, count: int, generator: torch.Generator) -> tuple[Rays, Float[Tensor, "n 4"]]:
        """Pixels drawn evenly from all views: their rays, and their colours, premultiplied, with alpha.

        They are in order, so that what neighbouring rays look up lies together.

        Args:
            count: of pixels.
            generator: of the choice, on the device.
        """
        chosen = torch.randint(len(self.pixels), (count,), generator=generator, device=generator.device).sort().values
        return self.rays(chosen), self.pixels[chosen].float() / 255

    def rays(self, chosen: Int[Tensor, "n"]) -> Rays:
        """The rays through the centres of pixels, numbered through all views."""
        view = torch.searchsorted(self._ends, chosen, right=True)
        within, width = chosen - self._starts[view], self._widths[view]
        fx, fy, cx, cy, skew = self._lenses[view].unbind(1)
        down = (within // width + 0.5 - cy) / fy
        right = (within % width + 0.5 - cx - skew * down) / fx
        poses = self._poses[view]
        ahead = torch.stack([right, -down, -torch.ones_like(right)], 1)
        directions = torch.nn.functional.normalize((poses[:, :3, :3] @ ahead[..., None])[..., 0], dim=1)
        return Rays(poses[:, :3, 3], directions, 1 / fx)


def _lens(camera: Camera) -> tuple[float, ...]:
    return camera.fx, camera.fy, camera.cx, camera.cy, camera.skew


def camera_rays(camera: Camera, device: torch.device) -> Rays:
    """The rays of all pixels of a camera, row by row."""
    origins, directions = camera.rays(camera.pixel_centres().to(device))
    return Rays(origins, directions, origins.new_full((len(origins),), 1 / camera.fx))
