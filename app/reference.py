"""The page of all keys and controls, made from the tables: ``python -m app.reference > docs/controls.md``."""

from __future__ import annotations

from .actions import ACTIONS, GESTURES
from .settings import SETTINGS, Setting

_HEAD = """# Keys and controls

Made from the tables in [app/actions.py](../app/actions.py) and [app/settings.py](../app/settings.py) by
`python -m app.reference > docs/controls.md`: key bindings, panel, help overlay (`H`), command line and this page
have one source. A key does the same in the view and in the panel.
"""


def reference() -> str:
    """The page as Markdown."""
    groups = dict.fromkeys([*(a.group for a in ACTIONS), *(s.group for s in SETTINGS)])
    return "\n".join([_HEAD, *(_section(group) for group in groups)])


def _section(group: str) -> str:
    rows = [(_key(a.key), a.label, a.meaning) for a in ACTIONS if a.group == group]
    rows += [(f"*{gesture}*", "", meaning) for g, gesture, meaning in GESTURES if g == group]
    lines = [f"## {group}", "", "| key | | what it does |", "|---|---|---|"]
    lines += [f"| {key} | {label} | {meaning} |" for key, label, meaning in rows]
    settings = [setting for setting in SETTINGS if setting.group == group]
    if settings:
        lines += ["", "| setting | flag | meaning |", "|---|---|---|", *map(_setting, settings)]
    return "\n".join([*lines, ""])


def _key(key: str) -> str:
    return f"`{key}`" if key else ""


def _setting(setting: Setting) -> str:
    flag = f"`--{setting.name}`" if setting.flag else ""
    return f"| {setting.label} | {flag} | {setting.meaning} |"


if __name__ == "__main__":
    print(reference(), end="")
