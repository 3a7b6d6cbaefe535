"""What a session leaves open and shown is written, and comes back in the next one."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import DrivenSession, driven, field_file, picture_file

from app.actions import press
from app.camera.camera import Camera
from app.last_session import LeftScene, LeftSession, load_session, save_session, session_file
from app.resources import asset_path
from app.scenes.picture.controls import Controls
from app.scenes.picture.state import pictures
from app.scenes.shape.controls import ShapeControls
from app.scenes.shape.state import shapes
from app.scenes.textured_mesh.controls import TexturedMeshControls
from app.work.background import Background
from app.work.keeping import WRITE_EVERY_S, Kept

LEFT = LeftSession(
    "shape",
    {
        "picture": LeftScene(
            ("/a.safetensors", "/b.safetensors"),
            Controls(
                field="/a.safetensors", center=(0.1, -0.2), zoom=3.5, caption=False, layout="two_up", right="other",
                other="/b.safetensors", divider=0.25, covariance=(0.01, 0.002, 0.03), truth="sample:coffee",
            ),
        ),
        "textured_mesh": LeftScene(
            ("/fish.glb",), TexturedMeshControls(model="/fish.glb", field="/t.safetensors", samples=4)
        ),
        "shape": LeftScene(
            ("/s.safetensors",), ShapeControls(field="/s.safetensors", level=0.05, slice="y", cells=256)
        ),
    },
)  # fmt: skip


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The session's file, in a home of the test's own."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "fieldscope" / "session.json"


def test_what_is_left_comes_back_from_the_file(file: Path) -> None:
    assert session_file() == file and load_session() is None
    assert save_session(LEFT) and load_session() == LEFT
    assert [other.name for other in file.parent.iterdir()] == ["session.json"]


def test_what_is_wrong_in_it_is_as_by_itself_and_the_rest_is_kept(file: Path) -> None:
    save_session(LEFT)
    document = json.loads(file.read_text())
    document["scenes"]["picture"]["shown"] |= {"zoom": -3, "unheard": 1, "layout": "side by side"}
    document["scenes"]["unheard"] = {"files": ["/x"], "shown": {}}
    document["scenes"]["shape"]["files"] = []
    file.write_text(json.dumps(document))
    loaded = load_session()
    assert loaded is not None and loaded.scene == "picture", "the scene shown has nothing open"
    picture = LEFT.scenes["picture"]
    assert loaded.scenes["picture"] == replace(picture, controls=replace(picture.controls, zoom=1.0, layout="one"))
    assert "shape" not in loaded.scenes and loaded.scenes["textured_mesh"] == LEFT.scenes["textured_mesh"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"format": "fieldscope-session", "version": 2, "scene": "picture", "scenes": {}}',
             '{"format": "fieldscope-session", "version": 1, "scene": "picture", "scenes": {}}', "[" * 100_000],
    ids=["empty", "cut", "list", "null", "newer", "nothing open", "deep"],
)  # fmt: skip
def test_a_file_that_tells_of_nothing_is_no_session(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert load_session() is None


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Callable[[], DrivenSession]]:
    """Makes sessions, one after the other, on the same files."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(driven(tmp_path))


def left_by(session: DrivenSession) -> LeftSession:
    """What it leaves, as the next one reads it."""
    assert save_session(session.left)
    left = load_session()
    assert left is not None
    return left


def test_pictures_come_back_with_filter_view_and_comparison(
    sessions: Callable[[], DrivenSession], tmp_path: Path
) -> None:
    picture = picture_file(tmp_path, np.random.default_rng(1).random((12, 16, 3), np.float32))
    fields = [str(field_file(tmp_path, picture, f"{name}.safetensors")) for name in "abc"]
    first = sessions()
    first.open([str(picture), *fields])
    first.until(lambda: len(pictures(first).documents) == 4 and first.training.state == "idle")
    pictures(first).show_opened(fields[1])
    pictures(first).change(
        covariance=(0.01, 0.002, 0.03), center=(0.1, 0.2), zoom=3.0, layout="two_up", right="other", other=fields[2]
    )
    shown = pictures(first).controls
    second = sessions()
    second.last = left_by(first)
    press(second, "Ctrl+L")
    second.until_quiet()
    assert pictures(second).controls == replace(shown, truth=pictures(second).controls.truth)
    assert list(pictures(second).documents) == list(pictures(first).documents) and second.path.keyframes == ()
    assert second.left == first.left


def test_a_shape_comes_back_and_scenes_that_are_not_shown_wait(sessions: Callable[[], DrivenSession]) -> None:
    first = sessions()
    first.show_scene("shape")
    shapes(first).open_shipped()
    first.until(lambda: shapes(first).document)
    camera = Camera((0.5, 0.2, 3.0), 0.3, -0.1)
    shapes(first).change(slice="z", slice_position=0.2, layout="wipe", camera=camera)
    first.show_scene("picture")
    first.open([str(asset_path("pyramid.safetensors"))])
    first.until(lambda: pictures(first).document)
    second = sessions()
    second.last = left_by(first)
    second.restore()
    second.until(lambda: pictures(second).document)
    assert second.scene == "picture" and not shapes(second).documents
    assert second.left.scenes == first.left.scenes, "what waits is left for the next session, too"
    second.show_scene("textured_mesh")
    second.next_scene()
    second.until(lambda: shapes(second).controls == shapes(first).controls)
    assert second.scene == "shape" and shapes(second).document


def test_a_file_that_is_gone_is_a_sentence(sessions: Callable[[], DrivenSession], tmp_path: Path) -> None:
    session = sessions()
    session.last = LeftSession(
        "picture", {"picture": LeftScene(("/gone.safetensors",), Controls(field="/gone.safetensors"))}
    )
    session.restore()
    session.until(lambda: session.messages.errors)
    assert "/gone.safetensors" in session.told[0]


def test_without_a_last_session_there_is_nothing_to_restore(sessions: Callable[[], DrivenSession]) -> None:
    session = sessions()
    press(session, "Ctrl+L")
    assert session.told == ["nothing is known of a last session"]


class Files:
    """Notes what is written."""

    def __init__(self) -> None:
        self.written: list[Any] = []
        self.thread = Background()
        self.kept: Kept[str] = Kept(self.written.append, self.thread, "as it was")

    def note(self, value: str, now: float) -> None:
        self.kept.note(value, now)
        while self.thread.pending:
            self.thread.deliver()


def test_a_value_is_written_when_it_changes_but_not_all_the_time() -> None:
    files = Files()
    files.note("as it was", 0.0)
    assert files.written == []
    files.note("a", 1.0)
    files.note("b", 1.1)
    files.note("c", 1.2)
    assert files.written == ["a"]
    files.note("c", 1.0 + WRITE_EVERY_S)
    files.note("c", 9.0)
    assert files.written == ["a", "c"]
    files.thread.close()
    files.kept.settle("c")
    files.kept.settle("d")
    assert files.written == ["a", "c", "d"]


def test_what_the_end_has_kept_from_being_written_is_written_then() -> None:
    files = Files()
    files.kept.note("a", 1.0)
    files.thread.close()  # which drops what has not begun
    files.kept.settle("a")
    assert files.written[-1] == "a"
