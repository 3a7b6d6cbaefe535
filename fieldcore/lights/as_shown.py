"""What lies between two photos, interpolated as it is shown, and where that gives way to light, which adds.

For a point light, display-encoded photos come nearer to photos that were not taken; an area light must add light. The
form that has both is continuous in the variance:

    picture(light, filter) = sum_k w_k(light, filter) photo_k
                             + share (decoded(sum_k w_k(light) encoded_k) - sum_k w_k(light) photo_k)

with a share that is 1 for a point light and vanishes as soon as the light has a size. At a photo's own light the second
term is 0. Measured by ``python -m benchmarks.light_stage --parts between``.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..images import display_from_linear, linear_from_display
from .photos import Photos, Stored, cells_of, counting

POINT_VARIANCE = 1e-4
"""Of the light, in the chart: where the share is 1/e. It is 0.8 degrees to either side near the zenith."""


def share_of_shown(covariance: Float[np.ndarray, "*n 2 2"] | None, scale: float = 1.0) -> Float[np.ndarray, "*n"]:
    """How much the second term counts, by the mean variance of the light.

    Args:
        covariance: of the light's Gaussian; None is a point light.
        scale: of the chart.
    """
    if covariance is None:
        return np.ones(())
    mean = np.trace(covariance, axis1=-2, axis2=-1) / 2
    return np.asarray(np.exp(-mean / (POINT_VARIANCE * scale**2)))


class AsShown:
    """The second term but for its share.

    Args:
        photos: of linear light.
        numbers: what their stored numbers are.
        exposure_stops: by which they are shown brighter.

    Example:
        >>> photos = Photos(torch.tensor([0, 255], dtype=torch.uint8).view(2, 1, 1, 1), linear_from_display)
        >>> AsShown(photos, "srgb", 0.0).weighted(torch.tensor([0.5, 0.5])).flatten()  # 0.2140 - 0.5
        tensor([-0.2860])
    """

    def __init__(self, photos: Photos, numbers: Stored, exposure_stops: float | int) -> None:
        self._photos, self._gain = photos, np.float32(2.0**exposure_stops)

        def encoded(values: np.ndarray) -> np.ndarray:
            light = linear_from_display(values) if numbers == "srgb" else values
            return display_from_linear(light * self._gain)

        self._encoded = Photos(photos.stored, encoded)

    def weighted(self, weights: Float[Tensor, "l"]) -> Float[Tensor, "h w c"]:
        """Of whole pictures, with the weights of a point light."""
        if len(counting(weights)) < 2:
            return torch.zeros(self._photos.stored.shape[1:], device=self._photos.stored.device)
        return self._light(self._encoded.weighted(weights)) - self._photos.weighted(weights)

    def at(
        self, position: Float[Tensor, "n 2"], index: Int[Tensor, "n k"], weights: Float[Tensor, "n k"]
    ) -> Float[Tensor, "n c"]:
        """At points, bilinear between pixels; see ``Photos.at``."""
        found = torch.zeros(len(position), self._photos.stored.shape[3], device=position.device)
        for pixel, share in cells_of(position, self._photos.stored.shape[1:3]):
            light = self._photos.at_pixels(pixel, index, weights)
            found += share[:, None] * (self._light(self._encoded.at_pixels(pixel, index, weights)) - light)
        return found

    def _light(self, shown: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """The light of what is shown."""
        return torch.from_numpy(linear_from_display(shown.cpu().numpy()) / self._gain).to(shown.device)
