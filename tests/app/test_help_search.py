"""The help overlay is searched by typing, and greets who starts the program for the first time."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import driven

from app.actions import help_sections, press
from app.help_search import Findable, HelpSearch, found
from app.scene_names import ALL
from app.window.key_overlays import help_image


def typed(search: HelpSearch, *keys: str) -> HelpSearch:
    for key in keys:
        search.take(key)
    return search


def test_keys_are_typed_once_the_search_has_begun_and_not_before() -> None:
    search = HelpSearch()
    assert not search.take("E") and search.words == ""
    assert typed(search, "/", "W", "I", "Space", "P", "Backspace").words == "wi "
    assert search.take("Tab") and search.words == "wi ", "no key does anything else meanwhile"
    typed(search, "Enter")
    assert not search.take("E") and search.words == "wi "
    assert typed(search, "Ctrl+F", "Escape").words == ""


LINES = (
    Findable("View", ("L", "show the labels"), "Labels"),
    Findable("Filter", ("+", "more variance"), "Smoother"),
    Findable("Filter", ("-", "less variance"), "Sharper"),
)


def test_what_is_found_has_all_of_the_words_whatever_they_stand_in() -> None:
    assert found("smooth", LINES) == [("Filter", [("+", "more variance")])]
    assert found("filter variance", LINES) == [("Filter", [("+", "more variance"), ("-", "less variance")])]
    assert found("labels variance", LINES) == [("Nothing is called so", [])]
    assert [heading for heading, _ in found("", LINES)] == ["View", "Filter"]


@pytest.mark.parametrize("scene", ALL)
def test_all_keys_of_every_scene_fit_the_view_of_a_small_screen(scene: str) -> None:
    sections = tuple((heading, tuple(entries)) for heading, entries in help_sections(scene))
    image = help_image(sections, 14.0, (760, 624), HelpSearch().line)
    assert image is not None and image.shape[0] <= 624 and image.shape[1] <= 760


def test_settings_of_the_panel_are_found_too() -> None:
    headings = dict(help_sections("picture", "anisotropy decades"))
    assert [key for key, _ in headings["Filter, in the panel"]] == ["anisotropy,\u00a0decades"]
    assert "log10\u00a0variance" in dict(dict(help_sections("picture", "averaged scale"))["Filter, in the panel"])


def test_the_hint_of_the_first_start_goes_for_good(tmp_path: Path) -> None:
    with driven(tmp_path) as session:
        session.greet(True)
        press(session, "Escape")
        assert not session.greeting and session.layout.greeted
        session.greet(True)
        press(session, "H")
        assert session.help_shown and not session.greeting
        press(session, "/")
        press(session, "E")
        assert session.search.words == "e" and session.state.controls.layout == "one"
        press(session, "Escape")
        press(session, "Escape")
        assert not session.help_shown and session.search.words == ""
