"""What an action is: something that a key or a button does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from .entries import entry_of
from .scene import SceneName
from .scene_names import IN_SPACE
from .session import Session


@dataclass(frozen=True)
class Action:
    """Something that can be done.

    Attributes:
        name: unique.
        key: that does it, empty if none.
        group: of the panel and the help overlay.
        label: of its button.
        meaning: in plain words, for tooltip, help and docs.
        run: does it.
        refusal: why it cannot be done now; empty where it can.
        active: whether what it switches on is on.
        scenes: where it is there; of none in all, which the table of actions then names.
        flying_key: its key in the scenes in space, where the other one is needed for flying.
        repeats: whether it is done again while its key is held.
        while_held: whether it is done once more when its key, which was held, comes up: what it switches is switched
            back.
    """

    name: str
    key: str
    group: str
    label: str
    meaning: str
    run: Callable[[Session], None]
    refusal: Callable[[Session], str] = lambda session: ""
    active: Callable[[Session], bool] = lambda session: False
    scenes: tuple[SceneName, ...] = ()
    flying_key: str | None = None
    repeats: bool = False
    while_held: bool = False

    def key_in(self, scene: SceneName) -> str:
        """The key that does it in a scene where it is there, empty if none."""
        return self.flying_key if scene in IN_SPACE and self.flying_key is not None else self.key


def perform(action: Action, session: Session) -> None:
    """Do it, or say why it cannot be done."""
    reason = action.refusal(session)
    if reason:
        session.notice(reason)
    else:
        action.run(session)


def toggle(name: str, key: str, group: str, label: str, meaning: str, entry: str) -> Action:
    """The action that switches an entry of the controls on or off."""

    def is_on(session: Session) -> bool:
        return bool(getattr(session.state.controls, entry))

    def switch(session: Session) -> None:
        session.state.change(**{entry: not is_on(session)})

    return Action(name, key, group, label, meaning, switch, nothing_shown, is_on)


def next_choice(name: str, key: str, group: str, label: str, meaning: str, entry: str) -> Action:
    """The action that gives an entry of the controls the next of its choices, and after the last one the first."""

    def choices(session: Session) -> tuple[Any, ...]:
        return get_args(entry_of(session.state.controls, entry).type)

    def turn(session: Session) -> None:
        possible = choices(session)
        at = possible.index(getattr(session.state.controls, entry))
        session.state.change(**{entry: possible[(at + 1) % len(possible)]})

    def is_not_first(session: Session) -> bool:
        return bool(getattr(session.state.controls, entry) != choices(session)[0])

    return Action(name, key, group, label, meaning, turn, nothing_shown, is_not_first)


def nothing_shown(session: Session) -> str:
    """Why there is nothing to look at; empty where there is something."""
    return session.state.nothing_shown
