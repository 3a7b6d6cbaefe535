"""The table of settings: every value a person can set, made once into panel, command line, commands and docs.

A new setting is one entry here, or in the table of its scene.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from operator import attrgetter
from typing import Any

from fieldcore.videos.writing import QUALITIES

from .camera.settings import CAMERA_SETTINGS
from .compare_settings import COMPARE_SETTINGS
from .filter.settings import FILTER_SETTINGS
from .layout_file import LEAST_FONT_PT, MOST_FONT_PT, USUAL_FONT_PT
from .plane.inset_settings import INSET_SETTINGS
from .plane.settings import PLANE_SETTINGS
from .record.film_settings import VIDEOS
from .record.shutter import MOST_SAMPLES
from .scene_names import ALL
from .scenes import SCENES
from .setting import Session, Setting, Widget


def _set_caption(session: Session, caption: bool) -> None:
    session.caption = caption


def _plan(name: str, label: str, meaning: str, widget: Widget, entry: str = "", **more: Any) -> Setting:
    """A setting of the next training."""
    entry = entry or name.replace("-", "_")

    def put(session: Session, value: Any) -> None:
        plan = replace(session.training.plan, **{entry: value})
        if plan.kind != session.training.plan.kind:
            plan = replace(plan, changes="")  # another kind has other settings
        session.training.plan = plan.checked()

    def get(session: Session) -> Any:
        return getattr(session.next_plan, entry)

    return Setting(name, "Training", label, meaning, widget, get, put, **more)


def _held(
    group: str,
    holder: Callable[[Session], Any],
    name: str,
    entry: str,
    label: str,
    meaning: str,
    widget: Widget,
    **more: Any,
) -> Setting:
    """A setting that is an entry of the ``settings`` of what ``holder`` gives, which are replaced whole."""

    def put(session: Session, value: Any) -> None:
        held = holder(session)
        held.settings = replace(held.settings, **{entry: value})

    def get(session: Session) -> Any:
        return getattr(holder(session).settings, entry)

    return Setting(name, group, label, meaning, widget, get, put, **more)


_recording = partial(_held, "Record", attrgetter("recording"))
_film = partial(_held, "Film", attrgetter("film"))


def _look(name: str, entry: str, label: str, meaning: str, widget: Widget, **more: Any) -> Setting:
    """A setting of how the windows look."""

    def put(session: Session, value: Any) -> None:
        session.layout = replace(session.layout, look=replace(session.layout.look, **{entry: value}))

    def get(session: Session) -> Any:
        return getattr(session.layout.look, entry)

    return Setting(name, "View", label, meaning, widget, get, put, **more)


def _set_going_on(session: Session, go_on: bool) -> None:
    session.layout = replace(session.layout, go_on=go_on)


def _kinds() -> Any:
    from fieldcore.fields import KINDS  # not before the panel asks: it imports torch

    return KINDS


def _settled(session: Session) -> str:
    """Why the kind of the next training cannot be chosen; empty where it can."""
    kind = session.state.kind_to_train
    return f"what is made of this is a {kind}" if kind else ""


def _needs_training(session: Session) -> str:
    plan = session.next_plan
    return f"a {plan.kind} is solved for, and ends by itself" if plan.is_solved else ""


def _only_where(rule: str) -> Callable[[Session], str]:
    def refusal(session: Session) -> str:
        other = "" if session.training.plan.rule == rule else f"the stop rule is not '{rule}'"
        return _needs_training(session) or other

    return refusal


def _needs_shutter(session: Session) -> str:
    return "" if session.film.settings.shutter else "the shutter is open for a moment only"


_SIZES = ("as shown", "960x540", "1280x720", "1920x1080", "3840x2160", "1024x1024")

_LISTED: tuple[Setting, ...] = (
    *FILTER_SETTINGS,
    *(replace(setting, scenes=(scene.name,)) for scene in SCENES for setting in scene.settings),
    *PLANE_SETTINGS,
    *INSET_SETTINGS,
    *CAMERA_SETTINGS,
    *COMPARE_SETTINGS,
    Setting("caption", "View", "labels", "write what is shown, and how it is filtered, on the view", "toggle",
            switched_off="write nothing on what is shown",
            get=lambda session: session.caption, assign=_set_caption, flag=True, usual=True),
    _look("font-size", "font_pt", "font size, pt", "of the panel and of what is laid over the view", "number",
          least=LEAST_FONT_PT, most=MOST_FONT_PT, usual=USUAL_FONT_PT),
    _look("theme", "theme", "theme", "of the panel; what is laid over the view is dark, so that it can be read on any "
          "picture", "choice", choices=lambda session: ("dark", "light"), usual="dark"),
    _look("panel-side", "panel_side", "panel", "on which side of the view the panel lies", "choice",
          choices=lambda session: ("left", "right"), usual="right"),
    Setting("go-on", "View", "start with last", "begin with what was open when the program last ended, as Ctrl+L and "
            "--last do", "toggle", get=lambda session: session.layout.go_on, assign=_set_going_on, usual=False),
    _plan("kind", "kind", "pyramid is solved for in a moment, the others are trained, spectral and scale_space as "
          "published", "choice",
          choices=lambda session: tuple(_kinds()), refusal=_settled),
    _plan("preset", "preset", "settings by name; of what is trained preview suits a laptop, paper is the "
          "publication's budget", "choice",
          choices=lambda session: tuple(_kinds()[session.next_plan.kind].presets), refusal=_settled),
    _plan("rule", "stop after", "what ends the training by itself", "choice",
          choices=lambda session: ("seconds", "steps", "target_psnr", "plateau"), refusal=_needs_training),
    _plan("seconds", "seconds", "training time, pauses not counted", "number", least=0.1, most=1e6,
          refusal=_only_where("seconds")),
    _plan("steps", "steps", "optimiser steps; the only rule that gives the same bytes on every run", "whole", least=1.0,
          most=1e9, refusal=_only_where("steps")),
    _plan("target-psnr", "PSNR, dB", "stop when the unfiltered field reaches this PSNR", "number", least=1.0,
          most=100.0, refusal=_only_where("target_psnr")),
    _plan("plateau", "steps without gain", "stop after so many steps without a gain of 0.05 dB", "whole", least=1.0,
          most=1e9, refusal=_only_where("plateau")),
    _plan("seed", "seed", "of every random number of the training", "whole", least=0.0, most=2.0**31 - 1),
    _plan("settings", "further settings", "of the recipe, as in width=512 loss=absolute; a wrong name is answered with "
          "those there are", "text", entry="changes"),
    _recording("size", "size", "size", "of the recorded frames in pixels", "choice", choices=lambda session: _SIZES),
    _recording("frames-per-second", "frames_per_second", "frames a second", "of the recording", "number", least=1.0,
               most=240.0),
    _recording("png", "png", "PNG files", "write every frame as a PNG file", "toggle"),
    _recording("exr", "exr", "EXR files", "write every frame as linear light, which no display has clipped, in place "
               "of a PNG file", "toggle"),
    _recording("video", "video", "MP4", "write the frames as an H.264 video", "toggle"),
    _recording("folder", "folder", "folder", "where recordings, films and screenshots go", "text"),
    _film("film-size", "size", "size", "of the rendered frames in pixels; a draft is half as wide and high", "choice",
          choices=lambda session: _SIZES),
    _film("film-frames", "frames", "frames", "all, or the first and the last one, numbered from 0, such as 10-80, 10- "
          "or -80", "text"),
    _film("film-png", "png", "PNG files", "write every frame as a PNG file; an interrupted render with PNG files can "
          "be continued", "toggle"),
    _film("film-exr", "exr", "EXR files", "write every frame as linear light, which no display has clipped, in place "
          "of a PNG file", "toggle"),
    _film("film-video", "video", "video", "what the film is: H.264, VP9 or an animated picture", "choice",
          choices=lambda session: VIDEOS),
    _film("film-quality", "quality", "quality", "of the film: a small file, a good one, or high quality, of which the "
          "eye sees no loss", "choice", choices=lambda session: QUALITIES),
    _film("shutter", "shutter", "shutter", "share of the time between two frames for which it is open: what moves is "
          "blurred; 0.5 is what cameras for film do", "slider", usual=0.0, least_is_none=True),
    _film("shutter-samples", "shutter_samples", "shutter samples", "pictures that each frame is the mean of", "whole",
          least=1.0, most=float(MOST_SAMPLES), refusal=_needs_shutter),
)  # fmt: skip

SETTINGS = tuple(setting if setting.scenes else replace(setting, scenes=ALL) for setting in _LISTED)

BY_NAME = {setting.name: setting for setting in SETTINGS}
