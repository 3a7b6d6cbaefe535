"""The settings of insets: the flag that names them all, and a toggle each in the panel."""

from __future__ import annotations

from typing import Any

from ..entries import entry_of
from ..entry_settings import settings_of
from ..scenes import SCENES
from ..setting import Session, Setting
from .insets import INSETS, NO_INSETS, InsetControls

_KNOWN = {scene.name: scene.controls.insets_known for scene in SCENES if issubclass(scene.controls, InsetControls)}
HAVE_INSETS = tuple(_KNOWN)


def _state(session: Session) -> Any:
    return session.state_among(HAVE_INSETS)


def _set(session: Session, text: str) -> None:
    state = _state(session)
    state.change(insets=entry_of(state.controls, "insets").checked(text, "insets"), **_all_shown(state))


def _all_shown(state: Any) -> dict[str, bool]:
    """A disc that a path of before has left out is an inset like others once somebody chooses them."""
    return {"disc": True} if hasattr(state.controls, "disc") else {}


def _toggle(name: str) -> Setting:
    def put(session: Session, shown: bool) -> None:
        others = [other for other in _state(session).controls.shown_insets if other != name]
        _set(session, ",".join([*others, *([name] if shown else [])]) or NO_INSETS)

    scenes = tuple(scene for scene, known in _KNOWN.items() if name in known)
    more: dict[str, Any] = {}
    if name == "light":
        more = {"flag": True, "usual": True, "switched_off": "leave the disc of lights out"}
    return Setting(
        "light-disc" if name == "light" else f"inset-{name}",
        "Light" if name == "light" else "View",
        "light disc" if name == "light" else f"{name} in the frame",
        f"draw in a corner {INSETS[name]}",
        "toggle",
        get=lambda session: name in _state(session).controls.shown_insets,
        assign=put,
        scenes=scenes,
        **more,
    )


INSET_SETTINGS: tuple[Setting, ...] = (
    *settings_of(InsetControls, HAVE_INSETS, puts={"insets": _set}),
    *map(_toggle, INSETS),
)
