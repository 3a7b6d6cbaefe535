"""Reading a picture file, whatever its format."""

from __future__ import annotations

from pathlib import Path

from ..errors import InputError
from ..quiet import quietly
from .decoded import Decoded, finished
from .faults import Refused, UnknownFormat
from .formats import BEGIN_BYTES, DECODERS, READ, SIGNATURES, foreign_name
from .image import Image

_LOGGERS = ("PIL", "imagecodecs", "tifffile")
"""Of libraries that tell people of small faults in their own words."""


def read_image(path: Path | str, *, layer: str | None = None) -> Image:
    """Read a picture as a good viewer would show it: upright, in sRGB or linear light, float32.

    The format is known by the file's content, whatever it is called. Colour profiles, gamma, orientation, palettes,
    transparent keys and declared ranges are obeyed; 16 bits and floats are kept.

    Args:
        path: see docs/pictures.md for the formats.
        layer: of an EXR file: the layer, the part or, by its full name, the single channel to read.

    Raises:
        InputError: there is no such file, it is no picture that is read here, it is cut short, damaged or too large, or
            its layer must be chosen.

    Example:
        >>> import numpy as np, tempfile
        >>> path = Path(tempfile.mkdtemp()) / "grey.pgm"
        >>> _ = path.write_bytes(b"P5 2 1 1023 " + np.array([0, 1023], ">u2").tobytes())
        >>> read_image(path).values[..., 0]
        array([[0., 1.]], dtype=float32)
    """
    path = Path(path)
    begin = _beginning(path)
    name = next((signature.name for signature in SIGNATURES if signature.fits(begin)), "Pillow")
    try:
        with quietly(*_LOGGERS):
            decoded: Decoded = DECODERS[name](path, layer)
            if layer is not None and name != "EXR":
                raise Refused(f"it is no EXR file, and so has no layer '{layer}'; leave the layer out")
            image = finished(decoded)
    except Refused as fault:
        raise InputError(f"picture '{path}': {fault}") from fault
    except UnknownFormat as error:
        what = foreign_name(begin)
        known = f"it is {what}, not a picture that is read" if what else "its content is no picture that is known"
        raise InputError(f"picture '{path}': {known}; give a file in {READ}") from error
    except MemoryError as error:
        raise InputError(f"picture '{path}': there is not enough memory for it; shrink it first") from error
    except OSError as error:
        if error.errno is not None and error.strerror:  # of the file system; decoders' own have no number
            raise InputError(f"picture '{path}': cannot be read ({error.strerror})") from error
        raise _damaged(path) from error
    except Exception as error:  # every decoder has exceptions of its own
        raise _damaged(path) from error
    return image._replace(notices=tuple(f"picture '{path.name}': {notice}" for notice in image.notices))


def _beginning(path: Path) -> bytes:
    """The first bytes of a file that there is."""
    if "\0" in str(path):
        raise InputError(f"picture {str(path)!r}: no file has such a name")
    try:
        if not path.is_file():
            what = "that is a folder" if path.is_dir() else "it is no plain file" if path.exists() else "no such file"
            raise InputError(f"picture '{path}': {what}; give a file in {READ}")
        with path.open("rb") as file:
            begin = file.read(BEGIN_BYTES)
    except OSError as error:
        raise InputError(f"picture '{path}': cannot be read ({error.strerror})") from error
    if not begin:
        raise InputError(f"picture '{path}': the file is empty (0 bytes)")
    return begin


def _damaged(path: Path) -> InputError:
    fault = "it cannot be decoded as a picture: the file is cut short or damaged; copy or export it again"
    return InputError(f"picture '{path}': {fault}")
