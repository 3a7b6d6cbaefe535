"""The session: what the instrument shows and does at a moment, and everything that can be done with it.

Keys, the panel and the command line all act by calling it; the window draws what it says. It knows neither OpenGL
nor a windowing library, so it can be tried out without either, and no scene: each has a state of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from fieldcore.errors import InputError

from .camera.foreign_paths import foreign_format, read_foreign, write_foreign
from .document import Document
from .entries import files_of
from .explain.explaining import Explaining
from .help_search import HelpSearch
from .last_session import LeftScene, LeftSession, load_session, save_session
from .layout_file import Layout
from .opening import (
    FIELD_SUFFIX,
    PATH_SUFFIX,
    is_field,
    is_path,
    opening_scene,
    plain,
    refuse_unopened,
    showing_scene,
    taken_beside,
)
from .path.editor import PathEditor
from .path.keyframes import KeyframePath, keyframe_of, still_of
from .path.path_file import read_path
from .record.path_film import PathFilm
from .record.recorder import SeenFrame
from .record.view_recording import FilmedFrame, ViewRecording
from .scene import SceneName
from .scene_names import ALL
from .scene_state import SceneState
from .scenes import SCENES, scene_of
from .services import Services, nothing, say_nothing
from .sharing import Sharing
from .thumbnails import Thumbnails
from .work.clipboard import Clipboard
from .work.engine import Copied, Evaluated, Event, Failed, Notice, Trained
from .work.file_asking import FileWish
from .work.trainer import TrainingPlan
from .work.watching import Watching


class Session(Services):
    """The state of the instrument: a state for each scene, of which one is shown.

    It is made of what its ``Services`` are made of.

    Attributes:
        states: what is open and shown, by scene.
        scene: the one that is shown.
        when_open: done once, when all that was asked for at first is open.
        last: what the last session left, None where nothing is known of it.
        search: of the help overlay.
        explaining, sharing, clipboard: what is explained, written as web pages, copied and pasted.
        view_recording, path_film: recording what is shown, and rendering the path.
        thumbnails: of what is open.
        watching: tells which of the files that are open have changed.
        held_key: that does its action once more when it comes up; empty where none is.
    """

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
        self.held_key, self.search = "", HelpSearch()
        self.explaining, self.sharing, self.clipboard = Explaining(self), Sharing(self), Clipboard(self, self.open)
        self.view_recording, self.path_film = ViewRecording(self), PathFilm(self)
        self.thumbnails, self.watching = Thumbnails(self), Watching(wake)
        self.states: dict[SceneName, SceneState] = {scene.name: scene.state(self) for scene in SCENES}
        self.scene: SceneName = ALL[0]
        self.when_open: Callable[[], None] | None = None
        self.last: LeftSession | None = None
        self._unrestored: dict[SceneName, LeftScene] = {}

    # The scene

    @property
    def state(self) -> SceneState:
        """Of the scene that is shown."""
        return self.states[self.scene]

    def state_of(self, scene: SceneName) -> SceneState:
        """What a scene shows, whether it is shown or not."""
        return self.states[scene]

    def state_among(self, scenes: Sequence[SceneName]) -> Any:
        """What settings that are there in these scenes alone are about: that of the one shown, else of the first."""
        return self.states[self.scene if self.scene in scenes else scenes[0]]

    @property
    def shown(self) -> Any:
        """The controls of the scene shown."""
        return self.state.controls

    @property
    def path(self) -> PathEditor:
        """The path of the scene shown."""
        return self.state.path

    def show_scene(self, scene: SceneName) -> None:
        """Show another scene."""
        if scene == self.scene:
            return
        self.path.pause()
        self.let_go()
        document = self.state.document
        self.seen_document = document or self.seen_document
        self.seen_source = document.signal_source if document is not None else ""
        self.scene = scene
        for state in self.states.values():
            state.ask_again()
        self.engine.show_nothing()
        self.report("scene", scene=scene)

    def next_scene(self) -> None:
        """Show the next scene, with what is shipped for it if nothing else is open there."""
        self.show_scene(ALL[(ALL.index(self.scene) + 1) % len(ALL)])
        if not self._restore_scene():
            # What is being read may be shown here.
            state = self.state
            self.background.submit(nothing, lambda _: self._open_shipped(state), self.fail)

    def _open_shipped(self, state: SceneState) -> None:
        if state is self.state and state.nothing_shown:
            state.open_shipped()

    def let_go(self) -> None:
        """Nobody is at the window any more: no key is held there, no button is down."""
        self.held_key = ""
        for state in self.states.values():
            state.let_go()

    @property
    def caption(self) -> bool:
        """Whether labels are written on what is shown; it can be set, which a playing path does not mind."""
        return bool(self.shown.caption)

    @caption.setter
    def caption(self, caption: bool) -> None:
        for state in self.states.values():
            state.controls = replace(state.controls, caption=caption)

    # Opening

    def open(self, sources: Sequence[str]) -> None:
        """Open fields (the first is shown), what fields are made of (a training starts), and paths.

        What a scene is shown in depends on what else is opened, and on the scene that is shown; see ``opening.py``.
        """
        if any(map(is_field, sources)) and not all(map(is_field, sources)):
            placing = partial(_placed, sources, self.scene)  # which reads how the fields begin
            self.background.submit(placing, partial(self._open_all, sources), self.fail)
        else:
            self._open_all(sources, _placed(sources, self.scene))

    def ask_what_to_open(self) -> None:
        """Let a person choose a file, and open it."""
        suffixes = dict.fromkeys(suffix for scene in SCENES for suffix in scene.suffixes)
        offered = (FIELD_SUFFIX, PATH_SUFFIX, *suffixes)
        what = "Fields, pictures, models and paths"
        self.ask_file(FileWish("Open", what, offered, lambda file: self.open([str(file)])))

    def ask_where_to_save(self) -> None:
        """Let a person choose where the session is saved."""
        wish = FileWish(
            "Save the session", "Sessions", (PATH_SUFFIX,), self.save_session, saves=True, name="session.json"
        )
        self.ask_file(wish)

    def _open_all(self, sources: Sequence[str], scenes: dict[str, SceneName | None]) -> None:
        near = {self.scene, *filter(None, scenes.values())}
        fields = [source for source in sources if is_field(source)]
        for source in sources:
            if is_field(source):
                self.open_field(Path(source), partial(self._take_field, source == fields[0], near))
            elif is_path(source):
                self.attempt(partial(self.load_path, Path(source)))
            elif source in scenes:
                beside = [other for other in plain(sources) if other not in scenes]
                self._open_source(source, scenes[source], beside)

    def _open_source(self, source: str, scene: SceneName | None, beside: Sequence[str]) -> None:
        if scene is None:
            self.fail(refuse_unopened(source))
        elif scene == self.scene or not self.state.claims(source):
            self.open_in(scene, source, beside)

    def open_in(self, scene: SceneName, source: str, beside: Sequence[str] = ()) -> None:
        """Show that scene, and open a file there that is no field."""
        self.show_scene(scene)
        self.state.open_source(source, beside)

    def _take_field(self, show: bool, near: Collection[SceneName], document: Document) -> None:
        """A field was opened: its scene takes it, or the first one, if it is of no use there."""
        signal = document.field.facts.type
        for scene in (showing_scene(signal, near, document.field.kind), showing_scene(signal, (), document.field.kind)):
            if self.state_of(scene.name).take_document(document, show):
                break
        if show:
            self.show_scene(scene.name)

    # Training

    def train(self) -> None:
        """Train a new field on what the scene shows."""
        self.state.train()

    @property
    def next_plan(self) -> TrainingPlan:
        """The plan of the next training, of the kind that the scene makes of what it shows."""
        kind, document = self.state.kind_to_train, self.state.document
        if not kind or document is None:
            return self.training.plan
        return self.training.plan_of_kind(kind, document.field.facts.type)

    @property
    def keep_refusal(self) -> str:
        """Why the field shown cannot be written; empty where it can."""
        document = self.state.document
        if document is None:
            return "no field is shown"
        if document in self.training.unwritten:
            return ""
        is_trained = document is self.training.document and self.training.state != "idle"
        return "the field shown is being trained" if is_trained else "the field shown has its file"

    def keep_shown(self) -> None:
        """Write the field shown, which is in memory only."""
        document = self.state.document
        if document is not None:
            self.keep(document)

    @property
    def train_refusal(self) -> str:
        """Why no training can begin; empty where one can."""
        return self.state.train_refusal if self.training.is_free else "a training is under way: stop it first"

    # The last session

    @property
    def left(self) -> LeftSession:
        """What is open and shown, for the next session to go on with."""
        now = {name: LeftScene(tuple(state.opened), state.named) for name, state in self.states.items() if state.opened}
        return LeftSession(self.scene, {**self._unrestored, **now})

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
        shown, state = left.controls, self.state
        for file in left.files:
            if file not in files_of(shown):
                state.open_beside(Path(file))
        state.take_path(KeyframePath(still_of(shown), (keyframe_of(shown, 0.0),)), Path())
        state.path.forget()
        self.background.submit(nothing, lambda _: _put_in_order(state.opened, left.files), self.fail)
        return True

    # Paths

    @property
    def nothing_shown(self) -> str:
        """Why there is nothing to record or to key; empty where there is something."""
        return self.state.nothing_shown

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

    @property
    def insert_refusal(self) -> str:
        """Why no keyframe can be inserted at the playhead; empty where one can."""
        taken = any(keyframe.time == self.path.playhead for keyframe in self.path.keyframes)
        there = f"there is a keyframe at {self.path.playhead:g} s already: move the playhead off it" if taken else ""
        return self.nothing_shown or there

    @property
    def selected_refusal(self) -> str:
        """Why nothing can be done with the chosen keyframe; empty where something can."""
        return "" if self.path.selected is not None else "no keyframe is chosen: click one on the timeline"

    def duplicate_keyframe(self) -> None:
        """Hold the chosen keyframe: another one like it follows."""
        if self.path.selected is not None:
            self.path.duplicate(self.path.selected)

    def delete_keyframe(self) -> None:
        """Remove the chosen keyframe."""
        if self.path.selected is not None:
            self.path.delete(self.path.selected)

    def step_keyframe(self, step: int) -> None:
        """Choose the next keyframe after the playhead, or the last one before it (-1), and show it."""
        times = [keyframe.time for keyframe in self.path.keyframes]
        ahead = [time for time in times if (time - self.path.playhead) * step > 0]
        if ahead:
            time = min(ahead) if step > 0 else max(ahead)
            self.path.selected = times.index(time)
            self.state.scrub(time)

    def save_path(self, file: Path) -> None:
        """Write the path."""
        if self.attempt(lambda: self.path.save(file, self.state.named)):
            if not self.keep_refusal:
                self.keep_shown()
            self.notice(f"path saved as {file}")
            self.report("saved", path=str(file))

    def load_path(self, file: Path) -> None:
        """Take the keyframes of a path, and open its field or model if need be; of a saved session, go on with it."""
        left = load_session(file)
        if left is not None:
            self.last = left
            self.restore()
            return
        if foreign_format(file) is not None:
            self._load_foreign(file)
            return
        path: Any = read_path(file)
        self.show_scene(scene_of(path.still).name)
        self.state.take_path(path, file)
        self.notice(f"{len(path.keyframes)} keyframes from {file.name}: play them with P")

    def _load_foreign(self, file: Path) -> None:
        """Take the camera path of another program for what is shown."""
        path, said = read_foreign(file, still_of(self.state.named))
        self.path.take(path, file)
        self.path.file, self.path.unsaved = None, True
        self.state.scrub(self.path.start)
        self.notice("; ".join(filter(None, [f"{len(path.keyframes)} keyframes from {file.name}", said])))

    def export_path(self, file: Path, name: str) -> None:
        """Write what the camera of the path does, for another program."""
        width, height = self.framebuffer_px
        if self.attempt(lambda: write_foreign(file, self.path.made(self.state.named), name, width / height)):
            self.notice(f"camera path for {name} written as {file}")
            self.report("saved", path=str(file))

    def save_session(self, file: Path) -> None:
        """Write what is open and how it is shown, for ``open`` to go on with."""
        if save_session(self.left, file):
            self.notice(f"session saved as {file}: open it to go on with it")
            self.report("saved", path=str(file))
        else:
            self.fail(InputError(f"the session cannot be written as '{file}'; choose another folder"))

    # Asking and ending

    def dismiss(self) -> None:
        """What Escape does: the uppermost thing goes. It never ends the program."""
        if self.state.captured:
            self.state.let_go()
        elif self.greeting:
            self.greet(False)
        elif self.help_shown:
            self.help_shown = False
            self.search.forget()
        elif self.explaining.topic is not None:
            self.explaining.topic = None
        elif self.files.wish is not None:
            self.files.cancel()
        elif self.messages.dismiss():
            self.report("dismissed")
        else:
            self.notice("Ctrl+Q leaves")

    def greet(self, greeting: bool) -> None:
        """Show the hint of the first start, or never again."""
        self.greeting = greeting
        if not greeting:
            self.layout = replace(self.layout, greeted=True)

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
        paths = [state.path for state in self.states.values()]
        return {
            f"The training on {name} is not finished; what it has learned is kept": not self.training.is_free,
            "A recording is still being written; its frames so far are kept": self.recording.running is not None,
            "The path is still being rendered; its frames so far are kept": self.film.under_way,
            "The path is not saved": any(path.unsaved and len(path.keyframes) > 1 for path in paths),
        }

    def _end(self) -> None:
        self.ended = True

    # The passage of time

    def advance(self) -> list[FilmedFrame | SeenFrame]:
        """One pass: take what the threads have done, move what moves, ask for what is to be shown.

        Returns:
            frames of the recording that are to be made.
        """
        self.background.deliver()
        self.truths.deliver()
        self.files.advance()
        if self.when_open is not None and not self.nothing_shown and not self.background.pending:
            act, self.when_open = self.when_open, None
            self.attempt(act)
        if self._in_line:
            self.let_next_in()
        self.path_film.advance()
        for event in self.engine.events():
            self._take(event)
        self.state.advance(self.now)
        self.state.note_step(self.panel_held)
        return self.view_recording.advance()

    def attend(self) -> None:
        """What a window does besides: make thumbnails of what is open, follow files that other programs write."""
        self.thumbnails.advance(self.scene, self.state)
        for path in self.watching.advance(self._watched(), self.now):
            self._take_changed(path)

    def _watched(self) -> set[str]:
        """The files that another program may change: what is open, and what fields were made of."""
        own = [self.training.document, *self.training.unwritten]
        watched = set()
        for state in self.states.values():
            for path, opened in state.opened.items():
                if any(opened is one for one in own):  # it is written here
                    self.watching.forget(path)
                else:
                    watched |= {path, getattr(opened, "signal_source", "")}
        return watched - {""}

    def _take_changed(self, path: str) -> None:
        """A file has been written by another program."""
        for state in self.states.values():
            if path in state.opened:
                state.reload(path)
            elif any(getattr(opened, "signal_source", "") == path for opened in state.opened.values()):
                state.take_changed_source(path)
        self.report("changed", file=path)

    def close(self) -> list[str]:
        """See the base."""
        self.watching.close()
        return super().close()

    def _take(self, event: Event) -> None:
        match event:
            case Evaluated():
                event.request.take(event)
            case Copied():
                event.take(event)
            case Trained():
                self.take_trained(event)
                for state in self.states.values():
                    state.take_trained(event)
            case Notice(sentence):
                self.notice(sentence)
            case Failed(what, sentence):
                self.fail(InputError(f"{what}: {sentence}"))


def _put_in_order(opened: dict[str, Any], files: Sequence[str]) -> None:
    for file in files:
        if file in opened:
            opened[file] = opened.pop(file)


def _placed(sources: Sequence[str], shown: SceneName) -> dict[str, SceneName | None]:
    """The scenes that open these files, None where none does; those that another file takes are left out."""
    alone = [source for source in plain(sources) if taken_beside(source, sources, shown) is None]
    opened = {source: opening_scene(source, sources, shown) for source in alone}
    return {source: scene.name if scene else None for source, scene in opened.items()}
