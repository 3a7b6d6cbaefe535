"""What a setting is: a value that a person can set."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from fieldcore.errors import InputError

from .scene import SceneName

if TYPE_CHECKING:
    from .session import Session
else:  # it imports torch, which a page of help should not wait for
    Session = Any

Widget = Literal["slider", "log", "number", "whole", "choice", "toggle", "text"]
"""``log``: a slider along whose way the number's logarithm grows evenly."""

NUMBERS: tuple[Widget, ...] = ("slider", "log", "number", "whole")
"""Those of a number between two bounds."""


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
        seen: whether the panel has it now.
        bounds: of its slider now, within least and most.
        flag: whether ``fieldscope`` takes it.
        aliases: other names of its flag, which older programs had.
        flag_type: of a choice there, its ``Literal``.
        metavar: what stands for its value in the help.
        switched_off: what its flag does where it is on unless it is switched off.
        renders: what can be rendered without a window that takes it too.
        scenes: where it is there; of none in all, which the table of settings then names.
        least_is_none: whether its least value stands for none.
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
    seen: Callable[[Session], bool] = lambda session: True
    bounds: Callable[[Session], tuple[float, float]] | None = None
    flag: bool = False
    aliases: tuple[str, ...] = ()
    flag_type: Any = None
    metavar: str = ""
    switched_off: str = ""
    renders: tuple[str, ...] = ()
    scenes: tuple[SceneName, ...] = ()
    least_is_none: bool = False
    usual: Any = None

    def set(self, session: Session, value: Any, nearest: bool = False) -> None:
        """Set it, or the ``nearest`` number within the bounds. Raises InputError for what is of another kind."""
        if self.widget == "choice" and value not in self.choices(session):
            raise self._error(f"one of {', '.join(self.choices(session))}", value)
        self.assign(session, self.checked(value, nearest))

    def checked(self, value: Any, nearest: bool = False) -> Any:
        """The value as it is kept, checked as far as that can be done without a session.

        Args:
            value: of any kind.
            nearest: whether a number out of bounds stands for the nearest within them.

        Raises:
            InputError: it is out of bounds or of another kind.
        """
        if self.widget in NUMBERS:
            try:
                number = float(value)
            except (TypeError, ValueError, OverflowError):
                number = math.nan
            within = min(max(number, self.least), self.most)
            if math.isnan(number) or (within != number and not nearest):
                what = "a whole number" if self.widget == "whole" else "a number"
                raise self._error(f"{what} from {self.least:g} to {self.most:g}", value)
            return round(within) if self.widget == "whole" else within
        if self.widget == "toggle" and not isinstance(value, bool):
            raise self._error("yes or no", value)
        if self.widget == "text" and not isinstance(value, str):
            raise self._error("text", value)
        return value

    @property
    def option_name(self) -> str:
        """The name of its flag as an attribute has it."""
        return self.name.replace("-", "_")

    def bounds_in(self, session: Session) -> tuple[float, float]:
        """The bounds of a number now."""
        return (self.least, self.most) if self.bounds is None else self.bounds(session)

    def _error(self, expected: str, got: Any) -> InputError:
        return InputError(f"{self.name}: expected {expected}, got {got!r}")


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


def reset(setting: Setting, session: Session) -> None:
    """Set it to what it is before anyone sets it, where that is known, or say that it is not."""
    usual = setting.least if setting.usual is None and setting.least_is_none else setting.usual
    if usual is None:
        session.notice(f"{setting.label} has no value of its own")
    else:
        put(setting, session, joined(usual) if isinstance(usual, tuple) else usual)


def put(setting: Setting, session: Session, value: Any) -> None:
    """Set it, or say why it cannot be set."""
    reason = setting.refusal(session)
    if reason:
        session.notice(reason)
        return
    try:
        setting.set(session, value, nearest=True)
    except InputError as error:
        session.notice(str(error))
