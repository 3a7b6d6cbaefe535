"""Rendering paths of scenes that a camera sees: what stands beside is opened like what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import torch

from fieldcore.errors import InputError

from ..compare import OTHER
from ..gl.offscreen import Offscreen
from ..path.timeline import Keyframe
from ..record.frame import Frame
from ..record.frame_renderer import FrameRenderer
from ..record.path_rendering import Measure, PathJob, PathScene
from ..record.report import Figures
from ..work.asking import EvaluateHere
from .beside import BesideRenderer
from .controls import CameraControls
from .flipping import FlipRenderer

Controls = TypeVar("Controls", bound=CameraControls)
Subject = TypeVar("Subject")

_ARRANGED = ("layout", "left", "right")


class CameraPaths(PathScene[Controls, Subject]):
    """Base of what these scenes tell the driver."""

    def check(self, job: PathJob[Controls]) -> None:
        """See the base: what shows something beside names its file."""
        where = _asked_by(job)
        if where and not job.path.still.other:
            raise InputError(f"{where} shows something beside; name its file in the path's entry 'other'")

    def any_renderer(
        self, job: PathJob[Controls], subject: Subject, device: torch.device, surface: Offscreen
    ) -> FrameRenderer[Any, Controls]:
        """See the base: with FLIP, with what stands beside, and with light."""
        drawing: Any = self.renderer(job, subject, surface)
        renderer = FlipRenderer(surface.context, drawing, EvaluateHere())
        if not _asked_by(job):
            return BesideRenderer(surface.context, renderer, lambda: drawing, lambda controls: (subject, controls))
        alone = _of_other(job)
        other = self.open(alone, device)
        second: Any = partial(self.renderer, alone, other, surface)
        return BesideRenderer(surface.context, renderer, second, lambda controls: (other, controls.beside))

    def measure(self, renderer: BesideRenderer, subject: Subject) -> Measure[Controls]:
        """See the base; what stands beside is measured like what is shown, under its name."""
        own, others = self.measure_own(renderer.of_scene, subject), dict[int, Measure[Controls]]()

        def measured(controls: Controls, frames: Mapping[str, Frame]) -> tuple[dict[str, Any], Figures]:
            entry, figures = own(controls.own, {name: frame for name, frame in frames.items() if name != OTHER})
            other = renderer.other
            if other is None or not (OTHER in frames or OTHER in controls.shown):
                return entry, figures
            if id(other.renderer) not in others:
                others[id(other.renderer)] = self.measure_own(other.renderer, other.subject)
            name = other.controls.left
            told, found = others[id(other.renderer)](other.controls, {name: other.frame})
            return {**entry, OTHER: told}, {**figures, OTHER: _of_one(found, name)}

        return measured

    def measure_own(self, renderer: Any, subject: Subject) -> Measure[Controls]:
        """What measures the frames that the scene's renderer has just drawn."""
        raise NotImplementedError


def _of_one(figures: Figures, name: str) -> Figures:
    """The figures of one frame, where they are told apart by name."""
    own = figures.get(name, figures)
    return {key: value[name] if isinstance(value, Mapping) else value for key, value in own.items()}


def _asked_by(job: PathJob[Any]) -> str:
    """What asks for something beside, in words; empty where nothing does."""
    return next((where for where, _, controls in job.asked if OTHER in controls.shown), "")


def _of_other(job: PathJob[Controls]) -> PathJob[Controls]:
    """The same path of what stands beside, alone."""
    keyframes = tuple(
        Keyframe(key.time, key.ease, **{name: value for name, value in key.values.items() if name not in _ARRANGED})
        for key in job.path.keyframes
    )
    shows_other = replace(job.path.still, layout="two_up", right=OTHER)
    return replace(job, passes={}, path=replace(job.path, still=shows_other.beside, keyframes=keyframes))
