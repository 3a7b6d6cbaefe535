"""Files are written whole or not at all, and never over another without being asked."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import InputError

_UMASK = os.umask(0o022)  # it can only be read by setting it
os.umask(_UMASK)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; on success it is flushed and renamed to it, else removed.

    A kill at any moment leaves the previous file, or none, but never half a file.

    Raises:
        InputError: the folder cannot be written or the disk is full.
    """
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_UMASK)  # some libraries write their files for the owner only
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"cannot write '{path}': {explained(error)}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def explained(error: OSError) -> str:
    """The cause of a failed write in words that say what to do."""
    advice = {
        errno.ENOSPC: "the disk is full; free some space or choose another folder",
        errno.EDQUOT: "the disk quota is used up; free some space or choose another folder",
        errno.EACCES: "permission denied; choose a folder you may write to",
        errno.EPERM: "permission denied; choose a folder you may write to",
        errno.EROFS: "the file system is read-only; choose another folder",
        errno.ENOTDIR: "part of the path is a file, not a folder",
        errno.EEXIST: "part of the path is a file, not a folder",
    }
    return advice.get(error.errno or 0, error.strerror or str(error))


def refuse_overwriting(path: Path, overwrite: bool) -> None:
    """Raise InputError before any work is done if ``path`` exists (and may not be replaced) or cannot be written."""
    if path.is_dir():
        raise InputError(f"'{path}' is a folder; give the name of a file to write")
    if path.exists() and not overwrite:
        raise InputError(f"'{path}' exists; choose another name or add --overwrite")
    check_writable_folder(path.parent)


def check_writable_folder(folder: Path) -> None:
    """Raise InputError if ``folder``, or the nearest ancestor that exists, cannot be written to."""
    existing = folder.absolute()
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if not existing.is_dir():
        raise InputError(f"cannot write into '{folder}': '{existing}' is a file, not a folder")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise InputError(f"cannot write into '{folder}': permission denied; choose a folder you may write to")
