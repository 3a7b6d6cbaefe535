"""A command that is followed by one more word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class CommandGroup:
    """Commands that share their first word.

    Attributes:
        about: what they do.
        members: the commands by their second word, or how to get at them.
        what: a noun for the second word.
        examples: command lines to learn from.
        otherwise: the command of a second word that is none of these; None where there is none.
    """

    about: str
    members: Callable[[], Mapping[str, Any]]
    what: str
    examples: tuple[str, ...]
    otherwise: Any = None
