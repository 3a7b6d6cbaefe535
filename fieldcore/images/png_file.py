"""PNG, 1 to 16 bits: pixels by libpng, which keeps them all; what the other chunks say about colours, by ourselves."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from .colour_spaces import SRGB, Chromaticities, converter
from .decoded import Decoded
from .faults import Refused
from .limits import check_size
from .orientation import ORIENTATION_TAG, orientation_of
from .transfer_curves import describe_by_code_points

_MOST_PROFILE_BYTES = 1 << 24
_USUAL_GAMMA, _GAMMA_TOLERANCE = 1 / 2.2, 5e-3
"""Writers mean the sRGB curve by this number; libpng, too, takes such small differences for none."""

Chunks = dict[bytes, bytes]


def decode(path: Path, layer: str | None) -> Decoded:
    """Read a PNG file; of an animated one the picture that it is when it stands still."""
    import imagecodecs

    data = path.read_bytes()
    chunks = _chunks(data)
    check_size(*struct.unpack(">II", chunks[b"IHDR"][:8]))
    samples = np.atleast_3d(imagecodecs.png_decode(data))
    grey = samples.shape[2] < 3
    decoded = Decoded(
        samples,
        white=float(np.iinfo(samples.dtype).max),
        space="grey" if grey else "rgb",
        alpha="straight" if samples.shape[2] in (2, 4) else "none",
        orientation=_orientation(path, chunks),
    )
    _add_colour_space(decoded, chunks)
    if b"acTL" in chunks and struct.unpack(">I", chunks[b"acTL"][:4])[0] > 1:
        decoded.notices.append("it is animated; its first picture is read")
    return decoded


def _chunks(data: bytes) -> Chunks:
    """The first chunk of every type but the pixels; a file that ends before its last chunk does is refused."""
    found: Chunks = {}
    start = 8
    while start + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, start)
        if start + 12 + length > len(data):
            break
        if name != b"IDAT" and name not in found:
            found[name] = data[start + 8 : start + 8 + length]
        if name == b"IEND":
            if len(found.get(b"IHDR", b"")) != 13:
                break
            return found
        start += 12 + length
    raise Refused("the PNG file is cut short or damaged; copy or export it again")


def _orientation(path: Path, chunks: Chunks) -> int:
    """From EXIF data in a chunk of its own or, as older programs wrote them, as text."""
    if b"eXIf" in chunks:
        return orientation_of(chunks[b"eXIf"])
    if not chunks.keys() & {b"tEXt", b"zTXt", b"iTXt"}:
        return 1
    from PIL.PngImagePlugin import PngImageFile

    try:
        with PngImageFile(path) as image:
            return int(image.getexif().get(ORIENTATION_TAG, 1))
    except Exception:  # the text may be broken in any way, the picture is sound all the same
        return 1


def _add_colour_space(decoded: Decoded, chunks: Chunks) -> None:
    """By the chunk that counts most (PNG 3, 4.3): cICP, iCCP, sRGB, then gAMA and cHRM."""
    if b"cICP" in chunks and _add_code_points(decoded, chunks[b"cICP"]):
        return
    if b"iCCP" in chunks:
        decoded.profile = _profile(chunks[b"iCCP"])
    elif b"sRGB" not in chunks:
        decoded.corrected = converter(_gamma_curve(chunks), _chromaticities(chunks))


def _add_code_points(decoded: Decoded, chunk: bytes) -> bool:
    """Colours as H.273 numbers them; False where it is none that is known here."""
    primaries, transfer, matrix, full_range = struct.unpack(">4B", chunk[:4].ljust(4, b"\0"))
    if (matrix, full_range) != (0, 1):
        decoded.notices.append("its colours are described as those of a video, which is passed over")
        return False
    return describe_by_code_points(decoded, primaries, transfer)


def _profile(chunk: bytes) -> bytes:
    """The profile in an iCCP chunk: a name, a zero, how it is packed, and the packed profile."""
    _, _, packed = chunk.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(packed[1:], _MOST_PROFILE_BYTES)
    except zlib.error:
        return b""


def _gamma_curve(chunks: Chunks) -> Callable[[np.ndarray], np.ndarray] | None:
    if len(chunks.get(b"gAMA", b"")) < 4:
        return None
    gamma = struct.unpack(">I", chunks[b"gAMA"][:4])[0] / 100000
    if not 0.01 <= gamma <= 10 or abs(gamma - _USUAL_GAMMA) < _GAMMA_TOLERANCE:
        return None
    return lambda values: values ** np.float32(1 / gamma)


def _chromaticities(chunks: Chunks) -> Chromaticities | None:
    if len(chunks.get(b"cHRM", b"")) < 32:
        return None
    numbers = np.array(struct.unpack(">8I", chunks[b"cHRM"][:32])) / 100000
    return Chromaticities.from_numbers(np.r_[numbers[2:], numbers[:2]]) or SRGB
