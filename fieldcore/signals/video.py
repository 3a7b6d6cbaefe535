"""Videos as signals: colours over the picture's plane and time, trilinear between the centres of pixels and frames."""

from __future__ import annotations

import hashlib
import math
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from ..errors import InputError
from ..filters.filter import Numbers
from ..images import quantised
from ..registry import deferred
from ..videos import MOST_BYTES, read_clip
from .signal import Signal, SignalFacts, as_points, folded

_AT_ONCE = 1 << 20
"""Points whose eight neighbours are read together."""


class Video(Signal):
    """A video as a function of (x, y, t): x and y are a picture's, the whole duration is [-1, 1].

    Pixels are square and the longer side spans [-1, 1]. Frame ``i`` of ``N`` has its centre at ``(2i + 1)/N - 1``.
    Between the centres of pixels and frames values are trilinear, beyond the border mirrored along all three axes.
    Frames stay in memory as bytes.

    Args:
        frames: (frames, height, width, 3), (frames, height, width, 1) or (frames, height, width), uint8 or
            display-encoded floats in [0, 1]; an array, a tensor or a list.
        name: for people; usually the file's name.
        frames_per_second: how fast they follow one another.
        source_resolution: (width, height, frames) of the file, if it held more.
        first_frame: number of the first frame in that file.

    Attributes:
        notices: what was assumed or left out when the video was read, one sentence each.

    Raises:
        InputError: another shape or type, fewer than two frames or 2 x 2 pixels, NaN or infinite values, or no rate.

    Example:
        >>> frames = np.zeros((2, 4, 6, 3), np.uint8)
        >>> frames[1] = 255
        >>> Video(frames)([[0.0, 0.0, 0.0]])  # the middle of time, between both frames
        tensor([[0.5000, 0.5000, 0.5000]])
    """

    type = "video"
    truth_type = deferred("fieldcore.video_truth:VideoTruth")
    measures = deferred("fieldcore.video_scoring:VIDEOS")
    notices: tuple[str, ...] = ()

    def __init__(
        self,
        frames: Any,
        name: str = "video",
        *,
        frames_per_second: float | int = 25.0,
        source_resolution: tuple[int, int, int] | None = None,
        first_frame: int = 0,
    ) -> None:
        if not 0 < frames_per_second < math.inf:
            raise InputError(f"video '{name}': expected a rate above 0 frames a second, got {frames_per_second}")
        frames = _as_frames(frames, name)
        count, height, width, _ = frames.shape
        longer = max(width, height)
        digest = hashlib.sha256(f"{frames.shape}".encode())
        digest.update(frames.data)
        self.facts = SignalFacts(
            type=self.type,
            name=name,
            digest=digest.hexdigest(),
            half_extent=(width / longer, height / longer, 1.0),
            channels=3,
            resolution=(width, height, count),
            source_resolution=source_resolution or (width, height, count),
            encoding="display",
            duration_seconds=count / frames_per_second,
            first_frame=first_frame,
        )
        self._frames = torch.from_numpy(frames)

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        start: int = 0,
        stop: int | None = None,
        max_size: int | None = None,
        most_bytes: int = MOST_BYTES,
        shrink: bool = False,
    ) -> Video:
        """Read a film, an animated picture or a folder of numbered pictures; see ``read_clip``.

        Args:
            path: MP4, MOV, WebM, AVI and other films, animated GIF, PNG and WebP, or a folder.
            start, stop: frames from this number up to that one (None: to the end), counted from 0.
            max_size: shrink frames, with anti-aliasing, so that the longer side is at most this many pixels.
            most_bytes: what all frames together may take, a byte a value.
            shrink: shrink frames until they fit, in place of refusing the clip; a notice says so.

        Raises:
            InputError: no such file, no film, damaged or too large; fewer than two frames, or of several sizes.
        """
        clip = read_clip(path, start=start, stop=stop, max_size=max_size, most_bytes=most_bytes, shrink=shrink)
        video = cls(
            clip.frames,
            Path(path).name,
            frames_per_second=clip.frames_per_second,
            source_resolution=clip.source_resolution,
            first_frame=clip.first,
        )
        video.notices = clip.notices
        return video

    @property
    def frames(self) -> UInt8[np.ndarray, "n h w 3"]:
        """All frames, (frames, height, width, 3), top row first."""
        return self._frames.cpu().numpy()

    @property
    def frame_tensor(self) -> UInt8[Tensor, "n h w 3"]:
        """The same where they are, not copied."""
        return self._frames

    @property
    def device(self) -> torch.device:
        """Where the frames are."""
        return self._frames.device

    def __call__(self, x: Numbers) -> Float[Tensor, "n 3"]:
        """Trilinear values at the points ``x`` (n, 3), mirrored beyond the border.

        Raises InputError: see ``as_points``.
        """
        x = as_points(x, 3, self.device).float()
        if len(x) <= _AT_ONCE:
            return self._values(x)
        return torch.cat([self._values(part) for part in x.split(_AT_ONCE)])

    def _values(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
        """The sum over the eight samples around each point."""
        lower, upper, share = self._neighbours(x)
        height, width = self._frames.shape[1:3]
        table = self._frames.view(-1, 3)
        values = x.new_zeros(len(x), 3)
        for corner in product((False, True), repeat=3):
            column, row, frame = ((upper if is_upper else lower)[:, axis] for axis, is_upper in enumerate(corner))
            weight = torch.stack(
                [share[:, axis] if is_upper else 1 - share[:, axis] for axis, is_upper in enumerate(corner)]
            ).prod(0)
            values += weight[:, None] * table.index_select(0, (frame * height + row) * width + column)
        return values / 255

    def _neighbours(self, x: Float[Tensor, "n 3"]) -> tuple[Tensor, Tensor, Float[Tensor, "n 3"]]:
        """The samples before and after a point along each axis, and how far it is on the way between them."""
        halves, sizes = x.new_tensor(self.facts.half_extent), x.new_tensor(self.facts.resolution)
        position = ((folded(x, self.facts) / halves + 1) * sizes - 1) / 2
        position = torch.minimum(position.clamp_min(0), sizes - 1)  # half a sample at either end is its own mirror
        lower = torch.minimum(position.floor(), sizes - 2)
        return lower.long(), lower.long() + 1, position - lower

    def own_samples(self) -> UInt8[Tensor, "3 n h w"]:
        """The frames as bytes, a channel after the other."""
        return self._frames.permute(3, 0, 1, 2)

    @classmethod
    def open_again(cls, facts: SignalFacts, source: str) -> Video:
        """The same frames of the file, in the same size."""
        width, height, count = facts.resolution
        first = facts.first_frame
        return cls.open(source, start=first, stop=first + count, max_size=max(width, height))

    def to(self, device: torch.device | str) -> Video:
        """The same video with its frames on ``device``."""
        moved = object.__new__(type(self))
        moved.facts, moved.notices = self.facts, self.notices
        moved._frames = self._frames.to(device)
        return moved


def _as_frames(frames: Any, name: str) -> UInt8[np.ndarray, "n h w 3"]:
    """Frames as bytes of three channels, not copied where they are that already."""
    if isinstance(frames, Tensor):
        frames = frames.detach().cpu().numpy()
    try:
        array = np.asarray(frames)
    except (ValueError, TypeError) as error:  # frames of different sizes
        raise InputError(f"video '{name}': expected an array of frames, got {type(frames).__name__}") from error
    array = array[..., None] if array.ndim == 3 else array
    if array.ndim != 4 or array.shape[3] not in (1, 3):
        raise InputError(f"video '{name}': expected frames of shape (frames, height, width, 3), got {array.shape}")
    count, height, width, _ = array.shape
    if count < 2 or min(height, width) < 2:
        got = f"{count} of {width} x {height}"
        raise InputError(f"video '{name}': expected at least two frames of 2 x 2 pixels, got {got}")
    array = _as_bytes(array, name)
    return np.ascontiguousarray(array if array.shape[3] == 3 else np.repeat(array, 3, axis=3))


def _as_bytes(array: np.ndarray, name: str) -> UInt8[np.ndarray, "n h w c"]:
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind != "f":
        raise InputError(f"video '{name}': expected frames as uint8 or floats in [0, 1], got {array.dtype}")
    low, high = float(array.min()), float(array.max())
    if not (math.isfinite(low) and low >= -1 and high <= 2):
        raise InputError(f"video '{name}': expected display-encoded values in [0, 1], got {low:.4g} to {high:.4g}")
    return quantised(array)
