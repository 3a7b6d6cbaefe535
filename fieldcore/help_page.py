"""The help of a command, made from its dataclass of options: usage, what it does, options by group, examples."""

from __future__ import annotations

import dataclasses
import inspect
import textwrap
from collections.abc import Mapping, Sequence

from .arguments import Option, options_of

COLUMNS = 80
_HELP_COLUMN = 26
_GENERAL = "general"


def help_page(program: str, options: type, about: str = "", examples: Sequence[str] = ()) -> str:
    """The help of a command.

    Args:
        program: as it is called, such as ``fieldcore fit picture``.
        options: its dataclass; see ``arguments.py``.
        about: what it does; the dataclass's docstring if empty.
        examples: command lines to learn from.
    """
    known = [one for one in options_of(options) if not one.details.hidden]
    words = [_positional_usage(one) for one in known if one.details.positional]
    needed = [f"{one.flag} {one.metavar}" for one in known if not one.details.positional and _is_needed(one)]
    usage = textwrap.fill(
        f"usage: {' '.join([program, *words, *needed])} [options]", COLUMNS, subsequent_indent=" " * 7
    )
    groups: dict[str, list[tuple[str, str]]] = {"": []}  # arguments come first
    for one in known:
        heading = "" if one.details.positional else one.details.group
        groups.setdefault(heading, []).append((_left(one), _right(one)))
    groups.setdefault(_GENERAL, []).append(("-h, --help", "Show this page."))
    groups[_GENERAL] = groups.pop(_GENERAL)  # last
    groups = {heading: entries for heading, entries in groups.items() if entries}
    return "\n\n".join(
        [usage, _paragraphs(about or inspect.getdoc(options) or ""), *_sections(groups), *_examples(examples)]
    )


def overview(
    program: str, about: str, commands: Mapping[str, str], examples: Sequence[str] = (), what: str = "command"
) -> str:
    """The help of a program that has commands.

    Args:
        program: its name.
        about: what it does.
        commands: what each does, by name.
        examples: command lines to learn from.
        what: a noun for one of them.
    """
    usage = f"usage: {program} {what.upper()} ... [--help]"
    more = f"'{program} {what.upper()} --help' explains one."
    general = [("-h, --help", "Show this page.")]
    if what == "command":
        general.append(("--version", "Print the version."))
    sections = _sections({f"{what}s": list(commands.items()), _GENERAL: general})
    return "\n\n".join([usage, _paragraphs(about), *sections, more, *_examples(examples)])


def summary(options: type) -> str:
    """What a command does, in a line: the first sentence of its dataclass's docstring."""
    return (inspect.getdoc(options) or "").split("\n\n")[0].replace("\n", " ")


def _sections(groups: Mapping[str, Sequence[tuple[str, str]]]) -> list[str]:
    return [
        "\n".join([*([f"{heading}:"] if heading else []), *(_entry(left, right) for left, right in entries)])
        for heading, entries in groups.items()
    ]


def _entry(left: str, right: str) -> str:
    """One option: its flag on the left, its help on the right, or below where the flag is long."""
    lines = textwrap.wrap(right, COLUMNS - _HELP_COLUMN, break_long_words=False, break_on_hyphens=False) or [""]
    indented = [" " * _HELP_COLUMN + line for line in lines]
    if len(left) + 4 > _HELP_COLUMN:
        return "\n".join([f"  {left}", *indented]).rstrip()
    return "\n".join([f"  {left:{_HELP_COLUMN - 2}}{lines[0]}", *indented[1:]]).rstrip()


def _left(one: Option) -> str:
    if one.details.positional:
        return _positional_usage(one).strip("[]")
    short = f"-{one.details.short}, " if one.details.short else ""
    if one.is_switch:
        return ", ".join(filter(None, (short[:-2], one.flag, one.opposite)))
    return f"{short}{one.flag} {one.metavar}"


def _right(one: Option) -> str:
    """The help with the choices and the default, where they say something."""
    sentences = [one.details.help]
    sentences.append(one.details.more())
    if one.choices:
        sentences.append(f"One of {', '.join(one.choices)}.")
    if one.details.usual:
        sentences.append(f"(default: {one.details.usual})")
    elif not one.is_switch and one.default not in (None, (), "", dataclasses.MISSING):
        shown = " ".join(f"{item:g}" for item in one.default) if isinstance(one.default, tuple) else str(one.default)
        sentences.append(f"(default: {shown})")
    return " ".join(filter(None, sentences))


def _positional_usage(one: Option) -> str:
    name = f"{one.metavar} ..." if one.count is None else one.metavar
    return name if _is_needed(one) else f"[{name}]"


def _is_needed(one: Option) -> bool:
    return one.default is dataclasses.MISSING


def _paragraphs(text: str) -> str:
    """Text refilled; lines that are indented stay as they are."""
    return "\n\n".join(
        part if part.startswith(" ") else textwrap.fill(part, COLUMNS) for part in inspect.cleandoc(text).split("\n\n")
    )


def _examples(examples: Sequence[str]) -> list[str]:
    return ["\n".join(["examples:", *(f"  {line}" for line in examples)])] if examples else []
