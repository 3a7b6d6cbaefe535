"""What is compared, the same in all scenes: every output in every layout, on the left and on the right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from driving import DrivenSession, driven

from app.actions import BY_KEY
from app.compare import ERROR, ERROR_KINDS, LAYOUTS, Compare
from app.path.former import without_former
from app.scenes import SCENES
from fieldcore.errors import InputError

PANES = {"one": 1, "wipe": 2, "two_up": 2, "four": 4, "cut": 2, "beside": 2}
FORMER: dict[str, dict[str, tuple[str, str, str]]] = {
    "picture": {
        "field": ("one", "field", "truth"),
        "truth": ("one", "truth", "field"),
        "error": ("one", "error", "field"),
        "wipe": ("wipe", "field", "truth"),
        "two_up": ("two_up", "field", "other"),
        "other": ("one", "other", "truth"),
    },
    "shape": {
        "field": ("one", "field", "truth"),
        "truth": ("one", "truth", "field"),
        "error": ("one", "error", "field"),
        "wipe": ("wipe", "field", "truth"),
        "two_up": ("two_up", "field", "truth"),
    },
}


def shown_of(controls: Compare) -> tuple[str, str, str]:
    return controls.layout, controls.left, controls.right


def all_controls(error_kinds: Sequence[str] = ERROR_KINDS) -> Iterator[Any]:
    """Of all scenes every layout, with every output on either side."""
    for scene in SCENES:
        outputs = scene.controls.outputs()
        for layout, left, right, kind in product(LAYOUTS, outputs, outputs, error_kinds):
            usual: Any = scene.controls()
            yield replace(usual, layout=layout, left=left, right=right, error=kind)


def test_every_layout_shows_outputs_in_panes_of_one_size() -> None:
    for controls in all_controls():
        panes = controls.panes((91, 61))
        assert len(panes) == PANES[controls.layout] and len({pane.size for pane in panes}) == 1
        assert tuple(pane.output for pane in panes) == controls.shown
        assert {*controls.shown} <= {*controls.outputs(), *ERROR_KINDS} - {ERROR}
        if controls.layout != "four":
            sides = (controls.left, controls.right)[: len(panes)]
            assert [controls.error if side == ERROR else side for side in sides] == list(controls.shown)
        assert controls.pane_size((1, 1)) == (1, 1)


def test_errors_need_what_they_are_of_and_the_reference() -> None:
    for controls in all_controls():
        errors = set(controls.shown) & {*ERROR_KINDS}
        assert set(controls.shown) - errors <= set(controls.needed) <= set(controls.outputs()) - {ERROR}
        if errors:
            assert {controls.subject, controls.reference} <= set(controls.needed)
            assert controls.subject in controls.judged
        if controls.left in controls.judged and controls.left != controls.reference:
            assert controls.subject == controls.left


@pytest.mark.long
def test_what_is_asked_for_is_shown_and_reports_say_so() -> None:
    for controls in all_controls():
        for what in (*LAYOUTS[1:], *controls.outputs()):
            shown = controls.showing(what)
            assert shown.shows(what) and (what in LAYOUTS or shown.needed[0] in (what, controls.subject))
            said = shown.comparison_described
            assert said["layout"] == shown.layout and ("error" in said) == bool(set(ERROR_KINDS) & set(shown.shown))
            assert ("divider" in said) == (shown.layout == "wipe")
            assert what not in (ERROR, controls.reference) or shown.subject == controls.subject


def test_what_cannot_be_shown_gives_way() -> None:
    for controls in all_controls(ERROR_KINDS[:1]):
        usual = type(controls).left
        for refused in set(controls.outputs()) - {usual, ERROR}:
            left = controls.without(lambda output, no=refused: "it is not there" if output == no else "")
            assert refused not in left.needed
            if refused not in controls.needed:
                assert left == controls


def test_passes_are_the_outputs_and_more() -> None:
    for scene in SCENES:
        assert set(scene.controls.outputs()) <= set(scene.passes)
        for name, of in scene.passes.items():
            shown: Any = of.changed(scene.controls())
            assert shown.layout == ("beside" if name == "side_by_side" else "one")
            assert name not in scene.controls.outputs() or shown.left == name


def test_comparisons_of_older_paths_are_what_they_were() -> None:
    for scene in SCENES:
        for name, expected in FORMER.get(scene.name, {}).items():
            (keyframe,) = without_former([{"time": 0.0, "comparison": name, "zoom": 2.0}], False, scene.controls)
            assert keyframe == {"time": 0.0, "zoom": 2.0} | dict(
                zip(("layout", "left", "right"), expected, strict=True)
            )


FLIGHT: Any = next(scene.controls for scene in SCENES if scene.name == "textured_mesh")


def test_what_older_flights_hold_from_key_to_key_is_held() -> None:
    named: list[dict[str, Any]] = [
        {"time": 0.0}, {"time": 1.0, "comparison": "error"}, {"time": 2.0, "shading": "neural"}, {"time": 3.0},
        {"time": 4.0, "comparison": "wipe"}, {"time": 5.0, "other": "uv"}, {"time": 6.0, "comparison": "one"},
        {"time": 7.0, "comparison": "four", "shading": "single"},
    ]  # fmt: skip
    found = [tuple(k.get(name) for name in ("layout", "left", "right")) for k in without_former(named, False, FLIGHT)]
    nothing = (None, None, None)
    assert found == [
        nothing, ("one", "error", "mipmap"), ("one", "error", "neural"), nothing, ("wipe", "neural", "single"),
        ("wipe", "neural", "uv"), ("one", "neural", "uv"), ("four", "single", "uv"),
    ]  # fmt: skip


def test_an_older_loop_begins_as_it_ends() -> None:
    first, middle, last = without_former(
        [{"time": 0.0, "shading": "uv"}, {"time": 1.0, "shading": "single"}, {"time": 2.0, "comparison": "wipe"}],
        True, FLIGHT,
    )  # fmt: skip
    assert first == {"time": 0.0, "layout": "wipe", "left": "uv", "right": "single"} and last == {"time": 2.0}
    assert middle["left"] == "single"


def test_wrong_former_entries_are_told_of_by_their_place() -> None:
    for keyframe, sentence in (
        ({"comparison": "sideways"}, 'keyframes[0].comparison: expected one of "one", "wipe"'),
        ({"shading": ["uv"]}, 'keyframes[0].shading: expected one of "mipmap", "single"'),
        ({"other": "uv", "right": "uv"}, "keyframes[0]: both 'other' and 'right', which replaces it, are given"),
    ):
        with pytest.raises(InputError) as refused:
            without_former([keyframe], False, FLIGHT)
        assert str(refused.value).startswith(sentence)
    assert without_former(["no keyframe", 3], True, FLIGHT) == ["no keyframe", 3]


@pytest.mark.parametrize("scene", [scene.name for scene in SCENES])
def test_keys_compare_alike_in_all_scenes(scene: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with driven(tmp_path) as session:
        state: Any = session.state_of(scene)
        monkeypatch.setattr(type(state), "nothing_shown", "")
        monkeypatch.setattr(type(state), "output_refusal", lambda state, output: "")
        session.show_scene(scene)
        compare_by_keys(session, state)


def compare_by_keys(session: DrivenSession, state: Any) -> None:
    before = shown_of(state.controls)
    layouts = (("X", "wipe"), ("2", "two_up"), ("4", "four"), ("3", "beside"), ("5", "cut"))
    for key, what in (*layouts, ("E", "error"), ("G", state.controls.reference)):
        action = BY_KEY[session.scene][key]
        assert not action.active(session) and not action.refusal(session)
        action.run(session)
        assert action.active(session) and state.controls.shows(what)
        action.run(session)
        assert not action.active(session) and state.controls.layout == "one"
        assert state.controls.left == before[1], "what was looked at is looked at again"
    for first, second in product("E2X4G", repeat=2):
        for key in (first, second, *second * (first != second)):
            BY_KEY[session.scene][key].run(session)
        assert state.controls.left == before[1] and state.controls.layout == "one"
