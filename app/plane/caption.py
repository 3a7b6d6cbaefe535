"""The caption: the filter in words and as an ellipse, drawn by Pillow at the frame's own resolution."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8

from ..covariance import Covariance
from ..frame_size import Size
from ..gl.canvas import (
    ACCENT,
    BACKING,
    LEAST_FONT_PX,
    QUIET_TEXT,
    TEXT,
    Font,
    Mask,
    Paint,
    baseline_in,
    canvas_of,
    font_of,
    line_mask,
)
from ..gl.overlays import caption_margin_px
from .controls import Words

_RING: Paint = (0.66, 0.69, 0.74), 0.45


def caption_image(
    covariance: Covariance,
    said: Words,
    framebuffer_px: Size,
    least_em_px: float = 12.0,
    outline: tuple[float, ...] = (),
) -> UInt8[np.ndarray, "h w 4"] | None:
    """The caption for a frame of that size, colours multiplied by alpha; None where no readable one fits.

    The ellipse's axes are as long as the logarithm of the variance along them: a dot is 1e-6 or less, the ring 1.

    Args:
        covariance: of the filter, along the two coordinates that are seen.
        said: what is written beside it.
        framebuffer_px: size of the frame.
        least_em_px: letters are so large or larger, where they fit.
        outline: of a kernel, its values at even distances from end to end, drawn in place of the ellipse.
    """
    words = [(text, TEXT if is_value else QUIET_TEXT) for text, is_value in said]
    font = _fitting_font("".join(text for text, _ in words), framebuffer_px, least_em_px)
    if font is None:
        return None
    em = font.size
    height, ring = round(2.3 * em), round(1.7 * em)
    inset = (height - ring) // 2
    text_left = ring + 2 * inset
    width = math.ceil(text_left + sum(font.getlength(text) for text, _ in words) + 0.9 * em)

    canvas = canvas_of(width, height, height / 2, BACKING)
    canvas.lay(_ellipse_mask(ring, (1.0, 0.0, 1.0)), inset, inset, _RING)
    canvas.lay(_outline_mask(ring, outline) if outline else _ellipse_mask(ring, covariance), inset, inset, ACCENT)
    left = float(text_left)
    for text, paint in words:
        left = canvas.write(text, left, baseline_in(height, font), font, paint)
    return canvas.pixels()


def _fitting_font(text: str, framebuffer_px: Size, least_em_px: float) -> Font | None:
    """The font at the size that suits the frame, or smaller so that ``text`` with its ellipse fits across."""
    room = framebuffer_px[0] - 2 * caption_margin_px(framebuffer_px)
    wanted = max(least_em_px, 0.024 * min(framebuffer_px))
    across_em = font_of(100).getlength(text) / 100 + 3.3  # with ellipse and insets
    size = math.floor(min(wanted, room / across_em))
    if size < LEAST_FONT_PX or 3 * size > framebuffer_px[1]:
        return None
    return font_of(size)


def _outline_mask(size: int, values: Sequence[float]) -> Mask:
    """A curve from the left to the right of a square, as high as it has room."""
    reach = max(map(abs, values)) or 1.0
    across = size * (0.5 + 0.36 * np.linspace(-1, 1, len(values)))
    base = 0.5 if min(values) < -0.05 * reach else 0.68
    down = size * (base - (0.4 if base > 0.5 else 0.3) * np.array(values) / reach)
    return line_mask(np.stack([across, down], -1), size, max(1.0, 0.06 * size))


def _ellipse_mask(size: int, covariance: Covariance) -> Mask:
    """Outline of a covariance in a square whose inscribed circle stands for variance 1."""
    stroke = max(1.0, 0.05 * size)
    middle, outermost = size / 2, size / 2 - stroke
    xx, xy, yy = covariance
    variances, axes = np.linalg.eigh(np.array([[xx, xy], [xy, yy]]))
    lengths = outermost * (np.log10(np.maximum(variances, 1e-6)) / 6 + 1).clip(0, 1)
    turn = np.linspace(0, 2 * np.pi, 128, endpoint=False)
    outline = middle + np.stack([np.cos(turn), np.sin(turn)], -1) * np.maximum(lengths, 0.75 * stroke) @ axes.T
    return line_mask(np.concatenate([outline, outline[:2]]), size, stroke)
