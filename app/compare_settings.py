"""The settings of comparisons, in all scenes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, get_args

from .compare import LAYOUTS, Compare
from .entries import entry_of
from .entry_settings import Put, settings_of
from .scene_names import ALL
from .scenes import SCENES
from .setting import Session, Setting

_OUTPUTS: tuple[str, ...] = tuple(dict.fromkeys(output for scene in SCENES for output in scene.controls.outputs()))


def _state(session: Session) -> Any:
    return session.state


def _arranged(entry: str) -> Put:
    """Sets layout, left or right, if that can be shown."""
    return lambda session, value: _state(session).arrange(replace(_state(session).controls, **{entry: value}))


def _of_scene(setting: Setting) -> Setting:
    """What is chosen is an output of the scene shown; what is usual and how far a slider goes depend on that, too."""
    more: dict[str, Any] = {} if setting.name in ("layout", "divider") else {"usual": None}
    if setting.name in ("left", "right"):
        more |= {"widget": "choice", "choices": lambda session: _state(session).controls.outputs()}
        more |= {"flag_type": Literal[_OUTPUTS]}
    if setting.name == "metric":
        more |= {"choices": lambda session: get_args(entry_of(_state(session).controls, "metric").type)}
    if setting.name == "error-range":
        more |= {"bounds": lambda session: entry_of(_state(session).controls, "error_range").facts.bounds}
    return replace(setting, **more)


COMPARE_SETTINGS = tuple(
    map(_of_scene, settings_of(Compare, ALL, puts={name: _arranged(name) for name in ("layout", "left", "right")}))
)


def _compare(session: Session, what: str) -> None:
    if not _state(session).controls.shows(what):
        _state(session).compare(what)


FORMER_SETTINGS = (
    Setting(
        "comparison", "Compare", "show", "a layout, or one output alone", "choice",
        get=lambda session: _state(session).controls.layout, assign=_compare, flag=True,
        choices=lambda session: (*LAYOUTS, *_state(session).controls.outputs()),
        flag_type=Literal[(*LAYOUTS, *_OUTPUTS)], aliases=("shadings",), scenes=ALL, usual="one",
    ),
)  # fmt: skip
"""Those of older programs, which command lines may still have."""
