"""What is open as a web page: *Share…*, and the command that does the same."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from driving import DrivenSession, driven, picture_file

import fieldcore as fc
from app.action import perform
from app.actions import ACTIONS
from app.commands import COMMANDS
from app.scenes.picture.state import pictures
from fieldcore.checkpoint import save_field
from fieldcore.cli import command_of

SHARE = next(action for action in ACTIONS if action.name == "share")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[DrivenSession]:
    """One that shows a solved field of a picture that is there."""
    picture = picture_file(tmp_path, np.random.default_rng(0).integers(0, 256, (8, 16, 3)).astype(np.float32) / 255)
    save_field(tmp_path / "my photo.safetensors", fc.train("pyramid", fc.Picture.open(picture), device="cpu"))
    with driven(tmp_path, recent=(str(picture),)) as session:
        session.open([str(tmp_path / "my photo.safetensors")])
        session.until(lambda: session.state.document is not None)
        yield session


def told(session: DrivenSession) -> str:
    message = session.messages.shown(session.now)
    return message.text if message else ""


def test_the_page_of_what_is_open_is_what_the_command_writes(session: DrivenSession, tmp_path: Path) -> None:
    page = tmp_path / "shared.html"
    session.sharing.write(page)
    session.until(lambda: "MB" in told(session))
    assert told(session).startswith(f"web page written as {page}, 0.0")
    text = page.read_text(encoding="utf-8")
    assert "Field: my photo.safetensors, pyramid, 16 x 8 samples" in text and "against the truth" in text
    words = shlex.split(COMMANDS["this page"].words(session))
    assert words[0] == "fieldcore" and "--truth" in words
    words[words.index("--out") + 1] = str(tmp_path / "commanded.html")
    command_of(words[1:]).run()
    assert (tmp_path / "commanded.html").read_text(encoding="utf-8") == text


def test_it_asks_where_and_says_why_it_cannot(session: DrivenSession, tmp_path: Path) -> None:
    session.files._find = lambda name: None  # no dialogue of the desktop's
    perform(SHARE, session)
    wish = session.files.wish
    assert wish is not None and wish.saves and wish.name.endswith(".html")
    session.sharing.write(tmp_path / "picture.png" / "page.html")
    session.until(lambda: session.messages.errors > 0)
    assert "picture.png" in told(session)
    pictures(session).controls = type(pictures(session).controls)()
    assert SHARE.refusal(session) and COMMANDS["this page"].words_or_reason(session) == ("", "")


def test_a_field_that_is_no_page_says_what_would_be(session: DrivenSession, tmp_path: Path) -> None:
    field = fc.train("spectral", np.zeros((8, 8, 3), np.uint8), steps=1, width=16, device="cpu")
    save_field(tmp_path / "net.safetensors", field)
    session.open([str(tmp_path / "net.safetensors")])
    session.until(lambda: session.state.document is not None and session.state.document.path.stem == "net")
    reason = COMMANDS["this page"].words_or_reason(session)[1]
    assert "no page shows a spectral field of a picture; solve one: fieldcore fit picture PHOTO" in reason
