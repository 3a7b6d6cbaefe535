"""The keys of the filter, in all scenes that have one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..action import Action, nothing_shown
from ..scene_names import SIZED


def _by(decades: float) -> Callable[[Any], None]:
    return lambda session: session.state.step_size(decades)


FILTER_ACTIONS: tuple[Action, ...] = (
    Action("smoother", "+", "Filter", "Smoother", "a quarter of a decade more variance", _by(0.25), nothing_shown,
           scenes=SIZED, repeats=True),
    Action("sharper", "-", "Filter", "Sharper", "a quarter of a decade less variance", _by(-0.25), nothing_shown,
           scenes=SIZED, repeats=True),
)  # fmt: skip
