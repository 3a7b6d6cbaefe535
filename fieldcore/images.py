"""Reading and writing pictures: 8 and 16 bit, EXR and Radiance HDR, any number of channels.

Values are float32 in display encoding (sRGB, [0, 1]) for ordinary files and linear for HDR ones.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import cv2
import imageio.v3 as iio
import numpy as np
import OpenEXR
from jaxtyping import Float, UInt8, UInt16

from .errors import InputError
from .files import written_whole

Encoding = Literal["display", "linear"]

WHITE = (1.0, 1.0, 1.0)
"""What transparent parts are composited on unless a person says otherwise."""


def display_from_linear(linear: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """The sRGB transfer curve (IEC 61966-2-1), continued above 1; negative values become 0."""
    linear = np.maximum(linear, 0)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055).astype(linear.dtype)


def linear_from_display(display: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """Inverse of ``display_from_linear``."""
    display = np.maximum(display, 0)
    return np.where(display <= 0.04045, display / 12.92, ((display + 0.055) / 1.055) ** 2.4).astype(display.dtype)


def read_image(path: Path) -> tuple[Float[np.ndarray, "h w c"], Encoding]:
    """Read a picture as float32 (height, width, channels) and say how its colours are encoded.

    Raises:
        InputError: there is no such file, it is empty, or it cannot be decoded.
    """
    if not path.is_file():
        what = "that is a folder" if path.is_dir() else "no such file"
        raise InputError(f"picture '{path}': {what}; give the path of a PNG, JPEG, TIFF, EXR or HDR file")
    if path.stat().st_size == 0:
        raise InputError(f"picture '{path}': the file is empty (0 bytes)")
    reader = _READERS.get(path.suffix.lower(), _read_common)
    try:
        raw = reader(path)
    except Exception as error:  # every decoder has exceptions of its own
        raise InputError(f"picture '{path}': cannot be decoded as a picture ({_one_line(error)})") from error
    values = np.atleast_3d(raw.astype(np.float32))
    if np.issubdtype(raw.dtype, np.floating):
        return values, "linear"
    if np.issubdtype(raw.dtype, np.integer):
        values /= np.iinfo(raw.dtype).max
    return values, "display"


def write_image(
    path: Path, values: Float[np.ndarray, "h w c"] | UInt8[np.ndarray, "h w c"] | UInt16[np.ndarray, "h w c"]
) -> None:
    """Write a picture, whole or not at all; the suffix chooses the format.

    ``.exr`` and ``.hdr`` take linear floats. Other formats take uint8 or uint16 as they are; floats are
    display-encoded values in [0, 1], rounded to 8 bits.
    """
    suffix = path.suffix.lower()
    if suffix not in _WRITERS:
        raise InputError(f"'{path}': cannot write '{suffix or 'no suffix'}' pictures; use {', '.join(_WRITERS)}")
    with written_whole(path) as temporary:
        _WRITERS[suffix](temporary, values)


def check_writable_format(path: Path) -> None:
    """Raise InputError early if ``write_image`` does not know the suffix of ``path``."""
    if path.suffix.lower() not in _WRITERS:
        raise InputError(f"'{path}': the suffix '{path.suffix}' is no picture format; use {', '.join(_WRITERS)}")


def is_high_dynamic_range(path: Path) -> bool:
    """Whether the file format stores linear floats."""
    return path.suffix.lower() in (".exr", ".hdr")


def composited(
    values: Float[np.ndarray, "h w c"], background: Float[np.ndarray, "3"], encoding: Encoding
) -> Float[np.ndarray, "h w d"]:
    """A picture without its alpha, if it has any: transparent parts show the (display-encoded) background."""
    channels = values.shape[2]
    if channels not in (2, 4):
        return values[..., :3] if channels > 3 else values
    colour, alpha = values[..., :-1], values[..., -1:]
    if encoding == "linear":  # EXR colours come multiplied by alpha already
        return colour + (1 - alpha) * linear_from_display(background[: channels - 1])
    return colour * alpha + (1 - alpha) * background[: channels - 1]


def quantised(values: Float[np.ndarray, "*shape"]) -> UInt8[np.ndarray, "*shape"]:
    """Display-encoded values in [0, 1] rounded to 8 bits, NaN to 0."""
    return (np.nan_to_num(values).clip(0, 1) * 255 + 0.5).astype(np.uint8)


def _read_common(path: Path) -> np.ndarray:
    image = iio.imread(path, plugin="pillow", index=0, rotate=True)  # obeys a camera's orientation tag
    return np.asarray(image)


def _read_opencv(path: Path) -> np.ndarray:
    # Pillow reduces 16-bit RGB to 8 bits and knows no Radiance HDR; OpenCV keeps both.
    encoded = np.fromfile(path, dtype=np.uint8)
    image = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED)
    if image is None:
        raise ValueError(f"not a {path.suffix[1:].upper()} file, or damaged")
    return _swapped_red_and_blue(image)


def _swapped_red_and_blue(image: np.ndarray) -> np.ndarray:
    if image.ndim == 2 or image.shape[2] < 3:
        return image
    return np.ascontiguousarray(image[..., [2, 1, 0, 3][: image.shape[2]]])


def _read_exr(path: Path) -> np.ndarray:
    channels = OpenEXR.File(str(path)).channels()
    for name in ("RGBA", "RGB", "Y"):
        if name in channels:
            return np.asarray(channels[name].pixels, dtype=np.float32)
    raise ValueError(f"expected channels R, G, B or Y, got {', '.join(channels)}")


_READERS: dict[str, Callable[[Path], np.ndarray]] = {
    ".exr": _read_exr,
    ".hdr": _read_opencv,
    ".png": _read_opencv,
    ".tif": _read_opencv,
    ".tiff": _read_opencv,
}


def _write_integers(path: Path, values: np.ndarray) -> None:
    if np.issubdtype(values.dtype, np.floating):
        values = quantised(values)
    _write_opencv(path, values)


def _write_opencv(path: Path, values: np.ndarray) -> None:
    ok, encoded = cv2.imencode(path.suffix, _swapped_red_and_blue(values))
    if not ok:
        raise InputError(f"'{path}': could not encode shape {values.shape}, type {values.dtype}")
    path.write_bytes(encoded.tobytes())


def _write_hdr(path: Path, values: np.ndarray) -> None:
    _write_opencv(path, np.repeat(values, 3, axis=2) if values.shape[2] == 1 else values.astype(np.float32))


def _write_exr(path: Path, values: np.ndarray) -> None:
    pixels = np.ascontiguousarray(values, dtype=np.float32)
    channel = {"Y": pixels[..., 0].copy()} if values.shape[2] == 1 else {"RGB": pixels}
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, channel).write(str(path))


_WRITERS: dict[str, Callable[[Path, np.ndarray], None]] = {
    ".png": _write_integers,
    ".jpg": _write_integers,
    ".tif": _write_integers,
    ".exr": _write_exr,
    ".hdr": _write_hdr,
}


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
