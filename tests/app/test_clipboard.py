"""What is copied and pasted, with programs that stand for the desktop's; and sessions saved as files."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import numpy as np
import pytest
from driving import driven, picture_file

from app.actions import press
from app.scenes.picture.state import pictures
from app.work.clipboard import copy_picture, files_in, paste_picture
from fieldcore.errors import InputError
from fieldcore.images import read_image

XCLIP = """#!/bin/sh
case "$*" in *-o) cat "$0.png";; *) cat > "$0.png";; esac
"""


def test_a_picture_is_copied_and_pasted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    for work in (lambda: copy_picture(pixels, lambda name: None), lambda: paste_picture(tmp_path, lambda name: None)):
        with pytest.raises(InputError, match="install xclip"):
            work()
    xclip = tmp_path / "xclip"
    xclip.write_text(XCLIP)
    xclip.chmod(xclip.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(InputError, match="neither a picture nor the path"):
        paste_picture(tmp_path)
    copy_picture(pixels)
    for number in (1, 2):
        file = paste_picture(tmp_path / "pasted")
        assert file.name == f"pasted-00{number}.png"
    assert np.array_equal(np.rint(255 * read_image(file).values).astype(np.uint8), pixels)


def test_paths_in_the_clipboard_are_opened_and_a_saved_session_gone_on_with(
    tmp_path: Path, smooth_pixels: np.ndarray
) -> None:
    picture = picture_file(tmp_path, smooth_pixels[:16, :24], "a b.png")
    address = picture.as_uri()
    assert files_in(f'"{picture}"\r\n{address}\nnothing\nsample:cat') == [str(picture), str(picture), "sample:cat"]
    saved = tmp_path / "session.json"
    with driven(tmp_path) as session:
        press(session, "Ctrl+V")
        assert session.paste_asked
        session.clipboard.paste(address)
        session.until(lambda: pictures(session).document is not None)
        session.until_quiet()
        press(session, "]")
        session.save_session(saved)
        assert f"session saved as {saved}" in session.told[-1]
        session.save_session(tmp_path / "no" / "such" / "folder.json")
        session.until(lambda: not session.background.pending)
    with driven(tmp_path) as session:
        session.open([str(saved)])
        session.until(lambda: pictures(session).controls.exposure == 0.5)
        assert pictures(session).document is not None
