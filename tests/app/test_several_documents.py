"""Several things at once: open documents have thumbnails and places, lie beside each other, and follow their files."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from driving import document_of, driven, field_file, picture_file
from torch import Tensor
from waves import COLOUR_FACTS, Waves

from app.actions import press
from app.path.keyframes import KeyframePath, keyframe_of, still_of
from app.path.path_file import read_path, write_path
from app.scenes.picture.state import pictures
from app.settings import BY_NAME
from app.thumbnails import SIZE, fitted
from app.work.watching import LOOK_EVERY_S, Watching, stamps_of


class Flat(Waves):
    """The same colour everywhere."""

    def _values(self, x: Tensor, filter: object) -> Tensor:
        return x.new_full((len(x), 3), 0.25)


def test_documents_are_shown_by_number_reordered_shown_alone_and_laid_beside(tmp_path: Path) -> None:
    with driven(tmp_path) as session:
        state = pictures(session)
        for name in ("a", "b", "c"):
            state.take_document(document_of(Flat(COLOUR_FACTS), f"{name}.safetensors"))
        a, b, c = state.opened
        press(session, "Alt+1")
        assert state.controls.field == a
        press(session, "Alt+7")
        assert state.controls.field == a and "no number 7" in session.told[-1]
        state.move_opened(c, -2)
        assert list(state.opened) == [c, a, b]
        state.move_opened(c, 9)
        assert list(state.opened) == [a, b, c]
        for other in (b, c):
            state.show_beside(other)
            assert (state.controls.other, state.controls.shown) == (other, ("field", "other"))
        state.arrange(replace(state.controls, layout="wipe"))
        state.show_beside(b)
        assert state.controls.layout == "wipe" and state.controls.shown == ("field", "other")
        state.show_beside(a)
        assert state.controls.other == b and "choose another" in session.told[-1]
        state.show_alone(c)
        assert (state.controls.layout, state.controls.field) == ("one", c)


def test_views_that_are_not_linked_are_panned_and_zoomed_each_by_itself(tmp_path: Path) -> None:
    with driven(tmp_path) as session:
        state = pictures(session)
        for name in ("a", "b"):
            state.take_document(document_of(Waves(), f"{name}.safetensors"))
        state.show_beside(next(path for path in state.opened if path != state.controls.field))
        state.zoom(2.0, (16.0, 24.0))
        BY_NAME["linked-views"].set(session, False)
        seen = state.controls.seen_in("other")
        assert (seen.center, seen.zoom) == (state.controls.center, state.controls.zoom), "both look as before"
        width, height = session.framebuffer_px
        state.scroll(3.0, (0.75 * width, 0.5 * height))
        assert state.controls.zoom == seen.zoom < state.controls.other_zoom
        state.press_button((0.25 * width, 0.5 * height))
        state.move((0.75 * width, 0.6 * height))  # the hand stays with the picture that it took
        state.release_button()
        assert state.controls.center != seen.center and state.controls.other_center == seen.center
        session.until(lambda: session._answered_fully and state.evaluated.request.controls == state.controls)
        field, other = (state.evaluated.stage.layers[name].grid for name in ("field", "other"))
        view = state.view_of("other")
        assert view is not None and other == view.visible_grid() != field
        path = KeyframePath(still_of(replace(state.controls, field="f")), (keyframe_of(state.controls, 0.0),))
        write_path(tmp_path / "path.json", path)
        read = read_path(tmp_path / "path.json").at(0.0)
        assert read.seen_in("other").zoom == state.controls.other_zoom and read.zoom == state.controls.zoom
        judged = replace(state.controls, left="other", right="error")
        assert judged.seen_in("other") == judged, "an error is of two pictures of one place"


def test_a_thumbnail_has_the_colours_of_its_field(tmp_path: Path) -> None:
    with driven(tmp_path) as session:
        state = pictures(session)
        document = document_of(Flat(COLOUR_FACTS))
        state.take_document(document)
        path = str(document.path)
        session.until(lambda: session.attend() or session.thumbnails.of("picture", path) is not None)
        made = session.thumbnails.of("picture", path)
        assert made is not None and made.shape == (SIZE[1], SIZE[0], 3)
        black, white = document.field.facts.value_range
        assert np.unique(made).tolist() == [round(255 * (0.25 - black) / (white - black))]


def test_the_middle_of_a_view_is_its_thumbnail() -> None:
    view = np.zeros((480, 960, 3), np.uint8)
    view[:, 160:800] = 200
    assert (fitted(view) > 150).all()


class Looks:
    """Files as a test says they are, and passes of a second."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[int, int]] = {}
        self.watching = Watching(lambda: None, lambda paths: {p: self.files[p] for p in paths if p in self.files})
        self.now = 0.0

    def look(self) -> list[str]:
        changed = self.watching.advance(["a"], self.now)
        while self.watching._thread.pending:
            changed += self.watching.advance(["a"], self.now)
        self.now += LOOK_EVERY_S
        return changed + self.watching.advance(["a"], self.now - LOOK_EVERY_S)


def test_a_file_that_is_still_being_written_has_not_changed_yet() -> None:
    looks = Looks()
    looks.files["a"] = (1, 100)
    assert [looks.look() for _ in range(3)] == [[], [], []]
    for size in (10, 20, 30):
        looks.files["a"] = (2, size)
        assert looks.look() == []
    assert [looks.look() for _ in range(3)] == [["a"], [], []]
    del looks.files["a"]
    assert looks.look() == []
    looks.files["a"] = (3, 30)
    assert [looks.look() for _ in range(2)] == [[], ["a"]]
    looks.watching.forget("a")
    looks.files["a"] = (4, 1)
    assert [looks.look() for _ in range(3)] == [[], [], []], "it was written here"
    looks.watching.close()


def test_what_is_no_file_has_no_stamp(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"1234")
    assert stamps_of([str(file), str(tmp_path), "sample:x", "\0"])[str(file)][1] == 4
    assert set(stamps_of([str(tmp_path), "nothing"])) == set()


@pytest.mark.parametrize("shown", [True, False])
def test_a_field_whose_file_has_changed_is_read_again(tmp_path: Path, shown: bool) -> None:
    picture = picture_file(tmp_path, np.full((12, 12, 3), 0.5, np.float32))
    files = [field_file(tmp_path, picture, f"{name}.safetensors") for name in "ab"]
    with driven(tmp_path) as session:
        session.open([str(file) for file in files])
        session.until_quiet()
        state = pictures(session)
        changed, before = list(state.documents)[not shown], dict(state.documents)
        state.show_opened(next(iter(state.documents)))
        session.until(lambda: session.attend() or changed in session.watching._known)
        os.utime(changed, ns=(10**18, 10**18))
        session.until(lambda: session.attend() or state.documents[changed] is not before[changed])
        assert list(state.documents) == list(before) and state.controls.field == next(iter(before))
        assert "was read again" in session.told[-1]
