"""Samples as blocks of a page: a picture file where they are bytes, else packed numbers; both as base64."""

from __future__ import annotations

import base64
import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Shaped, UInt8
from PIL import Image
from torch import Tensor

from ..fields.compact_samples import STEPS, compacted

_LOSSY_QUALITY = 95
_THOROUGH, _QUICK = {"quality": 100, "method": 4}, {"quality": 50, "method": 2}


@dataclass(frozen=True)
class Block:
    """Samples packed for a page.

    Attributes:
        facts: what the page is told of them: mime type, width, height, channels and, where they are numbers, which.
        data: the bytes.
        values: what the page will unpack; of a picture (height, width, channels).
        way: how they are packed, for people.
    """

    facts: dict[str, Any]
    data: bytes
    values: Float[np.ndarray, "*shape"]
    way: str

    @property
    def base64(self) -> str:
        """The bytes as the page holds them."""
        return base64.b64encode(self.data).decode()


def block_of(
    samples: Shaped[Tensor, "c h w"], *, lossy: bool = False, exact: bool = False, quickly: bool = False
) -> Block:
    """Samples in the fewest bytes that hold them: lossless WebP if they are whole steps of 1/255, else half precision.

    Args:
        samples: a channel after the other; bytes stand for steps of 1/255.
        lossy: a JPEG of quality 95 instead.
        exact: single precision instead of half, where half precision would round.
        quickly: in a sixth of the time, and a twentieth more bytes, where there are many.
    """
    stored = compacted(samples.detach().cpu()).permute(1, 2, 0).contiguous()
    if lossy:
        return _jpeg(_as_bytes(stored))
    if stored.dtype == torch.uint8 and stored.shape[2] in (1, 3):
        return _webp(stored.numpy(), **(_QUICK if quickly else _THOROUGH))
    numbers = stored.float() / STEPS if stored.dtype == torch.uint8 else stored
    return _packed(numbers.numpy().astype(np.float32 if exact and numbers.dtype == torch.float32 else np.float16))


def still_of(shown: Float[np.ndarray, "h w 3"]) -> Block:
    """A small picture for where nothing can be computed, from display-encoded values in [0, 1]."""
    return _pillow(_quantised(shown), "image/webp", "WebP", format="WEBP", quality=80)


def _as_bytes(stored: Shaped[Tensor, "h w c"]) -> UInt8[np.ndarray, "h w c"]:
    return stored.numpy() if stored.dtype == torch.uint8 else _quantised(stored.float().numpy())


def _quantised(values: Float[np.ndarray, "h w c"]) -> UInt8[np.ndarray, "h w c"]:
    steps: np.ndarray = np.rint(values.clip(0, 1) * STEPS).astype(np.uint8)
    return steps


def _webp(pixels: UInt8[np.ndarray, "h w c"], **effort: int) -> Block:
    return _pillow(pixels, "image/webp", "lossless WebP, 8 bits", format="WEBP", lossless=True, **effort)


def _jpeg(pixels: UInt8[np.ndarray, "h w c"]) -> Block:
    return _pillow(
        pixels, "image/jpeg", "JPEG, lossy", format="JPEG", quality=_LOSSY_QUALITY, subsampling=0, optimize=True
    )


def _pillow(pixels: UInt8[np.ndarray, "h w c"], mime: str, way: str, **saving: Any) -> Block:
    packed = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(packed, **saving)
    with Image.open(io.BytesIO(packed.getvalue())) as opened:
        unpacked = np.asarray(opened.convert("L" if pixels.shape[2] == 1 else "RGB")).reshape(pixels.shape)
    values = unpacked.astype(np.float32) / np.float32(STEPS)
    return Block({"mime": mime, **_sides(pixels)}, packed.getvalue(), values, way)


def _packed(numbers: Float[np.ndarray, "h w c"]) -> Block:
    """All first bytes, then all second bytes and so on, which gzip packs better."""
    by_place = numbers.reshape(-1, 1).view(np.uint8).T
    facts = {"mime": "application/gzip", **_sides(numbers), "numbers": numbers.dtype.name}
    data = gzip.compress(by_place.tobytes(), 9, mtime=0)
    bits = 8 * numbers.itemsize
    return Block(facts, data, numbers.astype(np.float32), f"numbers of {bits} bits, gzip")


def _sides(values: np.ndarray) -> dict[str, int]:
    height, width, channels = values.shape
    return {"width": width, "height": height, "channels": channels}


Packing = Callable[[Tensor], Block]
"""Samples to a block, with the options chosen."""
