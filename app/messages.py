"""What the instrument tells a person: errors stay until they are dismissed, notices fade."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from .gl.overlays import Tone

NOTICE_SECONDS = 6.0
_MOST_ERRORS = 20


@dataclass(frozen=True)
class Message:
    """One sentence or more, and how serious it is."""

    text: str
    tone: Tone


class Messages:
    """Errors in the order they came, and the latest notice."""

    def __init__(self) -> None:
        self._errors: deque[Message] = deque()
        self._notice: Message | None = None
        self._notice_until = 0.0

    def error(self, text: str) -> None:
        """Show an error until it is dismissed; one that waits already is not repeated."""
        message = Message(text, "error")
        if message not in self._errors and len(self._errors) < _MOST_ERRORS:
            self._errors.append(message)

    def notice(self, text: str, now: float) -> None:
        """Show something worth knowing for some seconds."""
        self._notice, self._notice_until = Message(text, "info"), now + NOTICE_SECONDS

    def dismiss(self) -> bool:
        """Dismiss the oldest error, else the notice; returns whether there was either."""
        if self._errors:
            self._errors.popleft()
            return True
        had, self._notice = self._notice is not None, None
        return had

    def withdraw(self, text: str) -> None:
        """Take a notice back that no longer holds, if it is the latest."""
        if self._notice is not None and self._notice.text == text:
            self._notice = None

    def shown(self, now: float) -> Message | None:
        """What to show: the oldest error, else the latest notice."""
        if self._errors:
            return self._errors[0]
        if self._notice is not None and now >= self._notice_until:
            self._notice = None
        return self._notice

    @property
    def errors(self) -> int:
        """How many errors wait to be dismissed."""
        return len(self._errors)
