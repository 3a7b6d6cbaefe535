"""Files are written whole or not at all, never over another without being asked, and by one writer at a time."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import InputError

try:
    import fcntl
except ImportError:  # not a Unix
    fcntl = None  # type: ignore[assignment]

STANDARD_OUTPUT = Path("-")
"""As the name of a file to write: what is written goes to standard output."""

LOCK_NAME = ".fieldscope.lock"
"""Of the file that locks the folder it lies in; a killed process leaves it behind, unlocked."""

_LONGEST_STEM = 60  # characters of a temporary file's name that are the file's own


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; on success it is flushed and renamed to it, else removed.

    A kill at any moment leaves the previous file, or none, but never half a file. A file that is replaced keeps its
    permissions and its owner, and where ``path`` is a link, the file that it leads to is replaced.

    Raises:
        InputError: the folder cannot be written, the disk is full, or ``path`` is no ordinary file.
    """
    temporary: Path | None = None
    try:
        target = _file_behind(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.stem[:_LONGEST_STEM]}.{secrets.token_hex(4)}.part{target.suffix}")
        _unfinished.add(temporary)
        mode = _created(temporary, replaced=target)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(mode)  # some libraries write their files for the owner only
        temporary.replace(target)
        _flush_folder(target.parent)
    except OSError as error:
        raise InputError(f"cannot write '{path}': {explained(error)}") from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            _unfinished.discard(temporary)


def write_text(path: Path, text: str) -> None:
    """Write a text whole or not at all. Raises InputError as ``written_whole``."""
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


_unfinished: set[Path] = set()


def are_unfinished() -> bool:
    """Whether a file is being written now, of which leaving at once would leave a part."""
    return bool(_unfinished)


def _file_behind(path: Path) -> Path:
    """The file that a link leads to, the path itself where it is none. Raises OSError for what is no ordinary file."""
    behind = Path(os.path.realpath(path))
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:  # or the end of a link that leads nowhere yet
        return behind
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
        raise OSError(errno.EINVAL, f"it is {what}; give the name of a file")
    return behind


def _created(temporary: Path, replaced: Path) -> int:
    """Make an empty file with the permissions and owner of the one that it will replace; returns its permissions."""
    try:
        before = replaced.stat()
    except FileNotFoundError:
        before = None
    wanted = 0o666 if before is None else stat.S_IMODE(before.st_mode)
    # The kernel takes the umask off, which can only be read by setting it, for all threads.
    file = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, wanted)
    try:
        if before is not None and hasattr(os, "fchown"):
            with suppress(PermissionError):  # only root may give files away
                os.fchown(file, before.st_uid, before.st_gid)
        return wanted if before is not None else stat.S_IMODE(os.fstat(file).st_mode)
    finally:
        os.close(file)


def _flush_folder(folder: Path) -> None:
    """Make a rename last, where the system can; without it a power failure may bring the old file back."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


@contextmanager
def written_out(path: Path, suffix: str) -> Iterator[Path]:
    """A path to write to: ``path``, locked, or for ``-`` a temporary file whose bytes then go to standard output.

    Args:
        path: ``STANDARD_OUTPUT`` or a file.
        suffix: of the temporary file, such as ``.png``; it chooses the format.

    Raises:
        InputError: standard output is closed, or another process writes the file now.
    """
    if path != STANDARD_OUTPUT:
        with locked(path):
            yield path
        return
    if sys.stdout is None:
        raise InputError("standard output is closed; give --out FILE")
    with tempfile.TemporaryDirectory(prefix="fieldcore-") as folder:
        temporary = Path(folder) / f"out{suffix}"
        yield temporary
        sys.stdout.flush()
        sys.stdout.buffer.write(temporary.read_bytes())
        sys.stdout.buffer.flush()


@contextmanager
def locked(path: Path | str) -> Iterator[None]:
    """Keep a file or folder to oneself while it is written; for a folder the lock lies in it, for a file beside it.

    A process that is killed leaves no lock, at most an empty hidden file, which stops nobody. Where the system or the
    file system knows no locks, there is none.

    Args:
        path: a folder that exists, or a file, which need not.

    Raises:
        LockedError: another process, or another part of this one, writes there now.
    """
    path = Path(os.path.realpath(path))
    beside = _lock_of(path)
    try:
        beside.parent.mkdir(parents=True, exist_ok=True)
        held = _locked_file(beside)
    except BlockingIOError as error:
        raise LockedError(f"another process is writing '{path}' now; wait for it, or choose another --out") from error
    except OSError as error:
        raise InputError(f"cannot write '{path}': {explained(error)}") from error
    try:
        yield
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)  # while it is still locked: nobody else can have it
        os.close(held)


class LockedError(InputError):
    """Another process, or another part of this one, writes there now."""


def is_locked(path: Path) -> bool:
    """Whether a file or folder is being written by somebody now; see ``locked``."""
    try:
        opened = os.open(_lock_of(path), os.O_RDWR)
    except OSError:
        return False
    try:
        if fcntl is not None:
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(opened)
    return False


def _lock_of(path: Path | str) -> Path:
    """The file that locks a file or folder."""
    path = Path(os.path.realpath(path))
    return path / LOCK_NAME if path.is_dir() else path.with_name(f".{path.name[-200:]}.lock")


def _locked_file(path: Path) -> int:
    """A descriptor of the lock file at ``path``, made if need be, which is locked as long as that is open.

    Raises:
        BlockingIOError: it is locked by somebody else.
    """
    while True:
        opened = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            if fcntl is not None:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still_at(path, opened):
                return opened
        except BlockingIOError:
            os.close(opened)
            raise
        except OSError as error:
            if error.errno in (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP):
                return opened
            os.close(opened)
            raise
        os.close(opened)  # its last owner has removed it in the meantime


def _is_still_at(path: Path, opened: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(opened))
    except FileNotFoundError:
        return False


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
        errno.ELOOP: "its links lead round in a circle; remove the link or choose another name",
        errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    }
    return advice.get(error.errno or 0, error.strerror or str(error))


def refuse_overwriting(path: Path, overwrite: bool) -> None:
    """Raise InputError before any work is done if ``path`` exists (and may not be replaced) or cannot be written."""
    if "\0" in str(path):
        raise InputError(f"{str(path)!r}: a file's name has no NUL characters")
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        pass
    except OSError as error:
        raise InputError(f"cannot write '{path}': {explained(error)}") from error
    else:
        if stat.S_ISDIR(mode):
            raise InputError(f"'{path}' is a folder; give the name of a file to write")
        if not stat.S_ISREG(mode):
            raise InputError(f"'{path}' is a device or a pipe; give the name of a file to write")
        if not overwrite:
            raise InputError(f"'{path}' exists; choose another name or add --overwrite")
    check_writable_folder(Path(os.path.realpath(path)).parent)


def check_writable_folder(folder: Path) -> None:
    """Raise InputError if ``folder``, or the nearest ancestor that exists, cannot be written to."""
    existing = folder.absolute()
    while not os.path.lexists(existing) and existing != existing.parent:
        existing = existing.parent
    try:
        is_folder = stat.S_ISDIR(existing.stat().st_mode)
    except OSError as error:
        raise InputError(f"cannot write into '{folder}': {explained(error)}") from error
    if not is_folder:
        raise InputError(f"cannot write into '{folder}': '{existing}' is a file, not a folder")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise InputError(f"cannot write into '{folder}': permission denied; choose a folder you may write to")
