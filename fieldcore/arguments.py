"""Options of a command as a dataclass: what its words say becomes an instance of it.

    @dataclass(frozen=True, kw_only=True)
    class Greet:
        \"""Greet somebody.\"""

        name: str = argument("Whom to greet.", metavar="NAME")
        times: int = option("How often.", default=1, metavar="COUNT")

    parse(Greet, ["Ada", "--times", "3"])  # Greet(name="Ada", times=3)

What cannot be understood is an ``InputError`` of one sentence. Only the standard library is imported here, so that help
and refusals are quick. ``help_page.py`` writes the help.
"""

from __future__ import annotations

import dataclasses
import difflib
import inspect
import re
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from .errors import InputError

Options = TypeVar("Options")

_DETAILS = "option"
_NEGATIVE_NUMBER = re.compile(r"-\.?\d")


@dataclass(frozen=True)
class Details:
    """What a field of a dataclass says of its option, beside its type and default.

    Attributes:
        help: what it does, in plain words; of a yes or no what its flag does.
        metavar: its value in usage and help; the option's name if empty.
        group: heading in the help.
        short: a letter that may stand for it, as in ``-o``.
        flag: how it is written, where not after its name.
        aliases: other flags that stand for it and that no help names.
        hidden: whether no help names it either.
        positional: whether it is given without a flag.
        choices: what the value may be, asked when it is needed; () is anything.
        usual: the default in words, where the dataclass's own says nothing to a person.
        more: a further sentence for the help, made when it is shown; such as what names there are.
    """

    help: str = ""
    metavar: str = ""
    group: str = "options"
    short: str = ""
    flag: str = ""
    aliases: tuple[str, ...] = ()
    hidden: bool = False
    positional: bool = False
    choices: Callable[[], Sequence[str]] = tuple
    usual: str = ""
    more: Callable[[], str] = str


def option(help: str, *, default: Any = dataclasses.MISSING, **details: Any) -> Any:
    """A field of a dataclass that is given by a flag; see ``Details``."""
    return dataclasses.field(default=default, kw_only=True, metadata={_DETAILS: Details(help, **details)})


def argument(help: str, *, default: Any = dataclasses.MISSING, **details: Any) -> Any:
    """A field of a dataclass that is given without a flag; see ``Details``."""
    return option(help, default=default, positional=True, **details)


@dataclass(frozen=True)
class Option:
    """One field of a dataclass of options.

    Attributes:
        name: of the field.
        type: of its value; of a value that may be left out without ``None``.
        default: ``dataclasses.MISSING`` if it has to be given.
        details: see there.
    """

    name: str
    type: Any
    default: Any
    details: Details

    @property
    def is_switch(self) -> bool:
        """Whether it is a yes or no, and so a flag without a value."""
        return self.type is bool

    @property
    def flag(self) -> str:
        """As it is written, ``--no-`` in front of what is on unless it is switched off; see ``opposite``."""
        if self.details.flag:
            return self.details.flag
        name = self.name.replace("_", "-")
        return f"--no-{name}" if self.is_switch and self.default is True else f"--{name}"

    @property
    def opposite(self) -> str:
        """What switches off what is on or off depending on something else, whose default is None; else empty."""
        return f"--no-{self.name.replace('_', '-')}" if self.is_switch and self.default is None else ""

    @property
    def metavar(self) -> str:
        """Its value in usage and help."""
        return self.details.metavar or self.name.upper()

    @property
    def shown(self) -> str:
        """How a message names it."""
        return self.metavar if self.details.positional else self.flag

    @property
    def count(self) -> int | None:
        """How many words its value takes; None is one or more."""
        if get_origin(self.type) is not tuple:
            return 0 if self.is_switch else 1
        items = get_args(self.type)
        return None if items[1:] == (...,) else len(items)

    @property
    def choices(self) -> Sequence[str]:
        """What the value may be; () is anything."""
        return get_args(self.type) if get_origin(self.type) is Literal else self.details.choices()

    def value(self, words: Sequence[str]) -> Any:
        """The value that words say. Raises InputError naming the option, what it takes and what it got."""
        if get_origin(self.type) is not tuple:
            return self._item(self.type, words[0])
        items = get_args(self.type)
        return tuple(self._item(items[0], word) for word in words)

    def _item(self, kind: Any, word: str) -> Any:
        choices = self.choices
        if choices and word not in choices:
            raise unknown_word(self.shown, word, choices)
        if "\0" in word:
            raise InputError(f"{self.shown}: expected a name without NUL characters, got {word!r}")
        if kind in _NUMBERS:
            read, expected = _NUMBERS[kind]
            try:
                return read(word)
            except ValueError as error:
                raise InputError(f"{self.shown}: expected {expected}, got '{word}'") from error
        return Path(word) if kind is Path else word


_NUMBERS: dict[Any, tuple[Callable[[str], Any], str]] = {int: (int, "a whole number"), float: (float, "a number")}


def options_of(options: type) -> list[Option]:
    """The options that a dataclass declares: its own first, then those of its bases, each in its order."""
    hints = get_type_hints(options)
    found = [
        Option(entry.name, _given(hints[entry.name]), entry.default, entry.metadata.get(_DETAILS, Details()))
        for entry in dataclasses.fields(options)
        if entry.init
    ]
    bases = [inspect.get_annotations(base) for base in options.__mro__]
    return sorted(found, key=lambda one: next(rank for rank, names in enumerate(bases) if one.name in names))


def parse(options: type[Options], words: Sequence[str]) -> Options:
    """An instance of the dataclass ``options`` after the words of a command line.

    Raises:
        InputError: a word is unknown, missing or of the wrong type, or the dataclass refuses a value.
    """
    known = options_of(options)
    values, plain = _flags(known, words)
    values |= _positionals([one for one in known if one.details.positional], plain)
    missing = [one.shown for one in known if one.default is dataclasses.MISSING and one.name not in values]
    if missing:
        raise InputError(f"{' and '.join(missing)}: nothing given; add --help to see what to give")
    return options(**values)


def _flags(known: Sequence[Option], words: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    """The values given by flags, and the words that no flag takes."""
    by_flag = {one.flag: one for one in known if not one.details.positional}
    shown = [name for name, one in by_flag.items() if not one.details.hidden]
    by_flag |= {f"-{one.details.short}": one for one in known if one.details.short}
    by_flag |= {other: one for one in known for other in (one.opposite, *one.details.aliases) if other}
    values: dict[str, Any] = {}
    plain: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            plain += rest
            break
        if not _is_flag(word):
            plain.append(word)
            continue
        name, equals, text = word.partition("=")
        name = name.replace("_", "-")
        if name[:2] in by_flag and name[2:]:  # a short flag with its value, as in -oFILE
            name, equals, text = word[:2], "=", word[2:].removeprefix("=")
        if name not in by_flag:
            raise InputError(f"there is no option {name}{_nearest(name, shown)}; add --help to see what there is")
        found = by_flag[name]
        value = _flag_value(found, [text] if equals else None, rest)
        if found.count is None:  # of any number, which may be given in several places
            value = (*values.get(found.name, ()), *value)
        values[found.name] = not name.startswith("--no-") if found.is_switch else value
    return values, plain


def _flag_value(found: Option, joined: list[str] | None, rest: list[str]) -> Any:
    """What a flag's words say; those after it are taken from ``rest``, unless it came as ``--flag=value``."""
    if found.is_switch:
        if joined is not None:
            raise InputError(f"{found.flag}: takes no value, got '{joined[0]}'")
        return found.default is not True
    words = [] if joined is None else joined
    while rest and joined is None and not _is_flag(rest[0]) and rest[0] != "--" and len(words) != found.count:
        words.append(rest.pop(0))
    if not words or (found.count is not None and len(words) != found.count):
        wanted = "a value" if found.count in (1, None) else f"{found.count} values"
        raise InputError(f"{found.flag}: expected {wanted} ({found.metavar}), got {' '.join(words) or 'none'}")
    return found.value(words)


def _positionals(known: Sequence[Option], words: list[str]) -> dict[str, Any]:
    """The values given without a flag; the last one takes what is left if it is of any length."""
    values = {}
    rest = list(words)
    for one in known:
        taken, rest = (rest, []) if one.count is None else (rest[: one.count], rest[one.count :])
        if len(taken) == (one.count or len(taken)) and taken:
            values[one.name] = one.value(taken)
    if rest:
        expected = " ".join(["options", *(f"and {one.metavar}" for one in known)])
        raise InputError(f"'{rest[0]}' is one word too many: expected {expected}; quote names with blanks")
    return values


def wants(words: Sequence[str], *flags: str) -> bool:
    """Whether one of the flags stands among the words, before any ``--``."""
    return any(flag in words[: words.index("--") if "--" in words else len(words)] for flag in flags)


def unknown_word(what: str, word: str, known: Sequence[str]) -> InputError:
    """The refusal of a word that is none of those known, naming the nearest."""
    return InputError(f"{what}: expected one of {', '.join(known)}, got '{word}'{_nearest(word, known)}")


def _is_flag(word: str) -> bool:
    return len(word) > 1 and word.startswith("-") and not _NEGATIVE_NUMBER.match(word) and word != "-inf"


def _nearest(word: str, known: Iterator[str] | Sequence[str] | dict[str, Any]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _given(hint: Any) -> Any:
    """A type without its ``None``."""
    if get_origin(hint) in (Union, types.UnionType):
        (only,) = [part for part in get_args(hint) if part is not type(None)]
        return only
    return hint
