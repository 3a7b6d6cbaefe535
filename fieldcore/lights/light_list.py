"""Which photo has its light from where, as files say it: ``.lp``, RelightLab's ``.dome`` and ``.relight``, CSV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from ..errors import InputError
from ..files import explained
from .lp_file import read_csv, read_lp
from .relight_file import read_dome, read_relight

SUFFIXES = (".lp", ".relight", ".dome", ".csv")
"""Of files that say where lights are, in the order in which a folder is searched for them."""

_NOT_READ = {
    b"\x80": "a Python pickle, which is never opened",
    b"PK\x03\x04": "a zip or a PyTorch file, which is never opened",
    b"\x93NUMPY": "a NumPy file",
    b"<!doc": "an HTML page, such as a server sends in place of a file",
    b"<html": "an HTML page, such as a server sends in place of a file",
}
_FORM = "write an .lp: a line with the count, then 'photo.jpg x y z' a line"


@dataclass(frozen=True)
class LightList:
    """What such a file says.

    Attributes:
        names: of the photos as they are written there; of a ``.dome``, which has none, ().
        directions: (n, 3), of any length: x right, y to the photo's top, z to the camera.
        notices: what was assumed, one sentence each.
        folder: where photos are, if the file says so.
    """

    names: tuple[str, ...]
    directions: Float[np.ndarray, "n 3"]
    notices: tuple[str, ...] = ()
    folder: str = ""


def read_light_list(path: Path) -> LightList:
    """Read a file that says where lights are.

    Raises:
        InputError: it cannot be read or understood; the message names its line.
    """
    readers = {".lp": read_lp, ".csv": read_csv, ".dome": read_dome, ".relight": read_relight}
    data = _content(path)
    start = data[:64].lstrip().lower()
    for beginning, what in _NOT_READ.items():
        if data.startswith(beginning) or start.startswith(beginning):
            raise InputError(f"lights '{path}': it is {what}; {_FORM}")
    if path.suffix.lower() not in readers:
        raise InputError(f"lights '{path}': expected one of {', '.join(SUFFIXES)}; {_FORM}")
    names, directions, notices, folder = readers[path.suffix.lower()](_text(data), str(path))
    return LightList(tuple(names), np.array(directions, np.float64).reshape(-1, 3), tuple(notices), folder)


def _content(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"lights '{path}': {explained(error)}") from error
    if not data.strip():
        raise InputError(f"lights '{path}': the file is empty; {_FORM}")
    return data


def _text(data: bytes) -> str:
    """Text in whatever encoding it is: a byte-order mark says which, else UTF-8, else Latin-1."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
