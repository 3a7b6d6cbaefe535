"""Explaining: what somebody points at, and what of that is being explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .topic import Topic

if TYPE_CHECKING:
    from ..session import Session


class Explaining:
    """The topics of a session.

    Args:
        session: whose.

    Attributes:
        pointed: what of the panel the mouse points at, None where it points at none of it.
        topic: what is being explained, None where nothing is.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.pointed: Topic | None = None
        self.topic: Topic | None = None

    def point_at(self, topic: Topic | None) -> None:
        """The mouse points at that in the panel; None: at the view."""
        self.pointed = topic
        if self.topic is not None and topic is not None:
            self.topic = topic

    def toggle(self) -> None:
        """Explain what the mouse points at, in the panel or in the view; if it is explained already, no more."""
        topic = self.pointed or self._session.state.topic_at(self._session.cursor)
        if self.topic is not None:
            self.topic = None if topic in (None, self.topic) else topic
        elif topic is not None:
            self.topic = topic
        else:
            self._session.notice("point at something in the panel or the view, then press ? to have it explained")
