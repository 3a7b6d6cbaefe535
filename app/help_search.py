"""The search of the help overlay: what is typed there, and what of all keys and settings it finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Findable:
    """A line of the overlay, and more words that it is found by."""

    heading: str
    entry: Entry
    more: str = ""

    def has(self, words: Sequence[str]) -> bool:
        """Whether all of the words occur in it."""
        text = " ".join((self.heading, *self.entry, self.more)).lower()
        return all(word in text for word in words)


def of_setting(setting: Setting, more: str) -> Findable:
    """A setting, under the group of the panel that has it."""
    label = setting.label.replace(" ", "\u00a0")
    return Findable(f"{setting.group}, in the panel", (label, _brief(setting.meaning)), f"{setting.meaning} {more}")


def found(words: str, lines: Sequence[Findable]) -> list[Section]:
    """By heading those lines in which all of the words occur; all, where there are no words."""
    wanted, sections = words.split(), dict[str, list[Entry]]()
    for line in lines:
        if line.has(wanted):
            sections.setdefault(line.heading, []).append(line.entry)
    if not wanted:
        return list(sections.items())
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
