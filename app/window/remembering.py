"""What the next start begins with: how the windows are, and what is open, kept while the window is open."""

from __future__ import annotations

from collections.abc import Callable

from ..last_session import LeftSession, save_session
from ..layout_file import Layout, save_layout
from ..session import Session
from ..work.background import Background
from ..work.keeping import Kept


class Remembering:
    """Keeps layout and session of an instrument.

    Args:
        session: what is open.
        layout: tells how the windows are.
        only_changes: leave the last session's file alone until a person has changed something.
    """

    def __init__(self, session: Session, layout: Callable[[], Layout], only_changes: bool) -> None:
        self._session, self._layout = session, layout
        self._only_changes = only_changes
        self._thread = Background()
        self._layouts: Kept[Layout] = Kept(save_layout, self._thread, session.layout)
        self._sessions: Kept[LeftSession] | None = None

    def advance(self) -> None:
        """One pass: write what has changed."""
        self._thread.deliver()
        now = self._session.now
        self._layouts.note(self._layout(), now)
        if self._session.background.pending or self._session.when_open is not None:
            return  # what is shown is on its way
        left = self._session.left
        if self._sessions is None:
            self._sessions = Kept(save_session, self._thread, left if self._only_changes else None)
        if left.scenes:
            self._sessions.note(left, now)

    def close(self) -> None:
        """Write how all is in the end."""
        self._thread.close()
        self._layouts.settle(self._layout())
        left = self._session.left
        if self._sessions is not None and left.scenes:
            self._sessions.settle(left)
