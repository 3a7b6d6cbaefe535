"""The state of a scene on a plane: what is open, the view of it, and what the engine is asked for to show it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from fieldcore.errors import InputError
from fieldcore.signals import Signal, SignalFacts

from ..compare import ERROR_KINDS, OTHER
from ..document import Document, trained_on
from ..document_state import DocumentState
from ..entries import Entry
from ..frame_size import Size
from ..histogram import Histograms
from ..opening import is_field
from ..panes import Pane
from ..scene_state import Inspected, Position
from ..scenes import scene_of
from ..services import Services, named
from ..work.engine import Evaluated
from .agreement import Agreement
from .controls import MERELY_DRAWN
from .histogram import histograms_of
from .inspector import Spot, rows_at, with_truth
from .judging import Judge
from .layers import Sources, known_each
from .own_document import shows_itself
from .request import PlaneRequest, sources_of
from .scene import PlaneScene
from .size_maps import Ring
from .thumbnail import thumbnail
from .tone import first_exposure
from .view import View, panned, zoomed_at

ANSWER_WITHIN_S = 0.025
"""For how long the view waits for the first picture of a new request before it draws without it."""

JUDGE_AFTER_S = 0.35
"""How long the view must have been at rest before all that is shown is judged."""

_ZOOM_A_NOTCH = 1.2


class PlaneState(DocumentState):
    """What scenes on a plane have: a view of it, and a second field.

    Attributes:
        evaluated: the latest stage of what is shown that has arrived.
    """

    def __init__(self, services: Services, controls: Any) -> None:
        super().__init__(services, controls)
        self.evaluated: Evaluated | None = None
        self._counted: tuple[Any, str, Histograms | None] = None, "", None
        self._held_output = ""
        self._pinned: Spot | None = None
        self._judge = Judge(services.background, services.fail)
        self._asked: tuple[Any, ...] | None = None
        self._changed_at = 0.0

    @property
    def scene(self) -> PlaneScene:
        """Whose state it is."""
        scene = scene_of(self.controls)
        assert isinstance(scene, PlaneScene)
        return scene

    @property
    def nothing_shown(self) -> str:
        """Why there is nothing to look at; empty where there is something."""
        return "" if self.document else f"nothing is open: {self.scene.invitation}"

    def subject(self, controls: Any) -> Sources:
        """The fields, which must be open, and the truth."""
        return sources_of(self.documents[controls.field], self.documents.get(controls.other))

    @property
    def facts(self) -> SignalFacts | None:
        """Of what is shown, if there is anything."""
        return None if self.document is None else self.document.field.facts

    @property
    def other(self) -> Document | None:
        """The second field."""
        return self.documents.get(self.controls.other)

    @property
    def shows(self) -> tuple[Document | None, ...]:
        """The fields that what is shown is drawn from."""
        return self.document, self.other

    @property
    def view(self) -> View | None:
        """Where the picture lies in a pane; None where there is nothing to show."""
        return self.view_of(type(self.controls).left)

    def view_of(self, output: str) -> View | None:
        """The same of the pane that shows an output."""
        document = self.other if output == OTHER and self.controls.parted else self.document
        if document is None:
            return None
        size = self.controls.pane_size(self._services.framebuffer_px)
        return View.of(self.controls.seen_in(output), document.field.facts, size)

    @property
    def brush_ring(self) -> Ring | None:
        """Of a brush over the view, in pixels of a pane."""
        return None

    @property
    def waits_for_picture(self) -> bool:
        """Nothing is drawn without its picture: a coarse one is there in a moment."""
        return False

    # Fields

    def show_opened(self, path: str) -> None:
        """Show another of the open fields, and as the second one one that is not the same."""
        other = self.controls.other
        if other == path or other not in self.documents:
            self.change(other=next((name for name in self.documents if name != path), ""))
        before = self.document
        super().show_opened(path)
        self._expose(before)

    def _expose(self, before: Document | None) -> None:
        """Let a dark picture in linear light be seen, unless somebody has chosen an exposure."""
        by_itself, wanted = (first_exposure(one.signal) if one else 0.0 for one in (before, self.document))
        if wanted != by_itself and self.controls.exposure == by_itself:
            self.change(exposure=wanted)
            if wanted:
                self._services.notice(f"exposure +{wanted:g} stops, by the median: [ and ] change it")

    def take_document(self, document: Document, show: bool = True) -> bool:
        """A field was opened, or begins to be trained.

        Args:
            document: the field.
            show: whether it is to be shown, though another one is.
        """
        name = str(document.path)
        lacks_other = self.controls.other not in self.documents and self.controls.field
        if lacks_other and name != self.controls.field:
            self.change(other=name)
        for own in self.documents.values():
            if document.truth is None and shows_itself(own) and own.field.facts.name == document.field.facts.name:
                self._look_for_truth(own, [document], partial(self.attach, source=str(own.path)))
        return super().take_document(document, show)

    def output_refusal(self, output: str) -> str:
        """See the base."""
        refusal = super().output_refusal(output)
        return refusal if refusal or output != "truth" else self._truth_refusal

    @property
    def _truth_refusal(self) -> str:
        """Why the truth, which is known, is not known under this filter; empty where it is."""
        document, controls = self.document, self.controls
        if document is None or document.truth is None or not controls.varies:
            return ""
        try:
            known_each(document.truth, controls.filters_at(document.field.facts, torch.zeros(1, 2), 0.0))
        except InputError as error:
            return str(error)
        return ""

    def thumbnail_work(self, path: str, size: Size) -> tuple[Any, Callable[[], Any]] | None:
        """See the base."""
        document = self.documents.get(path)
        if document is None:
            return None
        own = replace(type(self.controls)(), field=path)
        return (id(document), document.training), partial(thumbnail, document, own, size)

    def close_opened(self, path: str) -> None:
        """Forget an open field, unless it is being trained or recorded."""
        super().close_opened(path)
        if path not in self.documents and self.controls.other == path:
            self.show_opened(self.controls.field)

    def _show_nothing(self) -> None:
        self.controls, self.frame_facts, self.evaluated = type(self.controls)(), "", None

    # Opening and training

    def open_shipped(self) -> None:
        """Nothing comes with the program, unless a scene says so."""

    def open_source(self, source: str, beside: Sequence[str] = ()) -> None:
        """Read a file that is no field: it is the truth of the fields that were trained on it, else shown as it is."""
        self._read(named(Path(source)), self._take_source)

    def _take_source(self, document: Document) -> None:
        source = str(document.path)
        self._services.layout = self._services.layout.with_recent(source)
        if not self.untold:
            self.take_document(document)
            return
        self._look_for_truth(document, self.untold, partial(self._use_source, document))

    def _look_for_truth(
        self, own: Document, fields: Sequence[Document], use: Callable[[dict[Document, Signal]], Any]
    ) -> None:
        """Find out in the background which fields were trained on what is shown as it is."""
        looking = partial(trained_on, fields, str(own.path), self._services.device)
        self._services.background.submit(looking, use, self._services.fail)

    def _use_source(self, document: Document, told: dict[Document, Signal]) -> None:
        if not told:
            self.take_document(document)
            return
        self.attach(told, str(document.path))
        self._services.notice(f"{document.path.name} is the truth of {next(iter(told)).name}: press G")

    def open_beside(self, file: Path) -> None:
        """Open one more of these, which need not be shown."""
        take = partial(self.take_document, show=False)
        if is_field(str(file)):
            self._services.open_field(file, take)
        else:
            self._read(file, take)

    def reload(self, path: str) -> None:
        """See the base; what is shown as it is is read again, too."""
        if is_field(path):
            super().reload(path)
        else:
            self._read(Path(path), partial(self._take_again, path))

    def _open_named(self, field: str, truth: str, take: Callable[[Document], Any]) -> None:
        file = named(Path(field))
        if is_field(field) or str(file) in self.documents:
            super()._open_named(field, truth, take)
        else:
            self._read(file, take)

    def _read(self, file: Path, take: Callable[[Document], Any]) -> None:
        """Read what is no field in the background."""
        reading = partial(self.scene.read, file, self._services.device)
        self._services.meanwhile(f"reading {file.name}", reading, partial(self._take_read, take))

    def _take_read(self, take: Callable[[Document], Any], document: Document) -> None:
        notices = getattr(document.signal, "notices", ())
        if notices:
            self._services.notice("; ".join(notices))
        take(document)

    @property
    def named(self) -> Any:
        """What is shown, with the truth of the field; what is shown as it is brings its own."""
        named: Any = super().named
        return replace(named, truth="") if self.document is not None and shows_itself(self.document) else named

    @property
    def train_refusal(self) -> str:
        """Why no training could begin; empty where one could."""
        known = self.document is not None and self.document.signal is not None
        return "" if known else f"there is nothing to train on: {self.scene.invitation}"

    def train(self) -> None:
        """Train a new field on the signal of the one shown, after the plan."""
        document = self.document
        if document is None or document.signal is None:
            self._services.notice(self.train_refusal)
            return
        begin = partial(self._services.begin_training, document.signal, document.signal_source, self.take_document)
        self._services.attempt(begin)

    # The view

    def fit_view(self) -> None:
        """Show the whole picture."""
        self.change(center=(0.0, 0.0), zoom=1.0, other_center=(0.0, 0.0), other_zoom=1.0)

    def zoom(self, factor: float, position: Position) -> None:
        """Zoom, the point under ``position`` staying where it is."""
        output = self._output_at(position)
        view = self.view_of(output)
        if view is not None:
            self._see(output, zoomed_at(self.controls.seen_in(output), view, self._in_pane(position), factor))

    def pan(self, shift_px: Sequence[float], output: str = "") -> None:
        """Move the picture by so many pixels, in the view of the pane that shows an output."""
        view = self.view_of(output)
        if view is not None:
            self._see(output, panned(self.controls.seen_in(output), view, shift_px))

    def _see(self, output: str, seen: Any) -> None:
        """Let the view of the pane that shows an output be that of other controls."""
        self.path.pause()
        center, zoom = (seen.center, seen.zoom)
        if output == OTHER and self.controls.parted:
            self.controls = replace(self.controls, other_center=center, other_zoom=zoom)
        else:
            self.controls = replace(self.controls, center=center, zoom=zoom)

    def _output_at(self, position: Position) -> str:
        """What the pane there shows."""
        return next((pane.output for pane in reversed(self.panes) if pane.shows(position)), "")

    def set_entry(self, entry: Entry, value: Any) -> None:
        """See the base; where views part, both look as before."""
        if entry.name == "linked_views" and self.controls.linked_views:
            self.change(other_center=self.controls.center, other_zoom=self.controls.zoom)
        super().set_entry(entry, value)

    def _in_pane(self, position: Position) -> Position:
        boxes = (pane.box for pane in reversed(self.controls.panes(self._services.framebuffer_px)))
        left, top = next((box[:2] for box in boxes if position[0] >= box[0] and position[1] >= box[1]), (0, 0))
        return position[0] - left, position[1] - top

    def show_one_to_one(self) -> None:
        """Let a pixel of the picture be one of the view."""
        view = self.view
        if view is not None:
            self.change(zoom=self.controls.zoom / (view.magnification or self.controls.zoom))

    # What is under the cursor

    def inspect(self, inspecting: bool) -> None:
        """See the base."""
        super().inspect(inspecting)
        self._pinned = None

    @property
    def panes(self) -> tuple[Pane, ...]:
        """Where pictures lie in the view."""
        return self.controls.panes(self._services.framebuffer_px)

    def layer_shown(self, output: str) -> str:
        """The layer that a pane of that output is drawn from."""
        return str(self.controls.subject) if output in ERROR_KINDS else output

    @property
    def inspected(self) -> Inspected | None:
        """See the base."""
        spot, panes = self._pinned or self._spot_at(self._services.cursor), self.panes
        if not self.inspecting or self.evaluated is None or spot is None or spot.pane >= len(panes):
            return None
        pane, layers = panes[spot.pane], self.evaluated.stage.layers
        view = self.view_of(pane.output)
        if view is None:
            return None
        shown = self.layer_shown(pane.output)
        x, y = view.frame_from_domain(spot.point)
        rows = rows_at(spot.point, pane.output, shown, self.controls, view.facts, layers)
        return Inspected(rows, (x + pane.box[0], y + pane.box[1]), spot is self._pinned)

    def _spot_at(self, place: Position | None) -> Spot | None:
        """What is at a place of the view."""
        if place is None or self.document is None:
            return None
        for number, pane in reversed(list(enumerate(self.panes))):
            box, view = pane.box, self.view_of(pane.output)
            if view is not None and pane.shows(place) and not pane.below:
                point = view.domain_from_frame((place[0] - box[0], place[1] - box[1]))
                inside = all(abs(x) <= half for x, half in zip(point, view.half_extent, strict=True))
                return Spot(number, point) if inside else None
        return None

    @property
    def histograms(self) -> Histograms | None:
        """See the base."""
        if self.evaluated is None:
            return None
        stage, judged = self.evaluated.stage, self.layer_shown(str(self.controls.subject))
        if stage is not self._counted[0] or judged != self._counted[1]:
            self._counted = stage, judged, histograms_of(stage.layers, judged, self.controls.reference)
        return self._counted[2]

    # The mouse

    clickable = ("view",)

    def click(self, position: Position) -> None:
        """See the base: it pins what is told, or lets it follow the cursor again."""
        if self.inspecting:
            self._pinned = None if self._pinned is not None else self._spot_at(position)

    def press_button(self, position: Position, pixel_ratio: float = 1.0) -> None:
        """The mouse's button went down: on a divider it drags that, else it moves the picture."""
        self._pressed_at = position
        if self._take_scale(position):
            return
        self._hand = ("divider" if self._is_on_divider(position, pixel_ratio) else "view"), position
        self._held_output = self._output_at(position)

    def press_other(self, position: Position) -> None:
        """See the base: it moves the picture, whatever the left one does there."""
        self._pressed_at, self._hand = None, ("view", position)
        self._held_output = self._output_at(position)

    def move(self, position: Position) -> None:
        """The mouse moved."""
        what, last = self._hand
        if last is None:
            self.look_at(position)
            return
        self._hand = what, position
        if what == "divider":
            self._drag_divider(position)
        elif what == "scale":
            self._drag_scale(position)
        else:
            self.pan((position[0] - last[0], position[1] - last[1]), self._held_output)

    def scroll(self, notches: float, position: Position) -> None:
        """The wheel zooms at the cursor."""
        self.zoom(_ZOOM_A_NOTCH**notches, position)

    def look_at(self, position: Position) -> None:
        """The cursor is there."""

    # The passage of time

    @property
    def answer_is_near(self) -> bool:
        """Whether what was asked for a moment ago will be there in another: not worth drawing the old picture for."""
        return not self._answered and self._services.now - self._changed_at < ANSWER_WITHIN_S

    @property
    def _answered(self) -> bool:
        return self.evaluated is not None and self.evaluated.request.asked_at >= self._changed_at

    @property
    def rested_s(self) -> float:
        """For how many seconds what is shown has not changed, of which the whole is there; 0 while it is not."""
        is_whole = self._answered and self.evaluated is not None and self.evaluated.stage.final
        return self._services.now - self._changed_at if is_whole else 0.0

    def ask_again(self) -> None:
        """What is shown is evaluated again."""
        self._asked = None

    def take_evaluated(self, evaluated: Evaluated) -> None:
        """Take a stage of what was asked for."""
        self.evaluated, self.frame_facts = evaluated, _facts(evaluated)

    def advance(self, now: float) -> None:
        """One pass: play, ask for what is to be shown, and judge it when all is at rest."""
        super().advance(now)
        if "truth" in self.controls.needed and self._truth_refusal:
            self.controls = self._possible(self.controls)
        self._ask_for_shown()
        training, background = self._services.training, self._services.background
        if self.document and training.state != "running" and not background.pending and self.rested_s >= JUDGE_AFTER_S:
            self._judge_shown(self.document)

    def _judge_shown(self, document: Document) -> None:
        """See how far the whole of what is shown is from the truth."""
        self._judge.ask(document, self.controls)

    @property
    def agreement(self) -> Agreement | None:
        """Of the field shown with the truth at the filter shown, None while it is not known."""
        return self._judge.agreement(self.document, self.controls)

    def _ask_for_shown(self) -> None:
        document, services = self.document, self._services
        controls = self.controls
        divider = controls.divider if controls.layout == "wipe" else 0.5
        seen = replace(controls, **{**MERELY_DRAWN, "right": controls.right, "divider": divider})
        told = (document.training, document.truth) if document is not None else ()
        names = with_truth(controls, not self.output_refusal(controls.reference)) if self.inspecting else ()
        asked = (seen, services.framebuffer_px, document, self.other, names, controls.shows_flip, *told)
        if document is None or asked == self._asked or 0 in services.framebuffer_px:
            return
        self._asked, self._changed_at = asked, services.now
        size, at, take = services.framebuffer_px, self._changed_at, self.take_evaluated
        services.engine.show(PlaneRequest(self.controls, size, document, take, self.other, at, names))


def _facts(evaluated: Evaluated) -> str:
    """How fine the picture is, and what it took."""
    stage = evaluated.stage
    layer = next(iter(stage.layers.values()), None)
    size = "out of sight" if layer is None else " × ".join(map(str, layer.grid.resolution[:2]))  # noqa: RUF001
    fineness = "final" if stage.final else f"1/{stage.factor}"
    return f"{size}, {fineness} · {evaluated.milliseconds:.0f} ms"
