"""The path of a camera over the view: where its curve and its frusta are seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.camera.camera import Camera, frame_from_world
from app.camera.path_marks import CHOSEN, MOST_FRUSTA, PathInSpace, frustum_of, runs_ahead
from app.marks import Stroke
from app.panes import panes_of
from app.path.editor import PathEditor
from app.scenes.shape.controls import ShapeControls

SIZE = (200, 100)
ONE = panes_of("one", ("field",), SIZE)
SHOWN = ShapeControls(field="f", camera=Camera(position=(0.0, 0.0, 9.0)))


def path_through(*positions: tuple[float, float, float]) -> PathEditor:
    editor = PathEditor()
    for position in positions:
        editor.add(replace(SHOWN, camera=Camera.looking_at((0.0, 0.0, 0.0), position)))
    return editor


def curve(strokes: tuple[Stroke, ...]) -> np.ndarray:
    return np.array(max(strokes, key=lambda stroke: len(stroke.points)).points)


def test_the_curve_goes_from_keyframe_to_keyframe_as_the_path_does() -> None:
    editor = path_through((1.0, 0.5, 3.0), (-2.0, 0.2, 1.0), (0.0, 2.0, 2.0))
    seen = curve(PathInSpace().strokes(editor, SHOWN, ONE, 2.0))
    ends = frame_from_world(SHOWN.camera, SIZE, np.array([(1.0, 0.5, 3.0), (0.0, 2.0, 2.0)]))[:, :2]
    assert seen[0] == pytest.approx(ends[0]) and seen[-1] == pytest.approx(ends[1])
    middle = editor.made(SHOWN).at(1.0).camera.position
    place = frame_from_world(SHOWN.camera, SIZE, np.array([middle]))[0, :2]
    assert np.linalg.norm(seen - place, axis=1).min() < 1.0


def test_each_pane_has_it_and_the_chosen_keyframe_is_lit() -> None:
    editor = path_through((1.0, 0.5, 3.0), (-2.0, 0.2, 1.0))
    editor.selected = 1
    drawn = PathInSpace()
    strokes = drawn.strokes(editor, SHOWN, panes_of("two_up", ("field", "truth"), SIZE), 2.0)
    assert {stroke.within for stroke in strokes} == {pane.visible for pane in panes_of("two_up", ("", ""), SIZE)}
    assert sum(stroke.colour == CHOSEN for stroke in strokes) == 2 * 6
    assert drawn.strokes(editor, SHOWN, panes_of("two_up", ("field", "truth"), SIZE), 2.0) is strokes


def test_nothing_is_drawn_while_one_looks_along_it() -> None:
    editor = path_through((1.0, 0.5, 3.0), (-2.0, 0.2, 1.0))
    drawn = PathInSpace()
    assert drawn.strokes(editor, editor.scrubbed(1.2, SHOWN), ONE, 2.0) == ()
    editor.play(SHOWN, 0.0)
    assert drawn.strokes(editor, SHOWN, ONE, 2.0) == () and drawn.strokes(PathEditor(), SHOWN, ONE, 2.0) == ()


def test_the_frustum_under_the_mouse_tells_its_keyframe() -> None:
    editor, drawn = path_through((1.0, 0.5, 3.0), (-2.0, 0.2, 1.0)), PathInSpace()
    panes = panes_of("two_up", ("field", "truth"), SIZE)
    for number, keyframe in enumerate(editor.keyframes):
        camera = editor.made(SHOWN).at(keyframe.time).camera
        middle = np.stack(frustum_of(camera, 2.0)[0])[:4].mean(0, keepdims=True)
        for pane in panes:
            x, y = frame_from_world(SHOWN.camera, pane.size, middle)[0, :2]
            place = (float(x) + pane.box[0], float(y) + pane.box[1])
            assert drawn.keyframe_at(place, editor, SHOWN, panes, 2.0) == number
    assert drawn.keyframe_at((2.0, 2.0), editor, SHOWN, panes, 2.0) is None
    assert drawn.keyframe_at(place, PathEditor(), SHOWN, panes, 2.0) is None


def test_what_is_behind_the_camera_is_left_out() -> None:
    seen = np.array([[0, 0, 1.0], [1, 0, 2], [2, 0, -1], [3, 0, 1], [4, 0, 0], [5, 0, 1], [6, 0, 1]])
    assert [run[:, 0].tolist() for run in runs_ahead(seen)] == [[0, 1], [5, 6]]


def test_a_long_recording_has_few_frusta() -> None:
    editor = path_through(*((np.sin(k), 0.1, np.cos(k)) for k in np.linspace(0.0, 6.0, 130)))
    strokes = PathInSpace().strokes(editor, SHOWN, ONE, 2.0)
    assert len(strokes) <= 6 * MOST_FRUSTA + 1 and len(strokes) > 6 * MOST_FRUSTA // 2


def test_a_frustum_is_the_camera_s_own() -> None:
    camera = Camera(position=(0.3, 0.2, 1.0), yaw_deg=40.0, pitch_deg=-20.0)
    border, *rays, roof = frustum_of(camera, 2.0, 1.0)
    seen = frame_from_world(camera, SIZE, border[:4])
    assert seen[:, :2] == pytest.approx(np.array([[0, 0], [200, 0], [200, 100], [0, 100]]), abs=1e-9)
    assert len(rays) == 4 and frame_from_world(camera, SIZE, roof)[:, 1].max() < 0, "up is above the picture"
