"""What a setting is: a value that a person can set."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from fieldcore.errors import InputError

from .scenes import ALL, Scene

if TYPE_CHECKING:
    from .session import Session
else:  # it imports torch, which a page of help should not wait for
    Session = Any

Widget = Literal["slider", "number", "whole", "choice", "toggle", "text"]


@dataclass(frozen=True)
class Setting:
    """One value.

    Attributes:
        name: unique; with two dashes in front its flag, if it has one.
        group: of the panel.
        label: in the panel, with its unit.
        meaning: in plain words, for tooltip, help and docs.
        widget: how it is edited.
        get, assign: from and into the session.
        least, most: bounds of numbers.
        choices: of a choice, in order.
        refusal: why it cannot be set now; empty where it can.
        flag: whether ``fieldscope`` takes it.
        flag_type: of its value there.
        scenes: where it is there.
        usual: what it is before anyone sets it, where it has a flag.
    """

    name: str
    group: str
    label: str
    meaning: str
    widget: Widget
    get: Callable[[Session], Any]
    assign: Callable[[Session, Any], None]
    least: float = 0.0
    most: float = 1.0
    choices: Callable[[Session], tuple[str, ...]] = lambda session: ()
    refusal: Callable[[Session], str] = lambda session: ""
    flag: bool = False
    flag_type: Any = None
    scenes: tuple[Scene, ...] = ALL
    usual: Any = None

    def set(self, session: Session, value: Any) -> None:
        """Set it. Raises InputError for what is out of bounds or of another kind."""
        if self.is_number:
            number = _number(value)
            self._require(self.least <= number <= self.most, f"a number from {self.least:g} to {self.most:g}", value)
            value = round(number) if self.widget == "whole" else number
        elif self.widget == "choice":
            self._require(value in self.choices(session), f"one of {', '.join(self.choices(session))}", value)
        elif self.widget == "toggle":
            self._require(isinstance(value, bool), "yes or no", value)
        else:
            self._require(isinstance(value, str), "text", value)
        self.assign(session, value)

    def within_bounds(self, value: Any) -> Any:
        """The number nearest to ``value`` within the bounds; what is no number is left for ``set`` to refuse."""
        return min(max(_number(value), self.least), self.most) if self.is_number else value

    @property
    def is_number(self) -> bool:
        """Whether it is a number between two bounds."""
        return self.widget in ("slider", "number", "whole")

    def _require(self, holds: bool, expected: str, got: Any) -> None:
        if not holds:
            raise InputError(f"{self.name}: expected {expected}, got {got!r}")


def _number(value: Any) -> float:
    """The number, or NaN where it is none."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def numbers_of(text: str, count: int, name: str) -> tuple[float, ...]:
    """That many numbers from ``1,2,3``. Raises InputError naming what they are for."""
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != count:
        what = ", ".join(["a number"] * count) if count < 3 else f"{count} numbers"
        raise InputError(f"{name}: expected {what} with commas between, got '{text}'")
    return numbers


def joined(numbers: tuple[float, ...]) -> str:
    """``1,2,3``: what ``numbers_of`` reads."""
    return ",".join(f"{number:.6g}" for number in numbers)


def put(setting: Setting, session: Session, value: Any) -> None:
    """Set it, or say why it cannot be set."""
    reason = setting.refusal(session)
    if reason:
        session.notice(reason)
        return
    try:
        setting.set(session, setting.within_bounds(value))
    except InputError as error:
        session.notice(str(error))
