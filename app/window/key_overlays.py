"""What is laid over the picture about keys: help, and questions that keys answer. Sizes as in overlays.py.

The words of a key are caps of their own, as in ``Shift + ← →``: ``+``, ``/``, ``…`` and ``or`` between others join
them. A no-break space keeps two words on one cap.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations, pairwise

import numpy as np
from jaxtyping import UInt8

from ..frame_size import Size
from ..gl.canvas import (
    ACCENT,
    LEAST_FONT_PX,
    QUIET_TEXT,
    SHEET,
    TEXT,
    Canvas,
    Font,
    Paint,
    balanced,
    baseline_in,
    canvas_of,
    font_of,
    font_sizes,
    rounded_mask,
    shortened,
    stroke_px,
)

Entry = tuple[str, str]
"""A key and its meaning."""

Section = tuple[str, Sequence[Entry]]
"""A heading and the keys under it."""

_MOST_COLUMNS, _MOST_MEANING_EM, _LEAST_MEANING_EM, _MOST_ENTRIES = 5, 40, 14, 13
_JOINTS = {"+", "/", "…", "or"}
_RULE: Paint = (1.0, 1.0, 1.0), 0.14
_CAP_EDGE: Paint = (0.37, 0.385, 0.42), 1.0
_CAP_FACE: Paint = (0.16, 0.17, 0.195), 1.0


def prompt_image(
    question: str, choices: Sequence[Entry], em_px: float, room_px: Size
) -> UInt8[np.ndarray, "h w 4"] | None:
    """A question and, under it, the keys that answer it; None where it has no room."""
    for size in font_sizes(em_px):
        prompt = _Prompt(question, tuple(choices), size, room_px[0])
        if prompt.width <= room_px[0] and prompt.height <= room_px[1]:
            return prompt.drawn()
    return None


def help_image(
    sections: Sequence[Section], em_px: float, room_px: Size, foot: str = ""
) -> UInt8[np.ndarray, "h w 4"] | None:
    """All keys with their meanings, in as many columns as suit the room; None where it has no room.

    Below them stands ``foot``, shortened to their width. Where the room is short, letters, then margins, are smaller,
    and at last meanings are briefer. No key is left out.
    """
    whole = [part for section in sections for part in _parted(section)]
    brief: list[Section] = [
        (heading, [(key, _brief(meaning)) for key, meaning in entries]) for heading, entries in whole
    ]
    ways: list[tuple[list[Section], int, float]] = [
        *((whole, size, 1.0) for size in font_sizes(em_px)),
        (whole, LEAST_FONT_PX, 0.4),
        (brief, LEAST_FONT_PX, 0.4),
        (brief, LEAST_FONT_PX, 0.2),
    ]
    for parts, size, spacing in ways:
        sheets = list(_sheets(parts, size, spacing, foot, room_px[0]))
        fitting = [sheet for sheet in sheets if sheet.share_of(room_px) <= 1]
        if fitting:
            return min(fitting, key=lambda sheet: sheet.share_of(room_px)).drawn()
    in_lines = _sheets(brief, LEAST_FONT_PX, 0.2, foot, room_px[0], in_lines=True)
    return next((sheet.drawn() for sheet in in_lines if sheet.share_of(room_px) <= 1), None)


def _sheets(
    sections: Sequence[Section], em: int, spacing: float, foot: str, width: int, in_lines: bool = False
) -> Iterator[_HelpSheet]:
    """In one column, two and so on; ``in_lines``: meanings end where their line does."""
    for count in range(1, min(len(sections), _MOST_COLUMNS) + 1):
        room, parts = _meaning_room(count, sections, em, spacing, width), sections
        if room < _LEAST_MEANING_EM * em:
            return
        if in_lines:
            font = font_of(em)
            parts = [(name, [(key, shortened(words, font, room)) for key, words in part]) for name, part in sections]
        yield _HelpSheet(_divided(parts, count, em, room), em, spacing, foot, room)


def _brief(meaning: str) -> str:
    """As much of it as can stand alone."""
    return meaning.partition(";")[0].partition(":")[0].partition(", ")[0]


def _meaning_room(count: int, sections: Sequence[Section], em: int, spacing: float, width: int) -> int:
    """How wide meanings may be in so many columns; they are wrapped there."""
    keys = max(_keys_width(key, em) for _, entries in sections for key, _ in [*entries, ("M", "")])
    sheet = _HelpSheet((), em, spacing, "", 0)
    free = width - 2 * sheet.padding - (count - 1) * sheet.column_gap
    return min(_MOST_MEANING_EM * em, free // count - keys - sheet.gap)


@dataclass(frozen=True)
class _Prompt:
    question: str
    choices: tuple[Entry, ...]
    em: int
    room: int

    @cached_property
    def lines(self) -> list[str]:
        return balanced(self.question, font_of(self.em), max(0, min(self.room - 2 * self._side, 34 * self.em)))

    @cached_property
    def rows(self) -> list[list[Entry]]:
        """The choices beside one another, or under one another where the room is narrow."""
        beside = self._row_width(self.choices) <= self.room - 2 * self._side
        return [list(self.choices)] if beside else [[choice] for choice in self.choices]

    @property
    def width(self) -> int:
        words = [_text_width(line, self.em) for line in self.lines]
        return max([*words, *map(self._row_width, self.rows)], default=0) + 2 * self._side

    @property
    def height(self) -> int:
        return self._choices_top + len(self.rows) * self._row + round(1.5 * self.em)

    def drawn(self) -> UInt8[np.ndarray, "h w 4"]:
        font, middle = font_of(self.em), self.width / 2
        canvas = canvas_of(self.width, self.height, 0.8 * self.em, SHEET)
        for place, line in enumerate(self.lines):
            baseline = self._top + place * self._line + baseline_in(self._line, font)
            canvas.write(line, middle - font.getlength(line) / 2, baseline, font, TEXT)
        for place, row in enumerate(self.rows):
            top, left = self._choices_top + place * self._row, round(middle - self._row_width(row) / 2)
            for keys, meaning in row:
                left = _draw_keys(canvas, keys, left, top, self._row, self.em) + round(0.6 * self.em)
                canvas.write(meaning, left, top + baseline_in(self._row, font), font, QUIET_TEXT)
                left += _text_width(meaning, self.em) + self._gap
        return canvas.pixels()

    def _row_width(self, row: Sequence[Entry]) -> int:
        entries = (_keys_width(key, self.em) + _text_width(meaning, self.em) for key, meaning in row)
        return sum(entries) + len(row) * round(0.6 * self.em) + (len(row) - 1) * self._gap

    @property
    def _choices_top(self) -> int:
        return self._top + len(self.lines) * self._line + self.em

    @property
    def _side(self) -> int:
        return round(2.2 * self.em)

    @property
    def _top(self) -> int:
        return round(1.5 * self.em)

    @property
    def _line(self) -> int:
        return round(1.55 * self.em)

    @property
    def _row(self) -> int:
        return round(2.1 * self.em)

    @property
    def _gap(self) -> int:
        return round(2.0 * self.em)


@dataclass(frozen=True)
class _HelpSheet:
    """Columns of sections; meanings are wrapped to the ``room`` that each has."""

    columns: Sequence[Sequence[Section]]
    em: int
    spacing: float
    foot: str
    room: int

    @cached_property
    def widths(self) -> list[tuple[int, int]]:
        """Of each column: the widest keys and the widest meaning, headings hanging over both."""
        return [self._widths(column) for column in self.columns]

    @property
    def size(self) -> Size:
        columns = sum(keys + self.gap + meanings for keys, meanings in self.widths)
        width = columns + self.column_gap * (len(self.columns) - 1) + 2 * self.padding
        least = min(28 * self.em, _text_width(self.foot, self.em) + 2 * self.padding)
        height = max(map(self._column_height, self.columns)) + 2 * self.padding
        return max(width, least), height + (self._row if self.foot else 0)

    def share_of(self, room_px: Size) -> float:
        """How much of the room's width or height it takes, whichever is more."""
        return max(self.size[0] / max(1, room_px[0]), self.size[1] / max(1, room_px[1]))

    def drawn(self) -> UInt8[np.ndarray, "h w 4"]:
        canvas = canvas_of(*self.size, 1.0 * self.em, SHEET)
        left = self.padding
        for column, (keys, meanings) in zip(self.columns, self.widths, strict=True):
            top = self.padding
            for section in column:
                self._draw_section(canvas, section, left, top, keys, meanings)
                top += self._column_height([section]) + self._section_gap
            left += keys + self.gap + meanings + self.column_gap
        if self.foot:
            font, side = font_of(self.em), max(self.padding, self.em)
            words = shortened(self.foot, font, self.size[0] - 2 * side)
            baseline = self.size[1] - self._row - self.padding // 2 + baseline_in(self._row, font)
            canvas.write(words, side, baseline, font, QUIET_TEXT)
        return canvas.pixels()

    def _draw_section(self, canvas: Canvas, section: Section, left: int, top: int, keys: int, meanings: int) -> None:
        font, (heading, entries) = font_of(self.em), section
        rule = stroke_px(font)
        canvas.write(heading, left, top + baseline_in(self._row - self._lift, font), font, ACCENT)
        canvas.fill(left, top + self._row - rule, keys + self.gap + meanings, rule, _RULE)
        top += self._row + self._lift
        for key, meaning in entries:
            _draw_keys(canvas, key, left, top, self._row, self.em)
            lines = _lines(meaning, self.em, self.room)
            for place, line in enumerate(lines):
                baseline = top + place * self._line + baseline_in(self._row, font)
                canvas.write(line, left + keys + self.gap, baseline, font, TEXT)
            top += self._entry_height(meaning)

    def _entry_height(self, meaning: str) -> int:
        return self._row + (len(_lines(meaning, self.em, self.room)) - 1) * self._line

    def _column_height(self, column: Sequence[Section]) -> int:
        heights = [self._entry_height(meaning) for _, entries in column for _, meaning in entries]
        headings = len(column) * (self._row + self._lift) + (len(column) - 1) * self._section_gap
        return sum(heights) + headings

    def _widths(self, column: Sequence[Section]) -> tuple[int, int]:
        entries = [entry for _, entries in column for entry in entries]
        lines = [line for _, meaning in entries for line in _lines(meaning, self.em, self.room)]
        keys = max((_keys_width(key, self.em) for key, _ in entries), default=0)
        meanings = max((_text_width(line, self.em) for line in lines), default=0)
        headings = max(_text_width(heading, self.em) for heading, _ in column)
        return keys, max(meanings, headings - keys - self.gap)

    @property
    def _line(self) -> int:
        """From one line of a meaning to the next."""
        return round(1.35 * self.em)

    @property
    def _row(self) -> int:
        return round((1.6 + 0.5 * self.spacing) * self.em)

    @property
    def _lift(self) -> int:
        """What a heading keeps from its rule, and the rule from the keys."""
        return round(0.5 * self.spacing * self.em)

    @property
    def _section_gap(self) -> int:
        return round(2.1 * self.spacing * self.em) - self._lift

    @property
    def gap(self) -> int:
        return round(1.1 * self.em)

    @property
    def column_gap(self) -> int:
        return round((1.0 + 2.4 * self.spacing) * self.em)

    @property
    def padding(self) -> int:
        return round(2.0 * self.spacing * self.em)


def _parted(section: Section) -> list[Section]:
    """A long section in parts, which need not stand in one column."""
    heading, entries = section
    count = math.ceil(len(entries) / _MOST_ENTRIES) or 1
    size = math.ceil(len(entries) / count) or 1
    parts = [entries[start : start + size] for start in range(0, max(1, len(entries)), size)]
    return [(heading if number == 0 else f"{heading} …", part) for number, part in enumerate(parts)]


def _divided(sections: Sequence[Section], count: int, em: int, room: int) -> list[Sequence[Section]]:
    """The sections, in order, in so many columns whose tallest is as short as possible."""
    rows = [2 + sum(len(_lines(meaning, em, room)) for _, meaning in entries) for _, entries in sections]
    cuts = [(0, *inner, len(sections)) for inner in combinations(range(1, len(sections)), count - 1)]
    best = min(cuts, key=lambda cut: sorted((sum(rows[a:b]) for a, b in pairwise(cut)), reverse=True))
    return [sections[a:b] for a, b in pairwise(best)]


@lru_cache(maxsize=4096)
def _lines(meaning: str, em: int, room: int) -> tuple[str, ...]:
    """Lines no wider than the room, from the widths of words, which many meanings share."""
    lines, free, space = [""], room, _text_width(" ", em)
    for word in meaning.split(" "):
        width = _text_width(word, em)
        if lines[-1] and width > free:
            lines.append("")
            free = room
        lines[-1] += f" {word}" if lines[-1] else word
        free -= width + space
    return tuple(lines)


@dataclass(frozen=True)
class _Piece:
    """A cap, or what joins two."""

    text: str
    joins: bool
    left: int
    width: int


@lru_cache(maxsize=8192)
def _text_width(text: str, em: int) -> int:
    return math.ceil(font_of(em).getlength(text))


def _keys_width(keys: str, em: int) -> int:
    last = _pieces(keys, em)[-1]
    return last.left + last.width


def _draw_keys(canvas: Canvas, keys: str, left: int, top: int, row_px: int, em: int) -> int:
    """Draw caps in a row of that height; returns where they end."""
    font, height = _cap_font(em), _cap_height(em)
    edge, baseline = stroke_px(font), top + baseline_in(row_px, font_of(em))
    cap_top = baseline - baseline_in(height - edge, font)
    for piece in _pieces(keys, em):
        start = left + piece.left
        if not piece.joins:
            _draw_cap(canvas, start, cap_top, piece.width, height, edge)
        text_left = start + (piece.width - font.getlength(piece.text)) / 2
        canvas.write(piece.text, text_left, baseline, font, QUIET_TEXT if piece.joins else TEXT)
    return left + _keys_width(keys, em)


def _draw_cap(canvas: Canvas, left: int, top: int, width: int, height: int, edge: int) -> None:
    """A face on an edge that is thicker below, as if lit from above."""
    radius = 0.24 * height
    canvas.lay(rounded_mask(width, height, radius), left, top, _CAP_EDGE)
    face = rounded_mask(width - 2 * edge, height - 3 * edge, radius - edge)
    canvas.lay(face, left + edge, top + edge, _CAP_FACE)


@lru_cache(maxsize=1024)
def _pieces(keys: str, em: int) -> tuple[_Piece, ...]:
    font, pieces, left = _cap_font(em), [], 0
    words = keys.split(" ")
    for place, word in enumerate(words):
        joins = word in _JOINTS and 0 < place < len(words) - 1
        width = math.ceil(font.getlength(word))
        if not joins:
            width = _cap_height(em) if len(word) == 1 else width + 2 * round(0.5 * em)
        pieces.append(_Piece(word, joins, left, width))
        left += width + round(0.35 * em)
    return tuple(pieces)


def _cap_font(em: int) -> Font:
    return font_of(max(LEAST_FONT_PX, round(0.88 * em)))


def _cap_height(em: int) -> int:
    return round(1.6 * em)
