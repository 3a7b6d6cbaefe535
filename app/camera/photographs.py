"""What the states of scenes that are learned from photographs share: how a folder of them is opened."""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldcore.views.views import Views

from ..document_state import DocumentState
from ..opening import showing_scene
from ..scene_names import IN_SPACE
from .scene_folders import read_views

if TYPE_CHECKING:
    from ..session import Session


def look_at_views(session: Session, document: Any) -> Any:
    """Show a field in the scene that sees fields by the cameras of their photographs; returns that scene's state."""
    field = document.field
    session.show_scene(showing_scene(field.facts.type, IN_SPACE, field.kind).name)
    session.state.take_document(document)
    return session.state


class PhotographState(DocumentState):
    """A scene that trains fields on photographs, or finds those of fields that are open."""

    known_words = ""
    """What is said after the name of a field whose photographs were opened."""

    @abstractmethod
    def _learn(self, views: Views, source: str) -> None:
        """Begin to train a field on photographs."""

    def _keep(self, views: Views, source: str) -> None:
        """Photographs are at hand."""

    def _open_views(self, path: Path) -> None:
        """Read photographs in the background: those of a field that is open are known then, others are learned."""
        seen = [document.field.facts for document in self.documents.values()]
        reading = partial(read_views, path, seen, self._services.device)
        self._services.meanwhile(f"reading {path.name}", reading, partial(self._take_views, path))

    def _take_views(self, path: Path, views: Views) -> None:
        self._services.note_recent(path)
        if views.notices:
            self._services.notice("; ".join(views.notices))
        # What else was asked for may bring the field that was trained on them.
        self._services.background.submit(lambda: None, lambda _: self._use_views(path, views), self._services.fail)

    def _use_views(self, path: Path, views: Views) -> None:
        self._keep(views, str(path))
        known = [document for document in self.documents.values() if document.field.facts.digest == views.facts.digest]
        for document in known:
            document.attach(views, str(path))
        if known:
            self._services.notice(f"{path.name}: the photographs of {known[0].name}{self.known_words}")
        elif self._services.can_train:
            self._learn(views, str(path))
        else:
            self._services.wait_in_line(path.name, partial(self._use_views, path, views))
