"""Recording what the window shows: begun and ended by a key, and the frames that a pass of the loop is to make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fieldcore.errors import InputError

from ..frame_size import Size
from ..scene import SceneName
from ..scenes import scene_of
from ..services import Question, nothing
from .passes import Pass
from .recorder import RunningRecording, SeenFrame

if TYPE_CHECKING:
    from ..session import Session


@dataclass(frozen=True)
class FilmedFrame:
    """A frame of the recording to be made: of which scene, from what, what it shows, its size, and what it holds."""

    scene: SceneName
    subject: Any
    controls: Any
    size: Size
    of: Pass


class ViewRecording:
    """What a session does with its recorder.

    Args:
        session: whose.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._asked_whether_to_go_on: Question | None = None

    @property
    def refusal(self) -> str:
        """Why nothing can be recorded; empty where that can begin or end, or be put to an early end."""
        return "" if self._session.recording.running is not None else self._session.nothing_shown

    def toggle(self) -> None:
        """Start or stop recording what is shown."""
        session, recording = self._session, self._session.recording
        if recording.noting:
            session.attempt(recording.stop)
        elif recording.running is not None:
            self._ask_whether_to_go_on()
        elif session.nothing_shown:
            session.notice("there is nothing to record: open a field or a model first")
        else:
            session.attempt(self._start)

    def _ask_whether_to_go_on(self) -> None:
        """The last recording is still being written: it may be wanted no more, or not all of it."""
        session, recording = self._session, self._session.recording
        session.ask(
            f"{recording.words}: stop that?",
            ("Enter", "keep what is written", recording.give_up),
            ("Delete", "discard the recording", recording.discard),
            ("Escape", "go on", nothing),
        )
        self._asked_whether_to_go_on = session.question

    def _start(self) -> None:
        session = self._session
        settings = session.recording.settings
        origin = {
            **session.state.source(),
            "size": list(settings.size_px or session.framebuffer_px),
            "frames_per_second": settings.frames_per_second,
            "device": str(session.device),
            "renderer": session.renderer,
        }
        session.recording.start(session.state.named, session.framebuffer_px, origin, session.now)

    def advance(self) -> list[FilmedFrame | SeenFrame]:
        """Note what is shown, see what is written; returns frames that are to be made."""
        session, recording = self._session, self._session.recording
        if recording.running is None:
            return []
        if recording.noting and not recording.fits(session.shown):
            self.toggle()
            session.notice("the recording has ended: it shows one field or model, and one more field beside it")
        as_seen = session.state.filmed_as_seen or self._shows_training
        seen = recording.note(session.shown, session.now, as_seen=as_seen)
        frames = self._next_frame()
        if seen is not None:
            frames.append(seen)
        try:
            ended = recording.advance()
        except InputError as error:
            session.fail(error)
            return frames
        if ended is not None:
            self._tell_of_end(ended)
        return frames

    def _tell_of_end(self, ended: RunningRecording) -> None:
        session = self._session
        if session.question is self._asked_whether_to_go_on:
            session.question = None
        if ended.folder.exists():
            session.notice(f"recorded into {ended.folder}")
            session.report("recorded", folder=str(ended.folder))
        else:
            session.notice("the recording was discarded")
            session.report("discarded", folder=str(ended.folder))

    @property
    def _shows_training(self) -> bool:
        """Whether the field shown, or the one beside it, is in training: it will look otherwise in a moment."""
        training = self._session.training
        return training.state != "idle" and training.document in self._session.state.shows

    def _next_frame(self) -> list[FilmedFrame | SeenFrame]:
        recording = self._session.recording
        shown, running = recording.next_frame(), recording.running
        if shown is None or running is None:
            return []
        scene = scene_of(shown).name
        return [FilmedFrame(scene, self._session.state_of(scene).subject(shown), shown, running.size, running.of)]
