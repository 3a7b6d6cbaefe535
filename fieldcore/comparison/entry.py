"""Who takes part in a comparison, as written on the command line: ``NAME[:key=value...]``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..errors import InputError
from ..fields.networks import NETWORKS, PUBLICATION
from ..recipe import Recipe
from ..signals import SignalFacts

Settings = Literal["published", "own", "tuned"]
"""Where an entry's numbers come from: the activation's publication, the command line, or a search."""

_OMEGA = "omega"  # of all layers, in short


@dataclass(frozen=True)
class Entry:
    """One network of a comparison.

    Attributes:
        name: in ``NETWORKS``.
        changes: settings of its recipe in which it differs from the preset for that network.
        tuned: further ones that a search has found.
    """

    name: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    tuned: Mapping[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """Where its numbers come from."""
        return "tuned" if self.tuned else "own" if self.changes else "published"

    @property
    def label(self) -> str:
        """Its name with what is changed, as in ``finer first_bias=5``, and ``tuned`` where it is."""
        changes = (
            f"{key}={value:g}" if isinstance(value, float) else f"{key}={value}" for key, value in self.changes.items()
        )
        return " ".join([self.name, *changes, *(["tuned"] if self.tuned else [])])

    @property
    def file_stem(self) -> str:
        """What its files are named after."""
        return self.label.replace(" ", "-").replace("=", "").replace("/", "-")

    def recipe(self, preset: str, facts: SignalFacts, seed: int) -> Recipe:
        """What is trained. Raises InputError for settings that no recipe has."""
        from ..fields import preset_recipe

        start = preset_recipe("coordinate", preset, facts, seed=seed)
        named = start.changed(NETWORKS.named(self.name), facts.type)
        return named.changed({**self.changes, **self.tuned}, facts.type)


def parse_entries(text: str) -> list[Entry]:
    """The entries that a text names: ``all``, ``publication``, or some with commas between them.

    Raises:
        InputError: no such network or setting, a value that is none, or two entries that are the same.

    Example:
        >>> [entry.label for entry in parse_entries("siren,finer:first_bias=5")]
        ['siren', 'finer first_bias=5']
    """
    groups = {"all": tuple(NETWORKS), "publication": PUBLICATION}
    words = groups.get(text) or [word for word in text.split(",") if word]
    if not words:
        raise InputError(f"--networks: expected at least one of {', '.join(NETWORKS)}, got none")
    entries = [_entry(word) for word in words]
    labels = [entry.label for entry in entries]
    doubled = next((label for label in labels if labels.count(label) > 1), None)
    if doubled is not None:
        raise InputError(f"--networks: '{doubled}' is named twice")
    return entries


def _entry(word: str) -> Entry:
    name, *pairs = word.split(":")
    NETWORKS.named(name)
    changes: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise InputError(f"--networks: '{word}': expected key=value after the name, got '{pair}'")
        for setting in ("omega_first", "omega_hidden") if key == _OMEGA else (key,):
            changes[setting] = _value(word, setting, value)
    return Entry(name, changes)


def _value(word: str, setting: str, text: str) -> Any:
    """A setting's value, of the type that the recipe has."""
    from ..fields.coordinate_recipe import CoordinateRecipe
    from ..setting_text import setting_value

    return setting_value(CoordinateRecipe, setting, text, f"--networks: '{word}'")
