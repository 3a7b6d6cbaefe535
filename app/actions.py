"""The table of actions: everything a key or a button does, made once into keys, panel, help overlay and docs.

A new action is one entry here, or in the table of its scene.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .action import Action, nothing_shown, perform
from .camera.actions import CAMERA_ACTIONS, PATH_SHOWN
from .filter.actions import FILTER_ACTIONS
from .help_search import Findable, Section, found, of_setting
from .plane.actions import PLANE_ACTIONS
from .scene import Gesture, SceneName
from .scene_names import ALL, TITLES
from .scenes import SCENES
from .session import Session
from .settings import SETTINGS


def _toggle_panel(session: Session) -> None:
    session.panel_shown = not session.panel_shown


def _toggle_help(session: Session) -> None:
    session.help_shown = not session.help_shown
    session.search.forget()
    session.greet(False)


def _ask_screenshot(session: Session) -> None:
    session.screenshot_asked = ".png"


def _ask_light(session: Session) -> None:
    session.screenshot_asked = ".exr"


def _ask_copy(session: Session) -> None:
    session.copy_asked = True


def _ask_paste(session: Session) -> None:
    session.paste_asked = True


def _toggle_caption(session: Session) -> None:
    session.caption = not session.caption


def _running_refusal(session: Session) -> str:
    return "" if session.training.state in ("running", "paused") else "no training is under way"


def _play_refusal(session: Session) -> str:
    return "" if len(session.path.keyframes) > 1 else "a path needs two keyframes to be played: add them with K"


def _keyframes_refusal(session: Session) -> str:
    return "" if session.path.keyframes else "there are no keyframes: add them with K"


def _comparison(key: str, label: str, meaning: str, what: Callable[[Any], str]) -> Action:
    """Shows a layout or an output, which the scene's controls name; again, what was shown before."""

    def asked(session: Session) -> str:
        return what(session.state.controls)

    return Action(
        f"compare-{label.lower()}", key, "Compare", label, meaning,
        run=lambda session: session.state.compare(asked(session)),
        refusal=lambda session: session.state.compare_refusal(asked(session)),
        active=lambda session: session.state.controls.shows(asked(session)),
        while_held=True,
    )  # fmt: skip


_LISTED: tuple[Action, ...] = (
    *(replace(action, scenes=(scene.name,)) for scene in SCENES for action in scene.actions),
    *FILTER_ACTIONS,
    *PLANE_ACTIONS,
    *CAMERA_ACTIONS,
    _comparison("G", "Truth", "show the truth alone, which for a texture is the judge: many samples a pixel",
                lambda controls: controls.reference),
    _comparison("E", "Error", "show how far what is shown is from that, as colours with a scale",
                lambda controls: "error"),
    _comparison("X", "Wipe", "show two outputs left and right of a divider that can be dragged",
                lambda controls: "wipe"),
    _comparison("2", "Two-up", "show two side by side: two fields, where a second one is open",
                lambda controls: "two_up"),
    _comparison("4", "Four", "show four at once", lambda controls: "four"),
    _comparison("5", "Cut", "show what is shown above a diagonal, and its error below",
                lambda controls: "cut"),
    _comparison("3", "Beside", "show field and truth side by side, and what is said of both in a strip between "
                "them", lambda controls: "beside"),
    Action("next-scene", "M", "View", "Next scene", f"from one to the other: {', '.join(TITLES.values())}",
           Session.next_scene),
    Action("open", "Ctrl+O", "View", "Open…", "choose what to open, in a dialogue", Session.ask_what_to_open),
    Action("save-session", "Ctrl+S", "View", "Save session…", "write what is open and how it is shown as a file, which "
           "is opened like others", Session.ask_where_to_save, nothing_shown),
    Action("share", "", "View", "Share…", "write what is open as one web page that works offline, its filter live, "
           "and with the truth where that is open", lambda session: session.sharing.ask_where(),
           lambda session: session.sharing.refusal),
    Action("copy-picture", "Ctrl+C", "View", "Copy", "put what is shown into the clipboard", _ask_copy, nothing_shown),
    Action("paste", "Ctrl+V", "View", "Paste", "open the files whose paths are in the clipboard, or the picture in it",
           _ask_paste),
    Action("inspector", "Ctrl+I", "View", "Inspector", "tell what is under the cursor: values, error, position and the "
           "filter's size, of surfaces the normal and where in the texture; a click pins the point",
           lambda session: session.state.inspect(not session.state.inspecting),
           lambda session: session.state.inspector_refusal, lambda session: session.state.inspecting),
    Action("undo", "Ctrl+Z", "View", "Undo", "take the last change of the controls back; a drag is one change",
           lambda session: session.state.undo(), lambda session: session.state.undo_refusal),
    Action("redo", "Ctrl+Shift+Z", "View", "Redo", "do again what was taken back last",
           lambda session: session.state.redo(), lambda session: session.state.redo_refusal),
    Action("caption", "L", "View", "Labels", "show or hide the labels on what is shown", _toggle_caption,
           active=lambda session: session.caption),
    Action("panel", "Tab", "View", "Panel", "show or hide the panel", _toggle_panel,
           active=lambda session: session.panel_shown),
    Action("help", "H", "View", "Help", "show or hide this overlay of all keys; / or Ctrl+F searches it, and the "
           "settings", _toggle_help,
           active=lambda session: session.help_shown),
    Action("explain", "?", "View", "Explain", "say what that means which the mouse points at, in the panel or the "
           "view, with a drawing that moves with the slider; F1 does it, too",
           lambda session: session.explaining.toggle(),
           active=lambda session: session.explaining.topic is not None),
    Action("dismiss", "Escape", "View", "Dismiss", "give the cursor back, dismiss a message or this overlay",
           Session.dismiss),
    Action("restore", "Ctrl+L", "View", "Last session", "open what was open when the program last ended, as it was "
           "shown", Session.restore, lambda session: session.restore_refusal),
    Action("leave", "Ctrl+Q", "View", "Leave", "end, asking first if something would be lost; what is open can be "
           "restored at the next start", Session.leave),
    Action("train", "T", "Training", "Start", "make a new field of what is shown, after the plan below",
           Session.train, lambda session: session.train_refusal),
    Action("pause-training", "Space", "Training", "Pause", "pause the training, or go on with it",
           lambda session: session.training.pause(), _running_refusal,
           lambda session: session.training.state == "paused", flying_key="U"),
    Action("stop-training", "S", "Training", "Stop", "end the training; what it has learned is kept",
           lambda session: session.training.stop(), _running_refusal, flying_key="Y"),
    Action("keep-field", "", "Training", "Keep", "write the field shown: a large one that was "
           "solved for only to be looked at is in memory only", Session.keep_shown,
           lambda session: session.keep_refusal),
    Action("screenshot", "C", "Record", "Screenshot", "write what is shown as a PNG file", _ask_screenshot,
           nothing_shown),
    Action("screenshot-exr", "Ctrl+Shift+C", "Record", "Light", "write the linear light of what is shown as an EXR "
           "file, neither clipped nor encoded: on a plane of the field's own values, of error maps the differences",
           _ask_light, nothing_shown),
    Action("record", "R", "Record", "Record", "start or stop recording what is shown; while its frames "
           "are still being written, keep what is there, discard it, or go on",
           lambda session: session.view_recording.toggle(), lambda session: session.view_recording.refusal,
           lambda session: session.recording.noting),
    Action("add-keyframe", "K", "Path", "Add", "append what is shown to the path", Session.add_keyframe,
           nothing_shown),
    Action("play-path", "P", "Path", "Play", "let the path lead what is shown, or stop that", Session.toggle_playing,
           _play_refusal, lambda session: session.path.playing),
    Action("insert-keyframe", "Ctrl+K", "Path", "Insert", "make what is shown a keyframe at the playhead, which splits "
           "the path there", lambda session: session.path.insert(session.shown),
           lambda session: session.insert_refusal),
    Action("duplicate-keyframe", "Ctrl+D", "Path", "Duplicate", "hold the chosen keyframe: another one like it comes "
           "half way to the next", Session.duplicate_keyframe, lambda session: session.selected_refusal),
    Action("delete-keyframe", "Delete", "Path", "Delete", "remove the chosen keyframe", Session.delete_keyframe,
           lambda session: session.selected_refusal),
    Action("last-keyframe", "Ctrl+Left", "Path", "Previous", "go back to the keyframe before the playhead",
           lambda session: session.step_keyframe(-1), _keyframes_refusal),
    Action("next-keyframe", "Ctrl+Right", "Path", "Next", "go on to the keyframe after the playhead",
           lambda session: session.step_keyframe(1), _keyframes_refusal),
    PATH_SHOWN,
    Action("render-path", "Ctrl+R", "Film", "Render", "render the path here, as set below; again, stop after "
           "the frame that is being made", lambda session: session.path_film.render(),
           lambda session: session.path_film.refusal,
           lambda session: session.film.under_way),
    Action("render-draft", "", "Film", "Draft", "render a film of half the width and height, without a shutter, "
           "to look at the motion", lambda session: session.path_film.render(draft=True),
           lambda session: session.path_film.draft_refusal),
    Action("continue-film", "", "Film", "Continue", "go on with the render that was cut short",
           lambda session: session.film.go_on(), lambda session: session.path_film.continue_refusal),
    Action("open-film", "", "Film", "Open film", "play the latest film", lambda session: session.path_film.open(),
           lambda session: session.path_film.open_refusal),
    Action("film-folder", "", "Film", "Show folder", "show the folder of the latest film",
           lambda session: session.path_film.show_folder(), lambda session: session.path_film.folder_refusal),
)  # fmt: skip

ACTIONS = tuple(action if action.scenes else replace(action, scenes=ALL) for action in _LISTED)

_GESTURES: tuple[Gesture, ...] = (
    ("View", "Alt + 1 … 9", "show what is open at that place of the list in Source"),
    ("Compare", "Hold", "a key of these, such as G: what it shows is shown only while it is held"),
    ("View", "Right\u00a0click", "on a setting of the panel: its usual value"),
    ("Path", "Drag", "on the timeline: show that moment of the path; on a keyframe there: put it at another moment"),
    ("Path", "Click", "on a keyframe of the timeline: show it, and choose it for the buttons"),
)

GESTURES: dict[SceneName, tuple[Gesture, ...]] = {scene.name: (*scene.gestures, *_GESTURES) for scene in SCENES}
"""What the mouse and held keys do in a scene: group, gesture, meaning."""


def actions_in(scene: SceneName) -> list[Action]:
    """The actions that are there in a scene, in order."""
    return [action for action in ACTIONS if scene in action.scenes]


BY_KEY: dict[SceneName, dict[str, Action]] = {
    scene: {key: action for action in actions_in(scene) if (key := action.key_in(scene))} for scene in ALL
}
"""By scene: what a key does."""


def press(session: Session, key: str, repeated: bool = False) -> None:
    """Do what a key asks for that went down: answer, fly, or act. ``repeated``: it is only still held."""
    if not repeated:
        session.report("key", name=key, down=True)
    if session.question is not None:
        if not repeated:
            session.answer(key)
        return
    if session.help_shown and session.search.take(key):
        return
    if key.startswith("Alt+") and key[-1] in "123456789":
        if not repeated:
            session.state.show_number(int(key[-1]))
        return
    if session.state.hold(key):
        return
    action = BY_KEY[session.scene].get(key)
    if action is not None and action.while_held and repeated:
        session.held_key = key
    if action is not None and (action.repeats or not repeated):
        perform(action, session)


def release(session: Session, key: str) -> None:
    """A key came up: what it did while it was held ends."""
    session.report("key", name=key, down=False)
    if key == session.held_key:
        session.held_key = ""
        perform(BY_KEY[session.scene][key], session)
    session.state.release(key)


def help_sections(scene: SceneName, words: str = "") -> list[Section]:
    """All keys and gestures of a scene by group: heading, then (key, meaning); or what is found for some words."""
    more = _explained if words else lambda name: ""
    lines = [
        Findable(a.group, (a.key_in(scene), a.meaning), f"{a.label} {more(a.name)}")
        for a in actions_in(scene)
        if a.key_in(scene)
    ]
    lines += [Findable(group, (gesture, meaning)) for group, gesture, meaning in GESTURES[scene]]
    if words:
        lines += [of_setting(one, more(one.name)) for one in SETTINGS if scene in one.scenes and one.label]
    return found(words, lines)


def _explained(name: str) -> str:
    """The title of what explains a setting or an action, if anything does but its help."""
    from .explain.registry import explanation_of  # it imports drawings, which a page of help should not wait for
    from .explain.topic import Topic

    return explanation_of(Topic(name, "", "")).title
