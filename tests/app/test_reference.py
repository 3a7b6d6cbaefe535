from __future__ import annotations

from pathlib import Path

from app.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "controls.md"


def test_the_page_of_keys_and_controls_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), "run: python -m app.reference > docs/controls.md"
