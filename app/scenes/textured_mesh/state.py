"""The state of the scene of a textured mesh."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldcore.fields import Pyramid, TrainedPyramid
from fieldcore.images import SUFFIXES
from fieldcore.models import NoTextureCoordinates
from fieldcore.signals import SignalFacts

from ...camera.camera import Camera
from ...camera.piloting import orbited
from ...compare import ERROR, OTHER
from ...document import Document
from ...entries import copied
from ...frame_size import Size
from ...path.keyframes import KeyframePath
from ...resources import asset_path
from ...services import Services, named, nothing
from ...work.engine import Copied
from .controls import BY_FIELD, SHADINGS, Shading, TexturedMeshControls
from .footprint_in_hand import FootprintInHand
from .open_model import ModelOptions, OpenModel, TexturedMeshSubject, read_model

if TYPE_CHECKING:
    from ...session import Session

SHIPPED_MODEL = "fish.glb"
USABLE_AFTER_S = 2.0
"""How long a field must have been trained before it is shown instead of mipmaps."""

_FRAME_S = 1 / 30
_TRAIL = 64
_SMALL_TURN_PX = 2.0


@dataclass(frozen=True)
class Figures:
    """What is known of a way of shading: of the frame that it was last measured on.

    Attributes:
        milliseconds: that a frame of ``size`` took.
        size: in pixels.
        psnr, flip: against the judge, None while they are not known.
        flicker: mean absolute difference to the frame before of the flight, along the surface.
    """

    milliseconds: float
    size: Size
    psnr: float | None = None
    flip: float | None = None
    flicker: float | None = None


class TexturedMeshState(FootprintInHand):
    """The textured meshes.

    Attributes:
        models: what is open, by path.
        figures: what is known of the ways of shading.
        copies: of fields in training, what to draw with.
        measure_asked: whether all ways of shading are to be measured on what is shown.
    """

    controls: TexturedMeshControls

    def __init__(self, services: Services) -> None:
        super().__init__(services, TexturedMeshControls())
        self.models: dict[str, OpenModel] = {}
        self.measure_asked = False
        self.figures: dict[Shading, Figures] = {}
        self.copies: dict[Document, Any] = {}
        self._trail: deque[tuple[float, Camera]] = deque(maxlen=_TRAIL)
        self._awaited: Document | None = None

    # What is shown

    @property
    def model(self) -> OpenModel | None:
        """What is flown through."""
        return self.models.get(self.controls.model)

    @property
    def document(self) -> Document | None:
        """The field that is its texture."""
        return self.model.fields.get(self.controls.field) if self.model else None

    @property
    def texture_facts(self) -> SignalFacts | None:
        """See the base."""
        return self.model.signal.facts if self.model else None

    @property
    def page_options(self) -> dict[str, Any]:
        """See the base: the model that the texture is on, unless it was opened in a way that a page does not know."""
        model = self.model
        return {"model": str(model.path)} if model is not None and model.options == ModelOptions() else {}

    @property
    def nothing_shown(self) -> str:
        """Why there is nothing to look at; empty where there is something."""
        return "" if self.model else "no model is open: drop one on the view"

    def home(self) -> Camera:
        """Who sees the whole model."""
        return self.models[self.controls.model].home(self._services.framebuffer_px)

    def subject(self, controls: TexturedMeshControls) -> TexturedMeshSubject:
        """The model, which must be open, and its field: of one in training the latest copy."""
        model = self.models[controls.model]
        document = model.fields.get(controls.field)
        return TexturedMeshSubject(model.model, self.copies.get(document, document.field) if document else None)

    def change(self, **values: Any) -> None:
        """Change some of the controls; a flight that is being played lets go."""
        super().change(**values)
        if "left" in values:
            self._awaited = None

    def output_refusal(self, output: str) -> str:
        """See the base."""
        if self.nothing_shown:
            return self.nothing_shown
        if output == OTHER:
            return self.other_refusal
        if output in BY_FIELD and self.document is None:
            return "the model has no neural texture yet: train one with T"
        field = self.document.field if self.document else None
        if output == "shader" and not isinstance(field, Pyramid | TrainedPyramid):
            return "the fragment shader knows pyramids only: choose neural"
        return ""

    @property
    def shading(self) -> Any:
        """How the texture is looked up; of an error map shown left, what it judges."""
        return self.controls.right if self.controls.left == ERROR else self.controls.left

    def shade(self, shading: Shading) -> None:
        """Look the texture up so."""
        controls = self.controls
        self.arrange(replace(controls, right=shading) if controls.left == ERROR else replace(controls, left=shading))

    def next_shading(self, step: int = 1) -> None:
        """The next way of looking the texture up that is possible now."""
        self.shade(self._after(self.shading, step))

    def next_right(self, step: int = 1) -> None:
        """The same on the right of a wipe or a two-up."""
        self.arrange(replace(self.controls, right=self._after(self.controls.right, step)))

    def _after(self, shading: Any, step: int) -> Shading:
        """The next one that is possible, of those that show a texture."""
        possible = [name for name in SHADINGS if name != "uv" and (name == shading or not self.output_refusal(name))]
        at = possible.index(shading) if shading in possible else -1
        return possible[(at + step) % len(possible)]

    def toggle_uv(self) -> None:
        """Show the pass that all shading starts from, or the texture again."""
        self.shade(self._best() if self.shading == "uv" else "uv")

    def _best(self) -> Shading:
        """What shows the texture best: the field where there is one, on the processor by torch, which is faster."""
        ways: tuple[Shading, ...] = ("neural", "shader") if self._services.draws_in_software else ("shader", "neural")
        return next((way for way in ways if not self.output_refusal(way)), "mipmap")

    # Opening

    def open_shipped(self) -> None:
        """Open the model that comes with the program."""
        self.open_model(asset_path(SHIPPED_MODEL))

    @property
    def opened(self) -> dict[str, OpenModel]:
        """The models that are open, by file."""
        return self.models

    def open_beside(self, file: Path) -> None:
        """Open a model; the next one is shown."""
        self.open_model(file)

    def open_source(self, source: str, beside: Sequence[str] = ()) -> None:
        """Open a model, with a picture that is given beside it for its texture."""
        self.open_model(Path(source), ModelOptions(texture=Path(beside[0]).absolute()) if beside else None)

    def claims(self, source: str) -> bool:
        """A picture came while a model is shown: it may be meant as the texture."""
        model = self.model
        if model is None or Path(source).suffix.lower() not in SUFFIXES:
            return False
        self._services.ask(
            f"Use {Path(source).name} as the texture of {model.name}?",
            ("Enter", "use it", partial(self.retexture, Path(source))),
            ("T", "train a picture on it", partial(self._services.open_in, "picture", source)),
            ("Escape", "leave it", nothing),
        )
        return True

    def open_model(self, path: Path, options: ModelOptions | None = None, then: Callable[[], None] = nothing) -> None:
        """Read a model in the background, show it, and do something then; its texture starts to be trained."""
        path = path.parent.resolve() / path.name
        opened = self.models.get(str(path))
        if opened is not None and options in (None, opened.options):
            self._show(opened, then)
            return
        options = options or ModelOptions()
        reading = partial(read_model, path, options, self._services.device)
        refused = partial(self._refused, path, options, then)
        self._services.meanwhile(f"reading {path.name}", reading, partial(self._take_model, then), refused)

    def retexture(self, picture: Path) -> None:
        """Lay another picture on the model shown."""
        model = self.model
        if model is not None:
            self.open_model(model.path, replace(model.options, texture=picture.absolute()))

    def _refused(self, path: Path, options: ModelOptions, then: Callable[[], None], error: Exception) -> None:
        if not isinstance(error, NoTextureCoordinates):
            self._services.fail(error)
            return
        atlas = partial(self.open_model, path, replace(options, atlas=True), then)
        self._services.ask(
            f"{path.name} has no texture coordinates",
            ("Enter", "make an atlas and fly", atlas),
            ("T", "train a shape", partial(self._services.open_in, "shape", str(path))),
            ("Escape", "leave it", nothing),
        )

    def _take_model(self, then: Callable[[], None], model: OpenModel) -> None:
        name = str(model.path)
        if self.model is not None:  # the filter was chosen for that
            self.change(variance=0.0)
        self.models[name] = model
        self._services.note_recent(model.path)
        self._show(model, then)
        if model.model.notices:
            self._services.notice("; ".join(model.model.notices))
        self._services.report("opened", model=name, triangles=len(model.model.triangles), notices=model.model.notices)

    def _show(self, model: OpenModel, then: Callable[[], None]) -> None:
        self.figures = {}
        field = next(reversed(model.fields), "")
        self.change(model=str(model.path), field=field, camera=model.home(self._services.framebuffer_px))
        self.controls = self._possible(replace(self.controls, left=self._best()))
        then()
        # What else was asked for may bring the field that this model wants.
        self._services.background.submit(lambda: None, lambda _: self._train_if_bare(model), self._services.fail)

    @property
    def opened_shown(self) -> str:
        """The model shown, by its file."""
        return self.controls.model

    def show_opened(self, path: str) -> None:
        """Fly through another of the open models."""
        self.open_model(Path(path))

    def show_beside(self, path: str) -> None:
        """See the base; its texture is the field that it got last."""
        model = self.models.get(path)
        if model is not None:
            self.change(other_field=next(reversed(model.fields), ""))
        super().show_beside(path)

    def reload(self, path: str) -> None:
        """See the base: the model is read again; its fields were of the texture of before."""
        model = self.models.get(path)
        if model is not None and path == self.controls.model:
            camera = self.controls.camera
            reading = partial(read_model, Path(path), model.options, self._services.device)
            take = partial(self._take_model, lambda: self.change(camera=camera))
            self._services.meanwhile(f"reading {Path(path).name} again", reading, take)

    def close_opened(self, path: str) -> None:
        """Forget an open model, unless its texture is being trained or it is being recorded."""
        model = self.models.get(path)
        if model is None:
            return
        doing = self._services.use_of(model.fields.values(), path)
        if doing:
            self._services.notice(f"this model is being {doing}: stop that first")
            return
        del self.models[path]
        if path == self.controls.model:
            self.controls = TexturedMeshControls()
            if self.models:
                self._show(next(iter(self.models.values())), nothing)

    def show_field(self, path: str) -> None:
        """Let another of the open fields be the texture."""
        self.change(field=path)
        self.figures = {}
        self.controls = self._possible(self.controls)
        if self.shading not in BY_FIELD:
            self.shade(self._best())

    def take_document(self, document: Document, show: bool = True) -> bool:
        """A field of a texture was opened: let it be that of the model shown; False where there is no model."""
        model = self.model
        if model is None:
            return False
        facts, own = document.field.facts, model.signal.facts
        if facts.digest == own.digest:
            document.attach(model.signal, str(model.path))
        else:
            self._services.notice(f"{document.path.name} was trained on {facts.name}, another texture than {own.name}")
        model.fields[str(document.path)] = document
        self._services.note_recent(document.path)
        self.show_field(str(document.path))
        return True

    # Training

    def _train_if_bare(self, model: OpenModel) -> None:
        """Begin to train the texture of a model that has no field, unless something is being trained."""
        if model.fields or model is not self.model:
            return
        if not self._services.can_train:
            self._services.wait_in_line(model.name, partial(self._train_if_bare, model))
            return
        self._services.attempt(partial(self._start_training, model, False))

    @property
    def train_refusal(self) -> str:
        """Why no training of the texture could begin; empty where one could."""
        return self.nothing_shown

    def train(self) -> None:
        """Train a new field on the texture of the model shown, after the plan."""
        model = self.model
        if model is None:
            self._services.notice(self.nothing_shown)
            return
        self._services.attempt(partial(self._start_training, model))

    def _start_training(self, model: OpenModel, asked: bool = True) -> None:
        self._services.begin_training(model.signal, str(model.path), partial(self._take_training, model), asked)

    def _take_training(self, model: OpenModel, document: Document) -> None:
        """The field of a model's texture begins to be trained, or is solved for."""
        name = str(document.path)
        model.fields[name] = document
        self.figures = {}
        self.change(field=name)
        self.controls = self.controls.without(lambda output: "it is not there yet" if output in BY_FIELD else "")
        self._awaited = document

    def _take_copy(self, copied: Copied) -> None:
        self.copies = {copied.document: copied.field}

    def _await_field(self) -> None:
        """Show the field in training as soon as it is worth looking at, unless another way of shading was chosen."""
        document, trainer = self._awaited, self._services.training
        if document is None or trainer.document is not document:
            return
        elapsed = trainer.progress.elapsed if trainer.progress else 0.0
        is_usable = elapsed >= USABLE_AFTER_S or trainer.solved or trainer.state == "idle"
        if is_usable and document is self.document:
            self._awaited = None
            if self.controls.left == "mipmap":
                self.controls = replace(self.controls, left=self._best())

    # Recording and paths

    @property
    def named(self) -> TexturedMeshControls:
        """What is shown, with how its model was opened."""
        options = self.model.options if self.model else ModelOptions()
        return replace(self.controls, texture=str(options.texture or ""), wrap=options.wrap, atlas=options.atlas)

    def source(self) -> dict[str, Any]:
        """What the report of a recording says of what is shown."""
        model, document = self.model, self.document
        assert model is not None
        if document is not None:
            self._services.warn_of_missing(document)
        field = {"file": str(document.path.absolute()), "kind": document.field.kind} if document else None
        return {"model": {"file": str(model.path), "triangles": len(model.model.triangles)}, "field": field}

    def take_path(self, path: KeyframePath[TexturedMeshControls], file: Path) -> None:
        """Take the keyframes of a flight, open its model and its field, and show how it begins."""
        self.path.take(path, file)
        still = path.still
        options = ModelOptions(Path(still.texture) if still.texture else None, still.wrap, still.atlas)
        if still.other and still.other not in self.models:
            reading = partial(read_model, Path(still.other), ModelOptions(), self._services.device)
            self._services.meanwhile(f"reading {Path(still.other).name}", reading, self._take_beside)
        self.open_model(Path(still.model), options, partial(self._begin_path, path))

    def _take_beside(self, model: OpenModel) -> None:
        self.models[str(model.path)] = model

    def _begin_path(self, path: KeyframePath[TexturedMeshControls]) -> None:
        """Show how a flight begins, its model being open."""
        begun = path.at(path.start)
        self.change(other=begun.other)
        self.controls = self._possible(copied(begun, self.controls, ("file",)))
        if path.still.field:
            self._services.open_field(named(Path(path.still.field)), partial(self._take_path_field, begun))

    def _take_path_field(self, begun: TexturedMeshControls, document: Document) -> None:
        self.take_document(document)
        self.controls = self._possible(copied(begun, self.controls, ("file", "constant")))

    # The passage of time

    @property
    def camera_before(self) -> Camera:
        """Who looked a thirtieth of a second before the latest move; of none, a small turn around the model."""
        camera = self.controls.camera
        if len(self._trail) > 1:
            *earlier, (moved_at, _) = self._trail
            at, seen = min(earlier, key=lambda entry: abs(moved_at - entry[0] - _FRAME_S))
            if moved_at - at < 3 * _FRAME_S:
                return seen
        return orbited(camera, self.pivot, (_SMALL_TURN_PX, 0.0))

    def advance(self, now: float) -> None:
        """One pass: fly, play, and see what the training has come to."""
        super().advance(now)
        if not self._trail or self._trail[-1][1] != self.controls.camera:
            self._trail.append((now, self.controls.camera))
        self._await_field()
        document = self.document
        is_trained = document is not None and document is self._services.training.document
        is_trained = is_trained and self._services.training.state != "idle"
        self._services.engine.copied = (document, self._take_copy) if document is not None and is_trained else None
        if self._services.training.state == "idle":
            self.copies = {}


STATE = TexturedMeshState


def textured_meshes(session: Session) -> TexturedMeshState:
    """The state of the textured meshes of a session."""
    state = session.state_of("textured_mesh")
    assert isinstance(state, TexturedMeshState)
    return state
