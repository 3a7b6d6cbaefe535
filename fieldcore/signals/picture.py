"""Pictures as signals: bilinear between pixel centres, mirrored at the border."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from ..errors import InputError
from ..filters.filter import Numbers
from ..images import WHITE, Encoding, composited, display_from_linear, linear_from_display, read_image
from ..images.peak import robust_peak
from ..images.pixels import as_pixels
from ..images.shrinking import shrunk
from ..registry import deferred
from ..samples import sample_path
from ..sources import is_address, local_bytes, local_file
from .signal import Signal, SignalFacts, as_points, scaled_axes


class Picture(Signal):
    """A picture on [-1, 1] along its longer side; pixels are square, so the shorter side spans less.

    The value between pixel centres is bilinear, beyond the border mirrored (the border pixel is repeated), so the
    picture is a continuous function on the whole plane. Pixel ``i`` of ``N`` along an axis of half extent ``h``
    has its centre at ``h ((2i + 1)/N - 1)``.

    Args:
        pixels: (height, width, channels) or (height, width) values, display-encoded in [0, 1] or linear; an array, a
            tensor or a list. uint8, uint16 and bool are divided by the most that they hold.
        name: for people; usually the file's name.
        encoding: how the colours are encoded.
        source_resolution: (width, height) of the file, if the pixels were resized.
        value_scale: pixels times this are the file's values.
        background: what transparent parts were composited on, display-encoded.

    Attributes:
        notices: what was assumed or left out when the picture was read, one sentence each.

    Raises:
        InputError: another shape or type, fewer than 2 x 2 pixels, NaN or infinite values, display-encoded values far
            outside [0, 1], or a background that is no colour.

    Example:
        >>> picture = Picture([[0.0, 1.0], [1.0, 0.0]])
        >>> picture(torch.zeros(1, 2))  # the middle, between all four
        tensor([[0.5000]])
    """

    type = "picture"
    truth_type = deferred("fieldcore.picture_truth:PictureTruth")
    notices: tuple[str, ...] = ()

    def __init__(
        self,
        pixels: Any,
        name: str = "picture",
        encoding: Encoding = "display",
        source_resolution: tuple[int, int] | None = None,
        value_scale: float = 1.0,
        background: Sequence[float] = WHITE,
    ) -> None:
        pixels = as_pixels(pixels, name, display_encoded=encoding == "display")
        height, width, channels = pixels.shape
        background = checked_background(background)
        longer = max(width, height)
        self.facts = SignalFacts(
            type=self.type,
            name=name,
            digest=hashlib.sha256(pixels.tobytes() + f"{pixels.shape}{encoding}".encode()).hexdigest(),
            half_extent=(width / longer, height / longer),
            channels=channels,
            resolution=(width, height),
            source_resolution=source_resolution or (width, height),
            encoding=encoding,
            background=background,
            value_scale=value_scale,
        )
        self._planes = torch.from_numpy(pixels).permute(2, 0, 1)[None].clone(memory_format=torch.contiguous_format)

    @classmethod
    def open(
        cls,
        path: Path | str | bytes,
        *,
        max_size: int | None = None,
        encoding: Literal["auto", "display", "linear"] = "auto",
        background: Sequence[float] = WHITE,
        layer: str | None = None,
    ) -> Picture:
        """Read a picture file.

        Args:
            path: PNG, JPEG, TIFF, EXR, HDR or whatever Pillow reads; an http(s) address; the bytes of such a file; or
                ``sample:NAME`` for a photograph that scikit-image carries (``sample:astronaut``, ...).
            max_size: shrink, with anti-aliasing, so that the longer side is at most this many pixels.
            encoding: ``display`` filters the colours as they are stored, ``linear`` in linear light;
                ``auto`` is linear for HDR files and display for all others.
            background: display-encoded colour in [0, 1] that transparent parts are composited on.
            layer: of an EXR file: the layer, the part or, by its full name, the single channel to read.

        Raises:
            InputError: missing, unreadable, empty, too large, too small or NaN-filled picture, or one of whose layers
                none was chosen.
        """
        if isinstance(path, bytes) or is_address(str(path)):
            with local_bytes("picture", path) if isinstance(path, bytes) else local_file("picture", str(path)) as file:
                return cls.open(file, max_size=max_size, encoding=encoding, background=background, layer=layer)
        path, background = sample_path(str(path)), checked_background(background)
        image = read_image(path, layer=layer)
        stored = image.encoding
        source_resolution = (image.values.shape[1], image.values.shape[0])
        values = composited(image, background)
        scale, notices = 1.0, image.notices
        if stored == "linear" and np.isfinite(values).all():
            values, scale, clipped = _scaled_to_one(values)
            if clipped:
                many = "1 pixel is" if clipped == 1 else f"{clipped} pixels are"
                notices += (
                    f"picture '{path.name}': {many} clipped to {scale:.4g}, being far brighter than all others",
                )
        if encoding not in ("auto", stored):
            values = linear_from_display(values) if encoding == "linear" else display_from_linear(values)
            stored = encoding  # type: ignore[assignment]
        if max_size is not None:
            values = shrunk(values, max_size)
        picture = cls(values, path.name, stored, source_resolution, scale, background)
        picture.facts, picture.notices = replace(picture.facts, layer=layer or ""), notices
        return picture

    @property
    def pixels(self) -> Float[np.ndarray, "h w c"]:
        """The values at the pixel centres, (height, width, channels)."""
        return self._planes[0].permute(1, 2, 0).cpu().numpy()

    @property
    def device(self) -> torch.device:
        """Where the pixels are."""
        return self._planes.device

    def __call__(self, x: Numbers) -> Float[Tensor, "n c"]:
        """Bilinear values at the points ``x`` (n, 2), mirrored beyond the border.

        Raises InputError: see ``as_points``.
        """
        x = as_points(x, 2, self.device).to(self._planes.dtype)
        inside_one = scaled_axes(x, [1 / half for half in self.facts.half_extent])
        # align_corners=False puts -1 and 1 at the outer pixel edges, and "reflection" mirrors there.
        values = F.grid_sample(
            self._planes, inside_one[None, None], mode="bilinear", padding_mode="reflection", align_corners=False
        )
        return values[0, :, 0].T

    def own_samples(self) -> Float[Tensor, "c h w"]:
        """The pixels, a channel after the other."""
        return self._planes[0]

    @classmethod
    def open_again(cls, facts: SignalFacts, source: str) -> Picture:
        """The picture in the same size and colour encoding, on the same background, of the same layer."""
        encoding: Any = facts.encoding
        size, layer = max(facts.resolution), facts.layer or None
        return cls.open(source, max_size=size, encoding=encoding, background=facts.background, layer=layer)

    @classmethod
    def sources(cls, facts: SignalFacts) -> tuple[str, ...]:
        """The photograph of scikit-image that has its name, if there is one."""
        return (f"sample:{Path(facts.name).stem}",)

    def to(self, device: torch.device | str) -> Picture:
        """The same picture with its pixels on ``device``."""
        moved = object.__new__(type(self))
        moved.facts, moved.notices, moved.training_cells = self.facts, self.notices, self.training_cells
        moved._planes = self._planes.to(device)
        return moved


def checked_background(background: Sequence[float]) -> tuple[float, float, float]:
    """A background's three components. Raises InputError if they are no display-encoded colour in [0, 1]."""
    components = tuple(float(component) for component in background)
    if len(components) != 3 or not all(0 <= component <= 1 for component in components):
        shown = " ".join(f"{component:g}" for component in components)
        raise InputError(f"background: expected three numbers in [0, 1], red, green and blue, got {shown}")
    return components


def _scaled_to_one(values: Float[np.ndarray, "h w c"]) -> tuple[Float[np.ndarray, "h w c"], float, int]:
    """Linear values with peak 1, what they are to be multiplied by again, and how many pixels were clipped for that."""
    peak, clipped = robust_peak(values)
    if clipped:
        values = np.minimum(values, np.float32(peak))
    return (values / np.float32(peak), peak, clipped) if peak > 1 else (values, 1.0, clipped)
