"""The report of a machine with CUDA: every part of it runs, tiny, on the processor; what fails stops nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from clocks import Stopwatch

from app.gl.offscreen import offscreen
from benchmarks.gpu.__main__ import NO_CUDA, figures_of, in_a_process, main, make_report
from benchmarks.gpu.parts import PARTS, Part
from benchmarks.gpu.report import Entry, Report

pytestmark = pytest.mark.usefixtures("coarse_shapes")


def numbers(figures: dict[str, Any]) -> Iterator[float]:
    for value in figures.values():
        if isinstance(value, dict):
            yield from numbers(value)
        elif isinstance(value, float):
            yield value


@pytest.mark.parametrize("name", sorted(PARTS))
def test_every_part_finds_figures(name: str) -> None:
    with offscreen((8, 8)):
        pass  # drawing is a part of it
    before = torch.get_float32_matmul_precision()
    try:
        figures = figures_of(PARTS[name], "cpu", small=True)
    finally:
        torch.set_float32_matmul_precision(before)
    assert figures and json.loads(json.dumps(figures)) == figures
    assert all(math.isfinite(number) for number in numbers(figures))


def test_a_part_in_a_process_of_its_own() -> None:
    entry = in_a_process("orthogonality", PARTS["orthogonality"], 900.0, "cpu")
    assert entry.outcome == "measured" and entry.figures, entry.reason


def test_what_fails_hangs_or_finds_no_time_is_a_line_and_the_rest_is_measured(tmp_path: Path) -> None:
    report, stopwatch, written = Report({"GPU": "none"}), Stopwatch(), []

    def measured(name: str, part: Part, seconds: float, device: str) -> Entry:
        written.append((tmp_path / "gpu-report.json").exists())
        stopwatch.seconds += 40.0
        if name == "handover":
            return Entry(part.title, "failed", 40.0, reason="no driver")
        return Entry(part.title, "measured", 40.0, {"a | b": {"ms": 1.23456}})

    names = ("tests", "handover", "steps", "waits")
    make_report(report, names, tmp_path, 100.0, "cpu", measured, stopwatch)
    assert [report.entries[name].outcome for name in names] == ["measured", "failed", "measured", "skipped"]
    assert written == [False, True, True], "after each part"
    told = json.loads((tmp_path / "gpu-report.json").read_text())
    assert told["machine"] == {"GPU": "none"} and told["parts"]["handover"]["reason"] == "no driver"
    text = (tmp_path / "gpu-report.md").read_text()
    assert "| a \\| b: ms | 1.235 |" in text and "no driver" in text and "no time was left" in text


def test_a_part_that_takes_too_long_is_ended() -> None:
    entry = in_a_process("orthogonality", PARTS["orthogonality"], 0.01, "cpu")
    assert entry.outcome == "out of time" and "0 s" in entry.reason


def test_without_cuda_it_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    assert main(["--out", str(tmp_path / "report")]) == 2
    assert capsys.readouterr().err == NO_CUDA + "\n" and not (tmp_path / "report").exists()


def test_all_parts_together_leave_time_to_start_the_machine() -> None:
    assert sum(part.seconds for part in PARTS.values()) <= 13 * 60
