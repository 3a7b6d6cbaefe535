"""The course of a training in files."""

from __future__ import annotations

import csv
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from fieldcore.errors import InputError
from fieldcore.fields import build_field
from fieldcore.fields.spectral import SpectralRecipe
from fieldcore.fitting import Progress
from fieldcore.signals import Picture
from fieldcore.training_log import COLUMNS, TrainingLog


def step(number: int, psnr: float | None = None, stopped_by: str | None = None) -> Progress:
    return Progress(number, 1 / number, 1e-3, 1e6, 0.1 * number, psnr, 0.5, stopped_by)


def rows(folder: Path) -> list[list[str]]:
    with (folder / "curve.csv").open(newline="") as file:
        return list(csv.reader(file))


@pytest.fixture(autouse=True)
def without_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)


def test_the_first_every_tenth_measured_and_the_last_step_are_written(tmp_path: Path) -> None:
    with TrainingLog(tmp_path / "log") as log:
        for number in range(1, 26):
            log.show(step(number, psnr=30.0 if number >= 17 else None))
        log.show(step(26, 30.0, "steps"))
    written = rows(tmp_path / "log")
    assert written[0] == list(COLUMNS)
    assert [row[0] for row in written[1:]] == ["1", "10", "17", "20", "26"]
    assert written[2] == ["10", "0.1", "0.001", "", "1", "1000000"]
    assert written[-1] == ["26", "0.03846154", "0.001", "30", "2.6", "1000000"]


def test_a_training_that_goes_on_goes_on_in_its_table(tmp_path: Path) -> None:
    with TrainingLog(tmp_path) as log:
        for number in range(1, 31):
            log.show(step(number))
    with pytest.raises(InputError, match="exists"):
        TrainingLog(tmp_path)
    with TrainingLog(tmp_path, resume=True) as log:
        for number in range(15, 31):
            log.show(step(number))
    assert [row[0] for row in rows(tmp_path)[1:]] == ["1", "10", "20", "30"]
    with TrainingLog(tmp_path, overwrite=True) as log:
        log.show(step(1))
    assert [row[0] for row in rows(tmp_path)[1:]] == ["1"]


def test_events_are_written_where_tensorboardx_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, smooth_pixels: np.ndarray
) -> None:
    noted: list[tuple[str, float, int]] = []

    class Writer:
        def __init__(self, folder: str) -> None:
            assert folder == str(tmp_path)

        def add_scalar(self, name: str, value: float, number: int) -> None:
            noted.append((name, value, number))

        def add_text(self, name: str, text: str) -> None:
            assert "kind: spectral" in text
            noted.append((name, 0.0, 0))

        def add_image(self, name: str, picture: np.ndarray, dataformats: str) -> None:
            assert picture.dtype == np.uint8 and picture.shape == (32, 48, 3) and dataformats == "HWC"
            noted.append((name, 0.0, 0))

        def close(self) -> None:
            noted.append(("closed", 0.0, 0))

    module = types.ModuleType("tensorboardX")
    monkeypatch.setattr(module, "SummaryWriter", Writer, raising=False)
    monkeypatch.setitem(sys.modules, "tensorboardX", module)
    with TrainingLog(tmp_path) as log:
        log.show(step(1))
        log.show(step(2))
        picture = Picture(smooth_pixels)
        log.finish(build_field(SpectralRecipe(width=8), picture.facts), picture)
    scalars = [("training/loss", 1.0, 1), ("training/learning_rate", 1e-3, 1), ("training/points_per_second", 1e6, 1)]
    shown = [f"{name} at variance {v}" for v in ("0", "0.001", "0.01") for name in ("field", "error")]
    assert noted == [*scalars, *((name, 0.0, 0) for name in ("recipe", *shown, "closed"))]


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="part of the path is a file"):
        TrainingLog(tmp_path / "file" / "log")
