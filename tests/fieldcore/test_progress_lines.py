"""Lines that say how far long work is: there where they are wanted, and nowhere else."""

from __future__ import annotations

import sys

import pytest

from fieldcore import progress_lines
from fieldcore.progress_lines import ProgressLine, hide_progress_lines, note, points_line, progress_lines_shown
from fieldcore.progress_lines import waiting_line as waiting


@pytest.fixture
def clock(monkeypatch):
    """A second passes at every look."""
    ticks = iter(range(10**6))
    monkeypatch.setattr(progress_lines.time, "monotonic", lambda: float(next(ticks)))


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr(progress_lines, "_is_terminal", lambda: True)


def work() -> None:
    with points_line("distances") as report, waiting("preparing") as say:
        say("search tree")
        report(10, 100)
        report(20, 100)
    with waiting("reading a small file", shown=False):
        pass
    note("something was dropped")


def test_a_terminal_is_told_of_work_until_it_is_done(capsys, clock, terminal) -> None:
    with progress_lines_shown():
        work()
    told = capsys.readouterr().err
    assert "preparing" in told and "search tree" in told and "distances  20%" in told and "of 100 points" in told
    assert "small" not in told
    assert told.count("\n") == 1 and told.endswith("note: something was dropped\n"), "lines go, notes stay"


def test_a_log_file_gets_a_line_each_ten_seconds(capsys, clock) -> None:
    with progress_lines_shown(), ProgressLine("training", total=1.0) as line:
        for step in range(45):
            line.show(step / 45, note=f"step {step}")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4 and all(line.startswith("training") and "\r" not in line for line in lines)
    assert "step 9" in lines[0] and "step 39" in lines[-1]


def test_a_library_call_shows_nothing(capsys, clock, terminal) -> None:
    work()
    with progress_lines_shown(False):
        work()
    assert capsys.readouterr().err == ""


def test_a_window_shows_no_lines(capsys, clock, terminal) -> None:
    with progress_lines_shown():
        hide_progress_lines()
        work()
    assert capsys.readouterr().err == ""


def test_a_terminal_that_is_gone_ends_no_work(monkeypatch, clock, terminal) -> None:
    class Gone:
        def write(self, text):
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(sys, "stderr", Gone())
    with progress_lines_shown():
        work()
