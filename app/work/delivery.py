"""How evaluated values leave the worker on their way to a texture: from a GPU there are three ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

Way = Literal["interop", "pinned", "plain"]
"""``interop``: they stay on the GPU, where OpenGL takes them; ``pinned``: through page-locked memory, which the GPU
copies to at full speed; ``plain``: through ordinary memory."""

WAYS: tuple[Way, ...] = ("interop", "pinned", "plain")
"""All ways, the best one first."""

HostValues = Float[np.ndarray, "h w c"]
Values = HostValues | Float[Tensor, "h w c"]
"""(height, width, channels), float32. A tensor is contiguous, on a GPU, and there: nothing has to be waited for."""


def kept_on_device(values: Float[Tensor, "h w c"]) -> Values:
    """The values of a GPU left where they are; those of a processor as an array."""
    return settled(values.float().contiguous()) if values.is_cuda else copied(values)


def through_page_locked_memory(values: Float[Tensor, "h w c"]) -> HostValues:
    """An array that shares memory with what the GPU has copied to; an ordinary copy where there is no such memory."""
    if not values.is_cuda:
        return copied(values)
    try:
        pinned = torch.empty(values.shape, dtype=torch.float32, pin_memory=True)  # torch keeps it for the next time
    except RuntimeError:  # the system gives no more of it
        return copied(values)
    pinned.copy_(values)
    return pinned.numpy()


def copied(values: Float[Tensor, "h w c"]) -> HostValues:
    """An array in ordinary memory."""
    return values.float().cpu().numpy()


DELIVERIES: dict[Way, Callable[[Tensor], Values]] = {
    "interop": kept_on_device,
    "pinned": through_page_locked_memory,
    "plain": copied,
}
"""What the worker does with the values of a layer."""


def settled(values: Tensor) -> Tensor:
    """The values once the GPU has computed them.

    The worker waits, never the window: if it went on, it would fill the GPU's queue with pictures that nobody wants any
    more, and what it measures would be how fast it asks.
    """
    if values.is_cuda:
        torch.cuda.current_stream(values.device).synchronize()
    return values
