"""Whatever Pillow reads: JPEG, WebP, AVIF, GIF, BMP, TGA and many more, each in the mode that it opens in."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from .boxed_colours import add_boxed_colours
from .colour_profiles import Space
from .colour_spaces import rgb_from_lab
from .decoded import Decoded
from .deep_samples import deep_samples
from .faults import Refused, UnknownFormat
from .image import Alpha, Encoding
from .limits import check_size
from .orientation import ORIENTATION_TAG
from .tga_alpha import tga_alpha

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

_NOT_OFFERED = frozenset(
    (
        *("BUFR", "EPS", "GRIB", "HDF5", "IPTC", "MPEG", "WMF"),  # no pixels in them, or drawn by other programs
        *("PNG", "PPM", "TIFF"),  # read elsewhere
        *("GBR", "IMT", "MCIDAS", "SPIDER", "XVTHUMB"),  # too easily seen in what is none
    )
)
_LAYERED = ("PSD", "ICO", "ICNS")
"""What Pillow calls their frames are the parts or the sizes of one picture."""

_BOXED = ("AVIF", "JPEG2000")
_OFTEN_WITHOUT_ALPHA = ("BMP", "DIB", "TGA")
"""Programs write zeros where alpha would be in these."""
_UNUSUAL = (
    "the file is cut short or damaged; copy or export it again, or, where another program shows it, "
    "save it as PNG there"
)


def decode(path: Path, layer: str | None) -> Decoded:
    """Read a picture with Pillow; of several in one file the first."""
    from PIL.Image import DecompressionBombError

    try:
        return _decoded(path, ())
    except DecompressionBombError as error:  # some formats ask for Pillow's own limit, which is lower than ours
        raise Refused("it has more pixels than are read of its format; shrink it in a picture editor first") from error
    except (SyntaxError, NotImplementedError) as error:  # Pillow's way to say that it cannot, as with JPEG of 12 bits
        decoded = deep_samples(path, "JPEG") if _is_jpeg(path) else None
        if decoded is None:
            raise Refused(_UNUSUAL) from error
        return decoded
    except OSError as error:
        if error.errno is not None:  # of the file system
            raise
        raise Refused(_UNUSUAL) from error


def _is_jpeg(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(3) == b"\xff\xd8\xff"


def decode_as(name: str, path: Path) -> Decoded:
    """Read a picture with Pillow as one of its format ``name``."""
    return _decoded(path, (name,))


def _decoded(path: Path, only: tuple[str, ...]) -> Decoded:
    with _opened(path, only) as image:
        check_size(*image.size)
        notices = _several(image)
        orientation = _orientation(image)
        decoded = _deep(path, image) or from_pillow(image)
        if image.mode != "LAB":  # which says itself what its colours are
            decoded.profile = image.info.get("icc_profile") or None
        decoded.orientation = orientation
        if image.format in _BOXED:
            add_boxed_colours(decoded, path.read_bytes(), image.format)
        decoded.notices += notices
        if image.format in _LOSSES:
            decoded.notices += _LOSSES[image.format](path.read_bytes()[:_HEADER_BYTES], image)
        if image.format in _OFTEN_WITHOUT_ALPHA:
            _judge_alpha(decoded, path, image)
        return decoded


def _bits_lost(header: bytes, image: PillowImage) -> list[str]:
    """SGI counts the bytes of a sample in its header, of which Pillow keeps one."""
    return ["of its 16 bits the higher 8 are read"] if header[3] == 2 else []


def _channels_lost(header: bytes, image: PillowImage) -> list[str]:
    """PSD counts its channels in its header, of which Pillow reads what its modes have room for."""
    lost = int.from_bytes(header[12:14], "big") - len(image.getbands())
    return [f"{lost} of its channels beside its colours {'is' if lost == 1 else 'are'} left out"] if lost > 0 else []


_HEADER_BYTES = 26
_LOSSES = {"SGI": _bits_lost, "PSD": _channels_lost}
"""What Pillow does not read of a format, from the file's first bytes."""


def _deep(path: Path, image: PillowImage) -> Decoded | None:
    if image.mode not in ("L", "LA", "RGB", "RGBA", "I;16"):
        return None
    return deep_samples(path, str(image.format))


@contextmanager
def _opened(path: Path, only: tuple[str, ...]) -> Iterator[PillowImage]:
    """A file's picture, not yet decoded. Pillow's warnings are of a size that is judged here, and of small faults."""
    with path.open("rb") as file:
        yield _recognised(file, str(path), only)


def _recognised(file: BinaryIO, name: str, only: tuple[str, ...]) -> PillowImage:
    """The picture as the first format that knows the file sees it; ``Image.open`` would also judge its size."""
    from PIL import Image

    begin, fault = file.read(16), None
    for load in (Image.preinit, Image.init):  # the usual formats, then all
        load()
        for known in only or [known for known in Image.ID if known not in _NOT_OFFERED]:
            if known not in Image.OPEN:
                continue
            factory, accepts = Image.OPEN[known]
            if accepts is None and load is Image.preinit:
                continue
            if accepts is not None and accepts(begin) is not True:
                continue
            file.seek(0)
            try:
                return factory(file, name)
            except (SyntaxError, IndexError, TypeError, struct.error) as error:  # how it says that it is another's
                fault = error if accepts is not None else fault
    raise fault or UnknownFormat


def _several(image: PillowImage) -> list[str]:
    count = getattr(image, "n_frames", 1)
    if count < 2 or image.format in _LAYERED:
        return []
    return [f"it holds {count} pictures; the first is read"]


def _orientation(image: PillowImage) -> int:
    try:
        return int(image.getexif().get(ORIENTATION_TAG, 1))
    except Exception:  # a camera's data may be broken in any way, the picture is sound all the same
        return 1


def _judge_alpha(decoded: Decoded, path: Path, image: PillowImage) -> None:
    """Alpha that its file says is none, or that is 0 all over a picture that is not black, was never meant."""
    if decoded.alpha == "none":
        return
    if image.format == "TGA":
        decoded.alpha = tga_alpha(path.read_bytes())
    if decoded.alpha == "none":
        decoded.samples = decoded.samples[..., :-1]
    elif not decoded.samples[..., -1].any() and decoded.samples.any():
        decoded.samples, decoded.alpha = decoded.samples[..., :-1], "none"
        decoded.notices.append("its alpha is 0 everywhere and is taken for unused")


def from_pillow(image: PillowImage) -> Decoded:
    """A picture's samples, whatever its mode; without what its file says about colours and orientation."""
    image.load()
    if image.mode in _AS_FLOATS_OR_LONG:
        space, white, encoding = _AS_FLOATS_OR_LONG[image.mode]
        samples = np.asarray(image)[..., None]
        return Decoded(samples, white, space, encoding)
    if image.mode == "LAB":
        lab = np.asarray(image) * np.array([100 / 255, 1, 1]) - np.array([0, 128, 128])
        return Decoded(rgb_from_lab(lab.astype(np.float32)))
    if image.has_transparency_data and image.mode not in ("LA", "La", "RGBA", "RGBa"):
        image = image.convert("LA" if image.mode in ("1", "L") else "RGBA")
    elif image.mode in _CONVERTED:
        image = image.convert(_CONVERTED[image.mode])
    space, alpha = _MODES[image.mode]
    return Decoded(np.atleast_3d(np.asarray(image)), 255.0, space, alpha=alpha)


_AS_FLOATS_OR_LONG: dict[str, tuple[Space, float, Encoding]] = {
    "I": ("grey", 65535.0, "display"),
    "I;16": ("grey", 65535.0, "display"),
    "I;16L": ("grey", 65535.0, "display"),
    "I;16B": ("grey", 65535.0, "display"),
    "I;16N": ("grey", 65535.0, "display"),
    "F": ("grey", 1.0, "linear"),
}
"""What is white in Pillow's modes of more than 8 bits."""

_CONVERTED = {"1": "L", "P": "RGB", "PA": "RGBA", "RGBX": "RGB", "YCbCr": "RGB", "HSV": "RGB"}

_MODES: dict[str, tuple[Space, Alpha]] = {
    "L": ("grey", "none"),
    "LA": ("grey", "straight"),
    "La": ("grey", "premultiplied"),
    "RGB": ("rgb", "none"),
    "RGBA": ("rgb", "straight"),
    "RGBa": ("rgb", "premultiplied"),
    "CMYK": ("cmyk", "none"),
}
