"""What other programs open, and what is said where none does."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from patience import HANG_S

import app.work.desktop
from app.work.desktop import open_on_desktop


@pytest.mark.skipif("sys.platform == 'win32'", reason="needs a shell")
@pytest.mark.parametrize("code", [0, 3])
def test_a_place_that_no_program_opens_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    program, opened = tmp_path / "xdg-open", tmp_path / "opened"
    program.write_text(f'#!/bin/sh\necho "$1" > {opened}\nexit {code}\n')
    program.chmod(0o755)
    monkeypatch.setattr(app.work.desktop.sys, "platform", "linux")
    monkeypatch.setattr(app.work.desktop.shutil, "which", {"xdg-open": str(program)}.get)
    refused = threading.Event()
    open_on_desktop(tmp_path / "film.mp4", refused.set)
    for thread in threading.enumerate():
        if thread.name == "desktop":
            thread.join(HANG_S)
    assert opened.read_text().strip() == str(tmp_path / "film.mp4") and refused.is_set() == (code != 0)


def test_a_desktop_without_an_opener_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.work.desktop.shutil, "which", lambda name: None)
    refused = threading.Event()
    open_on_desktop(tmp_path, refused.set)
    assert refused.is_set()
