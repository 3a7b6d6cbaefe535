"""OpenEXR: linear light, channels by name, a window of pixels within a window that is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from .colour_spaces import SRGB, Chromaticities, srgb_from
from .decoded import Decoded
from .exr_layers import Layer, chosen, layers_of
from .faults import Refused
from .limits import check_size
from .native_lines import without_native_lines

_CUT = Refused("the EXR file is cut short or damaged; copy or render it again")


def decode(path: Path, layer: str | None) -> Decoded:
    """Read one layer of an EXR file as its display window shows it; what the file does not cover there is 0."""
    with without_native_lines():
        return _decode(path, layer)


def _decode(path: Path, asked: str | None) -> Decoded:
    import OpenEXR

    headers = [part.header for part in OpenEXR.File(str(path), header_only=True).parts]
    if not headers:
        raise _CUT
    names = [(_text(header.get("name", "")), [channel.name for channel in header["channels"]]) for header in headers]
    layer = chosen(layers_of(names), asked)
    header = headers[layer.part]
    if header.get("type") in (OpenEXR.deepscanline, OpenEXR.deeptile):
        raise Refused("its pixels are deep (many samples each), which is not read; flatten it first")
    shown, stored = _window(header["displayWindow"]), _window(header["dataWindow"])
    for window in (shown, stored):
        check_size(window[2] - window[0], window[3] - window[1])
    parts = OpenEXR.File(str(path), separate_channels=True).parts
    if len(parts) != len(headers):
        raise _CUT
    planes = {role: _plane(parts[layer.part].channels[full], stored) for role, full in layer.roles().items()}
    colours, alpha = _colours(planes, header)
    values = np.stack([*colours, alpha] if alpha is not None else colours, -1)
    decoded = Decoded(
        _placed(values, stored, shown),
        space="grey" if len(colours) == 1 else "rgb",
        encoding="linear",
        alpha="none" if alpha is None else "premultiplied",
    )
    _convert(decoded, header)
    _notice(decoded, layer, layers_of(names), header)
    return decoded


def _window(window: Any) -> tuple[int, int, int, int]:
    """Left, top, and one beyond right and bottom."""
    (left, top), (right, bottom) = (tuple(int(n) for n in corner) for corner in window)
    return left, top, right + 1, bottom + 1


def _plane(channel: Any, window: tuple[int, int, int, int]) -> Float[np.ndarray, "h w"]:
    """A channel at every pixel of the data window: between its samples, where it has fewer, it is linear."""
    pixels = np.asarray(channel.pixels)
    values = pixels.astype(np.float32)
    left, top, right, bottom = window
    for axis, step, begin, end in ((1, channel.xSampling, left, right), (0, channel.ySampling, top, bottom)):
        if step > 1:
            values = _stretched(values, axis, step, begin, end)
    if values.shape != (bottom - top, right - left):
        raise _CUT
    return values


def _stretched(values: np.ndarray, axis: int, step: int, begin: int, end: int) -> np.ndarray:
    """Samples at the multiples of ``step`` to all whole numbers from ``begin`` up to ``end``."""
    first = -(-begin // step) * step
    at = ((np.arange(begin, end) - first) / step).clip(0, values.shape[axis] - 1)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, values.shape[axis] - 1)
    share = (at - low).astype(np.float32)
    share = share[:, None] if axis == 0 else share
    return values.take(low, axis) * (1 - share) + values.take(high, axis) * share


def _colours(
    planes: dict[str, Float[np.ndarray, "h w"]], header: dict[str, Any]
) -> tuple[list[Float[np.ndarray, "h w"]], Float[np.ndarray, "h w"] | None]:
    """One or three planes, and alpha. A missing one of red, green and blue is 0, but a single one is grey."""
    alpha = planes.pop("A", None)
    if not planes:
        raise Refused("it has no channel of colours, only alpha; choose one with --layer A, layer='A'")
    if "Y" in planes and ("RY" in planes or "BY" in planes):
        return _from_chroma(planes, header), alpha
    if "Y" in planes and not any(name in planes for name in "RGB"):
        return [planes["Y"]], alpha
    coloured = {name: plane for name, plane in planes.items() if name in "RGB"}
    if len(coloured) == 1:
        return list(coloured.values()), alpha
    black = np.zeros_like(next(iter(coloured.values())))
    return [coloured.get(name, black) for name in "RGB"], alpha


def _from_chroma(planes: dict[str, Float[np.ndarray, "h w"]], header: dict[str, Any]) -> list[Float[np.ndarray, "h w"]]:
    """RY = (R - Y) / Y and BY = (B - Y) / Y back to red, green and blue."""
    y = planes["Y"]
    none = np.zeros_like(y)
    red, blue = (planes.get(name, none) * y + y for name in ("RY", "BY"))
    weights = (_chromaticities(header) or SRGB).luminance_weights()
    green = (y - np.float32(weights[0]) * red - np.float32(weights[2]) * blue) / np.float32(weights[1])
    return [red, green, blue]


def _placed(
    values: Float[np.ndarray, "h w c"], stored: tuple[int, int, int, int], shown: tuple[int, int, int, int]
) -> Float[np.ndarray, "H W c"]:
    """What is stored, as the display window cuts it out; 0 where nothing is stored."""
    if stored == shown:
        return values
    left, top, right, bottom = shown
    placed = np.zeros((bottom - top, right - left, values.shape[2]), np.float32)
    x0, y0 = max(left, stored[0]), max(top, stored[1])
    x1, y1 = min(right, stored[2]), min(bottom, stored[3])
    if x0 >= x1 or y0 >= y1:
        raise Refused("its pixels lie wholly outside of its display window, so that nothing is seen")
    placed[y0 - top : y1 - top, x0 - left : x1 - left] = values[
        y0 - stored[1] : y1 - stored[1], x0 - stored[0] : x1 - stored[0]
    ]
    return placed


def _chromaticities(header: dict[str, Any]) -> Chromaticities | None:
    numbers = header.get("chromaticities")
    if numbers is None:
        return None
    flat = np.asarray(numbers, dtype=np.float64).ravel()
    return Chromaticities.from_numbers(flat) if flat.size == 8 else None


def _convert(decoded: Decoded, header: dict[str, Any]) -> None:
    """Primaries other than sRGB's to those; a matrix, which alpha in the colours does not disturb."""
    source = _chromaticities(header)
    matrix = None if source is None else srgb_from(source)
    if matrix is not None and decoded.space == "rgb":
        decoded.samples[..., :3] = decoded.samples[..., :3] @ matrix.T.astype(np.float32)


def _notice(decoded: Decoded, layer: Layer, layers: list[Layer], header: dict[str, Any]) -> None:
    others = [
        other.label or "the base layer" for other in layers if (other.part, other.label) != (layer.part, layer.label)
    ]
    if others and not layer.plane:
        which = f"its layer '{layer.label}'" if layer.label else "its base layer"
        decoded.notices.append(f"{which} is read, of others it has {', '.join(others)}")
    if layer.left_out():
        decoded.notices.append(f"its channels {', '.join(layer.left_out())} are not read")
    aspect = float(header.get("pixelAspectRatio", 1.0))
    if abs(aspect - 1) > 0.01:
        decoded.notices.append(f"its pixels are {aspect:.3g} times as wide as high, and are taken for square")


def _text(name: Any) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
