"""Sines, cosines and exponentials of whole tensors without gradients, as quick as the machine has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor


def sine(x: Float[Tensor, "*n"], out: Float[Tensor, "*n"] | None = None) -> Float[Tensor, "*n"]:
    """``sin x``, into ``out`` if that is given, which may be ``x``."""
    return _computed(np.sin, torch.sin, x, out)


def cosine(x: Float[Tensor, "*n"], out: Float[Tensor, "*n"] | None = None) -> Float[Tensor, "*n"]:
    """``cos x``, into ``out`` if that is given, which may be ``x``."""
    return _computed(np.cos, torch.cos, x, out)


def exponential(x: Float[Tensor, "*n"], out: Float[Tensor, "*n"] | None = None) -> Float[Tensor, "*n"]:
    """``exp x``, into ``out`` if that is given, which may be ``x``."""
    return _computed(np.exp, torch.exp, x, out)


def _computed(by_numpy: Any, by_torch: Any, x: Tensor, out: Tensor | None) -> Tensor:
    """NumPy's take half the time of PyTorch's on one core, of float32; their error is 7e-8."""
    out = torch.empty_like(x) if out is None else out
    if x.dtype == torch.float32 and x.device.type == "cpu" and torch.get_num_threads() == 1:
        with np.errstate(all="ignore"):  # as PyTorch, which says nothing of what is infinite
            by_numpy(x.detach().numpy(), out=out.numpy())
        return out
    return by_torch(x, out=out)
