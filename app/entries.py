"""Entries: each value of a scene's controls is declared once, as a field of a frozen dataclass.

    @dataclass(frozen=True)
    class ShapeControls(Controls):
        level: float = entry(0.0, "iso-level", "the signed distance whose surface is shown", group="Surface")

From that follow how it is checked in a path's JSON, how it moves between keyframes, what a recording notes of it, its
setting and its flag. Dataclasses among the fields, such as a camera, bring their own entries.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

from .path.entry_checks import flag, number, one_of, text, whole_number
from .path.tracks import Space

Check = Callable[[Any, str], Any]
"""From an entry's JSON value and the name of its place to its value; raises InputError where it is wrong."""

Along = Literal["keyed", "constant", "file"]
"""Changes along a path; is one from its beginning to its end; or names a file that the path shows."""


@dataclass(frozen=True)
class Shorthand:
    """Another way to write an entry of a keyframe.

    Attributes:
        name: of the shorter entry.
        spelled_out: from its JSON value and the name of its place to that of the entry itself.
        shortened: from the entry's value to how it is written, the shorter way where that is possible.
    """

    name: str
    spelled_out: Check
    shortened: Callable[[Any], dict[str, Any]]


@dataclass(frozen=True)
class Declaration:
    """What is known of an entry beside its type and its default.

    Attributes:
        label: in the panel, with its unit; an entry without one is no setting.
        help: in plain words, for tooltip, help and docs.
        group: of the panel.
        least, most: bounds of a number.
        above: what a number must be greater than.
        bounds: of its slider, where paths may go further.
        along: what a path does with it.
        check: of its JSON value, where its type and bounds do not say enough.
        space: where it moves; by its type numbers move on straight lines, and the rest is held from key to key.
        joint: entries that share one move together, as a tuple in their order; see ``PlaneView``.
        shorthand: another way to write it.
        written: its value as JSON has it, where that is another one.
        names_file: of one that is keyed, whether a value of it is the name of a file.
        brief: its value in a list of keyframes, if it is worth a word there.
        setting: the name of its setting, where that is not the entry's own.
        widget: how it is edited, where its type does not say enough.
        choices: of values that are no names.
        off: what its flag does where it is on unless it is switched off.
        refusal: from the controls, why it cannot be set now; empty where it can.
        seen: from the controls, whether the panel has it now.
        flag: whether ``fieldscope`` takes it.
        aliases: other names of its flag, which older programs had.
        metavar: what stands for its value in the help.
        renders: what can be rendered without a window that takes it too.
        expected: of a file, what a message calls it.
        is_no_file: of a file, whether a name stands for something else that is always at hand, such as a sample.
        required: whether a path must name that file.
        undone: whether undo takes a change of it back; not of what moves by itself.
    """

    label: str = ""
    help: str = ""
    group: str = ""
    least: float = -np.inf
    most: float = np.inf
    above: float = -np.inf
    bounds: tuple[float, float] | None = None
    along: Along = "keyed"
    check: Check | None = None
    space: Space | None = None
    joint: Space | None = None
    shorthand: Shorthand | None = None
    written: Callable[[Any], Any] = lambda value: value
    names_file: Callable[[Any], bool] = lambda value: False
    brief: Callable[[Any], str] | None = None
    setting: str = ""
    widget: Any = None
    choices: tuple[Any, ...] = ()
    off: str = ""
    refusal: Callable[[Any], str] = lambda controls: ""
    seen: Callable[[Any], bool] = lambda controls: True
    flag: bool = True
    aliases: tuple[str, ...] = ()
    metavar: str = ""
    renders: tuple[Any, ...] = ()
    expected: str = ""
    is_no_file: Callable[[str], bool] = lambda name: False
    required: bool = False
    undone: bool = True


def entry(default: Any, label: str = "", help: str = "", **more: Any) -> Any:
    """Declare an entry; ``more`` are attributes of ``Declaration``."""
    return dataclasses.field(default=default, metadata={"entry": Declaration(label, help, **more)})


def again(base: type, name: str, default: Any, **more: Any) -> Any:
    """Declare an entry of a base once more, with another default, perhaps of another type, and more that differs."""
    declared: Any = base.__dict__["__dataclass_fields__"][name]
    return dataclasses.field(default=default, metadata={"entry": replace(declared.metadata["entry"], **more)})


def file_entry(expected: str, **more: Any) -> Any:
    """Declare an entry that names a file, empty where there is none."""
    return entry("", along="file", expected=expected, **more)


@dataclass(frozen=True)
class Entry:
    """An entry in its place.

    Attributes:
        name: that paths know it by.
        parts: attributes that lead to it, through dataclasses such as a camera.
        type: of its values.
        facts: what was declared.
    """

    name: str
    parts: tuple[str, ...]
    type: Any
    facts: Declaration

    @property
    def setting_name(self) -> str:
        """The name of its setting; with two dashes in front its flag."""
        return self.facts.setting or self.name.removesuffix("_deg").replace("_", "-")

    def of(self, controls: Any) -> Any:
        """Its value in these controls."""
        for part in self.parts:
            controls = getattr(controls, part)
        return controls

    def checked(self, value: Any, where: str) -> Any:
        """Its value from JSON. Raises InputError, which begins with the name of its place, where that is wrong."""
        facts = self.facts
        if facts.check is not None:
            return facts.check(value, where)
        if facts.along == "file":
            return text(value, where, facts.expected)
        if get_origin(self.type) is Literal:
            return one_of(value, where, get_args(self.type))
        if self.type is bool:
            return flag(value, where)
        if self.type is int:
            return whole_number(value, where, int(facts.least), int(facts.most))
        return number(value, where, facts.least, facts.most, above=facts.above)

    def is_file(self, value: Any) -> bool:
        """Whether a value is the name of a file."""
        facts = self.facts
        if facts.along == "file":
            return bool(value) and not facts.is_no_file(value)
        return facts.names_file(value)

    @property
    def space(self) -> Space | None:
        """Where it moves; None where it is held from key to key."""
        if self.facts.space is not None or self.type is not float:
            return self.facts.space
        least, most = self.facts.least, self.facts.most
        return Space(lambda value: np.array([value]), lambda point: min(max(float(point[0]), least), most))


def entries_of(controls: type) -> tuple[Entry, ...]:
    """All entries that a dataclass declares, those of the dataclasses in it among them."""
    if controls not in _ENTRIES:
        _ENTRIES[controls] = _declared(controls)
    return _ENTRIES[controls]


def entry_of(controls: Any, name: str) -> Entry:
    """The entry of that name of these controls, which must have one."""
    return next(entry for entry in entries_of(type(controls)) if entry.name == name)


_ENTRIES: dict[type, tuple[Entry, ...]] = {}


def _declared(controls: type, parts: tuple[str, ...] = ()) -> tuple[Entry, ...]:
    types, found = get_type_hints(controls), []
    for attribute in dataclasses.fields(controls):
        where, kind = (*parts, attribute.name), types[attribute.name]
        if "entry" in attribute.metadata:
            found.append(Entry(attribute.name, where, kind, attribute.metadata["entry"]))
        elif isinstance(kind, type) and dataclasses.is_dataclass(kind):
            found += _declared(kind, where)
    return tuple(found)


AnyControls = TypeVar("AnyControls")


def with_values(controls: AnyControls, values: Mapping[tuple[str, ...], Any]) -> AnyControls:
    """The controls with other values, by the attributes that lead to them."""
    changed = {parts[0]: value for parts, value in values.items() if len(parts) == 1}
    for name in {parts[0] for parts in values if len(parts) > 1}:
        inside = {parts[1:]: value for parts, value in values.items() if len(parts) > 1 and parts[0] == name}
        changed[name] = with_values(getattr(controls, name), inside)
    return replace(controls, **changed)  # type: ignore[type-var]


def copied(controls: AnyControls, source: AnyControls, along: tuple[Along, ...]) -> AnyControls:
    """The controls with those of their entries as they are in ``source``."""
    chosen = [entry for entry in entries_of(type(controls)) if entry.facts.along in along]
    return with_values(controls, {entry.parts: entry.of(source) for entry in chosen})


def files_of(controls: Any) -> set[str]:
    """The files that these controls name."""
    values = [(entry, entry.of(controls)) for entry in entries_of(type(controls))]
    return {str(value) for entry, value in values if entry.facts.along == "file" or entry.is_file(value)} - {""}


class Controls:
    """What a scene is asked to show: base of the frozen dataclasses that declare its entries."""

    def in_sight(self: AnyControls) -> AnyControls:
        """The same without files that nothing of is shown now."""
        return self
