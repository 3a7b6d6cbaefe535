"""The session: what the instrument shows and does at a moment, and everything that can be done with it.

Keys, the panel and the command line all act by calling it; the window draws what it says. It knows neither OpenGL
nor a windowing library, so it can be tried out without either.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from fieldcore.errors import InputError
from fieldcore.images import SUFFIXES as PICTURE_SUFFIXES
from fieldcore.models import MODEL_SUFFIXES
from fieldcore.signals import Picture, Signal
from fieldcore.spectrum import Spectrum

from .camera.station import Station
from .document import Document, any_is_shape, open_picture, trained_on
from .durations import in_words
from .entries import Controls as SceneControls
from .entries import Entry, copied, files_of, with_values
from .host import Host, Question, named, nothing, say_nothing
from .last_session import LeftScene, LeftSession
from .layout_file import Layout
from .opened_scenes import FIELD_SUFFIX, PATH_SUFFIX
from .path.editor import PathEditor
from .path.keyframes import KeyframePath, keyframe_of, still_of, with_keyed
from .path.path_file import read_path
from .path.timeline import Keyframe
from .plane.controls import Comparison
from .plane.layers import plane_panes as picture_panes
from .plane.request import PlaneRequest as PictureRequest
from .plane.view import View, panned, zoomed_at
from .principal_axes import LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE, PrincipalAxes
from .record.recording_desk import RecordingDesk, Take
from .resources import asset_path
from .scene import SceneName
from .scene_names import ALL
from .scenes import scene_of
from .scenes.picture.agreement import Agreement
from .scenes.picture.controls import Controls
from .scenes.picture.judging import Judge
from .scenes.shape.bake_request import BakeRequest
from .scenes.shape.stand import Stand
from .scenes.textured_mesh.cockpit import Cockpit
from .scenes.textured_mesh.open_model import ModelOptions
from .work.engine import Copied, Evaluated, Failed, FrameEvaluated, Notice, Trained
from .work.file_asking import FileWish

JUDGE_AFTER_S = 0.35
"""How long the view must have been at rest before the whole picture is judged."""

ANSWER_WITHIN_S = 0.025
"""For how long the view waits for the first picture of a new request before it draws without it."""


class Session(Host):
    """The state of the instrument: what pictures show, a cockpit for the fly-through, and a stand for shapes.

    It is made of what its ``Host`` is made of.

    Attributes:
        controls: what the picture scene shows.
        documents: what is open there, by path.
        evaluated: the latest stage of the picture that has arrived.
        cockpit: the fly-through, whether it is shown or not.
        stand: the shapes, likewise.
        when_open: done once, when all that was asked for at first is open.
        last: what the last session left, None where nothing is known of it.
    """

    controls: Controls
    cockpit: Cockpit
    stand: Stand

    def __init__(
        self,
        device: torch.device,
        layout: Layout,
        trained_folder: Path,
        wake: Callable[[], None] = lambda: None,
        report: Callable[..., None] = say_nothing,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(device, layout, trained_folder, wake, report, clock)
        self.controls = Controls()
        self.documents: dict[str, Document] = {}
        self.evaluated: Evaluated | None = None
        self.cockpit = Cockpit(self, self._open_shape)
        self.stand = Stand(self)
        self.when_open: Callable[[], None] | None = None
        self.last: LeftSession | None = None
        self._unrestored: dict[SceneName, LeftScene] = {}
        self._scene: SceneName = "picture"
        self._stations: dict[SceneName, Station] = {"textured_mesh": self.cockpit, "shape": self.stand}
        self._picture_path = PathEditor()
        self._judge = Judge(self.background, self.fail)
        self._axes = PrincipalAxes()
        self._asked: tuple[Any, ...] | None = None
        self._frame_asked: PictureRequest | None = None
        self._changed_at = 0.0
        self._asked_whether_to_go_on: Question | None = None

    # The scene

    @property
    def scene(self) -> SceneName:
        """What is shown: pictures, the fly-through, or shapes."""
        return self._scene

    @property
    def station(self) -> Station | None:
        """Of the scene in space that is shown, None while pictures are."""
        return self._stations.get(self._scene)

    @property
    def shown(self) -> Any:
        """The controls of the scene shown."""
        return self.station.controls if self.station else self.controls

    @property
    def path(self) -> PathEditor:
        """The path of the scene shown."""
        return self.station.path if self.station else self._picture_path

    def show_scene(self, scene: SceneName) -> None:
        """Show pictures, fly through a model, or walk around a shape."""
        if scene == self.scene:
            return
        self.path.pause()
        self.let_go()
        self._scene = scene
        self._asked = None
        self.stand.baker.ask_again()
        self.engine.show_nothing()
        self.report("scene", scene=scene)

    def next_scene(self) -> None:
        """Show the next scene, with what is shipped for it if nothing else is open there."""
        self.show_scene(ALL[(ALL.index(self.scene) + 1) % len(ALL)])
        if self._restore_scene():
            return
        if self.station:
            self.station.open_shipped()
        elif not self.documents:
            self.open_shipped_fields()

    def let_go(self) -> None:
        """Nobody is at the window any more: no key is held there, no button is down."""
        for station in self._stations.values():
            station.let_go()

    @property
    def caption(self) -> bool:
        """Whether labels are written on what is shown; it can be set, which a playing path does not mind."""
        return self.shown.caption

    @caption.setter
    def caption(self, caption: bool) -> None:
        self.controls = replace(self.controls, caption=caption)
        for station in self._stations.values():
            station.controls = replace(station.controls, caption=caption)

    # What is shown

    @property
    def document(self) -> Document | None:
        """The field shown."""
        return self.documents.get(self.controls.field)

    @property
    def other(self) -> Document | None:
        """The field on the right of a two-up."""
        return self.documents.get(self.controls.other)

    @property
    def view(self) -> View | None:
        """Where the picture lies in a pane; None where there is nothing to show."""
        document = self.document
        if document is None:
            return None
        return View.of(self.controls, document.field.facts, picture_panes(self.controls, self.framebuffer_px)[0].size)

    def state_of(self, scene: SceneName) -> Session | Station:
        """What a scene shows, whether it is shown or not."""
        return self._stations.get(scene, self)

    def set_entry(self, entry: Entry, value: Any) -> None:
        """Give an entry of the controls another value; a path that is being played lets go."""
        self.path.pause()
        self.controls = with_values(self.controls, {entry.parts: value})

    def change(self, **values: Any) -> None:
        """Change some of the controls; a path that is being played lets go."""
        self.path.pause()
        self.controls = replace(self.controls, **values)

    @property
    def axes(self) -> PrincipalAxes:
        """The filter's size and shape; a shape that was set is remembered where the filter does not show it."""
        if self._axes.covariance != self.controls.covariance:
            self._axes = PrincipalAxes.of(self.controls.covariance)
        return self._axes

    def set_axes(self, **values: float) -> None:
        """Change the filter's log10 variance, anisotropy or angle."""
        axes = replace(self.axes, **values)
        self.change(covariance=axes.covariance)
        self._axes = axes

    def step_variance(self, decades: float) -> None:
        """Smooth more, or less."""
        size = self.axes.log10_variance + decades
        self.set_axes(log10_variance=min(max(size, LEAST_LOG10_VARIANCE), MOST_LOG10_VARIANCE))

    def show_field(self, path: str) -> None:
        """Show another of the open fields."""
        other = self.controls.other
        if other == path or other not in self.documents:
            other = next((name for name in self.documents if name != path), "")
        self.change(field=path, other=other)
        if self.compare_refusal(self.controls.comparison):
            self.change(comparison="field")

    def next_field(self, step: int = 1) -> None:
        """Show the next of the open fields."""
        names = list(self.documents)
        if names:
            self.show_field(names[(names.index(self.controls.field) + step) % len(names)])

    def compare(self, comparison: Comparison) -> None:
        """Show that comparison, or the plain field again if it is shown already."""
        chosen = "field" if comparison == self.controls.comparison else comparison
        reason = self.compare_refusal(chosen)
        if reason:
            self.notice(reason)
            return
        self.change(comparison=chosen)

    def compare_refusal(self, comparison: Comparison) -> str:
        """Why that comparison cannot be shown now; empty where it can."""
        document = self.document
        if comparison == "field":
            return ""
        if document is None:
            return "nothing is open: drop a picture or a field here"
        if comparison == "two_up":
            return "" if self.other else "a two-up needs a second field: open one"
        if document.truth is None:
            return f"the truth is not known: drop the picture '{document.field.facts.name}' was trained on here"
        return "the truth has one filter for all points: switch foveation off" if self.controls.foveated else ""

    def set_foveated(self, foveated: bool) -> None:
        """Let the variance grow away from the cursor, or not."""
        if foveated and self.controls.comparison not in ("field", "two_up"):
            self.change(comparison="field")
        self.change(foveated=foveated)

    def fit_view(self) -> None:
        """Show the whole picture."""
        self.change(center=(0.0, 0.0), zoom=1.0)

    def zoom(self, factor: float, position: Sequence[float]) -> None:
        """Zoom, the point under ``position`` (in pixels) staying where it is."""
        if self.view is not None:
            self.path.pause()
            self.controls = zoomed_at(self.controls, self.view, self._in_pane(position), factor)

    def pan(self, shift_px: Sequence[float]) -> None:
        """Move the picture by so many pixels."""
        if self.view is not None:
            self.path.pause()
            self.controls = panned(self.controls, self.view, shift_px)

    def look_at(self, position: Sequence[float]) -> None:
        """The cursor is there: a foveated picture is sharpest under it, unless a path leads."""
        if self.controls.foveated and self.view is not None and not self.path.playing:
            x, y = self.view.domain_from_frame(self._in_pane(position))
            self.change(gaze=(x, y))

    def _in_pane(self, position: Sequence[float]) -> tuple[float, float]:
        width = picture_panes(self.controls, self.framebuffer_px)[0].size[0]
        inside = position[0] - width if position[0] > width else position[0]
        return inside, position[1]

    # Opening

    def open(self, sources: Sequence[str]) -> None:
        """Open fields (the first is shown), pictures and meshes (they start to be trained), paths and models.

        A mesh is a shape where shapes are shown, or where one of the fields is of a shape; else it is flown through.
        """
        suffixes = [Path(source).suffix.lower() for source in sources]
        fields = [Path(s) for s, suffix in zip(sources, suffixes, strict=True) if suffix == FIELD_SUFFIX]
        if fields and not set(suffixes).isdisjoint(MODEL_SUFFIXES) and self.scene != "shape":
            self.background.submit(partial(any_is_shape, fields), partial(self._open_all, sources), self.fail)
        else:
            self._open_all(sources, self.scene == "shape")

    def ask_what_to_open(self) -> None:
        """Let a person choose a file, and open it."""
        suffixes = (FIELD_SUFFIX, PATH_SUFFIX, *sorted(PICTURE_SUFFIXES), *MODEL_SUFFIXES)
        kind = "Fields, pictures, models and paths"
        self.ask_file(FileWish("Open", kind, suffixes, lambda file: self.open([str(file)])))

    def _open_all(self, sources: Sequence[str], as_shapes: bool) -> None:
        suffixes = {Path(source).suffix.lower() for source in sources}
        with_model = not suffixes.isdisjoint(MODEL_SUFFIXES) and not as_shapes
        has_model = self.scene == "textured_mesh" or with_model
        pictures = [source for source in sources if with_model and Path(source).suffix.lower() in PICTURE_SUFFIXES]
        options = ModelOptions(texture=Path(pictures[0]).absolute()) if pictures else None
        for index, source in enumerate(sources):
            if source in pictures:  # which the model takes for its texture
                continue
            suffix = Path(source).suffix.lower()
            if suffix == FIELD_SUFFIX:
                self.open_field(Path(source), partial(self._take_field, index == 0 or as_shapes, has_model))
            elif suffix == PATH_SUFFIX:
                self.attempt(partial(self.load_path, Path(source)))
            elif suffix in MODEL_SUFFIXES and as_shapes:
                self._open_shape(Path(source))
            elif suffix in MODEL_SUFFIXES:
                self.show_scene("textured_mesh")
                self.cockpit.open_model(Path(source), options)
            elif suffix in PICTURE_SUFFIXES and self.scene == "textured_mesh" and self.cockpit.model is not None:
                self._ask_what_for(source)
            elif suffix in PICTURE_SUFFIXES or source.startswith("sample:"):
                self._open_picture(source)
            else:
                what = "a picture (PNG, JPEG, TIFF, EXR, HDR), a field (.safetensors), a path (.json)"
                model = "a model or a shape (OBJ, GLB, glTF, PLY, STL, OFF)"
                self.fail(InputError(f"'{Path(source).name}' cannot be opened: give {what} or {model}"))

    def _open_shape(self, mesh: Path) -> None:
        self.show_scene("shape")
        self.stand.open_mesh(mesh)

    def open_shipped_fields(self) -> None:
        """Open the fields that come with the program."""
        self.open([str(asset_path(name)) for name in SHIPPED_FIELDS])

    def _open_picture(self, source: str) -> None:
        self.show_scene("picture")
        reading = partial(open_picture, source, self.device)
        self.meanwhile(f"reading {Path(source).name}", reading, partial(self._take_picture, source))

    def _ask_what_for(self, source: str) -> None:
        """A picture came while a model is shown: it may be meant as the texture."""
        model = self.cockpit.model
        assert model is not None
        self.ask(
            f"Use {Path(source).name} as the texture of {model.name}?",
            ("Enter", "use it", partial(self.cockpit.retexture, Path(source))),
            ("T", "train a picture on it", partial(self._open_picture, source)),
            ("Escape", "leave it", nothing),
        )

    def _take_field(self, show: bool, has_model: bool, document: Document) -> None:
        """A field was opened: a shape, a texture of the model shown, or a picture."""
        if document.field.facts.type == "shape":
            if show:
                self.show_scene("shape")
            self.stand.take_document(document, show)
            return
        if has_model and document.field.facts.type == "texture" and self.cockpit.take_texture(document):
            return
        if show:
            self.show_scene("picture")
        self._add(document, show)

    def _add(self, document: Document, show: bool = True, beside: bool = False) -> None:
        name = str(document.path)
        self.documents[name] = document
        self.note_recent(document.path)
        lacks_other = self.controls.other not in self.documents and self.controls.field
        if (lacks_other or beside) and name != self.controls.field:
            self.change(other=name)
        if show or not self.controls.field:
            self.show_field(name)

    def _add_unfiltered(self, document: Document) -> None:
        """A field of another picture is there: the filter and the view were chosen for the one shown so far."""
        if self.document is not None:
            self.change(covariance=Controls().covariance, foveated=False)
            self.fit_view()
        self._add(document)

    def _take_picture(self, source: str, picture: Picture) -> None:
        """A picture was opened: see whether it is one that open fields were trained on."""
        source = source if source.startswith("sample:") else str(Path(source).absolute())
        self.layout = self.layout.with_recent(source)
        if picture.notices:
            self.notice("; ".join(picture.notices))
        untold = [document for document in self.documents.values() if document.truth is None]
        looking = partial(trained_on, untold, source, self.device)
        self.background.submit(looking, partial(self._use_picture, source, picture), self.fail)

    def _use_picture(self, source: str, picture: Picture, told: dict[Document, Signal]) -> None:
        """A picture is the truth of the fields that were trained on it, else something to train on."""
        for document, signal in told.items():
            document.attach(signal, source)
            self.recording.learn_truth(Controls, document.path, source)
        known = [document for document in self.documents.values() if _shows(document, source, picture)]
        if known:
            self.notice(f"{picture.facts.name} is the truth of {known[0].name}: press G")
        elif self.can_train:
            self.train(picture, source)
        else:
            self.wait_in_line(picture.facts.name, partial(self._use_picture, source, picture, {}))

    def close_document(self, path: str) -> None:
        """Forget an open field, unless it is being trained or recorded."""
        document = self.documents.get(path)
        if document is None:
            return
        trained = self.training.state != "idle" and document is self.training.document
        if trained or self.recording.uses(path):
            doing = "trained" if trained else "recorded"
            self.notice(f"this field is being {doing}: stop that first")
            return
        if path == self.controls.field:
            self.next_field()
        del self.documents[path]
        if self.controls.field == path:
            self.controls = Controls()
            self.evaluated = None
        if self.controls.other == path:
            self.show_field(self.controls.field)

    # Training

    def train(self, signal: Any = None, source: str = "") -> None:
        """Train a new field: on ``signal``, or, asked for by a person, on what the field or the model shown is of."""
        asked = signal is None
        if signal is None and self.station:
            self.station.train()
            return
        document, take = self.document, self._add_unfiltered
        if signal is None and document is not None:
            take = self._add
            signal, source = document.signal, document.signal_source
        if signal is None:
            self.notice("there is no picture to train on: open one, or drop it here")
            return
        self.attempt(partial(self.begin_training, signal, source, take, asked))

    @property
    def shown_document(self) -> Document | None:
        """The field of what the scene shows, if there is one."""
        return self.station.document if self.station else self.document

    @property
    def keep_refusal(self) -> str:
        """Why the field shown cannot be written; empty where it can."""
        if self.shown_document is None:
            return "no field is shown"
        return "" if self.shown_document in self.training.unwritten else "the field shown has its file"

    def keep_shown(self) -> None:
        """Write the field shown, which is in memory only."""
        if self.shown_document is not None:
            self.keep(self.shown_document)

    @property
    def train_refusal(self) -> str:
        """Why no training can begin; empty where one can."""
        if self.training.state != "idle":
            return "a training is under way: stop it first"
        if self.station:
            return self.station.train_refusal
        known = self.document is not None and self.document.signal is not None
        return "" if known else "there is no picture to train on: open one, or drop it on the view"

    # The last session

    @property
    def opened(self) -> dict[str, Document]:
        """The fields of pictures that are open, by file."""
        return self.documents

    @property
    def left(self) -> LeftSession:
        """What is open and shown, for the next session to go on with."""
        scenes = dict(self._unrestored)
        for name in ALL:
            state = self.state_of(name)
            if state.opened:
                controls = self._picture_named if state is self else state.named
                scenes[name] = LeftScene(tuple(state.opened), controls)
        return LeftSession(self.scene, scenes)

    @property
    def restore_refusal(self) -> str:
        """Why no last session can be restored; empty where one can."""
        return "" if self.last is not None else "nothing is known of a last session"

    def restore(self) -> None:
        """Open what the last session left, and show it as it was; other scenes follow when they are shown."""
        if self.last is not None:
            self._unrestored = dict(self.last.scenes)
            self.show_scene(self.last.scene)
            self._restore_scene()

    def _restore_scene(self) -> bool:
        """Open what was left in the scene shown; returns whether anything was."""
        left = self._unrestored.pop(self.scene, None)
        if left is None:
            return False
        shown, state = left.controls, self.state_of(self.scene)
        for file in left.files:
            if file not in files_of(shown):
                state.open_beside(Path(file))
        path: Any = KeyframePath(still_of(shown), (keyframe_of(shown, 0.0),))
        if self.station:
            self.station.take_path(path, Path())
        else:
            self._take_picture_path(path, Path())
            self.background.submit(nothing, lambda _: self._begin_picture(path.keyframes[0]), self.fail)
        self.path.forget()
        self.background.submit(nothing, lambda _: _put_in_order(state.opened, left.files), self.fail)
        return True

    def open_beside(self, field: Path) -> None:
        """Open a field of a picture without showing it."""
        self.open_field(field, partial(self._add, show=False))

    def _begin_picture(self, keyframe: Keyframe) -> None:
        self.controls = with_keyed(self.controls, keyframe)
        if self.compare_refusal(self.controls.comparison):
            self.controls = replace(self.controls, comparison="field")

    # Recording, screenshots and paths

    @property
    def nothing_shown(self) -> str:
        """Why there is nothing to record or to key; empty where there is something."""
        if self.station:
            return self.station.nothing_shown
        return "" if self.document else "nothing is open: drop a picture or a field on the view"

    def toggle_recording(self) -> None:
        """Start or stop recording what is shown."""
        if self.recording.noting:
            self.attempt(self.recording.stop)
        elif self.recording.take is not None:
            self._ask_whether_to_go_on()
        elif self.nothing_shown:
            self.notice("there is nothing to record: open a field or a model first")
        else:
            self.attempt(self._start_recording)

    def _ask_whether_to_go_on(self) -> None:
        """The last recording is still being written: it may be wanted no more, or not all of it."""
        self.ask(
            f"{recording_words(self.recording)}: stop that?",
            ("Enter", "keep what is written", self.recording.give_up),
            ("Delete", "discard the recording", self.recording.discard),
            ("Escape", "go on", nothing),
        )
        self._asked_whether_to_go_on = self.question

    def _start_recording(self) -> None:
        settings = self.recording.settings
        origin = {
            **(self.station.source() if self.station else self._picture_source()),
            "size": list(settings.size_px or self.framebuffer_px),
            "frames_per_second": settings.frames_per_second,
            "device": str(self.device),
            "renderer": self.renderer,
        }
        self._frame_asked = None
        self.recording.start(self.named, self.framebuffer_px, origin, self.now)

    def _picture_source(self) -> dict[str, Any]:
        """What the report of a recording says of the picture scene."""
        document = self.document
        assert document is not None
        self.warn_of_missing(document)
        return {
            "field": {"file": str(document.path.absolute()), "kind": document.field.kind},
            "signal": document.field.facts.name,
        }

    @property
    def record_refusal(self) -> str:
        """Why nothing can be recorded; empty where that can begin or end, or be put to an early end."""
        return "" if self.recording.take is not None else self.nothing_shown

    @property
    def named(self) -> SceneControls:
        """What is shown, with all the files that a path of it is to name."""
        return self.station.named if self.station else self._picture_named

    @property
    def _picture_named(self) -> Controls:
        return replace(self.controls, truth=self.document.signal_source if self.document else "")

    def toggle_playing(self) -> None:
        """Let the path lead what is shown, or stop that."""
        if self.path.playing:
            self.path.pause()
        else:
            self.attempt(lambda: self.path.play(self.shown, self.now))

    def add_keyframe(self) -> None:
        """Append what is shown to the path."""
        if not self.nothing_shown:
            self.path.add(self.shown)
            self.notice(f"keyframe {len(self.path.keyframes)} at {self.path.keyframes[-1].time:g} s")

    def go_to(self, keyframe: Keyframe) -> None:
        """Show what a keyframe shows; what it does not key stays."""
        if self.station:
            self.station.go_to(keyframe)
            return
        comparison = self.controls.comparison
        self.path.pause()
        self.controls = with_keyed(self.controls, keyframe)
        if self.compare_refusal(self.controls.comparison):
            self.controls = replace(self.controls, comparison=comparison)

    def save_path(self, file: Path) -> None:
        """Write the path."""
        if self.attempt(lambda: self.path.save(file, self.named)):
            if not self.keep_refusal:
                self.keep_shown()
            self.notice(f"path saved as {file}")
            self.report("saved", path=str(file))

    def load_path(self, file: Path) -> None:
        """Take the keyframes of a path, and open its field or model if need be."""
        path: Any = read_path(file)
        self.show_scene(scene_of(path.still).name)
        if self.station:
            self.station.take_path(path, file)
        else:
            self._take_picture_path(path, file)
        self.notice(f"{len(path.keyframes)} keyframes from {file.name}: play them with P")

    def _take_picture_path(self, path: KeyframePath[Controls], file: Path) -> None:
        self.path.take(path, file)
        self.path.pause()
        self.controls = copied(self.controls, path.still, ("constant",))
        for field, beside in ((path.still.field, False), (path.still.other, True)):
            add = partial(self._add, show=not beside, beside=beside)
            if field and str(named(Path(field))) in self.documents:
                add(self.documents[str(named(Path(field)))])
            elif field:
                self.open_field(Path(field), add, "" if beside else path.still.truth)

    # Asking and ending

    def dismiss(self) -> None:
        """What Escape does: the uppermost thing goes. It never ends the program."""
        if self.station and self.station.captured:
            self.station.let_go()
        elif self.help_shown:
            self.help_shown = False
        elif self.files.wish is not None:
            self.files.cancel()
        elif self.messages.dismiss():
            self.report("dismissed")
        else:
            self.notice("Ctrl+Q leaves")

    def leave(self) -> None:
        """End, but ask first if something would be lost."""
        reasons = [reason for reason, holds in self._unfinished().items() if holds]
        if not reasons:
            self.ended = True
            return
        self.ask(f"{'; '.join(reasons)}. Leave?", ("Enter", "leave", self._end), ("Escape", "stay", nothing))

    def _unfinished(self) -> dict[str, bool]:
        document = self.training.document
        name = document.field.facts.name if document else ""
        paths = (self._picture_path, *(station.path for station in self._stations.values()))
        return {
            f"The training on {name} is not finished; what it has learned is kept": self.training.state != "idle",
            "A recording is still being written; its frames so far are kept": self.recording.take is not None,
            "The path is not saved": any(path.unsaved and len(path.keyframes) > 1 for path in paths),
        }

    def _end(self) -> None:
        self.ended = True

    # The passage of time

    @property
    def answer_is_near(self) -> bool:
        """Whether what was asked for a moment ago will be there in another: not worth drawing the old picture for."""
        return not self._answered and self.now - self._changed_at < ANSWER_WITHIN_S

    @property
    def _answered(self) -> bool:
        return self.evaluated is not None and self.evaluated.request.asked_at >= self._changed_at

    def advance(self) -> list[Any]:
        """One pass: take what the threads have done, move what moves, ask for what is to be shown.

        Returns:
            what arrived for the window to show (``Evaluated``), and for the recorder to draw (``FrameEvaluated``, a
            frame of a station, or a ``SeenFrame``).
        """
        self.background.deliver()
        self.truths.deliver()
        self.files.advance()
        if self.when_open is not None and not self.nothing_shown and not self.background.pending:
            act, self.when_open = self.when_open, None
            self.attempt(act)
        self.let_next_in()
        arrived: list[Any] = [event for event in self.engine.events() if not self._take(event)]
        if self.station:
            self.station.advance(self.now)
        else:
            self._advance_picture()
        return arrived + self._record()

    def _advance_picture(self) -> None:
        if self.path.playing:
            self.controls = self.path.shown(self.controls, self.now)
            if self.compare_refusal(self.controls.comparison):
                self.controls = replace(self.controls, comparison="field")
        self._ask()
        self._judge_at_rest()

    def _take(self, event: object) -> bool:
        """Take an event of the engine; False for those that bring layers to draw."""
        if isinstance(event, Trained):
            self.take_trained(event)
        elif isinstance(event, Failed):
            self.fail(InputError(f"{event.what}: {event.sentence}"))
            if event.what == "recording" and self._frame_asked is not None:
                self.recording.give_up()
        elif isinstance(event, Copied):
            self.cockpit.take_copy(event)
        elif isinstance(event, Notice):
            self.notice(event.sentence)
        elif isinstance(event, Evaluated) and isinstance(event.request, BakeRequest):
            self.stand.baker.take(event)
        elif isinstance(event, Evaluated):
            self.evaluated = event
            return False
        elif isinstance(event, FrameEvaluated):
            return event.request is not self._frame_asked  # but of a recording that has ended already
        return True

    def _ask(self) -> None:
        """Ask the engine for the view, if it has changed."""
        document = self.document
        seen = replace(self.controls, caption=True, error_range=1.0)
        if self.controls.comparison != "wipe":
            seen = replace(seen, divider=0.5)
        told = (document.training, document.truth) if document is not None else ()
        asked = (seen, self.framebuffer_px, document, self.other, *told)
        if document is None or asked == self._asked or 0 in self.framebuffer_px:
            return
        self._asked, self._changed_at = asked, self.now
        wanted = PictureRequest(self.controls, self.framebuffer_px, document, self.other, self._changed_at)
        self.engine.show(wanted)

    def _record(self) -> list[Any]:
        """Note what is shown, have the next frame made, see what is written; returns a station's frame to be made."""
        if self.recording.noting and not self.recording.fits(self.shown):
            self.toggle_recording()
            self.notice("the recording has ended: it shows one field or model, and one more field beside it")
        seen = self.recording.note(self.shown, self.now, as_seen=self._shows_training)
        frames = [] if self.engine.frame_pending else self._next_frame()
        if seen is not None:
            frames.append(seen)
        try:
            take = self.recording.advance()
        except InputError as error:
            self.fail(error)
            return frames
        if take is not None:
            self._tell_of_end(take)
        return frames

    def _tell_of_end(self, take: Take) -> None:
        if self.question is self._asked_whether_to_go_on:
            self.question = None
        if take.folder.exists():
            self.notice(f"recorded into {take.folder}")
            self.report("recorded", folder=str(take.folder))
        else:
            self.notice("the recording was discarded")
            self.report("discarded", folder=str(take.folder))

    @property
    def _shows_training(self) -> bool:
        """Whether the field shown, or the one beside it, is in training: it will look otherwise in a moment."""
        shown: tuple[Document | None, ...] = (self.station.document,) if self.station else (self.document, self.other)
        return self.training.state != "idle" and self.training.document in shown

    def _next_frame(self) -> list[Any]:
        """Ask the engine for the next frame of a picture; one of a station is returned, for the window to make."""
        shown, take = self.recording.next_frame(), self.recording.take
        if shown is None or take is None:
            return []
        for station in self._stations.values():
            if isinstance(shown, type(station.controls)):
                return [station.frame(shown, take.size)]
        documents = self.documents[shown.field], self.documents.get(shown.other)
        self._frame_asked = PictureRequest(shown, take.size, *documents)
        self.engine.evaluate_frame(self._frame_asked)
        return []

    def _judge_at_rest(self) -> None:
        """When all is at rest, see how far the whole picture is from the truth."""
        at_rest = self._answered and self.evaluated and self.evaluated.stage.final and self.training.state != "running"
        if self.document is None or not at_rest or self.background.pending:
            return
        if self.now - self._changed_at >= JUDGE_AFTER_S:
            self._judge.ask(self.document, self.controls)

    @property
    def agreement(self) -> Agreement | None:
        """Of the field shown with the truth at the filter shown, None while it is not known."""
        return self._judge.agreement(self.document, self.controls)

    @property
    def spectrum(self) -> Spectrum | None:
        """Of the field shown as it was lately, None while it is not known."""
        return self._judge.spectrum(self.document)


def recording_words(desk: RecordingDesk) -> str:
    """How far the recording under way is."""
    frames = f"{desk.frames_written} of {desk.frames_noted} frames"
    if desk.noting:
        seconds = desk.frames_noted / desk.settings.frames_per_second
        slowed = ", slowed down: waiting for frames to be written" if desk.slowed else ""
        return f"recording {seconds:.1f} s, {frames} written{slowed}"
    left = "" if desk.seconds_left is None else f", about {in_words(desk.seconds_left)} left"
    return f"writing the recording: {frames}{left}"


def _put_in_order(opened: dict[str, Any], files: Sequence[str]) -> None:
    for file in files:
        if file in opened:
            opened[file] = opened.pop(file)


def _shows(document: Document, source: str, picture: Picture) -> bool:
    """Whether a field is of that picture, as far as is known."""
    return document.signal is not None and (
        document.signal_source == source or document.field.facts.digest == picture.facts.digest
    )


SHIPPED_FIELDS = ("pyramid.safetensors", "spectral.safetensors", "scale_space.safetensors")
