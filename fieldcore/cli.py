"""The command line: ``fieldcore COMMAND``. What a command takes is in ``commands``; here its words are understood.

Results go to standard output (one JSON object with ``--json``), progress, notes and errors to standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from .arguments import parse, unknown_word, wants
from .command import run_command
from .commands import COMMANDS
from .commands.command_group import CommandGroup
from .errors import InputError
from .help_page import help_page, overview, summary
from .version import version

PROGRAM = "fieldcore"
_ABOUT = "Train fields that can be filtered, score them against the truth, evaluate them smoothed."
_EXAMPLES = (
    "fieldcore fit picture sample:astronaut",
    "fieldcore evaluate astronaut.safetensors --variance 1e-3 --out smooth.png",
    "fieldcore score astronaut.safetensors --signal sample:astronaut",
)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (default: the process's own) and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    as_json, quiet = wants(words, "--json"), wants(words, "--quiet", "-q")
    return run_command(lambda: _answer(words), as_json=as_json, quiet=quiet)


def _answer(words: Sequence[str]) -> None:
    page = page_wanted(words)
    if page:
        print(page)
    else:
        command_of(words).run()


def page_wanted(words: Sequence[str]) -> str:
    """The help or the version that is asked for, empty if none is."""
    if wants(words[:1], "--version"):
        return f"{PROGRAM} {version()}"
    if not wants(words, "-h", "--help"):
        return ""
    words = [word for word in words if not word.startswith("-")]
    if not words:
        return overview(PROGRAM, _ABOUT, _summaries(COMMANDS), _EXAMPLES)
    program, command, _ = _found(words)
    if isinstance(command, CommandGroup):
        return overview(program, command.about, _summaries(command.members()), command.examples, command.what)
    return help_page(program, command, examples=command.examples)


def command_of(words: Sequence[str]) -> Any:
    """The command that words stand for, with its options, ready to ``run``.

    Raises:
        InputError: they cannot be understood, or an option is refused.
    """
    program, command, rest = _found(words)
    if isinstance(command, CommandGroup):
        raise _nothing_given(program, command.what, command.members())
    return parse(command, rest)


def _found(words: Sequence[str]) -> tuple[str, Any, Sequence[str]]:
    """The command that the first word or two name, as it is called, and the words that are left."""
    if not words:
        raise _nothing_given(PROGRAM, "command", COMMANDS)
    name, *rest = words
    if name not in COMMANDS:
        raise unknown_word("command", name, tuple(COMMANDS))
    command, program = COMMANDS[name], f"{PROGRAM} {name}"
    if isinstance(command, CommandGroup) and command.otherwise and not {*rest[:1]} & {*command.members()}:
        return program, command.otherwise, rest
    if isinstance(command, CommandGroup) and rest:
        members = command.members()
        name, *rest = rest
        if name not in members:
            raise unknown_word(f"{program}: {command.what}", name, tuple(members))
        command, program = members[name], f"{program} {name}"
    return program, command, rest


def _nothing_given(program: str, what: str, known: Mapping[str, Any]) -> InputError:
    return InputError(f"{program}: expected a {what}, one of {', '.join(known)}; {program} --help explains them")


def _summaries(commands: Mapping[str, Any]) -> dict[str, str]:
    """What each does, in a line."""
    return {
        name: command.about if isinstance(command, CommandGroup) else summary(command)
        for name, command in ((name, commands[name]) for name in commands)
    }
