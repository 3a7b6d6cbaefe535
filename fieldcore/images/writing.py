"""Writing pictures: 8 and 16 bit, EXR, Radiance HDR and PFM, without metadata, in sRGB or linear light."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float, UInt8, UInt16

from ..errors import InputError
from ..files import written_whole
from .curves import quantised, quantised_to_16_bits

Bits = Literal[8, 16]
Writer = Callable[[Path, np.ndarray], None]


def write_image(
    path: Path | str,
    values: Float[np.ndarray, "h w *c"] | UInt8[np.ndarray, "h w *c"] | UInt16[np.ndarray, "h w *c"],
    bits: Bits = 8,
) -> None:
    """Write a picture, whole or not at all; the suffix chooses the format.

    Args:
        path: ``.exr``, ``.hdr`` and ``.pfm`` take linear light. All others take display-encoded values.
        values: (height, width) or (height, width, channels), where two or four channels are colours and straight alpha
            (in EXR: premultiplied). Display-encoded floats in [0, 1] are rounded; uint8 and uint16 are written as they
            are.
        bits: what floats are rounded to; 16 are for PNG and TIFF.

    Raises:
        InputError: a suffix that is not written, more bits or other channels than its format has, or no room.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> write_image(folder / "grey.png", np.full((2, 3), 0.5, np.float32), bits=16)
    """
    path = Path(path)
    check_writable_format(path, bits)
    values = np.asarray(values)
    values = values[..., None] if values.ndim == 2 else values
    allowed = _CHANNELS[path.suffix.lower()]
    if values.ndim != 3 or values.shape[2] not in allowed or not values.size:
        counts = " or ".join(map(str, allowed))
        raise InputError(f"'{path}': expected values of shape (height, width, {counts}), got {values.shape}")
    if not is_high_dynamic_range(path):
        values = _whole_numbers(values, bits)
        if values.dtype == np.uint16:
            check_writable_format(path, 16)
    with written_whole(path) as temporary:
        WRITERS[path.suffix.lower()](temporary, np.ascontiguousarray(values))


def check_writable_format(path: Path | str, bits: Bits = 8) -> None:
    """Raise InputError early if ``write_image`` does not know the suffix of ``path``, or not with so many bits."""
    suffix = Path(path).suffix.lower()
    if suffix not in WRITERS:
        what = f"the suffix '{suffix}' is no picture format that is written" if suffix else "it has no suffix"
        raise InputError(f"'{path}': {what}; use {', '.join(WRITERS)}")
    if bits not in (8, 16):
        raise InputError(f"bits: expected 8 or 16, got {bits}")
    if bits == 16 and suffix not in _SIXTEEN_BITS and suffix not in _LINEAR:
        raise InputError(f"'{path}': '{suffix}' has 8 bits; for 16 use {', '.join(_SIXTEEN_BITS)}")


def is_high_dynamic_range(path: Path | str) -> bool:
    """Whether the file format stores linear floats."""
    return Path(path).suffix.lower() in _LINEAR


def _whole_numbers(values: np.ndarray, bits: Bits) -> UInt8[np.ndarray, "h w c"] | UInt16[np.ndarray, "h w c"]:
    if values.dtype in (np.uint8, np.uint16):
        return values
    if values.dtype.kind == "b":
        return values.astype(np.uint8) * np.uint8(255)
    if values.dtype.kind != "f":
        raise InputError(f"expected floats, uint8 or uint16 as pixels to write, got {values.dtype}")
    return quantised(values) if bits == 8 else quantised_to_16_bits(values)


def _write_png(path: Path, values: np.ndarray) -> None:
    import imagecodecs

    squeezed = values[..., 0] if values.shape[2] == 1 else values
    # The settings of OpenCV: several times as fast as zlib's own at nearly its size.
    path.write_bytes(imagecodecs.png_encode(squeezed, level=1, strategy=3, filter=16))


def _write_by_pillow(path: Path, values: np.ndarray, name: str, **options: object) -> None:
    from PIL import Image

    Image.fromarray(values[..., 0] if values.shape[2] == 1 else values).save(path, name, **options)


def _write_tiff(path: Path, values: np.ndarray) -> None:
    import tifffile

    channels = values.shape[2]
    tifffile.imwrite(
        path,
        values[..., 0] if channels == 1 else values,
        photometric="rgb" if channels > 2 else "minisblack",
        planarconfig="contig" if channels > 1 else None,
        extrasamples=["unassalpha"] if channels in (2, 4) else None,
        compression="zlib",
        compressionargs={"level": 1},  # four times as quick as zlib's own choice, at nearly its size
        predictor=True,
        metadata=None,
        software=False,
    )


def _write_hdr(path: Path, values: np.ndarray) -> None:
    import imagecodecs

    colour = np.repeat(values, 3, axis=2) if values.shape[2] == 1 else values
    path.write_bytes(imagecodecs.rgbe_encode(colour.astype(np.float32), header=True, rle=colour.shape[1] >= 8))


def _write_exr(path: Path, values: np.ndarray) -> None:
    import OpenEXR

    pixels = np.ascontiguousarray(values, dtype=np.float32)
    names = {1: ("Y",), 2: ("Y", "A"), 3: ("RGB",), 4: ("RGBA",)}[pixels.shape[2]]
    planes = [pixels] if len(names) == 1 else [pixels[..., k] for k in range(2)]
    channels = {
        name: np.ascontiguousarray(plane[..., 0] if plane.ndim == 3 and plane.shape[2] == 1 else plane)
        for name, plane in zip(names, planes, strict=True)
    }
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, channels).write(str(path))


def _write_pfm(path: Path, values: np.ndarray) -> None:
    height, width, channels = values.shape
    head = f"{'Pf' if channels == 1 else 'PF'}\n{width} {height}\n-1.0\n".encode()
    path.write_bytes(head + np.ascontiguousarray(values[::-1], dtype="<f4").tobytes())


WRITERS: dict[str, Writer] = {
    ".png": _write_png,
    ".jpg": lambda path, values: _write_by_pillow(path, values, "JPEG", quality=95),
    ".jpeg": lambda path, values: _write_by_pillow(path, values, "JPEG", quality=95),
    ".tif": _write_tiff,
    ".tiff": _write_tiff,
    ".webp": lambda path, values: _write_by_pillow(path, values, "WEBP", quality=95),
    ".bmp": lambda path, values: _write_by_pillow(path, values, "BMP"),
    ".exr": _write_exr,
    ".hdr": _write_hdr,
    ".pfm": _write_pfm,
}
"""By suffix; display-encoded formats are handed uint8 or uint16, the others floats."""

_CHANNELS = dict.fromkeys(WRITERS, (1, 2, 3, 4)) | {
    ".jpg": (1, 3),
    ".jpeg": (1, 3),
    ".webp": (1, 3, 4),
    ".bmp": (1, 3),
    ".hdr": (1, 3),
    ".pfm": (1, 3),
}
_LINEAR = (".exr", ".hdr", ".pfm")
_SIXTEEN_BITS = (".png", ".tif", ".tiff")
