"""Words become options, or one sentence that says what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from fieldcore.arguments import argument, option, parse, wants
from fieldcore.errors import InputError
from fieldcore.help_page import COLUMNS, help_page


@dataclass(frozen=True, kw_only=True)
class Base:
    verbose: bool = option("Say more.", default=False, short="v", group="general")


@dataclass(frozen=True, kw_only=True)
class Draw(Base):
    """Draw something."""

    sources: tuple[str, ...] = argument("What to draw.", metavar="SOURCE")
    out: Path = option("Where to.", metavar="FILE", short="o")
    size: int | None = option("How large.", default=None, metavar="PIXELS", usual="its own")
    level: float = option("How high.", default=0.5, metavar="LEVEL")
    colour: tuple[float, float, float] = option("Which.", default=(1.0, 1.0, 1.0), metavar="R G B")
    mode: Literal["line", "fill"] = option("How.", default="line", metavar="MODE")
    shadow: bool = option("Draw no shadow.", default=True)


def test_words_become_values():
    words = ["a.png", "--size", "3", "b.png", "-o", "x.png", "--colour", "1", "-0.5", "1e-2", "--mode=fill", "-v"]
    drawn = parse(Draw, [*words, "--no-shadow", "--level", "-1e-3"])
    assert drawn == Draw(
        sources=("a.png", "b.png"), out=Path("x.png"), size=3, colour=(1.0, -0.5, 0.01), mode="fill", verbose=True,
        shadow=False, level=-1e-3,
    )  # fmt: skip
    assert parse(Draw, ["a", "-ox.png"]) == parse(Draw, ["a", "-o=x.png"]) == parse(Draw, ["a", "--out=x.png"])
    assert parse(Draw, ["-", "--out", "-", "--", "--odd name"]).sources == ("-", "--odd name")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["a", "-o", "x", "--size", "big"], "--size: expected a whole number, got 'big'"),
        (["a", "-o", "x", "--level", "high"], "--level: expected a number, got 'high'"),
        (["a", "-o", "x", "--sizes", "3"], "there is no option --sizes; did you mean --size?; add --help to see what"),
        (["a", "-o", "x", "-z"], "there is no option -z"),
        (["a", "-o", "x", "--size"], "--size: expected a value (PIXELS), got none"),
        (["a", "-o", "x", "--size", "--verbose"], "--size: expected a value (PIXELS), got none"),
        (["a", "-o", "x", "--colour", "1", "1"], "--colour: expected 3 values (R G B), got 1 1"),
        (["a", "-o", "x", "--mode", "lines"], "--mode: expected one of line, fill, got 'lines'; did you mean line?"),
        (["a", "-o", "x", "--verbose=yes"], "--verbose: takes no value, got 'yes'"),
        (["a"], "--out: nothing given"),
        ([], "SOURCE and --out: nothing given"),
        (["a\0b", "-o", "x"], "SOURCE: expected a name without NUL characters"),
    ],
)
def test_what_is_wrong_is_one_sentence(words, sentence):
    with pytest.raises(InputError) as raised:
        parse(Draw, words)
    assert str(raised.value).startswith(sentence) and "\n" not in str(raised.value)


def test_one_word_too_many():
    @dataclass(frozen=True, kw_only=True)
    class One:
        name: str = argument("Whose.", metavar="NAME")

    with pytest.raises(InputError, match="'b' is one word too many: expected options and NAME"):
        parse(One, ["a", "b"])


def test_help_is_found_before_two_dashes():
    assert wants(["a", "--help"], "-h", "--help")
    assert not wants(["a", "--", "--help"], "-h", "--help")


def test_the_help_shows_names_defaults_and_groups():
    page = help_page("draw", Draw, examples=["draw a.png -o b.png"])
    lines = page.splitlines()
    assert max(map(len, lines)) <= COLUMNS
    assert lines[0] == "usage: draw SOURCE ... --out FILE [options]"
    assert "  -o, --out FILE          Where to." in lines
    assert "  --size PIXELS           How large. (default: its own)" in lines
    assert "  --level LEVEL           How high. (default: 0.5)" in lines
    assert "  --colour R G B          Which. (default: 1 1 1)" in lines
    assert "  --mode MODE             How. One of line, fill. (default: line)" in lines
    assert "  --no-shadow             Draw no shadow." in lines
    headings = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["options:", "general:", "examples:"]
    assert not any(word in page for word in ("None", "STR", "INT", "FLOAT", "{"))
