"""The groups of the panel: those that all scenes have, those of one scene, and those that settings name."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ..action import Action
from ..actions import ACTIONS
from ..scene import PanelGroup
from ..scene_names import ALL
from ..scenes import SCENES
from ..setting import Setting
from ..settings import SETTINGS
from . import command, film, filter, histogram, path, plain, record, source, training

_OF_ALL = (
    PanelGroup("Source", source.build, 10),
    PanelGroup("Camera", partial(plain.build, title="Camera"), 30, is_open=False),
    PanelGroup("Shading", partial(plain.build, title="Shading"), 40),
    PanelGroup("Filter", filter.build, 60),
    PanelGroup("Compare", partial(plain.build, title="Compare"), 80),
    PanelGroup("Histogram", histogram.build, 84, is_open=False),
    PanelGroup("Tone", partial(plain.build, title="Tone"), 85, is_open=False),
    PanelGroup("Training", training.build, 90),
    PanelGroup("Record", record.build, 91, is_open=False),
    PanelGroup("Path", path.build, 92, is_open=False),
    PanelGroup("Film", film.build, 93, is_open=False),
    PanelGroup("View", partial(plain.build, title="View"), 94, is_open=False),
    PanelGroup("Copy as command", command.build, 95, is_open=False),
)
_ENTRIES: tuple[Setting | Action, ...] = (*SETTINGS, *ACTIONS)
_BETWEEN = 70
"""The place of groups that only settings and actions name."""


def _groups() -> dict[str, PanelGroup]:
    found = {group.title: replace(group, scenes=group.scenes or _scenes_of(group.title)) for group in _OF_ALL}
    for scene in SCENES:
        found |= {group.title: replace(group, scenes=(scene.name,)) for group in scene.groups}
    for title in dict.fromkeys(entry.group for entry in _ENTRIES):
        if title not in found:
            found[title] = PanelGroup(title, partial(plain.build, title=title), _BETWEEN, scenes=_scenes_of(title))
    return {group.title: group for group in sorted(found.values(), key=lambda group: group.order)}


def _scenes_of(title: str) -> tuple[str, ...]:
    """Where there is anything in a group."""
    there = {scene for entry in _ENTRIES if entry.group == title for scene in entry.scenes}
    return tuple(scene for scene in ALL if scene in there or not there)


GROUPS = _groups()
"""By title, in order."""
