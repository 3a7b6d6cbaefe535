"""Rendering paths of scenes that a camera sees: what stands beside is opened like what is shown."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import torch

from fieldcore.errors import InputError

from ..compare import OTHER
from ..gl.offscreen import Offscreen
from ..path.timeline import Keyframe
from ..record.frame_renderer import FrameRenderer
from ..record.path_rendering import PathJob, PathScene
from .beside import BesideRenderer
from .controls import CameraControls

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
        if where and job.report:
            raise InputError("--report: what stands beside is not measured; leave one of the two out")

    def any_renderer(
        self, job: PathJob[Controls], subject: Subject, device: torch.device, surface: Offscreen
    ) -> FrameRenderer[Any, Controls]:
        """See the base: with what stands beside, and with light."""
        renderer: Any = self.renderer(job, subject, surface)
        if job.exr and not _asked_by(job):
            return BesideRenderer(surface.context, renderer, lambda: renderer, lambda controls: (subject, controls))
        if not _asked_by(job):
            return renderer
        alone = _of_other(job)
        other = self.open(alone, device)
        second: Any = partial(self.renderer, alone, other, surface)
        return BesideRenderer(surface.context, renderer, second, lambda controls: (other, controls.beside))


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
