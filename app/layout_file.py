"""How a session left its windows and panel, for the next one to begin with; and how recordings are made."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from fieldcore.errors import InputError
from fieldcore.files import written_whole
from fieldcore.validation import dataclass_from_json

from .frame_size import Size, parsed_size
from .record.film_settings import USUAL_FILM, FilmSettings

FORMAT = "fieldscope-layout"
VERSION = 1
MOST_RECENT = 12
AS_SHOWN = "as shown"
USUAL_FONT_PT, LEAST_FONT_PT, MOST_FONT_PT = 15.0, 10.0, 26.0

Kept = TypeVar("Kept")

Side = Literal["left", "right"]

Placement = tuple[int, int, int, int]
"""x, y, width and height of a window, in window points."""


@dataclass(frozen=True)
class RecordingSettings:
    """How recordings are made.

    Attributes:
        size: of the frames, in pixels: WIDTHxHEIGHT, or ``as shown`` for that of the view.
        frames_per_second: from 1 to 240.
        png: whether frames are written as PNG files.
        video: whether they are written as a video; at least one of these.
        folder: where recordings go, each into a folder of its own.
        exr: whether frames are written as EXR files of linear light, in place of PNG files.

    Raises:
        InputError: a setting is none of these.
    """

    size: str = AS_SHOWN
    frames_per_second: float = 30.0
    png: bool = True
    video: bool = True
    folder: str = "recordings"
    exr: bool = False

    def __post_init__(self) -> None:
        _ = self.size_px
        if not 1 <= self.frames_per_second <= 240:
            raise InputError(f"frames_per_second: expected 1 to 240, got {self.frames_per_second:g}")
        if not (self.png or self.exr or self.video):
            raise InputError("a recording needs PNG files, EXR files or a video; choose at least one")
        if not self.folder:
            raise InputError("folder: expected the folder that recordings go to, got none")

    @property
    def size_px(self) -> Size | None:
        """Width and height of the frames, or None for those of the view."""
        if self.size == AS_SHOWN:
            return None
        try:
            return parsed_size(self.size, "size")
        except InputError as error:
            raise InputError(f"{error}; or '{AS_SHOWN}'") from error


@dataclass(frozen=True)
class Look:
    """How the windows look.

    Attributes:
        font_pt: size of letters in the panel and of what is laid over the view, in points.
        theme: of the panel.
        panel_side: of the view that the panel lies on.

    Raises:
        InputError: letters are too small or too large.
    """

    font_pt: float = USUAL_FONT_PT
    theme: Literal["dark", "light"] = "dark"
    panel_side: Side = "right"

    def __post_init__(self) -> None:
        if not LEAST_FONT_PT <= self.font_pt <= MOST_FONT_PT:
            raise InputError(f"font_pt: expected {LEAST_FONT_PT:g} to {MOST_FONT_PT:g}, got {self.font_pt:g}")

    @property
    def scale(self) -> float:
        """Of letters, beside the usual ones."""
        return self.font_pt / USUAL_FONT_PT


@dataclass(frozen=True)
class Layout:
    """What the next session begins with.

    Attributes:
        view_window: where the view was, or None if that is not known. It may lie on a screen that is gone by now.
        view_maximised: whether it filled its monitor; then ``view_window`` is where it was before.
        panel_window: where the panel was, likewise.
        panel_open: whether the panel was there.
        open_groups: which of the panel's groups were open, by name.
        recent: fields and pictures opened last, files or ``sample:NAME``, the latest first; at most 12.
        recording: how recordings are made.
        film: how paths are rendered.
        look: how the windows look.
        go_on: whether a start without files opens what was open last.
        greeted: whether the hint of the first start has been dismissed.

    Raises:
        InputError: too many recent entries, or entries of a wrong type in ``recent`` or ``open_groups``.
    """

    view_window: Placement | None = None
    view_maximised: bool = False
    panel_window: Placement | None = None
    panel_open: bool = True
    open_groups: dict[str, bool] = field(default_factory=dict)
    recent: tuple[str, ...] = ()
    recording: RecordingSettings = RecordingSettings()
    film: FilmSettings = USUAL_FILM
    look: Look = Look()
    go_on: bool = False
    greeted: bool = False

    def __post_init__(self) -> None:
        if len(self.recent) > MOST_RECENT or not all(isinstance(name, str) for name in self.recent):
            raise InputError(f"recent: expected at most {MOST_RECENT} names, got {self.recent}")
        if not all(isinstance(is_open, bool) for is_open in self.open_groups.values()):
            raise InputError(f"open_groups: expected true or false for each group, got {self.open_groups}")

    def with_recent(self, name: str) -> Layout:
        """The same layout with ``name`` as the latest of the recent entries; the oldest beyond 12 is forgotten."""
        return replace(self, recent=(name, *(other for other in self.recent if other != name))[:MOST_RECENT])


def layout_file() -> Path:
    """Where the layout is kept, which depends on the system.

    Raises:
        RuntimeError: there is no home folder.
    """
    if sys.platform == "win32":
        folder = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support"
    else:
        configured = Path(os.environ.get("XDG_CONFIG_HOME", ""))
        folder = configured if configured.is_absolute() else Path.home() / ".config"
    return folder / "fieldscope" / "layout.json"


def load_layout() -> Layout:
    """The layout that was saved last.

    Where there is none, or one that is damaged, unreadable or of a newer version, it is the default one. Of an older
    one, or one with entries that are wrong, it has what is right. The file is left as it is; the next ``save_layout``
    replaces it.
    """
    try:
        return _layout(json.loads(layout_file().read_text(encoding="utf-8")))
    except (OSError, ValueError, RuntimeError):  # among them InputError, RecursionError and having no home
        return Layout()


def save_layout(layout: Layout) -> bool:
    """Keep ``layout`` for the next session, whole or not at all; return False where it cannot be written."""
    document = {"format": FORMAT, "version": VERSION, **asdict(layout)}
    try:
        with written_whole(layout_file()) as temporary:
            temporary.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    except (InputError, RuntimeError):
        return False
    return True


def _layout(document: Any) -> Layout:
    if not isinstance(document, dict) or document.get("format") != FORMAT or document.get("version") != VERSION:
        raise InputError("not a layout that this version can read")
    recording = _with_what_is_right(RecordingSettings(), document.get("recording"))
    film = _with_what_is_right(FilmSettings(), document.get("film"))
    look = _with_what_is_right(Look(), document.get("look"))
    return _with_what_is_right(Layout(), {**document, "recording": recording, "film": film, "look": look})


def _with_what_is_right(usual: Kept, values: Any) -> Kept:
    """The dataclass ``usual`` with those of the values that it has and takes, one after the other."""
    kept = {entry.name: getattr(usual, entry.name) for entry in fields(usual)}  # type: ignore[arg-type]
    for name in kept:
        if isinstance(values, dict) and name in values:
            changed = {**kept, name: values[name]}
            with suppress(InputError):
                dataclass_from_json(type(usual), changed, name)
                kept = changed
    return dataclass_from_json(type(usual), kept, "layout")
