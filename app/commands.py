"""The command lines that do without the window what the window shows and does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from .camera.commands import plan_flags
from .command_words import flag, line
from .covariance import is_isotropic
from .layout_file import AS_SHOWN
from .scene_names import ALL, SceneName
from .scenes.picture.controls import Controls
from .scenes.shape import commands as shape_commands
from .scenes.textured_mesh import commands as flight_commands
from .session import Session
from .settings import SETTINGS


class Command(NamedTuple):
    """A command line.

    Attributes:
        meaning: what it does, in plain words.
        by_scene: in each scene that has it, the line, quoted for a shell; empty where there is none now.
    """

    meaning: str
    by_scene: dict[SceneName, Callable[[Session], str]]

    def words(self, session: Session) -> str:
        """The line that does it now, empty where there is none."""
        make = self.by_scene.get(session.scene)
        return make(session) if make is not None else ""


def window_command(session: Session) -> str:
    """Open the window as it is now."""
    controls = session.controls
    sources = [controls.field, *([controls.other] if controls.comparison == "two_up" else [])]
    return line("fieldscope", *filter(None, sources), *_filter(controls), *_flags(controls))


def evaluate_command(session: Session) -> str:
    """Write the field as a picture, smoothed as it is now."""
    if session.document is None or session.controls.foveated:
        return ""
    size = max(session.document.field.facts.resolution or (512,))
    field, smoothed = session.controls.field, _filter(session.controls)
    return line("fieldcore", "evaluate", field, *smoothed, "--size", size, "--out", "smooth.png")


def fit_command(session: Session) -> str:
    """Train a field on this picture after the plan."""
    document = session.document
    if document is None or not document.signal_source:
        return ""
    facts, source = document.field.facts, document.signal_source
    signal = [source] if source == facts.type else ["picture", source]  # a formula is its own source
    return line("fieldcore", "fit", *signal, *plan_flags(session, facts.type, Path(facts.name).stem))


def score_command(session: Session) -> str:
    """Compare the field with the truth at the standard filters."""
    document = session.document
    if document is None or not document.signal_source:
        return ""
    return line("fieldcore", "score", session.controls.field, "--signal", document.signal_source)


def render_command(session: Session) -> str:
    """Render the path, as it was last saved or loaded."""
    path, settings = session.path, session.recording.settings
    if path.file is None:
        return ""
    size = "x".join(map(str, session.framebuffer_px)) if settings.size == AS_SHOWN else settings.size
    video = ["--video", f"{path.file.stem}.mp4"] if settings.video else []
    return line("fieldscope", "--render-path", path.file, "--out", "frames", "--size", size, *video)


COMMANDS: dict[str, Command] = {
    "this window": Command(
        "open the window as it is now",
        {
            "picture": window_command,
            "flight": flight_commands.window_command,
            "shape": shape_commands.window_command,
        },
    ),
    "this picture": Command("write the field as a picture, smoothed as it is now", {"picture": evaluate_command}),
    "this mesh": Command("write the surface shown as a mesh", {"shape": shape_commands.mesh_command}),
    "this training": Command(
        "make a field of what is shown after the plan",
        {"picture": fit_command, "flight": flight_commands.fit_command, "shape": shape_commands.fit_command},
    ),
    "this judgement": Command(
        "compare the field with the truth at the standard filters",
        {"picture": score_command, "shape": shape_commands.score_command},
    ),
    "this path": Command("render the path, as it was last saved or loaded", dict.fromkeys(ALL, render_command)),
}
"""By their names in the panel."""


def _flags(controls: Controls) -> Iterator[str]:
    """Of what is not as usual, but for the filter."""
    usual = Controls("")
    for setting in SETTINGS:
        entry = setting.name.replace("-", "_")
        if setting.flag and "picture" in setting.scenes and setting.name not in ("variance", "covariance"):
            value = getattr(controls, entry)
            if value != getattr(usual, entry):
                yield from flag(setting.name, value)


def _filter(controls: Controls) -> list[str]:
    if not any(controls.covariance):
        return []
    if is_isotropic(controls.covariance):
        return flag("variance", controls.covariance[0])
    return flag("covariance", controls.covariance)
