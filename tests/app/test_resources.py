from __future__ import annotations

from pathlib import Path

import pytest
from PIL import ImageFont

import app.resources


def test_in_the_repository_shaders_lie_beside_the_package() -> None:
    assert app.resources.shader_source("picture.frag").startswith("#version 330 core")
    root = Path(app.resources.__file__).parents[1]
    assert app.resources.asset_path("demo.json") == root / "assets" / "demo.json"


def test_in_a_wheel_they_lie_inside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app" / "shaders").mkdir(parents=True)
    (tmp_path / "app" / "assets").mkdir()
    (tmp_path / "app" / "shaders" / "picture.frag").write_text("inside")
    monkeypatch.setattr(app.resources, "_PACKAGE", tmp_path / "app")
    assert app.resources.shader_source("picture.frag") == "inside"
    assert app.resources.asset_path("demo.json") == tmp_path / "app" / "assets" / "demo.json"


def test_the_font_is_dejavu_sans() -> None:
    assert ImageFont.truetype(app.resources.font_path(), 12).getname() == ("DejaVu Sans", "Book")
