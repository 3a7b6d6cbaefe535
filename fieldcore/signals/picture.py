"""Pictures as signals: bilinear between pixel centres, mirrored at the border."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from numpy.typing import ArrayLike
from skimage.transform import resize
from torch import Tensor

from ..errors import InputError
from ..images import WHITE, Encoding, composited, display_from_linear, linear_from_display, read_image
from ..registry import deferred
from .signal import Signal, SignalFacts, as_points, scaled_axes


class Picture(Signal):
    """A picture on [-1, 1] along its longer side; pixels are square, so the shorter side spans less.

    The value between pixel centres is bilinear, beyond the border mirrored (the border pixel is repeated), so the
    picture is a continuous function on the whole plane. Pixel ``i`` of ``N`` along an axis of half extent ``h``
    has its centre at ``h ((2i + 1)/N - 1)``.

    Args:
        pixels: (height, width, channels) values, display-encoded in [0, 1] or linear.
        name: for people; usually the file's name.
        encoding: how the colours are encoded.
        source_resolution: (width, height) of the file, if the pixels were resized.
        value_scale: pixels times this are the file's values.
        background: what transparent parts were composited on.

    Raises:
        InputError: fewer than 2 x 2 pixels, or NaN or infinite values.
    """

    type = "picture"
    truth_type = deferred("fieldcore.picture_truth:PictureTruth")

    def __init__(
        self,
        pixels: Float[np.ndarray, "h w c"],
        name: str = "picture",
        encoding: Encoding = "display",
        source_resolution: tuple[int, int] | None = None,
        value_scale: float = 1.0,
        background: Sequence[float] = WHITE,
    ) -> None:
        height, width, channels = pixels.shape
        if min(height, width) < 2:
            raise InputError(f"picture '{name}': expected at least 2 x 2 pixels, got {width} x {height}")
        if not np.isfinite(pixels).all():
            share = 1 - np.isfinite(pixels).mean()
            raise InputError(f"picture '{name}': {share:.1%} of its values are NaN or infinite; repair the picture")
        pixels = np.ascontiguousarray(pixels, dtype=np.float32)
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
            background=tuple(background),
            value_scale=value_scale,
        )
        self._planes = torch.from_numpy(pixels).permute(2, 0, 1)[None].contiguous()

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        max_size: int | None = None,
        encoding: Literal["auto", "display", "linear"] = "auto",
        background: Sequence[float] = WHITE,
    ) -> Picture:
        """Read a picture file.

        Args:
            path: PNG, JPEG, TIFF, EXR, HDR or whatever Pillow reads; or ``sample:NAME`` for a photograph that
                scikit-image carries (``sample:astronaut``, ``sample:coffee``, ...).
            max_size: shrink, with anti-aliasing, so that the longer side is at most this many pixels.
            encoding: ``display`` filters the colours as they are stored, ``linear`` in linear light;
                ``auto`` is linear for HDR files and display for all others.
            background: display-encoded colour in [0, 1] that transparent parts are composited on.

        Raises:
            InputError: missing, unreadable, empty, too small or NaN-filled picture.
        """
        path = sample_path(str(path))
        values, stored = read_image(path)
        source_resolution = (values.shape[1], values.shape[0])
        values = composited(values, np.asarray(background, np.float32), stored)
        if encoding not in ("auto", stored):
            values = linear_from_display(values) if encoding == "linear" else display_from_linear(values)
            stored = encoding  # type: ignore[assignment]
        peak = float(values.max()) if stored == "linear" and values.size and np.isfinite(values).all() else 1.0
        scale = peak if peak > 1 else 1.0
        values = values / scale
        if max_size is not None:
            values = _shrunk(values, max_size)
        return cls(values, path.name, stored, source_resolution, scale, background)

    @property
    def pixels(self) -> Float[np.ndarray, "h w c"]:
        """The values at the pixel centres, (height, width, channels)."""
        return self._planes[0].permute(1, 2, 0).cpu().numpy()

    @property
    def device(self) -> torch.device:
        """Where the pixels are."""
        return self._planes.device

    def __call__(self, x: Float[Tensor, "n 2"] | ArrayLike) -> Float[Tensor, "n c"]:
        """Bilinear values at ``x``, mirrored beyond the border. Raises InputError: see ``as_points``."""
        x = as_points(x, 2, self.device).to(self._planes.dtype)
        inside_one = scaled_axes(x, [1 / half for half in self.facts.half_extent])
        # align_corners=False puts -1 and 1 at the outer pixel edges, and "reflection" mirrors there.
        values = F.grid_sample(
            self._planes, inside_one[None, None], mode="bilinear", padding_mode="reflection", align_corners=False
        )
        return values[0, :, 0].T

    @classmethod
    def open_again(cls, facts: SignalFacts, source: str) -> Picture:
        """The picture in the same size and colour encoding, on the same background."""
        encoding: Any = facts.encoding
        return cls.open(source, max_size=max(facts.resolution), encoding=encoding, background=facts.background)

    @classmethod
    def sources(cls, facts: SignalFacts) -> tuple[str, ...]:
        """The photograph of scikit-image that has its name, if there is one."""
        return (f"sample:{Path(facts.name).stem}",)

    def to(self, device: torch.device | str) -> Picture:
        """The same picture with its pixels on ``device``."""
        moved = object.__new__(type(self))
        moved.facts = self.facts
        moved._planes = self._planes.to(device)
        return moved


def sample_path(path: str) -> Path:
    """The file behind ``sample:NAME``, a picture inside the installed scikit-image; other paths unchanged."""
    if not path.startswith("sample:"):
        return Path(path)
    pictures, name = _samples(), path.removeprefix("sample:")
    if name not in pictures:
        raise InputError(f"there is no sample '{name}'; the samples are {', '.join(pictures)}")
    return pictures[name]


def sample_names() -> tuple[str, ...]:
    """What may stand after ``sample:``."""
    return tuple(_samples())


def _samples() -> dict[str, Path]:
    import skimage

    folder = Path(skimage.__file__).parent / "data"
    return {file.stem: file for file in sorted(folder.iterdir()) if file.suffix in (".png", ".jpg")}


def _shrunk(values: Float[np.ndarray, "h w c"], max_size: int) -> Float[np.ndarray, "H W c"]:
    if max_size < 2:
        raise InputError(f"size: expected at least 2 pixels, got {max_size}")
    longer = max(values.shape[:2])
    if longer <= max_size:
        return values
    shape = [max(2, round(side * max_size / longer)) for side in values.shape[:2]]
    return np.asarray(resize(values, shape, order=1, anti_aliasing=True), dtype=np.float32)
