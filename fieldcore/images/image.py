"""A picture in memory: its values, how they are encoded, what its alpha means, and what people should know of it."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float

from .curves import linear_from_display

Encoding = Literal["display", "linear"]
Alpha = Literal["none", "straight", "premultiplied"]

WHITE = (1.0, 1.0, 1.0)
"""What transparent parts are composited on unless a person says otherwise."""


class Image(NamedTuple):
    """A picture as a viewer would show it: upright, its colours in sRGB.

    Attributes:
        values: (height, width, channels) float32; where there is alpha, it is the last channel.
        encoding: ``display`` (sRGB curve, in [0, 1]) or ``linear`` light.
        alpha: ``none``, ``straight``, or ``premultiplied`` (colours are multiplied by it already).
        notices: what was assumed or left out, one sentence each.
    """

    values: Float[np.ndarray, "h w c"]
    encoding: Encoding = "display"
    alpha: Alpha = "none"
    notices: tuple[str, ...] = ()


def composited(
    image: Image, background: tuple[float, ...] | Float[np.ndarray, "3"] = WHITE
) -> Float[np.ndarray, "h w d"]:
    """The colours of a picture in front of a background: its values without alpha, in its own encoding.

    Args:
        image: returned as it is where it has no alpha.
        background: display-encoded; a grey picture takes its first component.
    """
    if image.alpha == "none":
        return image.values
    colour, alpha = image.values[..., :-1], image.values[..., -1:]
    behind = np.asarray(background, np.float32)[: colour.shape[2]]
    if image.encoding == "linear":
        behind = linear_from_display(behind)
    shown = colour * alpha if image.alpha == "straight" else colour
    return shown + (1 - alpha) * behind
