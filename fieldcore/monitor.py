"""Watching a training: how good the field is by now."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .exclusive import exclusive


class Monitor:
    """PSNR of an unfiltered field on fixed points, each time it is called.

    Args:
        field: which is being trained.
        x: the points, on the field's device.
        values: what the field should say there.
        span: the greatest value less the least, which the PSNR is relative to.
    """

    def __init__(self, field: nn.Module, x: Float[Tensor, "n d"], values: Float[Tensor, "n c"], span: float) -> None:
        self._field, self._x, self._values, self._span = field, x, values, span

    @torch.no_grad()
    def __call__(self) -> float:
        """In dB."""
        with exclusive(self._field, training=False):
            error = (self._field(self._x) - self._values).square().mean()
        return float(-10 * torch.log10(error.clamp_min(1e-20) / self._span**2))
