"""Settings of the scenes' controls: each is made from the entry that the controls declare."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal, get_args, get_origin

from fieldcore.errors import InputError

from .entries import Entry, entries_of
from .scene import SceneName
from .setting import Session, Setting, Widget, joined, numbers_of

Put = Callable[[Session, Any], None]
"""Sets an entry that is not just another value of the controls."""

_UNBOUNDED: tuple[Widget, ...] = ("choice", "toggle", "text")
_WIDGETS: dict[Any, Widget] = {bool: "toggle", int: "whole", float: "slider"}


def settings_of(
    declared: type,
    scenes: tuple[SceneName, ...],
    *,
    within: tuple[str, ...] = (),
    puts: Mapping[str, Put] | None = None,
) -> tuple[Setting, ...]:
    """The settings of a dataclass, in the order of the entries that have a label and that none of its bases declares.

    Args:
        declared: a scene's controls, or a dataclass in them.
        scenes: where they are there.
        within: the attributes that lead from the controls to the dataclass, such as ``("camera",)``.
        puts: by the names of entries, what sets them where more is to be done.
    """
    bases = filter(dataclasses.is_dataclass, declared.__mro__[1:])
    others = {attribute.name for base in bases for attribute in dataclasses.fields(base)}
    own = [
        entry
        for entry in entries_of(declared)
        if entry.facts.label and len(entry.parts) == 1 and entry.name not in others
    ]
    return tuple(
        _setting(
            replace(entry, parts=(*within, entry.name)), entry.of(declared()), scenes, (puts or {}).get(entry.name)
        )
        for entry in own
    )


def _setting(entry: Entry, usual: Any, scenes: tuple[SceneName, ...], put: Put | None) -> Setting:
    facts = entry.facts
    least, most = facts.bounds or (facts.least, facts.most)
    choices = tuple(map(str, facts.choices)) or (get_args(entry.type) if get_origin(entry.type) is Literal else ())
    widget = facts.widget or ("choice" if choices else _WIDGETS.get(entry.type, "text"))
    shown = joined if isinstance(usual, tuple) else str if facts.choices else _as_it_is

    def assign(session: Session, value: Any) -> None:
        session.state_among(scenes).set_entry(entry, _read(entry, usual, value))

    return Setting(
        entry.setting_name,
        facts.group,
        facts.label,
        facts.help,
        widget,
        get=lambda session: shown(entry.of(session.state_among(scenes).controls)),
        assign=put or assign,
        least=0.0 if widget in _UNBOUNDED else float(least),
        most=1.0 if widget in _UNBOUNDED else float(most),
        choices=lambda session: choices,
        refusal=lambda session: facts.refusal(session.state_among(scenes).controls),
        seen=lambda session: facts.seen(session.state_among(scenes).controls),
        flag=facts.flag,
        aliases=facts.aliases,
        flag_type=Literal[choices] if choices else None,
        metavar=facts.metavar,
        switched_off=facts.off,
        renders=facts.renders,
        scenes=scenes,
        usual=usual if isinstance(usual, tuple) else shown(usual),
    )


def _as_it_is(value: Any) -> Any:
    return value


def _read(entry: Entry, usual: Any, value: Any) -> Any:
    """The entry's value from the setting's. Raises InputError for numbers that are out of bounds."""
    if entry.facts.choices:
        return type(usual)(value)
    if not isinstance(usual, tuple):
        return value
    numbers = numbers_of(value, len(usual), entry.setting_name)
    least, most = entry.facts.bounds or (entry.facts.least, entry.facts.most)
    if not all(least <= number <= most for number in numbers):
        raise InputError(f"{entry.setting_name}: expected numbers from {least:g} to {most:g}, got '{value}'")
    return numbers
