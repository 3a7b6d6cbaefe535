"""Registries: what there is, by name, imported when it is first asked for.

Importing every kind, signal and filter takes seconds, which a page of help should not wait for; so a registry holds
addresses (``"package.module:Name"``) beside objects, and knows all names without importing any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import Any, Generic, TypeVar

from .errors import InputError

Entry = TypeVar("Entry")


class Registry(MutableMapping[str, Entry], Generic[Entry]):
    """A dictionary from names to what they stand for, in the order of entry.

    Args:
        what: a noun for one entry, as it is called in messages.
        entries: objects, or the addresses ``"package.module:Name"`` of objects.

    Example:
        >>> colours = Registry("colour", {"red": (1.0, 0.0, 0.0)})
        >>> colours["blue"] = (0.0, 0.0, 1.0)
        >>> list(colours)
        ['red', 'blue']
        >>> colours.named("green")
        Traceback (most recent call last):
        fieldcore.errors.InputError: colour: expected one of red, blue, got 'green'
    """

    def __init__(self, what: str, entries: Mapping[str, Entry | str]) -> None:
        self._what = what
        self._entries: dict[str, Entry | str] = dict(entries)

    def __getitem__(self, name: str) -> Entry:
        entry = self._entries[name]
        if isinstance(entry, str):
            module, _, attribute = entry.partition(":")
            entry = getattr(import_module(module), attribute)
            self._entries[name] = entry
        return entry

    def __setitem__(self, name: str, entry: Entry) -> None:
        self._entries[name] = entry

    def __delitem__(self, name: str) -> None:
        del self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def address(self, name: str) -> str | None:
        """Where an entry lies that was not imported yet; None of one that is there, or of which there is none."""
        entry = self._entries.get(name)
        return entry if isinstance(entry, str) else None

    def named(self, name: str) -> Entry:
        """The entry of that name. Raises InputError naming those there are."""
        if name not in self._entries:
            raise InputError(f"{self._what}: expected one of {', '.join(self)}, got '{name}'")
        return self[name]


class _Deferred:
    """A class attribute that is imported when it is read for the first time."""

    def __init__(self, address: str) -> None:
        self._address = address

    def __get__(self, instance: object, owner: type) -> Any:
        module, _, attribute = self._address.partition(":")
        return getattr(import_module(module), attribute)


def deferred(address: str) -> Any:
    """The object at ``"package.module:Name"`` as a class attribute, imported when it is read for the first time.

    For what knows the class itself, so that the class cannot import it, and for what takes long to import.

    Example:
        >>> class Circle:
        ...     pi = deferred("math:pi")
        >>> round(Circle.pi, 2)
        3.14
    """
    return _Deferred(address)


def lazy_names(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a package whose names are imported when they are first used.

    Args:
        package: its ``__name__``.
        modules: for each name the module of the package that defines it.

    Example:
        >>> lazy_names("xml", {"parse": "dom.minidom"})("parse").__name__
        'parse'
    """

    def attribute(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module '{package}' has no attribute '{name}'")
        return getattr(import_module(f".{modules[name]}", package), name)

    return attribute
