from __future__ import annotations

import pytest

import app.record.frames_line
from app.record.frames_line import FramesLine
from fieldcore.progress_lines import progress_lines_shown


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(app.record.frames_line.time, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize(
    ("seconds", "total", "kept", "sentence"),
    [
        (10.8, 240, 0, "note: 240 frames, 10.8 s each: ready in about 43 min\n"),
        (
            3.0,
            5000,
            1000,
            "note: 1000 of 5000 frames are there already\nnote: 5000 frames, 3.0 s each: ready in about 3.3 h\n",
        ),
        (3.0, 12, 0, ""),
        (0.1, 100, 0, ""),
    ],
)
def test_a_long_render_says_early_how_long(
    clock: list[float], capsys: pytest.CaptureFixture, seconds: float, total: int, kept: int, sentence: str
) -> None:
    with progress_lines_shown(), FramesLine(kept, total) as line:
        for _ in range(3):
            clock[0] += seconds
            line.made()
        said = [part + "\n" for part in capsys.readouterr().err.splitlines() if part.startswith("note")]
        assert "".join(said) == sentence


def test_nothing_is_said_where_that_is_not_wanted(clock: list[float], capsys: pytest.CaptureFixture) -> None:
    with progress_lines_shown(False), FramesLine(1, 1000) as line:
        for _ in range(3):
            clock[0] += 20.0
            line.made()
    assert capsys.readouterr().err == ""
