"""The search of the help overlay: what is typed there, and what of all keys and settings it finds."""

from __future__ import annotations

from collections.abc import Sequence

from .setting import Setting

Entry = tuple[str, str]
Section = tuple[str, list[Entry]]
"""A heading, and keys with their meanings."""

BEGINS = ("/", "Ctrl+F")
_MOST_LETTERS, _MOST_FOUND, _MOST_OF_A_MEANING = 40, 22, 76


class HelpSearch:
    """What is typed while the overlay is shown; keys do nothing else meanwhile.

    Attributes:
        words: what has been typed.
        typing: whether keys are typed.
    """

    def __init__(self) -> None:
        self.words, self.typing = "", False

    def take(self, key: str) -> bool:
        """A key went down; returns whether it is meant for the search."""
        if not self.typing:
            self.typing = key in BEGINS
            return self.typing
        if key in ("Enter", "Escape"):
            self.typing, self.words = False, self.words if key == "Enter" else ""
        elif key == "Backspace":
            self.words = self.words[:-1]
        elif len(key) == 1 or key == "Space":
            self.words = (self.words + (" " if key == "Space" else key.lower()))[:_MOST_LETTERS]
        return True

    def forget(self) -> None:
        """Nothing is searched for any more."""
        self.words, self.typing = "", False

    @property
    def line(self) -> str:
        """What the overlay says of it."""
        if self.typing:
            return f"search: {self.words}▏"
        found = f"found for '{self.words}' · " if self.words else ""
        return f"{found}/ or Ctrl+F searches keys and settings · ? explains what the mouse points at · H closes"


def found(words: str, keys: Sequence[Section], settings: Sequence[Setting]) -> list[Section]:
    """Keys and settings in which all of the words occur, the latter under the group of the panel that has them."""
    wanted = words.split()
    if not wanted:
        return list(keys)

    def has(*parts: str) -> bool:
        text = " ".join(parts).lower()
        return all(word in text for word in wanted)

    sections: dict[str, list[Entry]] = {}
    for heading, entries in keys:
        for key, meaning in entries:
            if has(heading, key, meaning):
                sections.setdefault(heading, []).append((key, meaning))
    for setting in settings:
        if has(setting.group, setting.label, setting.meaning):
            entry = (setting.label.replace(" ", "\u00a0"), _brief(setting.meaning))
            sections.setdefault(f"{setting.group}, in the panel", []).append(entry)
    return _first(sections, _MOST_FOUND) or [("Nothing is called so", [])]


def _first(sections: dict[str, list[Entry]], most: int) -> list[Section]:
    kept: list[Section] = []
    for heading, entries in sections.items():
        if most > 0:
            kept.append((heading, entries[:most]))
        most -= len(entries)
    return kept


def _brief(meaning: str) -> str:
    if len(meaning) <= _MOST_OF_A_MEANING:
        return meaning
    return meaning[:_MOST_OF_A_MEANING].rsplit(" ", 1)[0].rstrip(",;:") + "…"
