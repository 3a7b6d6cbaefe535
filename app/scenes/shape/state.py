"""The state of the shape scene."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldcore.meshing import check_mesh_format
from fieldcore.models import MODEL_SUFFIXES
from fieldcore.signals import Shape
from fieldcore.sphere_tracing import HALF_EXTENT
from fieldcore.views.views import Views

from ...camera.camera import Camera
from ...camera.photographs import PhotographState
from ...document import Document
from ...entries import Entry
from ...principal_axes import LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE
from ...resources import asset_path
from ...services import Services, named
from ...work.trainer import PlannedTraining
from .agreement import ShapeAgreement
from .baker import Baker
from .baking import ShapeSubject
from .controls import ShapeControls
from .ellipsoid_in_hand import EllipsoidInHand
from .mesh_export import written_surface
from .principal_axes import PrincipalAxes3
from .wanted_shape import NotWantedError, WantedShape

if TYPE_CHECKING:
    from ...session import Session

SURFACE = "surface"
"""The kind of field that is trained on photographs with masks."""

SHIPPED_SHAPE, SHIPPED_MESH = "shape.safetensors", "ammonite.ply"
"""A field, and the mesh that it was made from."""


class ShapeState(EllipsoidInHand, PhotographState):
    """The shapes.

    Attributes:
        baker: who makes what is drawn.
        tracing: how far the field itself is traced, in words; empty where it is not.
    """

    controls: ShapeControls
    truth_words = "the mesh"
    known_words = "; F shows their cameras, and . looks through one"

    def __init__(self, services: Services) -> None:
        super().__init__(services, ShapeControls())
        self.orbiting = True
        self.baker = Baker(services)
        self._axes = PrincipalAxes3()
        self.tracing = ""

    # What is shown

    @property
    def nothing_shown(self) -> str:
        """Why there is nothing to look at; empty where there is something."""
        return "" if self.document else "no shape is open: drop a mesh or a field on the view"

    def home(self) -> Camera:
        """Who sees the whole shape from the right, a little above, also in a frame that is higher than wide."""
        camera = ShapeControls().camera
        width, height = self.controls.pane_size(self._services.framebuffer_px)
        x, y, z = (coordinate * max(1.0, height / max(width, 1)) for coordinate in camera.position)
        return replace(camera, position=(x, y, z))

    def subject(self, controls: ShapeControls) -> ShapeSubject:
        """The field, which must be open, and what bakes its truth."""
        document = self.documents[controls.field]
        true_bake = partial(self.baker.baking_truth, document) if document.truth is not None else None
        colours = partial(self.baker.colours.latest, document.field)
        return ShapeSubject(document.field, document.version, true_bake, colours)

    pixel_name = "cell"

    @property
    def pixel_size(self) -> float:
        """See the base: of a cell of the bake."""
        return 2 * HALF_EXTENT / self.controls.cells

    @property
    def axes(self) -> PrincipalAxes3:
        """The filter's sizes and directions; those that were set are remembered where the filter does not show them."""
        self._axes = PrincipalAxes3.of(self.controls.covariance, self._axes)
        return self._axes

    def set_axes(self, **values: Any) -> None:
        """Change the filter's log10 variances, yaw, pitch or roll."""
        axes = replace(self.axes, **values)
        self.change(covariance=axes.covariance)
        self._axes = axes

    @property
    def log10_variance(self) -> float:
        """The mean of the three; the least stands for none."""
        return sum(self.axes.log10_variances) / 3

    def set_log10_variance(self, value: float) -> None:
        """Smooth more, or less, along all three axes alike."""
        more = value - self.log10_variance
        x, y, z = (
            min(max(size + more, LEAST_LOG10_VARIANCE), MOST_LOG10_VARIANCE) for size in self.axes.log10_variances
        )
        self.set_axes(log10_variances=(x, y, z))

    def change(self, **values: Any) -> None:
        """See the base; colours of its own are for fields that have some."""
        super().change(**values)
        if "colouring" in values:
            self._refuse_colours()

    def set_entry(self, entry: Entry, value: Any) -> None:
        """See the base; colours of its own are for fields that have some."""
        super().set_entry(entry, value)
        if entry.name == "colouring":
            self._refuse_colours()

    def _refuse_colours(self) -> None:
        possible = self._possible(self.controls)
        if possible.colouring != self.controls.colouring:
            self.controls = possible
            self._services.notice("this shape has no colours of its own: those made from photographs have some")

    def _possible(self, controls: Any) -> Any:
        """See the base; a field's own colours are shown where it has some."""
        document = self.documents.get(controls.field)
        coloured = document is not None and document.field.has_colours
        if controls.colouring == "colours" and not coloured:
            controls = replace(controls, colouring="material")
        return super()._possible(controls)

    def arrange(self, shown: Any) -> None:
        """See the base."""
        was_home = bool(self.documents) and self.controls.camera == self.home()
        super().arrange(shown)
        if was_home:  # which is farther away where the panes are narrow
            self.go_home()

    def output_refusal(self, output: str) -> str:
        """See the base; the truth of what was made from photographs lies beside them."""
        refusal, document = super().output_refusal(output), self.document
        if not refusal or document is None or not document.field.facts.views:
            return refusal
        name = document.field.facts.name
        if document.signal is None:
            return f"the truth is not known: drop the folder of its photographs, '{name}', on the view"
        return f"the truth is not known: the folder of its photographs, '{name}', has no truth.ply"

    # Opening

    def open_shipped(self) -> None:
        """Open the shape that comes with the program."""
        self._services.open_field(asset_path(SHIPPED_SHAPE), self.take_document, str(asset_path(SHIPPED_MESH)))

    def take_document(self, document: Document, show: bool = True) -> bool:
        """A field of a shape was opened, or begins to be trained."""
        is_first = self.document is None
        super().take_document(document, show)
        if is_first:
            self.go_home()
        if self.document is document and document.field.has_colours and self.controls.colouring == "material":
            self.change(colouring="colours")
        return True

    def open_source(self, source: str, beside: Sequence[str] = ()) -> None:
        """Read a mesh in the background: it is the truth of the fields that were trained on it, else it is trained.

        Likewise photographs with masks, which a surface is trained on.
        """
        path = named(Path(source))
        if path.suffix.lower() in MODEL_SUFFIXES:
            self._meanwhile(f"reading {path.name}", partial(Shape.open, path), partial(self._take_shape, path))
        else:
            self._open_views(path)

    def _learn(self, views: Views, source: str) -> None:
        self._prepare(views, source, kind=SURFACE)

    def _take_shape(self, path: Path, shape: Shape) -> None:
        self._services.note_recent(path)
        if shape.notices:
            self._services.notice("; ".join(shape.notices))
        # What else was asked for may bring the field that was trained on it.
        self._services.background.submit(lambda: None, lambda _: self._use_shape(path, shape), self._services.fail)

    def _use_shape(self, path: Path, shape: Shape) -> None:
        told = [document for document in self.untold if document.field.facts.digest == shape.facts.digest]
        self.attach(dict.fromkeys(told, shape.to(self._services.device)), str(path))
        known = [document for document in self.documents.values() if document.field.facts.digest == shape.facts.digest]
        if known:
            self._services.notice("; ".join([f"{path.name} is the truth of {known[0].name}: press G", *shape.notices]))
        elif self._services.can_train:
            self._prepare(shape, str(path), asked=False)
        else:
            self._services.wait_in_line(path.name, partial(self._use_shape, path, shape))

    def _show_nothing(self) -> None:
        self.change(field="", layout="one", left="field")
        self.baker.forget()
        self.frame_facts = ""

    # Training

    @property
    def kind_to_train(self) -> str:
        """See the base; of photographs surfaces are made."""
        return SURFACE if self.document is not None and self.document.field.facts.views else ""

    @property
    def train_refusal(self) -> str:
        """Why no training could begin; empty where one could."""
        if self.document is not None and self.document.signal is not None:
            return ""
        return "there is no mesh to train on: open one, or photographs with masks, or drop them on the view"

    def train(self) -> None:
        """Train a new field on the mesh of the one shown, after the plan."""
        document = self.document
        if self.train_refusal or document is None:
            self._services.notice(self.train_refusal)
        elif isinstance(document.signal, Shape):
            self._prepare(document.signal, document.signal_source)
        elif isinstance(document.signal, Views):
            self._prepare(document.signal, document.signal_source, kind=SURFACE)

    def _make_suited(self, document: Document, kind: str, changes: dict[str, Any]) -> None:
        """See the base."""
        if isinstance(document.signal, Shape):
            source = document.signal_source
            self._prepare(document.signal, source, asked=False, kind=kind, then=lambda: self.change(**changes))

    def _prepare(
        self,
        shape: Shape | Views,
        source: str,
        asked: bool = True,
        kind: str = "",
        then: Callable[[], Any] = lambda: None,
    ) -> None:
        """Begin a training in the background, where its first step takes long, and go on in view."""
        name = f"preparing {shape.facts.name}"
        if self._services.is_doing(name):
            self._services.notice(f"already {name}")
            return
        trainer, services = self._services.training, self._services
        if not services.attempt(services.make_room):
            return
        wanted = shape
        if isinstance(shape, Shape):
            wanted = WantedShape(shape, lambda: not services.background.closed).to(services.device)
        first_step = _wanted(lambda: trainer.planned(wanted, source, asked, kind).take_first_step())
        services.prepare(name, first_step, _if_wanted(partial(self._go_on, then)))

    def _go_on(self, then: Callable[[], Any], planned: PlannedTraining) -> None:
        if self._services.attempt(lambda: self._take_begun(self._services.training.begin(planned))):
            then()

    def _take_begun(self, document: Document) -> None:
        """Show a new field; of another mesh unfiltered, as the filter was chosen for the one shown so far."""
        shown = self.document
        if shown is not None and shown.field.facts.digest != document.field.facts.digest:
            self.change(covariance=ShapeControls().covariance, half_size=ShapeControls().half_size)
        self.take_document(document)

    # Meshes out

    def export_mesh(self, file: Path) -> None:
        """Write the surface shown, smoothed as it is now, in the units of its source, in the background."""
        document, controls = self.document, self.controls
        if document is None or (
            document is self._services.training.document and self._services.training.state == "running"
        ):
            self._services.notice(self.nothing_shown or "this field is being trained: pause or stop that first")
            return

        def told(triangles: int) -> None:
            self._services.notice(f"{triangles:,} triangles written as {file}")
            self._services.report("exported", path=str(file), triangles=triangles)

        if self._services.attempt(partial(check_mesh_format, file)):
            self._meanwhile(f"writing {file.name}", partial(written_surface, document.field, controls, file), told)

    # The passage of time

    def ask_again(self) -> None:
        """What is shown is baked again."""
        self.baker.ask_again()

    def advance(self, now: float) -> None:
        """One pass: fly, play, and ask for what is to be shown."""
        super().advance(now)
        if self.document is not None:
            self.baker.show(self.document, self.controls)

    @property
    def agreement(self) -> ShapeAgreement | None:
        """Of what is shown with the truth, None while it is not known."""
        return self.baker.agreement(self.controls.level)

    # What takes a while

    def _meanwhile(self, words: str, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Do something in the background, saying so until it is done, unless nobody wants it any more."""
        self._services.meanwhile(words, _wanted(work), _if_wanted(done))

    @property
    def working(self) -> str:
        """What is being done that takes longer than a moment, in words; empty where nothing is."""
        return "; ".join([*self._services.working, *self.baker.working, *filter(None, [self.tracing])])


STATE = ShapeState


def shapes(session: Session) -> ShapeState:
    """The state of the shapes of a session."""
    state = session.state_of("shape")
    assert isinstance(state, ShapeState)
    return state


def _wanted(work: Callable[[], Any]) -> Callable[[], Any]:
    """The work, whose result says so if nobody wants it any more."""

    def do() -> Any:
        try:
            return work()
        except NotWantedError as left:
            return left

    return do


def _if_wanted(done: Callable[[Any], None]) -> Callable[[Any], None]:
    """What takes such a result only if somebody wants it."""
    return lambda result: None if isinstance(result, NotWantedError) else done(result)
