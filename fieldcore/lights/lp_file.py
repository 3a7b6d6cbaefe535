"""``.lp`` files, a line a photo, in all the forms in which they are found; and the same as CSV."""

from __future__ import annotations

import csv
import io
import re

from ..errors import InputError

Listed = tuple[list[str], list[list[float]], list[str], str]
"""Names, directions, notices, and the folder of the photos where the file says it."""

_NUMBER = r"[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf(?:inity)?)"
_LINE = re.compile(
    rf"(?P<name>.*\S)[;,]?\s+(?P<x>{_NUMBER})[;,]?\s+(?P<y>{_NUMBER})[;,]?\s+(?P<z>{_NUMBER})\s*", re.IGNORECASE
)
_WITH_COMMAS = re.compile(rf"(?P<name>.*\S)\s*,\s*(?P<x>{_NUMBER})\s*,\s*(?P<y>{_NUMBER})\s*,\s*(?P<z>{_NUMBER})\s*")
_TITLES = (
    ("file", "filename", "name", "image", "photo"),
    ("x", "lx", "light_x"),
    ("y", "ly", "light_y"),
    ("z", "lz", "light_z"),
)
_WANTED = "a photo's name and three numbers x y z"


def read_lp(text: str, path: str) -> Listed:
    """The count, then a line a photo: its name, which may hold blanks, and its light's x, y and z.

    Raises InputError naming the line that is not understood, or if the count is not that of the lines.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise InputError(f"lights '{path}': the file is empty; expected a count and a line a photo")
    first = lines[0][1]
    if not re.fullmatch(r"\d+", first):
        raise InputError(f"lights '{path}': line {lines[0][0]}: expected the count of photos alone, got '{first:.60}'")
    count, lines = int(first), lines[1:]
    found = [_parsed(line, f"lights '{path}': line {number}") for number, line in lines]
    if len(found) != count:
        raise InputError(
            f"lights '{path}': its first line says {count} photos, and {len(found)} lines follow; correct the count"
        )
    return [name for name, _ in found], [direction for _, direction in found], [], ""


def read_csv(text: str, path: str) -> Listed:
    """Rows ``file,x,y,z``, or in the order and among the columns that a row of titles says; semicolons and tabs do.

    Raises InputError naming the row that is not understood.
    """
    sample = text[:4096]
    separator = max(";\t,", key=lambda one: sample.count(one))
    rows = [(number, row) for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator), 1) if row]
    columns, count = [0, 1, 2, 3], 4
    if rows and not any(map(_is_number, rows[0][1])):
        columns, count = _columns(rows[0][1], path), len(rows[0][1])
        rows = rows[1:]
    names, directions = [], []
    for number, row in rows:
        if len(row) != count or not all(_is_number(row[column]) for column in columns[1:]):
            raise InputError(f"lights '{path}': row {number}: expected file,x,y,z, got '{separator.join(row):.60}'")
        names.append(row[columns[0]].strip())
        directions.append([_number(row[column]) for column in columns[1:]])
    return names, directions, [], ""


def _columns(titles: list[str], path: str) -> list[int]:
    """Where the photo's name and its light's x, y and z are, by their titles."""
    known = [title.strip().lower() for title in titles]
    found = [next((known.index(title) for title in any_of if title in known), None) for any_of in _TITLES]
    columns = [column for column in found if column is not None]
    if len(columns) < len(_TITLES):
        raise InputError(
            f"lights '{path}': expected the titles file,x,y,z (in any order), got '{','.join(titles):.60}'"
        )
    return columns


def _parsed(line: str, where: str) -> tuple[str, list[float]]:
    found = _LINE.fullmatch(line) or _WITH_COMMAS.fullmatch(line)
    if found is None:
        raise InputError(f"{where}: expected {_WANTED}, got '{line:.60}'")
    name = found["name"].strip(" \t,;").strip("\"'").strip()
    return name, [_number(found[axis]) for axis in "xyz"]


def _number(text: str) -> float:
    return float(text.strip().replace(",", "."))


def _is_number(text: str) -> bool:
    return re.fullmatch(_NUMBER, text.strip(), re.IGNORECASE) is not None
