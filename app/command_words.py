"""How values are written on command lines."""

from __future__ import annotations

import shlex
from typing import Any


def line(program: str, *words: object) -> str:
    """``program words``, quoted for a shell.

    The installed program, not ``python -m app``: in a folder with an ``app.py`` that would be the user's own.
    """
    return shlex.join([program, *map(str, words)])


def flag(name: str, value: Any) -> list[str]:
    """A flag with its value; of yes and no the flag alone."""
    name = f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        return [name] if value else [name.replace("--", "--no-", 1)]
    text = _text(value)
    return [f"{name}={text}"] if text.startswith("-") else [name, text]


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(map(_text, value))
    # Nine digits: a covariance of fewer may no longer be one.
    return f"{value:.9g}" if isinstance(value, float) else str(value)
