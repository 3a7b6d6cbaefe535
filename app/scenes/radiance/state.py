"""The state of the radiance scene."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldcore.errors import InputError
from fieldcore.fields.seen_field import SeenField
from fieldcore.views.views import Views

from ...camera.camera import Camera
from ...camera.camera_state import CameraState
from ...camera.frustum import frustum_at
from ...camera.photographs import PhotographState
from ...compare import OTHER
from ...document import Document
from ...entries import Controls
from ...scene_state import Position
from ...services import Services, named
from ...work.engine import Evaluated
from ...work.trainer import PlannedTraining
from .controls import NO_VIEW, WITH_FRUSTA, RadianceControls
from .flight import Flight
from .lending_state import LendingState
from .pictures import RadianceSubject, flying_camera, lacking
from .request import RadianceRequest

if TYPE_CHECKING:
    from ...session import Session

KIND = "radiance"

_DOUBLE_CLICK_S = 0.4


class RadianceState(CameraState, LendingState, PhotographState):
    """The radiance fields.

    Attributes:
        seen: the latest pictures that have arrived.
    """

    controls: RadianceControls
    truth_words = "the folder of the photographs"
    known_words = "; press , or . to look through one"

    def __init__(self, services: Services) -> None:
        super().__init__(services, RadianceControls())
        self.orbiting = True
        self.seen: Evaluated | None = None
        self._views: dict[str, tuple[Views, str]] = {}
        self._asked: tuple[Any, ...] | None = None
        self._pressed: tuple[float, Position] | None = None
        self._flight: Flight | None = None

    # What is shown

    @property
    def nothing_shown(self) -> str:
        """Why there is nothing to look at; empty where there is something."""
        return "" if self.document else "no scene is open: drop a folder of photographs or a field on the view"

    @property
    def views(self) -> Views | None:
        """The photographs of the field shown, where they are at hand."""
        document = self.document
        return None if document is None else self._views.get(document.field.facts.digest, (None, ""))[0]

    @property
    def flies(self) -> bool:
        """See the base; a photograph's camera may be looked through instead."""
        return bool(self.controls.view == NO_VIEW)

    def home(self) -> Camera:
        """Who looks at the middle from where the first photograph was taken."""
        document = self.document
        if document is None or not isinstance(document.field, SeenField) or not document.field.cameras.known:
            return RadianceControls().camera
        x, y, z = document.field.cameras.camera(0).centre.tolist()
        return Camera.looking_at((0.0, 0.0, 0.0), (x, y, z), 50.0)

    def subject(self, controls: RadianceControls) -> RadianceSubject:
        """The field, which must be open, and its photographs."""
        document = self.documents[controls.field]
        assert isinstance(document.field, SeenField)
        views = self._views.get(document.field.facts.digest, (None, ""))[0]
        return RadianceSubject(document.field, views, document.version, self.borrowed(document))

    def output_refusal(self, output: str) -> str:
        """See the base: a photograph is shown where it is looked through its camera."""
        return self._output_refusal(output, self.controls.view)

    def _possible(self, controls: RadianceControls) -> Any:
        """See the base; photographs are those of the view that is to be looked through."""
        return controls.without(lambda output: self._output_refusal(output, controls.view))

    def _output_refusal(self, output: str, view: int) -> str:
        if self.document is None:
            return self.nothing_shown
        if output == OTHER:
            return self.other_refusal
        assert isinstance(self.document.field, SeenField)
        refusal = lacking(self.document.field, output)
        if refusal or output not in ("photo", "outline", "agreement", "borrowed"):
            return refusal
        if output == "borrowed":
            return self.borrowing_refusal
        if self.views is None:
            return f"the photographs are not known: drop their folder, '{self.document.field.facts.name}', on the view"
        if output == "outline" and not self.views.has_masks:
            return "these photographs have no masks"
        if output == "agreement" or view != NO_VIEW:
            return ""
        return "look through a photograph's camera first: press , or ."

    def change(self, **values: Any) -> None:
        """See the base; who moves the camera no longer looks through a photograph's."""
        if "camera" in values and "view" not in values and self.controls.view != NO_VIEW:
            values["view"] = NO_VIEW
        super().change(**values)
        self.controls = self._possible(self.controls)

    def set_entry(self, entry: Any, value: Any) -> None:
        """See the base; a view is one that there is."""
        super().set_entry(entry, value)
        document = self.document
        if document is not None and self.controls.view >= len(document.field.facts.views):
            super().change(view=NO_VIEW)
        self.controls = self._possible(self.controls)

    def next_view(self, step: int) -> None:
        """Look through the camera of the next photograph, or of the one before."""
        document = self.document
        count = 0 if document is None else len(document.field.facts.views)
        if not count:
            self._services.notice(self.nothing_shown)
            return
        first = 0 if step > 0 else count - 1
        number = first if self.controls.view == NO_VIEW else (self.controls.view + step) % count
        self._look_through(number)

    def _look_through(self, number: int) -> None:
        self.change(view=number)
        facts = self.document.field.facts if self.document else None
        name = facts.views[number] if facts else ""
        kept = " (held out)" if facts and name in facts.held_out_views else ""
        self._services.notice(f"through the camera of {name}{kept}")

    # The hand

    @property
    def under_way(self) -> bool:
        """See the base."""
        return self._flight is not None or super().under_way

    def press_button(self, position: Position, pixel_ratio: float = 1.0) -> None:
        """See the base; a second click looks through the camera that is drawn there."""
        self._flight = None
        now, before = self._services.clock(), self._pressed
        self._pressed = now, position
        is_second = before is not None and now - before[0] < _DOUBLE_CLICK_S and math.dist(before[1], position) < 6
        if not (is_second and self.look_through_at(position)):
            super().press_button(position, pixel_ratio)

    def look_through_at(self, position: Position) -> bool:
        """Fly into the photograph's camera that is drawn at a place of the frame, and look through it.

        Returns:
            whether there is one.
        """
        number = self._camera_at(position)
        if number is None:
            return False
        self.let_go()
        camera = self.subject(self.controls).field.cameras.camera(number)
        self._flight = Flight.to_view(number, self.controls.camera, camera, self._services.clock())
        return True

    def _fly(self, now: float) -> None:
        """Go on into a photograph's camera; once there, show what it sees beside its photograph."""
        if self._flight is None:
            return
        camera, number = self._flight.glide.camera_at(now), self._flight.view
        if camera is not None:
            self.change(camera=camera)
            return
        self._flight = None
        self._look_through(number)
        if self.views is not None:
            self.arrange(replace(self.controls, layout="wipe", left="colour", right="photo"))

    def _camera_at(self, position: Position) -> int | None:
        document, controls = self.document, self.controls
        if document is None or not controls.frusta or controls.view != NO_VIEW:
            return None
        cameras = self.subject(controls).field.cameras
        for pane in controls.panes(self._services.framebuffer_px) if cameras.known else ():
            column, row = position[0] - pane.box[0], position[1] - pane.box[1]
            if pane.output in WITH_FRUSTA and 0 <= column < pane.size[0] and 0 <= row < pane.size[1]:
                eye = flying_camera(controls.eye, pane.size)
                all_of_them = [cameras.camera(number) for number in range(len(cameras.names))]
                return frustum_at(eye, all_of_them, (column, row))
        return None

    # Opening

    def open_shipped(self) -> None:
        """Nothing comes with the program; but what cameras see of another scene is looked at here, too."""
        document = self._services.seen_document
        if document is not None and isinstance(document.field, SeenField):
            self.take_document(document)

    def take_document(self, document: Document, show: bool = True) -> bool:
        """A radiance field was opened, or begins to be trained."""
        if not isinstance(document.field, SeenField):
            self._services.fail(
                InputError(f"'{document.path.name}' is a {document.field.kind} field, which this scene does not show")
            )
            return True
        is_first = self.document is None
        if isinstance(document.signal, Views):
            self._views[document.field.facts.digest] = document.signal, document.signal_source
        super().take_document(document, show)
        if is_first:
            self.go_home()
        return True

    def open_source(self, source: str, beside: Sequence[str] = ()) -> None:
        """Photographs are learned, or those of a field that is open."""
        self._open_views(named(Path(source)))

    def _learn(self, views: Views, source: str) -> None:
        self._prepare(views, source)

    def _keep(self, views: Views, source: str) -> None:
        self._views[views.facts.digest] = views, source

    def _show_nothing(self) -> None:
        self.change(field="", appearance="", layout="one", left="colour", view=NO_VIEW)
        self.seen = self._asked = None
        self.frame_facts = ""

    # Training

    @property
    def kind_to_train(self) -> str:
        """See the base."""
        return KIND if self.document is not None else ""

    @property
    def train_refusal(self) -> str:
        """Why no training could begin; empty where one could."""
        return "" if self.views is not None else "there are no photographs to train on: drop their folder on the view"

    def train(self) -> None:
        """Train a new field on the photographs of the one shown, after the plan."""
        document, views = self.document, self.views
        if document is None or views is None:
            self._services.notice(self.train_refusal)
            return
        self._prepare(views, self._views[document.field.facts.digest][1])

    def _prepare(self, views: Views, source: str) -> None:
        """Begin a training in the background, where its first step takes long, and go on in view."""
        name, services, trainer = f"preparing {views.facts.name}", self._services, self._services.training
        if services.is_doing(name):
            services.notice(f"already {name}")
            return
        if not services.attempt(services.make_room):
            return

        def first_step() -> PlannedTraining:
            return trainer.planned(views, source, kind=KIND).take_first_step()

        services.prepare(name, first_step, self._go_on)

    def _go_on(self, planned: PlannedTraining) -> None:
        self._services.attempt(lambda: self.take_document(self._services.training.begin(planned)))

    # Recording and paths

    @property
    def named(self) -> Controls:
        """See the base; the photographs' folder as the truth."""
        document = self.document
        source = "" if document is None else self._views.get(document.field.facts.digest, (None, ""))[1]
        return replace(self.controls, truth=source)

    # The passage of time

    def ask_again(self) -> None:
        """What is shown is rendered again."""
        self._asked = None

    def _take_pictures(self, seen: Evaluated) -> None:
        self.seen = seen

    def advance(self, now: float) -> None:
        """One pass: fly, play, and ask for what is to be shown."""
        super().advance(now)
        self._fly(now)
        document = self.document
        if document is None or 0 in self._services.framebuffer_px:
            return
        size, own = self.controls.pane_size(self._services.framebuffer_px), self.controls.own
        subject = self.subject(own)
        asked = document, document.training, subject.views, _rendered(own), size
        if asked != self._asked:
            self._asked = asked
            now, take = self._services.clock(), self._take_pictures
            self._services.engine.show(RadianceRequest(document, subject, own, size, now, take))


def _rendered(controls: RadianceControls) -> tuple[Any, ...]:
    """What pictures depend on."""
    shown = controls.eye if controls.view == NO_VIEW else controls.view
    cut = (controls.slice_axis, controls.slice_position) if "density" in controls.needed else ()
    lent = controls.appearance if "borrowed" in controls.needed else ""
    return controls.needed, shown, controls.variance, cut, lent


STATE = RadianceState


def radiance_fields(session: Session) -> RadianceState:
    """The state of the radiance fields of a session."""
    state = session.state_of("radiance")
    assert isinstance(state, RadianceState)
    return state
