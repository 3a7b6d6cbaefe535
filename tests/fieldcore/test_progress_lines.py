"""Lines that say how far long work is: there where they are wanted, and nowhere else."""

from __future__ import annotations

import threading

import pytest

from fieldcore import progress_lines
from fieldcore.progress_lines import hide_progress_lines, points_line, waiting_line


@pytest.fixture(autouse=True)
def shown(monkeypatch):
    monkeypatch.setattr(progress_lines, "_hidden", threading.Event())


def work() -> None:
    with points_line("distances") as report, waiting_line("preparing") as say:
        say("search tree")
        report(10, 100)
    with waiting_line("reading a small file", shown=False):
        pass


def test_work_is_told_of_until_it_is_done(capsys, monkeypatch) -> None:
    clock = iter(range(10**6))
    monkeypatch.setattr("tqdm.std.time", lambda: float(next(clock)))  # a second at every look
    work()
    told = capsys.readouterr().err
    assert "preparing, search tree" in told and "distances" in told and "10.0/100" in told
    assert "small" not in told


def test_a_window_shows_no_lines(capsys) -> None:
    hide_progress_lines()
    work()
    assert capsys.readouterr().err == ""
