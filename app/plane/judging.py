"""Judging what a plane shows: when all is at rest, how far the whole of it is from the truth, and its spectrum."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from fieldcore.spectrum import Spectrum

from ..document import Document
from ..work.background import Background
from .agreement import Agreement, judged, spectrum_of
from .controls import PlaneControls
from .own_document import shows_itself


class Judge:
    """What is known of the field shown; each thing is found out once, in the background.

    Args:
        background: the thread to work in.
        fail: told what goes wrong.
    """

    def __init__(self, background: Background, fail: Callable[[Exception], None]) -> None:
        self._background, self._fail = background, fail
        self._asked_for: tuple[Any, ...] | None = None
        self._agreement: tuple[tuple[Any, ...] | None, Agreement | None] = None, None
        self._spectrum_of: tuple[Any, ...] | None = None
        self._spectrum: tuple[Document | None, Spectrum | None] = None, None

    def agreement(self, document: Document | None, controls: PlaneControls) -> Agreement | None:
        """Of that field with the truth at that filter, None while it is not known."""
        of, agreement = self._agreement
        return agreement if of == _to_judge(document, controls) else None

    def spectrum(self, document: Document | None) -> Spectrum | None:
        """Of that field as it was lately, None while it is not known."""
        of, spectrum = self._spectrum
        return spectrum if of is document else None

    def ask_spectrum(self, document: Document) -> bool:
        """Find out the spectrum; returns whether that was not known yet."""
        if self._spectrum_of == (document, document.version):
            return False
        self._spectrum_of = (document, document.version)
        work = partial(spectrum_of, document, self._hurried)
        self._background.submit(work, partial(self._take_spectrum, document), self._fail)
        return True

    def ask(self, document: Document, controls: PlaneControls) -> None:
        """Find out how far the field is from its truth, if that is not known yet."""
        to_judge = _to_judge(document, controls)
        if to_judge is not None and to_judge != self._asked_for:
            self._asked_for = to_judge
            work = partial(judged, document, controls, self._hurried)
            self._background.submit(work, partial(self._take_agreement, to_judge), self._fail)

    def _hurried(self) -> bool:
        return self._background.hurried

    def _take_agreement(self, of: tuple[Any, ...], agreement: Agreement | None) -> None:
        if agreement is None:  # given up for something else: another time
            self._asked_for = None
        else:
            self._agreement = of, agreement

    def _take_spectrum(self, document: Document, spectrum: Spectrum | None) -> None:
        if spectrum is None:
            self._spectrum_of = None
        else:
            self._spectrum = document, spectrum


def _to_judge(document: Document | None, controls: PlaneControls) -> tuple[Any, ...] | None:
    """What an agreement is of; None where there is none."""
    if document is None or document.truth is None or shows_itself(document):
        return None
    return document, document.version, document.truth, repr(controls.described)
