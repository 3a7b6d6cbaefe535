"""Files: whole or not at all, as they were when they are replaced, one writer at a time."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fieldcore import files
from fieldcore.errors import InputError
from fieldcore.files import are_unfinished, locked, refuse_overwriting, written_whole


def written(path: Path, content: bytes = b"new") -> None:
    with written_whole(path) as temporary:
        temporary.write_bytes(content)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444, 0o755])
def test_a_replaced_file_keeps_its_permissions(tmp_path, mode):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    path.chmod(mode)
    written(path)
    assert path.read_bytes() == b"new" and stat.S_IMODE(path.stat().st_mode) == mode


def test_a_private_file_is_private_while_it_is_written(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    path.chmod(0o600)
    with written_whole(path) as temporary:
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_a_new_file_follows_the_umask_of_the_moment(tmp_path, umask):
    before = os.umask(umask)
    try:
        with written_whole(tmp_path / "a.bin") as temporary:
            temporary.unlink()  # as libraries do that make a file of their own, for the owner only
            os.close(os.open(temporary, os.O_CREAT | os.O_WRONLY, 0o600))
        assert stat.S_IMODE((tmp_path / "a.bin").stat().st_mode) == 0o666 & ~umask
    finally:
        os.umask(before)


def test_a_link_is_written_through(tmp_path):
    target, link, second = tmp_path / "there" / "target.bin", tmp_path / "link.bin", tmp_path / "second.bin"
    target.parent.mkdir()
    target.write_bytes(b"old")
    link.symlink_to(target)
    second.symlink_to("link.bin")
    written(second)
    assert second.is_symlink() and link.is_symlink() and target.read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["link.bin", "second.bin", "target.bin", "there"]


def test_a_link_to_nothing_yet_makes_its_target(tmp_path):
    (tmp_path / "link.bin").symlink_to("later.bin")
    written(tmp_path / "link.bin")
    assert (tmp_path / "later.bin").read_bytes() == b"new" and (tmp_path / "link.bin").is_symlink()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give files away")
def test_root_leaves_a_file_to_its_owner(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    os.chown(path, 1234, 1235)
    written(path)
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 1235)


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    for error in (KeyboardInterrupt, InputError, OSError(28, "No space left on device")):
        with pytest.raises((KeyboardInterrupt, InputError)), written_whole(path) as temporary:
            temporary.write_bytes(b"ne")
            assert are_unfinished()
            raise error
        assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path] and not are_unfinished()


def test_what_is_no_ordinary_file_is_never_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "null.png").symlink_to(os.devnull)
    (tmp_path / "one.png").symlink_to("two.png")
    (tmp_path / "two.png").symlink_to("one.png")
    (tmp_path / "folder.png").mkdir()
    for name, reason in {
        "pipe.png": "a device or a pipe",
        "null.png": "a device or a pipe",
        "one.png": "its links lead round in a circle",
        "folder.png": "a folder",
        "one.png/x.png": "its links lead round in a circle",
        "long" * 80: "the name is too long",
        "nul\0.png": "no NUL characters",
    }.items():
        with pytest.raises(InputError, match=reason):
            refuse_overwriting(tmp_path / name, overwrite=True)
        if "\0" not in name:
            with pytest.raises(InputError), written_whole(tmp_path / name):
                pass


def test_a_name_as_long_as_the_system_takes(tmp_path):
    path = tmp_path / f"{'n' * 250}.png"
    written(path)
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_and_its_folder_are_flushed(tmp_path, monkeypatch):
    flushed = []
    monkeypatch.setattr(files.os, "fsync", lambda file: flushed.append(stat.S_ISDIR(os.fstat(file).st_mode)))
    written(tmp_path / "a.bin")
    assert flushed == [False, True]


def test_importing_leaves_the_umask_alone():
    program = "import os; os.umask = None; import fieldcore.files"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True).returncode == 0


_OTHER = (
    "import sys; from fieldcore.files import locked\nwith locked(sys.argv[1]):\n  print('mine', flush=True); input()"
)


@pytest.mark.parametrize("name", ["folder", "file.bin"])
def test_a_second_writer_is_refused_until_the_first_is_gone(tmp_path, name):
    (tmp_path / "folder").mkdir()
    path = tmp_path / name
    command = [sys.executable, "-c", _OTHER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "mine\n"
        with pytest.raises(InputError, match=f"another process is writing '{path}' now"), locked(path):
            pass
        other.kill()
        other.wait()
        with locked(path):  # a lock whose owner was killed stops nobody
            pass
        other.stdin = None
    assert [entry.name for entry in tmp_path.rglob("*")] == ["folder"], "no lock is left"


def test_a_lock_is_refused_within_a_process_too(tmp_path):
    with locked(tmp_path / "a.bin"), pytest.raises(InputError), locked(tmp_path / "a.bin"):
        pass
