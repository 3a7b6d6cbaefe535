"""Explanations: what each control means, from one registry, in the panel, in the view and in the docs."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from driving import driven

from app.actions import ACTIONS, press
from app.compare import ERROR_KINDS
from app.explain.card import card_image
from app.explain.drawings import _deviation, smoothed_bars
from app.explain.page import page
from app.explain.registry import EXPLANATIONS, Explanation, explanation_of
from app.explain.topic import Topic
from app.scene_names import ALL
from app.scenes import SCENES
from app.settings import SETTINGS

ROOT = Path(__file__).parents[2]
ENTRIES = (*SETTINGS, *ACTIONS)
OUTPUTS = {output for scene in SCENES for output in scene.controls.outputs()}
DRAWN = [one for one in EXPLANATIONS if one.draw is not None]


def card(one: Explanation, values: tuple[object, ...]) -> np.ndarray:
    return card_image(one.title, one.text, one.draw, values, "", 12.0)


def test_what_is_explained_is_there_and_is_explained_once() -> None:
    panel = "".join(file.read_text() for file in (ROOT / "app").rglob("*.py") if "panel" in str(file))
    known = {entry.name for entry in ENTRIES} | OUTPUTS | set(ERROR_KINDS)
    subjects = Counter(subject for one in EXPLANATIONS for subject in one.about)
    assert [subject for subject in subjects if subject not in known and f'"{subject}"' not in panel] == []
    assert [subject for subject, count in subjects.items() if count > 1] == []


@pytest.mark.parametrize("one", EXPLANATIONS, ids=lambda one: one.name)
def test_an_explanation_is_two_sentences(one: Explanation) -> None:
    assert len(re.findall(r"\.(?:\s|$)", one.text)) == 2 and one.text.endswith(".")


def test_every_entry_of_controls_and_every_output_has_an_explanation_or_its_help() -> None:
    for entry in ENTRIES:
        found = explanation_of(Topic(entry.name, entry.label, entry.meaning))
        assert found in EXPLANATIONS or entry.meaning[1:] in found.text, entry.name
    for output in OUTPUTS:
        assert explanation_of(Topic(output, output, "")) in EXPLANATIONS, output


def test_the_page_of_explanations_is_up_to_date() -> None:
    docs = ROOT / "docs"
    assert (docs / "explained.md").read_text(encoding="utf-8") == page(), "run: python -m app.explain.page docs"
    assert {file.stem for file in (docs / "images/explained").glob("*.png")} == {one.name for one in DRAWN}


def test_bars_are_smoothed_as_by_a_sum_over_the_gaussian() -> None:
    x = np.linspace(-3, 3, 6001)
    deviation = 0.05
    weights = np.exp(-0.5 * (x / deviation) ** 2)
    summed = np.convolve(smoothed_bars(x, 0.0), weights / weights.sum(), mode="same")
    inside = np.abs(x) < 1
    np.testing.assert_allclose(smoothed_bars(x, deviation**2)[inside], summed[inside], atol=0.02)
    assert np.sqrt(np.mean(_deviation(np.linspace(0, 1, 401)) ** 2)) == pytest.approx(1.0)


@pytest.mark.parametrize("one", DRAWN, ids=lambda one: one.name)
def test_a_drawing_moves_with_its_numbers(one: Explanation) -> None:
    usual = card(one, one.usual)
    for place, value in enumerate(one.usual):
        if isinstance(value, float):
            moved = (*one.usual[:place], value + 0.15, *one.usual[place + 1 :])
            assert not np.array_equal(card(one, moved), usual), f"{one.name}: number {place}"


def test_what_the_mouse_points_at_is_explained_in_every_scene(tmp_path: Path) -> None:
    with driven(tmp_path) as session:
        variance = next(setting for setting in SETTINGS if setting.name == "log10-variance")
        topic = Topic(variance.name, variance.label, variance.meaning)
        press(session, "?")
        assert session.explaining.topic is None
        session.explaining.point_at(topic)
        press(session, "?")
        assert session.explaining.topic == topic
        variance.set(session, -2.0)
        assert explanation_of(topic).values(session) == (pytest.approx(1e-2),)
        other = Topic("kernel", "kernel", "what is averaged over")
        session.explaining.point_at(other)
        assert session.explaining.topic == other, "another is explained without a key"
        press(session, "Escape")
        assert session.explaining.topic is None
        for scene in ALL:
            session.show_scene(scene)
            for one in DRAWN:
                assert card(one, one.values(session)).size
