"""Undo and redo of controls: a step a drag, and back again."""

from __future__ import annotations

from pathlib import Path

from driving import document_of, driven
from waves import Waves

from app.actions import press
from app.history import TOGETHER_S
from app.scenes.picture.state import pictures
from app.setting import put, reset
from app.settings import BY_NAME


def test_changes_are_taken_back_and_done_again_a_drag_at_once(tmp_path: Path) -> None:
    with driven(tmp_path) as session:
        state = pictures(session)
        state.take_document(document_of(Waves()))
        session.framebuffer_px = (128, 64)
        session.until_quiet()
        assert state.undo_refusal, "to open a file is no step"
        first = state.controls
        state.press_button((30.0, 30.0))
        for x in range(31, 40):
            state.move((float(x), 30.0))
            session.step()
        state.release_button()
        session.step()
        dragged = state.controls
        press(session, "]")
        session.step()
        press(session, "]")
        session.step()
        assert state.controls.exposure == 1.0
        put(BY_NAME["log10-variance"], session, -2.0)
        session.step()
        smoothed = state.controls
        press(session, "Ctrl+Z")
        assert state.controls.covariance == first.covariance and state.controls.exposure == 1.0
        press(session, "Ctrl+Z")
        assert state.controls == dragged, "two presses in a moment are one step"
        press(session, "Ctrl+Z")
        assert state.controls == first and state.undo_refusal
        for _ in range(3):
            press(session, "Ctrl+Shift+Z")
        assert state.controls == smoothed and state.redo_refusal
        press(session, "Ctrl+Z")
        press(session, "[")
        session.step()
        assert state.redo_refusal, "another step was taken"
        session.until(lambda: session.now - state.history._changed_at > TOGETHER_S)
        press(session, "[")
        session.step()
        press(session, "Ctrl+Z")
        assert state.controls.exposure == 0.5


def test_a_setting_is_reset_to_what_it_is_by_itself(tmp_path: Path) -> None:
    with driven(tmp_path) as session:
        state = pictures(session)
        state.take_document(document_of(Waves()))
        usual = {name: BY_NAME[name].get(session) for name in ("exposure", "log10-variance", "center", "tone")}
        for name, value in {"exposure": 2.0, "log10-variance": -2.0, "center": "0.1,0.2", "tone": "aces"}.items():
            put(BY_NAME[name], session, value)
            reset(BY_NAME[name], session)
        assert {name: BY_NAME[name].get(session) for name in usual} == usual
        reset(BY_NAME["angle"], session)
        assert "no value of its own" in session.told[-1]
