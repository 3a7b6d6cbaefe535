"""The session as a window drives it: opening, training, recording, judging, and bad luck of every kind."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import DrivenSession, Gated, document_of, driven, field_file, picture_file
from patience import HANG_S
from waves import Waves

import app.plane.judging
import app.record.frame_folder
import app.scenes.picture.state
import app.work.trainer
from app.actions import press
from app.path.keyframes import KeyframePath, keyframe_of
from app.path.path_file import read_path, write_path
from app.plane.agreement import judged
from app.scenes.picture.controls import Controls
from app.scenes.picture.state import pictures
from fieldcore.checkpoint import load_checkpoint, weights_digest
from fieldcore.errors import InputError
from fieldcore.fields.trained_pyramid import TrainedPyramid
from fieldcore.images import write_image


@pytest.fixture
def session(tmp_path: Path) -> Iterator[DrivenSession]:
    with driven(tmp_path) as session:
        yield session


@pytest.fixture
def picture(tmp_path: Path, smooth_pixels: np.ndarray) -> Path:
    return picture_file(tmp_path, smooth_pixels[:16, :24])


@pytest.fixture
def field(tmp_path: Path, picture: Path) -> Path:
    return field_file(tmp_path, picture)


def show(session: DrivenSession, *names: str) -> None:
    """Open Waves under these names, the first one shown."""
    for name in names:
        pictures(session).take_document(document_of(Waves(), name), show=name == names[0])
    session.until_quiet()


def train_by_steps(session: DrivenSession, picture: Path, steps: int = 10**6) -> None:
    session.training.plan = replace(
        session.training.plan, kind="trained_pyramid", preset="preview", rule="steps", steps=steps
    )
    session.open([str(picture)])
    session.until(lambda: session.training.steps_done >= min(3, steps))


# Opening


def test_fields_are_opened_and_the_first_is_shown(session: DrivenSession, tmp_path: Path, picture: Path) -> None:
    files = [field_file(tmp_path, picture, f"{name}.safetensors") for name in "abc"]
    session.open([str(file) for file in files])
    session.until_quiet()
    assert list(pictures(session).documents) == [str(file) for file in files]
    assert (pictures(session).controls.field, pictures(session).controls.other) == (str(files[0]), str(files[1]))
    assert (
        pictures(session).evaluated is not None
        and pictures(session).evaluated.request.document is pictures(session).document
    )
    assert list(session.layout.recent) == [str(file) for file in reversed(files)] and not session.messages.errors
    pictures(session).next_field()
    pictures(session).next_field()
    assert (
        pictures(session).controls.field == str(files[2])
        and pictures(session).controls.other != pictures(session).controls.field
    )


def test_what_is_noticed_of_a_picture_is_told(session: DrivenSession, tmp_path: Path) -> None:
    write_image(tmp_path / "glass.png", np.zeros((12, 16, 4), np.uint8))
    session.open([str(tmp_path / "glass.png")])
    session.until(lambda: any("'glass.png': it is transparent everywhere" in told for told in session.told))


def test_one_file_is_one_document_however_it_is_named(
    session: DrivenSession, tmp_path: Path, field: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    session.open([field.name, str(field), str(tmp_path / "folder" / ".." / field.name)])
    session.until_quiet()
    assert list(pictures(session).documents) == [str(field)]


def test_what_is_being_read_is_said_until_it_is_there(session: DrivenSession, field: Path) -> None:
    busy = threading.Event()
    session.background.submit(lambda: busy.wait(HANG_S), lambda _: None, session.fail)
    session.open([str(field)])
    assert session.working == ["reading field.safetensors"]
    session._time.seconds += 2.2
    assert session.working == ["reading field.safetensors: 2 s"]
    busy.set()
    session.until_quiet()
    assert session.working == []


def unopenable(folder: Path, field: Path) -> dict[str, str]:
    """Files that cannot be opened, and a word of what is said."""
    (folder / "folder").mkdir()
    (folder / "folder.png").mkdir()
    (folder / "notes.txt").write_text("text")
    (folder / "text.png").write_text("text")
    (folder / "truncated.safetensors").write_bytes(field.read_bytes()[:1000])
    for suffix in ("png", "safetensors", "json", "exr", "hdr"):
        (folder / f"empty.{suffix}").write_bytes(b"")
    (folder / "list.json").write_text("[1, 2]")
    return {
        "missing.png": "no such file", "missing.safetensors": "no such file", "missing.json": "cannot be read",
        "folder": "cannot be opened", "folder.png": "that is a folder", "notes.txt": "cannot be opened",
        "text.png": "it is text, not a picture", "truncated.safetensors": "truncated or damaged",
        "empty.png": "is empty", "empty.safetensors": "truncated or damaged", "empty.json": "not JSON",
        "empty.exr": "is empty", "empty.hdr": "is empty", "list.json": "not a Fieldscope path",
    }  # fmt: skip


def test_what_cannot_be_opened_is_said_once_each_and_the_session_lives(
    session: DrivenSession, tmp_path: Path, field: Path
) -> None:
    show(session, "waves")
    for name, words in unopenable(tmp_path, field).items():
        session.open([str(tmp_path / name)])
        session.until(lambda: not session.background.pending)
        (told,) = session.told
        assert words in told and name in told
        assert session.messages.dismiss()
    session.open([str(tmp_path / name) for name in ("missing.png", "notes.txt", field.name)])
    session.until_quiet()
    assert session.messages.errors == 2 and str(field) in pictures(session).documents
    assert {event for event, _ in session.reported} == {"error"}


def test_a_picture_that_nothing_was_trained_on_is_trained_on(session: DrivenSession, picture: Path) -> None:
    train_by_steps(session, picture)
    assert session.training.state == "running" and pictures(session).document is session.training.document
    assert pictures(session).document is not None and pictures(session).document.signal_source == str(picture)
    assert session.layout.recent == (str(picture),)


def test_another_picture_opens_whole_and_unfiltered_but_the_first_as_was_asked_for(
    session: DrivenSession, tmp_path: Path
) -> None:
    first, second = (
        picture_file(tmp_path, np.random.default_rng(seed).random((12, 16, 3), np.float32), f"{seed}.png")
        for seed in (1, 2)
    )
    chosen = {"covariance": (0.9, 0.0, 0.9), "foveated": True, "zoom": 7.0, "center": (0.2, 0.1)}
    pictures(session).change(**chosen)
    session.open([str(first)])
    session.until(lambda: pictures(session).document and session.training.state == "idle")
    assert {name: getattr(pictures(session).controls, name) for name in chosen} == chosen
    session.open([str(second)])
    session.until(lambda: len(pictures(session).documents) == 2)
    usual = Controls()
    assert pictures(session).document is not None and pictures(session).document.signal_source == str(second)
    assert all(getattr(pictures(session).controls, name) == getattr(usual, name) for name in chosen)


@pytest.mark.parametrize("opening", [{}, {"max_size": 12}, {"encoding": "linear"}])
def test_the_picture_an_open_field_was_trained_on_becomes_its_truth(
    session: DrivenSession, tmp_path: Path, picture: Path, opening: dict[str, Any]
) -> None:
    session.open([str(field_file(tmp_path, picture, **opening))])
    session.until_quiet()
    assert pictures(session).document is not None and pictures(session).document.truth is None
    assert "the truth is not known" in pictures(session).compare_refusal("truth")
    session.open([str(picture)])
    session.until(lambda: not session.background.pending)
    assert session.training.state == "idle" and pictures(session).document.truth is not None
    assert (
        pictures(session).document.signal_source == str(picture)
        and "is the truth of trained_pyramid" in session.told[-1]
    )
    pictures(session).compare("truth")
    session.until_quiet()
    assert pictures(session).evaluated is not None and "truth" in pictures(session).evaluated.stage.layers
    session.until(lambda: pictures(session).agreement is not None)
    document = pictures(session).document
    session.open([str(picture)])
    session.until(lambda: not session.background.pending)
    assert pictures(session).document is document and len(pictures(session).documents) == 1, (
        "no second field is made of it"
    )


def test_pictures_given_at_once_are_opened_one_after_the_other(session: DrivenSession, tmp_path: Path) -> None:
    files = [picture_file(tmp_path, np.full((8, 8, 3), value, np.float32), f"{value}.png") for value in (0.2, 0.4, 0.6)]
    session.open([str(file) for file in files])
    session.until(lambda: len(pictures(session).documents) == 3 and session.training.state == "idle")
    session.until_quiet()
    assert [document.signal_source for document in pictures(session).documents.values()] == [
        str(file) for file in files
    ]
    assert (
        all(document.path.exists() for document in pictures(session).documents.values()) and not session.messages.errors
    )
    assert {str(file) for file in files} <= set(session.layout.recent) and session.working == []


def look_at_large(session: DrivenSession, picture: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Open a picture whose field counts as large; returns where the field would be."""
    monkeypatch.setattr(app.work.trainer, "MOST_UNASKED_BYTES", 100)
    session.open([str(picture)])
    session.until(
        lambda: pictures(session).document is not None and session.training.state == "idle" and bool(session.told)
    )
    session.until_quiet()
    assert pictures(session).document is not None
    return pictures(session).document.path


def test_a_large_field_that_is_only_looked_at_is_written_when_asked_for(
    session: DrivenSession, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = look_at_large(session, picture, monkeypatch)
    assert not file.exists() and "in memory only" in session.told[-1] and session.keep_refusal == ""
    session.keep_shown()
    session.until(lambda: session.keep_refusal != "")
    assert session.told == [f"saved as {file}"] and session.layout.recent[0] == str(file)
    assert pictures(session).document is not None
    assert weights_digest(load_checkpoint(file).field) == weights_digest(pictures(session).document.field)


def test_a_large_field_that_nobody_asked_for_is_not_written_in_the_end(
    session: DrivenSession, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = look_at_large(session, picture, monkeypatch)
    session.train()  # which asks for one
    session.until(lambda: pictures(session).document is not None and pictures(session).document.path != file)
    session.until(lambda: session.training.state == "idle")
    assert pictures(session).document is not None and pictures(session).document.path.exists() and session.keep_refusal
    assert session.close() == [] and not file.exists()


def test_a_recording_of_a_field_in_memory_writes_it_for_its_path(
    session: DrivenSession, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = look_at_large(session, picture, monkeypatch)
    session.view_recording.toggle()
    session.until(file.exists)


def test_a_folder_that_cannot_be_written_is_said_when_a_training_begins(
    session: DrivenSession, picture: Path, tmp_path: Path
) -> None:
    (tmp_path / "trained").write_text("in the way")
    train_by_steps(session, picture)
    assert session.training.state == "running" and "is a file, not a folder; what is trained now" in session.told[0]


def test_a_picture_dropped_in_mid_training_waits_in_line(session: DrivenSession, picture: Path) -> None:
    train_by_steps(session, picture)
    trained = session.training.document
    picture_file(picture.parent, np.zeros((8, 8, 3), np.float32), "other.png")
    session.open([str(picture.parent / "other.png")])
    session.until(lambda: not session.background.pending)
    assert session.training.document is trained and session.working[-1] == "waiting: other.png"
    session.training.stop()
    session.until(lambda: session.training.document is not trained and session.training.steps_done >= 3)
    assert pictures(session).document is not None and pictures(session).document.signal_source.endswith("other.png")


def test_a_file_that_vanished_is_missed_only_where_it_is_needed(session: DrivenSession, field: Path) -> None:
    session.open([str(field)])
    session.until_quiet()
    field.unlink()
    pictures(session).zoom(2.0, (0.0, 0.0))
    session.until_quiet()
    session.view_recording.toggle()
    assert "is not there" in session.told[-1] and session.recording.noting
    session.open([str(field)])
    session.until(lambda: not session.background.pending)
    assert "no such file" in session.told[0] and pictures(session).document is not None


def test_a_field_that_was_closed_and_opened_again_is_shown_again(session: DrivenSession, field: Path) -> None:
    shown = []
    for _ in range(3):
        session.open([str(field)])
        session.until_quiet()
        assert (
            pictures(session).evaluated is not None
            and pictures(session).evaluated.request.document is pictures(session).document
        )
        shown.append(pictures(session).evaluated)
        pictures(session).close_opened(str(field))
        assert (
            pictures(session).document is None
            and pictures(session).view is None
            and pictures(session).evaluated is None
        )
        session.step()
    assert len({id(evaluated) for evaluated in shown}) == 3


def test_closing_one_of_several_fields_shows_another(session: DrivenSession) -> None:
    show(session, "a", "b", "c")
    pictures(session).compare("two_up")
    pictures(session).close_opened("a")
    assert (
        pictures(session).controls.field == "b"
        and pictures(session).controls.other == "c"
        and pictures(session).controls.layout == "two_up"
    )
    pictures(session).close_opened("c")
    assert pictures(session).controls.other == "" and pictures(session).controls.layout == "one"
    pictures(session).close_opened("nothing")
    session.until_quiet()
    assert list(pictures(session).documents) == ["b"] and not session.told


# Comparing and looking


def alone(session: DrivenSession) -> str:
    """What is shown alone, if anything is."""
    controls = pictures(session).controls
    return controls.left if controls.layout == "one" else ""


def test_comparisons_that_cannot_be_shown_are_refused(session: DrivenSession) -> None:
    pictures(session).compare("truth")
    assert alone(session) == "field" and "nothing is open" in session.told[-1]
    show(session, "a")
    for comparison, reason in (("truth", "truth is not known"), ("wipe", "truth"), ("other", "nothing to show beside")):
        pictures(session).compare(comparison)
        assert alone(session) == "field" and reason in session.told[-1]
    pictures(session).take_document(document_of(Waves(), "b"))
    pictures(session).compare("two_up")
    assert pictures(session).controls.layout == "two_up"
    pictures(session).compare("two_up")
    assert alone(session) == "field"


def test_foveation_follows_the_cursor_and_is_compared_with_the_truth_where_that_is_known(
    session: DrivenSession, picture: Path, field: Path
) -> None:
    session.layout = session.layout.with_recent(str(picture))
    session.open([str(field)])
    session.until_quiet()
    pictures(session).compare("error")
    pictures(session).set_foveated(True)
    session.until_quiet()
    assert alone(session) == "error" and pictures(session).controls.foveated
    pictures(session).change(covariance=(0.01, 0.001, 0.002))  # askew
    pictures(session).compare("truth")
    session.until_quiet()
    assert alone(session) == "truth" and pictures(session).controls.foveated
    pictures(session).compare("truth")
    assert pictures(session).view is not None
    pictures(session).look_at((10.0, 20.0))
    assert pictures(session).controls.gaze == pictures(session).view.domain_from_frame((10.0, 20.0))
    session.until_quiet()


def test_zooming_keeps_the_point_under_the_cursor_in_either_pane(session: DrivenSession) -> None:
    show(session, "a", "b")
    pictures(session).compare("two_up")
    for position, in_pane in (((10.0, 5.0), (10.0, 5.0)), ((42.0, 5.0), (10.0, 5.0))):
        assert pictures(session).view is not None and pictures(session).view.framebuffer_px == (32, 48)
        before = pictures(session).view.domain_from_frame(in_pane)
        pictures(session).zoom(3.0, position)
        assert pictures(session).view.domain_from_frame(in_pane) == pytest.approx(before)


def test_a_picture_that_goes_wrong_is_told_and_the_next_one_is_shown(
    session: DrivenSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(session, "a")
    with monkeypatch.context() as patched:
        patched.setattr(Waves, "_values", lambda *_: 1 / 0)
        pictures(session).zoom(2.0, (0.0, 0.0))
        session.until(lambda: session.messages.errors)
    assert session.told == ["evaluating: ZeroDivisionError: division by zero"]
    pictures(session).zoom(2.0, (0.0, 0.0))
    session.until_quiet()


# Judging


@pytest.mark.long
def test_the_agreement_is_that_of_the_filter_shown_or_not_known(
    session: DrivenSession, picture: Path, field: Path
) -> None:
    session.layout = session.layout.with_recent(str(picture))
    session.open([str(field)])
    for covariance in ((0.0, 0.0, 0.0), (1e-2, 0.0, 1e-2), (0.0, 0.0, 0.0)):
        pictures(session).change(covariance=covariance)
        assert pictures(session).agreement is None
        session.until(lambda: pictures(session).agreement is not None)
        assert pictures(session).document is not None
        assert pictures(session).agreement == judged(pictures(session).document, Controls(covariance=covariance))
    assert pictures(session).spectrum is not None
    pictures(session).set_foveated(True)
    assert pictures(session).agreement is None
    pictures(session).set_foveated(False)
    assert pictures(session).agreement is not None
    show(session, "waves")
    assert pictures(session).agreement is None


def test_judging_makes_way_for_what_a_person_asks_for(
    session: DrivenSession, field: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judging, given_up = threading.Event(), []

    def endless(document: Any, should_stop: Callable[[], bool]) -> None:
        judging.set()
        while not should_stop():
            pass
        given_up.append(document)

    monkeypatch.setattr(app.plane.judging, "spectrum_of", endless)
    monkeypatch.setattr(app.plane.plane_state, "JUDGE_AFTER_S", 0.0)
    pictures(session).take_document(document_of(Waves()))
    session.until(judging.is_set)
    session.open([str(field)])
    session.until(lambda: str(field) in pictures(session).documents)
    assert given_up


def test_what_goes_wrong_in_judging_is_told_once(session: DrivenSession, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: Any) -> None:
        raise ValueError("no spectrum")

    monkeypatch.setattr(app.plane.judging, "spectrum_of", wrong)
    monkeypatch.setattr(app.plane.plane_state, "JUDGE_AFTER_S", 0.0)
    show(session, "waves")
    session.until(lambda: session.messages.errors)
    session.messages.dismiss()
    for _ in range(5):
        session.step()
    assert not session.told and not session.background.pending


# Training


def test_a_training_ends_in_a_file_that_is_open_already(session: DrivenSession, picture: Path, tmp_path: Path) -> None:
    train_by_steps(session, picture, steps=5)
    session.until(lambda: session.training.state == "idle")
    document = pictures(session).document
    assert document is not None and document.path == tmp_path / "trained" / "picture-trained_pyramid.safetensors"
    assert document.training.steps == 5 and "trained 5 steps" in session.told[-1]
    assert weights_digest(load_checkpoint(document.path).field) == weights_digest(document.field)
    assert session.layout.recent[0] == str(document.path) and ("trained", 5) in [
        (event, facts.get("steps")) for event, facts in session.reported
    ]
    session.until_quiet()
    assert not session.messages.errors and session.close() == []


def test_a_training_is_paused_continued_and_stopped(session: DrivenSession, picture: Path) -> None:
    train_by_steps(session, picture)
    session.training.pause()
    assert session.training.state == "paused"
    pictures(session).zoom(2.0, (0.0, 0.0))
    session.until_quiet()
    steps = session.training.steps_done
    pictures(session).zoom(2.0, (0.0, 0.0))
    session.until_quiet()
    assert session.training.steps_done == steps
    session.training.pause()
    session.until(lambda: session.training.steps_done > steps)
    session.training.stop()
    session.until(lambda: session.training.state == "idle")
    assert pictures(session).document is not None and pictures(session).document.training.stopped_by == "hand"
    assert load_checkpoint(pictures(session).document.path).training.steps == session.training.steps_done


def test_closing_in_mid_training_keeps_what_was_learned(session: DrivenSession, picture: Path) -> None:
    train_by_steps(session, picture)
    document = pictures(session).document
    assert document is not None and not document.path.exists()
    (said,) = session.close()
    assert f"kept as '{document.path}'" in said
    checkpoint = load_checkpoint(document.path)
    assert weights_digest(checkpoint.field) == weights_digest(document.field)
    assert checkpoint.training.steps == session.training.steps_done >= 3
    assert not list(document.path.parent.glob("*.training.safetensors"))


def test_closing_keeps_the_training_whatever_else_waits_in_the_background(
    session: DrivenSession, picture: Path
) -> None:
    train_by_steps(session, picture)
    busy, release = threading.Event(), threading.Event()
    session.background.submit(lambda: (busy.set(), release.wait(HANG_S)), lambda _: None, session.fail)
    assert busy.wait(HANG_S)
    session.training.stop()
    session.until(lambda: session.training.state == "finishing")  # its end waits behind that work
    said: list[str] = []
    closing = threading.Thread(target=lambda: said.extend(session.close()))
    cancelled = threading.Event()
    session.background._wake = cancelled.set
    closing.start()
    assert cancelled.wait(HANG_S)  # that work is the only other thing that could call, and it is not released yet
    release.set()
    closing.join(HANG_S)
    assert (
        pictures(session).document is not None and load_checkpoint(pictures(session).document.path).training.steps >= 3
    )
    assert len(said) == 1 and "kept" in said[0]


def test_a_step_that_goes_wrong_ends_the_training_and_what_was_learned_is_kept(
    session: DrivenSession, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_by_steps(session, picture)

    def out_of_luck(*_: Any) -> None:
        raise RuntimeError("out of luck")

    with monkeypatch.context() as patched:
        patched.setattr(TrainedPyramid, "loss", out_of_luck)
        session.until(lambda: session.training.state == "idle")
    assert session.told[0] == "training: RuntimeError: out of luck" and pictures(session).document is not None
    first = pictures(session).document.path
    assert load_checkpoint(first).training.steps >= 3 and load_checkpoint(first).training.stopped_by == "unfinished"
    session.train()
    session.until(lambda: session.training.steps_done >= 3)
    assert pictures(session).document.path != first


def test_a_training_that_fails_at_once_leaves_the_desk_free(
    session: DrivenSession, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TrainedPyramid, "loss", lambda *_: 1 / 0)
    session.training.plan = replace(session.training.plan, kind="trained_pyramid", preset="preview")
    session.open([str(picture)])
    session.until(lambda: session.messages.errors)
    assert session.training.state == "idle" and session.close() == []
    assert pictures(session).document is not None and not pictures(session).document.path.exists()


def test_a_field_that_cannot_be_built_is_told(
    session: DrivenSession, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_large(*_: Any) -> None:
        raise MemoryError("no room for the weights")

    monkeypatch.setattr(app.work.trainer, "build_field", too_large)
    session.open([str(picture)])
    session.until(lambda: session.messages.errors)
    assert session.told == ["MemoryError: no room for the weights"] and session.training.state == "idle"


def test_a_file_that_cannot_be_written_is_told_and_tried_again_in_the_end(
    session: DrivenSession, picture: Path, tmp_path: Path
) -> None:
    (tmp_path / "trained").write_text("in the way")
    train_by_steps(session, picture, steps=4)
    session.until(lambda: session.training.state == "idle" and session.messages.errors)
    assert "is a file, not a folder" in session.told[0]
    (tmp_path / "trained").unlink()
    assert pictures(session).document is not None and session.close() == [
        f"the unfinished training was kept as '{pictures(session).document.path}'"
    ]
    assert load_checkpoint(pictures(session).document.path).training.steps == 4


def test_a_field_in_training_is_not_closed(session: DrivenSession, picture: Path) -> None:
    train_by_steps(session, picture)
    pictures(session).close_opened(pictures(session).controls.field)
    assert (
        pictures(session).document is session.training.document and "being trained: stop that first" in session.told[-1]
    )


# Recording


def record(session: DrivenSession, frames: int = 3) -> Path:
    session.view_recording.toggle()
    assert session.recording.running is not None
    folder = session.recording.running.folder
    session.until(lambda: session.recording.frames_noted >= frames)
    return folder


def test_a_recording_leaves_frames_and_a_path(session: DrivenSession) -> None:
    show(session, "/somewhere/a", "/somewhere/b")
    folder = record(session)
    pictures(session).zoom(2.0, (0.0, 0.0))
    noted = session.recording.frames_noted
    session.until(lambda: session.recording.frames_noted > noted)
    session.view_recording.toggle()
    noted = session.recording.frames_noted
    assert not session.recording.noting
    session.until(lambda: session.recording.running is None)
    path = read_path(folder / "path.json")
    assert len(list(folder.glob("frame_*.png"))) == noted == len(path.frame_times())
    assert (path.keyframes[0].zoom, path.keyframes[-1].zoom) == (1.0, 2.0)
    assert session.told == [f"recorded into {folder}"] and ("recorded", {"folder": str(folder)}) in session.reported


@pytest.mark.parametrize("switch", ["next_field", "other", "open"])
def test_a_recording_ends_where_its_path_could_not_go_on(session: DrivenSession, switch: str, field: Path) -> None:
    show(session, "/a", "/b", "/c")
    pictures(session).compare("two_up")
    folder = record(session)
    if switch == "next_field":
        pictures(session).next_field()
    elif switch == "other":
        pictures(session).change(other="/c")
    else:
        session.open([str(field)])
    session.until(lambda: session.recording.running is None)
    path = read_path(folder / "path.json")
    assert (Path(path.still.field).name, Path(path.still.other).name) == ("a", "b")
    assert len(path.frame_times()) == len(list(folder.glob("frame_*.png"))) >= 3


def test_a_recording_that_turns_to_two_up_can_be_rendered_again(session: DrivenSession) -> None:
    show(session, "/a")
    folder = record(session, frames=2)
    pictures(session).take_document(document_of(Waves(), "/b"), show=False)
    pictures(session).compare("two_up")
    noted = session.recording.frames_noted
    session.until(lambda: session.recording.frames_noted > noted + 1)
    session.view_recording.toggle()
    session.until(lambda: session.recording.running is None)
    path = read_path(folder / "path.json")
    assert Path(path.still.other).name == "b" and not session.messages.errors
    assert path.keyframes[0].layout == "one" and path.keyframes[-1].layout == "two_up"


def test_fields_being_recorded_are_not_closed(session: DrivenSession) -> None:
    show(session, "/a", "/b")
    pictures(session).compare("two_up")
    record(session)
    for name in ("/a", "/b"):
        pictures(session).close_opened(name)
        assert name in pictures(session).documents and "being recorded: stop that first" in session.told[-1]
    session.view_recording.toggle()
    pictures(session).close_opened("/a")  # its frames are still to be made
    assert "/a" in pictures(session).documents
    session.until(lambda: session.recording.running is None)
    pictures(session).close_opened("/a")
    assert "/a" not in pictures(session).documents


def test_a_full_disk_ends_the_recording_and_nothing_else(
    session: DrivenSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise InputError("cannot write 'frame.png': the disk is full; free some space")

    show(session, "/a")
    with monkeypatch.context() as patched:
        patched.setattr(app.record.frame_folder, "write_image", full)
        session.view_recording.toggle()
        session.until(lambda: session.recording.running is None)
    assert session.told[0] == "cannot write 'frame.png': the disk is full; free some space"
    folder = record(session)
    session.view_recording.toggle()
    session.until(lambda: session.recording.running is None)
    assert list(folder.glob("frame_*.png"))


def test_a_frame_that_cannot_be_made_ends_the_recording_with_those_before_it(
    session: DrivenSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(session, "/a")
    folder = record(session)
    session.until(lambda: session.recording.frames_written >= 2)
    with monkeypatch.context() as patched:
        patched.setattr(Waves, "_values", lambda *_: 1 / 0)
        session.until(lambda: session.recording.running is None)
    assert "ZeroDivisionError: division by zero" in session.told
    assert len(read_path(folder / "path.json").frame_times()) == len(list(folder.glob("frame_*.png"))) >= 2


def test_a_frame_of_an_ended_recording_is_not_part_of_the_next(
    session: DrivenSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Gated(is_open=True)
    pictures(session).take_document(document_of(slow, "/slow"))
    session.until_quiet()
    slow.is_open, slow.entered = False, threading.Semaphore(0)
    session.view_recording.toggle()
    session.step()
    slow.wait()  # its first frame is in the making
    session.recording._end()  # as when the disk is full
    session.recording.settings = replace(session.recording.settings, size="32x16")
    session.view_recording.toggle()
    slow.open()
    frames = []
    session.until(lambda: frames.append(session.recording._made) or session.recording.frames_written >= 2)
    assert all(made is None or made.pixels.shape == (16, 32, 3) for made in frames)


def test_a_training_is_filmed_as_it_is_seen_and_what_comes_after_it_as_it_is(
    session: DrivenSession, picture: Path
) -> None:
    train_by_steps(session, picture)
    folder = record(session, frames=5)
    assert "filmed as it is seen" in session.told[-1]
    session.training.pause()
    session.until(lambda: len(session.seen) >= 8)
    assert all(frame.size == (64, 48) for frame in session.seen) and not session.engine._jobs
    session.training.pause()
    session.training.stop()
    session.until(lambda: session.training.state == "idle")
    seen = session.recording.frames_noted
    session.until(lambda: session.recording.frames_noted >= seen + 3)
    session.view_recording.toggle()
    session.until(lambda: session.recording.running is None)
    frames = json.loads((folder / "frames.json").read_text())["frames"]
    told = [frame.get("seen", False) for frame in frames]
    assert told == sorted(told, reverse=True) and told.count(True) >= 8 and not told[-1]
    assert len(read_path(folder / "path.json").keyframes) == len(frames)


@pytest.mark.parametrize(("key", "frames"), [("Enter", 2), ("Delete", 0), ("Escape", 5)])
def test_what_is_still_being_written_is_kept_discarded_or_gone_on_with(
    session: DrivenSession, key: str, frames: int
) -> None:
    show(session, "/a")
    making = session.recording.next_frame
    given: list[Any] = []

    def two() -> Any:
        """The first two frames; the third takes for ever."""
        if len(given) == 2 or (frame := making()) is None:
            return None
        given.append(frame)
        return frame

    session.recording.next_frame = two  # type: ignore[method-assign]
    folder = record(session, frames=5)
    session.until(lambda: session.recording.frames_written == 2)
    session.view_recording.toggle()
    noted = session.recording.frames_noted
    session.view_recording.toggle()
    assert session.question is not None and f"2 of {noted} frames, about " in session.question.text
    session.answer(key)
    session.recording.next_frame = making  # type: ignore[method-assign]
    session.until(lambda: session.recording.running is None)
    assert len(list(folder.glob("frame_*.png"))) == (frames if frames < 5 else noted)
    assert folder.exists() == bool(frames) and session.question is None and not session.messages.errors
    if frames:
        assert len(read_path(folder / "path.json").keyframes) == (frames if frames < 5 else noted)


def test_the_question_whether_to_go_on_goes_when_all_is_written(session: DrivenSession) -> None:
    show(session, "/a")
    record(session)
    session.view_recording.toggle()
    session.view_recording.toggle()
    session.until(lambda: session.recording.running is None)
    assert session.question is None and session.told[-1].startswith("recorded into")


def test_closing_in_mid_recording_keeps_the_frames_written(session: DrivenSession) -> None:
    show(session, "/a")
    folder = record(session)
    session.until(lambda: session.recording.frames_written >= 2)
    (said,) = session.close()
    kept = len(list(folder.glob("frame_*.png")))
    assert said == f"{kept} frames of an unfinished recording kept" and kept >= 2
    assert len(read_path(folder / "path.json").frame_times()) == kept


# Paths


def path_file(folder: Path, field: Path, **more: Any) -> Path:
    shown = [Controls(field="", zoom=1.0), Controls(field="", covariance=(1e-2, 0.0, 1e-2), zoom=3.0)]
    keyframes = tuple(keyframe_of(controls, 10.0 * number) for number, controls in enumerate(shown))
    write_path(folder / "path.json", KeyframePath(Controls(field=str(field), **more), keyframes))
    return folder / "path.json"


@pytest.mark.parametrize("open_before", [(), ("field",), ("other",), ("field", "other")])
def test_a_path_opens_what_it_shows_as_it_shows_it(
    session: DrivenSession, tmp_path: Path, picture: Path, open_before: tuple[str, ...]
) -> None:
    files = {name: field_file(tmp_path, picture, f"{name}.safetensors") for name in ("field", "other", "third")}
    session.open([str(files[name]) for name in (*open_before, "third")])
    session.until_quiet()
    pictures(session).show_opened(str(files["third"]))
    path = path_file(
        tmp_path,
        files["field"],
        other=str(files["other"]),
        truth=str(picture),
        falloff=0.3,
        error_range=0.2,
        caption=False,
    )
    session.open([str(path)])
    session.until_quiet()
    assert (pictures(session).controls.field, pictures(session).controls.other) == (
        str(files["field"]),
        str(files["other"]),
    )
    assert (
        pictures(session).controls.falloff,
        pictures(session).controls.error_range,
        pictures(session).controls.caption,
    ) == (0.3, 0.2, False)
    assert pictures(session).document is not None and (pictures(session).document.truth is None) == (
        "field" in open_before
    )
    assert len(session.path.keyframes) == 2 and not session.path.unsaved and len(pictures(session).documents) == 3


def test_a_path_whose_field_is_gone_says_so(session: DrivenSession, tmp_path: Path) -> None:
    session.open([str(path_file(tmp_path, tmp_path / "gone.safetensors"))])
    session.until(lambda: not session.background.pending)
    assert "gone.safetensors': no such file" in session.told[0] and len(session.path.keyframes) == 2


def test_a_playing_path_leads_until_a_person_takes_over(session: DrivenSession, tmp_path: Path) -> None:
    show(session, "/a", "/b")
    file = path_file(tmp_path, Path("/a"))
    session.path.take(read_path(file), file)
    session.toggle_playing()
    session.until(lambda: pictures(session).controls.zoom > 1.0)
    assert session.path.playing and pictures(session).controls.field == "/a"
    pictures(session).set_axes(log10_variance=-1.0)
    assert not session.path.playing
    left = pictures(session).controls
    session.step()
    assert pictures(session).controls == left


def test_the_cursor_does_not_stop_a_path_that_leads_the_gaze(session: DrivenSession, tmp_path: Path) -> None:
    show(session, "/a")
    file = path_file(tmp_path, Path("/a"))
    session.path.take(read_path(file), file)
    pictures(session).set_foveated(True)
    session.toggle_playing()
    pictures(session).look_at((5.0, 5.0))
    assert session.path.playing and pictures(session).controls.gaze == (0.0, 0.0)


def test_a_path_shows_the_field_where_its_comparison_cannot_be_shown(session: DrivenSession) -> None:
    show(session, "/a")
    for zoom in (1.0, 2.0):
        session.path.add(replace(pictures(session).controls, zoom=zoom, layout="wipe"))
    session.toggle_playing()
    session.until(lambda: pictures(session).controls.zoom > 1.0)
    assert alone(session) == "field" and not session.messages.errors


def test_paths_are_saved(session: DrivenSession, tmp_path: Path) -> None:
    session.save_path(tmp_path / "path.json")
    assert "no keyframes to save" in session.told[0]
    show(session, str(tmp_path / "a"))
    session.add_keyframe()
    session.messages.dismiss()
    session.save_path(tmp_path / "path.json")
    assert read_path(tmp_path / "path.json").still.field == str(tmp_path / "a") and not session.path.unsaved
    session.save_path(tmp_path / "path.json" / "inside.json")
    assert "part of the path is a file" in session.told[0]
    assert json.loads((tmp_path / "path.json").read_text())["keyframes"]


# Leaving


def test_leaving_asks_only_where_something_would_be_lost(session: DrivenSession) -> None:
    show(session, "/a")
    session.leave()
    assert session.ended and session.question is None


@pytest.mark.parametrize("reason", ["training", "recording", "path"])
def test_leaving_asks_and_is_answered_by_keys(session: DrivenSession, picture: Path, reason: str) -> None:
    if reason == "training":
        train_by_steps(session, picture)
    else:
        show(session, "/a")
    if reason == "recording":
        session.view_recording.toggle()
    if reason == "path":
        session.add_keyframe()
        session.add_keyframe()
        session.messages.dismiss()
    for key, ends in (("A", None), ("Escape", False), ("Enter", True)):
        session.leave()
        assert session.question is not None and reason in session.question.text and not session.ended
        session.answer(key)
        assert (session.question is not None) == (ends is None) and session.ended == bool(ends)
    session.answer("Enter")  # nothing was asked


def test_a_file_is_asked_for_in_the_panel_where_the_desktop_has_no_dialogue(
    session: DrivenSession, monkeypatch: pytest.MonkeyPatch, picture: Path
) -> None:
    monkeypatch.setattr(session.files, "_find", lambda name: None)
    session.panel_shown = False
    press(session, "Ctrl+O")
    assert session.panel_shown and session.files.wish is not None
    session.panel_shown = False
    press(session, "Ctrl+O")
    assert session.panel_shown and session.told == [], "it is brought back"
    press(session, "Escape")
    assert session.files.wish is None
    press(session, "Ctrl+O")
    session.files.answer(session.files.wish, picture)
    session.until(lambda: pictures(session).document)
    assert pictures(session).document is not None and pictures(session).document.signal_source == str(picture)


def test_escape_takes_the_uppermost_thing_away_and_never_ends_the_program(session: DrivenSession) -> None:
    session.help_shown = True
    session.messages.error("an error")
    session.messages.notice("a notice", session.now)
    for left in (["an error", "a notice"], ["a notice"], []):
        session.dismiss()
        assert session.told == left and not session.help_shown and not session.ended
    for _ in range(3):
        session.dismiss()
        assert not session.ended
    press(session, "Ctrl+Q")
    assert session.ended
