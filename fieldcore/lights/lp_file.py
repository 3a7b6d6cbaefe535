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
    """Rows ``file,x,y,z``, with or without a row of titles; semicolons and tabs do as well.

    Raises InputError naming the row that is not understood.
    """
    sample = text[:4096]
    separator = max(";\t,", key=lambda one: sample.count(one))
    rows = [(number, row) for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator), 1) if row]
    if rows and not _is_number(rows[0][1][-1]):
        rows = rows[1:]
    names, directions = [], []
    for number, row in rows:
        if len(row) < 4 or not all(_is_number(entry) for entry in row[1:4]):
            raise InputError(f"lights '{path}': row {number}: expected file,x,y,z, got '{','.join(row):.60}'")
        names.append(row[0].strip())
        directions.append([_number(entry) for entry in row[1:4]])
    return names, directions, [], ""


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
