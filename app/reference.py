"""The page of all keys and controls, made from the tables: ``python -m app.reference > docs/controls.md``."""

from __future__ import annotations

from .actions import ACTIONS, GESTURES
from .scene import SceneName
from .scene_names import ALL, TITLES
from .setting import Setting
from .settings import SETTINGS

_HEAD = """# Keys and controls

Made from the tables in [app/actions.py](../app/actions.py) and [app/settings.py](../app/settings.py), and those of the
scenes that they join, by `python -m app.reference > docs/controls.md`: key bindings, panel, help overlay (`H`), command
line and this page have one source. A key does the same in the view and in the panel.
"""


def _parts() -> list[tuple[str, tuple[SceneName, ...]]]:
    """Which scenes have something together, the most first, with a heading."""
    found = dict.fromkeys([ALL, *(action.scenes for action in ACTIONS), *(setting.scenes for setting in SETTINGS)])
    ordered = sorted(found, key=lambda scenes: (-len(scenes), [ALL.index(scene) for scene in scenes]))
    return [("In every scene" if scenes == ALL else _titled(scenes), scenes) for scenes in ordered]


def _titled(scenes: tuple[SceneName, ...]) -> str:
    return " and ".join(TITLES[scene] for scene in scenes).capitalize()


def reference() -> str:
    """The page as Markdown."""
    return "\n".join([_HEAD, *(section for heading, scenes in _parts() for section in _part(heading, scenes))])


def _part(heading: str, scenes: tuple[SceneName, ...]) -> list[str]:
    """What is there in exactly these scenes."""
    gestures = tuple(gesture for gesture in GESTURES[scenes[0]] if _scenes_of(gesture) == scenes)
    entries = [*(a.group for a in ACTIONS if a.scenes == scenes), *(s.group for s in SETTINGS if s.scenes == scenes)]
    groups = dict.fromkeys([*entries, *(group for group, _, _ in gestures)])
    return [f"## {heading}\n", *(_section(group, scenes, gestures) for group in groups)]


def _scenes_of(gesture: tuple[str, str, str]) -> tuple[SceneName, ...]:
    return tuple(scene for scene in ALL if gesture in GESTURES[scene])


def _section(group: str, scenes: tuple[SceneName, ...], gestures: tuple[tuple[str, str, str], ...]) -> str:
    actions = [action for action in ACTIONS if action.group == group and action.scenes == scenes]
    rows = [(_keys([action.key_in(scene) for scene in scenes]), action.label, action.meaning) for action in actions]
    rows += [(f"*{gesture}*", "", meaning) for of, gesture, meaning in gestures if of == group]
    lines = [f"### {group}"]
    if rows:
        lines += ["", "| key | | what it does |", "|---|---|---|"]
        lines += [f"| {key} | {label} | {meaning} |" for key, label, meaning in rows]
    settings = [setting for setting in SETTINGS if setting.group == group and setting.scenes == scenes]
    if settings:
        lines += ["", "| setting | flag | meaning |", "|---|---|---|", *map(_setting, settings)]
    return "\n".join([*lines, ""])


def _keys(keys: list[str]) -> str:
    """The key; where scenes in space have another one, that too."""
    first, *others = dict.fromkeys(keys)
    return "".join([f"`{first}`" if first else "", *(f", where it flies `{other}`" for other in others)])


def _setting(setting: Setting) -> str:
    flag = f"`--{setting.name}`" if setting.flag else ""
    return f"| {setting.label} | {flag} | {setting.meaning} |"


if __name__ == "__main__":
    print(reference(), end="")
