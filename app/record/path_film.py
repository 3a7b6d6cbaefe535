"""The film of a path: rendering the path of the scene shown from the window, and what can be done with the result."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fieldcore.errors import InputError

from ..path.path_file import write_path
from ..services import nothing
from ..work.desktop import open_on_desktop
from .film import PATH_NAME, FilmEnd
from .frame_folder import new_recording_folder

if TYPE_CHECKING:
    from ..session import Session


class PathFilm:
    """What a session does with its ``Film``.

    Args:
        session: whose.
    """

    def __init__(self, session: Session) -> None:
        self._session, self._film = session, session.film

    @property
    def refusal(self) -> str:
        """Why the path cannot be rendered here; empty where it can, or where that can be ended."""
        session = self._session
        if self._film.under_way:
            return ""
        if session.nothing_shown:
            return session.nothing_shown
        if not session.path.keyframes:
            return "there is no path to render: add keyframes with K"
        document = session.state.document
        if document is None or document in session.training.unwritten or document.path.exists():
            return ""
        return f"'{document.path.name}' is not written yet: a path is rendered from files"

    @property
    def draft_refusal(self) -> str:
        """Why no draft can be rendered; empty where one can."""
        return "a render is under way: stop it first" if self._film.under_way else self.refusal

    def render(self, draft: bool = False) -> None:
        """Render the path into a folder of its own beside the recordings, or end that."""
        if self._film.under_way:
            self._film.stop()
        else:
            self._session.attempt(partial(self._begin, draft))

    def _begin(self, draft: bool) -> None:
        session = self._session
        folder = new_recording_folder(Path(session.recording.settings.folder), "film").absolute()
        folder.mkdir(parents=True)
        path = folder / PATH_NAME
        write_path(path, session.path.made(session.state.named))
        if not session.keep_refusal:
            session.keep_shown()
        words = self._film.settings.words(str(folder), session.framebuffer_px, draft)
        words += ["--device", session.device.type]
        # Once the field has its file.
        session.background.submit(nothing, lambda _: self._film.begin(path, words), session.fail)

    def advance(self) -> None:
        """See how far it is, and tell of its end."""
        if self._film.under_way and (end := self._film.advance()) is not None:
            self._tell_of(end)

    def _tell_of(self, end: FilmEnd) -> None:
        film, session = self._film, self._session
        where = film.folder if film.video is None or film.video.parent != film.folder else film.video
        if end.stopped:
            kept = f"{film.made} of {film.total} frames are in {where}" if film.made else "nothing was rendered"
            session.notice(f"stopped: {kept}{'; Continue goes on with them' * film.resumable}")
        elif end.error:
            session.fail(InputError(f"rendering the path: {end.error}"))
        else:
            session.notice(f"rendered: {where}")
        if not film.made and film.folder is not None:
            (film.folder / PATH_NAME).unlink(missing_ok=True)
            with suppress(OSError):  # something was written nevertheless
                film.folder.rmdir()
        session.report("rendered", folder=str(film.folder), frames=film.made, error=end.error)

    @property
    def continue_refusal(self) -> str:
        """Why no render can be gone on with; empty where one can."""
        can = self._film.resumable and not self._film.under_way
        return "" if can else "no render with PNG files was cut short here"

    @property
    def open_refusal(self) -> str:
        """Why no film can be played; empty where one can."""
        return "" if self._film.video is not None else "no film was rendered here yet"

    @property
    def folder_refusal(self) -> str:
        """Why no folder of a film can be shown; empty where one can."""
        folder = self._film.folder
        return "" if folder is not None and folder.exists() else "no film was rendered here yet"

    def open(self) -> None:
        """Open the latest film in the desktop's player."""
        self._open_outside(self._film.video)

    def show_folder(self) -> None:
        """Show the folder of the latest film on the desktop."""
        self._open_outside(self._film.folder)

    def _open_outside(self, place: Path | None) -> None:
        if place is not None:
            open_on_desktop(place, partial(self._session.notice, f"no program on this desktop opens it: {place}"))
