"""The trainer: its plan, its files, and what is kept whatever happens."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from driving import CPU, WatchedEngine, watched_engine

import app.work.trainer
from app.work.engine import Trained
from app.work.trainer import Curve, Trainer, TrainingPlan, recovered, save_unfinished
from fieldcore.checkpoint import load_checkpoint, weights_digest
from fieldcore.errors import InputError
from fieldcore.fields import build_field, preset_recipe
from fieldcore.fitting import Progress, Stop, Training, fit
from fieldcore.signals import Picture


@pytest.fixture
def picture(smooth_pixels: np.ndarray) -> Picture:
    return Picture(smooth_pixels[:16, :24], "waves.png")


def trainer_of(engine: WatchedEngine, folder: Path, **plan: object) -> Trainer:
    trainer = Trainer(engine, folder)
    trainer.plan = replace(trainer.plan, **{"kind": "trained_pyramid", "preset": "preview", "rule": "steps", **plan})  # type: ignore[arg-type]
    return trainer


def run_to_the_end(trainer: Trainer, engine: WatchedEngine) -> str:
    engine.until(lambda: not engine.training)
    engine.until(lambda: [event for event in engine.logged(Trained) if event.ended])
    events, engine.log = engine.logged(Trained), []
    for event in events:
        trainer.take(event)
    return events[-1].ended


def begun(picture: Picture, steps: int) -> Training:
    recipe = preset_recipe("trained_pyramid", "preview", picture.facts, steps=100)
    training = Training(build_field(recipe, picture.facts))
    for _ in zip(range(steps), fit(training, picture), strict=False):
        pass
    return training


def test_a_training_ends_in_a_file_of_the_field_that_is_shown(tmp_path: Path, picture: Picture) -> None:
    with watched_engine() as engine:
        trainer = trainer_of(engine, tmp_path / "trained", steps=7)
        document = trainer.start(picture, "waves.png")
        assert trainer.state == "running" and document.signal is picture and not document.path.exists()
        with pytest.raises(InputError, match="a training is under way"):
            trainer.start(picture, "waves.png")
        ended = run_to_the_end(trainer, engine)
        assert (ended, trainer.state, trainer.steps_done) == ("steps", "finishing", 7)
        facts = trainer.conclusion(ended)()
        trainer.concluded(facts)
    assert trainer.state == "idle" and document.training == facts and (facts.steps, facts.stopped_by) == (7, "steps")
    checkpoint = load_checkpoint(tmp_path / "trained" / "waves-trained_pyramid.safetensors")
    assert weights_digest(checkpoint.field) == weights_digest(document.field)
    assert checkpoint.training == facts and facts.seconds is None and facts.psnr["0"] > 0
    assert trainer.keep() is None and len(list((tmp_path / "trained").iterdir())) == 1
    assert trainer.losses.steps == [1, 2, 3, 4, 5, 6, 7]


def test_the_plan_may_be_changed_for_the_next_training_while_one_runs(tmp_path: Path, picture: Picture) -> None:
    with watched_engine() as engine:
        trainer = trainer_of(engine, tmp_path, steps=3)
        trainer.start(picture, "")
        trainer.plan = TrainingPlan(kind="spectral", rule="seconds", seconds=1.0)
        facts = trainer.conclusion(run_to_the_end(trainer, engine))()
    assert facts.seconds is None and facts.steps == 3
    assert [file.name for file in tmp_path.iterdir()] == ["waves-trained_pyramid.safetensors"]


def test_new_fields_take_names_that_neither_a_field_nor_an_unfinished_training_has(
    tmp_path: Path, picture: Picture
) -> None:
    (tmp_path / "waves-trained_pyramid.safetensors").write_bytes(b"")
    (tmp_path / "waves-trained_pyramid-2.1.training.safetensors").write_bytes(b"")
    with watched_engine() as engine:
        trainer = trainer_of(engine, tmp_path, steps=1)
        assert trainer.start(picture, "").path == tmp_path / "waves-trained_pyramid-3.safetensors"


def test_what_an_unfinished_training_has_learned_is_kept(tmp_path: Path, picture: Picture) -> None:
    with watched_engine() as engine:
        trainer = trainer_of(engine, tmp_path, steps=10**6)
        document = trainer.start(picture, "")
        engine.until(lambda: trainer.steps_done >= 3)
    assert trainer.keep() == document.path
    checkpoint = load_checkpoint(document.path)
    assert checkpoint.training.steps == trainer.steps_done and checkpoint.training.stopped_by == "unfinished"
    assert weights_digest(checkpoint.field) == weights_digest(document.field)
    assert trainer.keep() is None


def test_what_could_not_be_written_is_kept_as_soon_as_it_can(tmp_path: Path, picture: Picture) -> None:
    folder = tmp_path / "trained"
    folder.write_text("in the way")
    with watched_engine() as engine:
        trainer = trainer_of(engine, folder, steps=2)
        document = trainer.start(picture, "")
        with pytest.raises(InputError, match="is a file, not a folder"):
            trainer.conclusion(run_to_the_end(trainer, engine))()
        trainer.concluded(None)
        assert trainer.state == "idle"
        with pytest.raises(InputError, match="is a file, not a folder"):
            trainer.start(picture, "")
        folder.unlink()
        assert trainer.start(picture, "").path == folder / "waves-trained_pyramid-2.safetensors"
    assert load_checkpoint(document.path).training.steps == 2


def test_a_training_that_failed_is_written_as_it_is(tmp_path: Path, picture: Picture) -> None:
    with watched_engine() as engine:
        trainer = trainer_of(engine, tmp_path, steps=10**6)
        document = trainer.start(picture, "")
        engine.until(lambda: trainer.steps_done >= 2)
    facts = trainer.conclusion("failed")()
    assert facts.stopped_by == "unfinished" and load_checkpoint(document.path).training == facts


# What is said of it


def progress_of(elapsed: float, share: float, psnr: float | None) -> Progress:
    return Progress(100, 0.1, 1e-3, 1.0, elapsed, psnr, share, None)


def test_how_far_a_training_is_is_said_in_words(tmp_path: Path, picture: Picture) -> None:
    with watched_engine() as engine:
        trainer = trainer_of(engine, tmp_path, steps=10**6)
        assert trainer.words == ""
        document = trainer.start(picture, "")
        assert trainer.words == "training: preparing the first step"
        told = []
        for elapsed, share, psnr in ((1.0, 0.0, None), (10.0, 0.25, None), (60.0, 0.4625, 31.24)):
            trainer.take(Trained(document, progress_of(elapsed, share, psnr), (), 10.0, 0.9, 0.1))
            told.append(trainer.words)
        trainer.pause()
        told.append(trainer.words)
        trainer.take(Trained(document, None, (), 10.0, 0.9, 0.1, ended="steps"))
        told.append(trainer.words)
    assert told == [
        "training 0 % · 1 s so far", "training 25 % · 30 s left", "training 46 % · 70 s left · 31.2 dB",
        "training paused 46 % · 70 s left · 31.2 dB", "finishing waves.png: scoring, writing the file",
    ]  # fmt: skip


def test_a_training_that_ends_at_a_quality_says_how_near_it_is(tmp_path: Path, picture: Picture) -> None:
    with watched_engine() as engine:
        trainer = trainer_of(engine, tmp_path, rule="target_psnr", target_psnr=40.0)
        document = trainer.start(picture, "")
        trainer.plan = TrainingPlan(rule="seconds")  # of the next one
        trainer.take(Trained(document, progress_of(200.0, 0.7, 31.24), (), 10.0, 0.9, 0.1))
        assert trainer.words == "training · 3 min so far · 31.2 of 40 dB"


def test_the_pace_is_that_of_the_training_under_way(tmp_path: Path, picture: Picture) -> None:
    with watched_engine() as engine:
        trainer = trainer_of(engine, tmp_path, steps=2)
        document = trainer.start(picture, "")
        trainer.take(Trained(document, progress_of(1.0, 0.5, None), (), 29.9, 0.91, 0.09))
        trainer.conclusion(run_to_the_end(trainer, engine))()
        trainer.concluded(None)
        trainer.start(picture, "")
        assert (trainer.steps_per_second, trainer.training_share, trainer.drawing_share) == (0.0, 0.0, 0.0)
        assert trainer.progress is None and trainer.seconds_left is None


# Trainings that a kill cut short


def state_of(training: Training, folder: Path, name: str, process: int | str) -> Path:
    state = folder / f"{name}.{process}.training.safetensors"
    training.save(state)
    return state


@pytest.fixture
def dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_training_that_was_killed_is_recovered(tmp_path: Path, picture: Picture, dead_process: int) -> None:
    training = begun(picture, 4)
    state = state_of(training, tmp_path, "a.photo-trained_pyramid", dead_process)
    assert recovered(tmp_path, CPU) == [tmp_path / "a.photo-trained_pyramid.safetensors"]
    checkpoint = load_checkpoint(tmp_path / "a.photo-trained_pyramid.safetensors")
    assert weights_digest(checkpoint.field) == weights_digest(training.field) and checkpoint.training.steps == 4
    assert not state.exists() and recovered(tmp_path, CPU) == []


def test_recovering_replaces_no_field(tmp_path: Path, picture: Picture, dead_process: int) -> None:
    first, second, third = begun(picture, 1), begun(picture, 2), begun(picture, 3)
    save_unfinished(first, tmp_path / "photo.safetensors")
    state_of(second, tmp_path, "photo", dead_process)
    state_of(third, tmp_path, "photo", os.getpid())  # an earlier process may have had this one's number
    found = recovered(tmp_path, CPU)
    assert len(found) == 2 and len(set(found)) == 2
    steps = {load_checkpoint(path).training.steps for path in [*found, tmp_path / "photo.safetensors"]}
    assert steps == {1, 2, 3} and load_checkpoint(tmp_path / "photo.safetensors").training.steps == 1


def test_what_is_not_a_killed_training_of_the_window_is_left_alone(
    tmp_path: Path, picture: Picture, dead_process: int
) -> None:
    training = begun(picture, 1)
    state_of(training, tmp_path, "running", os.getppid())
    training.save(tmp_path / "command-line.training.safetensors")
    (tmp_path / f"damaged.{dead_process}.training.safetensors").write_bytes(b"not tensors")
    (tmp_path / f"huge.{10**30}.training.safetensors").write_bytes(b"not tensors")
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert recovered(tmp_path, CPU) == []
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
    assert recovered(tmp_path / "missing", CPU) == []


def test_the_state_of_a_training_is_found_by_the_next_process(
    tmp_path: Path, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit_often = lambda *a, **k: fit(*a, **k, checkpoint_seconds=0.0)  # noqa: E731
    monkeypatch.setattr(app.work.trainer, "fit", fit_often)
    with watched_engine() as engine:
        trainer = trainer_of(engine, tmp_path, steps=10**6)
        document = trainer.start(picture, "")
        engine.until(lambda: trainer.steps_done >= 3)
    (state,) = tmp_path.iterdir()  # as after a kill: the file was never written
    assert recovered(tmp_path, CPU) == [document.path]
    assert weights_digest(load_checkpoint(document.path).field) == weights_digest(document.field)
    assert not state.exists()


# Curves and plans


def test_curves_stay_short_and_keep_every_so_manieth_point() -> None:
    curve = Curve()
    for step in range(1, 100_001):
        curve.add(step, 1 / step if step != 77 else float("nan"))
    assert 400 < len(curve.steps) <= 1000
    gaps = {later - earlier for earlier, later in zip(curve.steps, curve.steps[1:], strict=False)}
    assert len(gaps) == 1 and curve.values == [1 / step for step in curve.steps]
    assert curve.steps[-1] > 99_000


def test_psnr_is_noted_where_it_was_measured() -> None:
    with watched_engine() as engine:
        trainer = Trainer(engine, Path("nowhere"))
        history = tuple((step, 0.1, None if step < 50 else 20.0 + step // 50) for step in range(1, 151))
        progress = Progress(150, 0.1, 1e-3, 1.0, 1.0, 23.0, 0.5, None)
        trainer.take(
            Trained(trainer.start(Picture(np.zeros((4, 4, 3), np.float32)), ""), progress, history, 10.0, 0.9, 0.1)
        )
    assert (trainer.psnrs.steps, trainer.psnrs.values) == ([50, 100, 150], [21.0, 22.0, 23.0])
    assert (trainer.progress, trainer.steps_per_second, trainer.state) == (progress, 10.0, "running")


def test_a_plan_has_a_preset_of_its_kind_and_a_number_to_stop_at() -> None:
    assert TrainingPlan(preset="no such preset").checked().preset in app.work.trainer.KINDS["pyramid"].presets
    assert TrainingPlan(preset="preview").checked() == TrainingPlan()
    for rule, value in (("seconds", -1.0), ("steps", 0), ("target_psnr", float("nan")), ("plateau", 0)):
        with pytest.raises(InputError):
            replace(TrainingPlan(rule=rule), **{rule: value}).checked()
    assert TrainingPlan(kind="spectral", rule="plateau", plateau=7).stop.plateau == 7
    assert TrainingPlan(kind="pyramid", rule="plateau", plateau=7).stop == Stop(), "it is solved for"


def test_the_same_plan_trains_the_same_field(tmp_path: Path, picture: Picture) -> None:
    digests = []
    for _ in range(2):
        with watched_engine() as engine:
            trainer = trainer_of(engine, tmp_path, steps=3, seed=5)
            document = trainer.start(picture, "")
            trainer.conclusion(run_to_the_end(trainer, engine))()
            digests.append(weights_digest(document.field))
    assert digests[0] == digests[1] and torch.isfinite(next(document.field.parameters())).all()
