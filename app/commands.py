"""The command lines that do without the window what the window shows and does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fieldcore.errors import InputError

from .command_words import line
from .layout_file import AS_SHOWN
from .scene import SceneName
from .scenes import SCENES
from .session import Session


def render_command(session: Session) -> str:
    """Render the path, as it was last saved or loaded."""
    path, settings = session.path, session.recording.settings
    if path.file is None:
        return ""
    size = "x".join(map(str, session.framebuffer_px)) if settings.size == AS_SHOWN else settings.size
    video = ["--video", f"{path.file.stem}.mp4"] if settings.video else []
    exr = ["--exr"] if settings.exr else []
    return line("fieldscope", "--render-path", path.file, "--out", "frames", "--size", size, *exr, *video)


def page_command(session: Session) -> str:
    """Write the field as one web page, with the truth to wipe against where that is known.

    Raises:
        InputError: no page shows such a field.
    """
    from .sharing import page_line

    document = session.state.document
    return "" if document is None else page_line(document, session.state)


@dataclass(frozen=True)
class Command:
    """A command line that copies what is shown.

    Attributes:
        by_scene: in each scene that has it, what makes the line from the session, or raises InputError that says why
            there is none; its first line of documentation says what it does.
    """

    by_scene: dict[SceneName, Callable[[Session], str]]

    @property
    def meaning(self) -> str:
        """What it does, in plain words."""
        said = (next(iter(self.by_scene.values())).__doc__ or "").split(".")[0]
        return f"{said[:1].lower()}{said[1:]}"

    def words(self, session: Session) -> str:
        """The line that does it now, quoted for a shell; empty where there is none."""
        return self.words_or_reason(session)[0]

    def words_or_reason(self, session: Session) -> tuple[str, str]:
        """That line, and where there is none a sentence why not; both are empty where nobody would look for one."""
        make = self.by_scene.get(session.scene)
        try:
            return (make(session) if make is not None else ""), ""
        except InputError as error:
            return "", str(error)


def _joined() -> dict[str, Command]:
    found: dict[str, dict[SceneName, Callable[[Session], str]]] = {}
    for scene in SCENES:
        for name, make in scene.commands.items():
            found.setdefault(name, {})[scene.name] = make
    found["this page"] = dict.fromkeys((scene.name for scene in SCENES), page_command)
    found["this path"] = dict.fromkeys((scene.name for scene in SCENES), render_command)
    return {name: Command(by_scene) for name, by_scene in found.items()}


COMMANDS = _joined()
"""By their names in the panel."""
