"""JPEG 2000, AVIF and JPEG of more than 8 bits, of which Pillow keeps 8 or reads nothing: by imagecodecs, whole."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
from jaxtyping import Shaped

from .decoded import Decoded
from .faults import Refused

_SCAN_OF_JPEG, _END_OF_JPEG = b"\xff\xda", b"\xff\xd9"


def bits_of_jpeg_2000(data: bytes) -> int:
    """The most bits of a component, from the SIZ marker (ISO/IEC 15444-1, A.5.1)."""
    at = data.find(b"\xff\x51")
    if at < 0 or len(data) < at + 40:
        return 8
    count = struct.unpack_from(">H", data, at + 38)[0]
    return max(((size & 0x7F) + 1 for size in data[at + 40 : at + 40 + 3 * count : 3]), default=8)


def bits_of_avif(data: bytes) -> int:
    """From the box av1C (AV1 in ISOBMFF, 2.3.3): whether of more than 8 bits, and then whether of 12."""
    at = data.find(b"av1C")
    flags = data[at + 6] if 0 <= at < len(data) - 6 else 0
    return (12 if flags & 0x20 else 10) if flags & 0x40 else 8


def bits_of_jpeg(data: bytes) -> int:
    """From the frame header (ISO/IEC 10918-1, B.2.2), which other segments precede."""
    at = 2
    while at + 4 < len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return data[at + 4]
        at += 2 + length
    return 8


_BITS: dict[str, Callable[[bytes], int]] = {
    "JPEG2000": bits_of_jpeg_2000,
    "AVIF": bits_of_avif,
    "JPEG": bits_of_jpeg,
}


def deep_samples(path: Path, name: str) -> Decoded | None:
    """A picture of more than 8 bits in the format that Pillow calls ``name``; None if Pillow loses nothing of it."""
    if name not in _BITS:
        return None
    data = path.read_bytes()
    bits = _BITS[name](data)
    if bits <= 8:
        return None
    if name == "JPEG" and data.rfind(_END_OF_JPEG) < data.rfind(_SCAN_OF_JPEG):
        raise Refused("the JPEG file is cut short or damaged; copy or export it again")
    samples = _samples(data, name)
    count = samples.shape[2]
    return Decoded(
        samples, 2.0**bits - 1, "grey" if count < 3 else "rgb", alpha="straight" if count in (2, 4) else "none"
    )


def _samples(data: bytes, name: str) -> Shaped[np.ndarray, "h w c"]:
    import imagecodecs

    decode: dict[str, Callable[..., np.ndarray]] = {
        "JPEG2000": imagecodecs.jpeg2k_decode,
        "AVIF": imagecodecs.avif_decode,
        "JPEG": imagecodecs.jpeg_decode,
    }
    return np.atleast_3d(decode[name](data))
