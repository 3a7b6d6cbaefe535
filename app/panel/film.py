"""The group *Film*: the path rendered here, how far that is, and what is written."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from ..durations import in_words
from ..session import Session
from .board import Board, Tag


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
    board.actions("Film")
    with dpg.group(horizontal=True, show=False) as running:
        bar = dpg.add_progress_bar(width=-board.px(64))
        board.tooltip(bar, "share of the frames that are there, and how long the others will take")
        board.button("Stop", "end after the frame that is being made; again, at once", session.film.stop, width=-1)
    board.settings("Film")
    latest = board.fact("latest", "where the latest film was written")
    shown: list[object] = [None]

    def refresh() -> None:
        latest.show(_latest(session))
        progress = _progress(session)
        if progress != shown[0]:
            shown[0] = progress
            dpg.set_value(bar, progress[0])
            dpg.configure_item(bar, overlay=progress[1])
            dpg.configure_item(running, show=bool(progress[1]))

    board.refreshed(header, refresh)


def _latest(session: Session) -> str:
    film = session.film
    places = [place for place in (film.video, film.folder) if place is not None and place.exists()]
    return str(places[0]) if places else "nothing rendered yet"


def _progress(session: Session) -> tuple[float, str]:
    """Share done, and in words how far it is."""
    film = session.film
    if not film.under_way:
        return 0.0, ""
    if not film.total:
        return 0.0, "opening what it shows"
    if film.state == "stopping":
        return film.share_done, f"stopping after this frame, {film.made} of {film.total}"
    left = "" if film.seconds_left is None else f", about {in_words(film.seconds_left)} left"
    return film.share_done, f"{film.share_done:.0%}, {film.made} of {film.total} frames{left}"
