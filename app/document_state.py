"""The state of a scene that shows fields: which are open, what they are compared with, and where their truth is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from fieldcore.signals import Signal

from .compare import OTHER
from .document import Document
from .entries import Controls, copied
from .opening import is_field
from .path.keyframes import KeyframePath
from .scene_state import SceneState
from .services import Services, named, nothing


class DocumentState(SceneState):
    """What scenes have that show a field and its truth.

    Attributes:
        documents: what is open, by path.
        truth_words: what the truth of a field is, for people who look for it.
    """

    truth_words = "the picture"

    def __init__(self, services: Services, controls: Any) -> None:
        super().__init__(services, controls)
        self.documents: dict[str, Document] = {}

    @property
    def document(self) -> Document | None:
        """The field shown."""
        return self.documents.get(self.controls.field)

    @property
    def opened(self) -> dict[str, Document]:
        """The fields that are open, by file."""
        return self.documents

    @property
    def opened_shown(self) -> str:
        """The field shown, by its file."""
        return str(self.controls.field)

    def show_opened(self, path: str) -> None:
        """Show another of the open fields."""
        self.change(field=path)
        self.controls = self._possible(self.controls)

    def next_field(self, step: int = 1) -> None:
        """Show the next of the open fields."""
        names = list(self.documents)
        if names:
            self.show_opened(names[(names.index(self.controls.field) + step) % len(names)])

    @property
    def next_refusal(self) -> str:
        """Why there is no next one; empty where there is."""
        return "" if len(self.documents) > 1 else "only one field is open"

    def output_refusal(self, output: str) -> str:
        """See the base."""
        document = self.document
        if document is None:
            return self.nothing_shown
        if output == OTHER:
            return self.other_refusal
        if output != self.controls.reference or document.truth is not None:
            return ""
        name = document.field.facts.name
        return f"the truth is not known: drop {self.truth_words} it was trained on, '{name}', on the view"

    # Opening

    def open_beside(self, file: Path) -> None:
        """Open a field without showing it."""
        self._services.open_field(file, partial(self.take_document, show=False))

    def take_document(self, document: Document, show: bool = True) -> bool:
        """A field was opened, or begins to be trained."""
        name = str(document.path)
        self.documents[name] = document
        self._services.note_recent(document.path)
        if show or self.document is None:
            self.show_opened(name)
        return True

    def reload(self, path: str) -> None:
        """See the base: a field is read again, and takes the place of the one that was there."""
        document = self.documents[path]
        if is_field(path):
            self._services.open_field(Path(path), partial(self._take_again, path), document.signal_source)

    def _take_again(self, path: str, document: Document) -> None:
        if path in self.documents:
            self.take_document(document, show=path == self.opened_shown)
            self._services.notice(f"{Path(path).name} has changed on disk and was read again")

    def attach(self, told: dict[Document, Signal], source: str) -> None:
        """Take a signal as the truth of the fields that were trained on it."""
        for document, signal in told.items():
            document.attach(signal, source)
            self._services.recording.learn_truth(type(self.controls), document.path, source)

    @property
    def untold(self) -> list[Document]:
        """The fields whose truth is not known."""
        return [document for document in self.documents.values() if document.truth is None]

    def close_opened(self, path: str) -> None:
        """Forget an open field, unless it is being trained or recorded."""
        document = self.documents.get(path)
        if document is None:
            return
        doing = self._services.use_of((document,), path)
        if doing:
            self._services.notice(f"this field is being {doing}: stop that first")
            return
        if path == self.controls.field:
            self.next_field()
        del self.documents[path]
        if path == self.controls.field:
            self._show_nothing()

    @abstractmethod
    def _show_nothing(self) -> None:
        """The last field was closed."""

    # Recording and paths

    @property
    def named(self) -> Controls:
        """What is shown, with the truth of the field, where that is known."""
        return replace(self.controls, truth=self.document.signal_source if self.document else "")

    def source(self) -> dict[str, Any]:
        """What the report of a recording says of what is shown."""
        document = self.document
        assert document is not None
        self._services.warn_of_missing(document)
        return {
            "field": {"file": str(document.path.absolute()), "kind": document.field.kind},
            "signal": document.field.facts.name,
        }

    def take_path(self, path: KeyframePath[Any], file: Path) -> None:
        """Take the keyframes of a path, open its fields, and show how it begins."""
        self.path.take(path, file)
        self._open_files_of(path.still)
        self._services.background.submit(nothing, lambda _: self._begin_path(path), self._services.fail)

    def _open_files_of(self, still: Any) -> None:
        self._open_named(still.field, still.truth, self.take_document)
        if getattr(still, "other", ""):
            self._open_named(still.other, "", self._take_beside)

    def _take_beside(self, document: Document) -> None:
        self.take_document(document, show=False)
        self.change(other=str(document.path))

    def _open_named(self, field: str, truth: str, take: Callable[[Document], Any]) -> None:
        """Take a field that a path names, opened if it is not."""
        opened = self.documents.get(str(named(Path(field))))
        if opened is not None:
            take(opened)
        else:
            self._services.open_field(Path(field), take, str(named(Path(truth))) if Path(truth).is_file() else truth)

    def _begin_path(self, path: KeyframePath[Any]) -> None:
        if self.document is not None:
            self.controls = self._possible(copied(path.at(path.start), self.controls, ("file",)))
