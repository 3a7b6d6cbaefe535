"""The keys of the filter, in all scenes that have one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..action import Action, nothing_shown
from ..scene_names import IN_HAND, SIZED
from ..session import Session


def _by(decades: float) -> Callable[[Any], None]:
    return lambda session: session.state.step_size(decades)


def _state(session: Session) -> Any:
    return session.state


FILTER_ACTIONS: tuple[Action, ...] = (
    Action("smoother", "+", "Filter", "Smoother", "a quarter of a decade more variance", _by(0.25), nothing_shown,
           scenes=SIZED, repeats=True),
    Action("sharper", "-", "Filter", "Sharper", "a quarter of a decade less variance", _by(-0.25), nothing_shown,
           scenes=SIZED, repeats=True),
    Action("filter-off", "Ctrl+0", "Filter", "None", "no filter", lambda session: _state(session).choose_preset("none"),
           nothing_shown, lambda session: _state(session).preset == "none", scenes=SIZED),
    Action("filter-before", "Backspace", "Filter", "Before", "the filter before this one, and again this one; while "
           "its key is held, for so long", lambda session: _state(session).go_before(),
           lambda session: _state(session).before_refusal, scenes=SIZED, while_held=True),
    Action("filter-in-hand", "Ctrl+E", "Filter", "In hand", "draw the filter on what is shown, true to size, and pull "
           "it there: by the ends of its axes, of which the full one turns it, or by its outline; a click moves it",
           lambda session: _state(session).take_into_hand(not _state(session).in_hand), nothing_shown,
           lambda session: _state(session).in_hand, scenes=IN_HAND),
)  # fmt: skip
