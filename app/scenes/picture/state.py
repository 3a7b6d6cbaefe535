"""The state of the picture scene."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldcore.fields.pyramid import Pyramid
from fieldcore.signals import Picture, Signal
from fieldcore.spectrum import Spectrum

from ...document import Document, trained_on
from ...plane.map_state import MappedState
from ...resources import asset_path
from ...scene_state import Position
from ...services import Services
from .checks import check_is_picture
from .controls import SAMPLE, Controls

if TYPE_CHECKING:
    from ...session import Session

SHIPPED_FIELDS = ("pyramid.safetensors", "spectral.safetensors", "scale_space.safetensors")


class PictureState(MappedState):
    """The pictures.

    Attributes:
        pointer: the point of the domain under the cursor.
    """

    controls: Controls

    def __init__(self, services: Services) -> None:
        super().__init__(services, Controls())
        self.pointer = (0.0, 0.0)

    @property
    def page_options(self) -> dict[str, Any]:
        """See the base: a picture to wipe against, where that is known."""
        document = self.document
        if document is None or document.field.kind != Pyramid.kind or not document.field.facts.resolution:
            return {}
        return {"truth": document.signal_source} if document.signal_source else {}

    # The filter

    def set_foveated(self, foveated: bool) -> None:
        """Let the variance grow away from the cursor, or not."""
        self.change(foveated=foveated)
        self.controls = self._possible(self.controls)

    def look_at(self, position: Position) -> None:
        """A foveated picture is sharpest under the cursor, unless a path leads."""
        if self.view is not None:
            self.pointer = self.view.domain_from_frame(self._in_pane(position))
        if self.controls.foveated and self.view is not None and not self.path.playing:
            self.change(gaze=self.view.domain_from_frame(self._in_pane(position)))

    # Opening and training

    def open_shipped(self) -> None:
        """Open the fields that come with the program."""
        for name in SHIPPED_FIELDS:
            self._services.open_field(asset_path(name), partial(self.take_document, show=name == SHIPPED_FIELDS[0]))

    def open_source(self, source: str, beside: Sequence[str] = ()) -> None:
        """Read a picture: it is the truth of the fields that were trained on it, else it is trained."""
        reading = partial(open_picture, source, self._services.device)
        self._services.meanwhile(f"reading {Path(source).name}", reading, partial(self._take_picture, source))

    def _take_picture(self, source: str, picture: Picture) -> None:
        source = source if source.startswith(SAMPLE) else str(Path(source).absolute())
        self._services.layout = self._services.layout.with_recent(source)
        if picture.notices:
            self._services.notice("; ".join(picture.notices))
        looking = partial(trained_on, self.untold, source, self._services.device)
        self._services.background.submit(looking, partial(self._use_picture, source, picture), self._services.fail)

    def _use_picture(self, source: str, picture: Picture, told: dict[Document, Signal]) -> None:
        self.attach(told, source)
        known = [document for document in self.documents.values() if _shows(document, source, picture)]
        if known:
            self._services.notice(f"{picture.facts.name} is the truth of {known[0].name}: press G")
        elif self._services.can_train:
            self.train_on(picture, source)
        else:
            self._services.wait_in_line(picture.facts.name, partial(self._use_picture, source, picture, {}))

    def take_changed_source(self, source: str) -> None:
        """See the base: what is solved for in a moment is solved for again."""
        if not (self._services.can_train and self._services.training.plan.is_solved):
            super().take_changed_source(source)
            return
        reading = partial(open_picture, source, self._services.device)
        self._services.meanwhile(f"reading {Path(source).name} again", reading, partial(self._solve_again, source))

    def _solve_again(self, source: str, picture: Picture) -> None:
        begin = partial(self._services.begin_training, picture, source, self.take_document, asked=False)
        if self._services.attempt(begin):
            self._services.notice(f"{picture.facts.name} has changed on disk: its field is made again")

    def train_on(self, signal: Signal, source: str) -> None:
        """Train a field on a signal that was opened."""
        self._services.attempt(
            partial(self._services.begin_training, signal, source, self._take_unfiltered, asked=False)
        )

    def _take_unfiltered(self, document: Document) -> None:
        """A field of another picture is there: the filter and the view were chosen for the one shown so far."""
        if self.document is not None:
            usual = Controls()
            self.change(covariance=usual.covariance, kernel=usual.kernel, foveated=False, half_size_map="")
            self.fit_view()
        self.take_document(document)

    # The passage of time

    def _judge_shown(self, document: Document) -> None:
        """The spectrum, too, and first."""
        if not self._judge.ask_spectrum(document):
            super()._judge_shown(document)

    @property
    def spectrum(self) -> Spectrum | None:
        """Of the field shown as it was lately, None while it is not known."""
        return self._judge.spectrum(self.document)


def pictures(session: Session) -> PictureState:
    """The state of the pictures of a session."""
    state = session.state_of("picture")
    assert isinstance(state, PictureState)
    return state


def open_picture(source: str, device: Any) -> Picture:
    """Read a picture to train on, a file or ``sample:NAME``. Raises InputError if it cannot be shown."""
    picture = Picture.open(source)
    check_is_picture(picture.facts)
    return picture.to(device)


def _shows(document: Document, source: str, picture: Picture) -> bool:
    """Whether a field is of that picture, as far as is known."""
    return document.signal is not None and (
        document.signal_source == source or document.field.facts.digest == picture.facts.digest
    )
