"""The path rendered from the window, by a process of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from driving import DrivenSession, document_of, driven
from waves import Waves

import app.record.film
from app.actions import press
from app.layout_file import Layout, load_layout, save_layout
from app.path.path_file import read_path
from app.record.film_settings import FilmSettings
from fieldcore.errors import InputError

STAND_IN = """
import json, pathlib, signal, sys, time
def say(**values): print(json.dumps(values), flush=True)
def end(*_):
    say(error="interrupted: 3 of 7 frames were kept")
    sys.exit(130)
signal.signal(signal.SIGTERM, end)
words = sys.argv[1:]
begun = 3 if "--continue" in words else 0
for made in range(begun, 8):
    say(made=made, total=7)
    if made == 3 and "--continue" not in words and "HOLD" in words[-1]:
        signal.pause()
    if made == 3 and "FAIL" in words[-1]:
        say(error="the disk is full")
        sys.exit(2)
pathlib.Path(words[words.index("--video") + 1]).write_bytes(b"film")
if "LATE" in words[-1]:
    sys.exit(143)
say(frames=7)
"""


@pytest.fixture
def session(tmp_path: Path) -> Any:
    """A session that shows waves, with a path of two keyframes."""
    with driven(tmp_path) as made:
        (tmp_path / "waves.safetensors").write_bytes(b"waves")
        made.show_scene("picture")
        made.state.take_document(document_of(Waves(), str(tmp_path / "waves.safetensors")))
        made.add_keyframe()
        made.add_keyframe()
        yield made


def stand_in(monkeypatch: pytest.MonkeyPatch, mood: str = "") -> None:
    monkeypatch.setattr(app.record.film, "PROGRAM", (sys.executable, "-c", STAND_IN))
    monkeypatch.setattr(app.record.film, "MORE", ("--json", mood))


def rendered(session: DrivenSession) -> list[dict[str, Any]]:
    return [facts for event, facts in session.reported if event == "rendered"]


def test_a_key_renders_the_path_into_a_folder_of_its_own(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch)
    shares = []
    press(session, "Ctrl+R")
    session.until(lambda: shares.append(session.film.share_done) or rendered(session))
    assert shares == sorted(shares) and not session.film.under_way and session.film.words == ""
    folder = session.film.folder
    assert folder.name == "film-001" and session.film.video == folder / "film.mp4"
    assert [keyframe.time for keyframe in read_path(folder / "path.json").keyframes] == [0.0, 2.0]
    assert (
        session.path_film.open_refusal == session.path_film.folder_refusal == ""
        and session.path_film.continue_refusal != ""
    )
    assert session.path.unsaved, "what is rendered is not saved by that"


def test_what_is_stopped_is_gone_on_with(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, "HOLD")
    press(session, "Ctrl+R")
    session.until(lambda: session.film.made == 3)
    assert session.film.words.startswith("rendering the path: 3 of 7 frames") and session.path_film.open_refusal != ""
    press(session, "Ctrl+R")
    session.until(lambda: rendered(session))
    assert session.messages.shown(session.now).text.startswith("stopped: 3 of 7 frames are in")
    assert session.path_film.continue_refusal == ""
    session.film.go_on()
    session.until(lambda: len(rendered(session)) == 2)
    assert [end["frames"] for end in rendered(session)] == [3, 7] and session.film.video is not None


def test_what_was_complete_before_it_was_stopped_is_complete(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, "LATE")
    session.path_film.render()
    session.until(lambda: rendered(session))
    assert rendered(session)[0]["error"] == "" and session.film.video is not None and not session.film.resumable


def test_what_goes_wrong_is_said(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, "FAIL")
    session.path_film.render()
    session.until(lambda: rendered(session))
    assert rendered(session)[0]["error"] == "the disk is full"
    assert session.messages.shown(session.now).text == "rendering the path: the disk is full"
    monkeypatch.setattr(app.record.film, "PROGRAM", (sys.executable, "-c", "import sys; sys.exit('no such thing')"))
    session.path_film.render()
    session.until(lambda: len(rendered(session)) == 2)
    assert rendered(session)[1]["error"] == "no such thing" and not session.film.folder.exists()


def test_a_window_that_ends_keeps_the_frames(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, "HOLD")
    session.path_film.render()
    session.until(lambda: session.film.made == 3)
    session.leave()
    assert session.question is not None and "still being rendered" in session.question.text
    assert any(kept.startswith("3 frames of an unfinished film kept in") for kept in session.close())
    assert not session.film.under_way


def test_undo_takes_changes_of_the_path_back_and_looking_along_it_is_none(session: Any) -> None:
    session.until_quiet()
    path, before = session.path, session.path.shape
    press(session, "Ctrl+Right")
    session.step()
    assert path.playhead == 2.0 and path.selected == 1 and path.shape == before
    session.panel_held = True  # a drag of the keyframe
    for time in (2.2, 2.6, 3.0):
        path.move(1, time)
        session.step()
    session.panel_held = False
    session.step()
    press(session, "Ctrl+D")
    session.step()
    press(session, "Delete")
    session.step()
    assert [keyframe.time for keyframe in path.keyframes] == [0.0, 3.0]
    shapes = []
    for _ in range(3):
        press(session, "Ctrl+Z")
        session.step()
        shapes.append([keyframe.time for keyframe in path.keyframes])
    assert shapes == [[0.0, 3.0, 5.0], [0.0, 3.0], [0.0, 2.0]]
    press(session, "Ctrl+Shift+Z")
    session.step()
    assert [keyframe.time for keyframe in path.keyframes] == [0.0, 3.0]


def test_there_is_nothing_to_render_without_a_path(session: Any, tmp_path: Path) -> None:
    session.path.forget()
    assert "no path" in session.path_film.refusal
    session.add_keyframe()
    assert session.path_film.refusal == ""
    (tmp_path / "waves.safetensors").unlink()
    assert "is not written yet" in session.path_film.refusal


def test_settings_become_the_words_of_a_command_line() -> None:
    def words(draft: bool = False, **values: Any) -> str:
        return " ".join(FilmSettings(**values).words("F", (641, 480), draft))

    assert words() == "--size 641x480 --out F --video F/film.mp4 --quality high"
    assert words(png=False, video="gif", size="64x48", frames="2-4", quality="small") == (
        "--size 64x48 --frames 2-4 --video F/film.gif --quality small"
    )
    assert words(video="none", shutter=0.5, shutter_samples=3) == (
        "--size 641x480 --out F --shutter 0.5 --shutter-samples 3"
    )
    assert words(True, shutter=0.5, png=True) == "--size 320x240 --video F/draft.mp4 --quality good"


@pytest.mark.parametrize(
    "values", [{"png": False, "video": "none"}, {"frames": "a"}, {"size": "big"}, {"shutter": 2.0}, {"quality": "best"}]
)
def test_other_settings_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        FilmSettings(**values)


def test_settings_are_there_again_at_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    film = FilmSettings(video="webm", shutter=0.25)
    assert save_layout(Layout(film=film)) and load_layout().film == film
    file = tmp_path / "fieldscope" / "layout.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"film": {"video": "avi", "shutter": 0.5}}))
    assert load_layout().film == FilmSettings(shutter=0.5)
