"""Whose appearance the surface shown borrows: the list of open surfaces, of which one is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from fieldcore.fields.seen_field import SeenField

from ...document import Document
from ...document_state import DocumentState
from ...services import Services
from .borrowing import Borrowings, Lender, lending_refusal


class LendingState(DocumentState):
    """What the state of surfaces has for appearances of others; its controls name one as ``appearance``."""

    def __init__(self, services: Services, controls: Any) -> None:
        super().__init__(services, controls)
        self._borrowings = Borrowings()

    @property
    def lender(self) -> Document | None:
        """The surface whose appearance is borrowed."""
        return self.documents.get(self.controls.appearance)

    @property
    def lenders(self) -> dict[str, Document]:
        """The open surfaces whose appearance the one shown may borrow, by file."""
        own = self.document
        if own is None:
            return {}
        assert isinstance(own.field, SeenField)
        return {
            path: each
            for path, each in self.documents.items()
            if each is not own and isinstance(each.field, SeenField) and not lending_refusal(own.field, each.field)
        }

    def borrow(self, path: str) -> None:
        """Borrow the appearance of another of the open surfaces, and show it beside the field's own."""
        if path not in self.lenders:
            self._services.notice("this surface cannot borrow that appearance: both must be of the same recipe")
            return
        self.change(appearance=path)
        if "borrowed" not in self.controls.shown:
            self.arrange(replace(self.controls, layout="wipe", left="colour", right="borrowed"))

    def borrowed(self, document: Document) -> Callable[[], SeenField] | None:
        """What makes a field with the appearance that it borrows; None where there is none."""
        lender = self.lender
        if lender is None or lender is document:
            return None
        assert isinstance(document.field, SeenField) and isinstance(lender.field, SeenField)
        lent = Lender(lender.field, lender.name, lender.version)
        return partial(self._borrowings.of, document.field, document.version, lent)

    @property
    def borrowing_refusal(self) -> str:
        """Why the surface shown cannot be seen with another's appearance; empty where it can."""
        document, lender = self.document, self.lender
        if document is None or lender is None or lender is document:
            return "there is no other surface to borrow an appearance from: open one"
        assert isinstance(document.field, SeenField) and isinstance(lender.field, SeenField)
        return lending_refusal(document.field, lender.field)

    def take_document(self, document: Document, show: bool = True) -> bool:
        """See the base; the surface shown may borrow from it."""
        taken = super().take_document(document, show)
        self._find_lender()
        return taken

    def show_opened(self, path: str) -> None:
        """See the base; it borrows from another one."""
        super().show_opened(path)
        self._find_lender()

    def _find_lender(self) -> None:
        """Keep whose appearance is borrowed where that can be; else take the first that can lend one."""
        if self.controls.appearance not in self.lenders:
            self.change(appearance=next(iter(self.lenders), ""))

    def close_opened(self, path: str) -> None:
        """See the base."""
        super().close_opened(path)
        self._find_lender()

    def _open_files_of(self, still: Any) -> None:
        super()._open_files_of(still)
        if still.appearance:
            self._open_named(still.appearance, "", self._take_lender)

    def _take_lender(self, document: Document) -> None:
        self.take_document(document, show=False)
        if str(document.path) in self.lenders:
            self.change(appearance=str(document.path))
