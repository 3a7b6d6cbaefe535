"""TIFF: pixels by tifffile, whatever their width, order and packing; what they mean from the tags, by ourselves.

Source: TIFF 6.0 (1992), with the supplements of Adobe (floats, predictors) and BigTIFF.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Shaped

from .colour_profiles import Space
from .colour_spaces import D50_XYZ, rgb_from_lab, xyz_of
from .decoded import Decoded
from .faults import Refused, UnknownFormat
from .limits import check_size
from .native_lines import without_native_lines
from .orientation import ORIENTATION_TAG
from .tiff_ycbcr import rgb_from_ycbcr, spread, subsampling

_CUT = "the TIFF file is cut short or damaged; copy or export it again"
_EXTRA_SAMPLES, _REDUCED, _MASK = 338, 1, 4
_ASSOCIATED, _UNASSOCIATED = 1, 2
_MOST_DECLARED, _MOST_DECLARED_SIGNED, _WHITE_POINT = 281, 341, 318

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _SEPARATED, _YCBCR, _CIELAB, _ICCLAB = 0, 1, 2, 3, 5, 6, 8, 9
_COLOURS = {
    _WHITE_IS_ZERO: 1,
    _BLACK_IS_ZERO: 1,
    _RGB: 3,
    _PALETTE: 1,
    _SEPARATED: 4,
    _YCBCR: 3,
    _CIELAB: 3,
    _ICCLAB: 3,
}
"""How many channels a photometric interpretation has without extra ones."""

_SEPARATE_PLANES = 2

_RAW = (32803, 34892)
"""Photometric interpretations of a camera's raw data."""

_KEEP_YCBCR = (1, 5, 8, 32773, 32946, 34925, 50000)
"""Packings that give YCbCr as it is; those for pictures give RGB in its place."""


def decode(path: Path, layer: str | None) -> Decoded:
    """Read the first full picture of a TIFF or BigTIFF file."""
    import tifffile

    try:
        file = tifffile.TiffFile(path)
    except tifffile.TiffFileError as error:
        raise Refused(_CUT) from error
    with file:
        page, notices = _first_picture(file)
        check_size(page.imagewidth, page.imagelength)
        _check_whole(page, path.stat().st_size)
        try:
            decoded = _decoded(page)
        except Refused:
            raise
        except Exception as error:  # tifffile's, or those of any of its codecs
            decoded = _by_pillow(path, page, error)
        decoded.orientation = _tag(page, ORIENTATION_TAG, 1)
        if int(page.photometric) not in (_CIELAB, _ICCLAB):  # which say themselves what their colours are
            decoded.profile = page.iccprofile or None
    decoded.notices[:0] = notices
    return decoded


def _first_picture(file: Any) -> tuple[Any, list[str]]:
    """The first page that is neither a preview nor a mask, also below a preview, and how many more there are."""
    pages = [page.aspage() for page in file.pages]
    below = [sub.aspage() for page in pages for sub in (page.pages or ())]
    full = [page for page in pages if not _kind(page) & (_REDUCED | _MASK)]
    full = full or [page for page in below if not _kind(page) & (_REDUCED | _MASK)] or pages
    if not full:
        raise Refused(_CUT)
    count = max(len(full), _stack_of_imagej(file))
    return full[0], [f"it holds {count} pictures; the first is read"] if count > 1 else []


def _kind(page: Any) -> int:
    return int(page.subfiletype or 0)


def _stack_of_imagej(file: Any) -> int:
    """ImageJ writes many pictures one after another as if they were one page."""
    return int((file.imagej_metadata or {}).get("images", 1)) if file.is_imagej else 1


def _tag(page: Any, number: int, default: Any) -> Any:
    tag = page.tags.get(number)
    return default if tag is None else tag.value


def _check_whole(page: Any, size: int) -> None:
    """Every strip or tile lies within the file; of size 0 is one that was never written, and black."""
    ends = [start + count for start, count in zip(page.dataoffsets, page.databytecounts, strict=False) if count]
    if not ends or max(ends) > size:
        raise Refused(_CUT)


def _decoded(page: Any) -> Decoded:
    photometric = int(page.photometric)
    if photometric in _RAW:
        raise Refused("it is a camera's raw data; develop it to a TIFF, PNG or JPEG file first")
    if photometric not in _COLOURS:
        raise Refused(f"its photometric interpretation {photometric} is not known here; save it as RGB or grey")
    notices: list[str] = []
    samples = _samples(page, notices)
    white: Any = _white(page, samples, notices)
    samples, alpha = _with_alpha(page, samples, _COLOURS[photometric], white, notices)
    colour = _INTERPRETED.get(photometric)
    encoding = "linear" if samples.dtype.kind == "f" else "display"
    spaces: dict[int, Space] = {1: "grey", 3: "rgb", 4: "cmyk"}
    decoded = Decoded(samples, white, spaces[_COLOURS[photometric]], encoding, alpha, notices=notices)  # type: ignore[arg-type]
    if colour is not None:
        colour(decoded, page)
    return decoded


def _samples(page: Any, notices: list[str]) -> Shaped[np.ndarray, "h w c"]:
    """All channels, side by side, of the first slice."""
    if int(page.photometric) == _YCBCR and int(page.compression) in _KEEP_YCBCR and subsampling(page) != (1, 1):
        return spread(page)
    stored = page.asarray(squeeze=False)  # planes, depth, height, width, channels
    if stored.ndim != 5:
        raise Refused(_CUT)
    if stored.dtype.kind not in "buif":
        raise Refused(f"its samples are of the type {stored.dtype}, which is no colour")
    if stored.shape[1] > 1:
        notices.append(f"it is {stored.shape[1]} slices deep; the first is read")
    return np.moveaxis(stored[:, 0], 0, 2).reshape(*stored.shape[2:4], -1)


def _white(page: Any, samples: np.ndarray, notices: list[str]) -> Any:
    """The number that is white: the most that the bits hold, half of it for signed ones; of 32 bits see below."""
    kind, bits = samples.dtype.kind, page.bitspersample
    if kind == "f" or kind == "b":
        return 1.0
    if isinstance(bits, tuple):  # of each channel
        return np.array([2.0**n - 1 for n in bits])
    if bits > 16:
        return _white_of_long(page, samples, notices)
    if kind == "i":
        notices.append(f"its numbers are signed; 0 is taken for black and {2 ** (bits - 1) - 1} for white")
        np.maximum(samples, 0, out=samples)
        return 2.0 ** (bits - 1) - 1
    return 2.0**bits - 1


_USUAL_BITS = (8, 10, 12, 14, 16, 24, 31, 32, 63, 64)


def _white_of_long(page: Any, samples: np.ndarray, notices: list[str]) -> float:
    """Whole numbers of 32 bits seldom use them all: the tag that says so, else the fewest usual bits that hold them."""
    if samples.dtype.kind == "i":
        np.maximum(samples, 0, out=samples)
    declared = _tag(page, _MOST_DECLARED_SIGNED, None) or _tag(page, _MOST_DECLARED, None)
    most = float(np.max(declared)) if declared is not None else 0.0
    peak = float(samples.max(initial=0))
    if most >= peak and most > 0:
        white, why = most, "as a tag of the file says"
    else:
        bits = next(bits for bits in _USUAL_BITS if peak < 2.0**bits)
        white, why = 2.0**bits - 1, f"the most that {bits} bits hold, as none exceeds {peak:.0f}"
    if white < 2.0 ** (8 * samples.dtype.itemsize - 1) - 1:
        notices.append(f"its numbers are of {8 * samples.dtype.itemsize} bits; {white:.0f} is taken for white, {why}")
    return white


def _with_alpha(page: Any, samples: np.ndarray, colours: int, white: Any, notices: list[str]) -> tuple[np.ndarray, str]:
    """The colours and, where an extra channel is alpha, that one."""
    extra = samples.shape[2] - colours
    if extra < 0:
        raise Refused(f"it has {samples.shape[2]} channels where its colours need {colours}")
    if extra == 0:
        return samples, "none"
    meanings = np.atleast_1d(_tag(page, _EXTRA_SAMPLES, ())).astype(int).tolist()
    if not meanings and extra == 1:  # as OpenCV and others write alpha
        meanings = [_UNASSOCIATED]
        if (samples[..., -1] != samples[..., -1].max(initial=0)).any():
            notices.append(f"it does not say what its channel {colours + 1} is; it is taken for alpha")
    for meaning, name in ((_UNASSOCIATED, "straight"), (_ASSOCIATED, "premultiplied")):
        if meaning in meanings[:extra]:
            at = colours + meanings.index(meaning)
            _notice_left_out(extra - 1, notices)
            return samples[..., [*range(colours), at]], name
    _notice_left_out(extra, notices)
    return samples[..., :colours], "none"


def _notice_left_out(count: int, notices: list[str]) -> None:
    if count:
        what = "1 channel beside its colours is" if count == 1 else f"{count} channels beside its colours are"
        notices.append(f"{what} left out, as it does not say what they are")


def _invert(decoded: Decoded, page: Any) -> None:
    """White is 0. What alpha is does not turn round; colours multiplied by it turn within it."""
    samples, white = decoded.samples, decoded.white
    kind = samples.dtype
    if decoded.alpha == "none":
        most = np.asarray(white, kind) if kind.kind != "b" else np.asarray(True)
        decoded.samples = most ^ samples if kind.kind == "b" else most - samples
    else:
        colour, alpha = samples[..., :-1], samples[..., -1:]
        most = alpha if decoded.alpha == "premultiplied" else np.asarray(white, kind)
        decoded.samples = np.concatenate([most - colour, alpha], 2)


def _look_up(decoded: Decoded, page: Any) -> None:
    """Numbers of colours in a table of 16 bits; some programs fill it with 8."""
    table = page.colormap.T
    most = 65535.0 if table.max(initial=0) > 255 else 255.0
    colour = table[np.minimum(decoded.samples[..., 0], len(table) - 1)]
    if decoded.alpha != "none":
        alpha = decoded.samples[..., 1:].astype(np.float32) * (most / float(np.max(decoded.white)))
        colour = np.concatenate([colour, alpha.astype(np.float32)], 2)
    decoded.samples, decoded.white, decoded.space = colour, most, "rgb"


def _from_ycbcr(decoded: Decoded, page: Any) -> None:
    if int(page.compression) in _KEEP_YCBCR or int(page.planarconfig) == _SEPARATE_PLANES:
        decoded.samples = rgb_from_ycbcr(decoded.samples, float(np.max(decoded.white)), page)


def _from_lab(decoded: Decoded, page: Any) -> None:
    """L as a share of white, a and b signed, or in ICC's way with an offset; of 16 bits in 256ths."""
    samples = decoded.samples
    eight = samples.dtype.itemsize == 1
    steps = 1.0 if eight else 256.0
    most = 255.0 if eight else (65535.0 if int(page.photometric) == _CIELAB else 65280.0)
    lightness = samples[..., :1].astype(np.float32) * np.float32(100 / most)
    if int(page.photometric) == _CIELAB:
        differences = samples[..., 1:3].view(np.int8 if eight else np.int16).astype(np.float32) / steps
    else:
        differences = samples[..., 1:3].astype(np.float32) / steps - 128
    at = _tag(page, _WHITE_POINT, None)
    white = D50_XYZ if at is None else xyz_of(at[0] / at[1], at[2] / at[3])
    colour = rgb_from_lab(np.concatenate([lightness, differences], 2), white)
    rest = samples[..., 3:].astype(np.float32) / float(np.max(decoded.white))
    decoded.samples, decoded.white = np.concatenate([colour, rest], 2), 1.0


_INTERPRETED: dict[int, Callable[[Decoded, Any], None]] = {
    _WHITE_IS_ZERO: _invert,
    _PALETTE: _look_up,
    _YCBCR: _from_ycbcr,
    _CIELAB: _from_lab,
    _ICCLAB: _from_lab,
}
"""How colours come from the samples, where they are not the samples."""


_FOR_LIBTIFF = (2, 3, 4, 6, 7, 32809, 32766)
"""Three kinds of fax, JPEG as TIFF 6.0 had it at first and as it has it (planes of it, each by itself), others."""


def _by_pillow(path: Path, page: Any, error: Exception) -> Decoded:
    """What libtiff unpacks better (fax, old JPEG), which are of 8 bits at most."""
    import tifffile

    from .pillow_file import decode_as

    if int(page.compression) in _FOR_LIBTIFF and np.max(page.bitspersample) <= 8:
        try:
            with without_native_lines():
                return decode_as("TIFF", path)
        except (Refused, UnknownFormat, OSError, SyntaxError, ValueError, TypeError):
            pass
    if page.compression not in tifffile.TIFF.DECOMPRESSORS:
        name = getattr(page.compression, "name", page.compression)
        raise Refused(
            f"it is packed by '{name}', which is not read; save it with LZW, deflate or not packed"
        ) from error
    raise Refused(_CUT) from error
