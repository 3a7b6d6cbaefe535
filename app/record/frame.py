"""A finished frame, on its way to the disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8, UInt16

from fieldcore.images.curves import linear_from_display
from fieldcore.signals.mesh_file import Mesh


@dataclass(frozen=True, eq=False)
class Frame:
    """A finished frame.

    Attributes:
        pixels: display-encoded, top row first; None where there is no picture to look at.
        description: what it shows, in plain JSON values.
        milliseconds: what its parts took, by the names that reports know them by.
        stored: what its file holds, where that is not just these pixels.
    """

    pixels: UInt8[np.ndarray, "h w 3"] | None
    description: dict[str, Any]
    milliseconds: dict[str, float] = field(default_factory=dict)
    stored: UInt8[np.ndarray, "h w 4"] | UInt16[np.ndarray, "h w 4"] | Float[np.ndarray, "h w 3"] | Mesh | None = None

    @property
    def light(self) -> Float[np.ndarray, "h w 3"]:
        """Linear light: what is stored, or else what the picture, which must be there, shows."""
        if isinstance(self.stored, np.ndarray) and self.stored.dtype.kind == "f":
            return self.stored
        assert self.pixels is not None
        return light_of(self.pixels)

    @property
    def described(self) -> dict[str, Any]:
        """All that is said of it: what it shows, and what that took."""
        return {**self.description, **{name: round(value, 3) for name, value in self.milliseconds.items()}}


def light_of(pixels: UInt8[np.ndarray, "h w 3"]) -> Float[np.ndarray, "h w 3"]:
    """The linear light that a display-encoded picture shows."""
    return linear_from_display(pixels.astype(np.float32) / 255)
