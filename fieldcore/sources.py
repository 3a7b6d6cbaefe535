"""What a command reads: a file, ``sample:NAME``, an ``http(s)://`` address, a pipe, or ``-`` for standard input."""

from __future__ import annotations

import errno
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from .errors import InputError
from .files import explained
from .samples import PREFIX, sample_path

STANDARD_INPUT = "-"
MOST_BYTES = 1 << 30
"""Of what is read from a pipe or an address."""

_TIMEOUT_SECONDS = 30.0

_CHUNK = 1 << 20


@contextmanager
def local_file(what: str, source: str, advice: str = "", *, folders: bool = False) -> Iterator[Path]:
    """The path of a file that holds what ``source`` names; what has to be fetched is kept only for the meantime.

    Args:
        what: a noun for messages, such as ``picture``.
        source: see above.
        advice: what to do where there is no such file.
        folders: whether it may be a folder.

    Raises:
        InputError: it cannot be read, is larger than 1 GiB (of pipes and addresses), or what is done with it fails;
            the message then names the source in place of the path.
    """
    check_source(what, source, advice, folders=folders)
    with tempfile.TemporaryDirectory(prefix="fieldcore-") if _must_be_fetched(source) else nullcontext() as folder:
        path = sample_path(source) if folder is None else _fetched(what, source, Path(folder))
        try:
            yield path
        except InputError as error:
            raise InputError(str(error).replace(str(path), source)) from error


@contextmanager
def local_bytes(what: str, data: bytes) -> Iterator[Path]:
    """The path of a file that holds ``data``, kept only for the meantime.

    Raises:
        InputError: there are none, or what is done with the file fails; the message then speaks of bytes.
    """
    if not data:
        raise InputError(f"{what}: expected the bytes of a file, got none")
    with tempfile.TemporaryDirectory(prefix="fieldcore-") as folder:
        path = Path(folder) / f"bytes{_suffix_by_content(data[:64])}"
        path.write_bytes(data)
        try:
            yield path
        except InputError as error:
            raise InputError(str(error).replace(str(path), f"{len(data)} bytes")) from error


def check_source(what: str, source: str, advice: str = "", *, folders: bool = False) -> None:
    """Raise InputError, before anything heavy is imported, if ``source`` names nothing that can be read.

    A folder can be only where there may be ``folders``.
    """
    advice = f"; {advice}" if advice else ""
    if not source:
        raise InputError(f"{what} '': expected a file's name, got none{advice}")
    if source == STANDARD_INPUT or is_address(source):
        return
    if "://" in source:
        raise InputError(f"{what} '{source}': expected an address that begins with http:// or https://, or a file")
    try:
        path = sample_path(source)
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(f"{what} '{source}': no such file{advice}") from error
    except OSError as error:
        raise InputError(f"{what} '{source}': {_unreadable(error)}") from error
    if stat.S_ISDIR(mode) and not folders:
        raise InputError(f"{what} '{source}': that is a folder{advice or '; give the name of a file'}")


def is_address(source: str) -> bool:
    """Whether it is an address on the network."""
    return source.lower().startswith(("http://", "https://"))


def source_name(source: str) -> str:
    """What a file made from ``source`` is named after: its own name without the suffix."""
    if source == STANDARD_INPUT:
        return "stdin"
    if is_address(source):
        return Path(_address_path(source)).stem or "download"
    return source.removeprefix(PREFIX) if source.startswith(PREFIX) else Path(source).stem


def _must_be_fetched(source: str) -> bool:
    """Whether it is no file that can be read in place, but an address or a pipe."""
    if source == STANDARD_INPUT or is_address(source):
        return True
    mode = sample_path(source).stat().st_mode
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _fetched(what: str, source: str, folder: Path) -> Path:
    """A copy in ``folder``, with a suffix that says what its first bytes are."""
    path = folder / "part"
    try:
        if source == STANDARD_INPUT:
            if sys.stdin is None:
                raise InputError(f"{what} '-': standard input is closed")
            _copy(what, source, sys.stdin.buffer.read, path)
        elif is_address(source):
            _download(what, source, path)
        else:
            with Path(source).open("rb") as stream:
                _copy(what, source, stream.read, path)
    except OSError as error:
        raise InputError(f"{what} '{source}': {_unreadable(error)}") from error
    name = source_name(source)
    with path.open("rb") as file:
        suffix = _suffix_by_content(file.read(64)) or Path(_address_path(source)).suffix
    return path.rename(folder / f"{name}{suffix}")


def _copy(what: str, source: str, read: Callable[[int], bytes], path: Path) -> None:
    with path.open("wb") as file:
        while chunk := read(_CHUNK):
            file.write(chunk)
            if file.tell() > MOST_BYTES:
                raise InputError(f"{what} '{source}': larger than {MOST_BYTES >> 20} MiB; save it as a file first")
        if not file.tell():
            raise InputError(f"{what} '{source}': nothing came (0 bytes)")


def _download(what: str, source: str, path: Path) -> None:
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen

    try:
        with urlopen(Request(source, headers={"User-Agent": "fieldcore"}), timeout=_TIMEOUT_SECONDS) as answer:
            _copy(what, source, answer.read, path)
    except HTTPError as error:
        raise InputError(f"{what} '{source}': the server answers {error.code} {error.reason}") from error
    except URLError as error:
        raise InputError(f"{what} '{source}': cannot be reached ({error.reason}); check address and network") from error
    except (HTTPException, TimeoutError, ValueError) as error:
        raise InputError(f"{what} '{source}': cannot be fetched ({error or type(error).__name__})") from error


def _address_path(source: str) -> str:
    if not is_address(source):
        return source
    from urllib.parse import unquote, urlsplit

    return unquote(urlsplit(source).path)


_BEGINNINGS = {
    b"\x89PNG": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"II*\0": ".tif",
    b"MM\0*": ".tif",
    b"v/1\x01": ".exr",
    b"#?RADIANCE": ".hdr",
    b"#?RGBE": ".hdr",
    b"GIF8": ".gif",
    b"BM": ".bmp",
    b"glTF": ".glb",
    b"ply\n": ".ply",
    b"ply\r": ".ply",
    b"OFF": ".off",
    b"solid": ".stl",
}


def _suffix_by_content(start: bytes) -> str:
    """The suffix of the format that a file begins like, empty where none is known."""
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return ".webp"
    if start[8:9] == b"{" and start[3:8] == b"\0" * 5:
        return ".safetensors"
    return next((suffix for beginning, suffix in _BEGINNINGS.items() if start.startswith(beginning)), "")


def _unreadable(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM):
        return "permission denied; you may not read it"
    return explained(error)
